// SPDX-License-Identifier: Apache-2.0
// Signals that would end the daemon without a word. SIGUSR2 is the halt of last resort; while the
// daemon starts it is remembered. SIGXFSZ (a limit on the size of files) is passed over: the write
// fails instead, and the daemon says so when it ends. Signals that mean nothing to a daemon
// (SIGPIPE, SIGUSR1, SIGALRM and its kin, the real-time ones) are passed over too, and so is SIGHUP
// while it starts.
#pragma once

namespace belay::app {

/// The first thing that `serve` does.
void catch_early_signals();
/// SIGUSR2 came before the loop took it over.
bool halt_was_asked();
/// If standard input, output or error was not given, /dev/null takes its place. Otherwise a file
/// that is opened later would get its number, and what is meant for a terminal would be written
/// into it.
void keep_standard_descriptors();

}  // namespace belay::app
