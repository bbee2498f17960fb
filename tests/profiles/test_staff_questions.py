"""Questions to the admin that make no sense: told as such, not an error of ours."""
from tests.base import SmartraderTestCase


class QuestionTests(SmartraderTestCase):
    def setUp(self):
        self.client.force_login(self.celia)

    def test_what_the_database_would_fail_at_is_refused(self):
        for question in (
            "exchanges/link/?status__range=x", "exchanges/exchange/?is_open__range=", "exchanges/link/?label__regex=(",
            "profiles/user/?email__iregex=(", "profiles/activity/?at__range=", "exchanges/link/?status=%00", "exchanges/link/?q=%00",
        ):
            self.assertEqual((question, self.client.get(f"/admin/{question}").status_code), (question, 400))

    def test_what_only_finds_nothing_is_answered(self):
        for question in ("?p=x", "?p=99999999999999999999", "?o=x", "?status__in=x,y", "?status=x", "?q=(", "?all=x"):
            self.assertEqual((question, self.client.get(f"/admin/exchanges/link/{question}").status_code), (question, 200))

    def test_a_filter_that_is_none_leads_back_to_the_list(self):
        r = self.client.get("/admin/exchanges/link/?created_at__gte=x")
        self.assertRedirects(r, "/admin/exchanges/link/?e=1")

    def test_there_is_no_way_round_by_an_id(self):
        self.assertEqual(self.client.get("/admin/r/1/1/").status_code, 404)
