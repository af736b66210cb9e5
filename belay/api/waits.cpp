// SPDX-License-Identifier: Apache-2.0
#include "belay/api/waits.hpp"

#include <algorithm>

#include "belay/api/order_json.hpp"
#include "belay/api/wait_answers.hpp"
#include "belay/views/gauges.hpp"

namespace belay::api {
namespace {

// How long a reply of the core may take (one commit) before the caller is told that it is unknown.
constexpr base::Duration reply_timeout = std::chrono::seconds(10);

Problem no_reply() {
  return {.code = ProblemCode::journal_stalled,
          .detail = "the journal did not confirm the request in time; it may still be done",
          .suggestions = {"look the order up by its client order id, or send the same request "
                          "with the same client order id again"},
          .outcome = "unknown"};
}

HttpResponse pending_response(core::OrderId order) {
  base::JsonWriter json;
  json.begin_object().field("order_id", std::to_string(order.value()));
  json.field("outcome", "pending").end_object();
  return json_response(202, json.take());
}

}  // namespace

// ---- the list ----

Wait& WaitList::add(core::Correlation correlation, Wait wait) {
  return waits_.emplace(correlation, std::move(wait)).first->second;
}

Wait* WaitList::find(core::Correlation correlation) {
  const auto found = waits_.find(correlation);
  return found == waits_.end() ? nullptr : &found->second;
}

void WaitList::end(core::Correlation correlation) {
  const auto found = waits_.find(correlation);
  if (found == waits_.end()) return;
  by_deadline_.erase({found->second.deadline, correlation});
  if (const auto by = by_order_.find(found->second.order); by != by_order_.end()) {
    by->second.erase(correlation);
    if (by->second.empty()) by_order_.erase(by);
  }
  waits_.erase(found);
}

void WaitList::set_deadline(core::Correlation correlation, base::Time deadline) {
  Wait& wait = waits_.at(correlation);
  by_deadline_.erase({wait.deadline, correlation});
  wait.deadline = deadline;
  by_deadline_.insert({deadline, correlation});
}

void WaitList::follow_order(core::Correlation correlation) {
  const Wait& wait = waits_.at(correlation);
  auto& beside = by_order_[wait.order];
  if (wait.command == Wait::Command::modify) {
    for (const core::Correlation earlier : beside) {
      Wait& other = waits_.at(earlier);
      other.superseded = other.superseded || other.command == Wait::Command::modify;
    }
  }
  beside.insert(correlation);
}

void WaitList::touch(core::OrderId order) {
  if (by_order_.contains(order)) touched_.push_back(order);
}

std::set<core::Correlation> WaitList::take_due(base::Time now) {
  std::set<core::Correlation> due;
  for (const core::OrderId order : touched_) {
    const auto found = by_order_.find(order);
    if (found != by_order_.end()) due.insert(found->second.begin(), found->second.end());
  }
  touched_.clear();
  for (const auto& [deadline, correlation] : by_deadline_) {
    if (deadline > now) break;
    due.insert(correlation);
  }
  return due;
}

// Something happened since the last turn: now.
base::Time WaitList::next_deadline() const {
  if (!touched_.empty()) return base::Time();
  return by_deadline_.empty() ? base::never : by_deadline_.begin()->first;
}

// ---- the commands ----

void Waits::start(const Exchange& exchange, Wait wait, const core::Input& input) {
  const Preference wanted = preference_of(exchange.request);
  wait.caller = exchange;
  wait.path = exchange.request.path;
  wait.answer_at_once = wanted.respond_async;
  wait.wait_until_done = wait.command == Wait::Command::cancel && wanted.wait.has_value();
  wait.patience = wanted.wait.value_or(options_.acknowledgment_timeout);
  const bool places = wait.command == Wait::Command::place;
  const base::Duration within = wait.reply_within.value_or(reply_timeout);
  list_.add(last_correlation_, std::move(wait));
  list_.set_deadline(last_correlation_, exchange.now + within);
  // Before its events are told: what was asked about this order is in its lines of the log.
  if (const auto* cancel = std::get_if<core::CancelOrder>(&input)) {
    correlations_.asked(cancel->order, exchange.correlation_id);
  } else if (const auto* replace = std::get_if<core::ReplaceOrder>(&input)) {
    correlations_.asked(replace->order, exchange.correlation_id);
  }
  core::OrderId next = commands_.next_order_id();
  commands_.submit(input, exchange.now);
  if (!places) return;
  for (; next < commands_.next_order_id(); next = core::OrderId(next.value() + 1)) {
    correlations_.placed(next, exchange.correlation_id);
  }
}

void Waits::ask_lists(base::Time now) {
  core::Reconcile command;
  command.correlation = ++last_correlation_;
  command.principal = local_principal;
  commands_.submit(command, now);
}

// The answer leaves now. A request that waited behind it comes in work(): the engine is in the
// middle of releasing effects here and takes no input.
void Waits::on_reply(const core::Reply& reply, base::Time now) {
  Wait* wait = list_.find(reply.correlation);
  if (wait == nullptr) return;
  const ConnectionId connection = wait->caller.connection;
  wait->replied = true;
  wait->order = reply.order;
  if (reply.code == core::ReplyCode::invalid) {
    id_reuse_attempts_ += static_cast<std::uint64_t>(
        std::count_if(reply.errors.begin(), reply.errors.end(),
                      [](const auto& error) { return error.field == "broker_order_id"; }));
  }
  if (const auto refusal = refusal_of(reply, *wait, view_.link())) {
    refuse(reply.correlation, *wait, *refusal, now);
  } else if (wait->render) {
    HttpResponse response = json_response(wait->render_status, wait->render(reply));
    front_.respond(wait->caller, std::move(response), now);
    list_.end(reply.correlation);
  } else if (reply.code == core::ReplyCode::replayed) {
    wait->replayed = true;
    settle(reply.correlation, *wait, now, true);
  } else {
    list_.follow_order(reply.correlation);
    list_.set_deadline(reply.correlation, now + wait->patience);
    settle(reply.correlation, *wait, now, wait->deadline <= now);
  }
  front_.go_on(connection, now);
}

void Waits::on_event(const views::EventLine& line) {
  if (line.order().value() != 0) list_.touch(line.order());
}

void Waits::turn(base::Time now) {
  for (const core::Correlation correlation : list_.take_due(now)) {
    Wait* wait = list_.find(correlation);
    if (wait == nullptr) continue;
    const ConnectionId connection = wait->caller.connection;
    settle(correlation, *wait, now, wait->deadline <= now);
    front_.go_on(connection, now);
  }
}

// Looks at the published order and answers when there is something to say or no time left.
void Waits::settle(core::Correlation correlation, Wait& wait, base::Time now, bool late) {
  if (!wait.replied) {
    if (late) refuse(correlation, wait, no_reply(), now);
    return;
  }
  const core::Order* order = view_.book().find(wait.order);
  if (order == nullptr && view_.book().is_archived(wait.order)) {
    if (wait.asked_history) return;  // it is on its way; the read has a deadline of its own
    wait.asked_history = ask_history_(correlation, wait.order, now);
    if (wait.asked_history) return;
  }
  settle_order(correlation, wait, order, now, late);
}

void Waits::finish(core::Correlation correlation, const core::Order* archived, base::Time now) {
  const Wait* wait = list_.find(correlation);
  if (wait == nullptr) return;
  const ConnectionId connection = wait->caller.connection;
  const core::Order* order = view_.book().find(wait->order);
  settle_order(correlation, *wait, order != nullptr ? order : archived, now, true);
  front_.go_on(connection, now);
}

void Waits::settle_order(core::Correlation correlation, const Wait& wait, const core::Order* order,
                         base::Time now, bool late) {
  if (order == nullptr) {
    return answer(correlation, wait, pending_response(wait.order), now);
  }
  const auto told = answer_of(wait, *order, view_.link().session, late);
  if (!told) return;
  if (told->problem) return refuse(correlation, wait, *told->problem, now);
  Headers more = told->more;
  more.emplace_back("ETag", etag(*order));
  const std::string json = order_json(*order, view_.gauges().lane_of(order->id));
  answer(correlation, wait, json_response(told->status, json, std::move(more)), now);
}

void Waits::answer(core::Correlation correlation, const Wait& wait, HttpResponse response,
                   base::Time now) {
  if (wait.command == Wait::Command::place) {
    response.headers.emplace_back("Location",
                                  "/api/v1/orders/" + std::to_string(wait.order.value()));
  }
  front_.respond(wait.caller, std::move(response), now);
  list_.end(correlation);
}

void Waits::refuse(core::Correlation correlation, const Wait& wait, const Problem& problem,
                   base::Time now) {
  HttpResponse response = problem_response(problem, {wait.path, wait.caller.correlation_id, now});
  if (!problem.order_id.empty()) {
    response.headers.emplace_back("Location", "/api/v1/orders/" + problem.order_id);
  }
  front_.respond(wait.caller, std::move(response), now);
  list_.end(correlation);
}

}  // namespace belay::api
