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

void Exchange::pair(const SimOrder& order) {
  std::int32_t times = options_.duplicate_status ? 2 : 1;
  if (order.rule) times += order.rule->duplicates;
  for (std::int32_t i = 0; i < times; ++i) {
    say(order.key.first, open_order(order));
    status(order);
  }
}

void Exchange::run(Task& task, Time now) {
  SimOrder* order = book_.find(task.perm_id);
  if (order == nullptr) return;
  if (task.step == Step::change) return apply_change(*order, *task.change, now);
  if (!order->is_live()) return;
  switch (task.step) {
    case Step::acknowledge:
      return acknowledge(*order, now);
    case Step::match:
      return match(*order, now);
    case Step::part:
      return fill_part(*order, task.index, now);
    case Step::cancel:
      return finish_cancel(*order, task.by, now);
    case Step::expire:
      // A modification may have moved the date.
      if (order->good_till <= now) finish_cancel(*order, order->key.first, now);
      return;
    case Step::activate:
      order->waits = false;
      if (must_wait(*order, now) || order->child_held) return;
      order->status = order->has_trigger() ? Status::pre_submitted : Status::submitted;
      pair(*order);
      return match(*order, now);
    case Step::change:
      return;
  }
}

// Conditions are echoed, not computed: such an order rests. A time in the future wakes the order.
bool Exchange::must_wait(SimOrder& order, Time now) {
  order.waits = !order.asked.conditions.empty();
  if (order.waits) return true;
  if (const auto after = parse_ib_time(order.asked.good_after_time); after && *after > now) {
    order.waits = true;
    later(*after, {Step::activate, order.perm_id});
  } else if (options_.respect_hours && order.contract.sec_type == "STK" &&
             !order.asked.outside_rth && !in_regular_hours(now)) {
    order.waits = true;
    later(next_regular_open(now), {Step::activate, order.perm_id});
  }
  return order.waits;
}

void Exchange::acknowledge(SimOrder& order, Time now) {
  if (order.acknowledged) return;
  const bool quiet = order.rule && order.rule->ack == Rule::Ack::none;
  order.acknowledged = true;
  if (order.rule && order.rule->warning_code != 0) {
    say(order.key.first,
        error_message(order.key.second, order.rule->warning_code, order.rule->warning_text, now));
  }
  const bool wait = must_wait(order, now);
  const bool closed = wait && options_.respect_hours && !in_regular_hours(now) &&
                      order.asked.conditions.empty() && order.asked.good_after_time.empty();
  if (closed && order.parent == 0 && !quiet) {
    // Recorded after hours: the warning comes before the first openOrder.
    say(order.key.first,
        error_message(
            order.key.second, 399,
            fmt::format("Order Message:\n{} {} {} {}\nWarning: Your order will not be "
                        "placed at the exchange until {}.",
                        order.asked.action, order.quantity.to_string(), order.contract.symbol,
                        venue(order.con_id), ib_time(next_regular_open(now))),
            now));
  }
  if (order.child_held || wait || order.has_trigger()) {
    if (order.kind == Kind::trail) elect(order);
    order.elected = false;
    order.status = Status::pre_submitted;
    if (!quiet) pair(order);
  } else if (price_now(order)) {
    order.status = Status::submitted;
    order.unspoken = !options_.instant_fill_status;
    if (!quiet && !order.unspoken) pair(order);
  } else if (order.is_at_once()) {
    return kill(order, now);
  } else {
    // Recorded for a resting limit: both states, each as a pair.
    order.status = Status::pre_submitted;
    if (!quiet) pair(order);
    order.status = Status::submitted;
    if (!quiet) pair(order);
  }
  if (order.rule && order.rule->disconnect == Rule::Disconnect::after_ack) {
    out_.push_back({order.key.first, CloseClient{}});
  }
  later(after_delay(options_.fill_delay, now), {Step::match, order.perm_id});
}

// Moves a trailing stop with the market and tells whether the market touches the stop. A buy stop
// looks at the ask, a sell stop at the bid: the side on which it would trade.
bool Exchange::elect(SimOrder& order) {
  const Quote& quote = *market_.quote(order.con_id);
  const Decimal touch = order.is_buy ? quote.ask : quote.bid;
  if (order.kind == Kind::trail) {
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
  }
  return order.is_buy ? touch >= order.stop : touch <= order.stop;
}

std::optional<Decimal> Exchange::price_now(const SimOrder& order) const {
  const Quote& quote = *market_.quote(order.con_id);
  const Decimal touch = order.is_buy ? quote.ask : quote.bid;
  const bool limited = order.kind == Kind::limit || order.kind == Kind::stop_limit;
  const bool crosses = !limited || (order.is_buy ? order.limit >= touch : order.limit <= touch);
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
    if (order.status == Status::pre_submitted) order.status = Status::submitted;
    pair(order);
  }
  const auto price = price_now(order);
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

// Recorded for a market order: execDetails, then openOrder and orderStatus with the new state,
// the commission last. A partial fill leaves the state as it is.
void Exchange::fill(SimOrder& order, Decimal shares, Decimal price, Time now) {
  if (shares <= Decimal{}) return;
  const Instrument& instrument = *market_.find(order.con_id);
  SimExecution execution;
  execution.base_id = fmt::format("0000e0d5.{:08x}.01", next_exec_++);
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
  execution.commission = commission_of(instrument, shares, order.filled);
  const SimExecution done = book_.execute(std::move(execution), instrument);
  const bool whole = order.remaining() <= Decimal{};
  if (whole) {
    order.status = Status::filled;
    order.completed_status = filled_text(order);
    finish(order, now);
  } else if (order.status == Status::pre_submitted) {
    order.status = Status::submitted;
  }
  const ClientId client = order.key.first;
  say(client, exec_details(done, -1, venue(order.con_id)));
  if (!whole || (options_.filled_status && !order.unspoken)) pair(order);
  say(client, commission_report(done));
  out_.push_back({client, PositionChanged{order.account, order.con_id}});
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
  order.completed_status = "Cancelled by System";
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
  const auto error = [&] { refuse(order.key.first, order.key.second, {code, text}, now); };
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
