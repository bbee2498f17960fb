"""The background: what is due is in the database; a message only says when to look."""
from celery import shared_task

from profiles import clock, outbox, turns

# As long as a worker may be at it; should it be killed, so long nobody mails.
TURN_S = 120


@shared_task
def send_mails() -> None:
    """One worker at a time, so that a mail server that hangs holds up one thread and nobody who waits for a check."""
    if not turns.take("mails", TURN_S):
        return
    try:
        outbox.send_due(clock.now())
    finally:
        turns.give_back("mails")
