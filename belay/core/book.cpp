// SPDX-License-Identifier: Apache-2.0
#include "belay/core/book.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/core/event_encoding.hpp"
#include "belay/core/order_machine.hpp"

namespace belay::core {

using base::Defect;

base::Hash128 key_hash(const AccountId& account, const ClOrdId& cl_ord_id) {
  return base::hash128(account.value() + '\0' + cl_ord_id.value());
}
base::Hash128 fingerprint(const OrderSpec& spec) {
  return base::hash128(encode(spec));
}

std::string reported_ord_status(const Order& order) {
  if (!is_terminal(order.status)) {
    if (order.pending_cancel) return "PendingCancel";
    if (order.replacing || order.desired_terms) return "PendingReplace";
  }
  return std::string(name(order.status));
}

bool is_anomalous(const Order& order, Trigger trigger) {
  return transition(order.status, trigger).judgement == Judgement::anomalous;
}

const Order* Book::find(OrderId id) const {
  if (id.value() == 0 || id.value() > orders_.size()) return nullptr;
  return &orders_[id.value() - 1];
}
const Order* Book::find(const BrokerOrderId& id) const {
  const OrderId* found = by_broker_id_.find(id);
  return found == nullptr ? nullptr : find(*found);
}
const Order* Book::find(PermanentId id) const {
  const auto it = by_permanent_id_.find(id);
  return it == by_permanent_id_.end() ? nullptr : find(it->second);
}
const Order* Book::find_execution(const std::string& exec_base) const {
  const OrderId* found = by_execution_.find(exec_base);
  return found == nullptr ? nullptr : find(*found);
}
std::int64_t Book::id_mark(std::int32_t session) const {
  const auto it = id_marks_.find(session);
  return it == id_marks_.end() ? 0 : it->second;
}

Order& Book::at(OrderId id) {
  BELAY_CHECK(id.value() >= 1);
  BELAY_CHECK(id.value() <= orders_.size());
  return orders_[id.value() - 1];
}
Order& Book::add(OrderId id) {
  BELAY_CHECK(id == next_order_id());
  Order& order = orders_.emplace_back();
  order.id = id;
  return order;
}
namespace {
// The broker's number of a contract is not known to every order, so its description names it.
base::Hash128 open_key(const OrderSpec& spec) {
  const Contract& c = spec.contract;
  std::string text = spec.account.value();
  for (const std::string_view part :
       {std::string_view(c.symbol), name(c.sec_type), std::string_view(c.currency),
        std::string_view(c.last_trade_date), std::string_view(c.right), name(spec.side)}) {
    text += '\0';
    text += part;
  }
  if (c.strike) text += to_string(*c.strike);
  // An order that names its contract by the number alone shares its limit with that number only.
  if (c.symbol.empty()) text += fmt::format("#{}", c.con_id);
  return base::hash128(text);
}
}  // namespace

std::size_t Book::open_orders(const OrderSpec& spec) const {
  const std::size_t* count = open_counts_.find(open_key(spec));
  return count == nullptr ? 0 : *count;
}
void Book::count_open(const Order& order, int change) {
  const base::Hash128 key = open_key(order.spec);
  std::size_t& count = open_counts_.at_or_make(key);
  if (change > 0) {
    ++count;
  } else if (--count == 0) {
    open_counts_.erase(key);
  }
}

// Keeps the live set and the flags of a finished order right after each event.
void Book::settle(Order& order) {
  const bool done = is_terminal(order.status);
  // Somebody else's order that the broker no longer lists is not open there, however it ended.
  const bool open = !done && !(order.external && order.unknown);
  if (open != order.counted_open) {
    order.counted_open = open;
    count_open(order, open ? +1 : -1);
  }
  if (!done) {
    live_.insert(order.id);
    return;
  }
  live_.erase(order.id);
  order.pending_cancel = false;
  order.replacing.reset();
  order.unknown = false;
  order.desired_terms.reset();
}

/// One overload per event: what each fact does to the state.
struct Applier {
  Book& book;
  const StampedEvent& stamp;

