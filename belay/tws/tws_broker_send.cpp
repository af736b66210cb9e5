// SPDX-License-Identifier: Apache-2.0
// What leaves for the broker: frames on the slots that were reserved for them, cancels before all
// that waits, and questions.
#include <fmt/format.h>

#include "belay/base/defects.hpp"
#include "belay/tws/translate.hpp"
#include "belay/tws/tws_broker.hpp"

namespace belay::tws {

broker::Capabilities TwsBroker::capabilities() const {
  return {.ids = broker::IdScheme::rising,
          .native_brackets = true,
          .modify_in_place = true,
          .tag_read_back = true,
          .oca = {.cancel = true, .reduce = true, .without_race = true},
          .messages_a_second = options_.session.message_rate_limit};
}

void TwsBroker::query_executions(base::Time now) {
  if (wrong_accounts_) return;
  ask_executions(now);
  now_ = now;
  collect_writes();
}

void TwsBroker::query_next_id(base::Time now) {
  if (wrong_accounts_) return;
  waits_.begin(Awaited::next_id, now);
  session_.send_query(wire::ReqIds{.num_ids = 1}, now);
  now_ = now;
  collect_writes();
}

// The number alone: whatever else were given would be part of the search.
void TwsBroker::ask_contract(std::int64_t con_id, base::Time now) {
  if (wrong_accounts_) return;
  wire::ReqContractDetails question;
  question.req_id = next_request_id();
  question.contract.con_id = static_cast<std::int32_t>(con_id);
  contract_questions_[question.req_id] = {{con_id, {}, {}}, now};
  session_.send_query(question, now);
  now_ = now;
  collect_writes();
}

core::LaneSlots TwsBroker::lane_slots(base::Time now) const {
  const broker::OrderSlots free = session_.lane_slots(now);
  const broker::OrderSlots most = session_.lane_capacity();
  const unsigned entry = is_doubtful() ? 0 : free.entry;
  return {{free.protective, free.reducing, entry}, {most.protective, most.reducing, most.entry}};
}

broker::Pacing TwsBroker::pacing(base::Time now) const {
  const broker::Pacer& pacer = session_.pacer();
  return {pacer.limit(), pacer.used(now), pacer.reserved(), session_.cancels_waiting(),
          session_.waiting() - session_.cancels_waiting()};
}

// Nothing is handed over now. What a gateway without its server takes is lost or delayed; into a
// session with other accounts than those that were expected nothing goes at all.
bool TwsBroker::is_shut() const {
  return wrong_accounts_ || server_lost_ || session_.phase() != session::Phase::up;
}

bool TwsBroker::place(const core::PlaceEffect& effect, base::Time now) {
  const wire::PlaceOrder message = to_wire(effect);
  if (!send_orders({&message, 1}, now)) return false;
  order_sent(effect.order, effect.broker_id, now);
  return true;
}

bool TwsBroker::replace(const core::ReplaceEffect& effect, base::Time now) {
  const wire::PlaceOrder message = to_wire(effect);
  if (!send_orders({&message, 1}, now)) return false;
  order_sent(effect.order, effect.broker_id, now);
  return true;
}

bool TwsBroker::place_family(const core::PlaceFamilyEffect& effect, base::Time now) {
  std::vector<wire::PlaceOrder> messages;
  for (const core::PlaceEffect& each : effect.orders) messages.push_back(to_wire(each));
  if (!send_orders(messages, now)) return false;
  for (const core::PlaceEffect& each : effect.orders) order_sent(each.order, each.broker_id, now);
  return true;
}

void TwsBroker::order_sent(core::OrderId order, const core::BrokerOrderId& id, base::Time now) {
  unanswered_.sent(order, id.number, now);
  undecided_.sent(order, id.number, now);
}

bool TwsBroker::send_orders(std::span<const wire::PlaceOrder> messages, base::Time now) {
  if (is_shut()) {
    for (std::size_t i = 0; i < messages.size(); ++i) session_.unreserve();
    return false;
  }
  const bool sent = session_.send_reserved(messages, now);
  now_ = now;
  collect_writes();
  return sent;
}

void TwsBroker::cancel(const core::CancelEffect& effect, base::Time now) {
  // Under this number another user's order may be meant.
  if (wrong_accounts_) return;
  const bool taken = session_.send_cancel(to_wire(effect), now);
  if (taken) {
    unanswered_.sent(effect.order, effect.broker_id.number, now);
    cancels_.sent(effect.order, effect.broker_id.number, now);
  }
  now_ = now;
  collect_writes();
}

// Wanted until it was written once: nobody repeats it as the core repeats the cancels of orders.
void TwsBroker::global_cancel(base::Time now) {
  hooks_.log("global cancel, on request: every open order of every client");
  if (wrong_accounts_ || !session_.send_cancel(wire::ReqGlobalCancel{}, now)) {
    hooks_.log("there is no link for the global cancel: it goes first on the next one");
    global_cancel_waits_ = true;
  }
  now_ = now;
  collect_writes();
}

void TwsBroker::foreign_cancel(const core::ForeignCancelEffect& effect, base::Time now) {
  if (base::defect(base::Defect::main_session_dropped_for_foreign)) {
    host_actions_.emplace_back(session::Close{"planted"});
    session_.closed("planted", now);
    pump(now);
  }
  foreign_.cancel(effect);
}

}  // namespace belay::tws
