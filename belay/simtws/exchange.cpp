// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/margin.hpp"
#include "belay/simtws/reports.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Time;

bool fits(const std::string& wanted, std::string_view given) {
  return wanted.empty() || wanted == given;
}

}  // namespace

Exchange::Exchange(const Options& options, Market& market)
    : options_(options), market_(market), book_(options.history_max), prng_(options.seed) {
  for (const Rule& rule : options.rules) add_rule(rule);
  next_exec_ = 0x6573a1c5U + static_cast<std::uint32_t>(prng_.below(1U << 20U));
  if (options.started_at != 0) {
    next_exec_ = static_cast<std::uint32_t>(options.started_at & 0xfffff) << 12U;
  }
}

OrderId Exchange::next_order_id(ClientId client) const {
  const auto it = next_ids_.find(client);
  return it == next_ids_.end() ? options_.first_order_id : it->second;
}

PermId Exchange::next_perm_id(const std::string& account) {
  const auto it = std::find(options_.accounts.begin(), options_.accounts.end(), account);
  const auto index = static_cast<PermId>(it - options_.accounts.begin());
  // Below 2^31, for servers before 191 write it in 32 bits; ranges of accounts do not meet.
  const PermId first = 1'000'000'000 + index * 20'000'000 + options_.started_at % 90'000 * 200;
  PermId& last = perm_ids_.try_emplace(account, first).first->second;
  return ++last;
}

OrderId Exchange::parent_id(const SimOrder& order) const {
  const SimOrder* parent = order.parent == 0 ? nullptr : book_.find(order.parent);
  return parent == nullptr ? 0 : parent->key.second;
}

std::string_view Exchange::venue(std::int32_t con_id) const {
  const Instrument* instrument = market_.find(con_id);
  return instrument == nullptr ? std::string_view() : instrument->primary_exchange;
}

base::Int128 Exchange::net_liquidation(const std::string& account) const {
  base::Int128 out = base::Int128{Decimal::from_int(1'000'000).units()} * Decimal::one +
                     book_.cash_change(account);
  for (const auto& [key, position] : book_.positions()) {
    const Instrument* instrument = market_.find(key.second);
    if (key.first != account || instrument == nullptr) continue;
    const base::Int128 value = base::Int128{market_.quote(key.second)->last.units()} *
                               position.quantity.units() * instrument->units;
    // A future's value is no cash spent, only its gain counts.
    const bool is_short = position.quantity.is_negative();
    out += value;
    if (instrument->sec_type == "FUT") out += is_short ? position.cost : -position.cost;
  }
  return out;
}

base::Int128 Exchange::margin(const std::string& account) const {
  base::Int128 out = 0;
  for (const auto& [key, position] : book_.positions()) {
    const Instrument* instrument = market_.find(key.second);
    if (key.first != account || instrument == nullptr) continue;
    out += margin_of(*instrument, market_.quote(key.second)->last, position.quantity);
  }
  return out;
}

void Exchange::refuse(ClientId client, OrderId order_id, const Refusal& why, Time now) {
  say(client, error_message(order_id, why.code, why.text, now));
}

const Instrument* Exchange::find_instrument(const tws::wire::Contract& asked, Refusal& why) const {
  if (asked.sec_type == "BAG" && legs_of(asked).empty()) {
    // As people were told (rust_ib_api#2).
    why = {321, validation_text("Security type 'BAG' requires combo leg details.")};
    return nullptr;
  }
  const auto found = market_.resolve(asked);
  if (found.size() == 1) return found.front();
  why = {200, found.empty()
                  ? "No security definition has been found for the request"
                  : "The contract description specified for " + asked.symbol + " is ambiguous."};
  return nullptr;
}

std::optional<Rule> Exchange::match_rule(const tws::wire::PlaceOrder& message) {
  std::optional<Rule> out;
  for (RuleState& state : rules_) {
    const Rule& rule = state.rule;
    const bool is_match =
        fits(rule.symbol, message.contract.symbol) && fits(rule.side, message.order.action) &&
        fits(rule.order_type, message.order.order_type) &&
        message.order.order_ref.compare(0, rule.order_ref_prefix.size(), rule.order_ref_prefix) ==
            0;
    if (!is_match) continue;
    ++state.seen;  // every rule counts all orders its words match, also those another rule takes
    if (out || (rule.nth && *rule.nth != state.seen)) continue;
    if (rule.times && state.used >= *rule.times) continue;
    ++state.used;
    out = rule;
  }
  return out;
}

