# SPDX-License-Identifier: Apache-2.0
"""The API as any caller meets it, over a real socket."""
import json
import socket

from case import SystemTest


def read_events(port, count, headers=None, path="/api/v1/events?from=1"):
    """The first `count` facts of the stream as (id, object)."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    facts, number, named, text = [], None, False, b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
        stream.sendall("\r\n".join(lines + ["", ""]).encode())
        while len(facts) < count:
            piece = stream.recv(65536)
            if not piece:
                break
            text += piece
            *whole, text = text.split(b"\n")
            for line in whole:
                if line.startswith(b"event:"):
                    named = True
                elif line.startswith(b"id:"):
                    number = int(line[3:])
                elif line.startswith(b"data:") and not named:
                    facts.append((number, json.loads(line[5:])))
                elif not line.strip():
                    named = False
    return facts[:count]


class Api(SystemTest):
    def setUp(self):
        super().setUp()
        self.tws = self.sim()
        self.belay = self.daemon(self.tws.port)

    def fields(self, body):
        answer = self.belay.call("POST", "/api/v1/orders", body)
        self.assertIn(answer.status, (400, 422), answer)
        return answer, [error["field"] for error in answer.json["errors"]]

    def test_wrong_fields_are_named_and_nothing_is_sent(self):
        good = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 10,
                "limit_price": 90}
        for change, field in (({"action": "HOLD"}, "action"), ({"quantity": -1}, "quantity"),
                              ({"quantity": "1e30"}, "quantity"), ({"limit_price": "x"},
                                                                   "limit_price"),
                              ({"limit_prise": 1}, "limit_prise"),
                              ({"order_type": "MAGIC"}, "order_type"),
                              ({"client_order_id": ""}, "client_order_id")):
            _, fields = self.fields({**good, **change})
            self.assertTrue(any(field in each for each in fields), (change, fields))
        without = dict(good)
        del without["symbol"]
        answer, fields = self.fields(without)
        self.assertIn("symbol", " ".join(fields) + answer.text)
        self.assertEqual(self.tws.placed(), [])

    def test_what_the_broker_refuses_names_the_field_beside_its_own_words(self):
        good = {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 10,
                "limit_price": 90}
        for change, field, code in (({"symbol": "XYZQ"}, "symbol", 200),
                                    ({"limit_price": "90.123"}, "limit_price", 110),
                                    ({"account": "DU999"}, "account", None)):
            answer, fields = self.fields({**good, **change})
            self.assertEqual(fields, [field], answer)
            self.assertIn(str(list(change.values())[0]), answer.json["errors"][0]["detail"])
            self.assertEqual(answer.json.get("broker_code"), code, answer)

    def test_text_that_is_not_json_is_refused_with_the_place(self):
        for body in ("{", "[]", '{"symbol":"AAPL","symbol":"MSFT"}', "\xff", ""):
            answer = self.belay.call("POST", "/api/v1/orders", body.encode("latin-1"))
            self.assertIn(answer.status, (400, 422), (body, answer))
            self.assertIn("application/problem+json", answer.headers["content-type"])
        answer = self.belay.call("POST", "/api/v1/orders", b'{"symbol": nope}')
        self.assertEqual(answer.status, 400)
        self.assertRegex(answer.json["detail"], r"\d")

    def test_numbers_are_never_rounded(self):
        answer = self.belay.place(key="exact", limit="90.123456789")
        self.assertEqual(answer.status, 422, answer)
        body = b'{"symbol":"EUR.USD","action":"BUY","order_type":"LMT","quantity":20000,' \
               b'"limit_price":0.10000000000000000001}'
        self.assertEqual(self.belay.call("POST", "/api/v1/orders", body).status, 422)
        answer = self.belay.place(key="exact-too", limit="90.1")
        self.assertEqual(answer.json["limit_price"], "90.1")

    def test_another_host_name_is_refused(self):
        for host, status in (("evil.example", 421), ("127.0.0.1.evil.example", 421),
                             ("localhost", 200), (f"127.0.0.1:{self.belay.api_port}", 200)):
            answer = self.belay.call("GET", "/health", headers={"Host": host})
            self.assertEqual(answer.status, status, host)

    def test_requests_from_other_origins_are_refused(self):
        here = f"localhost:{self.belay.api_port}"
        for origin, status in (("https://evil.example", 403), ("null", 403),
                               ("http://localhost:1", 403), (f"http://{here}", 201)):
            answer = self.belay.call(
                "POST", "/api/v1/orders",
                {"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1,
                 "limit_price": 90}, {"Origin": origin, "Host": here})
            self.assertEqual(answer.status, status, origin)
        self.assertEqual(len(self.tws.placed()), 1)

    def test_a_form_of_a_web_page_cannot_place_an_order(self):
        body = b'{"symbol":"AAPL","action":"BUY","order_type":"MKT","quantity":1}'
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            answer = self.belay.call("POST", "/api/v1/orders", body, {"Content-Type": kind})
            self.assertEqual(answer.status, 415, kind)
        self.assertEqual(self.tws.placed(), [])

    def test_a_key_gives_the_same_order_or_a_refusal(self):
        first = self.belay.place(key="twice")
        again = self.belay.place(key="twice")
        self.assertEqual((first.status, again.status), (201, 200))
        self.assertEqual(again.headers["idempotency-replayed"], "true")
        self.assertEqual(first.json["order_id"], again.json["order_id"])
        other = self.belay.place(key="twice", quantity=11)
        self.assertEqual((other.status, other.json["code"]), (422, "KEY_REUSED"))
        self.assertEqual(len(self.tws.placed()), 1)

    def test_the_event_stream_resumes_across_a_restart_without_gap_or_repeat(self):
        self.assertEqual(self.belay.place(key="first").status, 201)
        before = read_events(self.belay.api_port, 5)
        last = before[-1][0]
        self.belay.kill()
        self.belay = self.daemon(self.tws.port)
        self.assertEqual(self.belay.place(key="second").status, 201)
        head = int(self.belay.get("/health").json["seq"])
        after = read_events(self.belay.api_port, head - last, {"Last-Event-ID": last})
        self.assertEqual([number for number, _ in before + after], list(range(1, head + 1)))
        everything = read_events(self.belay.api_port, head)
        self.assertEqual(before + after, everything)

    def test_metrics_and_health_answer_without_side_effects(self):
        seq = self.belay.get("/health").json["seq"]
        metrics = self.belay.get("/metrics")
        self.assertEqual(metrics.status, 200)
        for name in ("belay_", "tws_order_id_current", "tws_order_id_gaps_total",
                     "tws_order_id_reuse_attempts_total", "tws_active_orders_count"):
            self.assertIn(name, metrics.text)
        self.assertEqual(self.belay.get("/health").json["seq"], seq)
