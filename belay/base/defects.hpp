// SPDX-License-Identifier: Apache-2.0
// Planted defects: switches that make one guarantee fail on purpose, so that a test can show that
// the check which guards it would notice. They exist only in builds with BELAY_DEFECTS; everywhere
// else defect() is the constant false and the branch is compiled away. Only tests set them.
#pragma once

#include <cstdint>

namespace belay::base {

enum class Defect : std::uint8_t {
  journal_acks_before_sync,  ///< the journal says durable while the bytes are in a cache
  count,                     ///< how many there are; keep last
};

#ifdef BELAY_DEFECTS
bool defect(Defect which);
void set_defect(Defect which, bool on);
#else
constexpr bool defect(Defect) { return false; }
#endif

}  // namespace belay::base
