"""The six requests that a session may send to Kraken with a key, and a public one. Addresses, rights and parameters:
https://docs.kraken.com/api/docs/rest-api/add-order and its neighbours (read 2026-11-22).
"""
from django.utils.translation import gettext_lazy as _

from .base import POST, PUBLIC

KEY_INFO = POST("/0/private/GetApiKeyInfo", says=_("Read what the key may do"))
BALANCE = POST("/0/private/Balance", says=_("Read balances"), permission="query-funds")
OPEN_ORDERS = POST("/0/private/OpenOrders", says=_("Read open orders"), permission="query-open-trades")
# `start` keeps the history short: we want the proof, not the person's past. Without a count Kraken has less to do.
CLOSED_ORDERS = POST(
    "/0/private/ClosedOrders", says=_("Read closed orders"), permission="query-closed-trades",
    free=("start",), without_count="true",
)
LEDGERS = POST(
    "/0/private/Ledgers", says=_("Read ledger entries"), permission="query-ledger", free=("start",), without_count="true",
)
# Harmless even if `validate` were lost: below half of XBTUSD's lowest price since 2021 (15,500), post-only so that it can
# never take, just above Kraken's smallest volume and cost (0.00005 XBT, 0.5 USD), gone after ten seconds.
DRY_ORDER = POST(
    "/0/private/AddOrder", says=_("Test an order without placing it"), permission="modify-trades",
    pair="XBTUSD", type="buy", ordertype="limit", price="7500.0", volume="0.0001",
    oflags="post", timeinforce="GTD", expiretm="+10", validate="true",
)
SYSTEM_STATUS = PUBLIC("/0/public/SystemStatus", says=_("Ask whether it is up"))
ENDPOINTS = (KEY_INFO, BALANCE, OPEN_ORDERS, CLOSED_ORDERS, LEDGERS, DRY_ORDER, SYSTEM_STATUS)
