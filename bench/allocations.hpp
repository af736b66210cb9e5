// SPDX-License-Identifier: Apache-2.0
// Every allocation of this program is counted, thread by thread.
#pragma once

#include <cstdint>

namespace belay::bench {

/// Made by the calling thread since it began.
std::uint64_t allocations();

}  // namespace belay::bench
