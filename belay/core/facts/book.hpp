// SPDX-License-Identifier: Apache-2.0
// Book: the whole state. Only apply(event) changes it (show_in fills a readers' book), so replaying
// the journal gives it back exactly. It decides nothing. The core owns one that runs ahead of the
// disk; the views own another that moves only with what is durable.
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
#include "belay/base/id_set.hpp"
#include "belay/base/ordered_table.hpp"
#include "belay/base/result.hpp"
#include "belay/core/facts/archived_facts.hpp"
#include "belay/core/facts/event.hpp"
#include "belay/core/facts/id_book.hpp"
#include "belay/core/facts/order.hpp"
#include "belay/core/facts/order_machine.hpp"
#include "belay/core/facts/order_table.hpp"

namespace belay::core {

/// What a key was used for: the order, and the request's fingerprint. With the key's own 128 bits
/// these are the 32 bytes that are kept of every request for ever.
struct KeyUse {
  OrderId order;
  std::uint64_t fingerprint = 0;
};

/// The idempotency name space: (account, client order id), for ever.
base::Hash128 key_hash(const AccountId& account, const ClOrdId& cl_ord_id);
std::uint64_t fingerprint(const OrderSpec& spec);

class Book {
 public:
  // Compiled once, in book.cpp: whoever holds a core holds a book.
  Book();
  Book(const Book& other);
  Book(Book&& other) noexcept;
  Book& operator=(const Book& other);
  Book& operator=(Book&& other) noexcept;
  ~Book();
  /// For readers: without what only decisions need: the keys, the facts about archived orders, the
  /// orders that are open beside another, the expected positions, the names of executions.
  static Book for_readers();
  /// `readers` become what this book is, and follow it from now on: an order that is the same in
  /// both is in memory once.
  void show_in(Book& readers);
  /// Applies the next fact; `event.seq` must be last_seq() + 1. Readers share the order where the
  /// book that they follow stands at the same fact, instead of working it out again.
  void apply(const StampedEvent& event);

  std::uint64_t last_seq() const { return last_seq_; }
  std::uint64_t epoch() const { return epoch_; }
  std::optional<InstanceId> instance() const { return instance_; }

  const Order* find(OrderId id) const;
  const Order* find(const BrokerOrderId& id) const;
  const Order* find(PermanentId id) const;
  /// Also when the order was archived; never in a book for readers. Valid until the next event.
  const KeyUse* find_key(const base::Hash128& key) const {
    const KeyEntry* found = keys_.find(key);
    return found == nullptr ? nullptr : &found->use;
  }
  /// The order that holds the execution with this base id.
  const Order* find_execution(std::string_view exec_base) const;
  /// The order's execution with this base id, at its last revision; nullptr: it has none.
  const Execution* execution_of(const Order& order, std::string_view exec_base) const;

  /// The orders in memory by id: all that are not done, and of the done ones those that have not
  /// been archived. Iterate it backwards for newest first.
  const OrderTable& in_memory() const { return orders_; }
  /// Orders ever made or seen; ids are dense from 1 to this.
  std::uint64_t orders_total() const { return orders_total_; }
  /// Orders that are not done, ascending.
  const base::IdSet<OrderId>& live() const { return live_; }
  /// Orders that are not done in the spec's account, contract and side.
  std::size_t open_orders(const OrderSpec& spec) const;
  /// The same orders, ascending; nullptr when there is none.
  const std::vector<OrderId>* open_in(const OrderSpec& spec) const;
  OrderId next_order_id() const { return OrderId(orders_total_ + 1); }

  // ---- the archive ----
  /// Made or seen, and no longer in memory: the history has it.
  bool is_archived(OrderId id) const {
    return id.value() != 0 && id.value() <= orders_total_ && !orders_.contains(id);
  }
  std::uint64_t archived() const { return orders_total_ - orders_.size(); }
  /// No order with a higher id was ever archived.
  OrderId highest_archived() const { return highest_archived_; }
  /// Done, explained and without an open incident: may be archived. By the seq of the last event.
  const std::map<std::uint64_t, OrderId>& finished() const { return finished_; }
  const ArchivedFacts& archived_facts() const { return facts_; }
  std::uint64_t recalls_total() const { return recalls_total_; }
  /// Of the latest OrderArchived: a history that goes this far holds all that are archived.
  std::uint64_t last_archived_seq() const { return last_archived_seq_; }
  /// Memory of the keys and of what is remembered of archived orders; never of a readers' book.
  std::size_t kept_bytes() const { return keys_.bytes() + facts_.bytes(); }
  /// The first rule of every book that this one breaks, in words; empty: it is whole. Costs a walk
  /// through all orders (book_check.cpp).
  std::string check() const;
  /// The whole book as bytes; equal books have equal bytes (book_encoding.cpp).
  std::string encode() const;
  /// Follows from the numbers and names of all encoded fields: changes by itself when they do.
  static std::uint64_t format();
  static base::Result<Book> decode(std::string_view bytes);

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
  /// How often the broker said that an id of ours was used before.
  std::uint64_t id_reuse_total() const { return id_reuse_total_; }
  /// Requests that were made in other clients' names.
  std::uint64_t foreign_requests_total() const { return foreign_requests_total_; }

 private:
  friend struct Around;
  friend struct Applier;
  friend struct BookCodec;
  friend struct BookChecker;
  friend struct BookDoctor;  // of tests: breaks what check() has to find
  struct KeyEntry {
    using Key = base::Hash128;
    base::Hash128 key;
    KeyUse use;
    bool vacant() const { return use.order.value() == 0; }
    static std::uint64_t place(const Key& key) { return key.low; }
  };
  static_assert(sizeof(KeyEntry) == 32);
  /// The order that holds an execution, and where in it that stood when it was written down.
  struct ExecutionPlace {
    OrderId order;
    std::size_t at = 0;
  };
  Order& at(OrderId id);
  Order& add(OrderId id);
  void settle(Order& order);
  // book_archive.cpp
  void enlist(const Order& order);
  void archive(OrderId id);
  void recall(std::string_view state);
  void index(const Order& order);
  void unindex(const Order& order);
  void move_position(const Order& order, const AccountId& whose, Decimal change, base::Time time);
  Expected& move_position(const PositionKey& key, Decimal change, base::Time time);
  void note_open(const Order& order, bool open);

  bool for_readers_ = false;
  std::uint64_t last_seq_ = 0;
  std::uint64_t epoch_ = 0;
  std::optional<InstanceId> instance_;
  OrderTable orders_;
  std::uint64_t orders_total_ = 0;
  OrderId highest_archived_;
  std::map<std::uint64_t, OrderId> finished_;
  ArchivedFacts facts_;
  std::map<OrderId, std::uint64_t> incidents_by_order_;  // open ones
  std::uint64_t recalls_total_ = 0;
  std::uint64_t last_archived_seq_ = 0;
  std::uint64_t id_reuse_total_ = 0;
  std::uint64_t foreign_requests_total_ = 0;
  base::IdSet<OrderId> live_;
  base::HashMap<base::Hash128, std::vector<OrderId>, Hash128Hash> open_;
  base::HashMap<BrokerOrderId, OrderId, BrokerOrderIdHash> by_broker_id_;
  base::HashMap<PermanentId, OrderId, PermanentIdHash> by_permanent_id_;
  base::OrderedTable<KeyEntry> keys_;
  base::HashMap<base::Text, ExecutionPlace, StringHash> by_execution_;
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
