# SPDX-License-Identifier: Apache-2.0
"""Orders that left memory, snapshots, and safe mode, with real processes and files."""
import glob
import os
import signal
import sqlite3

from case import SystemTest
from harness import free_port, wait_until

# Everything that is done leaves memory at once.
ARCHIVING = {"finished-kept-max": 0, "finished-kept": 0}


def metric(daemon, name):
    for line in daemon.get("/metrics").text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no metric {name}")


class Archive(SystemTest):
    def filled(self, daemon, count, prefix="f"):
        for i in range(count):
            answer = daemon.place(limit="195", key=f"{prefix}{i}")  # marketable: fills at once
            self.assertIn(answer.status, (200, 201, 202), answer)
        wait_until(lambda: all(daemon.order(f"{prefix}{i}")["status"] == "Filled"
                               for i in range(count)), what="the fills")

    def test_archived_orders_are_shown_as_they_were_and_after_restarts(self):
        sim = self.sim()
        daemon = self.daemon(sim.port, settings=ARCHIVING)
        self.filled(daemon, 8)
        live = daemon.place(key="rests")
        self.assertEqual(live.status, 201)
        wait_until(lambda: metric(daemon, "belay_orders_archived_total") == 8, what="the archive")
        self.assertEqual(metric(daemon, "belay_orders_in_memory"), 1)
        orders, executions = daemon.orders(), daemon.executions()
        self.assertEqual(len(orders), 9)
        self.assertEqual(len(executions), 8)
        again = daemon.place(limit="195", key="f3")
        self.assertEqual(again.status, 200)
        self.assertEqual(again.headers["idempotency-replayed"], "true")
        self.assertEqual(daemon.call("DELETE", "/api/v1/orders/cid:f3").status, 409)
        for end in ("terminate", "kill", "terminate"):
            getattr(daemon, end)()
            daemon = self.daemon(sim.port, settings=ARCHIVING)
            self.assertEqual(daemon.executions(), executions)
            self.assertEqual([o["order_id"] for o in daemon.orders()],
                             [o["order_id"] for o in orders])
            self.assertEqual(daemon.place(limit="195", key="f3").status, 200)
            # What the broker lists of the day was known: nothing came back, nothing was added.
            self.assertEqual(metric(daemon, "belay_orders_archived_total"), 8)
        self.assertEqual(len(sim.placed()), 9)

    def test_the_history_is_made_anew_when_its_file_is_gone_or_spoiled(self):
        sim = self.sim()
        daemon = self.daemon(sim.port, settings=ARCHIVING)
        self.filled(daemon, 5)
        wait_until(lambda: metric(daemon, "belay_orders_archived_total") == 5, what="the archive")
        orders = daemon.orders()
        for spoil in (lambda path: os.remove(path),
                      lambda path: open(path, "wb").write(b"nothing of use" * 1000)):
            daemon.terminate()
            for path in glob.glob(self.path("data/views.db*")):
                spoil(path)
            daemon = self.daemon(sim.port, settings=ARCHIVING)
            self.assertEqual(daemon.orders(), orders)

    def test_an_orderly_stop_leaves_a_snapshot_that_the_next_start_takes(self):
        sim = self.sim()
        daemon = self.daemon(sim.port, settings=ARCHIVING)
        self.filled(daemon, 6)
        before = daemon.orders()
        daemon.terminate()
        self.assertEqual(len(glob.glob(self.path("data/snapshot-*"))), 1)
        daemon = self.daemon(sim.port, settings=ARCHIVING)
        self.assertEqual(daemon.orders(), before)
        self.assertEqual(metric(daemon, "belay_start_replayed_events"), 0)
        self.assertGreater(metric(daemon, "belay_snapshot_seq"), 0)
        # Events of before the snapshot are still there for a stream that resumes.
        first = daemon.call("GET", "/api/v1/orders").json["seq"]
        self.assertGreater(int(first), 10)
        daemon.kill()
        for path in glob.glob(self.path("data/snapshot-*")):
            with open(path, "r+b") as file:
                file.seek(100)
                file.write(b"\xff")
        daemon = self.daemon(sim.port, settings=ARCHIVING)
        self.assertGreater(metric(daemon, "belay_start_replayed_events"), 10)
        self.assertEqual(daemon.orders(), before)
        daemon.terminate()
        code, out, err = self.run_belay("journal", "verify", "--data-dir", "data")
        self.assertEqual(code, 0, err)
        self.assertIn("every check good", out)

    def test_a_history_that_cannot_be_written_holds_up_no_end_and_comes_from_the_journal(self):
        sim = self.sim()
        daemon = self.daemon(sim.port, settings=ARCHIVING)
        self.filled(daemon, 2)
        wait_until(lambda: metric(daemon, "belay_orders_archived_total") == 2, what="the archive")
        orders = daemon.orders()

        def change(sql):
            with sqlite3.connect(self.path("data", "views.db")) as views:
                views.execute(sql)
            views.close()

        change("CREATE TRIGGER refuse BEFORE INSERT ON orders "
               "BEGIN SELECT RAISE(FAIL, 'full'); END")
        for i in range(20):
            self.assertEqual(daemon.place(limit="195", key=f"late{i}").status, 201)
        wait_until(lambda: metric(daemon, "belay_orders_archived_total") == 22, what="the archive")
        self.assertEqual(daemon.terminate(5), 0)
        self.assertRegex(daemon.stderr(), r"\d+ rows of archived orders could not be written to")
        change("DROP TRIGGER refuse")
        daemon = self.daemon(sim.port, settings=ARCHIVING)
        self.assertEqual({order["client_order_id"] for order in daemon.orders()},
                         {order["client_order_id"] for order in orders} |
                         {f"late{i}" for i in range(20)})
        self.assertGreater(metric(daemon, "belay_start_replayed_events"), 10)


