# SPDX-License-Identifier: Apache-2.0
"""The journal's files: what `belay journal` says of them without touching anything, and what is
never started from."""
import hashlib
import os
import re
import shutil

from case import SystemTest
from test_archive import ARCHIVING, metric
from harness import wait_until


def fingerprint(directory):
    """Every name below it with its mode and a hash of its bytes."""
    found = {}
    for root, folders, names in os.walk(directory):
        for name in [*folders, *names]:
            path = os.path.join(root, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    found[path] = (os.stat(path).st_mode, hashlib.sha256(file.read()).hexdigest())
            else:
                found[path] = (os.stat(path).st_mode, "")
    return found


class Journal(SystemTest):
    def setUp(self):
        super().setUp()
        self.tws = self.sim()

    def traded(self, end="terminate", orders=3, **settings):
        """A life of a daemon with some orders, and how it ended."""
        daemon = self.daemon(self.tws.port, settings=settings)
        for i in range(orders):
            self.assertIn(daemon.place(key=f"once-{i}").status, (200, 201))
        getattr(daemon, end)()

    def look(self, status=0, directory="data"):
        """What the three commands say; none changes anything."""
        said = {}
        before = fingerprint(self.path(directory))
        for what in ("verify", "replay", "dump"):
            code, out, err = self.run_belay("journal", what, "--data-dir", directory)
            self.assertEqual(code, status, (what, out, err))
            said[what] = err if status else out
            self.assertEqual(fingerprint(self.path(directory)), before, what)
        return said

    def refused(self, opened=False):
        """The daemon does not start, and changes no byte of the journal unless it was opened."""
        files = [self.path("data", name) for name in ("journal.db", "journal.db-wal")]
        before = [fingerprint(self.path("data")).get(path) for path in files]
        code, out, err = self.run_belay("serve", "--belay-data-dir", "data", "--api-port", 0,
                                        "--tws-port", self.tws.port)
        self.assertEqual(code, 1, err)
        self.assertNotIn("ready on", out)
        if not opened:
            self.assertEqual([fingerprint(self.path("data")).get(path) for path in files], before)
        return "".join(line for line in err.splitlines(True) if not re.match(r"\d{4}-", line))

    def words(self, said):
        """Without the name of the command: `serve` and the others say the same."""
        return [text.split(": ", 1)[1] for text in said]

    def test_looking_changes_no_byte_after_an_orderly_end_and_after_kill_9(self):
        for end in ("terminate", "kill"):
            self.traded(end, orders=1)
            said = self.look()
            self.assertIn("every check good", said["verify"])
            self.assertIn("1 live", said["replay"])
            self.assertIn("once-0", said["dump"])

    def test_a_missing_or_empty_journal_is_refused_as_serve_does_and_none_is_made(self):
        self.traded()
        for name in ("journal.db", "journal.db-wal"):
            os.remove(self.path("data", name))
        for found in ("missing", "empty"):
            said = self.look(status=1)
            self.assertIn(f"it is {found} beside views.db", said["verify"])
            self.assertEqual(set(self.words(said.values())), set(self.words([self.refused()])))
            with open(self.path("data", "journal.db"), "wb"):
                pass

    def test_a_journal_that_ends_before_a_snapshot_is_refused_as_serve_does(self):
        self.daemon(self.tws.port, data_dir="short").kill()
        self.traded()
        for name in ("journal.db", "journal.db-wal"):
            shutil.copy(self.path("short", name), self.path("data", name))
        said = self.look(status=1)
        self.assertIn("was made from event", said["replay"])
        self.assertEqual(set(self.words(said.values())),
                         set(self.words([self.refused(opened=True)])))

    def test_where_there_is_no_journal_none_is_made(self):
        code, _, err = self.run_belay("journal", "verify", "--data-dir", "nowhere")
        self.assertEqual(code, 1, err)
        self.assertFalse(os.path.exists(self.path("nowhere")))
        os.mkdir(self.path("data"), 0o700)
        self.assertIn("there is no journal", self.look(status=1)["verify"])
        with open(self.path("data", "journal.db"), "wb"):
            pass
        self.assertIn("there is no journal", self.look(status=1)["verify"])

    def test_without_its_wal_a_journal_is_refused_and_no_order_is_sent_twice(self):
        for end in ("kill", "terminate"):
            for spoil in (os.remove, lambda path: os.truncate(path, 0)):
                self.traded(end)
                placed = len(self.tws.placed())
                kept = self.path("kept")
                shutil.copytree(self.path("data"), kept)
                spoil(self.path("data", "journal.db-wal"))
                if end == "kill":  # as at the first life of all, when nothing else tells of it
                    os.remove(self.path("data", "views.db"))
                err = self.refused()
                self.assertIn("journal.db-wal: it is missing, empty or cut", err)
                self.assertIn("from the same copy", err)
                self.assertIn("missing, empty or cut", self.look(status=1)["verify"])
                shutil.rmtree(self.path("data"))
                os.rename(kept, self.path("data"))
                daemon = self.daemon(self.tws.port)
                self.assertEqual(daemon.place(key="once-1").status, 200)
                self.assertEqual(len(self.tws.placed()), placed)
                daemon.terminate()
                shutil.rmtree(self.path("data"))

    def test_a_wal_of_an_earlier_time_beside_a_newer_journal_is_refused(self):
        self.traded("kill")
        shutil.copy(self.path("data", "journal.db-wal"), self.path("older"))
        self.traded("terminate")
        shutil.copy(self.path("older"), self.path("data", "journal.db-wal"))
        for name in os.listdir(self.path("data")):
            if name.startswith("snapshot-") or name == "views.db":
                os.remove(self.path("data", name))
        self.assertIn("of an earlier time", self.look(status=1)["verify"])
        self.assertIn("of an earlier time", self.refused())

    def test_the_sum_counts_the_executions_of_archived_orders_too(self):
        daemon = self.daemon(self.tws.port, settings=ARCHIVING)
        for i in range(4):
            daemon.place(limit="195", key=f"f{i}")  # marketable: fills at once
        wait_until(lambda: metric(daemon, "belay_orders_archived_total") == 4, what="the archive")
        executions = len(daemon.executions())
        self.assertEqual(daemon.place(key="rests").status, 201)
        daemon.terminate()
        said = self.look()["replay"]
        self.assertIn("5 orders (1 live, 0 unknown, 4 archived)", said)
        self.assertIn(f" {executions} executions", said)

    def test_a_symbolic_link_anywhere_in_the_path_of_the_directory_is_followed(self):
        os.makedirs(self.path("disk", "belay"))
        os.symlink(self.path("disk"), self.path("mounted"))
        os.symlink(self.path("disk", "belay", "data"), self.path("data"))
        for where in ("mounted/belay/data", "data"):
            daemon = self.daemon(self.tws.port, data_dir=where)
            self.assertIn(daemon.place(key="linked").status, (200, 201))
            daemon.kill()
            code, out, err = self.run_belay("journal", "verify", "--data-dir", where)
            self.assertEqual(code, 0, err)
            self.assertIn("every check good", out)
        self.assertEqual(len(self.tws.placed()), 1)
