// SPDX-License-Identifier: Apache-2.0
// Book: what the simulated broker knows of orders, executions, positions and cash. It is a record
// of its own and shares no code with the order manager that it is compared with. It keeps and adds
// up; the Exchange decides what happens to an order.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "belay/base/decimal.hpp"
#include "belay/base/time.hpp"
#include "belay/simtws/instrument.hpp"
#include "belay/simtws/rule.hpp"
#include "belay/tws/wire/order.hpp"

namespace belay::simtws {

using ClientId = std::int32_t;
using OrderId = std::int32_t;
using PermId = std::int64_t;
using OrderKey = std::pair<ClientId, OrderId>;

enum class Status : std::uint8_t {
  pending_submit,
  pre_submitted,
  submitted,
  pending_cancel,
  api_cancelled,
  cancelled,
  filled,
  inactive,
};
/// The word of orderStatus.
std::string_view name(Status status);
constexpr bool is_final(Status status) {
  return status == Status::api_cancelled || status == Status::cancelled ||
         status == Status::filled || status == Status::inactive;
}

enum class Kind : std::uint8_t {
  market,
  limit,
  stop,
  stop_limit,
  trail,
  trail_limit,
  market_to_limit,
  if_touched,
  limit_if_touched,
  relative,
  on_close,
  limit_on_close,
  midprice,
};
/// What the simulation does with each kind; a kind is its row, and what Exchange does with it.
struct KindRow {
  Kind kind;
  std::string_view word;  ///< of orderType
  bool limited = false;   ///< it trades at `limit` or better, once it works
  bool may_lack = false;  ///< the limit is a cap that need not be given
  bool stop = false;      ///< it waits for a worse price
  bool touched = false;   ///< it waits for a better price
  bool trails = false;    ///< its trigger follows the market
  bool on_close = false;  ///< it trades at 16:00 New York
  bool pegged = false;    ///< its limit follows from the quote when it comes
  std::string_view other_word{};
};
inline constexpr KindRow kind_rows[] = {
    {.kind = Kind::market, .word = "MKT"},
    {.kind = Kind::limit, .word = "LMT", .limited = true},
    {.kind = Kind::stop, .word = "STP", .stop = true},
    {.kind = Kind::stop_limit,
     .word = "STP LMT",
     .limited = true,
     .stop = true,
     .other_word = "STPLMT"},
    {.kind = Kind::trail, .word = "TRAIL", .stop = true, .trails = true},
    {.kind = Kind::trail_limit,
     .word = "TRAIL LIMIT",
     .limited = true,
     .stop = true,
     .trails = true},
    {.kind = Kind::market_to_limit, .word = "MTL"},
    {.kind = Kind::if_touched, .word = "MIT", .touched = true},
    {.kind = Kind::limit_if_touched, .word = "LIT", .limited = true, .touched = true},
    {.kind = Kind::relative, .word = "REL", .limited = true, .may_lack = true, .pegged = true},
    {.kind = Kind::on_close, .word = "MOC", .on_close = true},
    {.kind = Kind::limit_on_close, .word = "LOC", .limited = true, .on_close = true},
    {.kind = Kind::midprice, .word = "MIDPRICE", .limited = true, .may_lack = true, .pegged = true},
};
constexpr const KindRow& row_of(Kind kind) {
  for (const KindRow& row : kind_rows) {
    if (row.kind == kind) return row;
  }
  return kind_rows[0];
}
enum class Tif : std::uint8_t {
  day,
  gtc,
  ioc,
  fok,
  gtd,
  opg,  ///< trades at the next opening, or not at all
  auc,  ///< trades at the next opening, and works on as a limit order
};

/// One order. `asked` keeps every field as the client sent it, so that all of them are echoed.
struct SimOrder {
  OrderKey key{0, 0};  ///< the order id is 0 for orders made by hand
  PermId perm_id = 0;
  std::string account;
  tws::wire::Contract contract;
  tws::wire::Order asked;
  std::int32_t con_id = 0;

