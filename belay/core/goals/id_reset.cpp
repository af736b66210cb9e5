// SPDX-License-Identifier: Apache-2.0
#include "belay/core/goals/id_reset.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/core/ids/ids.hpp"
#include "belay/core/orders/cancels.hpp"

namespace belay::core {

void IdReset::on(const ResetIds& command, Step& step) {
  if (const auto& running = step.book().ids().reset()) {
    return step.reply(command.correlation, ReplyCode::wrong_state, {},
                      fmt::format("a reset by {} is under way", running->principal));
  }
  if (step.link().phase != Phase::ready) {
    return step.reply(command.correlation, ReplyCode::not_ready, {},
                      "nothing can be canceled and no next id be asked for now");
  }
  // The mark never goes back, whatever the broker begins again with: the orders would be canceled
  // for nothing.
  const std::int64_t mark = step.book().id_mark(step.link().session);
  if (mark >= nearly_exhausted_from) {
    return step.reply(
        command.correlation, ReplyCode::exhausted, {},
        fmt::format("client id {} has {} its ids, up to {} of {}, and no reset brings one of them "
                    "back: nothing was canceled; go on with another CLIENT_ID (RANGE_EXHAUSTED)",
                    step.link().session, mark >= broker_number_max ? "used up" : "nearly used up",
                    mark, broker_number_max));
  }
  step.emit(IdsResetBegun{step.link().session, command.principal, command.reason});
  // One that has not been sent is over at once, and is named too.
  std::vector<OrderId> own(step.book().live().begin(), step.book().live().end());
  std::erase_if(own, [&](OrderId id) { return step.order(id).external; });
  begin(step);
  if (command.correlation == 0) return;
  Reply answer{command.correlation, ReplyCode::accepted, {}, "", {}};
  for (const OrderId id : own) {
    answer.items.push_back({id, ReplyCode::accepted, "its cancel is under way"});
  }
  step.effect(std::move(answer));
}

void IdReset::begin(Step& step) {
  run_ = Run{{}, step.now() + step.options().ids.reset_timeout, false, {}};
  const std::string who = step.book().ids().reset()->principal;
  const std::vector<OrderId> live(step.book().live().begin(), step.book().live().end());
  for (const OrderId id : live) {
    if (step.order(id).external) continue;
    if (!step.order(id).pending_cancel) step.emit(CancelIntended{id, who});
    if (is_terminal(step.order(id).status)) continue;
    send_cancel(step.order(id), step);
    run_->open.insert(id);
  }
}

// After every step: goes on as far as it can.
void IdReset::review(Step& step) {
  const auto& wish = step.book().ids().reset();
  if (!wish || step.link().phase != Phase::ready) return;
  if (!run_) begin(step);
  while (!run_->open.empty() && is_terminal(step.order(*run_->open.begin()).status)) {
    run_->open.erase(run_->open.begin());
  }
  const bool late = step.now() >= run_->deadline;
  if (run_->asked) {
    if (!late) return;
    // The answer got lost: the floor is fetched, not guessed.
    run_->deadline = step.now() + step.options().ids.reset_timeout;
    return step.effect(QueryNextIdEffect{});
  }
  if (!run_->open.empty() && !late) return;
  for (const OrderId id : run_->open) {
    const Order& left = step.order(id);
    if (is_terminal(left.status)) continue;
    run_->failures.push_back(fmt::format(
        "order {} (client order id {}): {}, its end was not "
        "confirmed within {} s",
        id.value(), left.cl_ord_id.value(), left.unknown ? "unknown" : reported_ord_status(left),
        step.options().ids.reset_timeout / std::chrono::seconds(1)));
  }
  if (wish->session != step.link().session) {
    run_->failures.push_back(fmt::format("it was begun for session {}, and this is session {}",
                                         wish->session, step.link().session));
  }
  run_->asked = true;
  run_->deadline = step.now() + step.options().ids.reset_timeout;
  step.effect(QueryNextIdEffect{});
}

// The broker's next id has been told, and the floor raised to it.
void IdReset::end(Step& step) {
  pass_blocks(INT64_MAX, "the ids were reset", step);
  const IdsResetBegun wish = *step.book().ids().reset();
  std::vector<std::string> failures = std::move(run_->failures);
  run_.reset();
  if (step.book().id_mark(wish.session) >= broker_number_max) {
    failures.push_back(fmt::format("client id {} has used up its ids: go on with another CLIENT_ID",
                                   wish.session));
  }
  step.emit(IdsReset{wish.session, step.book().id_mark(wish.session) + 1, wish.principal,
                     wish.reason, failures});
}

void IdReset::on(const NextIdSeen& seen, Step& step) {
  if (step.link().down() || seen.session != step.link().session) return;
  if (run_ && run_->asked) end(step);
}

void IdReset::follow(const Event& event) {
  const auto* changed = std::get_if<SessionChanged>(&event);
  if (changed != nullptr && changed->phase != "syncing") run_.reset();
}

}  // namespace belay::core
