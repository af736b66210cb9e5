# SPDX-License-Identifier: Apache-2.0
"""One client of the torture: places, changes and cancels orders over REST, repeats every request
whose answer is lost or refused for now with the same key until it is answered, and writes down what
it asked and what was answered, a line each, before it goes on.
  client.py PORT NAME SEED RECORD STOP_FILE"""
import http.client
import json
import os
import random
import sys
import time

OPEN_MAX = 6  # own resting orders; older ones are cancelled first
REPEAT = {408, 409, 429, 500, 502, 503, 504}

# A buy and a sell limit just through the market at which the simulated TWS begins.
THROUGH = {"AAPL": ("194", "186"), "MSFT": ("429", "411"), "SPY": ("571", "549"),
           "IBM": ("235", "225")}


class Client:
    def __init__(self, port, name, seed, record, stop_file):
        self.port, self.name, self.stop_file = port, name, stop_file
        self.random = random.Random(seed)
        self.record = open(record, "a", encoding="utf-8")
        self.count = 0
        self.resting = []  # keys

    def write(self, **line):
        self.record.write(json.dumps(line) + "\n")
        self.record.flush()

    def once(self, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            payload = None if body is None else json.dumps(body)
            headers = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def ask(self, what, key, method, path, body=None):
        """Until there is an answer. 409 to a change or a cancel is one: the state forbids it."""
        self.count += 1
        number = self.count
        self.write(asked=number, what=what, key=key, body=body, t=time.time())
        while True:
            try:
                status, text = self.once(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                self.write(lost=number, why=repr(error), t=time.time())
                time.sleep(0.005)
                continue
            if status in REPEAT and not (status == 409 and what != "place"):
                self.write(later=number, status=status, t=time.time())
                time.sleep(0.01)
                continue
            try:
                answer = json.loads(text)
            except ValueError:
                answer = {"unreadable": text[:200]}
            kept = {name: answer.get(name) for name in
                    ("order_id", "client_order_id", "broker_order_id", "status", "outcome", "code",
                     "filled", "detail", "limit_price")}
            self.write(answered=number, what=what, key=key, status=status, answer=kept,
                       t=time.time())
            return status, answer

    def place(self):
        key = f"{self.name}-{self.count + 1}"
        symbol = self.random.choice(["AAPL", "MSFT", "TSLA", "SPY", "IBM"])
        kind = self.random.random()
        body = {"symbol": symbol, "action": self.random.choice(["BUY", "SELL"]),
                "order_type": "LMT", "quantity": self.random.choice([5, 10, 30]),
                "client_order_id": key}
        if symbol == "TSLA":  # the scenario fills these in pieces
            body["quantity"], body["limit_price"] = 30, "200"
        elif kind < 0.45:  # rests
            body["limit_price"] = "20" if body["action"] == "BUY" else "2000"
        else:  # fills at once; what is 2.94 % through the market would be refused
            body["limit_price"] = THROUGH[symbol][0 if body["action"] == "BUY" else 1]
        status, answer = self.ask("place", key, "POST", "/api/v1/orders", body)
        if status in (200, 201, 202) and answer.get("status") != "Filled" and kind < 0.45:
            self.resting.append((key, body["action"]))

    def modify(self):
        key, side = self.random.choice(self.resting)
        price = self.random.randrange(1500, 2500) if side == "BUY" else \
            self.random.randrange(200000, 210000)
        body = {"limit_price": f"{price / 100:.2f}"}
        self.ask("modify", key, "PUT", f"/api/v1/orders/cid:{key}", body)

    def cancel(self):
        key, _ = self.resting.pop(0)
        self.ask("cancel", key, "DELETE", f"/api/v1/orders/cid:{key}")

    def run(self):
        while not os.path.exists(self.stop_file):
            choice = self.random.random()
            if len(self.resting) >= OPEN_MAX or (self.resting and choice < 0.15):
                self.cancel()
            elif self.resting and choice < 0.3:
                self.modify()
            else:
                self.place()
            time.sleep(self.random.random() * 0.004)
        while len(self.resting) > 2:
            self.cancel()


if __name__ == "__main__":
    Client(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5]).run()
