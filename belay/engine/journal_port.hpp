// SPDX-License-Identifier: Apache-2.0
// The Journal port: what the engine asks of whatever keeps events. It is asynchronous from the
// first line and knows bytes, never an order. Adapters live in belay/journal; the simulation runs
// the real SQLite adapter on a simulated disk.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"

namespace belay::engine {

/// One durable fact. `seq` is dense from 1. `epoch` counts the writers that opened this journal;
/// it never decreases along seq. `type` and `version` say how to read `payload`.
struct JournalRecord {
  std::uint64_t seq = 0;
  std::uint64_t epoch = 0;
  base::Time time;
  std::uint16_t type = 0;
  std::uint16_t version = 0;
  std::string payload;
  friend bool operator==(const JournalRecord&, const JournalRecord&) = default;
};

enum class AppendOutcome : std::uint8_t {
  durable,  ///< every record of the batch survives power loss from now on
  stale,    ///< compare-and-set refused: the tail is not (epoch, expected_seq - 1); nothing written
  failed,   ///< the store reported an error: whether the batch is durable is unknown; stop at once
};

struct AppendCompletion {
  std::uint64_t ticket = 0;
  AppendOutcome outcome = AppendOutcome::failed;
  std::string detail;  ///< the store's words when not durable
};

class Journal {
 public:
  Journal() = default;
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  virtual ~Journal() = default;

  /// Reads every record in order, checking density and row checks; `visit` returning false stops
  /// early. Error: damage, with the row and what was wrong. Called before the first append.
  virtual base::Status<> replay(const std::function<bool(const JournalRecord&)>& visit) = 0;
  /// The same from row `from` on, whose check continues that of the row before it as it stands.
  virtual base::Status<> replay_from(std::uint64_t from,
                                     const std::function<bool(const JournalRecord&)>& visit) {
    if (from <= 1) return replay(visit);
    return base::fail("journal", "cannot be read from the middle");
  }
  /// The check of a row, which covers it and all before it. Nothing: there are no checks, and what
  /// was summed up of this journal cannot be told from what was not. Before the first append.
  virtual std::optional<std::uint32_t> check_at(std::uint64_t) { return std::nullopt; }
  /// The check of row last_seq(), at any time.
  virtual std::optional<std::uint32_t> last_check() const { return std::nullopt; }
  /// The last durable seq (0 when empty) and the highest epoch seen, after replay.
  virtual std::uint64_t last_seq() const = 0;
  virtual std::uint64_t last_epoch() const = 0;

  /// Starts to append `batch` (seq = expected_seq, expected_seq + 1, ...), compare-and-set on
  /// (epoch, expected_seq). At most one append is in flight. The answer comes by poll().
  /// After `stale` or `failed` the journal refuses everything (outcome failed).
  virtual std::uint64_t append(std::uint64_t epoch, std::uint64_t expected_seq,
                               std::vector<JournalRecord> batch) = 0;
  /// The completion of the append in flight, once. Never blocks.
  virtual std::optional<AppendCompletion> poll() = 0;
  /// A hint that nothing is in flight: a good moment for a checkpoint. Never blocks for long.
  virtual void idle() {}
};

}  // namespace belay::engine
