"""Ana stops her links while workers are asking about them: in a thread of its own, over HTTP."""

import threading
import time

from tests.portal import eventually
from tests.trials.chaos.stage import ANAS, Case, Stage

PATIENCE_S = 15


class Owner(threading.Thread):
    """`calm` is held while she is at it; whoever takes the database away waits for it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(daemon=True)
        self.stage, self.ana, self.calm = stage, stage.ana, threading.Lock()
        self.error: Exception | None = None

    def run(self) -> None:
        try:
            for number, case in enumerate(self.stage.cases[:ANAS]):
                with self.calm:
                    self.unlink(case) if number % 2 else self.pause(case)
                time.sleep(0.1)                 # or whoever waits for the calm would never get it
        except Exception as error:  # noqa: BLE001  (told in the thread of the test)
            self.error = error

    def finish(self) -> None:
        """Wait until she has stopped all she wants to. Raises what went wrong in her thread."""
        self.join(120)
        if self.error is not None or self.is_alive():
            raise self.error or TimeoutError

    def unlink(self, case: Case) -> None:
        """In the middle of its first look, or of another."""
        if self.is_ready(case):
            self.ask_again(case)
        self.stop(case, "desvincular", "unlinked")

    def pause(self, case: Case) -> None:
        """Only what was ready can be paused, so it is asked about once more."""
        eventually(lambda: self.is_ready(case), PATIENCE_S)
        self.ask_again(case)
        self.stop(case, "pausar", "paused")

    def is_ready(self, case: Case) -> bool:
        return self.ana.state(self.page(case))["status"] == "ready"

    def ask_again(self, case: Case) -> None:
        """The exchange takes its time."""
        self.stage.kraken.fault(case.key, "slow")
        self.ana.press(self.page(case), "validar")

    def stop(self, case: Case, verb: str, becomes: str) -> None:
        """Press the button while a call is under way, and keep when that was answered."""
        page, token = self.page(case), self.ana.token("/perfil/")
        eventually(lambda: self.is_asked(case), PATIENCE_S)
        self.ana.send(f"{page}{verb}/", token)
        answered = time.time()
        if self.ana.state(page)["status"] == becomes:
            case.deserves, case.stopped_at = frozenset({becomes}), answered

    def is_asked(self, case: Case) -> bool:
        name = self.stage.database.name_of(case.link)
        return bool(self.stage.database.ask(f"SELECT 1 FROM exchanges_link WHERE id = '{name}' AND call_at IS NOT NULL"))

    def page(self, case: Case) -> str:
        return f"/perfil/exchanges/{case.link}/"