  void operator()(const InstanceCreated& e) { book.instance_ = e.instance; }
  void operator()(const DaemonStarted& e) {
    book.epoch_ = e.epoch;
    book.phase_ = "down";
    if (base::defect(Defect::mark_forgotten_at_restart)) book.id_marks_.clear();
    if (base::defect(Defect::key_forgotten_at_restart)) book.keys_.clear();
  }
  void operator()(const OrderAccepted& e) { create(e.order, e.cl_ord_id, e.spec, e.principal); }
  void operator()(const OrderRefused& e) {
    Order& order = create(e.order, e.cl_ord_id, e.spec, e.principal);
    order.refusal = e.code;
    order.text = e.text;
    order.status = OrdStatus::rejected;
  }
  void operator()(const SendIntended& e) {
    Order& order = book.at(e.order);
    order.broker_id = e.broker_id;
    book.by_broker_id_.put(e.broker_id, order.id);
    std::int64_t& mark = book.id_marks_[e.broker_id.session];
    mark = std::max(mark, e.broker_id.number);
    move(order, Trigger::send);
  }
  void operator()(const SendWithdrawn& e) {
    Order& order = book.at(e.order);
    ++book.id_gaps_total_;
    order.text = e.proof;
    if (order.pending_cancel) {
      move(order, Trigger::cancel);
    } else {
      move(order, Trigger::withdraw);
    }
  }
  void operator()(const OrderDenied& e) {
    Order& order = book.at(e.order);
    order.text = e.reason;
    move(order, Trigger::deny);
  }
  void operator()(const BrokerAcknowledged& e) {
    Order& order = book.at(e.order);
    order.raw_status = e.raw_status;
    if (e.permanent_id) link(order, *e.permanent_id);
    order.unknown = order.replacing && order.unknown;
    move(order, Trigger::acknowledge);
  }
  void operator()(const BrokerStatusChanged& e) {
    Order& order = book.at(e.order);
    order.raw_status = e.raw_status;
    order.why_held = e.why_held;
    order.filled_claim = e.filled_claim;
  }
  void operator()(const BrokerNoted& e) {
    Order& order = book.at(e.order);
    order.code = e.code;
    order.text = e.text;
    if (e.unlisted) ++book.unlisted_codes_total_;
  }
  void operator()(const ReplaceRequested& e) { book.at(e.order).desired_terms = e.terms; }
  void operator()(const ReplaceIntended& e) { order_starts_replace(book.at(e.order)); }
  void operator()(const ReplaceAccepted& e) {
    Order& order = book.at(e.order);
    if (order.replacing) order.spec.terms = *order.replacing;
    end_replace(order);
    resize(order);
  }
  void operator()(const ReplaceRefused& e) {
    Order& order = book.at(e.order);
    order.code = e.code;
    order.text = e.text;
    end_replace(order);
  }
  void operator()(const OrderRestated& e) {
    Order& order = book.at(e.order);
    order.spec.terms = e.terms;
    resize(order);
  }
  void operator()(const CancelIntended& e) {
    Order& order = book.at(e.order);
    order.pending_cancel = true;
    if (order.status == OrdStatus::created) move(order, Trigger::cancel);
  }
  void operator()(const CancelRefused& e) {
    Order& order = book.at(e.order);
    order.pending_cancel = false;
    order.code = e.code;
    order.text = e.text;
  }
  void operator()(const OrderCanceled& e) { end(e, Trigger::cancel); }
  void operator()(const OrderRejected& e) { end(e, Trigger::reject); }
  void operator()(const OrderExpired& e) {
    Order& order = book.at(e.order);
    order.text = e.text;
    move(order, Trigger::expire);
  }
  void operator()(const OrderHeld& e) {
    Order& order = book.at(e.order);
    order.why_held = e.why;
    order.unknown = false;
    move(order, Trigger::hold);
  }
  void operator()(const ExecutionReported& e) {
    Order& order = book.at(e.order);
    order.executions.push_back(e.execution);
    book.by_execution_.put(e.execution.id.base, order.id);
    fill(order);
  }
  void operator()(const ExecutionCorrected& e) {
    Order& order = book.at(e.order);
    if (base::defect(Defect::correction_added)) {
      order.executions.push_back(e.execution);
      return fill(order);
    }
    for (Execution& known : order.executions) {
      if (known.id.base != e.execution.id.base) continue;
      const auto commission = known.commission;
      const auto currency = known.commission_currency;
      known = e.execution;
      known.commission = commission;
      known.commission_currency = currency;
    }
    fill(order);
  }
  void operator()(const CommissionReported& e) {
    for (Execution& known : book.at(e.order).executions) {
      if (known.id.base != e.execution.base) continue;
      known.commission = e.commission;
      known.commission_currency = e.currency;
    }
  }
  void operator()(const OrderUnknown& e) {
    Order& order = book.at(e.order);
    order.unknown = true;
    order.text = e.reason;
  }
  void operator()(const ExternalOrderSeen& e) {
    Order& order = book.add(e.order);
    order.external = true;
    order.spec = e.spec;
    order.raw_ord_type = e.raw_ord_type;
    order.tag = e.tag;
    order.created_at = stamp.time;
    order.status = OrdStatus::new_;
    // Number 0 is a manual order that nobody bound: it has no name but the permanent id.
    if (e.broker_id.number != 0) {
      order.broker_id = e.broker_id;
      if (book.by_broker_id_.find(e.broker_id) == nullptr) {
        book.by_broker_id_.put(e.broker_id, order.id);
      }
    }
    if (e.permanent_id) link(order, *e.permanent_id);
  }
  void operator()(const IncarnationAdded& e) { link(book.at(e.order), e.permanent_id); }
  void operator()(const FloorRaised& e) {
    std::int64_t& mark = book.id_marks_[e.session];
    if (base::defect(Defect::id_reused_after_rollback)) {
      mark = e.to - 1;
    } else {
      mark = std::max(mark, e.to - 1);
    }
    if (e.to > e.from) ++book.id_gaps_total_;
  }
  void operator()(const SessionChanged& e) {
    book.phase_ = e.phase;
    if (!e.accounts.empty()) book.accounts_ = e.accounts;
  }
  void operator()(const SyncCompleted&) { book.phase_ = "ready"; }
  void operator()(const IncidentOpened&) { ++book.incidents_total_; }

