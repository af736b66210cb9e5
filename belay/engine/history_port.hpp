// SPDX-License-Identifier: Apache-2.0
// The History port: where archived orders are. It is asynchronous like the journal: put() returns
// before the bytes are written, and poll() answers questions in the sequence in which they were
// asked. The history keeps bytes and a few columns to search by, and knows no order. It can be
// thrown away: everything in it can be made again from the journal.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"

namespace belay::engine {

struct HistoryRow {
  std::uint64_t seq = 0;  ///< of the event that archived the order
  std::uint64_t order = 0;
  std::string account;
  std::string symbol;
  std::string status;      ///< the word that callers see
  std::string ord_status;  ///< FIX 39
  bool external = false;
  bool has_executions = false;
  base::Time finished;
  std::vector<std::int64_t> permanent_ids;
  std::int32_t session = 0;
  std::int64_t number = 0;  ///< 0: it has no broker id
  std::string state;        ///< the encoded order
};

/// What is asked: one order by one of its names, or a page of them, newest first.
struct HistoryQuery {
  enum class By : std::uint8_t { order, permanent_id, broker_id, list };
  By by = By::order;
  std::uint64_t order = 0;  ///< of a list: this one alone; 0 is any
  std::int64_t permanent_id = 0;
  std::int32_t session = 0;
  std::int64_t number = 0;
  // list
  std::uint64_t before = std::numeric_limits<std::int64_t>::max();  ///< ids below this one
  std::size_t limit = 100;
  std::string account;
  std::string symbol;
  std::string status;  ///< of either kind; empty: any
  bool external_too = false;
  bool with_executions = false;
};

struct HistoryAnswer {
  std::uint64_t ticket = 0;
  std::vector<std::string> states;  ///< encoded orders
  bool more = false;                ///< of a list: there are older ones
  bool whole = true;                ///< of a list: false when a row of it may be missing
  std::string error;                ///< not empty: the history could not be read
};

struct HistoryStats {
  std::size_t queued = 0;     ///< rows and questions that wait
  std::uint64_t written = 0;  ///< rows since the start
  std::uint64_t failed = 0;   ///< writes that did not succeed
  std::uint64_t bytes = 0;    ///< of the file
};

/// Set in the tickets of the engine, which asks by itself; the number below it is the order.
inline constexpr std::uint64_t recall_ticket = std::uint64_t{1} << 63U;

class History {
 public:
  History() = default;
  History(const History&) = delete;
  History& operator=(const History&) = delete;
  virtual ~History() = default;

  /// What is held belongs to this instance's journal, which goes to `journal_seq`; anything else
  /// is dropped. Before everything else.
  virtual base::Status<> begin(std::uint64_t instance, std::uint64_t journal_seq) = 0;
  /// The highest seq that was put; after begin() the one that is durable.
  virtual std::uint64_t last_seq() const = 0;

  /// Rows that may be put now; 0 when too many wait.
  virtual std::size_t room() const = 0;
  /// Blocks until there is room. Only while the journal is replayed.
  virtual void wait_for_room() {}
  /// Replaces a row of the same order. `row.seq` is above last_seq().
  virtual void put(HistoryRow row) = 0;
  virtual void ask(std::uint64_t ticket, HistoryQuery query) = 0;
  /// The next answer. Never blocks.
  virtual std::optional<HistoryAnswer> poll() = 0;
  virtual HistoryStats stats() const = 0;
};

}  // namespace belay::engine
