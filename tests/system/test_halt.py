# SPDX-License-Identifier: Apache-2.0
"""The kill gate of a running daemon: by command, by signal, by file, and through a restart."""
import json
import os
import signal

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
        self.assertEqual(out, "new risk is halted by local: fat fingers\n")
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
