// SPDX-License-Identifier: Apache-2.0
// Snapshots and archived orders are made from durable events alone. If the journal does not reach
// as far as they do, it was lost, emptied or set back, and the keys that were used are lost with
// it. A daemon that went on from there would place an order again that was placed already.
#pragma once

#include <cstdint>
#include <string>

#include "belay/base/result.hpp"

namespace belay::history {

/// Before the journal is opened, which makes what is missing.
base::Status<> refuse_missing_journal(const std::string& directory);
/// Before the history is opened, which throws away what the journal does not know.
base::Status<> refuse_short_journal(const std::string& directory, std::uint64_t last_seq);

}  // namespace belay::history
