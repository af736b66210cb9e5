// SPDX-License-Identifier: Apache-2.0
// What each fact does to the state. Nothing here decides: the same events give the same book,
// whoever reads them.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/base/match.hpp"
#include "belay/core/facts/book.hpp"
#include "belay/core/facts/book_around.hpp"
#include "belay/core/facts/fill_sums.hpp"
#include "belay/core/facts/order_machine.hpp"

namespace belay::core {

using base::Defect;

/// What a fact does to its order.
struct Applier {
  Book& book;
  const StampedEvent& stamp;

  template <class E>
  requires(!OfOneOrder<E> || base::is_one_of<E, IncidentOpened, OrderArchived, OrderRecalled>) void
  operator()(const E&) {}

  void operator()(const OrderAccepted& e) { create(e).family = e.family; }
  void operator()(const OrderRefused& e) {
    Order& order = create(e);
    order.refusal = e.code;
    order.text = e.text;
    order.status = OrdStatus::rejected;
  }
  void operator()(const SendIntended& e) {
    Order& order = book.at(e.order);
    if (order.broker_id) book.unindex(order);
    order.broker_id = e.broker_id;
    book.index(order);
    book.by_broker_id_.put(e.broker_id, order.id);
    move(order, Trigger::send);
  }
  void operator()(const SendWithdrawn& e) {
    Order& order = book.at(e.order);
    order.text = e.proof;
    move(order, order.pending_cancel ? Trigger::cancel : Trigger::withdraw);
  }
  void operator()(const OrderDenied& e) { close(e.order, e.reason, Trigger::deny); }
  void operator()(const BrokerAcknowledged& e) {
    Order& order = book.at(e.order);
    order.raw_status = e.raw_status;
    if (e.permanent_id) link(order, *e.permanent_id);
    if (e.con_id != 0) order.con_id = e.con_id;
    order.unknown = order.replacing && order.unknown;
    order.worked = true;
    move(order, Trigger::acknowledge);
  }
  void operator()(const ContractIdentified& e) {
    Order& order = book.at(e.order);
    uncount(order);
    Contract& contract = order.spec.edit().contract;
    const Contract known = std::exchange(contract, e.contract);
    // Where it is to be traded is the caller's to say, not the broker's.
    if (!known.exchange.empty()) contract.exchange = known.exchange;
    contract.primary_exchange = known.primary_exchange;
    if (!known.legs.empty()) contract.legs = known.legs;
    order.con_id = e.contract.con_id;
    const auto held = book.positions_.find({order.spec->account, order.con_id});
    if (held != book.positions_.end() && held->second.contract.symbol.empty()) {
      held->second.contract = e.contract;
    }
  }
  void operator()(const BrokerStatusChanged& e) {
    Order& order = book.at(e.order);
    order.raw_status = e.raw_status;
    order.why_held = e.why_held;
    order.filled_claim = e.filled_claim;
    forget_refusal(order);
    order.told = prices_with(order.told, {e.filled_claim, e.avg_px, e.last_px});
  }
  void operator()(const BrokerNoted& e) {
    Order& order = book.at(e.order);
    remark(order, e, true);
    if (e.refusal && !is_terminal(order.status)) order.refused = true;
  }
  void operator()(const ReplaceRequested& e) { book.at(e.order).desired_terms = e.terms; }
  void operator()(const ReplaceIntended& e) {
    book.at(e.order).replacing = book.at(e.order).desired_terms;
  }
  void operator()(const ReplaceAccepted& e) {
    Order& order = book.at(e.order);
    if (order.replacing) order.spec.edit().terms = *order.replacing;
    forget_refusal(order);
    order.code = 0;  // what was said of an earlier modification is over
    order.text.clear();
    order.broker_text.clear();
    end_replace(order);
    resize(order);
  }
  void operator()(const ReplaceRefused& e) {
    Order& order = book.at(e.order);
    remark(order, e, e.code != 0);
    const bool waited = may_have_grown(order);
    end_replace(order);
    if (waited) resize(order);
  }
  void operator()(const OrderRestated& e) {
    Order& order = book.at(e.order);
    order.spec.edit().terms = e.terms;
    if (e.ord_type != OrdType::other || !e.raw_ord_type.empty()) {
      order.spec.edit().ord_type = e.ord_type;
      order.raw_ord_type = e.raw_ord_type;
    }
    forget_refusal(order);
    resize(order);
  }
  void operator()(const CancelIntended& e) {
    Order& order = book.at(e.order);
    order.pending_cancel = true;
    order.cancel_asked = true;
    if (order.status == OrdStatus::created) move(order, Trigger::cancel);
  }
  void operator()(const CancelRefused& e) {
    Order& order = book.at(e.order);
    order.pending_cancel = false;
    remark(order, e, e.code != 0);
  }
  void operator()(const OrderCanceled& e) { end(e, Trigger::cancel); }
  void operator()(const OrderRejected& e) {
    const Order& order = book.at(e.order);
    // A word for the end may precede the refusal that explains it.
    const bool explains = e.code != 0 && order.status == OrdStatus::canceled && !order.worked;
    end(e, explains ? Trigger::refuse : Trigger::reject);
  }
  void operator()(const OrderExpired& e) { close(e.order, e.text, Trigger::expire); }
  void operator()(const OrderHeld& e) {
    Order& order = book.at(e.order);
    order.why_held = e.why;
    order.unknown = false;
    move(order, Trigger::hold);
  }
  void operator()(const ExecutionReported& e) {
    Order& order = book.at(e.order);
    if (e.con_id != 0 && e.execution.leg_con_id == 0) order.con_id = e.con_id;
    order.told = prices_with(order.told, {e.cum_qty, e.avg_px, std::nullopt});
    add(order, e.execution);
    refill(order);
  }
  void operator()(const ExecutionCorrected& e) {
    Order& order = book.at(e.order);
    if (base::defect(Defect::correction_added)) {
      add(order, e.execution);
      return refill(order);
    }
    if (Execution* known = execution(order, e.execution.id.base)) {
      count(order, *known, false);
      Execution old = std::exchange(*known, e.execution);
      known->commission = std::move(old.commission);
      known->commission_currency = std::move(old.commission_currency);
      known->commission_revision = old.commission_revision;
      count(order, *known, true);
    }
    refill(order);
  }
  void operator()(const CommissionReported& e) {
    Execution* known = execution(book.at(e.order), e.execution.base);
    if (known == nullptr) return;
    known->commission = e.commission;
    known->commission_currency = e.currency;
    known->commission_revision = e.execution.revision;
  }
  void operator()(const OrderUnknown& e) {
    Order& order = book.at(e.order);
    order.unknown = true;
    order.text = e.reason;
  }
  void operator()(const ExternalOrderSeen& e) {
    if (book.find(e.order) != nullptr) {
      Order& known = book.at(e.order);
      uncount(known);
      known.spec = e.spec;
      known.raw_ord_type = e.raw_ord_type;
      // What it trades was taken from a fill, which may have been of a leg.
      if (e.spec->contract.con_id != 0 || known.cum_qty.is_zero()) {
        known.con_id = e.spec->contract.con_id;
      }
      return resize(known);
    }
    Order& order = book.add(e.order);
    order.external = true;
    order.spec = e.spec;
    order.con_id = e.spec->contract.con_id;
    order.raw_ord_type = e.raw_ord_type;
    order.tag = e.tag;
    order.created_at = stamp.time;
    order.status = OrdStatus::new_;
    order.worked = true;
    // Number 0 is a manual order that nobody bound: it has no name but the permanent id.
    if (e.broker_id.number != 0) {
      order.broker_id = e.broker_id;
      Around{book, stamp}.name_seen(order);
    }
    if (e.permanent_id) link(order, *e.permanent_id);
  }
  void operator()(const IncarnationAdded& e) {
    Order& order = book.at(e.order);
    link(order, e.permanent_id);
    if (order.permanent_ids.size() < 2) return;
    if (order.incarnations.empty()) {
      order.incarnations.push_back({order.permanent_ids.front(),
                                    order.raw_status,
                                    is_terminal(order.status),
                                    order.filled_claim,
                                    {}});
    }
    copy_of(order, e.permanent_id).broker_id = e.broker_id;
    if (is_terminal(order.status)) move(order, Trigger::reopen);
    resize(order);
  }
  void operator()(const SendRefused& e) {
    Order& order = book.at(e.order);
    order.unknown = false;
    order.text = e.proof;
    move(order, Trigger::refuse_id);
  }
  void operator()(const OrderNotAccepted& e) { close(e.order, e.proof, Trigger::not_accept); }
  void operator()(const ExecutionInferred& e) {
    Order& order = book.at(e.order);
    Execution stand_in = e.execution;
    stand_in.inferred = true;
    ++order.inferred;
    add(order, std::move(stand_in));
    refill(order);
  }
  void operator()(const ExecutionSuperseded& e) {
    Order& order = book.at(e.order);
    if (const Execution* stand_in = execution(order, e.inferred.base)) {
      count(order, *stand_in, false);
      if (stand_in->inferred) --order.inferred;
      order.executions.erase(order.executions.begin() + (stand_in - order.executions.data()));
      book.by_execution_.erase(e.inferred.base);
    }
    refill(order);
  }
  void operator()(const BrokerIdBound& e) {
    Order& order = book.at(e.order);
    book.unindex(order);
    order.broker_id = e.broker_id;
    book.index(order);
    book.by_broker_id_.put(e.broker_id, order.id);
  }
  void operator()(const ForeignRequest& e) { book.at(e.order).text = e.outcome; }
  void operator()(const IncarnationChanged& e) {
    Order& order = book.at(e.order);
    if (order.permanent_ids.size() >= 2) {  // the order's own word follows by itself
      Incarnation& copy = copy_of(order, e.permanent_id);
      copy.raw_status = e.raw_status;
      copy.done = e.done;
      copy.filled_claim = e.filled_claim;
    } else {
      order.raw_status = e.raw_status;
    }
    if (!e.done && is_terminal(order.status)) move(order, Trigger::reopen);
    resize(order);
  }