void Exchange::place(ClientId client, const tws::wire::PlaceOrder& message, Time now) {
  SimOrder* known = addressed({client, message.order_id});
  // After the sequence of ids was set back, the id of a finished order names a new one.
  const bool is_again =
      known != nullptr && !known->is_live() && message.order_id >= next_order_id(client);
  if (known != nullptr && !is_again) {
    change(*known, message, now);
  } else if (message.order_id < next_order_id(client)) {
    refuse(client, message.order_id, {103, "Duplicate order id"}, now);
  } else if (message.order.what_if) {
    answer_what_if(client, message, now);
  } else {
    place_new(client, message, now);
  }
  run_due(now);
}

std::optional<Refusal> Exchange::admit(SimOrder& order, const tws::wire::PlaceOrder& message,
                                       Time now) {
  if (message.contract.exchange.empty()) {
    return Refusal{321, validation_text("Missing order exchange")};
  }
  Refusal why;
  const Instrument* instrument = find_instrument(message.contract, why);
  if (instrument == nullptr) return why;
  if (instrument->sec_type == "IND") {
    return Refusal{203, "The security is not available or allowed for this account."};
  }
  order.con_id = instrument->con_id;
  order.contract = echo_contract(*instrument, message.contract.exchange);
  order.contract.combo_legs = message.contract.combo_legs;
  if (auto bad = admit_account(order, message.order)) return bad;
  if (message.order.parent_id != 0) {
    if (auto bad = admit_child(order)) return bad;
  }
  if (auto bad = read_terms(order.asked, *instrument, now, order)) return bad;
  if (!size_by_amount(order)) return Refusal{321, validation_text("Invalid order size")};
  return std::nullopt;
}

