// SPDX-License-Identifier: Apache-2.0
// `belay journal dump|verify|replay`: the journal of a stopped daemon, for people and scripts.
#pragma once

namespace belay::app {

/// argv[0] is "journal". Exit status 0 done, 1 damaged or in use, 2 wrong usage.
int run_journal_command(int argc, char** argv);

}  // namespace belay::app
