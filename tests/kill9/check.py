# SPDX-License-Identifier: Apache-2.0
"""Judges a run from evidence alone: the simulated broker's log, the clients' records and the lists
the daemon shows at the end. It shares no code with the daemon, the simulator or the driver.
  check.py SIM_LOG CLIENT_RECORDS... FINAL_ORDERS.json FINAL_EXECUTIONS.json"""
import json
import sys
from decimal import Decimal

ACCEPTED = {200, 201, 202}


def lines_of(path):
    """Whole lines only: a process that is killed may leave half a line."""
    with open(path, "rb") as file:
        data = file.read()
    return [json.loads(line, parse_float=Decimal)
            for line in data[:data.rfind(b"\n") + 1].splitlines() if line.strip()]


def split_exec_id(text):
    """The part behind the last dot is the revision; a higher one corrects the execution."""
    stem, _, revision = text.rpartition(".")
    return stem, int(revision)


class Broker:
    """What arrived at the broker and what it said."""

    def __init__(self, path):
        self.frames = []      # (client, order id, tag) in order of arrival
        self.executions = {}  # stem -> (revision, shares, tag, full id)
        self.prices = {}      # (client, order id) -> limit price of the last frame
        self.shown = set()    # (client, order id) that the broker took: it told about them
        for line in lines_of(path):
            fields = line["fields"]
            if line["dir"] == "in" and line["name"] == "placeOrder":
                self.frames.append((line["client"], fields["orderId"], fields["orderRef"]))
                self.prices[self.frames[-1][:2]] = fields["lmtPrice"]
            elif line["dir"] == "out" and line["name"] == "execDetails":
                stem, revision = split_exec_id(fields["execId"])
                known = self.executions.get(stem)
                if known is None or known[0] < revision:
                    self.executions[stem] = (revision, Decimal(str(fields["shares"])),
                                             fields["orderRef"], fields["execId"])
            if line["dir"] == "out" and line["name"] in ("openOrder", "orderStatus", "execDetails"):
                self.shown.add((fields.get("clientId", line["client"]), fields["orderId"]))


class Clients:
    def __init__(self, paths):
        self.asked = {}      # key -> what was asked of it, in order
        self.accepted = {}   # key -> our order ids that answers named
        self.unanswered = []
        self.filled = set()  # keys that an answer called filled
        self.changed = {}    # key -> price of its last change, when that was answered as done
        self.canceled = set()  # keys whose cancel was taken
        for path in paths:
            open_requests = {}
            for line in lines_of(path):
                if "asked" in line:
                    open_requests[line["asked"]] = line["key"]
                    body = line.get("body") or {}
                    self.asked.setdefault(line["key"], []).append(line["what"])
                elif "answered" in line:
                    open_requests.pop(line["answered"], None)
                    self.answer(line, body)
            self.unanswered += open_requests.values()

    def answer(self, line, body):
        if line["what"] == "modify":
            # Any other answer than 200 leaves open which terms hold.
            self.changed[line["key"]] = body["limit_price"] if line["status"] == 200 else None
        if line["what"] == "cancel" and line["status"] in ACCEPTED:
            self.canceled.add(line["key"])
        if line["status"] not in ACCEPTED:
            return
        answer = line["answer"]
        self.accepted.setdefault(line["key"], set()).add(answer.get("order_id"))
        if answer.get("status") == "Filled":
            self.filled.add(line["key"])


class Judge:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, faults):
        faults = list(faults)
        if not faults:
            self.passed += 1
            return
        self.failed += 1
        print(f"FAILED: {name}")
        for fault in faults[:10]:
            print(f"   {fault}")
        if len(faults) > 10:
            print(f"   and {len(faults) - 10} more")


def own_number(tag):
    """The daemon's own order id in a tag b1.<instance>.<id>; None for foreign tags."""
    parts = tag.split(".")
    return parts[2] if len(parts) == 3 and parts[0] == "b1" else None


