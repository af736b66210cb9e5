// SPDX-License-Identifier: Apache-2.0
// IdBook: the part of the Book that knows the broker order ids. Each session has one strictly
// increasing sequence with its mark, the blocks that are kept for callers, the gaps with their
// reasons, and counts per purpose. Only events change it, like the Book that owns it
// (docs/decisions/0015).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "belay/core/facts/event.hpp"
#include "belay/model/purposes.hpp"

namespace belay::core {

/// How far an order's id has come. Ids that are kept in blocks and not sent are "reserved".
enum class IdState : std::uint8_t {
  none,          ///< the order has no id, or its frame never left
  sent,          ///< handed to the broker, no answer yet
  acknowledged,  ///< the broker has answered, whatever it said
};

class IdBook {
 public:
  /// Older gaps give way; their number stays counted.
  static constexpr std::size_t gaps_kept = 1000;
  /// Ids of ours that the broker shows on other orders: more than these are not remembered.
  static constexpr std::size_t clashes_kept = 1000;

  struct Session {
    std::int64_t mark = 0;  ///< highest id ever reserved, sent or skipped
    std::int64_t sent = 0;  ///< highest id ever meant for the wire
    /// Highest id that the broker should know of: sent, or below a floor that it told.
    std::int64_t known = 0;
    std::string source;  ///< what raised the mark last
    base::Time updated_at;
  };
  /// Ids [next, reserved.to) can still be used, as long as none above them was sent.
  struct Block {
    IdBlockReserved reserved;
    std::int64_t next = 0;
    base::Time at;
  };
  struct Gap {
    std::uint64_t seq = 0;  ///< of the event that explains it
    base::Time at;
    std::int32_t session = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;  ///< not included
    std::string reason;
  };
  /// What an id is counted as.
  struct Use {
    IdState state = IdState::none;
    std::size_t purpose = 0;
    friend bool operator==(const Use&, const Use&) = default;
  };
  struct Count {
    std::uint64_t sent = 0;          ///< without an answer
    std::uint64_t acknowledged = 0;  ///< ever
  };
  struct ResetResult {
    base::Time at;
    IdsReset reset;
  };

  std::int64_t mark(std::int32_t session) const { return at(session).mark; }
  /// The highest id up to `most` that this book can account for, whatever the mark says.
  std::int64_t accounted(std::int32_t session, std::int64_t most) const;
  /// Zero for a session never heard of.
  const Session& at(std::int32_t session) const;
  const std::map<std::int32_t, Session>& sessions() const { return sessions_; }
  const std::map<BrokerOrderId, Block>& blocks() const { return blocks_; }
  /// The open block that holds `id`, or nullptr.
  const Block* block_of(const BrokerOrderId& id) const;
  const std::deque<Gap>& gaps() const { return gaps_; }
  std::uint64_t gaps_total() const { return gaps_total_; }
  const std::array<Count, model::purposes.size()>& counts() const { return counts_; }
  /// The other order that the broker shows under an id that we gave to an order of ours.
  std::optional<OrderId> clash(const BrokerOrderId& id) const;
  /// How often the broker refused an id of this live order as used.
  unsigned refusals(OrderId order) const;
  /// A reset that has begun and not ended.
  const std::optional<IdsResetBegun>& reset() const { return reset_; }
  const std::optional<ResetResult>& last_reset() const { return last_reset_; }
  /// Live orders that somebody was warned of as old.
  const std::set<OrderId>& stale() const { return stale_; }

  // ---- facts; `stamp` holds the one that is being applied ----
  struct Stamp {
    std::uint64_t seq = 0;
    base::Time time;
  };
  void apply(const SendIntended& e, const Stamp& stamp);
  void withdrawn(const BrokerOrderId& id, const Stamp& stamp);
  void apply(const SendRefused& e, const Stamp& stamp);
  void apply(const FloorRaised& e, const Stamp& stamp);
  void apply(const GapRecorded& e, const Stamp& stamp);
  void apply(const MarkHealed& e, const Stamp& stamp);
  void apply(const IdBlockReserved& e, const Stamp& stamp);
  void apply(const IdsResetBegun& e) { reset_ = e; }
  void apply(const IdsReset& e, const Stamp& stamp);
  void add_clash(const BrokerOrderId& id, OrderId other);
  void add_stale(OrderId order) { stale_.insert(order); }
  void count(const Use& before, const Use& after);
  void ended(OrderId order);
  /// Only planted defects forget.
  void forget_marks() { sessions_.clear(); }

 private:
  friend struct IdBookCodec;
  void raise(std::int32_t session, std::int64_t to, std::string source, const Stamp& stamp);
  void add_gap(std::int32_t session, std::int64_t from, std::int64_t to, std::string reason,
               const Stamp& stamp);
  void trim(std::int32_t session, std::int64_t from, std::int64_t to);

  std::map<std::int32_t, Session> sessions_;
  std::map<BrokerOrderId, Block> blocks_;
  std::deque<Gap> gaps_;
  std::uint64_t gaps_total_ = 0;
  std::array<Count, model::purposes.size()> counts_{};
  std::map<BrokerOrderId, OrderId> clashes_;
  std::map<OrderId, unsigned> refusals_;
  std::set<OrderId> stale_;
  std::optional<IdsResetBegun> reset_;
  std::optional<ResetResult> last_reset_;
};

}  // namespace belay::core
