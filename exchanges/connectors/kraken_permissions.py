"""The thirteen rights a Kraken key can have, as its screens show them and in their order.

Names: https://docs.kraken.com/exchange/guides/rest/api-keys.md and GetApiKeyInfo; labels of today's screen: the same guide;
of the classic one: https://support.kraken.com/hc/en-us/articles/360000919966 (both read 2026-11-22). The six needed ones are
those of Smartrader's guide. Kraken bundles nothing: every box stands alone.
"""
from django.utils.translation import gettext_lazy as _

from .base import dangerous, extra, needed

FUNDS, ORDERS, DATA, WEBSOCKET = "Funds permissions", "Orders and trades", "Data", "WebSocket interface"
CLASSIC_FUNDS, CLASSIC_ORDERS, CLASSIC_OTHER = "Funds", "Orders & Trades", "Other"

PERMISSIONS = (
    needed("query-funds", title=_("Query funds"), opens=_("See your balances. Only looking."),
           label="Query", group=FUNDS, classic_label="Query Funds", classic_group=CLASSIC_FUNDS),
    extra("add-funds", title=_("Deposit funds"), opens=_("Makes deposit addresses. We do not need it."),
          label="Deposit", group=FUNDS, classic_label="Deposit Funds", classic_group=CLASSIC_FUNDS),
    dangerous("withdraw-funds", title=_("Withdraw funds"), opens=_("Lets money leave your account."),
              label="Withdraw", group=FUNDS, classic_label="Withdraw Funds", classic_group=CLASSIC_FUNDS),
    extra("earn-funds", title=_("Use Earn"), opens=_("Moves funds into yield products. We do not need it."),
          label="Earn", group=FUNDS),
    dangerous("add-withdraw-address", title=_("Add withdrawal addresses"),
              opens=_("Lets a withdrawal to somebody else be prepared."), label="Add withdrawal addresses", group=FUNDS),
    dangerous("update-withdraw-address", title=_("Change withdrawal addresses"),
              opens=_("Lets a withdrawal be diverted to somebody else."), label="Update withdrawal addresses", group=FUNDS),
    needed("query-open-trades", title=_("Query open orders"), opens=_("Know which orders are under way."),
           label="Query open orders & trades", group=ORDERS,
           classic_label="Query Open Orders & Trades", classic_group=CLASSIC_ORDERS),
    needed("query-closed-trades", title=_("Query closed orders"), opens=_("Know at what price each order was filled."),
           label="Query closed orders & trades", group=ORDERS,
           classic_label="Query Closed Orders & Trades", classic_group=CLASSIC_ORDERS),
    needed("modify-trades", title=_("Create and modify orders"), opens=_("Buy and sell as your strategy says."),
           label="Create & modify orders", group=ORDERS,
           classic_label="Create & Modify Orders", classic_group=CLASSIC_ORDERS),
    needed("close-trades", title=_("Cancel and close orders"), opens=_("Stop an order that is no longer wanted."),
           label="Cancel & close orders", group=ORDERS,
           classic_label="Cancel/Close Orders", classic_group=CLASSIC_ORDERS),
    needed("query-ledger", title=_("Query ledger entries"), opens=_("Work out fees and results."),
           label="Query ledger entries", group=DATA, classic_label="Query Ledger Entries", classic_group=CLASSIC_OTHER),
    extra("export-data", title=_("Export data"), opens=_("Downloads reports of your history. We do not need it."),
          label="Export data", group=DATA, classic_label="Export Data", classic_group=CLASSIC_OTHER),
    extra("create-ws-token", title=_("Use WebSockets"), opens=_("Opens a live data channel. We do not need it."),
          label="On", group=WEBSOCKET, classic_label="Access WebSockets API", classic_group=CLASSIC_OTHER),
)
