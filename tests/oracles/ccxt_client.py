"""ccxt, over pipes (see conversation.py).

A call: {"exchange", "url", "api_key", "secret", "call": a method of the exchange, "args", "named", "nonce"?, "timeout_s"?}
"""
from functools import cache
from typing import Any
from unittest.mock import patch

import ccxt
from conversation import serve


@cache
def exchange(slug: str, url: str, api_key: str, secret: str) -> ccxt.Exchange:
    made = getattr(ccxt, slug)({"apiKey": api_key, "secret": secret, "enableRateLimit": False})
    made.urls["api"] = dict.fromkeys(made.urls["api"], url)
    return made


def run(asked: dict[str, Any]) -> Any:
    client = exchange(asked["exchange"], asked["url"], asked["api_key"], asked["secret"])
    pinned = {"incrementing_nonce": lambda: asked["nonce"]} if "nonce" in asked else {}
    with patch.multiple(client, timeout=1000 * asked.get("timeout_s", 10), **pinned):
        return getattr(client, asked["call"])(*asked["args"], **asked["named"])


serve(run)
