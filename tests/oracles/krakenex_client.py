"""krakenex, over pipes (see conversation.py).

A call: {"url", "api_key", "secret", "call": a method of krakenex.API, "args", "named", "nonce"?, "timeout_s"?}
"""
from functools import cache
from typing import Any
from unittest.mock import patch

import krakenex
from conversation import serve


@cache
def api(url: str, api_key: str, secret: str) -> krakenex.API:
    made = krakenex.API(api_key, secret)
    made.uri = url
    return made


def run(asked: dict[str, Any]) -> Any:
    client = api(asked["url"], asked["api_key"], asked["secret"])
    timeout = {"timeout": asked["timeout_s"]} if "timeout_s" in asked else {}
    nonce = (lambda: asked["nonce"]) if "nonce" in asked else client._nonce
    with patch.object(client, "_nonce", nonce):
        return getattr(client, asked["call"])(*asked["args"], **asked["named"], **timeout)


serve(run)
