# SPDX-License-Identifier: Apache-2.0
"""Another trading program, as small as it can be: a TWS client of server version 176 that places and
cancels orders under its own client id. It shares no code with Belay."""
import socket
import threading
import time

UNSET = "1.7976931348623157E308"


def _frame(payload):
    return len(payload).to_bytes(4, "big") + payload


class TwsClient:
    def __init__(self, port, client_id, timeout=10.0):
        self.client_id = client_id
        self.messages = []
        self.closed = False
        self.next_id = None
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.socket.settimeout(None)
        self.socket.sendall(b"API\0" + _frame(b"v176..176"))
        self.greeted = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()
        self._wait(lambda: self.greeted or self.closed)
        self.send(71, 2, client_id, "")
        self._wait(lambda: self.next_id is not None or self.closed)

    def _wait(self, condition, seconds=10.0):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError("TWS did not answer in time")
            time.sleep(0.002)

    def _read(self):
        buffer = b""
        try:
            while True:
                data = self.socket.recv(65536)
                if not data:
                    break
                buffer += data
                while len(buffer) >= 4:
                    size = int.from_bytes(buffer[:4], "big")
                    if len(buffer) < 4 + size:
                        break
                    fields = buffer[4:4 + size].decode("ascii", "replace").split("\0")[:-1]
                    buffer = buffer[4 + size:]
                    if not self.greeted:
                        self.greeted = True
                        continue
                    self.messages.append(fields)
                    if fields[0] == "9":
                        self.next_id = int(fields[2])
        except OSError:
            pass
        self.closed = True

    def send(self, *fields):
        payload = "".join(f"{field}\0" for field in fields).encode("ascii")
        self.socket.sendall(_frame(payload))

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()

    def errors(self):
        """(id, code) of what the server complained about."""
        return [(int(m[2]), int(m[3])) for m in self.messages if m[0] == "4"]

    def status(self, order_id):
        words = [m[2] for m in self.messages if m[0] == "3" and m[1] == str(order_id)]
        return words[-1] if words else None

    def cancel(self, order_id):
        self.send(4, 1, order_id, "")

    def limit(self, symbol, side, quantity, price, ref="", all_or_none=0, order_id=None):
        """Places a limit order and waits for the server to show it; its order id."""
        if order_id is None:
            order_id = self.next_id
            self.next_id += 1
        contract = [0, symbol, "STK", "", "", "", "", "SMART", "", "USD", "", "", "", ""]
        basics = [side, quantity, "LMT", price, "", "DAY", "", "", "", 0, ref, 1, 0, 0, 0, 0, 0, 0, 0]
        allocation = ["", 0, "", "", "", "", "", "", "", 0, "", -1]
        prices = [0, "", "", all_or_none, "", "", 0, 0, "", 0, "", "", "", "", "", 0, "", "", "", "",
                  0, "", "", ""]
        strategy = ["", "", "", "", "", "", "", 0, "", "", 0, 0, "", "", 0, "", 0, 0, 0, 0]
        adjusted = ["", UNSET, UNSET, UNSET, UNSET, UNSET, 0, "", "", "", "", "", "", "", "", 0, 0, 0,
                    "", "", "", 0, "", ""]
        self.send(3, order_id, *contract, *basics, *allocation, *prices, *strategy, *adjusted)
        self._wait(lambda: self.status(order_id) is not None or self.closed)
        return order_id
