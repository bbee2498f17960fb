"""How a client answers over pipes, so that one start of it serves many calls. Run by the interpreter of .venv-oracles.

stdin: one JSON call a line, stdout: one JSON answer a line, {"result"} or {"raised", "kinds", "text"}, until stdin ends.
"""
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def serve(run: Callable[[dict[str, Any]], Any]) -> None:
    with ThreadPoolExecutor(1) as pool:
        for line in sys.stdin:
            done = pool.submit(run, json.loads(line))
            raised = done.exception()                       # whatever the client raises is its answer
            answer = {"result": done.result()} if raised is None else describe(raised)
            sys.stdout.write(json.dumps(answer, default=str) + "\n")
            sys.stdout.flush()


def describe(raised: BaseException) -> dict[str, Any]:
    return {"raised": type(raised).__name__, "kinds": [kind.__name__ for kind in type(raised).__mro__], "text": str(raised)}
