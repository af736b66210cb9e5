// SPDX-License-Identifier: Apache-2.0
// `belay sim tws`: the simulated TWS on a real socket. It only carries bytes and time between the
// loop and the simulation; belay/simtws decides what is answered.
#pragma once

namespace belay::app {

/// argv[0] is "sim", argv[1] must be "tws". Exit status 0 done, 1 cannot listen, 2 wrong usage.
int run_sim_command(int argc, char** argv);

/// argv[0] is "tws". Runs until SIGINT or SIGTERM.
int run_sim_tws(int argc, char** argv);

}  // namespace belay::app
