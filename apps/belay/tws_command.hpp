// SPDX-License-Identifier: Apache-2.0
// `belay tws decode`: recorded TWS bytes as JSON lines with field names.
#pragma once

namespace belay::app {

/// argv[0] is "tws". Exit status 0 done, 1 something could not be decoded, 2 wrong usage.
int run_tws_command(int argc, char** argv);

}  // namespace belay::app
