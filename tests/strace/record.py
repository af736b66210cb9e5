# SPDX-License-Identifier: Apache-2.0
"""Places about 50 orders, one after the other and in bursts from four clients, at a daemon under
strace; leaves the trace, the final orders and the ports in DIRECTORY. Exit status 77: no ptrace.
  record.py BELAY_BINARY DIRECTORY"""
import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from harness import Daemon, Sim, wait_until  # noqa: E402

CALLS = "fdatasync,fsync,sendto,write,writev,sendmsg,pwrite64,pwritev,pwritev2"
SEQUENTIAL, BURSTS, CLIENTS = 20, 2, 4


def main(binary, directory):
    sim = Sim(binary, directory, "[server]\nopen_orders_max = 1000\n")
    trace = os.path.join(directory, "trace.txt")
    # -D: the tracer is the grandchild, so the daemon is ours to signal. -xx: bytes as they are.
    prefix = ["strace", "-D", "-f", "-yy", "-xx", "-s", "65536", "-e", f"trace={CALLS}",
              "-o", trace]
    try:
        daemon = Daemon(binary, directory, sim.port, prefix=prefix,
                        env={"ASAN_OPTIONS": "detect_leaks=0"},  # cannot run under ptrace
                        settings={"max-orders-per-contract": 0, "tws-message-rate-limit": 1000})
    except AssertionError as failure:
        if "ptrace" in str(failure) or "Operation not permitted" in str(failure):
            return 77
        raise
    answers = []

    def place(name, count):
        for i in range(count):
            limit = "90" if i % 2 else "195"
            answers.append(daemon.place(key=f"{name}-{i}", limit=limit).status)

    place("single", SEQUENTIAL)
    for burst in range(BURSTS):
        threads = [threading.Thread(target=place, args=(f"burst{burst}x{i}", 4))
                   for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    wanted = SEQUENTIAL + BURSTS * CLIENTS * 4
    if answers != [201] * wanted:
        print(f"record: the answers were {answers}", file=sys.stderr)
        return 1
    for name, content in (("orders.json", json.dumps(daemon.orders())),
                          ("tws_port", str(sim.port)), ("api_port", str(daemon.api_port))):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(content)
    pid = daemon.pid
    daemon.terminate()

    def complete():
        with open(trace, encoding="ascii", errors="replace") as file:
            return any(line.startswith(f"{pid} ") and "+++ exited" in line for line in file)

    wait_until(complete, 10, 0.05, "the end of the trace")
    sim.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), sys.argv[2]))
