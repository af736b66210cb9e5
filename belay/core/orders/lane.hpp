// SPDX-License-Identifier: Apache-2.0
// Lanes: which of the orders that wait for a send slot go first. The lane follows from what the
// order does to the expected position, never from what its caller says of it: an order that
// protects goes before one that reduces, and that one before new risk.
//
// Open orders of the same contract and side are judged by age. Each takes what the position leaves
// for it, so two stops of the whole position are one that protects and one that is new risk.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

#include "belay/core/facts/book.hpp"

namespace belay::core {

enum class Lane : std::uint8_t {
  protective,  ///< a stop for a position, within its quantity
  reducing,    ///< takes from a position without crossing zero
  new_risk,    ///< everything else
};
inline constexpr std::size_t lane_count = 3;
inline constexpr Lane all_lanes[] = {Lane::protective, Lane::reducing, Lane::new_risk};
constexpr std::size_t index(Lane lane) {
  return static_cast<std::size_t>(lane);
}
std::string_view name(Lane lane);  ///< protective, reducing, new

/// How many sends may start now, lane by lane. The lanes share what is free; the upper ones may
/// take slots that are kept from the lower ones.
class LaneSlots {
 public:
  static constexpr unsigned unlimited = std::numeric_limits<unsigned>::max();
  constexpr LaneSlots(unsigned all = 0) : free_{all, all, all} {}  // NOLINT: a number is all lanes
  constexpr LaneSlots(std::array<unsigned, lane_count> free,
                      std::array<unsigned, lane_count> capacity)
      : free_(free), capacity_(capacity) {}

  constexpr unsigned free(Lane lane) const { return free_[index(lane)]; }
  /// The most that can ever be free at once in this lane.
  constexpr unsigned capacity(Lane lane) const { return capacity_[index(lane)]; }
  /// The same with nothing free below this lane.
  constexpr LaneSlots only(Lane lowest) const {
    LaneSlots out = *this;
    for (std::size_t i = index(lowest) + 1; i < lane_count; ++i) out.free_[i] = 0;
    return out;
  }
  constexpr void take(unsigned count) {
    for (unsigned& each : free_) each = each > count ? each - count : 0;
  }

 private:
  std::array<unsigned, lane_count> free_;
  std::array<unsigned, lane_count> capacity_{unlimited, unlimited, unlimited};
};

/// What the orders of one account, contract and side do to the position, from the oldest on.
class LaneJudge {
 public:
  LaneJudge(const Book& book, const OrderSpec& spec);

  /// The lane of the next order, which then counts for those after it.
  Lane next(OrdType type, Quantity quantity);
  /// True when whatever comes next is new risk.
  bool used_up() const { return stops_ >= held_ && exits_ >= held_; }
  /// Open orders of the same account, contract and side, ascending, however each names the
  /// contract.
  const std::vector<OrderId>& open() const { return open_; }

 private:
  Quantity held_;   // what this side can take from the position
  Quantity stops_;  // of these, what stops protect already
  Quantity exits_;  // what other orders take away already
  std::vector<OrderId> open_;
};

/// The lane of a new order, or of the order `self` with this spec (then only older ones count).
Lane lane_of(const Book& book, const OrderSpec& spec, std::optional<OrderId> self = std::nullopt);

/// A modification that can only lessen what the order may do: not more quantity, a limit that is
/// not more willing, nothing else changed.
bool only_lessens(const OrderSpec& spec, const OrderTerms& wanted);
/// Of a modification: the lane of the order as it will be; one that only lessens is never new risk.
Lane lane_of_replace(const Book& book, const Order& order, const OrderTerms& wanted);

/// A closed gate lets pass what protects and what only lessens.
bool replace_passes_halt(const Book& book, const Order& order, const OrderTerms& wanted);

/// What is still to be traded at most, under the terms in force and those on their way.
Quantity open_quantity(const Order& order);

}  // namespace belay::core
