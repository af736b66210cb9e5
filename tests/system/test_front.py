# SPDX-License-Identifier: Apache-2.0
"""What callers can do to the daemon by how they connect, ask and read: nobody else is kept out, no
order is made of a body that is not one, memory is bounded, and the limits are said. No test looks at
how long something takes."""
import json
import socket
import unittest

from case import SystemTest
from harness import call, free_port, wait_until


def connect(port):
    caller = socket.create_connection(("127.0.0.1", port), timeout=20)
    return caller


def read_all(caller):
    """Until the peer ends the connection."""
    out = b""
    while True:
        try:
            part = caller.recv(65536)
        except ConnectionResetError:
            return out
        if not part:
            return out
        out += part


def metric(daemon, name):
    for line in daemon.get("/metrics").text.splitlines():
        if line.startswith(name + " "):
            return int(line.split()[1])
    raise AssertionError(f"no metric {name}")


def limited(soft, hard):
    return ["bash", "-c", f"ulimit -Sn {soft}; ulimit -Hn {hard}; exec \"$@\"", "bash"]


class Front(SystemTest):
    def test_idle_connections_beyond_the_limit_keep_nobody_out(self):
        sim = self.sim()
        daemon = self.daemon(sim.port, settings={"api-connections-max": 20})
        order = daemon.place(key="a").json["order_id"]
        idle = [connect(daemon.api_port) for _ in range(60)]
        self.addCleanup(lambda: [each.close() for each in idle])
        self.assertIn(daemon.call("DELETE", f"/api/v1/orders/{order}").status, (200, 202))
        code, out, err = self.run_belay("cancel-all", "--yes", "--api-port", daemon.api_port)
        self.assertNotEqual(code, 3, (out, err))
        self.assertGreater(metric(daemon, "belay_http_evicted_total"), 30)
        self.assertEqual(metric(daemon, "belay_http_connections_max"), 20)
        daemon.wait_logged("API_CONNECTIONS_MAX")

    def test_a_low_descriptor_limit_leaves_descriptors_for_the_broker(self):
        sim = self.sim()
        port = sim.port
        daemon = self.daemon(port, prefix=limited(128, 256))
        self.assertEqual(metric(daemon, "belay_descriptor_limit"), 256)  # raised to the hard one
        self.assertEqual(metric(daemon, "belay_http_connections_max"), 192)
        idle = [connect(daemon.api_port) for _ in range(400)]
        self.addCleanup(lambda: [each.close() for each in idle])
        sim.kill()
        wait_until(lambda: daemon.get("/health").json["tws_connected"] is False, what="the loss")
        self.sim(port=port, name="sim2")
        daemon.wait_ready(30)
        self.assertEqual(daemon.place(key="after").status, 201)
        daemon.wait_logged("descriptor limit is 256")

    def test_a_body_of_an_unknown_coding_is_no_request(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        order = json.dumps({"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1,
                            "limit_price": "1", "client_order_id": "smuggled"})
        inner = (f"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                 f"\r\nContent-Length: {len(order)}\r\n\r\n{order}")
        for coding in ("gzip", "identity", "xchunked", "chunked, chunked", "gzip, chunked"):
            caller = connect(daemon.api_port)
            caller.sendall((f"POST /api/v1/halt HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                            f"application/json\r\nTransfer-Encoding: {coding}\r\n\r\n{inner}")
                           .encode())
            answer = read_all(caller)
            caller.close()
            self.assertTrue(answer.startswith(b"HTTP/1.1 400"), (coding, answer))
            self.assertEqual(answer.count(b"HTTP/1.1"), 1, coding)
        self.assertEqual(sim.placed(), [])
        self.assertEqual(daemon.get("/api/v1/orders/cid:smuggled").status, 404)

    def test_a_thousand_requests_of_one_who_reads_nothing_do_not_keep_others_waiting(self):
        sim = self.sim()
        daemon = self.daemon(sim.port, settings={"api-buffers-max": 1, "api-stall-timeout": 1})
        order = daemon.place(key="a").json["order_id"]
        request = b"GET /api/v1/orders?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
        silent = []
        for _ in range(20):
            caller = socket.socket()
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            caller.settimeout(5)
            caller.connect(("127.0.0.1", daemon.api_port))
            caller.setblocking(False)
            caller.send(request * 1000)
            silent.append(caller)
        self.addCleanup(lambda: [each.close() for each in silent])
        self.assertIn(daemon.call("DELETE", f"/api/v1/orders/{order}").status, (200, 202))
        self.assertLess(metric(daemon, "belay_http_buffered_bytes"), (1 << 20) + (1 << 19))
        wait_until(lambda: metric(daemon, "belay_http_stalled_total") >= 20, 30, what="the cut")
        wait_until(lambda: metric(daemon, "belay_http_buffered_bytes") < 10_000, what="the memory")
        # One who does read is answered all of them.
        reader = connect(daemon.api_port)
        reader.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 999 +
                       b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        self.assertEqual(read_all(reader).count(b"HTTP/1.1 200"), 1000)

    def test_who_ends_its_direction_after_the_request_is_answered_and_let_go(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        order = json.dumps({"symbol": "AAPL", "action": "BUY", "order_type": "LMT", "quantity": 1,
                            "limit_price": "1", "client_order_id": "half"})
        caller = connect(daemon.api_port)
        caller.sendall((f"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                        f"application/json\r\nContent-Length: {len(order)}\r\n\r\n{order}"
                        ).encode())
        caller.shutdown(socket.SHUT_WR)
        answer = read_all(caller)
        self.assertTrue(answer.startswith(b"HTTP/1.1 201 "), answer)
        self.assertIn(b'"client_order_id":"half"', answer)
        # Answers that are made later, and a long one.
        for path in ("/api/v1/executions", "/api/v1/orders/cid:half", "/metrics"):
            caller = connect(daemon.api_port)
            caller.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            caller.shutdown(socket.SHUT_WR)
            self.assertTrue(read_all(caller).startswith(b"HTTP/1.1 200 "), path)
        # Who asks nothing, and who reads an endless answer.
        for asked in (b"", b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"):
            caller = connect(daemon.api_port)
            caller.sendall(asked)
            caller.shutdown(socket.SHUT_WR)
            read_all(caller)
        wait_until(lambda: metric(daemon, "belay_http_connections") <= 1, what="no caller is left")

    def test_pages_of_other_sites_are_refused(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 200),
                             ("none", 200)):
            answer = daemon.call("GET", "/api/v1/orders", None, {"Sec-Fetch-Site": site})
            self.assertEqual(answer.status, status, site)

    def test_every_answer_has_the_common_headers_also_in_safe_mode(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        safe_port = free_port()
        safe = self.daemon(sim.port, name="safe", data_dir="safe", api_port=safe_port, cold=True,
                           settings={"safe": "true", "client-id": 8})
        wait_until(lambda: "safe mode on" in safe.stdout(), what="safe mode")
        for port in (daemon.api_port, safe_port):
            answers = [call(port, "GET", path) for path in
                       ("/health", "/ready", "/api/v1/orders", "/nothing", "/api/v1/orders/x")]
            answers.append(call(port, "DELETE", "/api/v1/orders/cancel-all"))
            answers.append(call(port, "GET", "/health", None, {"Host": "evil.example"}))
            for answer in answers:
                self.assertTrue(answer.headers.get("x-correlation-id"), answer)
                self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
                self.assertEqual(answer.headers["cache-control"], "no-store")
            for raw in (b"garbage\r\n\r\n", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999"
                        b"\r\n\r\n", b"GET / HTTP/1.1\r\nX: " + b"x" * 20000):
                caller = connect(port)
                caller.sendall(raw)
                head = read_all(caller).lower()
                self.assertIn(b"x-correlation-id: ", head)
                self.assertIn(b"nosniff", head)
                self.assertIn(b"no-store", head)

    def test_a_name_that_is_not_on_the_loopback_is_never_bound(self):
        name = socket.gethostname()
        try:
            address = socket.gethostbyname(name)
        except OSError:
            self.skipTest("the name of this machine does not resolve")
        if address.startswith("127."):
            self.skipTest("the name of this machine is on the loopback")
        code, _, err = self.run_belay("serve", "--api-host", name, "--api-port", 0)
        self.assertNotEqual(code, 0)
        self.assertIn("API_HOST", err)
        self.assertIn(address, err)


if __name__ == "__main__":
    unittest.main()
