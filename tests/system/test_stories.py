# SPDX-License-Identifier: Apache-2.0
"""Failures of other programs that were reported in public in 2026, told again from the gateway's side.
Each test is named by what its user sees here. The numbers name the reports."""
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

from case import SystemTest
from harness import wait_until

# Short waits, so that absence is decided within a test.
QUICK = {"order-acknowledgment-timeout": "0.5", "settle-time": "0.2", "recency-guard": "0.2",
         "absence-age": "0.5"}


def quick():
    """With the end of the broker's day far from the time of the test: absence can prove something."""
    end = datetime.now(timezone.utc) + timedelta(hours=12)
    return {**QUICK, "trading-day-ends": f"{end:%H:%M} UTC"}


class Stories(SystemTest):
    def burst(self, daemon, symbol, keys, limit):
        """All at once, as a rebalancing does."""
        with ThreadPoolExecutor(len(keys)) as pool:
            return list(pool.map(
                lambda key: daemon.place(symbol=symbol, limit=limit, key=key), keys))

    def incidents(self, daemon):
        return {one["kind"] for one in daemon.get("/api/v1/incidents").json["incidents"]}

    def cancel(self, daemon, key):
        """To its end."""
        gone = daemon.call("DELETE", f"/api/v1/orders/cid:{key}", headers={"Prefer": "wait=10"})
        self.assertEqual((gone.status, gone.json["status"]), (200, "Cancelled"), gone)

    def asked(self, sim, name):
        return sum(line["dir"] == "in" and line["name"] == name for line in sim.log())

    def said(self, sim, what):
        """The server's own events of this name."""
        return [line for line in sim.log() if line["dir"] == "event" and line["name"] == what]

    # Lean.Brokerages.InteractiveBrokers#242
    def test_ids_that_a_restarted_gateway_gives_again_never_name_two_orders(self):
        sim = self.sim('[[rule]]\nsymbol = "IBM"\nack_delay_ms = 60000\n'
                       '[[event]]\nafter_ms = 2000\ndo = "restart"\nlose = "unacknowledged"\n')
        daemon = self.daemon(sim.port, settings={**quick(), "order-acknowledgment-timeout": "15"})
        lost = [f"lost{n}" for n in range(4)]
        # In the middle of a session: the lists of its beginning are behind it.
        wait_until(lambda: self.asked(sim, "reqCompletedOrders") >= 2, what="the lists")
        answers = self.burst(daemon, "IBM", lost, "50")
        # The callers wait until the lists have proved that nothing came.
        self.assertEqual({(a.status, a.json["outcome"]) for a in answers}, {(422, "not_accepted")})
        daemon.wait_ready()
        told = [line["fields"]["orderId"] for line in sim.log()
                if line["dir"] == "out" and line["name"] == "nextValidId"]
        self.assertEqual(told[-1], 1, "the gateway begins with the first id again")
        new = [f"new{n}" for n in range(3)]
        self.assertEqual([a.status for a in self.burst(daemon, "AAPL", new, "90")], [201] * 3)
        placed = sim.placed()
        self.assertEqual(sorted(frame["orderId"] for frame in placed), [1, 2, 3, 4, 5, 6, 7])
        self.assertEqual({frame["symbol"] for frame in placed if frame["orderId"] <= 4}, {"IBM"})
        # What the gateway says about the new ones moves none of the lost.
        for key in new:
            self.assertEqual(daemon.order(key)["status"], "Submitted")
            self.cancel(daemon, key)
        self.assertEqual({daemon.order(key)["outcome"] for key in lost}, {"not_accepted"})
        self.assertEqual(len(sim.placed()), 7)

    # nautilus_trader#4564
    def test_a_modification_that_became_two_orders_is_told_and_one_cancel_ends_both(self):
        sim = self.sim('[server]\ntwin_on_outage_modify = true\noutage_orders = "delayed"\n'
                       '[[event]]\nafter_ms = 2500\ndo = "stall"\nclient_id = 7\nfor_ms = 1500\n'
                       '[[event]]\nafter_ms = 3500\ndo = "outage"\nfor_ms = 1500\n')
        daemon = self.daemon(sim.port, settings=quick())
        self.assertEqual(daemon.place(key="one", quantity=10, limit="90").status, 201)
        wait_until(lambda: self.said(sim, "stalled"), what="the stall")
        changed = daemon.call("PUT", "/api/v1/orders/cid:one", {"limit_price": "91"})
        self.assertEqual(changed.status, 202, changed)
        wait_until(lambda: "second_copy" in self.incidents(daemon), what="the second copy")
        # One order for its caller, with both of the broker's numbers.
        self.assertEqual(len(daemon.orders()), 1)
        order = wait_until(lambda: next((o for o in [daemon.order("one")]
                                         if len(o["perm_ids"]) == 2), None), what="both")
        self.assertEqual(order["status"], "Submitted")
        self.cancel(daemon, "one")
        ended = {line["fields"]["permId"] for line in sim.log()
                 if line["dir"] == "out" and line["name"] == "orderStatus" and
                 line["fields"]["status"] == "Cancelled"}
        self.assertEqual(len(ended), 2)
        self.assertEqual(len([f for f in sim.placed() if f["orderId"] != 1]), 0)

    # Lean.Brokerages.InteractiveBrokers#249
    def test_a_fill_that_happened_while_the_gateway_had_no_server_is_there_afterwards(self):
        sim = self.sim('[[event]]\nafter_ms = 2500\ndo = "outage"\nfor_ms = 1500\n'
                       '[[event]]\nafter_ms = 3000\ndo = "fill"\nclient_id = 7\norder_id = 1\n'
                       'quantity = 10\nfill_price = "89.5"\n')
        daemon = self.daemon(sim.port, settings=quick())
        self.assertEqual(daemon.place(key="one", quantity=10, limit="90").status, 201)
        wait_until(lambda: not daemon.get("/health").json["tws_connected"], what="the outage")
        self.assertEqual(daemon.get("/ready").status, 503)
        self.assertEqual(daemon.place(key="two").status, 503)  # what is sent now may be lost
        order = wait_until(lambda: next((o for o in [daemon.order("one")]
                                         if o["status"] == "Filled"), None), what="the fill")
        self.assertEqual((order["filled"], order["avg_fill_price"]), ("10", "89.5"))
        fills = daemon.executions()
        self.assertEqual([(fill["shares"], fill["inferred"]) for fill in fills], [("10", False)])
        held = wait_until(lambda: daemon.get("/api/v1/positions").json["positions"],
                          what="the position")
        self.assertEqual([row["position"] for row in held], ["10"])

    # Lean.Brokerages.InteractiveBrokers#252
    def test_orders_behind_a_window_that_nobody_confirms_are_named_and_never_sent_again(self):
        rules = "".join(f'[[rule]]\nsymbol = "AAPL"\nnth = {n}\n{what}\n'
                        for n, what in ((2, 'do = "drop"'), (5, 'do = "drop"'), (8, 'ack = "none"')))
        sim = self.sim(rules)
        daemon = self.daemon(sim.port, settings=quick())
        keys = [f"k{n}" for n in range(10)]
        answers = self.burst(daemon, "AAPL", keys, "90")
        self.assertEqual({a.status for a in answers}, {201, 202})
        silent = {key for key, answer in zip(keys, answers) if answer.status == 202}
        # The one that works in silence is found by the lists; of the others they know nothing.
        wait_until(lambda: sum(daemon.order(key)["status"] == "Submitted" for key in keys) == 8,
                   what="the order that works")
        wait_until(lambda: [daemon.order(key)["outcome"] for key in keys].count("not_accepted") == 2,
                   what="the proof that the others never came")
        for key in silent:
            again = daemon.place(limit="90", key=key)
            self.assertEqual((again.status, again.headers["idempotency-replayed"]), (200, "true"))
        self.assertEqual(len(sim.placed()), 10)

    # nautilus_trader#5057; its bracket children belong to operations
    def test_orders_that_worked_before_a_restart_can_be_changed_and_canceled_after_it(self):
        sim = self.sim('[[rule]]\nsymbol = "IBM"\nfirst = "pre_submitted"\n')
        daemon = self.daemon(sim.port, settings=quick())
        self.assertEqual(daemon.place(key="plain").status, 201)
        self.assertEqual(daemon.place(symbol="IBM", limit="225", key="waiting").status, 201)
        stop = daemon.call("POST", "/api/v1/orders", {
            "symbol": "MSFT", "action": "BUY", "order_type": "STP", "quantity": 5,
            "aux_price": "500", "client_order_id": "stop"})
        self.assertEqual(stop.status, 201, stop)
        daemon.kill()
        daemon = self.daemon(sim.port, settings=quick())
        words = {"plain": "Submitted", "waiting": "PreSubmitted", "stop": "PreSubmitted"}
        for key, word in words.items():
            self.assertEqual(daemon.order(key)["status"], word)
        for key, terms in (("plain", {"limit_price": "91"}), ("waiting", {"limit_price": "224"}),
                           ("stop", {"aux_price": "510"})):
            self.assertEqual(daemon.call("PUT", f"/api/v1/orders/cid:{key}", terms).status, 200)
        for key in words:
            self.cancel(daemon, key)
        self.assertEqual(len(daemon.orders()), 3)
        self.assertEqual(self.incidents(daemon), set())
