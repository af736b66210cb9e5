// SPDX-License-Identifier: Apache-2.0
// The rules about broker order ids that need no decision: limits, optional ranges per purpose, the
// next id that a purpose may have, and every rule that a given id would break. Read by the core
// before it acts and by the API for those who only ask.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"
#include "belay/core/facts/book.hpp"

namespace belay::core {

/// The broker's ids are int32, and the adapter's requests have the top of them.
inline constexpr std::int64_t broker_number_max = 2'146'999'999;
inline constexpr std::int64_t nearly_exhausted_from = broker_number_max / 10 * 9;

/// Who holds the room below a block: every order without a block takes its id from there.
inline constexpr std::string_view room_owner = "belay";

/// Ids [from, to) are for one purpose, and again each lap_of() later: ids only rise, so a range
/// that was passed comes back higher up instead of being lost.
struct IdRange {
  std::string purpose;
  std::int64_t from = 0;
  std::int64_t to = 0;
  friend bool operator==(const IdRange&, const IdRange&) = default;
};

struct IdOptions {
  std::vector<IdRange> ranges = {};  ///< empty: one sequence for all purposes
  std::int64_t window = 0;           ///< how far from the next id an id may be; 0: anywhere
  std::int64_t block_max = 1000;
  std::size_t blocks_max = 100;
  std::int64_t skip_max = 10'000;  ///< how far ahead a block may begin
  /// Ids that stay free below a new block for orders that need none, so that they do not pass it.
  std::int64_t block_room = 0;
  /// How long other orders wait for an open block to be used; 0: they pass it at once.
  base::Duration block_hold{};
  base::Duration monitor_interval{};  ///< 0: no monitor
  base::Duration stale_after = std::chrono::hours(24);
  bool stale_gtc_exempt = true;
  base::Duration reset_timeout = std::chrono::seconds(30);
  unsigned collision_resends = 2;  ///< under new ids, for one order
  /// An order is not sent again later than this after the refusal of its id.
  base::Duration collision_window = std::chrono::seconds(10);
};

/// After so many ids the ranges begin anew; the upper half of a lap is free for every purpose that
/// has no range. 0: there are no ranges.
std::int64_t lap_of(const IdOptions& options);

/// "manual=0-999,scanner=1000-1999": both ends included, known purposes, no overlap. Empty text is
/// no ranges. The error says what is wrong.
base::Result<std::vector<IdRange>> parse_id_ranges(std::string_view text);

/// The first id above `mark` that a purpose may have, for `count` ids in a row; nothing when so
/// many do not fit into its range, or all ids are used up.
std::optional<std::int64_t> next_number(const IdOptions& options, std::int64_t mark,
                                        std::string_view purpose, std::int64_t count = 1);

struct IdQuestion {
  std::int32_t session = 0;
  std::int64_t number = 0;
  std::string_view purpose = {};    ///< empty: not told
  std::string_view principal = {};  ///< who asks
};
/// The ids below a reserved block from which orders without one are served; nullptr: none.
const IdBook::Block* room_of(const IdBook& ids, std::int32_t session);
/// The id that an order without a block and without a range would get now.
std::int64_t next_of(const IdBook& ids, std::int32_t session);

/// Every rule that using this id now would break; the field is the rule's name: zero, int32, range,
/// reused, passed, reserved, purpose_range, window.
std::vector<base::Error> broken_id_rules(const Book& book, const IdOptions& options,
                                         const IdQuestion& question);

/// The broker has said anything of the order: its frame arrived.
bool left_trace(const Order& order);
/// True when the broker is known to have had one of the ids from `first` to `last`: it showed the
/// order, or told of the ids itself. A frame that was lost on its way took its id along.
bool broker_had(const Book& book, std::int32_t session, std::int64_t first, std::int64_t last);

}  // namespace belay::core
