// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/early_signals.hpp"

#include <fcntl.h>

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace belay::app {
namespace {

std::atomic<bool> asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void remember_halt(int) {
  asked.store(true, std::memory_order_relaxed);
}
// A handler and not SIG_IGN, which the programs that alerts start would inherit.
void pass_over(int) {}

void handle(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

}  // namespace

void catch_early_signals() {
  handle(SIGUSR2, remember_halt);
  for (const int number :
       {SIGXFSZ, SIGPIPE, SIGHUP, SIGUSR1, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGSTKFLT}) {
    handle(number, pass_over);
  }
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) handle(number, pass_over);
}

void keep_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) continue;
    // The lowest free number, which is this one.
    if (::open("/dev/null", fd == 0 ? O_RDONLY : O_WRONLY) != fd) std::_Exit(1);
  }
}

bool halt_was_asked() {
  return asked.load(std::memory_order_relaxed);
}

}  // namespace belay::app
