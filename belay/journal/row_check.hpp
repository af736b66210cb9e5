// SPDX-License-Identifier: Apache-2.0
// The chained check of one journal row (docs/formats/journal.md): CRC-32C over the check of the
// row before and every column. A row that was changed, moved, repeated or left out breaks it; it
// guards against damage, not against a forger.
#pragma once

#include <cstdint>

#include "belay/engine/journal_port.hpp"

namespace belay::journal {

/// `before` is the check of row seq - 1, and 0 for the first row.
std::uint32_t row_check(std::uint32_t before, const engine::JournalRecord& record);

}  // namespace belay::journal
