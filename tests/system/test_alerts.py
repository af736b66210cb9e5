# SPDX-License-Identifier: Apache-2.0
"""Alert sinks with real programs and a real HTTP server, and the incidents behind them."""
import http.server
import json
import os
import stat
import threading

from case import SystemTest
from harness import free_port, wait_until


class Hook:
    """An HTTP server that answers as it is told and keeps what it was sent."""

    def __init__(self, statuses):
        self.bodies = []
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = statuses.pop(0) if statuses else 204
                if status == 204:
                    hook.bodies.append(json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Alerts(SystemTest):
    def script(self, name, text):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + text)
        os.chmod(path, stat.S_IRWXU)
        return path

    def told(self, name="told"):
        path = self.path(name)
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [json.loads(line) for line in file if line.endswith("\n")]

    def lonely(self, **settings):
        """A daemon that finds no broker: an incident after one attempt."""
        return self.daemon(free_port(), wait_ready=False,
                           settings={"reconnect-attempts": 1, **settings})

    def test_a_command_gets_each_alert_once_also_over_a_restart(self):
        command = self.script("tell", f'cat >> {self.path("told")}\n')
        daemon = self.lonely(**{"alert-command": command})
        wait_until(self.told, what="the alert")
        alert = self.told()[0]
        self.assertEqual((alert["kind"], alert["level"]), ("broker_unreachable", "critical"))
        daemon.wait_logged("broker_unreachable")  # the log is a sink too
        incident = daemon.get("/api/v1/incidents").json["incidents"][0]
        self.assertEqual(incident["incident_id"], alert["incident_id"])
        wait_until(lambda: 'belay_alerts_total{sink="command",result="delivered"} 1' in
                   daemon.get("/metrics").text, what="the count")
        daemon.terminate()
        # The next life finds no broker either: what the first one told is not told again.
        again = self.lonely(**{"alert-command": command})
        wait_until(lambda: again.stderr().count("connecting") > 3, what="some attempts")
        self.assertEqual(len(self.told()), 1)
        code, out, err = self.run_belay(
            "incidents", "close", incident["incident_id"], "--operator", "alice", "--reason", "up",
            env={"API_PORT": str(again.api_port)})
        self.assertEqual(code, 0, err)
        self.assertEqual(again.get("/api/v1/incidents").json["incidents"], [])
        code, out, _ = self.run_belay("incidents", "--all", "--json",
                                      env={"API_PORT": str(again.api_port)})
        self.assertEqual([i["closed_by"] for i in json.loads(out)["incidents"]], ["alice"])

    def test_an_unreachable_broker_is_no_incident_any_more_when_the_session_is_ready(self):
        port = free_port()
        daemon = self.daemon(port, wait_ready=False, settings={"reconnect-attempts": 1})
        incidents = lambda: daemon.get("/api/v1/incidents").json["incidents"]
        wait_until(lambda: [i["kind"] for i in incidents()] == ["broker_unreachable"],
                   what="the incident")
        self.sim(port=port)
        wait_until(lambda: incidents() == [], what="its end")
        code, out, _ = self.run_belay("incidents", "--all", "--json",
                                      env={"API_PORT": str(daemon.api_port)})
        self.assertEqual(code, 0)
        closed = json.loads(out)["incidents"]
        self.assertEqual([i["close_reason"] for i in closed], ["the session is ready"])

    def test_a_command_that_hangs_or_fails_holds_nothing_up_and_is_said(self):
        command = self.script("hang", f'echo $$ > {self.path("pid")}\nsleep 600\n')
        daemon = self.lonely(**{"alert-command": command, "alert-timeout": "0.3",
                                "alert-attempts": 1})
        wait_until(lambda: "was killed" in daemon.stderr(), what="the end of the command")
        with open(self.path("pid"), encoding="utf-8") as file:
            self.assertFalse(os.path.exists(f"/proc/{int(file.read())}"))
        self.assertEqual(daemon.get("/health").status, 200)
        self.assertIn('belay_alerts_total{sink="command",result="given_up"} 1',
                      daemon.get("/metrics").text)
        daemon.terminate()
        # What is not there is refused at the start; this program cannot be run all the same.
        with open(self.path("no-program"), "w", encoding="utf-8") as file:
            file.write("#!/no/such/interpreter\n")
        os.chmod(self.path("no-program"), 0o755)
        missing = self.daemon(free_port(), wait_ready=False, data_dir="other", name="missing",
                              settings={"reconnect-attempts": 1, "alert-attempts": 1,
                                        "alert-command": self.path("no-program")})
        wait_until(lambda: "cannot run" in missing.stderr() or "status 127" in missing.stderr(),
                   what="the reason")

    def test_a_webhook_is_posted_to_until_it_takes_the_alert(self):
        hook = Hook([500])
        self.addCleanup(hook.close)
        daemon = self.lonely(**{"alert-webhook": f"http://127.0.0.1:{hook.port}/belay"})
        wait_until(lambda: hook.bodies, what="the post")
        self.assertEqual(hook.bodies[0]["kind"], "broker_unreachable")
        daemon.wait_logged("500")
        metrics = daemon.get("/metrics").text
        self.assertIn('belay_alerts_total{sink="webhook",result="failed_attempt"} 1', metrics)

    def test_a_webhook_that_nobody_serves_is_given_up_and_counted(self):
        daemon = self.lonely(**{"alert-webhook": f"http://127.0.0.1:{free_port()}/",
                                "alert-attempts": 1})
        wait_until(lambda: 'belay_alerts_total{sink="webhook",result="given_up"} 1' in
                   daemon.get("/metrics").text, what="the count")
        daemon.wait_logged("given up")

    def test_what_is_below_the_level_stays_in_the_log(self):
        command = self.script("tell", f'cat >> {self.path("told")}\n')
        sim = self.sim()
        daemon = self.daemon(sim.port, settings={
            "alert-command": command, "alert-level": "critical", "stale-order-hours": "0.0001",
            "id-monitor-interval": "0.1"})
        daemon.place(key="a")
        wait_until(lambda: "stale_order" in daemon.stderr(), what="the warning")
        self.assertEqual(self.told(), [])
        incident = daemon.get("/api/v1/incidents?kind=stale_order").json["incidents"]
        self.assertEqual(len(incident), 1)

    def test_settings_that_cannot_be_meant_are_refused_by_name(self):
        for key, value in (("alert-webhook", "https://a/"), ("alert-command", "a 'b")):
            code, _, err = self.run_belay("serve", f"--{key}", value)
            self.assertEqual(code, 2)
            self.assertIn(key.upper().replace("-", "_"), err)
