# SPDX-License-Identifier: Apache-2.0
"""The command line by itself: what it makes of answers, and the commands that need no daemon."""
import http.server
import json
import os
import threading
import time

from case import SystemTest
from harness import free_port, wait_until


class Told(SystemTest):
    """What the command line makes of answers that a simulated broker seldom gives."""

    def after(self, first, later, *command):
        """The command against a daemon that answers `first`, and every look with `later`."""
        order = {"order_id": "3", "status": "Submitted", "flags": [], "outcome": "acknowledged",
                 "filled": "0"}

        class Answers(http.server.BaseHTTPRequestHandler):
            def answer(self):
                told = later if self.command == "GET" else first
                body = json.dumps({**order, **told}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Answers) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                return self.run_belay(*command, "--api-port", server.server_port)
            finally:
                server.shutdown()
                thread.join()

    def test_a_refused_cancel_ends_the_wait_with_the_words_of_the_broker(self):
        refused = {"broker_code": 10148, "broker_text": "cannot be cancelled", "text": "it goes on"}
        begun = time.monotonic()
        code, _, err = self.after({"flags": ["pending_cancel"]}, refused, "cancel", "3", "--wait")
        self.assertEqual(code, 1, err)
        self.assertIn("10148 cannot be cancelled", err)
        self.assertLess(time.monotonic() - begun, 10)
        # Not while fills are to be told that may be all of it.
        code, _, _ = self.after({"flags": ["pending_cancel"]}, {**refused, "filled": None},
                                "cancel", "3", "--wait", "--timeout", "1")
        self.assertEqual(code, 3)

    def test_a_change_that_does_not_come_through_is_told_with_its_reason(self):
        waits = {"flags": ["pending_replace"], "limit_price": "90"}
        for later in ({"status": "Cancelled", "broker_code": 202, "broker_text": "reason:"},
                      {"limit_price": "90", "broker_code": 110, "broker_text": "the tick"}):
            code, _, err = self.after(waits, later, "modify", "3", "--limit", "91", "--wait")
            self.assertEqual(code, 1, (later, err))
            self.assertIn(f"{later['broker_code']} {later['broker_text']}", err)
        code, _, err = self.after(waits, {"limit_price": "91"}, "modify", "3", "--limit", "91.0",
                                  "--wait")
        self.assertEqual((code, err), (0, ""))

    def test_an_unknown_outcome_says_what_the_broker_said(self):
        said = {"outcome": "unknown", "broker_code": 9999, "broker_text": "odd words"}
        code, _, err = self.after(said, said, "buy", "AAPL", "1")
        self.assertEqual(code, 3, err)
        self.assertIn("9999 odd words", err)

    def test_a_list_that_is_not_whole_or_not_told_says_so(self):
        for told, words in (({"complete": False}, "not complete"), ({"as_of": None}, "not told")):
            for command in ("positions", "orders", "executions"):
                self.assertIn(words, self.after({}, told, command)[2])

    def test_a_cancel_of_all_says_as_of_when_its_list_is_and_why_it_is_not_whole(self):
        told = {"orders": [], "complete": False, "as_of": "2026-11-30T03:04:05Z",
                "not_complete_because": "orders that others placed since 2026-11-30T03:04:05Z are not here"}
        _, _, err = self.after(told, {}, "cancel-all", "--utc")
        self.assertEqual(err, "orders that others placed since 2026-11-30 03:04:05 UTC are not "
                              "here\n")


