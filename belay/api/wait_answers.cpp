// SPDX-License-Identifier: Apache-2.0
#include "belay/api/wait_answers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/api/blamed_fields.hpp"
#include "belay/api/order_json.hpp"
#include "belay/base/check.hpp"
#include "belay/core/facts/owner.hpp"

namespace belay::api {
namespace {

constexpr std::int64_t wait_max_s = 60;

// The latest words about it are the broker's, and not ours behind them.
bool broker_spoke_last(const core::Order& order) {
  return order.code != 0 && order.text == order.broker_text;
}

// Our words and the broker's beside them.
Problem problem_of(ProblemCode code, const core::Order& order, const char* otherwise) {
  Problem problem{.code = code,
                  .detail = order.text.empty() ? otherwise : order.text,
                  .outcome = std::string(outcome_word(order)),
                  .order_id = std::to_string(order.id.value())};
  problem.broker_code = order.code;
  problem.broker_text = order.broker_text;
  return problem;
}

std::optional<WaitAnswer> of_place(const Wait& wait, const core::Order& order, bool over) {
  const bool untaken = ended_untaken(order) || ended_unsent(order);
  const bool ends_untold = model::is_terminal(order.status) && awaits_fills(order);
  if (wait.answer_at_once || ends_untold || (!untaken && !is_acknowledged(order))) {
    return over ? std::optional(WaitAnswer{202}) : std::nullopt;
  }
  if (untaken) {
    // The broker's reason may come behind its word for the end; what never left has none.
    if (!has_reason(order) && !over && !ended_unsent(order)) return std::nullopt;
    const bool as_ordered = ends_at_once(order) && order.status == core::OrdStatus::canceled;
    if (!as_ordered) {
      Problem problem = problem_of(ProblemCode::order_refused, order, "the order was not taken");
      problem.errors = blamed_fields(order, order.spec->terms);
      return WaitAnswer{.problem = std::move(problem)};
    }
  }
  return WaitAnswer{201};
}

std::optional<WaitAnswer> of_modify(const Wait& wait, const core::Order& order, bool over) {
  const bool done = model::is_terminal(order.status);
  const bool under_way = order.desired_terms || order.replacing;
  const bool in_force = core::apply(wait.patch, order.spec->terms) == order.spec->terms;
  const bool taken = in_force && (wait.superseded || !under_way);
  if (under_way && !taken && !over && !done) return std::nullopt;
  if (taken) return WaitAnswer{200};
  if (under_way && !done) return WaitAnswer{202};
  if (wait.superseded && !done) {
    Problem problem = problem_of(ProblemCode::superseded, order, "");
    problem.detail = "a later modification took its place; `order` has what is in force";
    problem.outcome = "superseded";
    problem.order = order_json(order);
    return WaitAnswer{.problem = std::move(problem)};
  }
  Problem problem = problem_of(done ? ProblemCode::order_wrong_state : ProblemCode::order_refused,
                               order, "the modification was not taken");
  problem.outcome = "rejected";
  const core::OrderTerms& before = order.spec->terms;
  if (!done && broker_spoke_last(order)) {
    problem.errors = blamed_fields(order, core::apply(wait.patch, before), &before);
  } else if (!done) {  // the broker's words are of an earlier modification
    problem.broker_code = 0;
    problem.broker_text.clear();
  }
  return WaitAnswer{.problem = std::move(problem)};
}

std::optional<WaitAnswer> of_cancel(const Wait& wait, const core::Order& order,
                                    std::int32_t session, bool over) {
  // An end with fills that are still to be told is not all there is to say.
  const bool ended = model::is_terminal(order.status);
  const bool done = ended && !awaits_fills(order);
  const auto refused = [&order] {
    Problem problem = problem_of(ProblemCode::order_wrong_state, order,
                                 "the cancel was refused, the order goes on");
    problem.outcome = order.code != 0 ? "rejected" : "not_sent";
    return WaitAnswer{.problem = std::move(problem)};
  };
  // In another client's name a cancel can fail to leave at all, and the caller must know.
  if (wait.foreign && core::owner_session(order) != session && !wait.answer_at_once) {
    if (!ended && !order.pending_cancel && !filled_by_claim(order)) return refused();
    if (!done && !over) return std::nullopt;
    return WaitAnswer{done ? 200U : 202U};
  }
  // Refused: the order goes on, and its end is not what the caller waits for. While fills are
  // still to be told it may be filled instead.
  if (wait.wait_until_done && !ended && !order.pending_cancel && has_reason(order)) {
    if (awaits_fills(order) && !over) return std::nullopt;
    if (!filled_by_claim(order)) return refused();
  }
  if (wait.wait_until_done && !over && !done) return std::nullopt;
  return WaitAnswer{wait.wait_until_done && done ? 200U : 202U};
}

}  // namespace

Preference preference_of(const HttpRequest& request) {
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

std::optional<Problem> refusal_of(const core::Reply& reply, const Wait& wait,
                                  const model::LinkStatus& link) {
  Problem problem{.detail = reply.text, .errors = reply.errors};
  problem.retry_after = reply.retry_after;
  if (reply.errors.size() == 1 && reply.errors.front().detail == reply.text) {
    problem.detail = reply.errors.front().field + ": " + reply.text;
  }
  if (reply.order.value() != 0) problem.order_id = std::to_string(reply.order.value());
  switch (reply.code) {
    case core::ReplyCode::accepted:
    case core::ReplyCode::replayed:
      return std::nullopt;
    case core::ReplyCode::key_reused:
      problem.code = ProblemCode::key_reused;
      break;
    case core::ReplyCode::refused:
      problem.code = ProblemCode::order_refused;
      break;
    case core::ReplyCode::invalid:
      problem.code = ProblemCode::invalid_fields;
      break;
    case core::ReplyCode::not_ready:
      problem.code = ProblemCode::not_ready;
      // The true cause first: where the broker was looked for, and what came of it.
      if (!link.connected && !link.endpoint.empty() &&
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
  return problem;
}

std::optional<WaitAnswer> answer_of(const Wait& wait, const core::Order& order,
                                    std::int32_t session, bool late) {
  if (wait.replayed) return WaitAnswer{.status = 200, .more = {{"Idempotency-Replayed", "true"}}};
  const bool over = late || wait.answer_at_once;
  switch (wait.command) {
    case Wait::Command::place:
      return of_place(wait, order, over);
    case Wait::Command::modify:
      return of_modify(wait, order, over);
    case Wait::Command::cancel:
      return of_cancel(wait, order, session, over);
    case Wait::Command::other:
      break;  // rendered from the reply
  }
  BELAY_CHECK(false);
  return std::nullopt;
}

}  // namespace belay::api
