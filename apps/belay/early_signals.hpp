// SPDX-License-Identifier: Apache-2.0
// Signals that would end the daemon without a word. SIGUSR2 is the halt of last resort: while the
// daemon starts it is remembered. SIGXFSZ, of a limit on the size of files, is passed over: the
// write fails then, and the daemon says so when it ends.
#pragma once

namespace belay::app {

/// The first thing that `serve` does.
void catch_early_signals();
/// SIGUSR2 came before the loop took it over.
bool halt_was_asked();

}  // namespace belay::app