class Tools(SystemTest):
    def test_decode_reads_a_recorded_line(self):
        line = "9\\01\\042\\0\n"
        code, out, err = self.run_belay("tws", "decode", "--server-version", 200, "-", text=line)
        self.assertEqual(code, 0, err)
        self.assertIn("nextValidId", out)
        self.assertIn("42", out)
        self.assertEqual(self.run_belay("tws", "decode", "/no/such/file")[0], 1)
        self.assertEqual(self.run_belay("tws", "decode")[0], 2)

    def test_the_journal_of_a_stopped_daemon_can_be_verified_dumped_and_replayed(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="kept", limit="195").status, 201)
        wait_until(lambda: daemon.order("kept")["status"] == "Filled", what="the fill")
        code, _, err = self.run_belay("journal", "verify", "--data-dir", "data")
        self.assertEqual(code, 1)  # in use
        self.assertIn(str(daemon.pid), err)
        daemon.terminate()
        code, out, err = self.run_belay("journal", "verify", "--data-dir", "data")
        self.assertEqual(code, 0, err)
        rows = int(out.split()[0])
        code, out, _ = self.run_belay("journal", "dump", "--data-dir", "data")
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual((code, len(events)), (0, rows))
        self.assertIn("kept", out)
        code, out, _ = self.run_belay("journal", "replay", "--data-dir", "data")
        self.assertEqual(code, 0)
        self.assertRegex(out, r"1 orders .* 1 executions")
        self.assertEqual(self.run_belay("journal", "verify")[0], 2)

    def test_a_journal_that_is_none_says_what_it_is_and_what_to_do(self):
        os.mkdir(self.path("data"), 0o700)
        with open(self.path("data/journal.db"), "wb") as file:
            file.write(b"no journal " * 2000)
        for command in (["journal", "verify"], ["serve", "--tws-port", str(free_port())]):
            code, _, err = self.run_belay(*command, "--data-dir", "data")
            self.assertEqual(code, 1, err)
            for words in ("journal.db: this is no file of belay", "backup", "BELAY_DATA_DIR"):
                self.assertIn(words, err)
            self.assertNotIn("PRAGMA", err)
            self.assertNotIn("immutable", err)

    def test_looking_at_a_directory_that_is_not_there_makes_none(self):
        code, _, _ = self.run_belay("journal", "verify", "--data-dir", "nothing")
        self.assertEqual(code, 1)
        self.assertFalse(os.path.exists(self.path("nothing")))

    def test_help_and_wrong_words(self):
        for arguments in (["--help"], ["serve", "--help"], ["demo", "--help"], ["buy", "--help"],
                          ["sim", "tws", "--help"], ["version"]):
            self.assertEqual(self.run_belay(*arguments)[0], 0, arguments)
        for arguments, meant in ((["ordres"], "orders"), (["foo"], "belay help"),
                                 (["journal", "dmup"], "dump"), (["ids", "resrve"], "reserve"),
                                 (["buy", "AAPL", "1", "--limt", "5"], "--limit"),
                                 (["serve", "--tws-prot", "1"], "--tws-port"),
                                 (["cancel-all", "5"], "belay cancel 5"),
                                 (["cancel", "all"], "belay cancel-all"),
                                 (["cancel", "cancel-all"], "is no order"),
                                 (["order", "all"], "belay orders"),
                                 (["modify", "k", "--limit", "1"], "cid:k"),
                                 (["orders", "all"], "--all"),
                                 (["buy", "AAPL", "1", "--qty", "5"], "no flag here"),
                                 (["modify", "1", "--qty", "5"], "--quantity"),
                                 (["buy", "AAPL", "1", "--price", "5"], "--limit"),
                                 (["orders", "--port", "5"], "--api-port (the setting API_PORT)"),
                                 (["status", "--host", "h"], "--api-host (the setting API_HOST)"),
                                 (["serve", "--port", "5"], "--api-port"),
                                 (["buy", "AAPL", "1", "--client-order-id", "a b"],
                                  "without spaces")):
            code, _, err = self.run_belay(*arguments)
            self.assertEqual(code, 2, arguments)
            self.assertIn(meant, err)
            self.assertLess(err.count("\n"), 3, err)
        _, _, err = self.run_belay("buy", "AAPL", "99999999999")
        self.assertIn("92233720368", err)
        for arguments in ([], ["nonsense"], ["demo", "--twice"], ["sim", "projectx"], ["sim"],
                          ["journal"], ["tws"]):
            self.assertEqual(self.run_belay(*arguments)[0], 2, arguments)
        self.assertIn("not simulated yet", self.run_belay("sim", "projectx")[2])
