// SPDX-License-Identifier: Apache-2.0
// What every adapter demands of a batch before it looks at its store. A batch that breaks this is
// our bug, never the disk's.
#pragma once

#include <cstdint>
#include <span>

#include "belay/base/check.hpp"
#include "belay/engine/journal_port.hpp"

namespace belay::journal {

inline void check_batch(std::uint64_t epoch, std::uint64_t expected_seq,
                        std::span<const engine::JournalRecord> batch) {
  BELAY_CHECK(!batch.empty());
  std::uint64_t seq = expected_seq;
  for (const engine::JournalRecord& record : batch) {
    BELAY_CHECK(record.seq == seq);
    BELAY_CHECK(record.epoch == epoch);
    ++seq;
  }
}

/// Shared words, so that an operator meets the same sentence from every adapter.
inline constexpr const char* dead_detail = "the journal takes nothing more after: ";

}  // namespace belay::journal
