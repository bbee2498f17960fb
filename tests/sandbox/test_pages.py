import re
from urllib.parse import urlencode

from tests.sandbox.base import SandboxTestCase


class PageTestCase(SandboxTestCase):
    def page(self, path, status=200):
        answer = self.http.get(f"{self.url}{path}")
        self.assertEqual(answer.status_code, status)
        return answer.text

    def send(self, path, **fields):
        token = re.search(r'name="token" value="([^"]+)"', self.page("/kraken/_new"))[1]
        return self.http.post(f"{self.url}{path}", data={"token": token, **fields}, allow_redirects=False)

    def value(self, html, field):
        return re.search(rf'<input id="{field}"[^>]* value="([^"]*)" readonly', html)[1]

    def path_of(self, key):
        return f"/kraken/_key?{urlencode({'api_key': key['api_key']})}"

    def change(self, key, **fields):
        return self.send(self.path_of(key), **fields)

    def make(self, **fields):
        """A key made on the page, as its owner would copy it."""
        html = self.send("/kraken/_new", **{"permissions": ["query-funds"], **fields}).text
        return {"api_key": self.value(html, "api_key"), "secret": self.value(html, "secret")}


class KeyPageTests(PageTestCase):
    def test_it_says_that_there_is_no_money_here(self):
        for path in ("/", "/kraken/", "/kraken/_new"):
            self.assertIn("Exchange de práctica: aquí no hay dinero real.", self.page(path))
            self.assertIn("Practice exchange: there is no real money here.", self.page(f"{path}?lang=en"))

    def test_it_leads_from_the_exchanges_to_the_form(self):
        self.assertIn('href="/kraken/"', self.page("/"))
        self.assertIn('href="/kraken/_new"', self.page("/kraken/"))
        self.assertIn("Create API key", self.page("/kraken/"))
        self.assertIn("Add key", self.page("/kraken/"))

    def test_it_has_krakens_groups_and_labels(self):
        html = self.page("/kraken/_new")
        for text in ("Funds permissions", "Orders and trades", "WebSocket interface", "Query open orders &amp; trades",
                     "Create &amp; modify orders", "Cancel &amp; close orders", "Query ledger entries"):
            self.assertIn(text, html)
        self.assertEqual(len(re.findall(r'name="permissions"', html)), 13)
        self.assertNotIn("checked", html)

    def test_it_makes_a_key_that_works_at_once(self):
        key = self.make(name="Smartrader", permissions=["query-funds", "query-ledger"])
        info = self.result(key, "GetApiKeyInfo")
        self.assertEqual((info["api_key_name"], info["permissions"]), ("Smartrader", ["query-funds", "query-ledger"]))

    def test_it_shows_the_secret_once(self):
        key = self.make(name="Una vez")
        listed = self.page("/kraken/")
        self.assertIn("Una vez", listed)
        self.assertNotIn(key["secret"], listed)

    def test_it_takes_an_end_and_addresses(self):
        key = self.make(valid_until="2099-12-31T10:00", ip_allowlist="127.0.0.1, 203.0.113.10\n2001:db8::/32")
        info = self.result(key, "GetApiKeyInfo")
        self.assertEqual(info["ip_allowlist"], ["127.0.0.1", "203.0.113.10", "2001:db8::/32"])
        self.assertEqual(info["valid_until"], "4102394400")

    def test_it_says_what_to_mend_and_keeps_what_was_typed(self):
        html = self.send("/kraken/_new", name='<b>"x"', valid_until="2020-01-01T00:00", ip_allowlist="nowhere").text
        for text in ("Marca al menos un permiso.", "Escribe una fecha que no haya pasado.",
                     "«nowhere» no es una dirección IP.", "&lt;b&gt;&quot;x&quot;"):
            self.assertIn(text, html)
        self.assertNotIn("<b>\"x\"", html)

    def test_it_makes_a_second_key_of_the_same_account(self):
        first = self.make(name="Primera")
        second = self.make(name="Segunda", account=first["api_key"])
        ibans = {self.result(key, "GetApiKeyInfo")["iban"] for key in (first, second, self.make())}
        self.assertEqual(len(ibans), 2)

    def test_it_changes_a_key(self):
        key = self.make(permissions=["query-funds", "withdraw-funds"])
        self.assertIn('value="withdraw-funds" checked', self.page(self.path_of(key)))
        answer = self.change(key, permissions=["query-funds"], do="save")
        self.assertEqual((answer.status_code, answer.headers["Location"]), (303, "/kraken/"))
        self.assertEqual(self.result(key, "GetApiKeyInfo")["permissions"], ["query-funds"])

    def test_it_deletes_a_key(self):
        key = self.make()
        self.assertEqual(self.change(key, do="delete").status_code, 303)
        self.assertEqual(self.error(key, "Balance"), ["EAPI:Invalid key"])
        self.assertEqual(self.change(key, do="save").status_code, 404)

    def test_it_offers_the_ready_made_keys_to_copy(self):
        html = self.page("/kraken/")
        for name, key in self.keys.items():
            self.assertEqual(self.value(html, f"api_key-{name}"), key["api_key"])
            self.assertEqual(self.value(html, f"secret-{name}"), key["secret"])
        self.assertIn("Puede retirar dinero.", html)
        self.assertIn("Can withdraw funds.", self.page("/kraken/?lang=en"))


class FrameTests(PageTestCase):
    def test_it_keeps_the_language(self):
        html = self.page("/kraken/_new?lang=en")
        self.assertIn('<html lang="en">', html)
        self.assertIn('action="/kraken/_new?lang=en"', html)
        self.assertIn('hreflang="es" href="/kraken/_new"', html)

    def test_it_needs_no_script_and_allows_only_its_own(self):
        answer = self.http.get(f"{self.url}/kraken/")
        policy = answer.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe", policy)
        self.assertIsNone(re.search(r"<script>|<style|style=|onclick", answer.text))
        for path in ("/_static/page.css", "/_static/copy.js", "/_static/icon.svg"):
            self.assertIn(path, answer.text)
            self.assertEqual(self.http.get(f"{self.url}{path}").status_code, 200)

    def test_it_stores_nothing(self):
        self.assertEqual(self.http.get(f"{self.url}/kraken/").headers["Cache-Control"], "no-store")

    def test_it_takes_forms_of_its_own_pages_only(self):
        for fields in ({}, {"token": "guess"}, {"token": "ñ"}):
            answer = self.http.post(f"{self.url}/kraken/_new", data={"permissions": "query-funds", **fields})
            self.assertEqual(answer.status_code, 403)

    def test_it_leads_to_the_slash(self):
        answer = self.http.get(f"{self.url}/kraken", allow_redirects=False)
        self.assertEqual((answer.status_code, answer.headers["Location"]), (308, "/kraken/"))

    def test_it_says_what_is_not_there(self):
        for path in ("/nowhere", "/kraken/_nowhere", "/_static/../state.py", "/kraken/_key?api_key=x", "/_nowhere"):
            self.assertIn("Aquí no hay nada", self.page(path, status=404))
        self.assertEqual(self.http.post(f"{self.url}/").status_code, 405)
        self.assertEqual(self.http.delete(f"{self.url}/kraken/").status_code, 405)
