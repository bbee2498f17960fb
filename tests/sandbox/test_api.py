import time

from tests.portal import eventually
from tests.sandbox.base import SandboxTestCase


class KeysTests(SandboxTestCase):
    def test_it_lists_the_ready_made_keys(self):
        self.new_key(name="mine")
        entries = self.http.get(f"{self.url}/_keys").json()["kraken"]
        self.assertEqual(sorted(entries[0]), ["about", "api_key", "name", "passphrase", "permissions", "secret"])
        self.assertNotIn("mine", [entry["name"] for entry in entries])
        self.assertTrue(all(entry["about"] for entry in entries))

    def test_it_makes_a_key_that_works_at_once(self):
        key = self.new_key(name="mine", permissions=["query-funds"])
        self.assertEqual((len(key["api_key"]), len(key["secret"]), key["name"]), (56, 88, "mine"))
        self.assertEqual(self.result(key, "GetApiKeyInfo")["permissions"], ["query-funds"])

    def test_it_names_a_key_without_a_name_as_kraken_does(self):
        self.assertRegex(self.new_key()["name"], r"^api-key-\d{13}$")

    def test_it_takes_the_options_of_a_kraken_key(self):
        end = int(time.time()) + 600
        key = self.new_key(valid_until=end, query_from="5", ip_allowlist=["127.0.0.1"], spelling="camel")
        info = self.result(key, "GetApiKeyInfo")
        self.assertEqual((info["validUntil"], info["queryFrom"], info["ipAllowlist"]), (str(end), "5", ["127.0.0.1"]))

    def test_it_makes_a_key_of_an_account_in_trouble(self):
        key = self.new_key(error="ETrade:User Locked")
        self.assertEqual(self.error(key, "Balance"), ["ETrade:User Locked"])

    def test_it_changes_a_key(self):
        key = self.new_key()
        for change, expected in (
            ({"permissions": ["query-funds"]}, []), ({"disabled": "True"}, ["EAPI:Invalid key"]),
            ({"disabled": False}, []), ({"valid_until": 1}, ["EAPI:Invalid key"]), ({"valid_until": 0}, []),
            ({"ip_allowlist": ["203.0.113.10"]}, ["EGeneral:Permission denied"]), ({"ip_allowlist": []}, []),
        ):
            answer = self.post("/_keys", {"exchange": "kraken", "api_key": key["api_key"], **change})
            self.assertEqual(answer.json()["secret"], key["secret"])
            self.assertEqual(self.error(key, "GetApiKeyInfo"), expected, change)
        self.assertEqual(answer.json()["permissions"], ["query-funds"])

    def test_it_says_what_is_wrong_with_a_wish(self):
        for wish, expected in (
            ({"permissions": []}, f"exchange: must be one of {', '.join(self.server.dialects)}"),
            ({"exchange": "nope", "permissions": []}, f"exchange: must be one of {', '.join(self.server.dialects)}"),
            ({"exchange": ["kraken"], "permissions": []}, f"exchange: must be one of {', '.join(self.server.dialects)}"),
            ({"exchange": "kraken"}, "permissions: is required"),
            ({"exchange": "kraken", "permissions": "query-funds"}, "permissions: must be a list of names"),
            ({"exchange": "kraken", "permissions": [1]}, "permissions: must be a list of names"),
            ({"exchange": "kraken", "permissions": [], "ip_allowlist": ["x"]},
             "ip_allowlist: 'x' is not an IP address or network"),
            ({"exchange": "kraken", "permissions": [], "valid_until": "soon"},
             "valid_until: must be unix seconds, 0 for no limit"),
            ({"exchange": "kraken", "permissions": [], "nonce_window": -1},
             "nonce_window: must be a whole number, 0 or more"),
            ({"exchange": "kraken", "api_key": "nobody", "disabled": True}, "api_key: Kraken has no such key here"),
            ({"exchange": "kraken", "api_key": self.keys["ok"]["api_key"], "disabled": "yes"},
             "disabled: must be true or false"),
            ({"exchange": "kraken", "permissions": [], "error": "nope"},
             "error: must be an error of Kraken's, such as EAuth:Account temporary disabled"),
            ([], "the body must be a JSON object"),
        ):
            answer = self.post("/_keys", wish)
            self.assertEqual((answer.status_code, answer.json()["error"]), (400, expected))

    def test_it_names_a_field_it_does_not_know(self):
        answer = self.post("/_keys", {"exchange": "kraken", "permissions": [], "colour": "red"})
        self.assertEqual(answer.status_code, 400)
        self.assertTrue(answer.json()["error"].startswith("colour: unknown field; known: permissions, "))

    def test_it_takes_nothing_that_another_site_could_make_a_browser_send(self):
        wish = '{"exchange": "kraken", "permissions": []}'
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            answer = self.http.post(f"{self.url}/_keys", data=wish, headers={"Content-Type": kind})
            self.assertEqual(answer.status_code, 415)

    def test_it_says_that_broken_json_is_broken(self):
        answer = self.http.post(f"{self.url}/_keys", data="{", headers={"Content-Type": "application/json"})
        self.assertEqual((answer.status_code, answer.json()), (400, {"error": "the body is not JSON"}))

    def test_it_refuses_other_methods(self):
        for method, path in (("DELETE", "/_keys"), ("POST", "/_calls"), ("GET", "/_faults")):
            self.assertEqual(self.http.request(method, f"{self.url}{path}").status_code, 405)


