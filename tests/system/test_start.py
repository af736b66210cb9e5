# SPDX-License-Identifier: Apache-2.0
"""What a daemon refuses to start with, and how it ends."""
import os
import socket
import stat

from case import SystemTest
from harness import free_port, wait_until


class Start(SystemTest):
    def refused(self, *flags, env=None, status=1):
        code, out, err = self.run_belay("serve", *flags, env=env)
        self.assertEqual(code, status, err)
        self.assertNotIn("ready on", out)
        return err

    def test_a_second_daemon_on_the_directory_is_refused_with_directory_and_pid(self):
        daemon = self.daemon(self.sim().port)
        err = self.refused("--belay-data-dir", "data", "--api-port", 0, "--tws-port", free_port())
        self.assertIn("data:", err)
        self.assertIn(f"process {daemon.pid}", err)

    def test_a_second_daemon_on_the_same_client_id_is_refused_whatever_the_name_of_the_host(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        for host in ("127.0.0.1", "localhost"):
            err = self.refused("--belay-data-dir", "other", "--api-port", 0, "--tws-port", sim.port,
                               "--client-id", 7, "--tws-host", host)
            self.assertIn("CLIENT_ID", err)
            self.assertIn(f"process {daemon.pid}", err)
            self.assertFalse(os.path.exists(self.path("other")))
        other = self.daemon(sim.port, data_dir="third", name="third", settings={"client-id": 8})
        self.assertEqual(other.get("/ready").status, 200)

    def test_locks_are_free_at_once_after_a_kill(self):
        sim = self.sim()
        self.daemon(sim.port).kill()
        self.assertEqual(self.daemon(sim.port).get("/ready").status, 200)

    def test_a_live_port_is_refused_without_permission(self):
        for port in (7496, 4001):
            err = self.refused("--belay-data-dir", "data", "--api-port", 0, "--tws-port", port,
                               status=2)
            self.assertIn("TWS_PORT", err)
            self.assertIn("BELAY_ALLOW_LIVE", err)
        self.assertFalse(os.path.exists(self.path("data")))

    def test_no_order_of_a_live_account_leaves_without_permission(self):
        sim = self.sim(extra=["--account", "U1234567"])
        daemon = self.daemon(sim.port, wait_ready=False)
        wait_until(lambda: "a person is needed: " in daemon.get("/ready").text, what="the reason")
        self.assertEqual(daemon.get("/ready").status, 503)
        answer = daemon.place(key="live")
        self.assertEqual(answer.status, 422, answer)
        self.assertIn("BELAY_ALLOW_LIVE", answer.text)
        self.assertEqual(sim.placed(), [])
        daemon.terminate()
        allowed = self.daemon(sim.port, settings={"belay-allow-live": "true"})
        self.assertEqual(allowed.place(key="live-2").status, 201)
        self.assertEqual(len(sim.placed()), 1)

    def test_wrong_settings_are_refused_with_key_and_source(self):
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("CLIENT_ID=many\n")
        err = self.refused("--belay-data-dir", "data", status=2)
        self.assertIn("CLIENT_ID", err)
        self.assertIn(".env", err)
        os.unlink(self.path(".env"))
        err = self.refused("--tws-port", "70000", status=2)
        self.assertIn("TWS_PORT", err)
        self.assertIn("--tws-port", err)
        err = self.refused(env={"LOG_LEVEL": "loud"}, status=2)
        self.assertIn("LOG_LEVEL", err)
        self.assertIn("environment", err)
        with open(self.path("belay.toml"), "w", encoding="utf-8") as file:
            file.write("api_port = -1\n")
        err = self.refused("--config", "belay.toml", status=2)
        self.assertIn("API_PORT", err)
        self.assertIn("belay.toml", err)
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("TWS_PROT=4002\n")
        self.assertIn("TWS_PROT in .env", self.refused("--belay-data-dir", "data", status=2))
        os.unlink(self.path(".env"))
        self.assertIn("cannot read /tmp", self.refused("--config", "/tmp", status=2))
        os.mkdir(self.path(".env"))
        # A Python environment may have this name; it holds no settings.
        daemon = self.daemon(self.sim().port)
        daemon.wait_logged(".env is a directory: ignored")
        daemon.terminate()
        os.rmdir(self.path(".env"))
        with open(self.path(".env"), "w", encoding="utf-8") as file:
            file.write("DATABASE_URL=postgres://me:secret@host/db\n")
        daemon = self.daemon(self.sim(name="sim2").port)
        daemon.wait_logged("DATABASE_URL")
        self.assertNotIn("secret", daemon.stderr())
        os.unlink(self.path(".env"))
        self.assertIn("/nonexistent", self.refused("--alert-command", "/nonexistent", status=2))
        err = self.refused("--no-such-setting", "1", status=2)
        self.assertIn("no-such-setting", err)
        err = self.refused(env={"TWS_PORT": "7497", "IB_PORT": "4002"}, status=2)
        self.assertIn("IB_PORT", err)

    def test_an_unknown_variable_of_ours_is_told_and_does_not_keep_it_from_starting(self):
        daemon = self.daemon(self.sim().port, env={"BELAY_ALLOW_LIFE": "true"})
        daemon.wait_logged("BELAY_ALLOW_LIFE")

    def test_a_misspelt_data_directory_never_begins_another_one(self):
        before = os.listdir(self.directory)
        err = self.refused("--tws-port", free_port(), "--api-port", 0,
                           env={"BELAY_DATA_DRI": "data"}, status=2)
        self.assertIn("was BELAY_DATA_DIR meant?", err)
        self.assertEqual(os.listdir(self.directory), before)

    def test_an_api_port_in_use_is_refused_by_name_and_leaves_the_directory_usable(self):
        sim = self.sim()
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            err = self.refused("--belay-data-dir", "data", "--tws-port", sim.port, "--api-port",
                               port)
            self.assertIn(str(port), err)
            self.assertIn("API_PORT", err)
            self.assertFalse(os.path.exists(self.path("data")))
        self.assertEqual(self.daemon(sim.port).get("/ready").status, 200)

    def test_a_directory_that_everybody_can_write_to_is_refused(self):
        os.mkdir(self.path("data"))
        os.chmod(self.path("data"), 0o777)
        err = self.refused("--belay-data-dir", "data", "--api-port", 0)
        self.assertIn("data", err)
        self.assertIn("chmod", err)

    def test_a_journal_that_is_gone_or_empty_beside_its_snapshots_is_refused(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="once").status, 201)
        self.assertEqual(daemon.terminate(), 0)
        os.rename(self.path("data", "journal.db"), self.path("kept.db"))
        os.rename(self.path("data", "journal.db-wal"), self.path("kept.db-wal"))
        flags = ("--belay-data-dir", "data", "--api-port", 0, "--tws-port", sim.port)
        for found in ("missing", "empty"):
            err = self.refused(*flags)
            self.assertIn("journal.db", err)
            self.assertIn(f"it is {found} beside views.db", err)
            self.assertIn("move the directory away", err)
            with open(self.path("data", "journal.db"), "ab"):
                pass
        # A new journal in the old one's place ends before its snapshot was made.
        daemon = self.daemon(sim.port, data_dir="other", name="other")
        daemon.terminate()
        os.replace(self.path("other", "journal.db"), self.path("data", "journal.db"))
        os.replace(self.path("other", "journal.db-wal"), self.path("data", "journal.db-wal"))
        self.assertIn("was made from event", self.refused(*flags))
        os.rename(self.path("kept.db"), self.path("data", "journal.db"))
        os.rename(self.path("kept.db-wal"), self.path("data", "journal.db-wal"))
        again = self.daemon(sim.port)
        self.assertEqual(again.place(key="once").status, 200)
        self.assertEqual(len(sim.placed()), 1)

    def test_a_start_that_cannot_be_noted_is_told_and_goes_on(self):
        os.makedirs(self.path("data", "starts"))
        os.chmod(self.path("data"), 0o700)
        daemon = self.daemon(self.sim().port)
        daemon.wait_logged("the end of this start cannot be noted: ")
        daemon.wait_logged("starts: Is a directory")

    def test_files_are_for_the_owner_alone(self):
        self.daemon(self.sim().port)
        for name in ("data", "data/journal.db", "data/journal.db-wal"):
            mode = stat.S_IMODE(os.stat(self.path(name)).st_mode)
            self.assertEqual(mode & 0o077, 0, name)

    def test_sigterm_and_sigint_end_with_0_and_keep_what_was_acknowledged(self):
        sim = self.sim()
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.place(key="before").status, 201)
        self.assertEqual(daemon.terminate(), 0)
        daemon = self.daemon(sim.port)
        self.assertEqual(daemon.order("before")["status"], "Submitted")
        daemon.child.send_signal(2)
        self.assertEqual(daemon.wait(), 0)

    def test_an_open_event_stream_does_not_hold_up_the_end(self):
        daemon = self.daemon(self.sim().port)
        with socket.create_connection(("127.0.0.1", daemon.api_port)) as stream:
            stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_until(lambda: stream.recv(1000), what="the stream")
            self.assertEqual(daemon.terminate(5), 0)
