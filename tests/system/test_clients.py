# SPDX-License-Identifier: Apache-2.0
"""Several programs on one gateway: two daemons and another vendor's bot, each with a client id of its
own. Who sees what, who may cancel what, and what never happens: the main session dropped, another
id taken, the same id used twice."""
import json

from case import SystemTest
from harness import wait_until
from tws_client import TwsClient


class Clients(SystemTest):
    def second(self, port, client_id):
        return self.daemon(port, name=f"serve{client_id}", data_dir=f"data{client_id}",
                           settings={"client-id": client_id})

    def all_orders(self, daemon):
        rows = daemon.get("/api/v1/orders/all?status=open").json["orders"]
        return {(row["client_id"], row["broker_order_id"]): row for row in rows}

    def sessions(self, sim):
        """(client id, connection, what) of the simulated TWS, in order."""
        return [(line["client"], line["conn"], line["name"]) for line in sim.log()
                if line["dir"] == "event" and line["name"] in ("started", "closed")]

    def test_each_program_sees_all_orders_and_whose_they_are(self):
        sim = self.sim()
        bot = TwsClient(sim.port, 3)
        self.addCleanup(bot.close)
        bot_order = bot.limit("MSFT", "BUY", 5, "100", ref="bot")
        first = self.second(sim.port, 1)
        self.assertEqual(first.place(key="of-one").status, 201)
        second = self.second(sim.port, 2)
        self.assertEqual(second.place(symbol="IBM", limit="50", key="of-two").status, 201)

        rows = self.all_orders(second)
        self.assertEqual({key[0] for key in rows}, {1, 2, 3})
        self.assertEqual(rows[(3, str(bot_order))]["owner"], "client 3")
        self.assertEqual(rows[(1, "1")]["owner"], "client 1")
        self.assertEqual(rows[(2, "1")]["owner"], "ours")
        self.assertTrue(all(row["perm_id"] for row in rows.values()))
        # The same number is another order for each client; the short list is ours alone.
        self.assertEqual(len({row["order_id"] for row in rows.values()}), 3)
        self.assertEqual([row["client_id"] for row in second.orders()], [2])

    def test_an_order_of_another_client_is_refused_with_its_owner_until_that_id_is_free(self):
        sim = self.sim()
        bot = TwsClient(sim.port, 3)
        order = bot.limit("MSFT", "BUY", 5, "100", ref="bot", all_or_none=1)
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="mine").status, 201)
        path = f"/api/v1/orders/tws:3:{order}"

        plain = daemon.call("DELETE", path)
        self.assertEqual(plain.status, 409, plain)
        self.assertIn("belongs to client 3", plain.json["detail"])
        self.assertIn("foreign=true", plain.json["detail"])
        taken = daemon.call("DELETE", path + "?foreign=true")
        self.assertEqual(taken.status, 409, taken)
        self.assertIn("client 3, which is connected: only it can cancel it", taken.json["detail"])
        self.assertIn("326", taken.json["detail"])
        self.assertEqual(daemon.get(path).json["status"], "Submitted")
        self.assertEqual(bot.status(order), "Submitted")
        self.assertFalse(bot.closed)

        bot.close()
        wait_until(lambda: (3, 1, "closed") in self.sessions(sim), what="the bot's end")
        # Nobody but its client changes it.
        change = daemon.call("PUT", path, {"limit_price": "101.5"})
        self.assertEqual(change.status, 409, change)
        self.assertIn("only that client can change it", change.json["detail"])
        self.assertEqual([frame["lmtPrice"] for frame in sim.placed() if frame["symbol"] == "MSFT"],
                         [100])
        done = daemon.call("DELETE", path + "?foreign=true")
        self.assertEqual((done.status, done.json["status"]), (200, "Cancelled"), done)
        late = daemon.call("DELETE", path + "?foreign=true")
        self.assertEqual(late.status, 409, late)

        # Our own session was never dropped, no other id was taken, each was given back.
        wait_until(lambda: [s for s in self.sessions(sim) if s[0] == 3][-1][2] == "closed",
                   what="the id given back")
        sessions = self.sessions(sim)
        self.assertEqual([s for s in sessions if s[0] == 7 and s[2] == "closed"], [])
        ids = {line["fields"]["clientId"] for line in sim.log()
               if line["dir"] == "in" and line["name"] == "startApi"}
        self.assertEqual(ids, {3, 7})
        self.assertEqual(daemon.order("mine")["status"], "Submitted")
        # Recorded with the owner and what came of it.
        seq = daemon.get("/api/v1/orders").json["seq"]
        code, out, _ = self.run_belay("watch", "--json", "--from", "1", "--count", seq,
                                      env={"API_PORT": str(daemon.api_port)})
        self.assertEqual(code, 0)
        requests = [event for event in map(json.loads, out.splitlines())
                    if event["type"] == "ForeignRequest"]
        self.assertEqual({str(event["owner"]) for event in requests}, {"3"})
        self.assertEqual([(event["action"], event["outcome"].split()[0].rstrip(":"))
                          for event in requests],
                         [("cancel", "asked"), ("cancel", "refused"),
                          ("cancel", "asked"), ("cancel", "sent"), ("cancel", "answered")])

    def test_a_close_without_a_word_is_a_refusal_that_names_the_owner_too(self):
        sim = self.sim("[server]\nclose_without_326 = true\n")
        bot = TwsClient(sim.port, 3)
        self.addCleanup(bot.close)
        order = bot.limit("MSFT", "BUY", 5, "100")
        daemon = self.daemon(sim.port)
        answer = daemon.call("DELETE", f"/api/v1/orders/tws:3:{order}?foreign=true")
        self.assertEqual(answer.status, 409, answer)
        self.assertIn("belongs to client 3", answer.json["detail"])

    def test_cancel_all_needs_a_scope_lists_each_order_and_may_be_asked_twice(self):
        sim = self.sim()
        bot = TwsClient(sim.port, 3)
        self.addCleanup(bot.close)
        bot_order = bot.limit("MSFT", "BUY", 5, "100")
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="a").status, 201)
        self.assertEqual(daemon.place(symbol="IBM", limit="50", key="b").status, 201)
        path = "/api/v1/orders/cancel-all"

        bare = daemon.call("DELETE", path)
        self.assertEqual((bare.status, bare.json["code"]), (400, "SCOPE_REQUIRED"), bare)
        self.assertIn(f"DELETE {path}?scope=own", bare.json["suggestions"][0])
        wrong = daemon.call("DELETE", path + "?scope=mine")
        self.assertEqual((wrong.status, wrong.json["errors"][0]["field"]), (422, "scope"), wrong)
        dry = daemon.call("DELETE", path + "?scope=account&account=DU1234567&dry_run=true").json
        self.assertEqual([(o["owner"], o["outcome"]) for o in dry["orders"]],
                         [("client 3", "refused"), ("ours", "would_cancel"),
                          ("ours", "would_cancel")])
        self.assertEqual(daemon.order("a")["status"], "Submitted")

        self.assertEqual(daemon.call("DELETE", path + "?scope=own").status, 200)
        wait_until(lambda: daemon.order("b")["status"] == "Cancelled", what="the cancel")
        self.assertEqual(daemon.call("DELETE", path + "?scope=own").json["count"], 0)
        self.assertEqual(bot.status(bot_order), "Submitted")

        env = {"API_PORT": str(daemon.api_port)}
        code, _, err = self.run_belay("cancel", "--all", env=env)  # of our own, and none is left
        self.assertEqual(code, 0, err)
        self.assertEqual(bot.status(bot_order), "Submitted")
        code, _, err = self.run_belay("cancel", "--all", "--scope", "all", env=env)
        self.assertEqual(code, 2, err)
        self.assertIn("--yes", err)
        code, out, err = self.run_belay("cancel", "--all", "--scope", "account", "--account",
                                        "DU1234567", env=env)
        self.assertEqual(code, 1, err)
        self.assertIn("client 3", out)
        code, _, err = self.run_belay("cancel", f"tws:3:{bot_order}", env=env)
        self.assertEqual(code, 1)
        self.assertIn("belongs to client 3", err)
        code, out, err = self.run_belay("cancel", "--all", "--scope", "all", "--yes", env=env)
        self.assertEqual(code, 0, err)
        wait_until(lambda: bot.status(bot_order) == "Cancelled", what="the global cancel")
        sent = [line["name"] for line in sim.log() if line["dir"] == "in"]
        self.assertEqual(sent.count("reqGlobalCancel"), 1)

    def test_a_dry_run_of_cancel_all_lists_what_others_placed_since_the_last_list(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        bot = TwsClient(sim.port, 3)
        self.addCleanup(bot.close)
        order = bot.limit("MSFT", "BUY", 5, "100")
        path = "/api/v1/orders/cancel-all?scope=all"
        dry = daemon.call("DELETE", path + "&dry_run=true").json
        self.assertEqual([(o["owner"], o["outcome"]) for o in dry["orders"]],
                         [("client 3", "would_cancel")], dry)
        self.assertTrue(dry["fresh"] and dry["complete"], dry)
        self.assertEqual(bot.status(order), "Submitted")
        bot.limit("MSFT", "BUY", 5, "99")
        # A cancel waits for no list, and says which one it goes by.
        code, _, err = self.run_belay("cancel", "--all", "--scope", "all", "--yes",
                                      env={"API_PORT": str(daemon.api_port)})
        self.assertEqual(code, 0, err)
        self.assertRegex(err, r"placed since 20\d\d-.* the global cancel")
        wait_until(lambda: bot.status(order) == "Cancelled", what="the global cancel")

    def test_scope_account_with_foreign_cancels_in_the_owners_name_when_the_id_is_free(self):
        sim = self.sim()
        bot = TwsClient(sim.port, 3)
        order = bot.limit("MSFT", "BUY", 5, "100")
        bot.close()
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="a").status, 201)
        env = {"API_PORT": str(daemon.api_port)}
        code, out, err = self.run_belay("cancel", "--all", "--scope", "account", "--account",
                                        "DU1234567", "--foreign", env=env)
        self.assertEqual(code, 0, err)
        self.assertIn("in the name of client 3", out)
        for path in (f"tws:3:{order}", "cid:a"):
            wait_until(lambda p=path: daemon.get(f"/api/v1/orders/{p}").json["status"] ==
                       "Cancelled", what=path)

    def test_nothing_of_binding_is_sent_unless_it_was_asked_for_and_only_as_client_0(self):
        def asked(sim):
            return [line["name"] for line in sim.log() if line["dir"] == "in" and
                    line["name"] in ("reqOpenOrders", "reqAutoOpenOrders")]
        sim = self.sim()
        daemon = self.daemon(sim.port, settings={"client-id": 0})
        self.assertEqual(daemon.place(key="a").status, 201)
        self.assertEqual(asked(sim), [])
        daemon.kill()
        daemon = self.daemon(sim.port, settings={"client-id": 0, "bind-manual": "true"})
        wait_until(lambda: asked(sim) == ["reqAutoOpenOrders", "reqOpenOrders"], what="the binding")
        self.assertEqual(daemon.order("a")["status"], "Submitted")
        code, _, err = self.run_belay("serve", "--bind-manual", "--client-id", "7",
                                      "--tws-port", sim.port)
        self.assertEqual(code, 2)
        self.assertIn("BELAY_BIND_MANUAL", err)

    def test_manual_orders_are_shown_by_default_and_ours_to_end_when_binding_was_asked_for(self):
        # One is there before the daemon comes, one is made while it is connected.
        event = ('[[event]]\nafter_ms = {}\ndo = "manual"\nsymbol = "{}"\nside = "BUY"\n'
                 'quantity = 2\norder_type = "LMT"\nlimit = 50\n')
        try:
            sim = self.sim(event.format(0, "IBM") + event.format(1500, "MSFT"))
        except AssertionError as why:
            if "do" not in str(why):
                raise
            self.skipTest("this simulated TWS has no person who trades by hand")
        bot = TwsClient(sim.port, 3)  # time begins with the first connection
        self.addCleanup(bot.close)

        def manual(daemon, symbol):
            rows = daemon.get(f"/api/v1/orders/all?status=open&symbol={symbol}").json["orders"]
            return rows[0] if rows else None

        daemon = self.daemon(sim.port, settings={"client-id": 0})
        row = manual(daemon, "IBM")
        self.assertEqual((row["owner"], row["client_id"], row["broker_order_id"]),
                         ("manual", 0, None))
        self.assertTrue(row["perm_id"])
        refused = daemon.call("DELETE", f"/api/v1/orders/{row['order_id']}?foreign=true")
        self.assertEqual(refused.status, 409, refused)
        self.assertIn("BELAY_BIND_MANUAL", refused.json["detail"])
        daemon.terminate()

        daemon = self.daemon(sim.port, settings={"client-id": 0, "bind-manual": "true"})
        wait_until(lambda: manual(daemon, "IBM")["owner"] == "bound", what="the binding")
        wait_until(lambda: (manual(daemon, "MSFT") or {}).get("owner") == "bound", what="the second")
        row = manual(daemon, "IBM")
        self.assertIn("bound", row["flags"])
        path = f"/api/v1/orders/{row['order_id']}"
        changed = daemon.call("PUT", path, {"limit_price": "51"})
        self.assertEqual(changed.status, 409, changed)
        self.assertIn("it can be canceled here", changed.json["detail"])
        self.assertEqual(daemon.call("DELETE", path).status, 202)
        wait_until(lambda: daemon.get(path).json["status"] == "Cancelled", what="its end")
        self.assertEqual(manual(daemon, "MSFT")["status"], "Submitted")
