# SPDX-License-Identifier: Apache-2.0
"""The driver: a simulated TWS, a daemon that is killed COUNT times with SIGKILL and started again at
once, and clients that never stop asking. It leaves the evidence in DIRECTORY and judges nothing.
  torture.py BELAY_BINARY COUNT SEED DIRECTORY"""
import json
import os
import random
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
from harness import Daemon, Process, Sim, collect, free_port, wait_until  # noqa: E402

# Slow and odd answers, so that kills meet orders in every state.
SCENARIO = """
[server]
open_orders_max = 1000000
duplicate_status = true
ack_delay_min_ms = 0
ack_delay_max_ms = 20
fill_delay_min_ms = 0
fill_delay_max_ms = 30
[[rule]]
symbol = "TSLA"
do = "fill"
parts = [{quantity = 10}, {quantity = 10, after_ms = 15}, {quantity = 10, after_ms = 30}]
[[rule]]
symbol = "IBM"
nth = 5
disconnect = "before_ack"
[[rule]]
symbol = "IBM"
nth = 11
disconnect = "after_ack"
[[rule]]
symbol = "SPY"
nth = 4
do = "reject"
"""
CLIENTS = 3


def record_sizes(paths):
    return sum(os.path.getsize(path) for path in paths if os.path.exists(path))


class Torture:
    def __init__(self, binary, count, seed, directory, scenario=SCENARIO):
        self.binary, self.count, self.directory = binary, count, directory
        self.random = random.Random(seed)
        self.seed = seed
        self.sim = Sim(binary, directory, scenario, seed=seed % 1000 + 1)
        self.port = free_port()
        self.records = [os.path.join(directory, f"client_{i}.jsonl") for i in range(CLIENTS)]
        self.stop_file = os.path.join(directory, "stop")
        self.moments = {"starting": 0, "syncing": 0, "working": 0}

    def start(self, cold=False):
        return Daemon(self.binary, self.directory, self.sim.port, self.port, wait_ready=False,
                      cold=cold, settings={"max-orders-per-contract": 0,
                                           "tws-message-rate-limit": 1000,
                                           "order-acknowledgment-timeout": "0.5",
                                           "settle-time": "0.3", "recency-guard": "0.3",
                                           "absence-age": "1",
                                           # Orders leave memory,
                                           # come back and are summed up all the time.
                                           "snapshot-every": 60,
                                           "finished-kept-max": 3, "finished-kept": "0.5"})

    def kill_once(self):
        """Starts nothing: kills the daemon at a random moment and starts the next one."""
        kind = self.random.random()
        if kind < 0.15:
            # Between exec and the ready line: replay, locks, the first writes of this life.
            self.daemon.kill()
            self.daemon = self.start(cold=True)
            time.sleep(self.random.random() * 0.03)
            self.moments["starting"] += 1
        elif kind < 0.4:
            # Just ready to be asked: connecting and reading the broker's lists.
            self.daemon.kill()
            self.daemon = self.start()
            time.sleep(self.random.random() * 0.01)
            self.moments["syncing"] += 1
        else:
            size = record_sizes(self.records) + self.random.randrange(1000, 10000)
            wait_until(lambda: record_sizes(self.records) > size or
                       self.daemon.child.poll() is not None, 15, 0.001, "activity of the clients")
            time.sleep(self.random.random() * 0.06)
            self.moments["working"] += 1
        ended = self.daemon.child.poll()
        if ended is not None:
            raise AssertionError(f"the daemon ended by itself with {ended}: "
                                 f"{self.daemon.stderr()[-2000:]}")
        self.daemon.kill()
        self.daemon = self.start()

    def settle(self):
        """Ready, nothing waits for the broker any more, and nothing new comes. What is unknown is
        given the time of a few rounds of questions; the checker judges what is left."""
        self.daemon.wait_ready()
        seen = [None, 0.0]
        patience = time.monotonic() + 10

        def quiet():
            orders = collect(self.port, "/api/v1/orders", "orders")
            waiting = [order for order in orders if order["outcome"] == "pending" or
                       set(order["flags"]) & {"pending_cancel", "pending_replace"} and
                       "unknown" not in order["flags"]]
            seq = self.daemon.get("/health").json["seq"]
            now = time.monotonic()
            if seq != seen[0]:
                seen[0], seen[1] = seq, now
            if now < patience and any("unknown" in order["flags"] for order in orders):
                return False
            return not waiting and now - seen[1] > 0.25

        wait_until(quiet, 20, 0.05, "a settled daemon")

    def enough_to_judge(self):
        """The checker's self-test plants its faults in a short run: some of everything is there."""
        text = ""
        for path in self.records:
            with open(path, encoding="utf-8") as file:
                text += file.read()
        return all(len(re.findall(rf'"what": "{what}", "key": "[^"]+", "status": {status}', text))
                   >= count for what, status, count in
                   (("place", 201, 25), ("modify", 200, 4), ("cancel", 202, 4)))

    def save(self, name, items):
        with open(os.path.join(self.directory, name), "w", encoding="utf-8") as file:
            json.dump(items, file, indent=1)

    def run(self):
        self.daemon = self.start()
        self.daemon.wait_ready()
        clients = [Process([sys.executable, os.path.join(HERE, "client.py"), str(self.port),
                            f"c{i}", str(self.seed * 10 + i), self.records[i], self.stop_file],
                           self.directory, f"client{i}") for i in range(CLIENTS)]
        try:
            self.follow(clients)
        finally:
            for client in clients:
                client.kill()
            self.daemon.kill()
            self.sim.kill()

    def follow(self, clients):
        kills = 0
        began = time.monotonic()
        for kills in range(1, self.count + 1):
            self.kill_once()
        self.daemon.wait_ready()
        size = record_sizes(self.records) + 5000
        wait_until(lambda: record_sizes(self.records) > size and self.enough_to_judge(), 20, 0.02,
                   "activity at the end")
        open(self.stop_file, "w").close()
        for client in clients:
            try:
                code = client.wait(20)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{client.name} got no answer: {client.stderr()}") from None
            if code != 0:
                raise AssertionError(f"{client.name} failed: {client.stderr()}")
        self.settle()
        self.daemon.kill()
        self.daemon = self.start()
        self.settle()
        self.save("orders.json", collect(self.port, "/api/v1/orders", "orders"))
        self.save("executions.json", collect(self.port, "/api/v1/executions", "executions"))
        code = self.daemon.terminate()
        if code != 0:
            raise AssertionError(f"SIGTERM ended with {code}: {self.daemon.stderr()[-500:]}")
        orders = len(self.sim.placed())
        print(f"   {kills + 1} kills in {time.monotonic() - began:.1f} s ({self.moments}), "
              f"{orders} order frames at the broker")


if __name__ == "__main__":
    try:
        Torture(os.path.abspath(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]),
                sys.argv[4]).run()
    except AssertionError as failure:
        print(f"torture: {failure}", file=sys.stderr)
        sys.exit(1)
