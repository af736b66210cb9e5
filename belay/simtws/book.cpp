// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/book.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;

Int128 product(Decimal a, Decimal b) {
  return Int128{a.units()} * b.units();
}

Int128 magnitude(Int128 value) {
  return value < 0 ? -value : value;
}

// `whole` times share / of, without leaving 128 bits.
Int128 part(Int128 whole, std::int64_t share, std::int64_t of) {
  if (of == 0) return 0;
  return whole / of * share + whole % of * share / of;
}

// Adds one execution to a position; the part that closes gives profit or loss.
void apply(SimPosition& position, SimExecution& execution, std::int64_t units) {
  execution.realized = 0;
  execution.closes = false;
  const std::int64_t signed_shares =
      execution.is_buy ? execution.shares.units() : -execution.shares.units();
  const std::int64_t before = position.quantity.units();
  const std::int64_t after = before + signed_shares;
  const bool against = (before > 0 && signed_shares < 0) || (before < 0 && signed_shares > 0);
  std::int64_t opening = execution.shares.units();
  // A commission belongs to what it closed and to what it opened, by their shares.
  const Int128 paid = product(execution.commission, Decimal::from_int(1));
  if (against) {
    const std::int64_t open = before < 0 ? -before : before;
    const std::int64_t closed = std::min(open, execution.shares.units());
    opening = execution.shares.units() - closed;
    const Int128 value = Int128{execution.price.units()} * closed * units;
    const Int128 cost =
        closed == open ? position.cost : Int128{position.average_cost().units()} * closed;
    const Int128 gain = before > 0 ? value - cost : cost - value;
    position.cost -= cost;
    if (closed != 0) {
      execution.realized = gain - part(paid, closed, execution.shares.units());
      execution.closes = true;
    }
    position.realized += execution.realized;
  }
  const Int128 fee = part(paid, opening, execution.shares.units());
  position.cost += Int128{execution.price.units()} * opening * units;
  position.cost += after < 0 ? -fee : fee;
  position.quantity = Decimal::from_units(after);
}

}  // namespace

std::string_view name(Status status) {
  switch (status) {
    case Status::pending_submit:
      return "PendingSubmit";
    case Status::pre_submitted:
      return "PreSubmitted";
    case Status::submitted:
      return "Submitted";
    case Status::pending_cancel:
      return "PendingCancel";
    case Status::api_cancelled:
      return "ApiCancelled";
    case Status::cancelled:
      return "Cancelled";
    case Status::filled:
      return "Filled";
    case Status::inactive:
      return "Inactive";
  }
  return "";
}

Decimal SimOrder::average_price() const {
  if (filled.is_zero()) return {};
  return Decimal::from_units(static_cast<std::int64_t>(notional / filled.units()));
}

std::string filled_text(const SimOrder& order) {
  return fmt::format("Filled Size: {}", order.filled.to_string());
}

std::string SimExecution::exec_id() const {
  return fmt::format("{}.{:02}", base_id, revision);
}

Decimal SimPosition::average_cost() const {
  if (quantity.is_zero()) return {};
  return Decimal::from_units(static_cast<std::int64_t>(cost / magnitude(quantity.units())));
}

void Book::add_cash(const SimExecution& execution, const Instrument& instrument, int sign) {
  Int128& cash = cash_[execution.account];
  if (instrument.sec_type == "FUT") {
    // Its value is no cash; its commission is in the cost of the position.
    futures_.insert(instrument.con_id);
    return;
  }
  cash -= sign * product(execution.commission, Decimal::from_int(1));
  const Int128 value = product(execution.price, execution.shares) * instrument.units;
  cash += sign * (execution.is_buy ? -value : value);
}

// Adds it to the sums of its order; those of a leg are of the leg alone.
void Book::count_order(SimExecution& execution, SimOrder& order) const {
  if (execution.share != Share::leg) {
    order.filled = Decimal::from_units(order.filled.units() + execution.shares.units());
    order.notional += product(execution.price, execution.shares);
    order.last_fill_price = execution.price;
    execution.cumulative = order.filled;
    execution.average = order.average_price();
    return;
  }
  std::int64_t shares = execution.shares.units();
  Int128 value = product(execution.price, execution.shares);
  for (const SimExecution& one : executions_) {
    if (one.superseded || one.perm_id != order.perm_id || one.con_id != execution.con_id) continue;
    shares += one.shares.units();
    value += product(one.price, one.shares);
  }
  execution.cumulative = Decimal::from_units(shares);
  execution.average = Decimal::from_units(static_cast<std::int64_t>(value / shares));
}

