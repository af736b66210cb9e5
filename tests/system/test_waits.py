# SPDX-License-Identifier: Apache-2.0
"""What is waited for is timed by the time that passes, whatever the machine's clock is set to."""
import os
import shutil
import subprocess
import time

from case import SystemTest
from harness import wait_until

# The wall clock of one process, moved by as many seconds as a file says.
CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t which, struct timespec* now) {
  static int (*real)(clockid_t, struct timespec*);
  if (!real) *(void**)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int result = real(which, now);
  if (which != CLOCK_REALTIME) return result;
  FILE* file = fopen(getenv("MOVED_CLOCK"), "r");
  long moved = 0;
  if (file) {
    if (fscanf(file, "%ld", &moved) != 1) moved = 0;
    fclose(file);
  }
  now->tv_sec += moved;
  return result;
}
"""


class Waits(SystemTest):
    def moved_clock(self):
        compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
        if compiler is None:
            self.skipTest("no C compiler to move a clock with")
        with open(self.path("clock.c"), "w", encoding="utf-8") as file:
            file.write(CLOCK)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", self.path("clock.so"),
                        self.path("clock.c"), "-ldl"], check=True)
        return {"LD_PRELOAD": self.path("clock.so"), "MOVED_CLOCK": self.path("moved")}

    def move(self, seconds):
        with open(self.path("moved.new"), "w", encoding="utf-8") as file:
            file.write(str(seconds))
        os.replace(self.path("moved.new"), self.path("moved"))

    def waiting(self, daemon, what):
        return next((w for w in daemon.get("/health").json["waiting"] if w["what"] == what), None)

    def test_a_wait_is_as_long_as_it_takes_whatever_the_clock_is_set_to(self):
        sim = self.sim('[server]\nlose_end_of = ["positionEnd"]\n'
                       '[[rule]]\nsymbol = "IBM"\ndo = "drop"\n')
        clock = self.moved_clock()
        self.move(-3600)
        there = int(subprocess.check_output(["date", "+%s"], env={**os.environ, **clock}))
        self.assertLess(there, time.time() - 3000, "the clock cannot be moved here")
        self.move(0)
        daemon = self.daemon(sim.port, env=clock, wait_ready=False)
        first = wait_until(lambda: self.waiting(daemon, "positions"), what="the wait")
        self.move(-3600)
        time.sleep(1.5)  # the daemon looks at the clock each second
        self.move(86400)
        time.sleep(1.5)
        now = self.waiting(daemon, "positions")
        self.assertEqual((now["since"], now["until"], now["overdue"]),
                         (first["since"], first["until"], False))
        self.move(-3600)
        # Not an hour later: twenty seconds for the list, two for an order that nobody answers.
        daemon.wait_ready(seconds=30)
        begin = time.monotonic()
        self.assertEqual(daemon.place(symbol="IBM", limit="225", key="k").status, 202)
        self.assertLess(1.5, time.monotonic() - begin)
        self.assertLess(time.monotonic() - begin, 8)
        wait_until(lambda: self.waiting(daemon, "positions")["overdue"], 15, what="the incident")
