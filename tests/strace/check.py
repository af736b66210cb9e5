# SPDX-License-Identifier: Apache-2.0
"""Judges a trace: for every placeOrder frame on the broker's socket, the write to journal.db-wal
that holds its SendIntended was followed by an fdatasync that had returned before the send started;
and every answer that names a client order id came after such a sync of its OrderAccepted.
  check.py TRACE ORDERS.json TWS_PORT API_PORT

How events are recognised in the bytes of the WAL: payloads are protobuf wire format
(docs/formats/events.md). A SendIntended is field 1 = our order id and field 2 = {1: session,
2: broker order id}, the last two in zigzag; no other event has a message of this shape in field 2
behind the same order id. An OrderAccepted carries the client order id as text. Both stand whole
in one page, since rows this small never overflow. A page is written again with every later row, so
the first write that holds the bytes counts.

Order is the order of lines: strace sees one stop at a time, a call that others interleave with has
an "unfinished" line where it starts and a "resumed" line where it returns."""
import functools
import json
import re
import sys

CALL = re.compile(r"^(\d+) +(\w+)\((\d+)<((?:\\x[0-9a-f]{2})+|\w+:\[[^\]]*\]|[^>]*)>(.*)$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)$")
RESULT = re.compile(r"= (-?\d+)(?: |$)")


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


@functools.lru_cache(maxsize=None)
def read_line(line):
    """(thread, call, place, data, rest) of a line where a call starts. Kept, because the self-test
    judges the same lines in other orders."""
    found = CALL.match(line)
    if not found:
        return None
    thread, name, _, place, rest = found.groups()
    place = unhex(place).decode("utf-8", "replace") if place.startswith("\\x") else place
    # Hexadecimal texts hold no quotes, so every second piece is one.
    data = b"".join(unhex(text) for text in rest.split('"')[1::2] if text.startswith("\\x"))
    return thread, name, place, data, rest


class Call:
    def __init__(self, name, place, data, start):
        self.name, self.place, self.data, self.start = name, place, data, start
        self.end, self.result = None, None

    def finish(self, index, rest):
        found = RESULT.search(rest)
        self.end, self.result = index, int(found.group(1)) if found else None


def read_calls(lines):
    calls, pending = [], {}
    for index, line in enumerate(lines):
        resumed = RESUMED.match(line)
        if resumed:
            call = pending.pop(resumed.group(1), None)
            if call is not None:
                call.finish(index, resumed.group(3))
            continue
        found = read_line(line)
        if found is None:
            continue
        thread, name, place, data, rest = found
        call = Call(name, place, data, index)
        calls.append(call)
        if "<unfinished ...>" in rest:
            pending[thread] = call
        else:
            call.finish(index, rest[rest.rfind(")"):])
    return calls


def varint(value):
    out = bytearray()
    while value > 0x7f:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def send_intended(order, session, number):
    name = b"\x08" + varint(session << 1) + b"\x10" + varint(number << 1)
    return b"\x08" + varint(order) + b"\x12" + varint(len(name)) + name


class Journal:
    def __init__(self, calls):
        wal = [call for call in calls if call.place.endswith("journal.db-wal")]
        self.writes = [c for c in wal if c.name.startswith("pwrite") and c.end is not None]
        self.syncs = [c for c in wal if c.name in ("fdatasync", "fsync") and c.result == 0]

    def durable_at(self, marker):
        """The line at which the sync returned that covers the first write of the marker."""
        write = next((c for c in self.writes if marker in c.data), None)
        if write is None:
            return None
        return min((s.end for s in self.syncs if s.start > write.end), default=None)


def placed_frames(calls, tws_port):
    """(line where the send of its first byte started, broker order id, our id) per placeOrder."""
    stream, starts = bytearray(), []
    for call in calls:
        if call.name not in ("sendto", "sendmsg", "write", "writev") or not call.result or \
                call.result < 0 or not call.place.endswith(f"->127.0.0.1:{tws_port}]"):
            continue
        starts.append((len(stream), call.start))
        stream += call.data[:call.result]
    at = 4 if stream.startswith(b"API\0") else 0
    while at + 4 <= len(stream):
        length = int.from_bytes(stream[at:at + 4], "big")
        payload = bytes(stream[at + 4:at + 4 + length])
        fields = payload.split(b"\0")
        tag = re.search(rb"\0b1\.[0-9a-f]{12}\.(\d+)\0", payload)
        if fields[0] == b"3" and tag:
            begin = max(start for offset, start in starts if offset <= at)
            yield begin, int(fields[1]), int(tag.group(1))
        at += 4 + length


def answers(calls, api_port):
    """(line, client order id) per answer that says yes to a placement."""
    for call in calls:
        if f"[127.0.0.1:{api_port}->" not in call.place or not re.match(
                rb"HTTP/1\.1 20[12] ", call.data):
            continue
        key = re.search(rb'"client_order_id":"([^"]+)"', call.data)
        if key:
            yield call.start, key.group(1)


def judge(lines, orders, tws_port, api_port):
    calls = read_calls(lines)
    journal = Journal(calls)
    faults, sends, yeses = [], 0, 0
    session_of = {int(order["order_id"]): order["client_id"] for order in orders}
    for begin, number, order in placed_frames(calls, tws_port):
        sends += 1
        durable = journal.durable_at(send_intended(order, session_of.get(order, -1), number))
        if durable is None:
            faults.append(f"order {order} (id {number}) was sent, its intent never became durable")
        elif durable >= begin:
            faults.append(f"order {order} (id {number}) was sent at line {begin + 1}, its intent "
                          f"durable at line {durable + 1}")
    for begin, key in answers(calls, api_port):
        yeses += 1
        durable = journal.durable_at(key)
        if durable is None or durable >= begin:
            faults.append(f"{key.decode()} was answered at line {begin + 1}, durable at {durable}")
    if sends < len(orders) or yeses < len(orders) or not orders:
        faults.append(f"{sends} sends and {yeses} answers were seen, {len(orders)} orders placed")
    return faults, sends, yeses


def load(arguments):
    with open(arguments[0], encoding="ascii", errors="replace") as file:
        lines = file.read().splitlines()
    with open(arguments[1], encoding="utf-8") as file:
        orders = json.load(file)
    return lines, orders, int(arguments[2]), int(arguments[3])


if __name__ == "__main__":
    found, sent, told = judge(*load(sys.argv[1:]))
    for fault in found[:10]:
        print(f"FAILED: {fault}")
    print(f"check: {sent} sends and {told} answers, {len(found)} too early")
    sys.exit(1 if found else 0)