class CallsTests(SandboxTestCase):
    def calls(self, **params):
        return self.http.get(f"{self.url}/_calls", params=params).json()

    def test_it_tells_what_was_asked_with_a_key(self):
        key, before = self.new_key(permissions=["query-funds"]), time.time()
        self.call(key, "Balance")
        self.call(key, "Ledgers", prefix="")
        self.call(key, "Balance", secret=self.keys["ok"]["secret"])
        calls = self.calls(api_key=key["api_key"])
        self.assertEqual([(call["method"], call["path"], call["outcome"]) for call in calls], [
            ("POST", "/0/private/Balance", "ok"), ("POST", "/0/private/Ledgers", "EGeneral:Permission denied"),
            ("POST", "/0/private/Balance", "EAPI:Invalid signature"),
        ])
        self.assertTrue(all(before <= call["time"] <= call["ended"] <= time.time() for call in calls))
        self.assertEqual(sorted(calls[0]), ["ended", "method", "outcome", "path", "time"])

    def test_it_tells_when_a_caller_left_without_an_answer(self):
        key = self.new_key()
        self.post("/_faults", {"exchange": "kraken", "api_key": key["api_key"], "fault": "hang"})
        with self.assertRaises(OSError):
            self.call(key, "Balance", timeout=0.1)
        self.assertTrue(eventually(lambda: self.calls(api_key=key["api_key"])[0]["ended"], 1))

    def test_it_reads_a_key_with_an_unquoted_plus(self):
        key = self.keys["ok-camel"]                          # its api_key begins with "J+"
        self.call(key, "Balance")
        answer = self.http.get(f"{self.url}/_calls?api_key={key['api_key']}")
        self.assertEqual(len(answer.json()), 1)

    def test_it_names_the_faults_that_were_met(self):
        key = self.new_key()
        for fault in ("busy", "html_403", "slow", "truncated"):
            self.post("/_faults", {"exchange": "kraken", "api_key": key["api_key"], "fault": fault})
            try:
                self.call(key, "Balance", timeout=0.1)
            except OSError:                                  # the fault did what it is for
                continue
        outcomes = [call["outcome"] for call in self.calls(api_key=key["api_key"])]
        self.assertEqual(outcomes, ["EService:Busy", "html_403", "slow", "truncated"])

    def test_it_lists_everything_and_never_a_secret(self):
        key = self.new_key()
        self.call({"api_key": key["secret"], "secret": key["secret"]}, "Balance")       # pasted the wrong way round
        self.http.get(f"{self.url}/kraken/0/public/Time", params={"oops": key["secret"]})
        answer = self.http.get(f"{self.url}/_calls")
        self.assertNotIn(key["secret"], answer.text)
        self.assertEqual([call["path"] for call in answer.json()][-2:], ["/0/private/Balance", "/0/public/Time"])

    def test_it_knows_nothing_of_a_key_nobody_used(self):
        self.assertEqual(self.calls(api_key="nobody"), [])


class FaultsTests(SandboxTestCase):
    def test_it_repeats_what_it_understood(self):
        wish = {"exchange": "kraken", "api_key": self.keys["ok"]["api_key"], "fault": "busy", "count": 3}
        self.assertEqual(self.post("/_faults", wish).json(), wish)
        self.assertEqual(self.post("/_faults", {"exchange": "kraken", "fault": "none"}).json(),
                         {"exchange": "kraken", "api_key": None, "fault": "none", "count": 1})

    def test_it_says_what_is_wrong_with_a_wish(self):
        for wish, expected in (
            ({"exchange": "kraken", "fault": "flood"}, "fault: must be one of none, busy, "),
            ({"exchange": "kraken", "fault": ["busy"]}, "fault: must be one of none, busy, "),
            ({"exchange": "kraken"}, "fault: is required, one of none, busy, "),
            ({"exchange": "kraken", "fault": "busy", "count": 0}, "count: must be 1 to "),
            ({"exchange": "kraken", "fault": "busy", "count": "many"}, "count: must be a whole number"),
            ({"exchange": "kraken", "fault": "busy", "api_key": "nobody"}, "api_key: Kraken has no such key"),
        ):
            answer = self.post("/_faults", wish)
            self.assertEqual(answer.status_code, 400)
            self.assertTrue(answer.json()["error"].startswith(expected), answer.text)
