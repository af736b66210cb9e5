# SPDX-License-Identifier: Apache-2.0
"""The kill gate of a running daemon: by command, by signal, by file, and through a restart."""
import json
import os
import signal
import sqlite3
import time

from case import SystemTest
from harness import wait_until

RESTING = ("buy", "AAPL", "10", "--limit", "90")


class Halt(SystemTest):
    def setUp(self):
        super().setUp()
        self.tws = self.sim()
        self.belay = self.daemon(self.tws.port)

    def cli(self, *arguments, status=0):
        code, out, err = self.run_belay(*arguments, env={"API_PORT": str(self.belay.api_port)})
        self.assertEqual(code, status, (arguments, out, err))
        return out, err

    def halted(self):
        return self.belay.get("/api/v1/halt").json

    def restart(self):
        self.belay.kill()
        self.belay = self.daemon(self.tws.port)

    def test_a_halt_stops_new_orders_lets_cancels_pass_and_survives_kill_9(self):
        order = json.loads(self.cli(*RESTING, "--json")[0])["order_id"]
        out, _ = self.cli("halt", "--reason", "fat fingers")
        self.assertIn("new risk is halted by local: fat fingers\n", out)
        self.assertIn("belay resume", out)
        _, err = self.cli(*RESTING, status=1)
        self.assertIn("fat fingers", err)
        self.restart()
        self.assertEqual(self.halted()["reason"], "fat fingers")
        _, err = self.cli(*RESTING, status=1)
        self.assertIn("fat fingers", err)
        self.cli("cancel", order, "--wait")
        out, _ = self.cli("resume")
        self.assertEqual(out, "new risk is taken\n")
        self.cli(*RESTING)

    def test_a_signal_halts(self):
        os.kill(self.belay.pid, signal.SIGUSR2)
        wait_until(lambda: self.halted()["halted"], what="the halt")
        self.assertIn("SIGUSR2", self.halted()["reason"])
        self.cli(*RESTING, status=1)

    def test_a_file_halts_for_as_long_as_it_is_there(self):
        path = self.path("data", "HALT")
        with open(path, "w", encoding="utf-8"):
            pass
        wait_until(lambda: self.halted()["halted"], what="the halt")
        self.assertIn("data/HALT", self.halted()["reason"])
        self.assertEqual(self.belay.get("/ready").status, 503)
        _, err = self.cli("resume", status=1)
        self.assertIn("data/HALT", err)
        self.assertTrue(self.halted()["halted"])
        os.remove(path)
        self.cli("resume")
        self.cli(*RESTING)

    def test_a_signal_during_the_start_halts_as_soon_as_the_daemon_runs(self):
        self.belay.kill()
        # Who holds the write lock of the journal delays the start.
        other = sqlite3.connect(self.path("data", "journal.db"), isolation_level=None)
        self.addCleanup(other.close)
        other.execute("BEGIN IMMEDIATE")
        self.belay = self.daemon(self.tws.port, cold=True)

        def has_the_directory():
            with open(self.path("data", "lock"), encoding="ascii") as lock:
                return lock.read().strip() == str(self.belay.pid)

        wait_until(has_the_directory, what="the lock of the directory")
        os.kill(self.belay.pid, signal.SIGUSR2)
        time.sleep(0.1)
        self.assertNotIn("ready on", self.belay.stdout())
        other.execute("ROLLBACK")
        self.belay.wait_line(r"belay serve: ready on http://127\.0\.0\.1:(\d+)")
        self.belay.api_port = int(self.belay.match.group(1))
        wait_until(lambda: self.halted()["halted"], what="the halt")
        self.assertIn("SIGUSR2", self.halted()["reason"])
        self.cli(*RESTING, status=1)

    def test_a_signal_in_safe_mode_is_answered_in_the_log_and_ends_nothing(self):
        self.belay.terminate()
        self.belay = self.daemon(self.tws.port, settings={"safe": "true"}, cold=True)
        self.belay.wait_line(r"belay serve: safe mode on http://127\.0\.0\.1:(\d+)")
        self.belay.api_port = int(self.belay.match.group(1))
        os.kill(self.belay.pid, signal.SIGUSR2)
        wait_until(lambda: "no order is sent anyway" in self.belay.stderr(), what="the answer")
        self.assertEqual(self.belay.get("/health").json["status"], "safe")
        self.assertEqual(self.belay.terminate(), 0)
