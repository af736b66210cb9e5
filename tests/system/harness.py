# SPDX-License-Identifier: Apache-2.0
"""Real processes for the system tests: starts the simulated TWS and the daemon of one belay program
in a clean environment, speaks HTTP to the daemon, and leaves no process behind. It judges nothing;
the checkers of tests/kill9 and tests/strace do not use it."""
import ctypes
import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_port():
    """A port that nothing listens on, below the range that the kernel hands out by itself, so that
    it is still free when a daemon is started on it again."""
    while True:
        port = random.randrange(15000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_until(condition, seconds=10.0, pause=0.01, what="the condition"):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(pause)
    raise AssertionError(f"{what} did not come within {seconds} s")


class Process:
    """A child with its output in files and a line of stdout that says it is ready."""

    def __init__(self, command, directory, name, ready=None, env=None, timeout=15.0):
        self.name = name
        self.directory = directory
        self.out_path = os.path.join(directory, f"{name}.out")
        self.err_path = os.path.join(directory, f"{name}.err")
        self.out_from = os.path.getsize(self.out_path) if os.path.exists(self.out_path) else 0
        self.err_from = os.path.getsize(self.err_path) if os.path.exists(self.err_path) else 0
        clean = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": directory}
        clean.update(env or {})
        with open(self.out_path, "ab") as out, open(self.err_path, "ab") as err:
            self.child = subprocess.Popen(command, cwd=directory, env=clean, stdout=out, stderr=err,
                                          stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent)
        self.pid = self.child.pid
        self.match = None
        if ready is not None:
            try:
                self.wait_line(ready, timeout)
            except AssertionError:
                self.kill()
                raise

    def _tail(self, path, begin):
        with open(path, "rb") as file:
            file.seek(begin)
            return file.read().decode("utf-8", "replace")

    def stdout(self):
        return self._tail(self.out_path, self.out_from)

    def stderr(self):
        return self._tail(self.err_path, self.err_from)

    def wait_logged(self, text, timeout=15.0):
        """The log is written by a thread of its own: a line comes a little after what it tells."""
        wait_until(lambda: text in self.stderr(), timeout, what=f"{text!r} in the log")

    def wait_line(self, pattern, timeout=15.0):
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            ended = self.child.poll() is not None
            self.match = re.search(pattern, self.stdout())
            if self.match:
                return self.match
            if ended:
                raise AssertionError(f"{self.name} ended with {self.child.returncode} before it "
                                     f"was ready: {self.stderr()[-2000:]}")
            time.sleep(0.002)
        raise AssertionError(f"{self.name} was not ready within {timeout} s: "
                             f"{self.stderr()[-2000:]}")

    def kill(self):
        if self.child.poll() is None:
            self.child.kill()
        return self.child.wait()

    def terminate(self, timeout=10.0):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        return self.child.wait(timeout)

    def wait(self, timeout=10.0):
        return self.child.wait(timeout)


class Sim(Process):
    def __init__(self, binary, directory, scenario="", port=0, seed=1, extra=(), name="sim"):
        self.log_path = os.path.join(directory, f"{name}.log")
        command = [binary, "sim", "tws", "--port", str(port), "--log", self.log_path,
                   "--seed", str(seed), "--market-step-ms", "0", *extra]
        if scenario:
            path = os.path.join(directory, f"{name}.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(scenario)
            command += ["--scenario", path]
        super().__init__(command, directory, name, r"listening on 127\.0\.0\.1:(\d+)")
        self.port = int(self.match.group(1))

    def log(self):
        """The whole lines of the log so far."""
        with open(self.log_path, "rb") as file:
            text = file.read()
        return [json.loads(line) for line in text[:text.rfind(b"\n") + 1].splitlines()]

    def placed(self):
        return [line["fields"] for line in self.log()
                if line["dir"] == "in" and line["name"] == "placeOrder"]


class Daemon(Process):
    def __init__(self, binary, directory, tws_port, api_port=0, data_dir="data", name="serve",
                 settings=None, prefix=(), env=None, wait_ready=True, cold=False, timeout=15.0):
        flags = {"tws-port": tws_port, "api-port": api_port, "data-dir": data_dir,
                 "reconnect-delay": "0.05", "client-id": 7,
                 # The simulated broker is never away, whatever the hour of the test.
                 "daily-reset-window": "off", "trading-day-ends": "off"}
        flags.update(settings or {})
        command = [*prefix, binary, "serve"]
        for key, value in flags.items():
            name_of = "belay-data-dir" if key == "data-dir" else key
            command += [f"--{name_of}", str(value)]
        ready = None if cold else r"belay serve: ready on http://127\.0\.0\.1:(\d+)"
        super().__init__(command, directory, name, ready, env, timeout)
        if cold:
            self.api_port = api_port
            return
        self.api_port = int(self.match.group(1))
        if wait_ready:
            self.wait_ready()

    def wait_ready(self, seconds=15.0):
        """Until the broker's lists were read; a daemon that was halted stays so."""
        wait_until(lambda: self.get("/ready").status == 200 or
                   self.get("/ready").json.get("code") == "HALTED", seconds, what="/ready")

    def call(self, method, path, body=None, headers=None, timeout=20.0):
        return call(self.api_port, method, path, body, headers, timeout)

    def get(self, path):
        return self.call("GET", path)

    def place(self, symbol="AAPL", action="BUY", quantity=10, limit="90", key=None, **more):
        body = {"symbol": symbol, "action": action, "order_type": "LMT", "quantity": quantity,
                "limit_price": limit}
        if key is not None:
            body["client_order_id"] = key
        body.update(more)
        return self.call("POST", "/api/v1/orders", body)

    def orders(self):
        return collect(self.api_port, "/api/v1/orders", "orders")

    def executions(self):
        return collect(self.api_port, "/api/v1/executions", "executions")

    def order(self, key):
        return self.get(f"/api/v1/orders/cid:{key}").json


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.text = body.decode("utf-8", "replace")
        try:
            self.json = json.loads(self.text) if self.text else None
        except ValueError:
            self.json = None

    def __repr__(self):
        return f"<{self.status} {self.text[:300]}>"


def call(port, method, path, body=None, headers=None, timeout=20.0):
    """One request on a connection of its own. Raises OSError or http.client.HTTPException when the
    answer is lost."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        sent = dict(headers or {})
        payload = None
        if body is not None:
            payload = body if isinstance(body, (bytes, str)) else json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        connection.request(method, path, payload, sent)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def collect(port, path, name):
    """All pages of a list."""
    items, token = [], ""
    while True:
        answer = call(port, "GET", f"{path}?limit=500{token}")
        assert answer.status == 200, answer
        items += answer.json[name]
        if not answer.json["next"]:
            return items
        token = f"&page_token={answer.json['next']}"