def one_id_per_tag(broker):
    ids = {}
    for client, order_id, tag in broker.frames:
        ids.setdefault(tag, set()).add((client, order_id))
    return [f"{tag} went out as {sorted(found)}" for tag, found in ids.items() if len(found) > 1]


def one_tag_per_id(broker):
    tags = {}
    for client, order_id, tag in broker.frames:
        tags.setdefault((client, order_id), set()).add(tag)
    return [f"id {name} carried {sorted(found)}" for name, found in tags.items() if len(found) > 1]


def repeats_were_asked_for(broker, clients, orders):
    """A frame under an id that was used before is a modification; only one that the client asked
    for may be there. A request repeated after a lost answer may lead to several frames."""
    key_of = {order["order_id"]: order["client_order_id"] for order in orders}
    seen = set()
    for client, order_id, tag in broker.frames:
        if (client, order_id) in seen:
            key = key_of.get(own_number(tag))
            if "modify" not in clients.asked.get(key, []):
                yield f"id {order_id} ({tag}, key {key}) was sent again and no client asked to modify"
        seen.add((client, order_id))


def ids_increase(broker):
    highest, seen = {}, set()
    for client, order_id, _ in broker.frames:
        if (client, order_id) in seen:
            continue
        seen.add((client, order_id))
        if order_id <= highest.get(client, 0):
            yield f"client {client}: id {order_id} after {highest[client]}"
        highest[client] = max(order_id, highest.get(client, 0))


def keys_have_one_order(orders):
    ids = {}
    for order in orders:
        ids.setdefault(order["client_order_id"], []).append(order["order_id"])
    return [f"{key} has the orders {found}" for key, found in ids.items() if len(found) > 1]


def acknowledged_keys_exist(clients, orders):
    by_key = {order["client_order_id"]: order for order in orders}
    for key, ids in clients.accepted.items():
        if key not in by_key:
            yield f"{key} was accepted as order {sorted(map(str, ids))} and is gone"
        elif ids != {by_key[key]["order_id"]}:
            yield f"{key} was answered with the orders {sorted(map(str, ids))}, " \
                  f"at the end it is {by_key[key]['order_id']}"


def filled_stays_filled(clients, orders):
    by_key = {order["client_order_id"]: order for order in orders}
    for key in clients.filled:
        if key in by_key and by_key[key]["status"] != "Filled":
            yield f"{key} was said to be filled and is {by_key[key]['status']}"


def changes_hold(clients, broker, orders):
    by_key = {order["client_order_id"]: order for order in orders}
    for key, price in clients.changed.items():
        order = by_key.get(key)
        if price is None or order is None:
            continue
        name = (order["client_id"], int(order["broker_order_id"] or 0))
        if Decimal(order["limit_price"]) != Decimal(price):
            yield f"{key} was changed to {price}, the daemon shows {order['limit_price']}"
        if Decimal(str(broker.prices.get(name, 0))) != Decimal(price):
            yield f"{key} was changed to {price}, the broker last got {broker.prices.get(name)}"


def cancels_end(clients, orders):
    for order in orders:
        if order["client_order_id"] in clients.canceled and order["outcome"] != "unknown" and \
                order["status"] not in ("Cancelled", "Filled", "Inactive"):
            yield f"the cancel of {order['client_order_id']} was taken; it is {order['status']}"


def broker_orders_are_known(broker, orders):
    names = {(order["client_id"], order["broker_order_id"], order["order_id"]) for order in orders}
    for client, order_id, tag in sorted(set(broker.frames)):
        if (client, str(order_id), own_number(tag)) not in names:
            yield f"the broker got {tag} as id {order_id} of client {client}, the daemon has no such"


def nothing_is_unknown_that_the_broker_shows(broker, orders):
    for order in orders:
        if order["broker_order_id"] is None:
            continue
        name = (order["client_id"], int(order["broker_order_id"]))
        if name in broker.shown and order["outcome"] in ("unknown", "pending"):
            yield f"order {order['order_id']} ({order['client_order_id']}) is {order['outcome']}, " \
                  "and the broker has told about it"


