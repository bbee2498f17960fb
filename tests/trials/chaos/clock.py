"""A program whose clock is wrong: `python -m tests.trials.chaos.clock SECONDS celery …`. The monotonic clock stays."""

import runpy
import sys
import time

import time_machine


def main() -> None:
    seconds, module = float(sys.argv[1]), sys.argv[2]
    sys.argv = sys.argv[2:]
    with time_machine.travel(time.time() + seconds, tick=True):
        runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
