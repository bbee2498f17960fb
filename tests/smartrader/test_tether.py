"""What a tethered command may not do: leave its memory on the disk."""

import subprocess
import sys
from unittest import TestCase

from smartrader import programs


class CoreTests(TestCase):
    def test_it_leaves_no_core_dump(self):
        show = [sys.executable, "-c", "import resource; print(*resource.getrlimit(resource.RLIMIT_CORE))"]
        told = subprocess.run([sys.executable, programs.TETHER, *show], capture_output=True, text=True, check=True)
        self.assertEqual(told.stdout, "0 0\n")
