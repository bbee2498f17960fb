"""How ccxt signs calls to Kraken. Run by the interpreter of .venv-oracles, never imported by the portal or its tests.

stdin: JSON list of {"method", "parameters", "nonce", "key", "secret"}; stdout: JSON list of {"body", "signature"}.
"""
import json
import sys

import ccxt


def sign(asked: dict) -> dict[str, str]:
    exchange = ccxt.kraken({"apiKey": asked["key"], "secret": asked["secret"]})
    exchange.incrementing_nonce = lambda: asked["nonce"]
    signed = exchange.sign(asked["method"], ["private"], "POST", asked["parameters"])
    return {"body": signed["body"], "signature": signed["headers"]["API-Sign"]}


json.dump([sign(asked) for asked in json.load(sys.stdin)], sys.stdout)