 private:
  Order& create(OrderId id, const ClOrdId& key, const OrderSpec& spec, const std::string& who) {
    Order& order = book.add(id);
    order.cl_ord_id = key;
    order.spec = spec;
    order.principal = who;
    order.created_at = stamp.time;
    book.keys_.put(key_hash(spec.account, key), {id, fingerprint(spec)});
    return order;
  }
  void move(Order& order, Trigger trigger) { order.status = transition(order.status, trigger).to; }
  template <class E>
  void end(const E& e, Trigger trigger) {
    Order& order = book.at(e.order);
    order.code = e.code;
    if (!e.text.empty()) order.text = e.text;
    move(order, trigger);
  }
  void order_starts_replace(Order& order) { order.replacing = order.desired_terms; }
  // A wish that came while another was on its way outlives it.
  void end_replace(Order& order) {
    if (!order.replacing || order.desired_terms == order.replacing) order.desired_terms.reset();
    order.replacing.reset();
    order.unknown = false;
  }
  void link(Order& order, PermanentId id) {
    if (std::find(order.permanent_ids.begin(), order.permanent_ids.end(), id) !=
        order.permanent_ids.end()) {
      return;
    }
    order.permanent_ids.push_back(id);
    book.by_permanent_id_.insert_or_assign(id, order.id);
  }
  // Sums anew from the executions that stand: corrections and busts need no special case.
  void fill(Order& order) {
    order.cum_qty = Quantity();
    order.notional = Notional();
    for (const Execution& e : order.executions) {
      if (e.busted) continue;
      order.cum_qty = order.cum_qty + e.last_qty;
      // Saturates: two executions of the largest price and quantity do not fit in 128 bits.
      Int128 sum = 0;
      if (!__builtin_add_overflow(order.notional.units, times(e.last_px, e.last_qty).units, &sum)) {
        order.notional.units = sum;
      }
    }
    if (!order.replacing) order.unknown = false;
    resize(order);
  }
  // The state that follows from the quantities.
  void resize(Order& order) {
    const Quantity ordered = order.spec.terms.order_qty;
    order.overfilled = order.cum_qty > ordered;
    if (order.cum_qty.is_zero()) {
      if (order.status == OrdStatus::partially_filled) move(order, Trigger::refill);
      if (order.status == OrdStatus::filled) {
        move(order, Trigger::refill);
        move(order, Trigger::refill);
      }
    } else if (order.cum_qty >= ordered) {
      move(order, Trigger::fill_complete);
    } else if (order.status == OrdStatus::filled) {
      move(order, Trigger::refill);
    } else {
      move(order, Trigger::fill_partial);
    }
  }
};

void Book::apply(const StampedEvent& event) {
  BELAY_CHECK(event.seq == last_seq_ + 1);
  last_seq_ = event.seq;
  std::visit(Applier{*this, event}, event.event);
  if (const auto id = order_of(event.event)) {
    Order& order = at(*id);
    ++order.version;
    order.seq = event.seq;
    order.updated_at = event.time;
    settle(order);
  }
}

}  // namespace belay::core
