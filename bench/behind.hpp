// SPDX-License-Identifier: Apache-2.0
// How long a cancel and a protective order take when many entries wait before them: from the moment
// they are asked for to the broker's published answer, over a real socket, durable, with the
// default message rate. bench/peers measures other clients against the same gateway.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "belay/base/result.hpp"
#include "bench/figures.hpp"

namespace belay::bench {

/// `entries` orders, then at once a cancel and a stop; the gateway listens on 127.0.0.1:`port`.
base::Result<Figures> measure_behind(std::uint16_t port, std::size_t entries,
                                     const std::string& dir);

}  // namespace belay::bench
