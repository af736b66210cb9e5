// SPDX-License-Identifier: Apache-2.0
// A long life of one daemon: orders placed, acknowledged, filled and archived by the million, on
// real files and without sockets or pacing. What memory does meanwhile, what an order weighs live,
// archived and on disk, and how long a start takes with and without a snapshot.
#pragma once

#include <cstddef>
#include <string>

#include "belay/base/result.hpp"
#include "bench/figures.hpp"

namespace belay::bench {

/// Files go to `dir`. Error also when memory grows by more than `archived_bytes_max` allocated
/// bytes per archived order, or when a restart does not give the same state. With
/// `rebuild_history` there is a start without the history's file, too.
base::Result<Figures> measure_million(std::size_t orders, const std::string& dir,
                                      double archived_bytes_max, bool rebuild_history);

}  // namespace belay::bench