  bool is_buy = true;
  Kind kind = Kind::market;
  Tif tif = Tif::day;
  base::Decimal quantity;
  base::Decimal amount;  ///< of money it is for, its quantity follows from it; else zero
  base::Decimal limit;
  base::Decimal stop;          ///< of a stop, or where a trailing stop stands now
  base::Decimal trail_amount;  ///< of a trailing stop; zero when a percentage is given
  base::Decimal trail_percent;
  base::Decimal limit_offset;  ///< of a trailing stop limit: between its stop and its limit
  PermId parent = 0;

  Status status = Status::pending_submit;
  bool held = false;        ///< transmit=false: known to the server only, nothing is said of it
  bool child_held = false;  ///< waits for its parent
  bool elected = false;     ///< the stop has been touched
  bool waits = false;       ///< for a time or a condition that has not come
  bool opened = false;      ///< of an order for the opening: it has come
  bool acknowledged = false;
  bool refused = false;               ///< for an attribute: it stays, and is never transmitted
  bool discarded = false;             ///< ended without having been transmitted
  bool shut = false;                  ///< waits for the opening of its market
  bool confirmed = false;             ///< the server has said what it thinks of it, too
  bool told = false;                  ///< in an openOrder
  bool parts_begun = false;           ///< a rule fills it in parts
  bool cancel_asked = false;          ///< by a client, and not answered yet
  std::optional<ClientId> cancel_by;  ///< who wanted its end before it was confirmed
  std::int32_t changes = 0;           ///< of its words, since it was placed
  bool unspoken = false;              ///< fills at once, and its state is told to nobody
  OrderId id_before = 0;              ///< the next order id of its client before it came
  base::Time good_till = base::never;
  base::Time finished_at;
  std::string completed_status;

  base::Decimal filled;
  base::Int128 notional = 0;  ///< sum of price times shares, in 1e-16
  base::Decimal last_fill_price;
  base::Decimal told_commission;  ///< of the commission reports so far
  std::optional<Rule> rule;

  base::Decimal remaining() const {
    return base::Decimal::from_units(quantity.units() - filled.units());
  }
  base::Decimal average_price() const;
  bool is_live() const { return !is_final(status); }
  bool trails() const { return row_of(kind).trails; }
  bool is_touched_from_outside() const { return row_of(kind).touched; }
  bool is_stop() const { return row_of(kind).stop; }
  bool has_trigger() const { return is_stop() || is_touched_from_outside(); }
  /// Trades at `limit` or better, once it works.
  bool is_limited() const { return row_of(kind).limited || (tif == Tif::auc && !limit.is_zero()); }
  bool is_on_close() const { return row_of(kind).on_close; }
  bool is_for_opening() const { return tif == Tif::opg || tif == Tif::auc; }
  bool is_at_once() const { return tif == Tif::ioc || tif == Tif::fok || tif == Tif::opg; }
};

/// The completed status of a filled order.
std::string filled_text(const SimOrder& order);

/// Of a combination the broker reports what was done as a whole and each of its legs. The whole is
/// what the order was for, the legs are what the account holds then.
enum class Share : std::uint8_t { single, combination, leg };

struct SimExecution {
  Share share = Share::single;
  std::string base_id;  ///< "0000e0d5.6573a1c5.01"
  std::int32_t revision = 1;
  OrderKey key{0, 0};
  PermId perm_id = 0;
  std::int32_t con_id = 0;
  tws::wire::Contract contract;
  std::string account;
  std::string order_ref;
  base::Time time;
  bool is_buy = true;
  base::Decimal shares;
  base::Decimal price;
  base::Decimal cumulative;
  base::Decimal average;
  base::Decimal commission;
  /// In 1e-16; its commission, and what the closed quantity had paid, are taken off. 0 when nothing
  /// was closed.
  base::Int128 realized = 0;
  bool closes = false;
  bool is_paid() const { return share != Share::combination; }  ///< has a commission report
  bool superseded = false;                                      ///< a later revision exists