class Safe(SystemTest):
    def unlisted(self, port, **settings):
        flags = {"reconnect-delay": "0.05"}
        flags.update(settings)
        daemon = self.daemon(port, settings=flags, cold=True)
        daemon.wait_line(r"belay serve: safe mode on http://127\.0\.0\.1:(\d+)")
        daemon.api_port = int(daemon.match.group(1))
        return daemon

    def safe(self, sim, **settings):
        daemon = self.unlisted(sim.port, **settings)
        wait_until(lambda: daemon.get("/health").json["listed"], what="the broker's list")
        return daemon

    def assert_not_known(self, daemon):
        """Nobody is told that nothing is open."""
        port = ("--api-port", str(daemon.api_port))
        for words in (["orders"], ["orders", "--all"], ["orders", "--json"], ["order", "tws:7:1"],
                      ["cancel", "tws:7:1"], ["cancel", "--all", "--scope", "all", "--dry-run"]):
            code, out, err = self.run_belay(*words, *port)
            self.assertEqual(code, 1, (words, out, err))
            self.assertIn("not connected", err, words)
            self.assertNotIn("lists no open order", err, words)
            if "--json" not in words:
                self.assertEqual(out, "", words)
        answer = daemon.get("/api/v1/orders")
        self.assertEqual((answer.status, answer.json["code"]), (503, "NOT_READY"))
        self.assertIn("retry-after", answer.headers)

    def test_safe_mode_without_the_broker_says_that_what_is_open_is_not_known(self):
        tws_port = free_port()
        daemon = self.unlisted(tws_port, safe="true")
        wait_until(lambda: "refused" in daemon.get("/health").json["detail"], what="an attempt")
        self.assert_not_known(daemon)
        sim = self.sim(port=tws_port)
        wait_until(lambda: daemon.get("/health").json["listed"], what="the broker's list")
        self.assertEqual(daemon.get("/api/v1/orders").json["orders"], [])
        code, _, err = self.run_belay("cancel", "tws:7:1", "--api-port", str(daemon.api_port))
        self.assertEqual(code, 1)
        self.assertIn("lists no open order", err)
        sim.kill()
        wait_until(lambda: not daemon.get("/health").json["listed"], what="the loss")
        self.assert_not_known(daemon)

    def test_safe_mode_shows_and_cancels_and_leaves_the_journal_alone(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        for key in ("a", "b", "c"):
            self.assertEqual(daemon.place(key=key).status, 201)
        number = daemon.order("a")["broker_order_id"]
        daemon.terminate()
        with open(self.path("data/journal.db"), "rb") as file:
            journal = file.read()
        daemon = self.safe(sim, safe="true")
        self.assertEqual(daemon.get("/ready").status, 503)
        self.assertEqual(daemon.get("/health").json["status"], "safe")
        listed = daemon.get("/api/v1/orders").json["orders"]
        self.assertEqual(len(listed), 3)
        self.assertEqual({o["client_id"] for o in listed}, {7})
        self.assertEqual(daemon.place(key="d").status, 503)
        self.assertEqual(daemon.call("DELETE", "/api/v1/orders/tws:9:1").status, 404)
        code, out, err = self.run_belay("cancel", f"tws:7:{number}", "--api-port",
                                        str(daemon.api_port))
        self.assertEqual(code, 0, out + err)
        wait_until(lambda: daemon.get("/api/v1/orders").json["count"] == 2, what="the cancel")
        self.assertEqual(daemon.call("DELETE", "/api/v1/orders/cancel-all").status, 400)
        dry = daemon.call("DELETE", "/api/v1/orders/cancel-all?scope=all&dry_run=true")
        self.assertEqual((dry.status, dry.json["count"]), (200, 2))
        self.assertEqual(daemon.get("/api/v1/orders").json["count"], 2)
        self.assertEqual(
            {(o["order_id"][:6], o["outcome"]) for o in dry.json["orders"]},
            {("tws:7:", "would_cancel")})
        for wrong in ("scope=all&dryrun=true", "scope=all&dry_run=1", "scope=own"):
            self.assertEqual(
                daemon.call("DELETE", f"/api/v1/orders/cancel-all?{wrong}").status, 422, wrong)
        port = ("--api-port", str(daemon.api_port))
        code, out, err = self.run_belay("cancel", "--all", "--scope", "all", "--dry-run", *port)
        self.assertEqual((code, out.count("would_cancel")), (0, 2), out + err)
        _, out, _ = self.run_belay("orders", *port)
        name = out.splitlines()[1].split()[0]
        self.assertRegex(name, r"^tws:7:\d+$")
        code, out, err = self.run_belay("order", name, *port)
        self.assertIn(name, out, err)
        self.assertEqual(daemon.get("/api/v1/orders").json["count"], 2)
        code, out, err = self.run_belay("cancel", "--all", "--scope", "all", "--yes", "--wait",
                                        *port)
        self.assertEqual((code, out.count("requested"), err.count("lists it no more")), (0, 2, 2),
                         out + err)
        self.assertEqual(daemon.get("/api/v1/orders").json["count"], 0)
        self.assertEqual(daemon.terminate(), 0)
        with open(self.path("data/journal.db"), "rb") as file:
            self.assertEqual(file.read(), journal)
        # An ordinary start finds out what was done meanwhile.
        daemon = self.daemon(sim.port)
        wait_until(lambda: all(daemon.order(k)["status"] == "Cancelled" for k in "abc"),
                   what="the broker's truth")

    def test_three_bad_starts_lead_to_safe_mode_and_an_orderly_stop_out_of_it(self):
        sim = self.sim()
        for _ in range(3):
            daemon = self.daemon(sim.port)
            daemon.child.send_signal(signal.SIGABRT)
            daemon.wait()
        daemon = self.safe(sim)
        self.assertIn("ended badly", daemon.get("/health").json["reason"])
        daemon.terminate()
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.get("/ready").status, 200)
        for _ in range(4):
            daemon.kill()
            daemon = self.daemon(sim.port)
        self.assertEqual(daemon.get("/ready").status, 200)
