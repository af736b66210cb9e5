# SPDX-License-Identifier: Apache-2.0
"""The demo: told to its end, deaf to the environment, and gone without a trace."""
import glob
import os
import signal
import urllib.request

from case import BINARY, SystemTest
from harness import Process, wait_until


class Demo(SystemTest):
    # Settings that would lead a daemon to real money, or nowhere.
    ENVIRONMENT = {"TWS_PORT": "7496", "BELAY_ALLOW_LIVE": "true", "API_PORT": "1",
                   "BELAY_DATA_DIR": "/nonexistent", "CLIENT_ID": "many"}

    def start(self, *flags):
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("TWS_PORT=4001\nLOG_LEVEL=loud\n")
        env = {**self.ENVIRONMENT, "TMPDIR": self.directory}
        demo = Process([BINARY, "demo", *flags], self.directory, "demo", env=env)
        self.addCleanup(demo.kill)
        return demo

    def leftovers(self):
        running = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as file:
                    if self.directory.encode() in file.read():
                        running.append(path)
            except OSError:
                pass
        return running + glob.glob(self.path("belay-demo-*"))

    def test_once_holds_every_check_and_leaves_nothing(self):
        demo = self.start("--once")
        self.assertEqual(demo.wait(15), 0, demo.stdout())
        text = demo.stdout()
        self.assertRegex(text, r"demo: \d+ passed, 0 failed")
        self.assertEqual(text.count("kill -9"), 2)
        self.assertNotIn("FAILED", text)
        self.assertEqual(self.leftovers(), [])

    def test_it_stays_up_with_a_working_address_until_ctrl_c(self):
        demo = self.start()
        address = demo.wait_line(r"API is (http://127\.0\.0\.1:\d+)").group(1)
        with urllib.request.urlopen(address + "/api/v1/orders", timeout=5) as answer:
            self.assertEqual(answer.status, 200)
        demo.child.send_signal(signal.SIGINT)
        self.assertEqual(demo.wait(10), 0)
        self.assertEqual(self.leftovers(), [])

    def test_ctrl_c_in_the_middle_leaves_nothing(self):
        demo = self.start("--once")
        demo.wait_line("demo-3")
        demo.child.send_signal(signal.SIGTERM)
        self.assertEqual(demo.wait(10), 1)
        self.assertEqual(self.leftovers(), [])

    def test_a_killed_demo_takes_its_children_along(self):
        demo = self.start("--once")
        demo.wait_line("demo-2")
        self.assertNotEqual(self.leftovers(), [])
        demo.kill()
        wait_until(lambda: all("belay-demo" in left and left.startswith(self.directory)
                               for left in self.leftovers()), what="the end of the children")
        self.assertFalse([left for left in self.leftovers() if left.startswith("/proc")])
        self.assertTrue(os.path.isdir(self.directory))
