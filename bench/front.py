# SPDX-License-Identifier: Apache-2.0
"""How long a cancel takes while callers misuse the interface, beside cancels alone in the same run,
and how much memory that costs: front.py BELAY_BINARY [--cancels N] [--json FILE]

At once: 64 readers that poll a list of 1,000 orders, a caller that sends 1,000 requests in one packet
again and again, 2,000 idle connections, and 100 callers that ask for lists and never read (they come
back when they are cut). Latency is from the DELETE to its answer, which is after the commit and after
the cancel's frame was handed over. The load comes from a process of its own; on two cores it takes
one, and the daemon the other."""
import argparse
import json
import multiprocessing
import os
import resource
import selectors
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "system"))
from harness import Daemon, Sim, wait_until  # noqa: E402

READERS, PIPELINED, IDLE, SILENT, ROWS = 64, 1000, 2000, 100, 1000
LIST = b"GET /api/v1/orders?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n"
SHORT = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def connect(port):
    caller = socket.create_connection(("127.0.0.1", port), timeout=10)
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return caller


class Reader:
    """Asks for the list, takes the whole answer, asks again."""

    def __init__(self, port, request=LIST, at_once=1):
        self.request, self.at_once = request * at_once, at_once
        self.caller = connect(port)
        self.caller.setblocking(False)
        self.tail, self.left, self.wanted = b"", 0, 0
        self.done = 0
        self.ask()

    def ask(self):
        self.wanted = self.at_once
        self.caller.send(self.request)

    def take(self, buffer):
        size = self.caller.recv_into(buffer)
        if size == 0:
            raise ConnectionError
        at = min(self.left, size)
        self.left -= at
        while at < size:
            self.tail += bytes(buffer[at:size])
            at = size
            end = self.tail.find(b"\r\n\r\n")
            if end < 0:
                break
            length = int(self.tail[:end].lower().split(b"content-length:")[1].split(b"\r\n")[0])
            rest = self.tail[end + 4:]
            self.tail, self.left = b"", max(0, length - len(rest))
            at = size - max(0, len(rest) - length)
            self.wanted -= 1
            self.done += 1
        if self.left == 0 and not self.tail and self.wanted <= 0:
            self.ask()


def load(port, stop, ready, result):
    idle = [connect(port) for _ in range(IDLE)]
    silent = []
    selector = selectors.DefaultSelector()
    buffer = bytearray(1 << 20)
    view = memoryview(buffer)

    def add(caller):
        selector.register(caller.caller, selectors.EVENT_READ, caller)
        return caller

    readers = [add(Reader(port)) for _ in range(READERS)]
    pipeline = add(Reader(port, SHORT, PIPELINED))
    cut, look = 0, 0.0
    ready.set()
    while not stop.is_set():
        for key, _ in selector.select(0.05):
            try:
                key.data.take(view)
            except (ConnectionError, OSError):
                selector.unregister(key.fileobj)
                key.data.caller.close()
        if time.monotonic() > look:
            look = time.monotonic() + 1
            for caller in list(silent):
                # One that was cut shows an end or a reset behind what it never read.
                try:
                    caller.send(b"")
                    gone = caller.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
                    gone = gone or tcp_state(caller) != 1
                except OSError:
                    gone = True
                if gone:
                    cut += 1
                    caller.close()
                    silent.remove(caller)
            while len(silent) < SILENT:
                caller = connect(port)
                caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                caller.send(LIST * 10)
                silent.append(caller)
    result.put({"lists": sum(each.done for each in readers), "pipelined": pipeline.done,
                "silent_cut": cut, "idle_alive": sum(tcp_state(each) == 1 for each in idle)})


def tcp_state(caller):
    return caller.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]


class Memory(threading.Thread):
    def __init__(self, pid):
        super().__init__(daemon=True)
        self.path, self.most, self.ended = f"/proc/{pid}/status", 0, False

    def now(self):
        with open(self.path, encoding="ascii") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def run(self):
        while not self.ended:
            self.most = max(self.most, self.now())
            time.sleep(0.05)


