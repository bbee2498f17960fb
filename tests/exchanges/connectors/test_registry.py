"""Connectors are discovered, and reached where the environment says."""
from django.test import SimpleTestCase, override_settings

from exchanges import connectors


class RegistryTests(SimpleTestCase):
    def test_a_module_with_a_connector_is_one(self):
        self.assertIn("kraken", connectors.all())
        self.assertEqual(sorted(connectors.all()), list(connectors.all()))

    def test_an_unknown_slug_is_a_key_error(self):
        self.assertRaises(KeyError, connectors.get, "kraken_paste")

    def test_it_is_reached_where_the_environment_says(self):
        kraken = connectors.get("kraken")
        with override_settings(API_URLS={}):
            self.assertEqual(connectors.api_url(kraken), "https://api.kraken.com")
        with override_settings(API_URLS={"kraken": "http://127.0.0.1:8001/kraken", "kraken_us": "http://127.0.0.1:8001/us"}):
            self.assertEqual(connectors.api_url(kraken), "http://127.0.0.1:8001/kraken")
            self.assertEqual(connectors.api_url(kraken, "US"), "http://127.0.0.1:8001/us")