 private:
  template <class E>
  Order& create(const E& e) {
    Order& order = book.add(e.order);
    order.cl_ord_id = e.cl_ord_id;
    order.spec = e.spec;
    order.principal = e.principal;
    order.con_id = e.spec->contract.con_id;
    order.created_at = stamp.time;
    if (book.for_readers_) return order;
    book.keys_.put({key_hash(e.spec->account, e.cl_ord_id), {e.order, fingerprint(e.spec)}});
    return order;
  }
  void move(Order& order, Trigger trigger) { order.status = transition(order.status, trigger).to; }
  // It gets another name among what is open; settle() counts it under that one.
  void uncount(Order& order) {
    if (order.counted_open) book.note_open(order, false);
    order.counted_open = false;
  }
  // The broker's own words. What we say about an order beside them is its text.
  template <class E>
  void quote(Order& order, const E& e) {
    order.code = e.code;
    order.broker_text = e.text;
  }
  // What came of a request. Words of ours leave the broker's beside them, and what is said of a
  // request that came too late does not replace why the order ended.
  template <class E>
  void remark(Order& order, const E& e, bool of_broker) {
    if (is_terminal(order.status) && (order.code != 0 || !order.broker_text.empty())) return;
    if (of_broker) quote(order, e);
    order.text = e.text;
  }
  // Of an order that lives: the broker spoke of it again.
  void forget_refusal(Order& order) { order.refused = order.refused && is_terminal(order.status); }
  void close(OrderId id, const std::string& text, Trigger trigger) {
    book.at(id).text = text;
    move(book.at(id), trigger);
  }
  // A status word for the end comes without a code, and unsays nothing.
  template <class E>
  void end(const E& e, Trigger trigger) {
    Order& order = book.at(e.order);
    forget_refusal(order);
    order.refused = order.refused || e.code != 0;
    if (e.code != 0) quote(order, e);
    if (!e.text.empty()) order.text = e.text;
    move(order, trigger);
  }
  // A wish that came while another was on its way outlives it. One that was never sent says nothing
  // about what became of the order.
  void end_replace(Order& order) {
    if (order.replacing) order.unknown = false;
    if (!order.replacing || order.desired_terms == order.replacing) order.desired_terms.reset();
    order.replacing.reset();
  }
  void link(Order& order, PermanentId id) {
    auto& ids = order.permanent_ids;
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return;
    ids.push_back(id);
    book.by_permanent_id_.put(id, order.id);
  }
  Incarnation& copy_of(Order& order, PermanentId id) {
    for (Incarnation& copy : order.incarnations) {
      if (copy.permanent_id == id) return copy;
    }
    return order.incarnations.emplace_back(Incarnation{id, "", false, Quantity(), {}});
  }
  static Decimal negative(Decimal value) { return Decimal::from_units(-value.units()); }
  Execution* execution(Order& order, std::string_view exec_base) {
    const Execution* found = book.execution_of(order, exec_base);
    return found == nullptr ? nullptr : order.executions.data() + (found - order.executions.data());
  }
  void add(Order& order, Execution execution) {
    if (!book.for_readers_) {
      book.by_execution_.put(execution.id.base, {order.id, order.executions.size()});
    }
    order.executions.push_back(std::move(execution));
    count(order, order.executions.back(), true);
  }
  // What one execution adds to its order and to what its account should hold, or takes back.
  void count(Order& order, const Execution& e, bool adds) {
    if (e.busted || e.repeats) return;
    const AccountId& whose = e.account.value().empty() ? order.spec->account : e.account;
    const Decimal change = adds ? e.last_qty.value() : negative(e.last_qty.value());
    if (e.leg_con_id != 0) {
      if (book.for_readers_) return;
      // A leg moves its own contract, on its own side.
      book.move_position({whose, e.leg_con_id}, e.side == Side::buy ? change : negative(change),
                         stamp.time);
      return;
    }
    order.worked = true;
    sum_up(order, e, adds);
    book.move_position(order, whose, change, stamp.time);
  }
  void refill(Order& order) {
    if (!order.replacing) order.unknown = false;
    resize(order);
  }
  // The state that follows from the quantities.
  void resize(Order& order) {
    const bool as_filled = order.known_from_fills() && !base::defect(Defect::first_size_kept);
    if (as_filled) order.spec.edit().terms.order_qty = order.cum_qty;
    const Quantity ordered = order.spec->terms.order_qty;
    // Somebody's order for an amount of money, or of an unknown size, is no larger than it fills.
    const bool open_ended = order.external && ordered.is_zero();
    order.overfilled = order.cum_qty > ordered && !open_ended;
    if (order.cum_qty.is_zero()) {
      if (order.status == OrdStatus::filled) move(order, Trigger::refill);
      if (order.status == OrdStatus::partially_filled) move(order, Trigger::refill);
    } else if (order.cum_qty >= ordered && !open_ended && !order.copy_works() &&
               !may_have_grown(order)) {
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
  const auto id = order_of(event.event);
  Around around{*this, event};
  if (id && around.take_over(*id)) return;
  const IdBook::Use before = use_of(id ? find(*id) : nullptr);
  std::visit(around, event.event);
  if (!id || moves_memory(event.event)) return;
  std::visit(Applier{*this, event}, event.event);
  // An incident may name an order that was archived.
  if (!orders_.contains(*id)) return;
  Order& order = orders_.write(*id);
  around.count_id(before, order);
  finished_.erase(order.seq);
  ++order.version;
  order.seq = event.seq;
  order.updated_at = event.time;
  settle(order);
  around.list_live(order);
}

}  // namespace belay::core
