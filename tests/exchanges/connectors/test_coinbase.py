"""What we read in Coinbase's answers."""
import json
from unittest import mock

from django.test import SimpleTestCase

from exchanges.audit import rows
from exchanges.connectors.base import Answer, Credentials, KeyReport, Refused, Seen, Unavailable
from exchanges.connectors.coinbase import (
    ACCOUNTS,
    FILLS,
    KEY_PERMISSIONS,
    OPEN_ORDERS,
    PREVIEW,
    TIME,
    connector,
    describe_key,
    dry_run,
    read_accounts,
    read_fills,
    read_open_orders,
    server_time,
    system_status,
)

from .contract import ConnectorTests

NAME = "organizations/e37dba8e-3d44-44af-8d14-4d9dcdf61e08/apiKeys/7ec729a4-ede2-4e3c-8763-9253f2e61304"
EC_KEY = """-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIMrzjLgzN+ajDPuFhzzXVs5xcsx+G9LBKSVH+d4HEoXIoAoGCCqGSM49
AwEHoUQDQgAE3WfqXT43zRkyZygWIxpOH3kNRU9ecefgRZCsTh7sLLWfrodlf/dt
9q9vr/7fH1dD43mwVE48xsK6M6P5AIjT8w==
-----END EC PRIVATE KEY-----
"""
PORTFOLIO = "9670d108-1b10-58d0-9160-42df277529ed"
GOOD = {"can_view": True, "can_trade": True, "can_transfer": False, "portfolio_uuid": PORTFOLIO, "portfolio_type": "DEFAULT"}
UNREADABLE = (Unavailable, "unreadable_answer", "")


def wallet(available, hold="0"):
    return {"currency": "BTC", "available_balance": {"value": available, "currency": "BTC"}, "hold": {"value": hold, "currency": "BTC"}}


def error(message, code="PERMISSION_DENIED"):
    return json.dumps({"error": code, "error_details": message, "message": message}).encode()


