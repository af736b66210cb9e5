# SPDX-License-Identifier: Apache-2.0
"""The command line against a running daemon."""
import datetime
import json
import os
import signal
import socket
import threading
import time

from case import BINARY, SystemTest
from harness import Process, free_port, wait_until


class Client(SystemTest):
    def setUp(self):
        super().setUp()
        self.tws = self.sim('[[rule]]\nsymbol = "IBM"\ndo = "drop"\n'
                            '[[rule]]\nsymbol = "SPY"\ndo = "reject"\ntext = "no"\n')
        self.belay = self.daemon(self.tws.port, settings={"order-acknowledgment-timeout": "0.2"})

    def cli(self, *arguments, status=0):
        code, out, err = self.run_belay(*arguments, env={"API_PORT": str(self.belay.api_port)})
        self.assertEqual(code, status, (arguments, out, err))
        return out, err

    def as_json(self, *arguments, status=0):
        return json.loads(self.cli(*arguments, "--json", status=status)[0])

    def test_an_order_from_buy_to_cancel(self):
        filled = self.as_json("buy", "AAPL", "100", "--limit", "195", "--client-order-id", "one",
                              "--wait")
        self.assertEqual((filled["status"], filled["filled"]), ("Filled", "100"))
        resting = self.as_json("buy", "AAPL", "100", "--limit", "90")
        self.assertEqual(resting["status"], "Submitted")
        self.assertTrue(resting["client_order_id"].startswith("cli-"))
        number = resting["order_id"]
        changed = self.as_json("modify", number, "--limit", "91.5", "--quantity", "50")
        self.assertEqual((changed["limit_price"], changed["total_quantity"]), ("91.5", "50"))
        for flag, value in (("--outside-rth", True), ("--no-outside-rth", False)):
            self.assertEqual(self.as_json("modify", number, flag)["outside_rth"], value)
        self.assertEqual(self.as_json("order", "cid:one")["order_id"], filled["order_id"])
        opened = self.as_json("orders", "--open")["orders"]
        self.assertEqual([order["order_id"] for order in opened], [number])
        canceled = self.as_json("cancel", number, "--wait")
        self.assertEqual(canceled["status"], "Cancelled")
        _, err = self.cli("cancel", number, status=1)
        self.assertIn(f"order {number}: ", err)
        sold = self.as_json("sell", "AAPL", "40", "--type", "MKT", "--wait")
        self.assertEqual(sold["status"], "Filled")
        shares = sorted(e["shares"] for e in self.as_json("executions")["executions"])
        self.assertEqual(shares, ["100", "40"])
        of_one = self.as_json("executions", "--order", "cid:one")["executions"]
        self.assertEqual([e["shares"] for e in of_one], ["100"])
        _, err = self.cli("executions", "--order", "zz", status=2)
        self.assertIn("is cid:zz meant?", err)
        wait_until(lambda: [p["position"] for p in self.as_json("positions")["positions"]] ==
                   ["60"], what="the position")
        self.assertIn("DU1234567", self.cli("account", "--json")[0])

    def test_a_repeated_order_says_that_nothing_more_was_sent(self):
        order = ("buy", "AAPL", "1", "--limit", "90", "--client-order-id", "again")
        self.assertEqual(self.cli(*order)[1], "")
        _, err = self.cli(*order)
        self.assertIn("order 1: this request was known before: no second order was sent", err)
        _, err = self.cli("buy", "AAPL", "2", *order[3:], status=1)
        for words in ("different order", "another --client-order-id", "belay order 1"):
            self.assertIn(words, err)
        self.assertEqual(len(self.tws.placed()), 1)

    def test_a_cancel_that_waits_for_the_broker_says_so(self):
        self.cli("buy", "AAPL", "1", "--limit", "90", "--client-order-id", "far")
        self.assertEqual(self.cli("modify", "cid:far", "--limit", "89")[1], "")
        self.tws.kill()
        wait_until(lambda: not self.belay.get("/health").json["tws_connected"], what="the loss")
        out, err = self.cli("cancel", "cid:far")
        self.assertIn("PendingCancel", out)
        for words in ("nothing was sent yet", "may be filled", "belay status"):
            self.assertIn(words, err)
        # Of an earlier life nobody knows what it sent.
        self.belay.kill()
        self.belay = self.daemon(self.tws.port, wait_ready=False)
        _, err = self.cli("cancel", "cid:far")
        self.assertIn("is not known", err)

    def test_a_cancel_while_only_the_gateways_own_link_is_lost_is_not_called_unsent(self):
        tws = self.sim('[server]\noutage_orders = "delayed"\n[[event]]\nafter_ms = 7000\n'
                       'do = "outage"\nfor_ms = 60000\n', name="far")
        self.belay = self.daemon(tws.port, data_dir="far", name="far-serve")
        self.cli("buy", "AAPL", "1", "--limit", "90", "--client-order-id", "far")
        wait_until(lambda: not self.belay.get("/health").json["tws_connected"], what="the loss")
        _, err = self.cli("cancel", "cid:far")
        self.assertNotIn("nothing was sent", err)
        self.assertIn("cancelOrder", [line["name"] for line in tws.log() if line["dir"] == "in"])

    def test_a_list_of_all_orders_says_as_of_when_those_of_others_are(self):
        self.assertIn("as of 20", self.cli("orders", "--all", "--utc")[1])
        self.assertEqual(self.cli("orders")[1], "")

    def test_a_sale_while_new_risk_is_halted_says_how_it_goes_on(self):
        self.cli("buy", "AAPL", "2", "--limit", "195", "--wait")
        wait_until(lambda: self.as_json("positions")["positions"], what="the position")
        self.cli("halt", "--reason", "lunch")
        _, err = self.cli("sell", "AAPL", "2", status=1)
        self.assertRegex(err, "halted by local: lunch\n  nothing was sent: `belay resume`")

    def test_tables_for_people_name_the_order(self):
        self.cli("buy", "AAPL", "100", "--limit", "195", "--client-order-id", "seen", "--wait")
        for command in (["orders"], ["order", "cid:seen"], ["executions"], ["positions"]):
            self.assertIn("AAPL", self.cli(*command)[0], command)

    def test_the_exit_status_tells_refused_wrong_and_unknown_apart(self):
        _, err = self.cli("buy", "SPY", "1", "--limit", "1", status=1)
        self.assertIn("no", err)
        self.assertRegex(err, r"order \d+: ")
        _, err = self.cli("buy", "AAPL", "-3", "--limit", "1", status=2)
        self.assertIn("quantity", err)
        self.cli("order", "999", status=1)
        _, err = self.cli("orders", "--status", "zzz", status=2)
        self.assertIn("PreSubmitted", err)
        _, err = self.cli("ids", "reserve", "0", status=2)
        self.assertIn("count: expected 1 to 1000", err)
        self.cli("cancel", "--all", "--scope", "account", status=2)
        self.cli("buy", "AAPL", status=2)
        self.cli("buy", "AAPL", "1", "--no-such", "2", status=2)
        self.cli("frobnicate", status=2)
        self.cli("buy", "IBM", "1", "--limit", "1", "--client-order-id", "lost")
        # Who waits for the end, and does not get it in time, is not told that all is done.
        for command in (["buy", "AAPL", "1", "--limit", "90"], ["cancel", "cid:lost"]):
            out, err = self.cli(*command, "--wait", "--timeout", "1", status=3)
            self.assertRegex(out, r"order \d+ ")
            self.assertRegex(err, r"order \d+: (not done after 1 s|the outcome is unknown)")
        self.belay.kill()
        _, err = self.cli("orders", status=1)  # nobody was asked, so nothing is unknown
        for words in (f"127.0.0.1:{self.belay.api_port}", "API_PORT"):
            self.assertIn(words, err)
        self.belay = self.daemon(self.tws.port)
        _, err = self.cli("buy", "IBM", "1", "--limit", "1", "--client-order-id", "lost", status=3)
        self.assertIn("unknown", err)
        self.assertEqual(len([f for f in self.tws.placed() if f["symbol"] == "IBM"]), 1)

    def test_what_the_broker_has_not_told_is_no_empty_table_and_what_is_old_says_so(self):
        self.cli("buy", "AAPL", "100", "--limit", "195", "--wait")
        wait_until(lambda: self.as_json("positions")["positions"], what="the position")
        for command in ("positions", "account"):
            self.assertEqual(self.cli(command)[1], "")
            self.assertFalse(self.as_json(command)["stale"])
        self.tws.kill()
        wait_until(lambda: self.as_json("positions")["stale"], what="the loss")
        for command, known in (("positions", "AAPL"), ("account", "NetLiquidation")):
            out, err = self.cli(command)
            self.assertIn(known, out)
            self.assertIn("may be old", err)
        self.belay.kill()
        self.belay = self.daemon(self.tws.port, wait_ready=False)
        for command in ("positions", "account"):
            out, err = self.cli(command, status=1)
            self.assertEqual(out, "")
            self.assertIn("has not told", err)

    def test_an_order_that_is_canceled_while_the_broker_is_away_was_not_sent(self):
        self.tws.kill()
        wait_until(lambda: not self.belay.get("/health").json["tws_connected"], what="the loss")
        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
        self.cli("buy", "AAPL", "1", "--limit", "1", "--client-order-id", "early",
                 "--valid-until", later.strftime("%Y-%m-%dT%H:%M:%SZ"))
        canceled = self.as_json("cancel", "cid:early", "--wait")
        self.assertEqual((canceled["status"], canceled["outcome"], canceled["broker_order_id"]),
                         ("Cancelled", "not_sent", None))
        self.cli("buy", "AAPL", "1", "--limit", "1", "--client-order-id", "late",
                 "--valid-until", later.strftime("%Y-%m-%dT%H:%M:%SZ"))
        for command in (["orders", "--open"], ["order", "cid:late"]):
            self.assertIn("not sent yet", self.cli(*command)[0])
        out, err = self.cli("buy", "AAPL", "1", "--limit", "1", "--wait", "--timeout", "3",
                            "--valid-until", later.strftime("%Y-%m-%dT%H:%M:%SZ"), status=3)
        self.assertIn("not sent yet", out)
        for words in ("at most 3 s", "not sent after 3 s", "TWS_HOST", "belay status"):
            self.assertIn(words, err)
        self.assertNotIn("cancel sent", self.belay.stderr())
        self.assertRegex(self.belay.stderr(), r"order end: .*cid=early.* Canceled, never sent")
        self.assertEqual(self.as_json("order", "cid:early")["outcome"], "not_sent")

    def test_a_panic_command_runs_whatever_is_wrong_in_files_of_others(self):
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("DATABASE_URL=x\nTWS_PORT=abc\nKEY=\"open\n???\n")
        with open(self.path("broken.toml"), "w", encoding="utf-8") as file:
            file.write("tws_port = = 1\n")
        self.cli("buy", "AAPL", "1", "--limit", "90", "--client-order-id", "resting")
        for command in (["status"], ["orders"], ["halt"], ["resume"], ["cancel", "cid:resting"],
                        ["cancel-all"], ["cancel", "--all"]):
            _, err = self.cli(*command, "--config", "broken.toml")
            self.assertIn("DATABASE_URL", err, command)
            self.assertIn("broken.toml", err, command)
        os.remove(self.path(".env"))
        os.mkdir(self.path(".env"))
        self.cli("status")

    def test_status_says_how_it_stands_and_what_to_do(self):
        self.cli("buy", "AAPL", "10", "--limit", "195", "--wait")
        self.cli("buy", "AAPL", "1", "--limit", "90")
        stands = self.as_json("status")
        self.assertEqual((stands["open_orders"], stands["own_open_orders"], stands["positions"]),
                         (1, 1, 1))
        self.assertEqual(stands["accounts"], ["DU1234567"])
        self.assertIn("DU1234567", self.cli("status")[0])
        self.cli("halt", "--reason", "lunch")
        self.assertIn("belay resume", self.cli("status")[0])
        self.tws.kill()
        wait_until(lambda: not self.belay.get("/health").json["tws_connected"], what="the loss")
        self.assertIn("are refused", self.cli("status")[0])
        self.belay.kill()
        self.cli("status", status=1)

    def test_a_sale_of_more_than_is_held_is_asked_for_by_name(self):
        self.cli("buy", "AAPL", "2", "--limit", "195", "--wait")
        wait_until(lambda: self.as_json("positions")["positions"], what="the position")
        _, err = self.cli("sell", "AAPL", "500", status=1)
        self.assertIn("--allow-short", err)
        self.assertEqual([o["action"] for o in self.as_json("orders")["orders"]], ["BUY"])
        resting = self.as_json("sell", "AAPL", "2", "--limit", "900", "--client-order-id", "rests")
        self.cli("sell", "AAPL", "2", "--limit", "900", "--client-order-id", "rests")
        _, err = self.cli("sell", "AAPL", "1", "--limit", "900", status=1)
        self.assertIn("open orders sell 2", err)
        self.cli("cancel", resting["order_id"], "--wait")
        self.cli("sell", "AAPL", "2", "--wait")
        self.cli("sell", "AAPL", "5", "--allow-short", "--wait")
        self.tws.kill()
        wait_until(lambda: self.as_json("positions")["stale"], what="the loss")
        _, err = self.cli("sell", "AAPL", "1", status=1)
        self.assertIn("--allow-short", err)
        self.assertNotIn("1", [o["total_quantity"] for o in self.as_json("orders")["orders"]])

    def test_a_contract_number_beside_another_symbol_never_leaves(self):
        _, err = self.cli("buy", "MSFT", "1", "--con-id", "265598", status=2)
        self.assertIn("AAPL", err)
        _, err = self.cli("buy", "AAPL", "1", "--con-id", "265598", "--currency", "EUR", status=2)
        self.assertIn("contract.currency", err)
        _, err = self.cli("buy", "AAPL", "1", "--con-id", "1", status=2)
        self.assertIn("200", err)
        self.assertEqual(self.tws.placed(), [])
        self.cli("buy", "AAPL", "1", "--con-id", "265598", "--limit", "90")
        by_symbol = self.as_json("buy", "AAPL", "1", "--limit", "90")
        self.assertEqual(by_symbol["contract"]["con_id"], "265598")

    def test_times_are_those_of_the_terminal_unless_utc_is_asked_for(self):
        self.cli("buy", "AAPL", "10", "--limit", "195", "--wait")
        port = {"API_PORT": str(self.belay.api_port), "TZ": "Asia/Tokyo"}
        for command in ("orders", "executions"):
            local = self.run_belay(command, env=port)[1]
            utc = self.run_belay(command, "--utc", env=port)[1]
            self.assertIn("JST", local)
            self.assertIn("UTC", utc)

    def test_cancel_all_waits_for_the_end_of_each_order(self):
        for _ in range(2):
            self.cli("buy", "AAPL", "1", "--limit", "90")
        out, _ = self.cli("cancel-all", "--wait")
        self.assertEqual(out.count(": Cancelled"), 2, out)
        self.cli("buy", "IBM", "1", "--limit", "90")
        _, err = self.cli("cancel-all", "--wait", "--timeout", "1", status=3)
        self.assertRegex(err, r"order \d+: ")

    def test_a_daemon_that_is_frozen_gone_or_another_program_is_said_in_words(self):
        resting = self.as_json("buy", "AAPL", "1", "--limit", "90")["order_id"]
        os.kill(self.belay.pid, signal.SIGSTOP)
        _, err = self.cli("buy", "AAPL", "1", "--limit", "90", "--timeout", "3",
                          "--client-order-id", "frozen", status=3)
        for words in ("no answer yet from", "what becomes of", "at most 3 s", "cid:frozen"):
            self.assertIn(words, err)
        _, err = self.cli("orders", "--timeout", "3", status=3)
        self.assertIn("no answer yet from", err)
        self.assertIn("in 3 s", err)
        _, err = self.cli("cancel", resting, "--timeout", "1", status=3)
        self.assertIn("unknown", err)
        os.kill(self.belay.pid, signal.SIGCONT)
        waiting = Process([BINARY, "buy", "AAPL", "1", "--limit", "90", "--timeout", "6",
                           "--api-port", str(self.belay.api_port)], self.directory, "waiting")
        self.addCleanup(waiting.kill)
        wait_until(lambda: len(self.as_json("orders")["orders"]) == 3, what="the orders")
        self.belay.kill()
        self.assertEqual(waiting.child.wait(20), 3)
        self.assertIn("has not answered since", waiting.stderr())
        with socket.create_server(("127.0.0.1", 0)) as other:
            other_port = other.getsockname()[1]

            def answer():
                with other.accept()[0] as connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 2\r\n\r\nno")

            thread = threading.Thread(target=answer)
            thread.start()
            _, err = self.cli("orders", "--api-port", other_port, status=1)
            thread.join()
        self.assertIn("is no Belay", err)

    def test_a_frozen_daemon_is_waited_for_as_long_as_was_said_and_the_outcome_is_unknown(self):
        self.cli("buy", "AAPL", "1", "--limit", "90", "--client-order-id", "resting")
        os.kill(self.belay.pid, signal.SIGSTOP)
        for command in (["status"], ["positions"], ["watch"], ["order", "1"], ["halt"],
                        ["buy", "AAPL", "1", "--limit", "90"], ["cancel-all", "--wait"],
                        ["modify", "cid:resting", "--limit", "91"], ["cancel", "cid:resting"]):
            begun = time.monotonic()
            _, err = self.cli(*command, "--timeout", "1", status=3)
            self.assertLess(time.monotonic() - begun, 2.5, command)
            self.assertIn("in 1 s", err)
        # What was not sent is not unknown.
        _, err = self.cli("sell", "AAPL", "1", "--timeout", "1", status=1)
        self.assertIn("nothing was sent", err)

    def test_a_reset_of_the_ids_names_the_orders_that_it_cancels_and_their_ends(self):
        number = self.as_json("buy", "AAPL", "1", "--limit", "90")["order_id"]
        out, err = self.cli("ids", "reset", "--operator", "ann", "--reason", "test")
        self.assertIn(f"canceling 1 of our orders: {number}", err)
        self.assertRegex(out, rf"order {number} .*: Cancelled")
        _, err = self.cli("ids", "reset", "--operator", "ann", "--reason", "test")
        self.assertIn("none is canceled", err)

    def test_a_reset_whose_daemon_is_gone_is_waited_for_in_one_line(self):
        self.cli("buy", "AAPL", "1", "--limit", "90")
        os.kill(self.tws.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.tws.pid, signal.SIGCONT)
        reset = Process([BINARY, "ids", "reset", "--operator", "ann", "--reason", "test",
                         "--timeout", "5", "--api-port", str(self.belay.api_port)],
                        self.directory, "reset")
        self.addCleanup(reset.kill)
        wait_until(lambda: "canceling 1" in reset.stderr(), what="the begin")
        self.belay.kill()
        self.assertEqual(reset.wait(8), 3)
        self.assertIn("is not known", reset.stderr())
        self.assertLess(reset.stderr().count("\n"), 5, reset.stderr())

    def test_one_client_order_id_of_two_accounts_is_reached_by_its_account(self):
        self.tws = self.sim(extra=["--account", "DU1", "--account", "DU2"], name="two")
        self.belay = self.daemon(self.tws.port, name="both", data_dir="both")
        for account in ("DU1", "DU2"):
            self.cli("buy", "AAPL", "1", "--limit", "90", "--client-order-id", "same", "--account",
                     account)
        for command in (["order", "cid:same"], ["cancel", "cid:same"],
                        ["modify", "cid:same", "--limit", "91"]):
            _, err = self.cli(*command, status=1)
            for words in ("DU1", "DU2", "--account"):
                self.assertIn(words, err)
        changed = self.as_json("modify", "cid:same", "--limit", "91", "--account", "DU2")
        self.assertEqual((changed["account"], changed["limit_price"]), ("DU2", "91"))
        for command in ("orders", "executions"):
            _, err = self.cli(command, "--account", "DU9", status=2)
            self.assertIn('no account "DU9"; expected one of DU1, DU2', err)
            self.assertEqual(self.cli(command, "--account", "DU2")[1], "")
        canceled = self.as_json("cancel", "cid:same", "--account", "DU2", "--wait")
        self.assertEqual((canceled["account"], canceled["status"]), ("DU2", "Cancelled"))
        first = self.as_json("order", "cid:same", "--account", "DU1")
        self.assertEqual((first["account"], first["status"], first["limit_price"]),
                         ("DU1", "Submitted", "90"))

    def test_a_broker_that_is_frozen_is_named_to_who_waits_for_an_order(self):
        os.kill(self.tws.pid, signal.SIGSTOP)
        self.addCleanup(os.kill, self.tws.pid, signal.SIGCONT)
        _, err = self.cli("buy", "AAPL", "1", "--limit", "90", "--wait", "--timeout", "8", status=3)
        for words in ("at most 8 s", "clock", "belay status"):
            self.assertIn(words, err)

    def test_the_prefix_that_sets_ours_apart_is_read_by_the_client_as_by_the_daemon(self):
        here = {"API_PORT": "1", "BELAY_API_PORT": str(self.belay.api_port)}
        code, _, err = self.run_belay("orders", env=here)
        self.assertEqual((code, err), (0, ""))

    def test_watch_says_when_it_is_asked_for_what_has_not_happened(self):
        watch = Process([BINARY, "watch", "--from", "99999", "--api-port",
                         str(self.belay.api_port)], self.directory, "ahead")
        self.addCleanup(watch.kill)
        wait_until(lambda: "there is no event 99999 yet" in watch.stderr(), what="the words")

    def test_watch_follows_the_events(self):
        self.cli("buy", "AAPL", "100", "--limit", "90", "--client-order-id", "watched")
        out, _ = self.cli("watch", "--from", 1, "--count", 6, "--json")
        events = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([event["seq"] for event in events], [str(i) for i in range(1, 7)])
        self.assertIn("OrderAccepted", [event["type"] for event in events])

    def test_watch_goes_on_after_a_restart_of_the_daemon(self):
        port = free_port()
        self.belay.terminate()
        self.belay = self.daemon(self.tws.port, api_port=port)
        watch = Process([BINARY, "watch", "--json", "--api-port", str(port)], self.directory,
                        "watch")
        self.addCleanup(watch.kill)
        # The stream has begun when the daemon counts it.
        wait_until(lambda: "belay_http_streams 1" in self.belay.get("/metrics").text,
                   what="the stream")
        self.belay.place(key="before")
        wait_until(lambda: "before" in watch.stdout(), what="the event before")
        self.belay.kill()
        wait_until(lambda: "cannot reach the daemon" in watch.stderr(), 4, what="the loss")
        self.belay = self.daemon(self.tws.port, api_port=port)
        self.belay.place(key="later")
        wait_until(lambda: "later" in watch.stdout(), what="the event after")
        numbers = [int(json.loads(line)["seq"]) for line in watch.stdout().splitlines()]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + len(numbers))))
        self.assertEqual(watch.stderr().count("cannot reach the daemon"), 1)
        self.assertEqual(watch.stderr().count("again\n"), 1)

    def test_watch_leaves_nothing_out_that_came_while_it_had_not_seen_an_event(self):
        port = free_port()
        self.belay.terminate()
        self.belay = self.daemon(self.tws.port, api_port=port)
        self.belay.place(key="early")
        watch = Process([BINARY, "watch", "--json", "--api-port", str(port)], self.directory,
                        "watch")
        self.addCleanup(watch.kill)
        wait_until(lambda: "belay_http_streams 1" in self.belay.get("/metrics").text,
                   what="the stream")
        head = int(self.belay.get("/health").json["seq"])
        self.belay.kill()
        wait_until(lambda: "cannot reach the daemon" in watch.stderr(), 4, what="the loss")
        self.belay = self.daemon(self.tws.port, api_port=port)
        self.belay.place(key="meanwhile")
        wait_until(lambda: "meanwhile" in watch.stdout(), what="the event")
        numbers = [int(json.loads(line)["seq"]) for line in watch.stdout().splitlines()]
        self.assertEqual(numbers, list(range(head + 1, head + 1 + len(numbers))))
