// SPDX-License-Identifier: Apache-2.0
// Commands between request and answer. First the core's reply is awaited (durable by then), next
// what the caller wants to know: the broker's acknowledgement of a placement, the end of a
// modification, the end of a cancelled order. The deadline answers with what is known.
#include <fmt/format.h>

#include <algorithm>

#include "belay/api/blamed_fields.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/service.hpp"
#include "belay/base/check.hpp"
#include "belay/core/facts/owner.hpp"

namespace belay::api {
namespace {

// The latest words about it are the broker's, and not ours behind them.
bool broker_spoke_last(const core::Order& order) {
  return order.code != 0 && order.text == order.broker_text;
}

// How long a reply of the core may take (one commit) before the caller is told that it is unknown.
constexpr base::Duration reply_timeout = std::chrono::seconds(10);
constexpr std::int64_t wait_max_s = 60;

}  // namespace

// RFC 7240: "respond-async, wait=10".
Service::Preference Service::preference(const HttpRequest& request) const {
  Preference out;
  std::string_view rest = request.header("prefer").value_or("");
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string item = to_lower(trim(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (item == "respond-async") out.respond_async = true;
    if (item.substr(0, 5) != "wait=") continue;
    const auto seconds = base::Decimal::parse(item.substr(5));
    if (!seconds || seconds->is_negative()) continue;
    const auto capped = std::min(*seconds, base::Decimal::from_int(wait_max_s));
    out.wait = base::Duration(capped.units() * (1'000'000'000 / base::Decimal::one));
  }
  return out;
}

void Service::begin_wait(const Exchange& exchange, Wait wait, core::Input input) {
  const Preference wanted = preference(exchange.request);
  wait.connection = exchange.connection;
  wait.number = exchange.number;
  wait.path = exchange.request.path;
  wait.correlation_id = exchange.correlation_id;
  wait.answer_at_once = wanted.respond_async;
  wait.wait_until_done = wait.command == Command::cancel && wanted.wait.has_value();
  wait.patience = wanted.wait.value_or(options_.acknowledgment_timeout);
  const Command asked = wait.command;
  const core::Correlation correlation = last_correlation_;
  Wait& kept = waits_.emplace(correlation, std::move(wait)).first->second;
  set_deadline(correlation, kept, exchange.now + kept.reply_within.value_or(reply_timeout));
  const core::Book& book = engine_.core().book();
  core::OrderId next = book.next_order_id();
  // Before its events are told: what was asked about this order is in its lines of the log.
  if (const auto* cancel = std::get_if<core::CancelOrder>(&input)) {
    correlations_.asked(cancel->order, exchange.correlation_id);
  } else if (const auto* replace = std::get_if<core::ReplaceOrder>(&input)) {
    correlations_.asked(replace->order, exchange.correlation_id);
  }
  engine_.submit(input, exchange.now);
  if (asked != Command::place) return;
  for (; next < book.next_order_id(); next = core::OrderId(next.value() + 1)) {
    correlations_.placed(next, exchange.correlation_id);
  }
}

void Service::set_deadline(core::Correlation correlation, Wait& wait, base::Time deadline) {
  waits_by_deadline_.erase({wait.deadline, correlation});
  wait.deadline = deadline;
  waits_by_deadline_.insert({deadline, correlation});
}

void Service::end_wait(core::Correlation correlation) {
  const auto found = waits_.find(correlation);
  if (found == waits_.end()) return;
  waits_by_deadline_.erase({found->second.deadline, correlation});
  if (const auto by = waits_by_order_.find(found->second.order); by != waits_by_order_.end()) {
    by->second.erase(correlation);
    if (by->second.empty()) waits_by_order_.erase(by);
  }
  waits_.erase(found);
}

void Service::on_reply(const core::Reply& reply, base::Time now) {
  const auto found = waits_.find(reply.correlation);
  if (found == waits_.end()) return;
  Wait& wait = found->second;
  const ConnectionId connection = wait.connection;
  wait.replied = true;
  wait.order = reply.order;
  if (refuse(reply, wait, now)) {
    end_wait(reply.correlation);
  } else if (wait.render) {
    HttpResponse response{
        wait.render_status, {{"Content-Type", "application/json"}}, wait.render(reply)};
    send_response(wait.connection, wait.number, std::move(response), now);
    end_wait(reply.correlation);
  } else if (reply.code == core::ReplyCode::replayed) {
    wait.replayed = true;
    settle(reply.correlation, wait, now, true);
  } else {
    auto& beside = waits_by_order_[wait.order];
    if (wait.command == Command::modify) {
      for (const core::Correlation earlier : beside) {
        Wait& other = waits_.at(earlier);
        other.superseded = other.superseded || other.command == Command::modify;
      }
    }
    beside.insert(reply.correlation);
    const base::Time deadline = now + wait.patience;
    set_deadline(reply.correlation, wait, deadline);
    settle(reply.correlation, wait, now, deadline <= now);
  }
  // The answer leaves now. A request that waited behind it goes on in work(): the engine is in the
  // middle of releasing effects here and takes no input.
  callers_.flush(connection, now);
  later(connection);
}

// True when the reply is a refusal, which is then answered.
bool Service::refuse(const core::Reply& reply, const Wait& wait, base::Time now) {
  Problem problem{.detail = reply.text, .errors = reply.errors};
  problem.retry_after = reply.retry_after;
  if (reply.errors.size() == 1 && reply.errors.front().detail == reply.text) {
    problem.detail = reply.errors.front().field + ": " + reply.text;
  }
  if (reply.order.value() != 0) problem.order_id = std::to_string(reply.order.value());
  switch (reply.code) {
    case core::ReplyCode::accepted:
    case core::ReplyCode::replayed:
      return false;
    case core::ReplyCode::key_reused:
      problem.code = ProblemCode::key_reused;
      break;
    case core::ReplyCode::refused:
      problem.code = ProblemCode::order_refused;
      break;
    case core::ReplyCode::invalid:
      problem.code = ProblemCode::invalid_fields;
      for (const auto& error : reply.errors) {
        if (error.field == "broker_order_id") ++id_reuse_attempts_;
      }
      break;
    case core::ReplyCode::not_ready:
      problem.code = ProblemCode::not_ready;
      // The true cause first: where the broker was looked for, and what came of it.
      if (const auto& link = view_.link(); !link.connected && !link.endpoint.empty() &&
                                           reply.retry_after == base::Duration::zero()) {
        problem.detail += fmt::format(" at {}: {}{}{}", link.endpoint, link.phase,
                                      link.detail.empty() ? "" : ", ", link.detail);
        if (!link.action.empty()) problem.suggestions.push_back(link.action);
      }
      break;
    case core::ReplyCode::disk:
      problem.code = ProblemCode::disk_unfit;
      break;
    case core::ReplyCode::queue_full:
      problem.code = ProblemCode::queue_full;
      break;
    case core::ReplyCode::not_found:
      problem.code = wait.render ? ProblemCode::not_found : ProblemCode::order_not_found;
      break;
    case core::ReplyCode::wrong_state:
      problem.code = ProblemCode::order_wrong_state;
      break;
    case core::ReplyCode::version_differs:
      problem.code = ProblemCode::version_differs;
      break;
    case core::ReplyCode::halted:
      problem.code = ProblemCode::halted;
      break;
    case core::ReplyCode::exhausted:
      problem.code = ProblemCode::ids_exhausted;
      break;
  }
  answer(wait, problem, now);
  return true;
}

// Looks at the published order and answers when there is something to say or no time left.
void Service::settle(core::Correlation correlation, Wait& wait, base::Time now, bool late) {
  if (!wait.replied) {
    if (!late) return;
    answer(wait,
           {.code = ProblemCode::journal_stalled,
            .detail = "the journal did not confirm the request in time; it may still be done",
            .suggestions = {"look the order up by its client order id, or send the same request "
                            "with the same client order id again"},
            .outcome = "unknown"},
           now);
    return end_wait(correlation);
  }
  const core::Order* order = view_.book().find(wait.order);
  if (order == nullptr && history_ != nullptr && view_.book().is_archived(wait.order)) {
    if (!wait.asked_history) return ask_history(correlation, wait, now);
    // It is on its way; the read has a deadline of its own.
    return;
  }
  settle_order(correlation, wait, order, now, late);
}

void Service::settle_order(core::Correlation correlation, Wait& wait, const core::Order* order,
                           base::Time now, bool late) {
  if (order == nullptr) {
    answer(wait, 202, nullptr, now);
    return end_wait(correlation);
  }
  if (wait.replayed) {
    answer(wait, 200, order, now, {{"Idempotency-Replayed", "true"}});
    return end_wait(correlation);
  }
  const bool over = late || wait.answer_at_once;
  // An end with fills that are still to be told is not all there is to say.
  const bool ended = model::is_terminal(order->status);
  const bool done = ended && !awaits_fills(*order);
  const auto cancel_refused = [order] {
    Problem problem = problem_of(ProblemCode::order_wrong_state, *order,
                                 "the cancel was refused, the order goes on");
    problem.outcome = order->code != 0 ? "rejected" : "not_sent";
    return problem;
  };
  switch (wait.command) {
    case Command::place:
      if (!settle_place(wait, *order, now, over)) return;
      break;
    case Command::modify:
      if (!settle_modify(wait, *order, now, over)) return;
      break;
    case Command::other:
      BELAY_CHECK(false);  // rendered in on_reply
      break;
    case Command::cancel:
      // In another client's name a cancel can fail to leave at all, and the caller must know.
      if (wait.foreign && core::owner_session(*order) != view_.link().session &&
          !wait.answer_at_once) {
        if (!ended && !order->pending_cancel && !filled_by_claim(*order)) {
          answer(wait, cancel_refused(), now);
          break;
        }
        if (!done && !over) return;
        answer(wait, done ? 200 : 202, order, now);
        break;
      }
      // Refused: the order goes on, and its end is not what the caller waits for. While fills are
      // still to be told it may be filled instead.
      if (wait.wait_until_done && !ended && !order->pending_cancel && has_reason(*order)) {
        if (awaits_fills(*order) && !over) return;
        if (!filled_by_claim(*order)) {
          answer(wait, cancel_refused(), now);
          break;
        }
      }
      if (wait.wait_until_done && !over && !done) return;
      answer(wait, wait.wait_until_done && done ? 200 : 202, order, now);
      break;
  }
  end_wait(correlation);
}

// False: it is too early to say.
bool Service::settle_place(const Wait& wait, const core::Order& order, base::Time now, bool over) {
  const bool untaken = ended_untaken(order) || ended_unsent(order);
  const bool ends_untold = model::is_terminal(order.status) && awaits_fills(order);
  if (wait.answer_at_once || ends_untold || (!untaken && !is_acknowledged(order))) {
    if (over) answer(wait, 202, &order, now);
    return over;
  }
  if (untaken) {
    // The broker's reason may come behind its word for the end; what never left has none.
    if (!has_reason(order) && !over && !ended_unsent(order)) return false;
    const bool as_ordered = ends_at_once(order) && order.status == core::OrdStatus::canceled;
    if (!as_ordered) {
      Problem problem = problem_of(ProblemCode::order_refused, order, "the order was not taken");
      problem.errors = blamed_fields(order, order.spec.terms);
      answer(wait, problem, now);
      return true;
    }
  }
  answer(wait, 201, &order, now);
  return true;
}

bool Service::settle_modify(const Wait& wait, const core::Order& order, base::Time now, bool over) {
  const bool done = model::is_terminal(order.status);
  const bool under_way = order.desired_terms || order.replacing;
  const bool in_force = core::apply(wait.patch, order.spec.terms) == order.spec.terms;
  const bool taken = in_force && (wait.superseded || !under_way);
  if (under_way && !taken && !over && !done) return false;
  if (taken) {
    answer(wait, 200, &order, now);
  } else if (under_way && !done) {
    answer(wait, 202, &order, now);
  } else if (wait.superseded && !done) {
    Problem problem = problem_of(ProblemCode::superseded, order, "");
    problem.detail = "a later modification took its place; `order` has what is in force";
    problem.outcome = "superseded";
    problem.order = order_json(order);
    answer(wait, problem, now);
  } else {
    Problem problem = problem_of(done ? ProblemCode::order_wrong_state : ProblemCode::order_refused,
                                 order, "the modification was not taken");
    problem.outcome = "rejected";
    const core::OrderTerms& before = order.spec.terms;
    if (!done && broker_spoke_last(order)) {
      problem.errors = blamed_fields(order, core::apply(wait.patch, before), &before);
    } else if (!done) {  // the broker's words are of an earlier modification
      problem.broker_code = 0;
      problem.broker_text.clear();
    }
    answer(wait, problem, now);
  }
  return true;
}

// Our words and the broker's beside them.
Problem Service::problem_of(ProblemCode code, const core::Order& order, const char* otherwise) {
  Problem problem{.code = code,
                  .detail = order.text.empty() ? otherwise : order.text,
                  .outcome = std::string(outcome_word(order)),
                  .order_id = std::to_string(order.id.value())};
  problem.broker_code = order.code;
  problem.broker_text = order.broker_text;
  return problem;
}

void Service::answer(const Wait& wait, unsigned status, const core::Order* order, base::Time now,
                     Headers more) {
  HttpResponse response{status, {{"Content-Type", "application/json"}}, ""};
  const std::string id = std::to_string(wait.order.value());
  if (order != nullptr) {
    response.body = order_json(*order, &engine_.core().outbox());
    response.headers.emplace_back("ETag", etag(*order));
  } else {
    base::JsonWriter json;
    json.begin_object().field("order_id", id).field("outcome", "pending").end_object();
    response.body = json.take();
  }
  if (wait.command == Command::place) {
    response.headers.emplace_back("Location", "/api/v1/orders/" + id);
  }
  for (auto& header : more) response.headers.push_back(std::move(header));
  send_response(wait.connection, wait.number, std::move(response), now);
}

void Service::answer(const Wait& wait, const Problem& problem, base::Time now) {
  const ProblemRow& row = row_of(problem.code);
  HttpResponse response{row.status,
                        {{"Content-Type", "application/problem+json"}},
                        problem_json(problem, {wait.path, wait.correlation_id, now})};
  if (row.status == 503 || row.status == 429) {
    response.headers.emplace_back("Retry-After", retry_after_seconds(problem));
  }
  if (!problem.order_id.empty()) {
    response.headers.emplace_back("Location", "/api/v1/orders/" + problem.order_id);
  }
  send_response(wait.connection, wait.number, std::move(response), now);
}

}  // namespace belay::api
