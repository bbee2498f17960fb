"""Run a command that ends with its parent: `python smartrader/tether.py [--bare | --without NAME,NAME] command …`.

Nothing that `make run` started outlives it, even when it is killed with SIGKILL. Linux has this (prctl(2),
PR_SET_PDEATHSIG); elsewhere the command runs untethered. `--bare` hands on no environment but a path and a language: for
what must see no secret; `--without` keeps these variables back. None leaves a core dump: secrets would be in it. A plain file
without imports of ours, so that it starts in a few milliseconds.
"""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1
HARMLESS = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def main(arguments: list[str]) -> None:
    environment = dict(os.environ)
    if arguments[0] == "--bare":
        environment = {name: value for name, value in environment.items() if name in HARMLESS}
        arguments = arguments[1:]
    elif arguments[0] == "--without":
        for name in arguments[1].split(","):
            environment.pop(name, None)
        arguments = arguments[2:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    os.execvpe(arguments[0], arguments, environment)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
