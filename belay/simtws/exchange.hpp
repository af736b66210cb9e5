// SPDX-License-Identifier: Apache-2.0
// Exchange: the broker behind the simulated TWS. It takes orders of clients, decides by rule and
// market what becomes of them, and says so in server messages, in the sequence in which real
// servers were recorded to send them. It knows clients by number only: connections, versions and
// requests for data are the Server's. Children of a bracket are accepted, shown and cancelled with
// their parent. It does not model yet that they come alive when the parent fills, and that they
// cancel each other.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/simtws/book.hpp"
#include "belay/simtws/fault.hpp"
#include "belay/simtws/market.hpp"
#include "belay/simtws/options.hpp"
#include "belay/simtws/order_checks.hpp"
#include "belay/simtws/price_watch.hpp"
#include "belay/simtws/reports.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::simtws {

/// The position of an account in a contract is another now.
struct PositionChanged {
  std::string account;
  std::int32_t con_id = 0;
};
/// The client's connection breaks here.
struct CloseClient {};
/// Something for the log that no message tells ("an order was dropped by rule").
struct Note {
  std::string name;
  OrderId order_id = 0;
};
/// In the order it happened. `client` owns the order it is about.
struct Outgoing {
  ClientId client = 0;
  std::variant<tws::wire::ServerMessage, PositionChanged, CloseClient, Note> what;
};

class Exchange {
 public:
  Exchange(const Options& options, Market& market);

  void place(ClientId client, const tws::wire::PlaceOrder& message, base::Time now);
  void cancel(ClientId client, OrderId order_id, base::Time now);
  /// Every live order ends. The client is told of those that it may take for live.
  void global_cancel(ClientId client, base::Time now);
  /// A person presses transmit on an order that was sent with transmit=false. False: there is none.
  bool transmit(OrderKey key, base::Time now);
  /// An order made by hand in the TWS window: client 0, no order id.
  std::optional<PermId> place_manual(const tws::wire::Contract& contract,
                                     const tws::wire::Order& order, base::Time now);
  /// The same order a second time under another perm id, as rare outages made the real one do
  /// (nautilus_trader#4564). Nothing when the order is not live.
  std::optional<PermId> duplicate(OrderKey key, base::Time now);
  /// Gives live manual orders negative order ids, with orderBound.
  void bind_manual(base::Time now);

  // exchange_hand.cpp: what happens to orders without a message of a client
  /// A modification that was under way in an outage: with its words a second order with this key
  /// works, the first lives on. Without a live order it is taken as placed.
  void change_into_twin(ClientId client, const tws::wire::PlaceOrder& message, base::Time now);
  bool person_cancel(PermId perm_id, base::Time now);
  bool person_change(PermId perm_id, const PersonChange& change, base::Time now);
  /// Fills a working order whatever market and rules say; without a price at its own.
  bool fill_by_hand(PermId perm_id, base::Decimal shares, std::optional<base::Decimal> price,
                    base::Time now);
  /// What clients sent and was not answered yet never came.
  void forget_unacknowledged(bool burn_ids);
  /// Every live DAY order is cancelled, as finished at `at`.
  void expire_day_orders(base::Time at, base::Time now);

  /// Delayed work that is due, and what the prices of these contracts do to resting orders.
  void advance(const std::vector<std::int32_t>& moved, base::Time now);
  base::Time next_deadline() const;

  OrderId next_order_id(ClientId client) const;
  void set_next_order_id(ClientId client, OrderId id) { next_ids_[client] = id; }

  /// A fill of an order that was already reported Cancelled, as happens when both cross at the
  /// exchange. False: not such an order, or not less than what is left.
  bool late_fill(OrderKey key, base::Decimal shares, base::Time now);
  /// A correction (revision + 1) of an execution; a bust is a correction to no shares.
  bool correct(std::string_view exec_id, base::Decimal shares, base::Decimal price, base::Time now);

  Book& book() { return book_; }
  const Book& book() const { return book_; }
  std::vector<Outgoing> take() { return std::exchange(out_, {}); }
  void add_rule(Rule rule) { rules_.push_back({std::move(rule), 0, 0}); }
  void clear_rules() { rules_.clear(); }
  /// The order id under which a client knows the parent of an order.
  OrderId parent_id(const SimOrder& order) const;
  /// Where executions of a contract happen.
  std::string_view venue(std::int32_t con_id) const;
  /// Cash and positions at the market, in 1e-16.
  base::Int128 net_liquidation(const std::string& account) const;
  /// What the positions must be covered with, in 1e-16.
  base::Int128 margin(const std::string& account) const;

 private:
  enum class Step : std::uint8_t {
    acknowledge,
    confirm,
    retell,
    match,
    part,
    commission,
    cancel,
    change,
    expire,
    activate
  };
  struct Task {
    Step step = Step::match;
    PermId perm_id = 0;
    std::size_t index = 0;                       // of a part
    ClientId by = 0;                             // who cancels
    std::unique_ptr<tws::wire::Order> change{};  // the new words
    bool is_asked = false;     // by a message of a client, which a restart may forget
    bool with_parent = false;  // cancelled because its parent was
    std::string exec_id{};     // whose commission is told
  };
  struct RuleState {
    Rule rule;
    std::int32_t seen = 0;
    std::int32_t used = 0;
  };

