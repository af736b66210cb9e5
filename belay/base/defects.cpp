// SPDX-License-Identifier: Apache-2.0
#include "belay/base/defects.hpp"

#ifdef BELAY_DEFECTS
#include <array>
#include <atomic>
#include <cstddef>

namespace belay::base {
namespace {
// tidy: allow static because the switches exist only in builds with BELAY_DEFECTS
std::array<std::atomic<bool>, static_cast<std::size_t>(Defect::count)> switches{};
}  // namespace

bool defect(Defect which) { return switches[static_cast<std::size_t>(which)].load(); }
void set_defect(Defect which, bool on) { switches[static_cast<std::size_t>(which)].store(on); }
}  // namespace belay::base
#endif