def cancels(port, ids):
    """Milliseconds of each, on a connection that is kept, twenty a second."""
    caller = connect(port)
    took = []
    for order in ids:
        begin = time.perf_counter()
        caller.sendall(f"DELETE /api/v1/orders/{order} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += caller.recv(65536)
        took.append((time.perf_counter() - begin) * 1000)
        head, body = answer.split(b"\r\n\r\n", 1)
        assert head.startswith((b"HTTP/1.1 202", b"HTTP/1.1 200")), answer[:300]
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += caller.recv(65536)
        time.sleep(0.05)
    caller.close()
    return took


def figures(took):
    ranked = sorted(took)
    at = lambda share: ranked[min(len(ranked) - 1, int(len(ranked) * share))]  # noqa: E731
    return {"count": len(ranked), "p50": round(at(0.5), 2), "p99": round(at(0.99), 2),
            "max": round(ranked[-1], 2)}


def fill(daemon, count):
    body = {"action": "BUY", "order_type": "LMT", "quantity": 1, "limit_price": "1",
            "symbol": "AAPL"}
    for number in range(count):
        body["limit_price"] = str(1 + number % 50)
        answer = daemon.call("POST", "/api/v1/orders", body, {"Prefer": "respond-async"})
        assert answer.status == 202, answer
    page = "/api/v1/orders?status=Submitted,PreSubmitted&limit=1000"
    return wait_until(lambda: working(daemon, page, count), 120, what="the orders")


def working(daemon, page, count):
    ids, token = [], ""
    while True:
        answer = daemon.get(page + token).json
        ids += [row["order_id"] for row in answer["orders"]]
        if not answer["next"]:
            return ids if len(ids) >= count else None
        token = f"&page_token={answer['next']}"


def metrics(daemon):
    wanted = ("belay_http_evicted_total", "belay_http_stalled_total", "belay_http_buffered_bytes",
              "belay_http_connections", "belay_http_connections_max")
    lines = daemon.get("/metrics").text.splitlines()
    return {name: int(line.split()[1]) for name in wanted for line in lines
            if line.startswith(name + " ")}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--cancels", type=int, default=300)
    parser.add_argument("--json", default="")
    arguments = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with tempfile.TemporaryDirectory(prefix="belay-front-") as directory:
        binary = os.path.abspath(arguments.binary)
        sim = Sim(binary, directory, "[server]\nopen_orders_max = 1000000\n")
        daemon = Daemon(binary, directory, sim.port, settings={
            "tws-message-rate-limit": 1000, "max-orders-per-contract": 0,
            "rate-limit-queue-size": 100000, "rate-limit-queue-size-per-caller": 0,
            "rate-limit-timeout": 600})
        memory = Memory(daemon.pid)
        ids = fill(daemon, ROWS + 2 * arguments.cancels)
        result = {"rss_kib_before": memory.now()}
        result["alone"] = figures(cancels(daemon.api_port, ids[:arguments.cancels]))
        stop, ready, queue = (multiprocessing.Event(), multiprocessing.Event(),
                              multiprocessing.Queue())
        process = multiprocessing.Process(target=load, daemon=True,
                                          args=(daemon.api_port, stop, ready, queue))
        memory.start()
        process.start()
        assert ready.wait(60)
        time.sleep(3)
        result["under_load"] = figures(
            cancels(daemon.api_port, ids[arguments.cancels:2 * arguments.cancels]))
        result["metrics_under_load"] = metrics(daemon)
        stop.set()
        result["load"] = queue.get(timeout=30)
        process.join(10)
        memory.ended = True
        result["rss_kib_most"] = memory.most
        time.sleep(5)
        result["rss_kib_after"] = memory.now()
        result["metrics_after"] = metrics(daemon)
        daemon.terminate()
        sim.terminate()
    for name, value in result.items():
        print(f"{name}: {value}")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)


if __name__ == "__main__":
    main()
