// SPDX-License-Identifier: Apache-2.0
// Book: the whole state, changed by apply(event) and by nothing else. Replaying the journal gives
// it back exactly. It decides nothing. The core owns one that runs ahead of the disk; the views own
// another that moves only with what is durable.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/base/hash_map.hpp"
#include "belay/core/event.hpp"
#include "belay/core/id_book.hpp"
#include "belay/core/order.hpp"
#include "belay/core/order_machine.hpp"

namespace belay::core {

/// What a key was used for: the order, and the request's fingerprint.
struct KeyUse {
  OrderId order;
  base::Hash128 fingerprint;
};

/// The idempotency name space: (account, client order id), for ever.
base::Hash128 key_hash(const AccountId& account, const ClOrdId& cl_ord_id);
base::Hash128 fingerprint(const OrderSpec& spec);

class Book {
 public:
  /// Applies the next fact; `event.seq` must be last_seq() + 1.
  void apply(const StampedEvent& event);

  std::uint64_t last_seq() const { return last_seq_; }
  std::uint64_t epoch() const { return epoch_; }
  std::optional<InstanceId> instance() const { return instance_; }

  const Order* find(OrderId id) const;
  const Order* find(const BrokerOrderId& id) const;
  const Order* find(PermanentId id) const;
  const KeyUse* find_key(const base::Hash128& key) const { return keys_.find(key); }
  /// The order that holds the execution with this base id.
  const Order* find_execution(const std::string& exec_base) const;

  /// The orders in memory by id: all that are not done, and of the done ones those that have not
  /// been archived. Iterate it backwards for newest first.
  const std::map<OrderId, Order>& in_memory() const { return orders_; }
  /// Orders ever made or seen; ids are dense from 1 to this.
  std::uint64_t orders_total() const { return orders_total_; }
  /// Orders that are not done, ascending.
  const std::set<OrderId>& live() const { return live_; }
  /// Orders that are not done in the spec's account, contract and side.
  std::size_t open_orders(const OrderSpec& spec) const;
  /// The same orders, ascending; nullptr when there is none.
  const std::vector<OrderId>* open_in(const OrderSpec& spec) const;
  OrderId next_order_id() const { return OrderId(orders_total_ + 1); }

  /// A matter that a person should know of and that is not settled.
  struct Incident {
    std::uint64_t seq = 0;  ///< its name
    base::Time opened_at;
    IncidentOpened opened;
  };
  /// Open incidents by seq. Those without a subject are open until a person closes them.
  const std::map<std::uint64_t, Incident>& incidents() const { return incidents_; }
  const Incident* find_incident(std::string_view subject) const;
  /// The broker order ids: marks, blocks, gaps, counts.
  const IdBook& ids() const { return ids_; }
  /// Why no new risk may leave, and who said so; nothing when it may.
  const std::optional<Halted>& halted() const { return halted_; }
  /// The broker's trading day as last seen, YYYYMMDD; empty before the first.
  const std::string& trading_day() const { return trading_day_; }
  /// What an account should hold of a contract: the last agreed position and the fills since.
  struct Expected {
    Contract contract;
    Decimal quantity;
    base::Time changed_at;
    /// The sum of adjustments that no execution explains yet: executions that come late give it
    /// back.
    Decimal unexplained = {};
  };
  using PositionKey = std::pair<AccountId, std::int64_t>;  ///< the broker's contract number
  const std::map<PositionKey, Expected>& expected_positions() const { return positions_; }

  /// True when the account's positions were compared once: what differs from now on is a break.
  bool positions_agreed(const AccountId& account) const {
    return positions_agreed_.contains(account);
  }
  /// When the trading day as last seen began for us.
  base::Time trading_day_since() const { return trading_day_since_; }

  /// The highest broker order number ever reserved or skipped in this session.
  std::int64_t id_mark(std::int32_t session) const { return ids_.mark(session); }
  const std::vector<std::string>& accounts() const { return accounts_; }
  const std::string& phase() const { return phase_; }
  std::uint64_t incidents_total() const { return incidents_total_; }
  std::uint64_t unlisted_codes_total() const { return unlisted_codes_total_; }
  std::uint64_t id_gaps_total() const { return ids_.gaps_total(); }

 private:
  friend struct Applier;
  Order& at(OrderId id);
  Order& add(OrderId id);
  void settle(Order& order);
  void move_position(const Order& order, Decimal change, base::Time time);
  void note_open(const Order& order, bool open);

  std::uint64_t last_seq_ = 0;
  std::uint64_t epoch_ = 0;
  std::optional<InstanceId> instance_;
  std::map<OrderId, Order> orders_;
  std::uint64_t orders_total_ = 0;
  std::set<OrderId> live_;
  base::HashMap<base::Hash128, std::vector<OrderId>, Hash128Hash> open_;
  base::HashMap<BrokerOrderId, OrderId, BrokerOrderIdHash> by_broker_id_;
  std::map<PermanentId, OrderId> by_permanent_id_;
  base::HashMap<base::Hash128, KeyUse, Hash128Hash> keys_;
  base::HashMap<std::string, OrderId, StringHash> by_execution_;
  IdBook ids_;
  std::vector<std::string> accounts_;
  std::string phase_ = "down";
  std::map<std::uint64_t, Incident> incidents_;
  std::map<std::string, std::uint64_t, std::less<>> open_subjects_;
  std::optional<Halted> halted_;
  std::string trading_day_;
  base::Time trading_day_since_;
  std::map<PositionKey, Expected> positions_;
  std::set<AccountId> positions_agreed_;
  std::uint64_t incidents_total_ = 0;
  std::uint64_t unlisted_codes_total_ = 0;
};

/// True when applying `trigger` to this order would be an incident (order_machine.hpp).
bool is_anomalous(const Order& order, Trigger trigger);

}  // namespace belay::core
