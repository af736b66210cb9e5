// SPDX-License-Identifier: Apache-2.0
// What becomes of an order that was taken. The sequences of messages are those recorded from live
// gateways; the comments say which.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/exchange.hpp"
#include "belay/simtws/reports.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Time;

}  // namespace

void Exchange::status(const SimOrder& order, std::optional<ClientId> by) {
  tws::wire::OrderStatus message = order_status(order, parent_id(order));
  if (by && *by != order.key.first) {
    // Recorded: after a cancel by another client the status carries the canceller's id.
    message.client_id = *by;
    say(*by, message);
  }
  say(order.key.first, std::move(message));
}

void Exchange::pair(SimOrder& order) {
  std::int32_t times = options_.duplicate_status ? 2 : 1;
  if (order.rule) times += order.rule->duplicates;
  for (std::int32_t i = 0; i < times; ++i) {
    say(order.key.first, open_order(order));
    order.told = true;
    status(order);
  }
}

void Exchange::run(Task& task, Time now) {
  SimOrder* order = book_.find(task.perm_id);
  if (task.step == Step::commission) return tell_commission(order, task.exec_id);
  if (order == nullptr) return;
  if (task.step == Step::change) return apply_change(*order, *task.change, now);
  if (!order->is_live()) return;
  switch (task.step) {
    case Step::acknowledge:
      return acknowledge(*order, now);
    case Step::confirm:
      return confirm(*order, now);
    case Step::retell:
      if (order->status == Status::pre_submitted && order->filled.is_zero()) pair(*order);
      return;
    case Step::match:
      return match(*order, now);
    case Step::part:
      return fill_part(*order, task.index, now);
    case Step::cancel:
      return finish_cancel(*order, task.by, now, task.with_parent);
    case Step::expire:
      // A modification may have moved the date.
      if (order->good_till <= now) finish_cancel(*order, order->key.first, now);
      return;
    case Step::activate:
      order->waits = false;
      order->opened = true;
      if (must_wait(*order, now) || order->child_held) return;
      order->status = order->has_trigger() ? Status::pre_submitted : Status::submitted;
      pair(*order);
      return match(*order, now);
    case Step::change:
    case Step::commission:
      return;
  }
}

// Conditions are echoed, not computed: such an order rests. A time in the future wakes the order.
bool Exchange::must_wait(SimOrder& order, Time now) {
  const std::string& type = order.contract.sec_type;
  const bool shuts = type == "STK" || type == "OPT" || type == "BAG";
  order.shut =
      options_.respect_hours && shuts && !order.asked.outside_rth && !in_regular_hours(now);
  order.waits = !order.asked.conditions.empty();
  if (order.waits) return true;
  if (const auto after = parse_ib_time(order.asked.good_after_time); after && *after > now) {
    order.waits = true;
    later(*after, {Step::activate, order.perm_id});
  } else if (order.shut || (order.is_for_opening() && !order.opened)) {
    order.waits = true;
    later(next_regular_open(now), {Step::activate, order.perm_id});
  }
  return order.waits;
}

void Exchange::acknowledge(SimOrder& order, Time now) {
  if (order.acknowledged) return;
  order.acknowledged = true;
  if (order.rule && order.rule->warning_code != 0) {
    say(order.key.first,
        error_message(order.key.second, order.rule->warning_code, order.rule->warning_text, now));
  }
  must_wait(order, now);
  if (row_of(order.kind).pegged) peg(order);
  if (order.shut) {
    acknowledge_shut(order, now);
  } else {
    acknowledge_open(order, now);
  }
  if (!order.is_live()) return;
  if (order.rule && order.rule->disconnect == Rule::Disconnect::after_ack) {
    out_.push_back({order.key.first, CloseClient{}});
  }
  later(after_delay(options_.fill_delay, now), {Step::match, order.perm_id});
}

