# SPDX-License-Identifier: Apache-2.0
"""Plants one fault after the other in good evidence and expects check.py to see each of them.
  check_selftest.py DIRECTORY     with sim.log, client_*.jsonl, orders.json, executions.json"""
import copy
import glob
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class Evidence:
    def __init__(self, directory):
        self.log = self.read_lines(os.path.join(directory, "sim.log"))
        self.clients = [self.read_lines(path)
                        for path in sorted(glob.glob(os.path.join(directory, "client_*.jsonl")))]
        with open(os.path.join(directory, "orders.json"), encoding="utf-8") as file:
            self.orders = json.load(file)
        with open(os.path.join(directory, "executions.json"), encoding="utf-8") as file:
            self.executions = json.load(file)

    @staticmethod
    def read_lines(path):
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def write(self, directory):
        names = [os.path.join(directory, "sim.log")]
        lists = [self.log]
        for i, client in enumerate(self.clients):
            names.append(os.path.join(directory, f"client_{i}.jsonl"))
            lists.append(client)
        for name, lines in zip(names, lists):
            with open(name, "w", encoding="utf-8") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
        for name, items in (("orders.json", self.orders), ("executions.json", self.executions)):
            names.append(os.path.join(directory, name))
            with open(names[-1], "w", encoding="utf-8") as file:
                json.dump(items, file)
        return names

    def frames(self):
        return [line for line in self.log if line["dir"] == "in" and line["name"] == "placeOrder"]

    def last_id(self):
        return max(frame["fields"]["orderId"] for frame in self.frames())

    def append_frame(self, frame, **fields):
        new = copy.deepcopy(frame)
        new["fields"].update(fields)
        self.log.append(new)

    def never_modified(self):
        asked = {line["key"] for client in self.clients for line in client
                 if line.get("what") == "modify"}
        ids = {order["order_id"] for order in self.orders if order["client_order_id"] not in asked}
        return next(frame for frame in self.frames()
                    if frame["fields"]["orderRef"].split(".")[-1] in ids)

    def filled_order(self):
        return next(order for order in self.orders if order["fills"])


# Each takes good evidence and breaks it as the named bug would.
def double_send_under_a_new_id(e):
    e.append_frame(e.frames()[0], orderId=e.last_id() + 1)


def double_send_under_the_same_id(e):
    e.append_frame(e.never_modified())


def reused_id(e):
    first, second = e.frames()[0], next(f for f in e.frames()[1:] if f["fields"]["orderRef"] !=
                                        e.frames()[0]["fields"]["orderRef"])
    second["fields"]["orderId"] = first["fields"]["orderId"]


def ids_that_fall(e):
    frame = e.frames()[-1]
    instance = frame["fields"]["orderRef"].rsplit(".", 1)[0]
    e.append_frame(frame, orderId=e.last_id() + 10, orderRef=f"{instance}.90001")
    e.append_frame(frame, orderId=e.last_id() - 5, orderRef=f"{instance}.90002")


def lost_fill(e):
    e.executions.pop()


def lost_fill_of_an_order(e):
    order = e.filled_order()
    order["filled"] = "0"


def fill_counted_twice(e):
    e.executions.append(copy.deepcopy(e.executions[0]))


def fill_added_twice_in_the_order(e):
    order = e.filled_order()
    order["filled"] = str(2 * int(order["filled"]))


def invented_fill(e):
    fill = copy.deepcopy(e.executions[0])
    fill["exec_id"] = "0000e0d5.ffffffff.01.01"
    e.executions.append(fill)


def correction_missed(e):
    line = next(line for line in e.log if line["dir"] == "out" and line["name"] == "execDetails")
    corrected = copy.deepcopy(line)
    corrected["fields"]["execId"] = line["fields"]["execId"].rpartition(".")[0] + ".02"
    corrected["fields"]["shares"] = 1
    e.log.append(corrected)