SimExecution& Book::execute(SimExecution execution, const Instrument& instrument) {
  SimOrder* order = find(execution.perm_id);
  BELAY_CHECK(order != nullptr);
  count_order(execution, *order);
  if (execution.share != Share::combination) {
    units_[execution.con_id] = instrument.units;
    apply(positions_[{execution.account, execution.con_id}], execution, instrument.units);
    add_cash(execution, instrument, 1);
  }
  forget_executions();
  executions_.push_back(std::move(execution));
  return executions_.back();
}

const SimExecution* Book::find_execution(std::string_view exec_id) const {
  const auto it = std::find_if(executions_.rbegin(), executions_.rend(), [&](const auto& one) {
    // The base first: a text is made only where it fits.
    return !one.superseded && exec_id.substr(0, one.base_id.size()) == one.base_id &&
           (exec_id.size() == one.base_id.size() || one.exec_id() == exec_id);
  });
  return it == executions_.rend() ? nullptr : &*it;
}

const SimExecution* Book::last_execution(OrderKey key) const {
  const auto it = std::find_if(executions_.rbegin(), executions_.rend(), [&](const auto& one) {
    return !one.superseded && one.share != Share::leg && one.key == key;
  });
  return it == executions_.rend() ? nullptr : &*it;
}

std::span<const SimExecution> Book::executions_since(base::Time time) const {
  const auto first = std::partition_point(executions_.begin(), executions_.end(),
                                          [&](const auto& one) { return one.time < time; });
  return {first, executions_.end()};
}

SimExecution* Book::correct(std::string_view exec_id, Decimal shares, Decimal price,
                            const Instrument& instrument) {
  const SimExecution* found = find_execution(exec_id);
  if (found == nullptr || shares.is_negative()) return nullptr;
  const auto index = found - executions_.data();
  SimExecution& old = executions_[static_cast<std::size_t>(index)];
  SimExecution next = old;
  old.superseded = true;
  next.revision = old.revision + 1;
  next.shares = shares;
  next.price = price;
  SimOrder* order = find(old.perm_id);
  if (order != nullptr && old.share != Share::leg) {
    order->filled =
        Decimal::from_units(order->filled.units() - old.shares.units() + shares.units());
    order->notional += product(price, shares) - product(old.price, old.shares);
    next.cumulative = order->filled;
    next.average = order->average_price();
    if (order->status == Status::filled) order->completed_status = filled_text(*order);
  }
  const bool is_held = old.share != Share::combination;
  if (is_held) add_cash(old, instrument, -1);
  if (is_held) add_cash(next, instrument, 1);
  // It takes the place of what it replaces, so that later executions close the same lots.
  const auto at = executions_.insert(executions_.begin() + index + 1, std::move(next));
  if (is_held) recount(*at, instrument);
  return &*at;
}

void Book::recount(const SimExecution& changed, const Instrument& instrument) {
  const PositionKey key{changed.account, changed.con_id};
  SimPosition position = forgotten_[key];
  for (SimExecution& one : executions_) {
    if (one.superseded || one.account != key.first || one.con_id != key.second) continue;
    apply(position, one, instrument.units);
  }
  positions_[key] = position;
}

void Book::forget_executions() {
  if (executions_.size() < history_max_ * 2) return;
  const auto end = executions_.begin() + static_cast<std::ptrdiff_t>(history_max_);
  for (auto it = executions_.begin(); it != end; ++it) {
    if (it->superseded || it->share == Share::combination) continue;
    // The multiplier is what the position already counts with.
    std::int64_t units = 1;
    if (const auto known = units_.find(it->con_id); known != units_.end()) units = known->second;
    apply(forgotten_[{it->account, it->con_id}], *it, units);
  }
  executions_.erase(executions_.begin(), end);
}

Int128 Book::cash_change(const std::string& account) const {
  Int128 out = 0;
  if (const auto it = cash_.find(account); it != cash_.end()) out = it->second;
  for (const auto& [key, position] : positions_) {
    if (key.first == account && futures_.count(key.second) != 0) out += position.realized;
  }
  return out;
}

}  // namespace belay::simtws