// A relative order bids a distance more than the others do, a tick if it names none; a midprice
// order bids their middle, rounded away from the other side. Both up to their cap.
void Exchange::peg(SimOrder& order) const {
  const Quote& quote = *market_.quote(order.con_id);
  const std::int64_t tick = market_.find(order.con_id)->tick.units();
  const std::int64_t best = (order.is_buy ? quote.bid : quote.ask).units();
  std::int64_t offset = (quote.ask.units() - quote.bid.units()) / 2 / tick * tick;
  if (order.kind == Kind::relative) {
    const Decimal percent = order.asked.percent_offset.to_decimal().value_or(Decimal{});
    const Decimal amount = order.asked.aux_price.to_decimal().value_or(Decimal{});
    const auto part = static_cast<std::int64_t>(base::Int128{best} * percent.units() /
                                                (Decimal::one * 100) / tick * tick);
    offset = !amount.is_zero() ? amount.units() : std::max(part, tick);
  }
  const auto price = Decimal::from_units(order.is_buy ? best + offset : best - offset);
  const bool is_capped = !order.limit.is_zero();
  if (order.is_buy) {
    order.limit = is_capped ? std::min(order.limit, price) : price;
  } else {
    order.limit = is_capped ? std::max(order.limit, price) : price;
  }
}

// Recorded after hours: a plain limit is shown first and warned of then; a market order, a stop and
// what the server itself works (scales, algorithms) the other way round.
void Exchange::acknowledge_shut(SimOrder& order, Time now) {
  const bool by_server = order.asked.scale_init_level_size.value_or(0) > 0 ||
                         order.asked.use_price_mgmt_algo.value_or(false);
  const bool shown_first = order.kind == Kind::trail_limit || row_of(order.kind).pegged ||
                           (order.kind == Kind::limit && !by_server);
  order.status = Status::pre_submitted;
  if (order.trails()) elect(order);
  order.elected = false;
  const bool quiet = order.rule && order.rule->ack == Rule::Ack::none;
  if (quiet) {
    order.confirmed = true;
    return;
  }
  if (shown_first) pair(order);
  if (order.rule && order.rule->confirm_after.count() > 0) {
    return later(now + order.rule->confirm_after, {Step::confirm, order.perm_id});
  }
  confirm(order, now);
}

void Exchange::confirm(SimOrder& order, Time now) {
  order.confirmed = true;
  // Recorded: what is good till cancelled needs no warning.
  if (order.shut && order.tif == Tif::day) {
    const Instrument& instrument = *market_.find(order.con_id);
    say(order.key.first,
        error_message(order.key.second, 399,
                      fmt::format("Order Message:\n{} {} {} {}.{}\nWarning: Your order will not be "
                                  "placed at the exchange until {}.",
                                  order.asked.action, order.quantity.to_string(),
                                  order.contract.symbol, instrument.primary_exchange,
                                  instrument.trading_class, dashed_time(next_regular_open(now))),
                      now));
  }
  pair(order);
  retell_later(order, now);
  if (!order.cancel_by) return;
  order.confirmed = false;  // it never was, for its cancel
  finish_cancel(order, *order.cancel_by, now);
}

void Exchange::retell_later(const SimOrder& order, Time now) {
  if (options_.retell_after.count() <= 0) return;
  later(now + options_.retell_after, {Step::retell, order.perm_id});
}

void Exchange::acknowledge_open(SimOrder& order, Time now) {
  const bool quiet = order.rule && order.rule->ack == Rule::Ack::none;
  order.confirmed = true;
  const Rule::First first = order.rule ? order.rule->first : Rule::First::by_market;
  const auto band = beyond_band(order);
  if (order.child_held || order.waits || order.has_trigger()) {
    if (order.trails()) elect(order);
    order.elected = false;
    order.status = Status::pre_submitted;
    if (quiet) return;
    pair(order);
    if (order.has_trigger() || order.child_held) retell_later(order, now);
    return;
  }
  const bool at_once = price_now(order).has_value() && !band;
  if (!at_once && order.is_at_once()) {
    if (band && order.tif == Tif::ioc) return refuse_by_band(order, *band, now);
    return kill(order, now);
  }
  order.unspoken = at_once && !options_.instant_fill_status;
  const bool speaks = !quiet && !order.unspoken;
  if (first != Rule::First::by_market) {
    order.status = Status::pre_submitted;
    if (speaks) pair(order);
  }
  if (band) return refuse_by_band(order, *band, now);
  if (first == Rule::First::pre_submitted) return;
  order.status = Status::submitted;
  if (speaks) pair(order);
}

