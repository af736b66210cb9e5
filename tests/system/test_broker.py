# SPDX-License-Identifier: Apache-2.0
"""The broker comes late, goes and comes back."""
import socket

from case import SystemTest
from harness import free_port, wait_until


class Broker(SystemTest):
    def test_while_tws_is_away_nothing_is_taken_and_then_it_connects(self):
        port = free_port()
        daemon = self.daemon(port, wait_ready=False)
        ready = daemon.get("/ready")
        self.assertEqual((ready.status, ready.json["code"]), (503, "NOT_READY"))
        answer = daemon.place(key="early")
        self.assertEqual(answer.status, 503, answer)
        self.assertEqual(daemon.get("/health").status, 200)
        self.assertFalse(daemon.get("/health").json["tws_connected"])
        sim = self.sim(port=port)
        daemon.wait_ready()
        self.assertEqual(sim.placed(), [])
        self.assertEqual(daemon.place(key="early").status, 201)  # a 503 does not use up the key
        self.assertEqual(len(sim.placed()), 1)

    def test_an_order_with_time_to_wait_is_taken_and_sent_when_tws_comes(self):
        port = free_port()
        daemon = self.daemon(port, wait_ready=False)
        answer = daemon.place(key="patient", account="DU1234567",
                              valid_until="2099-01-01T00:00:00Z")
        self.assertEqual(answer.status, 202, answer)
        sim = self.sim(port=port)
        wait_until(lambda: daemon.order("patient")["status"] == "Submitted", what="the order")
        self.assertEqual(len(sim.placed()), 1)

    def test_a_restart_of_tws_is_survived_and_ids_go_on(self):
        sim = self.sim('[[event]]\nafter_ms = 400\ndo = "restart"\n')
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="one").status, 201)
        wait_until(lambda: "down" in daemon.stderr(), what="the loss")
        daemon.wait_ready()
        self.assertEqual(daemon.order("one")["status"], "Submitted")
        self.assertEqual(daemon.place(key="two").status, 201)
        self.assertEqual([frame["orderId"] for frame in sim.placed()], [1, 2])

    def test_a_broker_that_has_forgotten_everything_gets_no_id_twice(self):
        port = free_port()
        sim = self.sim(port=port)
        daemon = self.daemon(port, settings={"order-acknowledgment-timeout": "0.2",
                                             "settle-time": "0.2", "recency-guard": "0.2"})
        self.assertEqual(daemon.place(key="one").status, 201)
        sim.kill()
        wait_until(lambda: daemon.get("/ready").status == 503, what="the loss")
        self.assertEqual(daemon.place(key="two").status, 503)
        sim = self.sim(port=port, name="sim2")  # begins with id 1 again
        daemon.wait_ready()
        # What one list lacks is a question; what settled lists lack is unknown.
        wait_until(lambda: daemon.order("one")["outcome"] == "unknown", what="the doubt")
        self.assertIn(daemon.place(key="two").status, (201, 202))
        self.assertEqual([frame["orderId"] for frame in sim.placed()], [2])

    def test_a_client_id_that_another_program_holds_is_shown(self):
        sim = self.sim()
        holder = socket.create_connection(("127.0.0.1", sim.port))
        self.addCleanup(holder.close)
        greeting = b"v176..200"
        holder.sendall(b"API\0" + len(greeting).to_bytes(4, "big") + greeting)
        self.assertTrue(holder.recv(1000))
        start = b"71\x002\x007\x00\x00"
        holder.sendall(len(start).to_bytes(4, "big") + start)
        self.assertTrue(holder.recv(1000))
        daemon = self.daemon(sim.port, wait_ready=False)
        wait_until(lambda: "326" in daemon.stderr(), what="error 326 in the log")
        ready = wait_until(lambda: next((r for r in [daemon.get("/ready")] if "in use" in r.text or
                                         "326" in r.text), None), what="error 326 in /ready")
        self.assertEqual(ready.status, 503)
        holder.close()
        daemon.wait_ready()

    def test_a_lost_connection_in_the_middle_of_a_placement_does_not_lose_or_double_it(self):
        sim = self.sim('[[rule]]\nsymbol = "IBM"\ntimes = 1\ndisconnect = "before_ack"\n')
        daemon = self.daemon(sim.port)
        answer = daemon.place(symbol="IBM", limit="50", key="cut")
        self.assertIn(answer.status, (201, 202), answer)
        wait_until(lambda: daemon.order("cut")["status"] == "Submitted", what="the order")
        self.assertEqual(len(sim.placed()), 1)

    def test_a_broker_that_says_nothing_leaves_the_order_pending_and_then_unknown(self):
        sim = self.sim('[[rule]]\nsymbol = "IBM"\ndo = "drop"\n')
        daemon = self.daemon(sim.port, settings={"order-acknowledgment-timeout": "0.2"})
        answer = daemon.place(symbol="IBM", limit="50", key="gone")
        self.assertEqual((answer.status, answer.json["outcome"]), (202, "pending"))
        daemon.kill()
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.order("gone")["outcome"], "unknown")
        again = daemon.place(symbol="IBM", limit="50", key="gone")
        self.assertEqual((again.status, again.json["outcome"]), (200, "unknown"))
        self.assertEqual(len(sim.placed()), 1)

    def test_something_that_is_no_tws_is_shown(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            other.settimeout(10)
            daemon = self.daemon(other.getsockname()[1], wait_ready=False)
            connection, _ = other.accept()
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            wait_until(lambda: "not a TWS" in daemon.stderr(), what="a word about it")
            connection.close()
            self.assertEqual(daemon.get("/ready").status, 503)

    def test_two_accounts_an_event_takes_the_first_and_one_that_does_nothing_is_told(self):
        sim = self.sim('[[event]]\ndo = "manual"\nsymbol = "AAPL"\nside = "BUY"\nquantity = 1\n'
                       'limit = "90"\n[[event]]\ndo = "person_cancel"\norder_ref = "nobody"\n',
                       extra=["--account", "DU1", "--account", "DU2"])
        daemon = self.daemon(sim.port)
        wait_until(lambda: [order["account"] for order in
                            daemon.get("/api/v1/orders/all").json["orders"]] == ["DU1"],
                   what="the order by hand")
        wait_until(lambda: "person_cancel at 0 ms" in sim.stderr(), what="the idle event")
        # Which account is meant has to be said, and the refusal lists them.
        code, _, err = self.run_belay("buy", "AAPL", "1", "--limit", "90", "--api-port",
                                      daemon.api_port)
        self.assertEqual(code, 2, err)
        self.assertIn("account: expected one of DU1, DU2", err)
