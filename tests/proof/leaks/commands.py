"""What operators run, with secrets where they belong and where they do not."""

import base64
import secrets
from datetime import date
from pathlib import Path

from exchanges import sealing
from tests.proof.leaks.places import environment
from tests.proof.leaks.run import Run, secret_part


def ask_about_keys(run: Run) -> None:
    """`check_key`, all at once."""
    good, bad, swapped = run.key("of the operator"), run.pair("unknown of the operator"), run.key("swapped by the operator")
    shown = run.key("on the command line")
    run.start("check_key", "kraken", told=f"{good['api_key']}\n{good['secret']}\n")
    run.start("check_key", "kraken", "--json", told=f"{bad['api_key']}\n{bad['secret']}\n")
    run.start("check_key", "kraken", "--language", "es", told=f"{swapped['secret']}\n{swapped['api_key']}\n")
    run.start("check_key", "kraken", shown["secret"])


def look_at_rows(run: Run) -> None:
    run.start("links")
    run.start("dumpdata")
    run.start("check", "--deploy")
    run.start("replay_erasures")
    run.finish()


def turn_keys(run: Run) -> None:
    """Both rings get a new key, which the portal does not have: workers open nothing after this."""
    given = environment(run.stack.pids()["worker-now"])
    ring = run.plant("new ring key", base64.b64encode(secrets.token_bytes(32)).decode())
    public, private = sealing.new_pair(date(2026, 12, 22))
    run.plant("new private half", secret_part(private))
    pair = {"SEALING_PUBLIC_KEY": public, "SEALING_PRIVATE_KEYS": f"{private},{given['SEALING_PRIVATE_KEYS']}"}
    run.start("rotate_sealing", **pair)
    run.finish()
    run.start("rotate_at_rest", **pair, CREDENTIALS_KEYS=f"{ring},{given['CREDENTIALS_KEYS']}")
    run.finish()


def log_of(run: Run, program: str) -> str:
    return Path(run.stack.var_dir, "log", f"{program}.log").read_text()
