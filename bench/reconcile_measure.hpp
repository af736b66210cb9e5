// SPDX-License-Identifier: Apache-2.0
// How long a daemon takes to know the truth after an absence, beside a client that finds frames and
// fields in the same bytes and keeps nothing.
#pragma once

#include <cstddef>
#include <string>

#include "belay/base/result.hpp"
#include "bench/figures.hpp"

namespace belay::bench {

/// `orders` working orders of ours; while the link is away each fills five times. Reconnect with
/// everything new, then once more with nothing new; with a journal in memory and one in `dir`.
base::Result<Figures> measure_reconcile(std::size_t orders, const std::string& dir);

}  // namespace belay::bench
