# SPDX-License-Identifier: Apache-2.0
"""SystemTest: a temporary directory and processes that end with the test."""
import os
import subprocess
import tempfile
import unittest

from harness import Daemon, Sim

BINARY = os.environ.get("BELAY_BINARY", "")


class SystemTest(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="belay-system-")
        self.addCleanup(self.temporary.cleanup)
        self.directory = self.temporary.name

    def sim(self, scenario="", **more):
        sim = Sim(BINARY, self.directory, scenario, **more)
        self.addCleanup(sim.kill)
        return sim

    def daemon(self, tws_port, **more):
        daemon = Daemon(BINARY, self.directory, tws_port, **more)
        self.addCleanup(daemon.kill)
        return daemon

    def run_belay(self, *arguments, env=None, text=None, timeout=20):
        """One command to its end: exit status, stdout, stderr."""
        clean = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": self.directory}
        clean.update(env or {})
        done = subprocess.run([BINARY, *map(str, arguments)], cwd=self.directory, env=clean,
                              input=text, capture_output=True, text=True, timeout=timeout,
                              check=False)
        return done.returncode, done.stdout, done.stderr

    def path(self, *names):
        return os.path.join(self.directory, *names)
