# SPDX-License-Identifier: Apache-2.0
"""The process among others: a log that cannot be written, signals, deaths from outside, files that
somebody else changes, a broker that floods. None of it ends the trade or fills the disk."""
import os
import re
import signal
import socket
import sqlite3
import threading
import time

from case import SystemTest
from harness import wait_until

ARCHIVING = {"finished-kept-max": 0, "finished-kept": 0}


def redirected(to):
    """The daemon with its standard error led to `to`, in the words of a shell."""
    return ["bash", "-c", f'exec "$@" 2{to}', "bash"]


class Injector:
    """Stands between the daemon and TWS and puts messages of its own among those of TWS."""

    def __init__(self, tws_port):
        self.tws_port = tws_port
        self.lock = threading.Lock()
        self.client = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            tws = socket.create_connection(("127.0.0.1", self.tws_port))
            self.client = client
            threading.Thread(target=self.up, args=(client, tws), daemon=True).start()
            threading.Thread(target=self.down, args=(tws, client), daemon=True).start()

    def up(self, client, tws):
        try:
            while data := client.recv(65536):
                tws.sendall(data)
        except OSError:
            pass
        tws.close()

    def down(self, tws, client):
        buffer = b""
        try:
            while data := tws.recv(65536):
                buffer += data
                while len(buffer) >= 4 and len(buffer) >= 4 + int.from_bytes(buffer[:4], "big"):
                    size = 4 + int.from_bytes(buffer[:4], "big")
                    with self.lock:
                        client.sendall(buffer[:size])
                    buffer = buffer[size:]
        except OSError:
            pass
        client.close()

    def inject(self, *messages):
        """Each message is a list of fields."""
        out = b""
        for fields in messages:
            payload = b"".join(field.encode("utf-8") + b"\0" for field in fields)
            out += len(payload).to_bytes(4, "big") + payload
        with self.lock:
            self.client.sendall(out)

    def close(self):
        self.listener.close()


