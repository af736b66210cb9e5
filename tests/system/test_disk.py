# SPDX-License-Identifier: Apache-2.0
"""Disks that fail: the daemon ends at once rather than say yes to what may not be there, and after
a restart everything it said yes to is there. Faults come from strace; the full disk is a real one
where a small file system can be mounted."""
import http.client
import os
import shutil
import sqlite3
import subprocess
import threading
import unittest

from case import SystemTest
from harness import wait_until


def ptrace_works():
    try:
        return subprocess.run(["strace", "-D", "-f", "-o", "/dev/null", "true"],
                              capture_output=True, check=False).returncode == 0
    except OSError:
        return False


# A sanitizer's leak check cannot run under ptrace.
ENVIRONMENT = {"ASAN_OPTIONS": "detect_leaks=0"}
INJECT = ["strace", "-D", "-f", "-o", "/dev/null"]


def open_kinds(daemon):
    incidents = daemon.get("/api/v1/incidents").json["incidents"]
    return [one["kind"] for one in incidents if one["state"] == "open"]


class Disk(SystemTest):
    def place_until_it_ends(self, daemon, most=400):
        """Three callers place orders until the daemon is gone; the keys that were acknowledged."""
        said_yes = []

        def caller(name):
            for i in range(most):
                key = f"{name}-{i}"
                try:
                    answer = daemon.place(key=key, limit="90" if i % 2 else "195")
                except (OSError, http.client.HTTPException):
                    return
                if answer.status in (201, 202):
                    said_yes.append((key, answer.json["order_id"]))

        callers = [threading.Thread(target=caller, args=(name,)) for name in "abc"]
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()
        return said_yes

    def nothing_is_lost(self, sim, said_yes):
        daemon = self.daemon(sim.port, name="again", settings=self.SETTINGS)
        for key, order_id in said_yes:
            self.assertEqual(daemon.order(key).get("order_id"), order_id, key)
        known = {order["broker_order_id"] for order in daemon.orders()}
        sent = [str(frame["orderId"]) for frame in sim.placed()]
        self.assertEqual(len(sent), len(set(sent)), "an id went out twice")
        self.assertEqual(set(sent) - known, set(), "an order at the broker is unknown")
        unknown_shown = [order["order_id"] for order in daemon.orders()
                         if order["outcome"] == "unknown" and order["broker_order_id"] in sent]
        self.assertEqual(unknown_shown, [])
        self.assertEqual(daemon.place(key="after", limit="91").status, 201)

    SETTINGS = {"max-orders-per-contract": 0, "tws-message-rate-limit": 1000}
    SCENARIO = "[server]\nopen_orders_max = 100000\n"

    def fails_with(self, fault):
        sim = self.sim(self.SCENARIO)
        # Made without faults: the first 5 MiB of a journal are thousands of writes.
        self.daemon(sim.port).terminate()
        daemon = self.daemon(sim.port, prefix=[*INJECT, "-e", f"inject={fault}"], env=ENVIRONMENT,
                             settings=self.SETTINGS)
        said_yes = self.place_until_it_ends(daemon)
        self.assertNotEqual(daemon.wait(5), 0)
        daemon.wait_logged("the journal cannot be written")
        self.assertGreater(len(said_yes), 0)
        self.nothing_is_lost(sim, said_yes)

    @unittest.skipUnless(ptrace_works(), "ptrace is not permitted here")
    def test_a_failed_fdatasync_ends_the_daemon_and_loses_nothing(self):
        self.fails_with("fdatasync:error=EIO:when=40")

    @unittest.skipUnless(ptrace_works(), "ptrace is not permitted here")
    def test_a_failed_write_ends_the_daemon_and_loses_nothing(self):
        self.fails_with("pwrite64:error=EIO:when=150")

    @unittest.skipUnless(ptrace_works(), "ptrace is not permitted here")
    def test_a_write_without_space_ends_the_daemon_and_loses_nothing(self):
        self.fails_with("pwrite64:error=ENOSPC:when=150+")

    def test_a_limit_on_the_size_of_files_ends_the_daemon_with_its_reason(self):
        sim = self.sim(self.SCENARIO)
        self.daemon(sim.port).terminate()
        limited = ["bash", "-c", 'ulimit -f 400; exec "$@"', "bash"]
        daemon = self.daemon(sim.port, prefix=limited, settings=self.SETTINGS)
        said_yes = self.place_until_it_ends(daemon)
        self.assertEqual(daemon.wait(5), 1)
        daemon.wait_logged("the journal cannot be written")
        self.assertGreater(len(said_yes), 0)
        self.nothing_is_lost(sim, said_yes)

    def test_a_disk_that_fills_up_is_refused_in_time_and_loses_nothing(self):
        mount = self.path("small")
        os.mkdir(mount)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m,mode=0700", "none", mount],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"a file system cannot be mounted here: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", mount], check=False)
        sim = self.sim(self.SCENARIO)
        daemon = self.daemon(sim.port, data_dir=os.path.join(mount, "data"),
                             settings=self.SETTINGS)
        self.assertEqual(daemon.place(key="early").status, 201)
        with open(os.path.join(mount, "ballast"), "wb") as file:
            file.write(b"\0" * (55 << 20))
        refused = wait_until(lambda: next((a for a in [daemon.place()] if a.status == 503), None),
                             what="the refusal of new orders")
        self.assertIn("below 64 MiB", refused.json["detail"])
        self.assertEqual(refused.json["code"], "DISK_UNFIT")
        self.assertNotIn("broker", refused.json["title"])
        self.assertEqual(open_kinds(daemon), ["disk_nearly_full"])
        self.assertIn("belay_disk_refuse_below_bytes 67108864", daemon.get("/metrics").text)
        # What reduces risk is taken still.
        self.assertEqual(daemon.call("DELETE", "/api/v1/orders/cid:early").status, 202)
        wait_until(lambda: daemon.order("early")["status"] == "Cancelled", what="the cancel")
        os.unlink(os.path.join(mount, "ballast"))
        wait_until(lambda: daemon.place(key="late").status in (200, 201), what="room again")
        wait_until(lambda: open_kinds(daemon) == [], what="the end of the incident")
        self.assertEqual(daemon.terminate(), 0)

    def test_a_flipped_byte_in_a_row_is_named_and_nothing_is_served(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        for i in range(3):
            self.assertEqual(daemon.place(key=f"flip-{i}").status, 201)
        daemon.terminate()
        with sqlite3.connect(self.path("data", "journal.db")) as journal:
            row, payload = journal.execute(
                "SELECT seq, payload FROM events WHERE type = (SELECT type FROM events "
                "WHERE instr(payload, 'flip-1')) AND instr(payload, 'flip-1')").fetchone()
            changed = payload.replace(b"flip-1", b"flip-9")
            journal.execute("UPDATE events SET payload = ? WHERE seq = ?", (changed, row))
        journal.close()
        code, out, err = self.run_belay("serve", "--belay-data-dir", "data", "--api-port", 0,
                                        "--tws-port", sim.port)
        self.assertEqual(code, 1)
        self.assertIn(f"{row}", err)
        self.assertNotIn("ready on", out)
        code, _, err = self.run_belay("journal", "verify", "--data-dir", "data")
        self.assertEqual(code, 1)
        self.assertIn(f"{row}", err)

    def test_a_flipped_byte_inside_the_wal_is_not_dropped_in_silence(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        for i in range(20):
            self.assertIn(daemon.place(key=f"wal-{i}", symbol=["AAPL", "MSFT"][i % 2]).status,
                          (201, 202))
        daemon.kill()
        wal = self.path("data", "journal.db-wal")
        with open(wal, "r+b") as file:
            content = file.read()
            place = content.index(b"wal-2")
            file.seek(place)
            file.write(b"wal-X")
        code, out, err = self.run_belay("serve", "--belay-data-dir", "data", "--api-port", 0,
                                        "--tws-port", sim.port)
        self.assertEqual(code, 1, err)
        self.assertIn("journal.db-wal", err)
        self.assertNotIn("ready on", out)
        with open(wal, "rb") as file:  # nothing was changed: it can be repaired or looked at
            self.assertEqual(file.read(), content[:place] + b"wal-X" + content[place + 5:])

    def test_a_copy_of_the_stopped_directory_is_the_whole_truth(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="copied").status, 201)
        daemon.kill()
        shutil.copytree(self.path("data"), self.path("copy"))
        daemon = self.daemon(sim.port, data_dir="copy", name="copy")
        self.assertEqual(daemon.order("copied")["status"], "Submitted")

    def test_a_data_directory_that_is_taken_away_ends_the_daemon_at_once(self):
        data = self.path("data")

        def replace(name):
            shutil.copy(os.path.join(data, name), self.path("other"))
            os.replace(self.path("other"), os.path.join(data, name))

        for take_away, name in ((lambda: shutil.rmtree(data), "journal.db"),
                                (lambda: os.rename(data, self.path("moved")), "journal.db"),
                                (lambda: replace("journal.db"), "journal.db"),
                                (lambda: os.unlink(f"{data}/journal.db-wal"), "journal.db-wal"),
                                (lambda: os.unlink(f"{data}/lock"), "lock")):
            shutil.rmtree(data, ignore_errors=True)
            sim = self.sim(name="taken")
            daemon = self.daemon(sim.port)
            self.assertEqual(daemon.place(key="before").status, 201)
            take_away()
            self.assertEqual(daemon.wait(5), 1)
            self.assertIn(f"nothing more could be kept: {data}/{name} was removed",
                          daemon.stderr())
            sim.kill()