// What an amount of money buys at the limit, else where it would trade now: whole units of a
// currency, parts of a crypto currency. False when that is nothing.
bool Exchange::size_by_amount(SimOrder& order) const {
  if (order.amount.is_zero()) return true;
  const Quote& quote = *market_.quote(order.con_id);
  const Decimal touch = order.is_buy ? quote.ask : quote.bid;
  const Decimal price = order.limit.is_zero() ? touch : order.limit;
  const std::int64_t step = order.contract.sec_type == "CRYPTO" ? 1 : Decimal::one;
  const base::Int128 units = base::Int128{order.amount.units()} * Decimal::one / price.units();
  if (units < step || units > Decimal::from_int(1'000'000'000).units()) return false;
  order.quantity = Decimal::from_units(static_cast<std::int64_t>(units) / step * step);
  return true;
}

std::optional<Refusal> Exchange::admit_account(SimOrder& order,
                                               const tws::wire::Order& asked) const {
  const auto& accounts = options_.accounts;
  order.account = asked.account.empty() ? accounts.front() : asked.account;
  if (std::find(accounts.begin(), accounts.end(), order.account) == accounts.end()) {
    return Refusal{321, validation_text("Invalid account code")};
  }
  if (asked.account.empty() && accounts.size() > 1) {
    return Refusal{436, "You must specify an allocation."};
  }
  return std::nullopt;
}

std::optional<Refusal> Exchange::admit_child(SimOrder& order) {
  const std::int32_t id = order.asked.parent_id;
  const SimOrder* parent = book_.find(OrderKey{order.key.first, id});
  if (parent == nullptr) return Refusal{135, fmt::format("Can't find order with id ={}", id)};
  if (!parent->is_live()) {
    return Refusal{201, "Order rejected - reason:Parent order is not active."};
  }
  order.parent = parent->perm_id;
  order.child_held = true;
  return order.asked.hedge_type.empty() ? std::nullopt : admit_hedge(*parent, order);
}

// A hedge takes its size from its parent, and its limit means nothing (recorded at 200).
std::optional<Refusal> Exchange::admit_hedge(const SimOrder& parent, SimOrder& order) const {
  tws::wire::Order& asked = order.asked;
  const std::string& type = asked.hedge_type;
  if (type == "D" && parent.contract.sec_type != "OPT") {
    return Refusal{320, fmt::format("Error reading request. Invalid delta hedge order. The parent "
                                    "order has to be option order and hedge order can only be "
                                    "Stock, CFD or (in case of option on Index) Futures order. "
                                    "server: 0 order: 0 parent: {} hedge:[D]",
                                    asked.parent_id)};
  }
  if (type == "F" && order.contract.sec_type != "CASH") {
    return Refusal{10063,
                   "Invalid FX hedge order. Hedging contract can only be a currency pair where one "
                   "of the currencies is the same as in parent order."};
  }
  if (asked.total_quantity.is_set() && !asked.total_quantity.is_zero()) {
    return Refusal{10032, "Hedge child order size should be zero."};
  }
  const auto ratio = base::Decimal::parse(asked.hedge_param);
  const bool has_ratio = type == "B" || type == "P";
  if (has_ratio && (!ratio || *ratio <= Decimal{})) {
    return Refusal{320, "Error reading request. Invalid hedge ratio"};
  }
  const std::int64_t factor = has_ratio ? ratio->units() : Decimal::one;
  const base::Int128 units = base::Int128{parent.quantity.units()} * factor / Decimal::one;
  const auto whole = static_cast<std::int64_t>(units) / Decimal::one * Decimal::one;
  asked.total_quantity = tws::wire::Real::from_decimal(Decimal::from_units(whole));
  if (asked.order_type == "LMT") asked.lmt_price = *tws::wire::Real::parse("0.01");
  return std::nullopt;
}

// What leaves an order behind that is never transmitted, or nothing at all.
std::optional<AttributeRefusal> Exchange::attribute_refusal(const SimOrder& order) const {
  const SimOrder* parent = order.parent == 0 ? nullptr : book_.find(order.parent);
  if (parent != nullptr && order.kind == Kind::trail && !parent->is_limited()) {
    return AttributeRefusal{
        {328, "Trailing stop orders can be attached to limit or stop-limit orders only."}};
  }
  return check_attributes(order.asked);
}

void Exchange::place_new(ClientId client, const tws::wire::PlaceOrder& message, Time now) {
  auto rule = match_rule(message);
  if (rule && rule->action == Rule::Do::drop) {
    out_.push_back({client, Note{"dropped_by_rule", message.order_id}});
    return;
  }
  SimOrder order;
  order.id_before = next_order_id(client);
  set_next_order_id(client, message.order_id + 1);  // also a refused placement burns the id
  order.key = {client, message.order_id};
  order.asked = message.order;
  if (auto bad = admit(order, message, now)) return refuse(client, message.order_id, *bad, now);
  const bool to_inactive = rule && rule->action == Rule::Do::reject && rule->code <= 201 &&
                           (rule->code == 201 || rule->code == 0);
  if (rule && rule->action == Rule::Do::reject && !to_inactive) {
    return refuse(client, message.order_id, {rule->code, rule->text}, now);
  }
  const auto attribute = attribute_refusal(order);
  if (attribute && !attribute->stays) {
    return refuse(client, message.order_id, attribute->why, now);
  }
  order.perm_id = next_perm_id(order.account);
  order.rule = std::move(rule);
  order.held = !message.order.transmit || attribute;
  order.refused = attribute.has_value();
  if (order.parent != 0 && order.asked.oca_group.empty()) {
    // The gateway itself ties the children of one parent together.
    order.asked.oca_group = std::to_string(order.parent);
    order.asked.oca_type = 3;
  }
  const bool full = book_.live_count(order) >= options_.open_orders_max;
  SimOrder& added = book_.add(std::move(order));
  if (attribute) return refuse(client, message.order_id, attribute->why, now);
  if (to_inactive) return reject(added, added.rule->code, added.rule->text, now);
  if (full) {
    return reject(added, 201,
                  fmt::format("Order rejected - reason:We are unable to accept your order: there "
                              "is already a minimum of {} orders working on either the buy or "
                              "sell side for this contract.",
                              options_.open_orders_max),
                  now);
  }
  if (!added.held) release_family(added, now);
}

void Exchange::answer_what_if(ClientId client, const tws::wire::PlaceOrder& message, Time now) {
  SimOrder order;
  order.key = {client, message.order_id};
  order.asked = message.order;
  auto bad = admit(order, message, now);
  if (const auto other = bad ? std::nullopt : attribute_refusal(order)) bad = other->why;
  if (bad) return refuse(client, message.order_id, *bad, now);
  order.child_held = false;
  say(client, what_if_answer(order, what_if(order)));
}

// What the order would do if it were filled whole: at its limit, else where it would trade now.
WhatIf Exchange::what_if(const SimOrder& order) const {
  const Quote& quote = *market_.quote(order.con_id);
  const Decimal touch = order.is_buy ? quote.ask : quote.bid;
  WhatIf out;
  out.margin = margin(order.account);
  out.equity = net_liquidation(order.account);
  std::int64_t commission = 0;
  const Decimal price = order.limit.is_zero() ? touch : order.limit;
  for (const Trade& trade : trades_of(order, order.quantity, price)) {
    const Instrument& instrument = *trade.instrument;
    const auto held = book_.positions().find({order.account, instrument.con_id});
    const Decimal before = held == book_.positions().end() ? Decimal{} : held->second.quantity;
    const std::int64_t shares = trade.shares.units();
    out.margin_change +=
        simtws::margin_change(instrument, before, market_.quote(instrument.con_id)->last,
                              Decimal::from_units(trade.is_buy ? shares : -shares), trade.price);
    commission +=
        commission_of(instrument, trade.is_buy, trade.shares, trade.price, Decimal{}).units();
  }
  out.commission = Decimal::from_units(commission);
  return out;
}

void Exchange::release_family(SimOrder& order, Time now) {
  const PermId head = order.parent == 0 ? order.perm_id : order.parent;
  if (SimOrder* parent = book_.find(head); parent != nullptr && parent->held && !parent->refused) {
    release(*parent, now);
  }
  std::vector<PermId> family = book_.live_children(head);
  if (order.perm_id == head) family.insert(family.begin(), head);
  for (const PermId id : family) {
    SimOrder* member = book_.find(id);
    if (member->refused) continue;
    if (member->held || member == &order) release(*member, now);
  }
}

void Exchange::release(SimOrder& order, Time now) {
  if (order.acknowledged) return;
  book_.release(order);
  const bool cut = order.rule && order.rule->disconnect == Rule::Disconnect::before_ack;
  if (cut) out_.push_back({order.key.first, CloseClient{}});
  Time at = after_delay(options_.ack_delay, now);
  if (order.rule) at = at + order.rule->ack_delay;
  // Recorded: nothing is said of it before its auction.
  if (order.is_on_close()) at = std::max(at, next_regular_close(now));
  later(at, {Step::acknowledge, order.perm_id});
  if (order.good_till != base::never) later(order.good_till, {Step::expire, order.perm_id});
}

bool Exchange::transmit(OrderKey key, Time now) {
  SimOrder* order = book_.find(key);
  if (order == nullptr || !order->held || order->refused) return false;
  release_family(*order, now);
  run_due(now);
  return true;
}

Time Exchange::after_delay(const DelayRange& range, Time now) {
  if (range.high.count() <= 0) return now;
  const std::int64_t low = std::max<std::int64_t>(range.low.count(), 0);
  return now + base::Duration(prng_.between(std::min(low, range.high.count()), range.high.count()));
}

base::Time Exchange::next_deadline() const {
  return tasks_.empty() ? base::never : tasks_.begin()->first;
}

void Exchange::run_due(Time now) {
  while (!tasks_.empty() && tasks_.begin()->first <= now) {
    Task task = std::move(tasks_.begin()->second);
    tasks_.erase(tasks_.begin());
    run(task, now);
    // Whatever it did, the order is watched as it stands now.
    if (const SimOrder* order = book_.find(task.perm_id)) watch_.watch(*order);
  }
}

void Exchange::advance(const std::vector<std::int32_t>& moved, Time now) {
  run_due(now);
  std::vector<PermId> touched;
  for (const std::int32_t con_id : moved) {
    const auto some = watch_.touched(con_id, *market_.quote(con_id));
    touched.insert(touched.end(), some.begin(), some.end());
  }
  std::sort(touched.begin(), touched.end());
  for (const PermId id : touched) later(now, {Step::match, id});
  run_due(now);
}

}  // namespace belay::simtws
