#!/usr/bin/env python
"""Django's command line, beside `make run`: the same VAR_DIR, the same keys."""

import os
import sys

from django.core.management import execute_from_command_line

from smartrader import local


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartrader.settings")
    os.environ.update(local.environment(os.environ))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
