// SPDX-License-Identifier: Apache-2.0
// Outbox: what waits to be sent, in the sequence in which it will go. It knows lanes, callers,
// costs and deadlines. It decides nothing about orders and tells nobody; orders/sender.cpp does.
//
// A higher lane goes first. Within a lane the callers take turns, measured in messages, so a caller
// with families gets no more of them. Within a caller modifications go first (they are about risk
// that is at the broker already), then first come first served. An item of cost n starts only when
// n slots are free. Until then nothing of its lane or below takes a slot, so slots gather and a
// family cannot starve. Higher lanes still pass it.
//
// Every operation is O(log n) or better in what waits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/core/orders/lane.hpp"

namespace belay::core {

class Outbox {
 public:
  enum class Kind : std::uint8_t { replace, place };
  using Number = std::uint64_t;

  struct Item {
    std::vector<OrderId> orders;  ///< more than one: a family, sent as one
    Kind kind = Kind::place;
    Lane lane = Lane::new_risk;
    std::string principal = {};
    base::Time queued_at = {};
    base::Time deadline = base::never;  ///< it may not start at or after this time
    Number number = 0;                  ///< its name here and its age; given by add()
    bool parked = false;                ///< waits for something other than a slot
    unsigned cost() const { return static_cast<unsigned>(orders.size()); }
  };

  void add(Item item);
  /// The item that holds this order, or nullptr.
  const Item* find(OrderId order, Kind kind) const;
  /// Whose turn it is, when the slots suffice, or when no slots ever will; nullptr: nothing starts.
  const Item* next(const LaneSlots& slots) const;
  /// It was sent: the caller's turn moves on by its cost.
  Item take_sent(Number number);
  /// It goes for another reason and costs nobody a turn.
  Item take(Number number);
  /// Keeps it out of the lanes until unpark; meanwhile only this deadline holds.
  void park(Number number, base::Time deadline = base::never);
  void unpark(Number number, base::Time now, base::Time deadline);
  void move(Number number, Lane lane, base::Time deadline);

  base::Time next_deadline() const;
  std::vector<Item> take_due(base::Time now);
  /// Oldest first. For the rare moments that concern everything (a lost link, a halt).
  std::vector<Item> take_if(const std::function<bool(const Item&)>& wanted);

  bool empty() const { return items_.empty(); }
  /// Orders and modifications, parked ones too.
  std::size_t size() const { return parked_ + waiting(); }
  /// Those that a slot would let go.
  std::size_t waiting() const {
    return size(Lane::protective) + size(Lane::reducing) + size(Lane::new_risk);
  }
  std::size_t size(Lane lane) const { return lanes_[index(lane)].size; }
  /// New orders of one caller, in all lanes.
  std::size_t of_caller(const std::string& principal) const;
  /// Since when the oldest of the lane waits, or `never`.
  base::Time oldest(Lane lane) const;

 private:
  struct Caller {
    std::set<std::pair<Kind, Number>> items;
    std::uint64_t turn = 0;
    std::uint64_t stamp = 0;  // who came to this turn first goes first
  };
  struct LaneQueue {
    std::map<std::string, Caller> callers;  // those with something to send
    std::set<std::tuple<std::uint64_t, std::uint64_t, std::string>> turns;
    std::uint64_t turn = 0;  // of what was sent last
    std::size_t size = 0;
  };
  void enter(const Item& item);
  void leave(const Item& item);
  void set_turn(LaneQueue& lane, const std::string& principal, Caller& caller, std::uint64_t turn);
  Item remove(Number number);

  std::map<Number, Item> items_;
  std::map<std::pair<OrderId, Kind>, Number> by_order_;
  std::set<std::pair<base::Time, Number>> deadlines_;
  std::map<std::string, std::size_t> placed_by_;
  LaneQueue lanes_[lane_count];
  std::size_t parked_ = 0;
  Number last_number_ = 0;
  std::uint64_t last_stamp_ = 0;
};

}  // namespace belay::core
