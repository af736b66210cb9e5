# SPDX-License-Identifier: Apache-2.0
"""One run of real processes with faults drawn by seed: a simulated TWS with a scenario, a daemon that
is killed with SIGKILL, clients that never stop asking. What is left is written as evidence for
belay_judge; nothing is judged here.
  many.py BELAY_BINARY SEED DIRECTORY"""
import json
import os
import random
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "kill9"))
sys.path.insert(0, os.path.join(HERE, "..", "system"))
import torture  # noqa: E402
from harness import collect, wait_until  # noqa: E402

SYMBOLS = ["AAPL", "MSFT", "TSLA", "SPY", "IBM"]


def draw(seed):
    """A scenario file and the words of its faults (the judge explains incidents with them)."""
    chance = random.Random(seed)
    faults = {"crashes"}
    server = {"open_orders_max": 1000000, "price_band": chance.random() < 0.5,
              "ack_delay_max_ms": chance.choice([0, 5, 20]),
              "fill_delay_max_ms": chance.choice([0, 30, 100]),
              "duplicate_status": chance.random() < 0.5, "pending_cancel": chance.random() < 0.5,
              "cancel_error_first": chance.random() < 0.5,
              "extra_trailing_field": chance.random() < 0.5,
              "download_open_orders": chance.random() < 0.7}
    text = "[server]\n"
    for key, value in server.items():
        text += f"{key} = {str(value).lower()}\n"
    for symbol in SYMBOLS:
        kind = chance.random()
        nth = chance.randrange(1, 12)
        if kind < 0.2:
            text += (f'[[rule]]\nsymbol = "{symbol}"\ndo = "fill"\nparts = [{{quantity = 5}}, '
                     f'{{quantity = 5, after_ms = {chance.randrange(1, 40)}}}]\n')
        elif kind < 0.35:
            text += f'[[rule]]\nsymbol = "{symbol}"\nnth = {nth}\nack = "none"\n'
        elif kind < 0.5:
            text += f'[[rule]]\nsymbol = "{symbol}"\nnth = {nth}\ndo = "reject"\n'
        elif kind < 0.6:
            text += f'[[rule]]\nsymbol = "{symbol}"\nnth = {nth}\ndo = "drop"\n'
        elif kind < 0.8:
            faults.add("broker_cuts")
            when = chance.choice(["before_ack", "after_ack"])
            text += f'[[rule]]\nsymbol = "{symbol}"\nnth = {nth}\ndisconnect = "{when}"\n'
    for _ in range(chance.randrange(0, 3)):
        faults.add("broker_cuts")
        text += f'[[event]]\nafter_ms = {chance.randrange(500, 5000)}\ndo = "restart"\n'
    if chance.random() < 0.5:
        faults.add("outages")
        begin = chance.randrange(500, 4000)
        end = begin + chance.randrange(50, 1500)
        restored = chance.choice([1101, 1102])
        text += (f'[[event]]\nafter_ms = {begin}\ndo = "notice"\ncode = 1100\ntext = "lost"\n'
                 f'[[event]]\nafter_ms = {end}\ndo = "notice"\ncode = {restored}\n'
                 f'text = "restored"\n')
    return text, faults


class Run(torture.Torture):
    def __init__(self, binary, seed, directory):
        scenario, self.faults = draw(seed)
        self.work = os.path.join(directory, "work")
        os.makedirs(self.work)
        self.evidence = directory
        super().__init__(binary, 4, seed, self.work, scenario)

    def finish(self):
        """Asks for everything, keeps what the daemon says, restarts once more, keeps it again."""
        for _ in range(3):
            self.daemon.call("POST", "/api/v1/reconcile", timeout=90)
        self.settle()
        self.write("orders.json", collect(self.port, "/api/v1/orders/all", "orders"))
        self.write("positions.json", self.daemon.get("/api/v1/positions").json["positions"])
        log_at_end = len(self.sim.log())
        self.daemon.kill()
        self.daemon = self.start()
        self.settle()
        self.write("orders_after_restart.json", collect(self.port, "/api/v1/orders/all", "orders"))
        code = self.daemon.terminate()
        if code != 0:
            raise AssertionError(f"SIGTERM ended with {code}: {self.daemon.stderr()[-500:]}")
        dump = subprocess.run([self.binary, "journal", "dump", "--data-dir",
                               os.path.join(self.work, "data")], capture_output=True, check=True)
        with open(os.path.join(self.evidence, "events.jsonl"), "wb") as file:
            file.write(dump.stdout)
        shutil.copy(self.sim.log_path, os.path.join(self.evidence, "broker.jsonl"))
        self.write_callers()
        self.write("run.json", {"client": "7", "log_at_end": log_at_end, "rate_limit": 1000000,
                                "faults": sorted(self.faults), "complaints": []})

    def write(self, name, value):
        with open(os.path.join(self.evidence, name), "w", encoding="utf-8") as file:
            json.dump(value, file)

    def write_callers(self):
        records = {}
        for path in self.records:
            with open(path, encoding="utf-8") as file:
                for line in map(json.loads, file):
                    if "asked" in line:
                        record = records.setdefault(line["key"], {
                            "key": line["key"], "order_id": "", "yes": False, "refused": False,
                            "asked_modify": False, "asked_cancel": False, "cancel_yes": False})
                        if line["what"] in ("modify", "cancel"):
                            record[f"asked_{line['what']}"] = True
                    elif "answered" in line and line["what"] == "place":
                        record = records[line["key"]]
                        record["order_id"] = line["answer"].get("order_id") or ""
                        record["yes"] = line["status"] in (200, 201, 202)
                        record["refused"] = line["status"] == 422
        with open(os.path.join(self.evidence, "callers.jsonl"), "w", encoding="utf-8") as file:
            for record in records.values():
                file.write(json.dumps(record) + "\n")

    def follow(self, clients):
        for _ in range(self.count):
            self.kill_once()
        size = torture.record_sizes(self.records) + 3000
        wait_until(lambda: torture.record_sizes(self.records) > size, 20, 0.02, "activity at the end")
        open(self.stop_file, "w").close()
        for client in clients:
            if client.wait(30) != 0:
                raise AssertionError(f"{client.name} failed: {client.stderr()}")
        self.settle()
        self.finish()


if __name__ == "__main__":
    try:
        Run(os.path.abspath(sys.argv[1]), int(sys.argv[2]), sys.argv[3]).run()
    except AssertionError as failure:
        print(f"many: {failure}", file=sys.stderr)
        sys.exit(1)