def nothing_is_claimed_that_never_arrived(broker, orders):
    arrived = {(client, order_id) for client, order_id, _ in broker.frames}
    for order in orders:
        name = (order["client_id"], int(order["broker_order_id"] or 0))
        if order["outcome"] == "acknowledged" and name not in arrived:
            yield f"order {order['order_id']} is called acknowledged; its frame never arrived"


def executions_agree(broker, executions):
    ours = {}
    for execution in executions:
        stem, revision = split_exec_id(execution["exec_id"])
        if stem in ours:
            yield f"execution {stem} is listed twice"
        ours[stem] = (revision, Decimal(execution["shares"]), execution["order_id"])
    for stem, (revision, shares, tag, _) in broker.executions.items():
        if stem not in ours:
            yield f"execution {stem} of {tag} ({shares}) is missing"
        elif ours[stem] != (revision, shares, own_number(tag)):
            yield f"execution {stem}: the broker says {(str(shares), revision, tag)}, " \
                  f"the daemon {ours[stem]}"
    for stem in ours.keys() - broker.executions.keys():
        yield f"execution {stem} was never reported by the broker"


def sums_agree(broker, orders):
    """Per order and in all: what is filled is the sum of the broker's executions."""
    by_order = {}
    for _, shares, tag, _ in broker.executions.values():
        by_order[own_number(tag)] = by_order.get(own_number(tag), Decimal(0)) + shares
    for order in orders:
        expected = by_order.get(order["order_id"], Decimal(0))
        if Decimal(order["filled"]) != expected:
            yield f"order {order['order_id']} says {order['filled']} filled; " \
                  f"the broker's executions sum to {expected}"
    total = sum((Decimal(order["filled"]) for order in orders), Decimal(0))
    if total != sum(by_order.values(), Decimal(0)):
        yield f"{total} filled in all, {sum(by_order.values(), Decimal(0))} at the broker"


def main(arguments):
    if len(arguments) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    broker = Broker(arguments[0])
    clients = Clients(arguments[1:-2])
    with open(arguments[-2], encoding="utf-8") as file:
        orders = json.load(file)
    with open(arguments[-1], encoding="utf-8") as file:
        executions = json.load(file)

    judge = Judge()
    judge.check("there is evidence to judge",
                [] if broker.frames and broker.executions and clients.accepted else
                ["no order, no execution or no answer: nothing was tested"])
    judge.check("every request got an answer",
                [f"{key} was never answered" for key in clients.unanswered])
    judge.check("a tag goes out under one id", one_id_per_tag(broker))
    judge.check("an id carries one tag", one_tag_per_id(broker))
    judge.check("an id is repeated only where a client asked to modify",
                repeats_were_asked_for(broker, clients, orders))
    judge.check("ids increase in order of first use", ids_increase(broker))
    judge.check("a key has one order", keys_have_one_order(orders))
    judge.check("every acknowledged key exists, with the order it was answered with",
                acknowledged_keys_exist(clients, orders))
    judge.check("what was said to be filled is filled", filled_stays_filled(clients, orders))
    judge.check("a change that was answered as done holds, here and at the broker",
                changes_hold(clients, broker, orders))
    judge.check("a cancel that was taken comes to an end", cancels_end(clients, orders))
    judge.check("every order at the broker is known", broker_orders_are_known(broker, orders))
    judge.check("nothing stays unknown that the broker has told about",
                nothing_is_unknown_that_the_broker_shows(broker, orders))
    judge.check("nothing is called acknowledged that never arrived",
                nothing_is_claimed_that_never_arrived(broker, orders))
    judge.check("executions are the broker's, each once", executions_agree(broker, executions))
    judge.check("filled quantities are the sums of the broker's executions",
                sums_agree(broker, orders))
    unknown = sum(order["outcome"] == "unknown" for order in orders)
    print(f"check: {judge.passed} passed, {judge.failed} failed ({len(orders)} orders, {unknown} "
          f"unknown, {len(broker.frames)} frames, {len(executions)} executions, "
          f"{len(clients.accepted)} keys accepted)")
    return 1 if judge.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