  std::string exec_id() const;
};

struct SimPosition {
  base::Decimal quantity;  ///< negative when short
  /// Of the open quantity, multiplier and commissions included, in 1e-16; never negative.
  base::Int128 cost = 0;
  base::Int128 realized = 0;  ///< commissions of both sides taken off
  /// Cost of one share or contract, with its commission, as the broker tells it.
  base::Decimal average_cost() const;
};

class Book {
 public:
  explicit Book(std::size_t history_max) : history_max_(history_max) {}

  /// A copy of a live order has its key too; a finished one gives its key up.
  SimOrder& add(SimOrder order);
  /// Gives a manual order its order id.
  void bind(SimOrder& order, OrderId order_id);
  /// The order is transmitted now.
  void release(SimOrder& order);
  SimOrder* find(PermId perm_id);
  const SimOrder* find(PermId perm_id) const;
  /// The order with this key; of copies the first that lives, else the first.
  SimOrder* find(OrderKey key);
  /// The order with this key and its copies, oldest first.
  std::vector<PermId> copies(OrderKey key) const;
  /// Keys of all clients with this order id.
  std::vector<OrderKey> keys_with(OrderId order_id) const;
  const std::map<PermId, SimOrder>& orders() const { return orders_; }
  /// Orders that are not final, oldest first.
  const std::set<PermId>& live() const { return live_; }
  /// Live orders of the same account, contract and side that are transmitted.
  std::int32_t live_count(const SimOrder& like) const;
  std::vector<PermId> live_children(PermId parent) const;
  /// Live manual orders without an order id, oldest first.
  std::vector<PermId> unbound() const { return {unbound_.begin(), unbound_.end()}; }
  /// The order has become final: it leaves the live ones and is forgotten after many others.
  void finish(SimOrder& order, base::Time now);
  /// As if a live order had never been.
  void erase(SimOrder& order);

  /// Adds the execution to order, position and cash.
  SimExecution& execute(SimExecution execution, const Instrument& instrument);
  /// A new revision of an execution with other shares and price; nothing when there is none with
  /// this id (with or without its last segment).
  SimExecution* correct(std::string_view exec_id, base::Decimal shares, base::Decimal price,
                        const Instrument& instrument);
  const SimExecution* find_execution(std::string_view exec_id) const;
  /// The newest execution of an order, at its last revision; of a combination that of the whole.
  const SimExecution* last_execution(OrderKey key) const;
  /// In the order of their times; what was corrected stands before its correction.
  const std::vector<SimExecution>& executions() const { return executions_; }
  std::span<const SimExecution> executions_since(base::Time time) const;

  using PositionKey = std::pair<std::string, std::int32_t>;  // account, con_id
  const std::map<PositionKey, SimPosition>& positions() const { return positions_; }
  /// Change of cash since the start, in 1e-16.
  base::Int128 cash_change(const std::string& account) const;

 private:
  using Side = std::tuple<std::string, std::int32_t, bool>;  // account, con_id, is_buy
  static Side side_of(const SimOrder& order) { return {order.account, order.con_id, order.is_buy}; }
  void leave_live(SimOrder& order);
  void drop_key(const SimOrder& order);
  void recount(const SimExecution& changed, const Instrument& instrument);
  void count_order(SimExecution& execution, SimOrder& order) const;
  void add_cash(const SimExecution& execution, const Instrument& instrument, int sign);
  void forget_executions();

  std::size_t history_max_;
  std::map<PermId, SimOrder> orders_;
  std::set<PermId> live_;
  std::map<Side, std::set<PermId>> sides_;       // live and transmitted
  std::map<PermId, std::set<PermId>> children_;  // live, by parent
  std::set<PermId> unbound_;
  std::map<OrderKey, PermId> keys_;
  std::map<OrderKey, std::vector<PermId>> copies_;  // only of keys that have several orders
  std::deque<PermId> finished_;
  std::vector<SimExecution> executions_;
  std::map<PositionKey, SimPosition> positions_;
  std::map<std::string, base::Int128> cash_;
  std::set<std::int32_t> futures_;                // contracts whose cost is no cash
  std::map<std::int32_t, std::int64_t> units_;    // multiplier by contract
  std::map<PositionKey, SimPosition> forgotten_;  // what pruned executions added up to
};

}  // namespace belay::simtws