// Why a limit is too far through the market to be taken, if it is.
std::optional<std::string> Exchange::beyond_band(const SimOrder& order) const {
  const bool is_subject = options_.price_band && order.kind == Kind::limit && !order.waits &&
                          !order.child_held && order.contract.sec_type == "STK" &&
                          !(order.rule && order.rule->action != Rule::Do::market);
  if (!is_subject) return std::nullopt;
  const Decimal market = market_.quote(order.con_id)->last;
  const std::int64_t per_myriad = order.is_buy ? 10'294 : 9'706;
  const auto edge = Decimal::from_units(
      static_cast<std::int64_t>(base::Int128{market.units()} * per_myriad / 10'000));
  const bool beyond = order.is_buy ? order.limit >= edge : order.limit <= edge;
  if (!beyond) return std::nullopt;
  const bool plain = options_.older_words;
  return fmt::format(
      "We cannot accept an order at a limit price at or more aggressive than {}. Please submit "
      "your "
      "order {}using a limit price that is closer to the current market price of {}.{}",
      edge.to_string(), plain ? "" : "<br>", market.to_string(),
      plain ? "" : " or convert your order to an <br>algorithmic Order (IBALGO)");
}

// Recorded: the pair of a cancel twice, then the end with its reason.
void Exchange::refuse_by_band(SimOrder& order, const std::string& why, Time now) {
  order.status = Status::pending_cancel;
  pair(order);
  pair(order);
  order.status = Status::cancelled;
  order.completed_status = "Cancelled by System:\n" + why;
  finish(order, now);
  say_cancelled(order, order.key.first, why, now);
}

// Moves a trailing stop with the market and tells whether the market touches the stop, or what
// waits for a better price. A buy looks at the ask, a sell at the bid: the side on which it would
// trade.
bool Exchange::elect(SimOrder& order) {
  const Quote& quote = *market_.quote(order.con_id);
  const Decimal touch = order.is_buy ? quote.ask : quote.bid;
  if (order.trails()) {
    std::int64_t trail = order.trail_amount.units();
    const std::int64_t tick = market_.find(order.con_id)->tick.units();
    if (!order.trail_percent.is_zero()) {
      trail = static_cast<std::int64_t>(base::Int128{touch.units()} * order.trail_percent.units() /
                                        (Decimal::one * 100));
      trail -= trail % tick;
    }
    const auto stop = Decimal::from_units(touch.units() + (order.is_buy ? trail : -trail));
    const bool nearer = order.is_buy ? stop < order.stop : stop > order.stop;
    if (order.stop.is_zero() || nearer) order.stop = stop;
    if (order.kind == Kind::trail_limit) {
      const std::int64_t offset = order.limit_offset.units();
      order.limit = Decimal::from_units(order.stop.units() + (order.is_buy ? offset : -offset));
    }
  }
  const bool rises = order.is_buy != order.is_touched_from_outside();
  return rises ? touch >= order.stop : touch <= order.stop;
}

std::optional<Decimal> Exchange::price_now(const SimOrder& order) const {
  const Quote& quote = *market_.quote(order.con_id);
  const Decimal touch = order.is_buy ? quote.ask : quote.bid;
  const bool crosses =
      !order.is_limited() || (order.is_buy ? order.limit >= touch : order.limit <= touch);
  if (order.rule && order.rule->action == Rule::Do::rest) return std::nullopt;
  if (order.rule && order.rule->action == Rule::Do::fill) {
    if (order.rule->price) return order.rule->price;
    return crosses ? touch : order.limit;
  }
  return crosses ? std::optional(touch) : std::nullopt;
}

void Exchange::match(SimOrder& order, Time now) {
  const bool ready = order.acknowledged && !order.held && !order.child_held && !order.waits;
  if (!ready || order.parts_begun) return;
  if (order.has_trigger() && !order.elected) {
    if (!elect(order)) return;
    order.elected = true;
    // Recorded: a trailing stop mostly trades straight from its trigger.
    const bool trades =
        price_now(order).has_value() || (order.rule && order.rule->action == Rule::Do::rest);
    const bool told =
        order.kind != Kind::trail || !trades || (order.rule && order.rule->tells_election);
    if (order.status == Status::pre_submitted && told) order.status = Status::submitted;
    if (told) pair(order);
  }
  const auto price = price_now(order);
  if (order.filled.is_zero()) size_by_amount(order);
  if (!price) {
    if (order.is_at_once()) kill(order, now);
    return;
  }
  const bool in_parts =
      order.rule && order.rule->action == Rule::Do::fill && !order.rule->parts.empty();
  if (!in_parts) return fill(order, order.remaining(), *price, now);
  order.parts_begun = true;
  later(now + order.rule->parts.front().after, {Step::part, order.perm_id});
}

void Exchange::fill_part(SimOrder& order, std::size_t index, Time now) {
  const auto price = price_now(order);
  if (!price) return;
  const std::vector<FillPart>& parts = order.rule->parts;
  const std::size_t next = index + 1;
  const PermId perm_id = order.perm_id;
  if (next < parts.size()) {
    later(now + parts[next].after, {Step::part, perm_id, next});
  }
  fill(order, std::min(parts[index].quantity, order.remaining()), *price, now);
  if (next == parts.size() && order.is_live() && order.is_at_once()) kill(order, now);
}

std::vector<Exchange::Trade> Exchange::trades_of(const SimOrder& order, Decimal shares,
                                                 Decimal price) const {
  const Instrument& whole = *market_.find(order.con_id);
  if (!whole.is_combination()) return {{&whole, order.is_buy, shares, price}};
  std::vector<Trade> out;
  std::int64_t rest = price.units();
  for (const ComboPart& leg : whole.legs) {
    Trade trade{market_.find(leg.con_id), order.is_buy == (leg.ratio > 0), {}, {}};
    const Quote& quote = *market_.quote(leg.con_id);
    trade.price = trade.is_buy ? quote.ask : quote.bid;
    trade.shares = Decimal::from_units(shares.units() * std::max(leg.ratio, -leg.ratio));
    rest -= leg.ratio * trade.price.units();
    out.push_back(trade);
  }
  // The legs together are worth what the whole was traded at.
  const std::int64_t first = out.front().price.units() + rest / whole.legs.front().ratio;
  out.front().price = Decimal::from_units(std::max<std::int64_t>(first, 0));
  return out;
}

// Of a combination the whole comes first, without a commission, then its legs, whose ids have one
// part more.
std::vector<SimExecution> Exchange::execute(const SimOrder& order, Decimal shares, Decimal price,
                                            Time now) {
  const Instrument& instrument = *market_.find(order.con_id);
  const Decimal filled = order.filled;
  const std::uint32_t number = next_exec_++;
  SimExecution execution;
  execution.base_id = fmt::format("0000e0d5.{:08x}.01", number);
  execution.key = order.key;
  execution.perm_id = order.perm_id;
  execution.con_id = order.con_id;
  execution.contract = order.contract;
  execution.account = order.account;
  execution.order_ref = order.asked.order_ref;
  execution.time = now;
  execution.is_buy = order.is_buy;
  execution.shares = shares;
  execution.price = price;
  std::vector<SimExecution> out;
  if (!instrument.is_combination()) {
    execution.commission = commission_of(instrument, order.is_buy, shares, price, filled);
    out.push_back(book_.execute(std::move(execution), instrument));
    return out;
  }
  execution.share = Share::combination;
  out.push_back(book_.execute(execution, instrument));
  const auto trades = trades_of(order, shares, price);
  for (std::size_t i = 0; i < trades.size(); ++i) {
    const Trade& trade = trades[i];
    const std::int64_t ratio = trade.shares.units() / shares.units();
    const auto before = Decimal::from_units(filled.units() * ratio);
    execution.share = Share::leg;
    execution.base_id = fmt::format("0000e0d5.{:08x}.{:02}.01", number, i + 2);
    execution.con_id = trade.instrument->con_id;
    execution.contract = echo_contract(*trade.instrument, "");
    execution.is_buy = trade.is_buy;
    execution.shares = trade.shares;
    execution.price = trade.price;
    execution.commission =
        commission_of(*trade.instrument, trade.is_buy, trade.shares, trade.price, before);
    out.push_back(book_.execute(execution, *trade.instrument));
  }
  return out;
}

// Recorded: execDetails, then openOrder and orderStatus with the new state; later the same pair
// with the commission so far, and the commission itself.
void Exchange::fill(SimOrder& order, Decimal shares, Decimal price, Time now) {
  if (shares <= Decimal{}) return;
  const std::vector<SimExecution> done = execute(order, shares, price, now);
  const bool whole = order.remaining() <= Decimal{};
  if (whole) {
    order.status = Status::filled;
    order.completed_status = filled_text(order);
    finish(order, now);
  } else if (order.status == Status::pre_submitted && order.kind != Kind::trail) {
    order.status = Status::submitted;
  }
  for (const SimExecution& one : done) {
    say(order.key.first, exec_details(one, -1, venue(one.con_id)));
  }
  if (!whole || (options_.filled_status && !order.unspoken)) pair(order);
  const PermId perm_id = order.perm_id;
  for (const SimExecution& one : done) {
    if (!one.is_paid()) continue;
    const Time told = after_delay(options_.commission_delay, now);
    if (told <= now) {
      tell_commission(book_.find(perm_id), one.base_id);
      continue;
    }
    Task task{Step::commission, perm_id};
    task.exec_id = one.base_id;
    later(told, std::move(task));
  }
}

void Exchange::tell_commission(SimOrder* order, const std::string& exec_id) {
  const SimExecution* done = book_.find_execution(exec_id);
  if (done == nullptr) return;
  if (order != nullptr) {
    order->told_commission =
        Decimal::from_units(order->told_commission.units() + done->commission.units());
    const bool speaks = order->is_live() || (options_.filled_status && !order->unspoken);
    if (speaks) pair(*order);
  }
  say(done->key.first, commission_report(*done));
  out_.push_back({done->key.first, PositionChanged{done->account, done->con_id}});
}

// Recorded on a paper account: an IOC that cannot fill goes PendingCancel, Cancelled without error
// 202; a FOK that cannot fill becomes Inactive.
void Exchange::kill(SimOrder& order, Time now) {
  if (order.tif == Tif::fok) {
    order.status = Status::inactive;
    order.completed_status = "Inactive";
    finish(order, now);
    return pair(order);
  }
  order.status = Status::pending_cancel;
  pair(order);
  order.status = Status::cancelled;
  order.completed_status = "Cancelled by System:\n";
  finish(order, now);
  status(order);
}

// Recorded for a refusal by the risk check: the error first, then the order as Inactive; others
// saw the order first, or Inactive and Cancelled before the error.
void Exchange::reject(SimOrder& order, std::int32_t code, std::string text, Time now) {
  using RejectOrder = Options::RejectOrder;
  order.held = false;
  order.status = Status::inactive;
  order.completed_status = text;
  finish(order, now);
  const auto error = [&] {
    if (code != 0) refuse(order.key.first, order.key.second, {code, text}, now);
  };
  if (options_.reject_order == RejectOrder::error_first) error();
  if (options_.reject_order == RejectOrder::then_cancelled) {
    status(order);
    order.status = Status::cancelled;
    status(order);
  } else {
    pair(order);
  }
  if (options_.reject_order != RejectOrder::error_first) error();
}

}  // namespace belay::simtws