class CoinbaseTests(ConnectorTests, SimpleTestCase):
    connector = connector
    credentials = Credentials(NAME, EC_KEY)
    good = GOOD

    def describe(self, **changes):
        return self.outcome(describe_key, {name: value for name, value in (GOOD | changes).items() if value is not ...})

    def failure(self, endpoint, status, body, **headers):
        """(failure class, reason, code) of an answer that is none."""
        try:
            return connector.read_answer(endpoint, Answer(status, headers, body))
        except (Refused, Unavailable) as failure:
            return type(failure), failure.reason, failure.code

    def test_the_rights_and_the_portfolio_are_read(self):
        self.assertEqual(self.describe(), KeyReport(permissions=frozenset({"can_view", "can_trade"}), account=PORTFOLIO))
        self.assertEqual(self.describe(can_trade=False, portfolio_uuid=...), KeyReport(permissions=frozenset({"can_view"})))
        self.assertEqual(self.describe(can_stake=True).permissions, {"can_view", "can_trade", "can_stake"})
        self.assertEqual(self.describe(portfolio_uuid="").account, None)

    def test_two_are_needed_and_transfer_is_dangerous(self):
        self.assertEqual([(one.name, one.kind, one.label) for one in connector.permissions], [
            ("can_view", "needed", "View"), ("can_trade", "needed", "Trade"), ("can_transfer", "dangerous", "Transfer")])

    def test_a_right_that_is_not_told_is_not_guessed(self):
        for changes in ({"can_view": ...}, {"can_trade": ...}, {"can_transfer": ...}, {"can_transfer": None}, {"can_transfer": "false"},
                        {"can_view": 1}, {"can_trade": "true"}, {"can_stake": "yes"}, {"can_\x00": True}, {"can_" + "x" * 60: True},
                        {"portfolio_uuid": 7}, {"portfolio_uuid": "x" * 101}, {"portfolio_uuid": "\ud800"}):
            with self.subTest(changes):
                self.assertEqual(self.describe(**changes), UNREADABLE)
        for body in ({}, [], b"", b"oops", b'{"can_view":true,"can_view":false}', {"key": GOOD}):
            self.assertEqual(self.outcome(describe_key, body), UNREADABLE)

    def test_a_right_to_take_money_out_is_believed_in_any_company(self):
        for changes in ({"can_transfer": True, "can_view": ...}, {"can_withdraw": True}, {"allow_withdrawals": True},
                        {"Can_Send": True}, {"can_withdraw": True, "can_transfer": ...},
                        {"can_send": True, "portfolio_uuid": 7}):
            with self.subTest(changes):
                verdicts = [row.verdict for row in rows(connector.permissions, self.describe(**changes).permissions)]
                self.assertIn("dangerous", verdicts)

    def test_a_key_that_may_not_even_ask_lacks_what_it_needs(self):
        session = self.session({})
        session.call = mock.Mock(side_effect=Refused("missing_permissions", "HTTP 403"))
        report = describe_key(session)
        self.assertEqual([(row.name, row.verdict) for row in rows(connector.permissions, report.permissions)],
                         [("can_view", "missing"), ("can_trade", "missing")])

    def test_an_empty_account_is_told_from_a_funded_one(self):
        for accounts, more, expected in (
            ([], False, Seen(empty=True)), ([wallet("0.0000000000000000")], False, Seen(empty=True)),
            ([wallet("0.1")], False, Seen(empty=False)), ([wallet("0", hold="25")], False, Seen(empty=False)),
            ([wallet("0")], True, Seen(empty=None)), ([wallet("0"), wallet("3")], True, Seen(empty=False)),
            ([wallet("much")], False, UNREADABLE), ([wallet("NaN")], False, UNREADABLE), ([wallet(True)], False, UNREADABLE),
            ([{"currency": "BTC"}], False, UNREADABLE), (["x"], False, UNREADABLE), ({}, False, UNREADABLE), (None, False, UNREADABLE),
        ):
            with self.subTest(accounts):
                self.assertEqual(self.outcome(read_accounts, {"accounts": accounts, "has_next": more}), expected)

    def test_each_read_looks_for_its_own_list(self):
        for read, name in ((read_open_orders, "orders"), (read_fills, "fills")):
            for body, expected in (({name: []}, None), ({name: [{}]}, None), ({name: {}}, UNREADABLE), ({}, UNREADABLE), ([], UNREADABLE)):
                self.assertEqual(self.outcome(read, body), expected)

    def test_little_is_asked_for(self):
        self.assertEqual([dict(one.fixed) for one in (KEY_PERMISSIONS, ACCOUNTS, OPEN_ORDERS, FILLS, TIME)], [
            {}, {"limit": "250"}, {"order_status": "OPEN", "limit": "1"}, {"limit": "1"}, {}])

    def test_the_preview_is_harmless_even_as_an_order(self):
        self.assertEqual(dict(PREVIEW.fixed), {
            "product_id": "BTC-USD", "side": "BUY",
            "order_configuration": {"limit_limit_gtc": {"base_size": "0.0005", "limit_price": "7500.00", "post_only": True}}})

    def test_what_stands_against_an_order_does_not_stand_against_the_key(self):
        for body, expected in ((b'{"errs":[],"preview_id":"x"}', "ok"), (b'{"errs":["PREVIEW_INSUFFICIENT_FUND"]}', "ok"),
                               (b"{}", "skipped"), (b'{"errs":null}', "skipped"), (b"<html>", "skipped")):
            self.assertEqual(self.outcome(dry_run, body), expected)

    def test_the_time_is_in_milliseconds(self):
        self.assertEqual(self.outcome(server_time, {"epochMillis": "1709005034333"}), 1709005034.333)
        self.assertEqual(self.outcome(system_status, {"epochMillis": "1709005034333"}), "ok")
        for said in ("1709005034", 1709005034333, None, "x" * 13, "٣" * 13):
            self.assertEqual(self.outcome(server_time, {"epochMillis": said}), UNREADABLE)

    def test_unauthorized_is_all_that_is_said_of_a_key(self):
        bad_key = (Refused, "bad_key", "401 Unauthorized")
        for status, body in ((401, b"Unauthorized"), (401, b"Unauthorized\n"), (401, b'"unauthorized"'), (403, b"Unauthorized"),
                             (401, error("Unauthorized", "unauthorized"))):
            self.assertEqual(self.failure(KEY_PERMISSIONS, status, body), bad_key)
        self.assertEqual(self.failure(ACCOUNTS, 401, b"Unauthorized"), (Unavailable, "internal", "401 Unauthorized"))
        self.assertEqual(self.failure(KEY_PERMISSIONS, 401, b"<html>"), (Unavailable, "unreadable_answer", "HTTP 401"))
        self.assertEqual(self.failure(TIME, 401, b"Unauthorized"), (Unavailable, "unreadable_answer", "HTTP 401"))
        self.assertEqual(connector.clock_codes, ("401 Unauthorized",))

    def test_every_documented_error(self):
        for status, body, expected in (
            (403, error("Missing required scopes"), (Refused, "missing_permissions", "HTTP 403 PERMISSION_DENIED")),
            (403, error("Missing required scopes", "unknown"), (Refused, "missing_permissions", "HTTP 403 unknown")),
            (403, error("User does not have the correct permissions"), (Refused, "account_restricted", "HTTP 403 PERMISSION_DENIED")),
            (403, error("IP address not allowed"), (Refused, "ip_blocked", "HTTP 403 PERMISSION_DENIED")),
            (403, error("Something new"), (Unavailable, "unreadable_answer", "HTTP 403 PERMISSION_DENIED")),
            (403, b"<html>Attention required", (Unavailable, "unreadable_answer", "HTTP 403")),
            (429, error("Too many requests", "rate_limit_exceeded"), (Unavailable, "rate_limited", "HTTP 429")),
            (429, b"slow down", (Unavailable, "rate_limited", "HTTP 429")),
            (400, error("Resource has been exhausted", "RESOURCE_EXHAUSTED"), (Unavailable, "rate_limited", "HTTP 400 RESOURCE_EXHAUSTED")),
            (400, error("limit is invalid", "INVALID_ARGUMENT"), (Unavailable, "unreadable_answer", "HTTP 400 INVALID_ARGUMENT")),
            (404, error("Not found", "NOT_FOUND"), (Unavailable, "unreadable_answer", "HTTP 404 NOT_FOUND")),
            (500, error("Internal", "internal_server_error"), (Unavailable, "maintenance", "HTTP 500")),
            (503, b"<html>", (Unavailable, "maintenance", "HTTP 503")), (520, b"<html>", (Unavailable, "maintenance", "HTTP 520")),
        ):
            with self.subTest(status=status, body=body):
                self.assertEqual(self.failure(ACCOUNTS, status, body), expected)

    def test_a_code_never_holds_what_somebody_sent(self):
        self.assertEqual(self.failure(ACCOUNTS, 403, error("Missing required scopes", f"bad {NAME}")),
                         (Refused, "missing_permissions", "HTTP 403"))
        self.assertEqual(self.failure(ACCOUNTS, 403, b'{"error":{"a":1},"message":7}'), (Unavailable, "unreadable_answer", "HTTP 403"))
