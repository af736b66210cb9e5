# SPDX-License-Identifier: Apache-2.0
"""Doctors a good trace as a daemon with the named bug would have left it, and expects check.py to
see each.
  check_selftest.py TRACE ORDERS.json TWS_PORT API_PORT"""
import sys

import check


def last_send(lines, tws_port):
    begin, _, _ = list(check.placed_frames(check.read_calls(lines), tws_port))[-1]
    return begin


def syncs(lines):
    return [i for i, line in enumerate(lines) if " fdatasync(" in line or " fsync(" in line]


def send_before_its_sync(lines, tws_port, _):
    """The send stands before the last sync that was started ahead of it."""
    send = last_send(lines, tws_port)
    sync = max(i for i in syncs(lines) if i < send)
    return lines[:sync] + [lines[send]] + lines[sync:send] + lines[send + 1:]


def send_while_the_sync_runs(lines, tws_port, _):
    """The sync has started when the send starts, and returns after it."""
    send = last_send(lines, tws_port)
    sync = max(i for i in syncs(lines) if i < send)
    thread = lines[sync].split()[0]
    call = lines[sync].split(")")[0].replace(" <unfinished ...>", "")
    rest = [line for line in lines[sync + 1:send] if "fdatasync resumed" not in line]
    return lines[:sync] + [call + " <unfinished ...>"] + rest + [lines[send]] + [
        f"{thread} <... fdatasync resumed>) = 0"] + lines[send + 1:]


def failed_syncs(lines, _, __):
    return [line.replace("= 0", "= -1 EIO (Input/output error)")
            if "fdatasync" in line and "= 0" in line else line for line in lines]


def no_sync_at_all(lines, _, __):
    return [line for line in lines if "fdatasync" not in line and " fsync" not in line]


def sync_of_another_file(lines, _, __):
    wal = "".join(f"\\x{byte:02x}" for byte in b"journal.db-wal")
    other = "".join(f"\\x{byte:02x}" for byte in b"journal.db-abc")
    return [line.replace(wal, other) if " fdatasync(" in line else line for line in lines]


def intent_written_after_the_sync(lines, tws_port, _):
    """The WAL frame that holds the intent is written between the sync and the send."""
    send = last_send(lines, tws_port)
    sync = max(i for i in syncs(lines) if i < send)
    write = max(i for i in range(sync) if " pwrite64(" in lines[i])
    moved = lines[:write] + lines[write + 1:send] + [lines[write]] + lines[send:]
    return moved


def answer_before_the_sync(lines, _, api_port):
    begin, _ = list(check.answers(check.read_calls(lines), api_port))[0]
    return [lines[begin]] + lines[:begin] + lines[begin + 1:]


def orders_that_were_not_seen(lines, tws_port, _):
    send = last_send(lines, tws_port)
    return lines[:send] + lines[send + 1:]


BUGS = [send_before_its_sync, send_while_the_sync_runs, failed_syncs, no_sync_at_all,
        sync_of_another_file, intent_written_after_the_sync, answer_before_the_sync,
        orders_that_were_not_seen]


def main(arguments):
    lines, orders, tws_port, api_port = check.load(arguments)
    faults, _, _ = check.judge(lines, orders, tws_port, api_port)
    if faults:
        print("check_selftest: the trace is not good to begin with")
        return 1
    missed = 0
    for bug in BUGS:
        faults, _, _ = check.judge(bug(lines, tws_port, api_port), orders, tws_port, api_port)
        if not faults:
            missed += 1
            print(f"FAILED: {bug.__name__} was not seen")
    print(f"check_selftest: {len(BUGS) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
