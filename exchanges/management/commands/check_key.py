"""`manage.py check_key <slug>`: asks about a key exactly as a worker would, and shows it to the operator. Nothing is stored.

The key comes from a prompt or from stdin, never from the command line, which the shell and every process list remember.
"""
import json
import random
import sys
from collections.abc import Callable, Iterator
from functools import partial
from getpass import getpass
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from exchanges import connectors, present, vault
from exchanges.asking import Asking, Steps
from exchanges.audit import rows
from exchanges.connectors.base import Connector, Credentials, KeyReport, Mispasted
from exchanges.connectors.line import address_family
from exchanges.connectors.paste import PEM
from exchanges.connectors.session import ExchangeSession
from exchanges.models import ApiKey, Exchange, Link, Status, Validation
from exchanges.settle import Outcome, Past, settle

EXIT = {Status.READY: 0, Status.ACTION_REQUIRED: 1, Status.EXPIRED: 1, Status.REFUSED: 2, Status.EXCHANGE_DOWN: 3}
USAGE = 64                                  # EX_USAGE of sysexits.h
STDIN_MOST = 10_000
ON_COMMAND_LINE = (
    "Only the exchange and the options above, and never a key: a key on the command line stays in the shell's history and in "
    "process lists. If one was just there, delete it at the exchange.")
FIRST_TIME = Past(
    status=Status.CHECKING, reason="", notices=(), proven=False, waited_for=True, failures=0, failing_since=None, expires_at=None)


class Command(BaseCommand):
    help = (
        "Asks an exchange about a key as a worker would and shows what came of it; nothing is stored. The key is read from a "
        "prompt, or from stdin where that is no terminal: the API key, the secret and, where the exchange has one, the "
        "passphrase, each on its line (a PEM on as many as it has), or the exchange's own file or QR code, as it is. Set "
        "<SLUG>_API_URL to ask a sandbox. "
        "Exit status: 0 ready, 1 action_required or expired, 2 refused (it can take money out), 3 exchange_down (no answer), "
        "64 wrong usage or no key in what was pasted.")
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.error = partial(self._refuse, parser)
        return parser

    def _refuse(self, parser: CommandParser, message: str) -> NoReturn:
        """In place of argparse's own `message`, which repeats what it does not know: perhaps a secret."""
        if self._called_from_command_line:
            parser.exit(USAGE, f"{parser.format_usage()}{ON_COMMAND_LINE}\n")
        raise CommandError(ON_COMMAND_LINE, returncode=USAGE)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", choices=list(connectors.all()), help="the exchange")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default="en",
            help="of the sentences that the person would read (default: en)")
        parser.add_argument("--json", action="store_true", dest="as_json", help="one JSON object instead of text")
        parser.add_argument(
            "--region", default="", help="where the account is, for an exchange with several sites")
        parser.add_argument(
            "--withdrawals-off", action="store_true",
            help="the owner says that the key cannot withdraw; it counts where the exchange does not tell")

    def handle(
        self, *args: str, slug: str, language: str, as_json: bool, region: str, withdrawals_off: bool, **options: Any
    ) -> None:
        connector = connectors.get(slug)
        _refuse_region(connector, region)
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(errors="backslashreplace")       # a terminal without "ó" must not cost the verdict
        if not as_json:
            self.stdout.write(f"Asking {connector.name} at {connectors.api_url(connector, region)}")
        with translation.override(language):
            credentials = _clean(connector)
            steps = Steps()
            found = _found(connector, region, _ask(connector, region, credentials, steps, withdrawals_off), steps)
        self.stdout.write(json.dumps(found) if as_json else "\n".join(_lines(found)))
        if EXIT[found["status"]]:
            sys.exit(EXIT[found["status"]])


def _refuse_region(connector: Connector, region: str) -> None:
    """What is wrong with `region`, without saying it again: it may be a secret."""
    slugs = [one.slug for one in connector.regions]
    if region and not slugs:
        raise CommandError(f"{connector.name} has one site for all: leave --region out.", returncode=USAGE)
    if slugs and region not in slugs:
        raise CommandError(f"{connector.name} needs --region, one of: {', '.join(slugs)}.", returncode=USAGE)


def _clean(connector: Connector) -> Credentials:
    if sys.stdin is None:
        raise CommandError("stdin is closed: nothing to read a key from.", returncode=USAGE)
    pasted = _from_person(connector) if sys.stdin.isatty() else _from_stdin(connector)
    try:
        return connector.clean(*pasted)
    except Mispasted as mispasted:
        faults = "\n".join(f"{field}: {sentence}" for field, sentence in mispasted.errors.items())
    raise CommandError(faults, returncode=USAGE)