def lost_acknowledged_order(e):
    accepted = next(line for client in e.clients for line in client
                    if line.get("status") == 201 and "answered" in line)
    e.orders = [o for o in e.orders if o["order_id"] != accepted["answer"]["order_id"]]


def key_with_two_orders(e):
    twin = copy.deepcopy(e.orders[0])
    twin["order_id"] = "90001"
    e.orders.append(twin)


def answers_that_differ(e):
    line = next(line for client in e.clients for line in client if line.get("status") == 201)
    line["answer"]["order_id"] = "90001"


def order_at_the_broker_unknown_here(e):
    frame = e.frames()[-1]
    instance = frame["fields"]["orderRef"].rsplit(".", 1)[0]
    e.append_frame(frame, orderId=e.last_id() + 1, orderRef=f"{instance}.90001")


def shown_order_left_unknown(e):
    e.filled_order()["outcome"] = "unknown"


def acknowledged_out_of_thin_air(e):
    order = e.filled_order()
    e.log = [line for line in e.log if line["name"] != "placeOrder" or
             str(line["fields"]["orderId"]) != order["broker_order_id"]]


def filled_and_then_not(e):
    line = next(line for client in e.clients for line in client if line.get("status") == 201)
    line["answer"]["status"] = "Filled"
    next(o for o in e.orders if o["client_order_id"] == line["key"])["status"] = "Submitted"


def done_change(e):
    """An answered change that no later one of the same order follows."""
    last = {}
    for client in e.clients:
        for line in client:
            if line.get("what") == "modify" and "answered" in line:
                last[line["key"]] = line["status"]
    return next(key for key, status in last.items() if status == 200)


def change_forgotten(e):
    key = done_change(e)
    next(o for o in e.orders if o["client_order_id"] == key)["limit_price"] = "1.23"


def change_never_sent(e):
    key = done_change(e)
    number = next(o for o in e.orders if o["client_order_id"] == key)["broker_order_id"]
    for frame in e.frames():
        if str(frame["fields"]["orderId"]) == number:
            frame["fields"]["lmtPrice"] = 1.23


def cancel_forgotten(e):
    keys = {line["key"] for client in e.clients for line in client
            if line.get("what") == "cancel" and line.get("status") == 202}
    next(o for o in e.orders if o["client_order_id"] in keys and
         o["status"] == "Cancelled" and o["outcome"] != "unknown")["status"] = "Submitted"


def request_without_an_answer(e):
    e.clients[0].append({"asked": 99999, "what": "place", "key": "never", "body": {}})


def nothing_happened(e):
    e.log = [line for line in e.log if line["name"] != "placeOrder"]


FAULTS = [double_send_under_a_new_id, double_send_under_the_same_id, reused_id, ids_that_fall,
          lost_fill, lost_fill_of_an_order, fill_counted_twice, fill_added_twice_in_the_order,
          invented_fill, correction_missed, lost_acknowledged_order, key_with_two_orders,
          answers_that_differ, order_at_the_broker_unknown_here, shown_order_left_unknown,
          acknowledged_out_of_thin_air, filled_and_then_not, change_forgotten, change_never_sent,
          cancel_forgotten, request_without_an_answer,
          nothing_happened]


def judged(evidence):
    with tempfile.TemporaryDirectory() as directory:
        names = evidence.write(directory)
        run = subprocess.run([sys.executable, os.path.join(HERE, "check.py"), *names],
                             capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def main(directory):
    good = Evidence(directory)
    code, text = judged(good)
    if code != 0:
        print(f"check_selftest: the evidence is not good to begin with\n{text}")
        return 1
    missed = []
    for plant in FAULTS:
        bad = copy.deepcopy(good)
        plant(bad)
        code, text = judged(bad)
        # A checker that breaks down has not judged.
        if code != 1 or "FAILED: " not in text or "Traceback" in text:
            missed.append(plant.__name__)
            print(f"FAILED: {plant.__name__} was not seen\n{text}")
    print(f"check_selftest: {len(FAULTS) - len(missed)} passed, {len(missed)} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
