"""The conversation with an exchange about one key: what it may do, and whether it does. No row, no database.

    describe the key -> audit -> the cheap reads -> an order that is checked and never placed
"""
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from exchanges.audit import audit
from exchanges.connectors.base import KeyReport, Refused, Seen, Unavailable
from exchanges.connectors.session import ExchangeSession
from exchanges.settle import Outcome

STEPS = ("format", "reach", "permissions", "reads", "dry_run")
NONCE_REPEATS = 2

T = TypeVar("T")


def no_answer(reason: str, retry_after_s: float | None = None, *, asked: bool = True) -> Outcome:
    return Outcome("exchange_down", reason, answered=False, retry_after_s=retry_after_s, asked=asked)


class Steps:
    """How far a check has come: `rows` has one entry for each of STEPS, {"step", "state", "ms"}, as a Validation keeps them."""

    def __init__(self) -> None:
        self.rows = [{"step": step, "state": "pending", "ms": 0} for step in STEPS]
        self._began = time.monotonic()

    def mark(self, step: str, state: str) -> None:
        now = time.monotonic()
        row = self.rows[STEPS.index(step)]
        row["ms"] = 0 if state == "running" else round((now - self._began) * 1000)
        row["state"] = state
        self._began = now

    def skip_rest(self) -> None:
        for row in self.rows:
            if row["state"] in ("pending", "running"):
                self.mark(row["step"], "skipped")


class Asking:
    """One check of one key over `session`.

    `proven`: the key was ready before, so that its description is enough. `is_empty`: the account was found empty before;
    afterwards what was found now. `reserve()` gives the session a fresh block of nonces. `now`: what ends are judged by.
    `withdrawals_off`: the person's word, see `audit`.
    """

    def __init__(
        self, session: ExchangeSession, steps: Steps, *, proven: bool, is_empty: bool, reserve: Callable[[], None],
        now: datetime, withdrawals_off: bool = False,
    ) -> None:
        self.is_empty, self._now, self._withdrawals_off = is_empty, now, withdrawals_off
        self._session, self._steps, self._proven, self._reserve = session, steps, proven, reserve
        self._connector = session.connector
        self._repeats = NONCE_REPEATS

    def ask(self) -> Outcome:
        """What the exchange says of the key. Neither Refused nor Unavailable leaves here; what stops the session does."""
        try:
            return self._question()
        except Unavailable as unavailable:
            return no_answer(unavailable.reason, unavailable.retry_after_s)
        except Refused as refused:
            self._steps.skip_rest()
            return Outcome("action_required", refused.reason)

    def _question(self) -> Outcome:
        report = self._describe()
        self._steps.mark("permissions", "running")
        verdict = audit(
            self._connector.permissions, report, proven=self._proven, now=self._now, withdrawals_off=self._withdrawals_off)
        if verdict.status != "ready":
            if verdict.reason != "unverifiable_permissions":
                self._steps.mark("permissions", "failed")
            self._steps.skip_rest()
            return Outcome(verdict.status, verdict.reason, verdict.notices, report=report)
        self._steps.mark("permissions", "ok")
        if self._proven:
            self._steps.skip_rest()
            return self._ready(report, verdict.notices)
        return self._prove(report, verdict.notices)

    def _describe(self) -> KeyReport:
        self._steps.mark("reach", "running")
        try:
            report = self._insist(lambda: self._connector.describe_key(self._session))
        except Unavailable:
            self._steps.mark("reach", "failed")
            raise
        except Refused:
            self._steps.mark("reach", "ok")
            self._steps.mark("permissions", "failed")
            raise
        self._steps.mark("reach", "ok")
        self.is_empty = self.is_empty if report.empty is None else report.empty
        return report

    def _prove(self, report: KeyReport, notices: tuple[str, ...]) -> Outcome:
        """The cheap reads and an order that is checked but never placed: what the permissions promise does work."""
        self._steps.mark("reads", "running")
        for read in self._connector.reads:
            try:
                seen = self._insist(lambda read=read: read.call(self._session)) or Seen()
            except Unavailable as unavailable:
                if not read.strict and unavailable.reason == "unreadable_answer":
                    continue
                self._steps.mark("reads", "failed")
                raise
            except Refused as refused:
                self._steps.mark("reads", "failed")
                self._steps.skip_rest()
                return Outcome("action_required", refused.reason, report=_without(report, read.endpoint.permission, refused))
            self.is_empty = self.is_empty if seen.empty is None else seen.empty
            report = replace(report, account=report.account or seen.account)
        self._steps.mark("reads", "ok")
        return self._dry_run(report, notices)

    def _dry_run(self, report: KeyReport, notices: tuple[str, ...]) -> Outcome:
        dry_run = self._connector.dry_run
        if dry_run is None:
            self._steps.mark("dry_run", "skipped")
            return self._ready(report, notices)
        self._steps.mark("dry_run", "running")
        try:
            self._steps.mark("dry_run", self._insist(lambda: dry_run.call(self._session)))
        except Unavailable:
            self._steps.mark("dry_run", "skipped")
        except Refused as refused:
            if refused.reason == "missing_permissions":
                self._steps.mark("dry_run", "failed")
                return Outcome("action_required", refused.reason, report=_without(report, dry_run.endpoint.permission, refused))
            self._steps.mark("dry_run", "skipped")
        return self._ready(report, notices)

    def _ready(self, report: KeyReport, notices: tuple[str, ...]) -> Outcome:
        return Outcome("ready", "", (*notices, "empty_account") if self.is_empty else notices, report=report)

    def _insist(self, ask: Callable[[], T]) -> T:
        """`ask`, again with later nonces while the exchange finds them too low: at most twice in a check."""
        while True:
            try:
                return ask()
            except Refused as refused:
                if refused.reason != "nonce_conflict" or not self._repeats:
                    raise
            self._repeats -= 1
            self._reserve()


def _without(report: KeyReport, permission: str, refused: Refused) -> KeyReport:
    """The exchange says the key may, but the call was denied: the call is believed."""
    if refused.reason != "missing_permissions":
        return report
    granted = None if report.permissions is None else report.permissions - {permission}
    return replace(report, permissions=granted, denied=report.denied | {permission})