def _from_person(connector: Connector) -> tuple[str, str, str]:
    try:
        sys.stderr.write(f"{connector.api_key_label}: ")
        sys.stderr.flush()
        api_key = input()
        secret = _secret_from_person(connector)
        passphrase = getpass("Passphrase (it does not show): ") if connector.needs_passphrase else ""
    except (EOFError, KeyboardInterrupt, UnicodeDecodeError):
        raise CommandError("No key was given; nothing was asked.", returncode=USAGE) from None
    return api_key, secret, passphrase


def _secret_from_person(connector: Connector) -> str:
    """One line; of a PEM all of them, to its last."""
    lines = [getpass(f"{connector.secret_label} (it does not show): ")]
    while "-----BEGIN" in lines[0] and "-----END" not in lines[-1]:
        lines.append(getpass(""))
    return "\n".join(lines)


def _from_stdin(connector: Connector) -> tuple[str, str, str]:
    """A line for each field, or a PEM and beside it the API key; anything else goes to the connector whole, as one paste."""
    try:
        text = sys.stdin.read(STDIN_MOST)
    except UnicodeDecodeError:
        raise CommandError("What came from stdin is no text; nothing was asked.", returncode=USAGE) from None
    lines = [line for line in text.splitlines() if line.strip()]
    if 2 <= len(lines) <= 2 + connector.needs_passphrase:
        api_key, secret, passphrase = [*lines, ""][:3]
        return api_key, secret, passphrase
    pem = None if text.lstrip().startswith("{") else PEM.search(text)
    return (text[:pem.start()] + text[pem.end():], pem[0], "") if pem else (text, "", "")


def _ask(connector: Connector, region: str, credentials: Credentials, steps: Steps, withdrawals_off: bool) -> Outcome:
    steps.mark("format", "ok")
    session = ExchangeSession(
        connector, credentials, base_url=connectors.api_url(connector, region), region=region,
        nonce=partial(next, _nonces(connector.nonce_now)), family=address_family(settings.EGRESS_IPS))
    with session:
        return Asking(
            session, steps, proven=False, is_empty=False, reserve=lambda: None, now=timezone.now(),
            withdrawals_off=withdrawals_off).ask()


def _nonces(now: Callable[[], int]) -> Iterator[int]:
    """By the clock, always rising. Those that workers reserved for the same key are in the past, or will be in a moment."""
    last = 0
    while True:
        last = max(last + 1, now())
        yield last


def _found(connector: Connector, region: str, outcome: Outcome, steps: Steps) -> dict[str, Any]:
    """All that is shown, in the words of the page that the person would see."""
    link = _as_link(connector, outcome)
    report = outcome.report or KeyReport(permissions=None)
    audited = rows(connector.permissions, report.permissions, report.denied) if outcome.report else ()
    said = present.state_words(link, audited)
    return {
        "exchange": connector.slug, "url": connectors.api_url(connector, region), "status": str(link.status), "reason": link.reason,
        "title": str(said.title), "sentence": str(said.sentence),
        "notices": [{key: str(notice[key]) for key in ("code", "label", "sentence")} for notice in present.notices(link)],
        "steps": [{**row, "title": str(shown["title"]), "word": str(shown["word"])} for row, shown in zip(
            steps.rows, present.steps(link, Validation(steps=steps.rows, status=link.status)), strict=True)],
        "permissions": [{"name": row["name"], "label": row["path"], "verdict": row["verdict"]}
                        for row in present.permission_rows(audited, connector.name)],
        "account": vault.account_hint(report.account),
        "expires_at": report.expires_at.isoformat() if report.expires_at else None,
        "ip_allowlist": None if report.ip_allowlist is None else list(report.ip_allowlist),
    }


def _as_link(connector: Connector, outcome: Outcome) -> Link:
    """What a person's first link with this key would be now. It is never saved."""
    now = timezone.now()
    settled = settle(FIRST_TIME, outcome, now, random.uniform)
    link = Link(
        exchange=Exchange(slug=connector.slug, name=connector.name), status=settled.status, reason=settled.reason,
        notices=list(settled.notices), next_check_at=now + settled.next_in if settled.next_in is not None else None)
    link.key = ApiKey(link=link, expires_at=outcome.report.expires_at if outcome.report else None)
    return link


def _lines(found: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield "Steps"
    yield from _table([(step["step"], step["word"], f"{step['ms']} ms", step["title"]) for step in found["steps"]])
    if found["permissions"]:
        yield ""
        yield "Permissions"
        yield from _table([(row["name"], row["label"], row["verdict"]) for row in found["permissions"]])
        ips = found["ip_allowlist"]
        yield ""
        yield "The key"
        yield from _table([
            ("account", found["account"] or "not told"), ("expires", found["expires_at"] or "no end date told"),
            ("works from", "not told" if ips is None else ", ".join(ips) or "any address")])
    for notice in found["notices"]:
        yield ""
        yield f"{notice['code']}: {notice['label']}. {notice['sentence']}"
    yield ""
    yield f"{found['status']} {found['reason']}".rstrip()
    yield "The person would read:"
    yield f"  {found['title']}"
    yield f"  {found['sentence']}"


def _table(cells: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