class ProcessTest(SystemTest):
    def works(self, sim, daemon, key):
        self.assertIn(daemon.place(key=key).status, (201, 202))
        self.assertEqual(daemon.call("DELETE", f"/api/v1/orders/cid:{key}").status, 202)
        wait_until(lambda: daemon.order(key)["status"] == "Cancelled", what="the cancel")

    def log_text(self, path="log"):
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    # ---- the log ----

    def test_a_log_that_cannot_be_written_stops_nothing(self):
        for to in (">/dev/full", "> >(head -c 1 >/dev/null)", ">&-"):
            with self.subTest(to):
                sim = self.sim()
                daemon = self.daemon(sim.port, data_dir=f"data-{len(to)}", prefix=redirected(to))
                for i in range(5):
                    self.works(sim, daemon, f"k{i}")
                if to == ">/dev/full":
                    dropped = re.search(r"belay_log_lines_dropped_total (\d+)",
                                        daemon.get("/metrics").text)
                    self.assertGreater(int(dropped.group(1)), 10)
                self.assertEqual(daemon.terminate(), 0)
                sim.kill()

    def test_a_log_that_nobody_reads_holds_up_neither_trade_nor_end(self):
        sim = self.sim("[server]\nopen_orders_max = 100000\n")
        daemon = self.daemon(sim.port, prefix=redirected("> >(exec sleep 60)"),
                             settings={"log-level": "debug", "max-orders-per-contract": 0,
                                       "tws-message-rate-limit": 1000})
        for i in range(250):  # a pipe holds 64 KiB
            self.assertEqual(daemon.place(key=f"k{i}").status, 201)
        self.works(sim, daemon, "last")
        begun = time.monotonic()
        self.assertEqual(daemon.terminate(), 0)
        self.assertLess(time.monotonic() - begun, 5)

    def test_the_start_says_why_it_is_refused_also_when_nobody_can_read_it(self):
        for to in (">/dev/full", "> >(head -c 1 >/dev/null)", "> >(exec sleep 20)", ">&-"):
            daemon = self.daemon(1, prefix=redirected(to), cold=True,
                                 settings={"belay-log-file": self.path("no/directory")})
            self.assertEqual(daemon.wait(5), 1, to)

    def test_each_step_of_an_orders_life_is_one_line_with_all_its_names(self):
        sim = self.sim()
        daemon = self.daemon(sim.port, settings={"belay-log-file": self.path("log")})
        body = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 10,
                "limit_price": "195", "client_order_id": "mine-1"}
        headers = {"X-Correlation-Id": "req-abc"}
        answer = daemon.call("POST", "/api/v1/orders", body, headers)
        self.assertEqual(answer.status, 201, answer)
        wait_until(lambda: daemon.order("mine-1")["status"] == "Filled", what="the fill")
        order_id = answer.json["order_id"]
        names = f"order={order_id} cid=mine-1 correlation=req-abc"
        wait_until(lambda: f"order end: {names} Filled" in self.log_text(), what="the end")
        lines = [line for line in self.log_text().splitlines() if "cid=mine-1" in line]
        for step in ("accepted", "sent", "acknowledged", "fill", "end"):
            with_step = [line for line in lines if f" order {step}: " in line]
            self.assertGreaterEqual(len(with_step), 1, (step, lines))
            self.assertTrue(all(names in line for line in with_step), with_step)
        for step in ("accepted", "sent", "end"):
            self.assertEqual(sum(f" order {step}: " in line for line in lines), 1, lines)
        self.assertEqual(daemon.place(key="mine-2", limit="90").status, 201)
        daemon.call("DELETE", "/api/v1/orders/cid:mine-2",
                    headers={"X-Correlation-Id": "cancel-7"})
        wait_until(lambda: " Canceled filled=" in self.log_text(), what="the cancel")
        for step in ("cancel asked", "end"):
            self.assertRegex(self.log_text(),
                             rf"order {step}: order=\d+ cid=mine-2 correlation=cancel-7")

    def test_texts_of_the_broker_forge_no_line_and_fill_no_disk(self):
        sim = self.sim(extra=["--max-version", "176"])
        injector = Injector(sim.port)
        self.addCleanup(injector.close)
        daemon = self.daemon(injector.port, settings={"belay-log-file": self.path("log"),
                                                      "log-level": "debug"})
        self.assertEqual(daemon.place(key="a").status, 201)
        number = daemon.order("a")["broker_order_id"]
        evil = "x\n2026-01-01T00:00:00.000000000Z error FATAL \x1b[2J\x07"
        injector.inject(["4", "2", "-1", "2100", evil, ""])
        wait_until(lambda: "FATAL" in self.log_text(), what="the notice")
        self.assertNotRegex(self.log_text(), r"(?m)^2026-01-01T00:00:00")
        self.assertNotIn("\x1b", self.log_text())
        journal = os.path.getsize(self.path("data/journal.db-wal"))
        journal += os.path.getsize(self.path("data/journal.db"))
        until = time.monotonic() + 4
        sent = 0
        while time.monotonic() < until:
            injector.inject(*[["4", "2", "-1", "2100", f"{evil} {sent + i}" * 5, ""]
                              for i in range(50)])
            injector.inject(*[["4", "2", str(number), "399", f"warning {sent + i}" * 20, ""]
                              for i in range(50)])
            sent += 100
        self.assertGreater(sent, 1000)
        self.works(sim, daemon, "b")
        self.assertLess(os.path.getsize(self.path("log")), 2 << 20)
        grown = os.path.getsize(self.path("data/journal.db-wal"))
        grown += os.path.getsize(self.path("data/journal.db")) - journal
        self.assertLess(grown, 8 << 20, f"{sent} messages")
        self.assertRegex(self.log_text(), r"and \d+ more lines like: ")
        self.assertEqual(daemon.terminate(), 0)

    # ---- signals ----

    def test_hangup_opens_the_log_again_and_reads_its_level(self):
        sim = self.sim()
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("LOG_LEVEL=info\n")
        daemon = self.daemon(sim.port, settings={"belay-log-file": self.path("log")})
        os.rename(self.path("log"), self.path("log.1"))
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("LOG_LEVEL=debug\nMAX_ORDERS_PER_CONTRACT=3\n")
        daemon.child.send_signal(signal.SIGHUP)
        wait_until(lambda: os.path.exists(self.path("log")) and
                   "LOG_LEVEL is debug" in self.log_text(), what="the new file")
        self.assertIn("MAX_ORDERS_PER_CONTRACT changed too: a restart is needed", self.log_text())
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("LOG_LEVEL=loud\n")
        daemon.child.send_signal(signal.SIGHUP)
        wait_until(lambda: "the settings are left as they are" in self.log_text(),
                   what="the complaint")
        self.works(sim, daemon, "a")
        self.assertEqual(daemon.terminate(), 0)

    def test_signals_that_say_nothing_to_a_daemon_are_passed_over(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        for number in (signal.SIGUSR1, signal.SIGPIPE, signal.SIGALRM, signal.SIGVTALRM,
                       signal.SIGPROF, signal.SIGIO, signal.SIGHUP, signal.SIGRTMIN,
                       signal.SIGRTMAX):
            daemon.child.send_signal(number)
        self.works(sim, daemon, "a")
        self.assertEqual(daemon.terminate(), 0)

    def test_a_signal_that_asks_for_the_end_ends_in_order(self):
        sim = self.sim()
        for number in (signal.SIGQUIT, signal.SIGXCPU, signal.SIGPWR):
            daemon = self.daemon(sim.port)
            daemon.child.send_signal(number)
            self.assertEqual(daemon.wait(), 0)
            daemon.wait_logged("stopping")

    def test_deaths_from_outside_do_not_end_trading(self):
        sim = self.sim()
        for number in (signal.SIGKILL, signal.SIGKILL, signal.SIGKILL, signal.SIGSEGV,
                       signal.SIGTERM):
            # A sanitizer that is told of a fault from outside, in the middle of an allocation, may
            # never end its report.
            daemon = self.daemon(sim.port, cold=True, env={"ASAN_OPTIONS": "handle_segv=0"})
            time.sleep(0.05)
            daemon.child.send_signal(number)
            daemon.wait()
        daemon = self.daemon(sim.port)
        self.works(sim, daemon, "a")

    def test_ends_by_our_own_checks_lead_to_safe_mode_which_says_how_to_leave(self):
        sim = self.sim()
        for _ in range(3):
            daemon = self.daemon(sim.port)
            daemon.child.send_signal(signal.SIGABRT)  # as a failed check does
            daemon.wait()
        safe = self.daemon(sim.port, cold=True, api_port=0)
        safe.wait_line(r"safe mode on http://127\.0\.0\.1:(\d+)")
        safe.api_port = int(safe.match.group(1))
        self.assertIn("SIGTERM", safe.get("/health").json["action"])
        wait_until(lambda: "To leave safe mode" in safe.stderr(), what="the line")
        self.assertEqual(safe.terminate(), 0)
        self.daemon(sim.port)

    # ---- files and names of others ----

    def test_a_directory_that_its_group_can_write_is_refused_with_what_to_do(self):
        os.mkdir(self.path("data"), 0o700)
        os.chmod(self.path("data"), 0o770)
        code, _, err = self.run_belay("serve", "--belay-data-dir", "data")
        self.assertEqual(code, 1)
        self.assertIn("chmod 700", err)

    def test_no_file_is_written_through_a_link(self):
        for name in ("lock", "views.db", "journal.db-wal"):
            os.makedirs(self.path("data"), 0o700, exist_ok=True)
            with open(self.path("precious"), "w", encoding="utf-8") as file:
                file.write("precious")
            os.symlink(self.path("precious"), self.path("data", name))
            code, _, err = self.run_belay("serve", "--belay-data-dir", "data")
            self.assertEqual(code, 1)
            self.assertIn(name, err)
            with open(self.path("precious"), encoding="utf-8") as file:
                self.assertEqual(file.read(), "precious")
            os.unlink(self.path("data", name))

    def test_nobody_keeps_a_daemon_from_starting_by_taking_a_name(self):
        sim = self.sim()
        names = [f"belay.127.0.0.1.{sim.port}.7", f"belay.{os.geteuid()}.127.0.0.1.{sim.port}.7"]
        sockets = []
        for name in names:
            taken = socket.socket(socket.AF_UNIX)
            taken.bind("\0" + name)  # and does not listen, as no daemon does
            sockets.append(taken)
        daemon = self.daemon(sim.port)
        self.works(sim, daemon, "a")
        for taken in sockets:
            taken.close()

    # ---- the history ----

    def archived(self, sim, settings, count=6):
        daemon = self.daemon(sim.port, settings=settings)
        for i in range(count):
            self.assertIn(daemon.place(limit="195", key=f"f{i}").status, (200, 201, 202))
        wait_until(lambda: f"belay_orders_archived_total {count}" in daemon.get("/metrics").text,
                   what="the archive")
        wait_until(lambda: all(told["commission"] is not None for told in daemon.executions()),
                   what="the commissions")
        return daemon

    DAMAGES = ("UPDATE orders SET ord_status = 'Created', status = 'PendingSubmit' WHERE id = 3",
               "UPDATE orders SET symbol = 'AAPM' WHERE id = 2",
               "UPDATE orders SET state = substr(state, 1, 10) || x'ff' || substr(state, 12)",
               "DELETE FROM orders WHERE id = 4")

    def test_a_damaged_history_is_never_believed_and_is_made_anew_while_it_runs(self):
        sim = self.sim()
        daemon = self.archived(sim, ARCHIVING)
        orders, executions = daemon.orders(), daemon.executions()
        for damage in self.DAMAGES:
            with sqlite3.connect(self.path("data/views.db"), timeout=5) as database:
                database.execute(damage)
            database.close()
            end = time.monotonic() + 10
            while time.monotonic() < end:
                answers = [daemon.get(f"/api/v1/orders/{order['order_id']}") for order in orders]
                for order, answer in zip(orders, answers):
                    if answer.status != 503:
                        self.assertEqual(answer.json, order)
                if all(answer.status == 200 for answer in answers):
                    break
            self.assertEqual(daemon.orders(), orders)
            self.assertEqual(daemon.executions(), executions)
        wait_until(lambda: "was made anew from the journal" in daemon.stderr(), what="the line")

    def test_a_list_that_lost_an_archived_order_says_so_until_it_is_made_anew(self):
        sim = self.sim()
        daemon = self.archived(sim, ARCHIVING)
        orders = daemon.orders()
        with sqlite3.connect(self.path("data/views.db"), timeout=5) as database:
            lost = database.execute("SELECT max(id) FROM orders").fetchone()[0]
            database.execute(f"DELETE FROM orders WHERE id = {lost}")
        database.close()

        def whole():
            answer = daemon.get("/api/v1/orders?limit=1000")
            self.assertEqual(answer.status, 200)
            if answer.json["complete"]:
                self.assertEqual(answer.json["orders"], orders)
            return answer.json["complete"]

        self.assertFalse(whole())
        wait_until(whole, what="the whole list")

    def test_a_history_that_was_damaged_while_it_was_stopped_is_made_anew_by_the_start(self):
        sim = self.sim()
        daemon = self.archived(sim, ARCHIVING)
        orders = daemon.orders()
        for damage in (*self.DAMAGES, "UPDATE meta SET value = value + 4611686018427387904"):
            daemon.terminate()
            database = sqlite3.connect(self.path("data/views.db"))
            with database:
                database.execute(damage)
            database.close()
            daemon = self.daemon(sim.port, settings=ARCHIVING)
            self.assertEqual(daemon.orders(), orders)
