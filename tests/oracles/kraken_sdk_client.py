"""python-kraken-sdk, over pipes (see conversation.py).

A call: {"url", "api_key", "secret", "call": "user.get_balances", "args", "named", "nonce"?, "timeout_s"?}
"""
from functools import cache
from typing import Any
from unittest.mock import patch

from conversation import serve
from kraken.spot import Market, SpotClient, Trade, User

PARTS = {"market": Market, "user": User, "trade": Trade}


@cache
def part(name: str, url: str, api_key: str, secret: str) -> SpotClient:
    return PARTS[name](api_key, secret, url)


def run(asked: dict[str, Any]) -> Any:
    name, _, call = asked["call"].partition(".")
    client = part(name, asked["url"], asked["api_key"], asked["secret"])
    pinned = {"get_nonce": lambda: str(asked["nonce"])} if "nonce" in asked else {}
    with patch.multiple(client, TIMEOUT=asked.get("timeout_s", 10), **pinned):
        return getattr(client, call)(*asked["args"], **asked["named"])


serve(run)
