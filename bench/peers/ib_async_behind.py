# SPDX-License-Identifier: Apache-2.0
"""A cancel behind N entries in an unmodified ib_async: from the call to the broker's answer.
Usage: python3 ib_async_behind.py PORT ENTRIES, with ib_async installed. One line of figures."""
import sys
import time

from ib_async import IB, LimitOrder, Stock, StartupFetchNONE


def main():
    port, entries = int(sys.argv[1]), int(sys.argv[2])
    ib = IB()
    ib.connect("127.0.0.1", port, clientId=8, timeout=20, fetchFields=StartupFetchNONE)
    contract = Stock("AAPL", "SMART", "USD")
    resting = ib.placeOrder(contract, LimitOrder("BUY", 1, 1, tif="DAY"))
    while resting.orderStatus.status != "Submitted":
        ib.sleep(0.01)
    for _ in range(entries):
        ib.placeOrder(contract, LimitOrder("BUY", 1, 1, tif="DAY"))
    asked = time.perf_counter()
    # What a strategy sees at once is PendingCancel; the broker's answer ends the wait.
    ib.cancelOrder(resting.order)
    while resting.orderStatus.status != "Cancelled":
        ib.sleep(0.002)
    took = (time.perf_counter() - asked) * 1000
    print(f"mode=ib_async cancel_ms={took:.3f} entries={entries}")


main()