  /// What a fill is made of: one trade, or one of each leg of a combination.
  struct Trade {
    const Instrument* instrument = nullptr;
    bool is_buy = true;
    base::Decimal shares;
    base::Decimal price;
  };

  // exchange.cpp: orders come in
  const Instrument* find_instrument(const tws::wire::Contract& asked, Refusal& why) const;
  std::optional<Rule> match_rule(const tws::wire::PlaceOrder& message);
  /// The copy of an order that a client reaches with its id.
  SimOrder* addressed(OrderKey key);
  std::vector<PermId> cancel_targets(ClientId client, OrderId order_id);
  std::optional<Refusal> admit(SimOrder& order, const tws::wire::PlaceOrder& message,
                               base::Time now);
  std::optional<Refusal> admit_account(SimOrder& order, const tws::wire::Order& asked) const;
  std::optional<Refusal> admit_child(SimOrder& order);
  std::optional<Refusal> admit_hedge(const SimOrder& parent, SimOrder& order) const;
  std::optional<AttributeRefusal> attribute_refusal(const SimOrder& order) const;
  void place_new(ClientId client, const tws::wire::PlaceOrder& message, base::Time now);
  void answer_what_if(ClientId client, const tws::wire::PlaceOrder& message, base::Time now);
  WhatIf what_if(const SimOrder& order) const;
  void change(SimOrder& order, const tws::wire::PlaceOrder& message, base::Time now);
  void apply_change(SimOrder& order, const tws::wire::Order& asked, base::Time now);
  void refuse_change(SimOrder& order, const SimOrder& next, const std::string& why, base::Time now);
  std::optional<Refusal> changed_terms(const SimOrder& order, const tws::wire::Order& asked,
                                       base::Time now, SimOrder& next);
  void release_family(SimOrder& order, base::Time now);
  void release(SimOrder& order, base::Time now);
  PermId add_copy(SimOrder copy, base::Time now);
  /// PreSubmitted or Submitted, as its state says.
  static Status working_status(const SimOrder& order);
  PermId next_perm_id(const std::string& account);
  void run_due(base::Time now);

  // exchange_life.cpp: what becomes of them
  void run(Task& task, base::Time now);
  void acknowledge(SimOrder& order, base::Time now);
  void acknowledge_shut(SimOrder& order, base::Time now);
  void acknowledge_open(SimOrder& order, base::Time now);
  void peg(SimOrder& order) const;
  void confirm(SimOrder& order, base::Time now);
  void retell_later(const SimOrder& order, base::Time now);
  std::optional<std::string> beyond_band(const SimOrder& order) const;
  void refuse_by_band(SimOrder& order, const std::string& why, base::Time now);
  void tell_commission(SimOrder* order, const std::string& exec_id);
  void match(SimOrder& order, base::Time now);
  void fill_part(SimOrder& order, std::size_t index, base::Time now);
  void fill(SimOrder& order, base::Decimal shares, base::Decimal price, base::Time now);
  std::vector<Trade> trades_of(const SimOrder& order, base::Decimal shares,
                               base::Decimal price) const;
  std::vector<SimExecution> execute(const SimOrder& order, base::Decimal shares,
                                    base::Decimal price, base::Time now);
  bool size_by_amount(SimOrder& order) const;
  void kill(SimOrder& order, base::Time now);
  void begin_cancel(SimOrder& order, Task task, base::Time now);
  Task cancel_task(const SimOrder& order, ClientId by) const;
  void finish_cancel(SimOrder& order, ClientId by, base::Time now, bool with_parent = false);
  void discard(SimOrder& order, base::Time now);
  void cancelled(SimOrder& order, ClientId by, std::string_view why, base::Time at, base::Time now);
  void say_cancelled(const SimOrder& order, ClientId by, std::string_view reason, base::Time now);
  void finish(SimOrder& order, base::Time now);
  void reject(SimOrder& order, std::int32_t code, std::string text, base::Time now);
  bool elect(SimOrder& order);
  std::optional<base::Decimal> price_now(const SimOrder& order) const;
  bool must_wait(SimOrder& order, base::Time now);

  void pair(SimOrder& order);
  void status(const SimOrder& order, std::optional<ClientId> by = std::nullopt);
  void say(ClientId client, tws::wire::ServerMessage message) {
    out_.push_back({client, std::move(message)});
  }
  void refuse(ClientId client, OrderId order_id, const Refusal& why, base::Time now);
  void later(base::Time at, Task task) { tasks_.emplace(at, std::move(task)); }
  base::Time after_delay(const DelayRange& range, base::Time now);

  const Options& options_;
  Market& market_;
  Book book_;
  PriceWatch watch_;
  base::Prng prng_;
  std::vector<RuleState> rules_;
  std::map<ClientId, OrderId> next_ids_;
  std::map<std::string, PermId> perm_ids_;
  std::uint32_t next_exec_ = 0;
  OrderId next_bound_ = -1;
  // Equal keys keep their order of insertion.
  std::multimap<base::Time, Task> tasks_;
  std::vector<Outgoing> out_;
};

}  // namespace belay::simtws
