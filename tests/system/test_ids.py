# SPDX-License-Identifier: Apache-2.0
"""Broker ids through the program: blocks, validation, many callers, the reset, a collision."""
import json
import threading

from case import SystemTest
from harness import call, wait_until


class Ids(SystemTest):
    def setUp(self):
        super().setUp()
        self.tws = self.sim()

    def cli(self, daemon, *arguments, status=0):
        code, out, err = self.run_belay(*arguments, env={"API_PORT": str(daemon.api_port)})
        self.assertEqual(code, status, (arguments, out, err))
        return out, err

    def placed_ids(self):
        return [int(fields["orderId"]) for fields in self.tws.placed()]

    def test_the_state_of_the_ids_survives_a_restart(self):
        daemon = self.daemon(self.tws.port)
        self.assertEqual(daemon.place(key="a", purpose="scanner").status, 201)
        out, _ = self.cli(daemon, "ids", "reserve", "3", "--purpose", "algo", "--json")
        block = json.loads(out)
        self.assertEqual(len(block["ids"]), 3)
        daemon.terminate()
        self.cli(daemon, "ids", "validate", "900000", status=1)
        daemon = self.daemon(self.tws.port)
        shown = json.loads(self.cli(daemon, "ids", "--json")[0])
        # The room below it is kept for orders that need no block.
        self.assertEqual([(b["from"], b["principal"]) for b in shown["reserved_ranges"]],
                         [("2", "belay"), (block["from"], "local")])
        counts = {row["purpose"]: row for row in shown["purposes"]}
        self.assertEqual((counts["scanner"]["acknowledged"], counts["algo"]["reserved"]), (1, 3))
        second = block["ids"][1]
        self.assertEqual(daemon.place(key="b", broker_order_id=int(second)).status, 201)
        self.assertEqual(daemon.place(key="c", broker_order_id=int(second)).status, 422)
        self.assertEqual(self.placed_ids()[-1], int(second))
        out, _ = self.cli(daemon, "ids", "validate", second, status=1)
        self.assertIn("reused", out)
        self.cli(daemon, "ids", "validate", "900000", "--timeout", "5")
        self.cli(daemon, "ids", "validate", "900000", "--purpose", "p" * 33, status=2)
        self.cli(daemon, "ids", "release", block["from"])
        self.cli(daemon, "ids", "release", block["from"], status=1)
        text = self.cli(daemon, "ids")[0]
        self.assertIn("RESERVED_UNUSED", text)
        self.cli(daemon, "ids", "reserve", "0", status=2)
        self.cli(daemon, "ids", "reserve", status=2)

    def test_sixteen_callers_at_once_get_different_ids(self):
        daemon = self.daemon(self.tws.port, settings={
            "tws-message-rate-limit": 1000, "max-orders-per-contract": 0,
            "rate-limit-queue-size": 10000, "id-block-max": 1000, "id-blocks-max": 1000,
            "id-reserve-per-hour": 1_000_000})
        reserved, errors = [], []

        def caller(number):
            try:
                for i in range(10):
                    answer = call(daemon.api_port, "POST", "/api/v1/ids/reserve",
                                  {"count": 1000, "purpose": "test"})
                    reserved.extend(answer.json["ids"])
                for i in range(10):
                    answer = daemon.place(limit="195", key=f"{number}-{i}")
                    if answer.status not in (201, 202):
                        errors.append(answer)
            except Exception as error:  # a thread's failure must fail the test
                errors.append(error)

        threads = [threading.Thread(target=caller, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(len(reserved), 160_000)
        self.assertEqual(len(set(reserved)), 160_000)
        wait_until(lambda: len(self.placed_ids()) == 160, what="all orders")
        sent = self.placed_ids()
        self.assertEqual(sent, sorted(set(sent)))
        self.assertFalse(set(map(str, sent)) & set(reserved))

    def test_a_reset_cancels_own_orders_and_never_lowers_the_mark(self):
        daemon = self.daemon(self.tws.port)
        for key in "abc":
            self.assertEqual(daemon.place(key=key).status, 201)
        mark = max(self.placed_ids())
        self.cli(daemon, "ids", "reset", "--operator", "alice", status=2)
        out, _ = self.cli(daemon, "ids", "reset", "--operator", "alice", "--reason", "test",
                          "--json")
        last = json.loads(out)["last_reset"]
        self.assertEqual((last["operator"], last["failures"]), ("alice", []))
        self.assertGreater(int(last["next_valid_id"]), mark)
        self.assertEqual({order["status"] for order in daemon.orders()}, {"Cancelled"})
        self.assertEqual(daemon.place(key="d").status, 201)
        self.assertGreater(max(self.placed_ids()), mark)

    def test_a_range_that_was_passed_comes_back_higher_up(self):
        first = self.daemon(self.tws.port)
        for key in "abcde":
            first.place(key=key)
        first.terminate()
        daemon = self.daemon(self.tws.port, settings={"id-ranges": "manual=0-3,scanner=100-199"})
        for key, purpose, number in (("s", "scanner", 100), ("m", "manual", 401),
                                     ("t", "scanner", 500)):
            self.assertEqual(daemon.place(key=key, purpose=purpose).status, 201)
            self.assertEqual(max(self.placed_ids()), number)

    def test_a_reserved_id_outlives_an_ordinary_order_and_is_used_by_name(self):
        daemon = self.daemon(self.tws.port)
        out, _ = self.cli(daemon, "ids", "reserve", "3", "--json")
        first = json.loads(out)["from"]
        self.cli(daemon, "buy", "AAPL", "1", "--limit", "90")
        out, _ = self.cli(daemon, "buy", "AAPL", "1", "--limit", "90", "--broker-order-id", first,
                          "--json")
        self.assertEqual(json.loads(out)["broker_order_id"], first)
        self.cli(daemon, "buy", "AAPL", "1", "--broker-order-id", first, status=2)

    def test_more_ids_than_a_caller_may_take_need_a_name_and_a_reason(self):
        daemon = self.daemon(self.tws.port, settings={"id-reserve-per-hour": 200})
        self.cli(daemon, "ids", "reserve", "60")  # with the room below it
        _, err = self.cli(daemon, "ids", "reserve", "150", status=1)
        self.assertIn("ID_RESERVE_PER_HOUR", err)
        self.cli(daemon, "ids", "reserve", "150", "--operator", "Ada", status=2)
        self.cli(daemon, "ids", "reserve", "150", "--reason", "a migration", status=2)
        out, _ = self.cli(daemon, "ids", "reserve", "150", "--operator", "Ada", "--reason",
                          "a migration", "--json")
        self.assertEqual(json.loads(out)["count"], 150)

    def test_wrong_ranges_are_refused(self):
        code, _, err = self.run_belay("serve", "--id-ranges", "manual=5")
        self.assertEqual(code, 2)
        self.assertIn("ID_RANGES", err)
