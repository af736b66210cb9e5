// SPDX-License-Identifier: Apache-2.0
// The emergency reset of the ids: cancel our own orders, await the end of each, ask the broker for
// its next id anew, go on above everything ever seen. The mark is never lowered. The wish is in the
// book, so a restart or a new session goes on with it.
#include <fmt/format.h>

#include <algorithm>

#include "belay/core/core.hpp"

namespace belay::core {

void Core::on(const ResetIds& command) {
  if (const auto& running = book_.ids().reset()) {
    return reply(command.correlation, ReplyCode::wrong_state, {},
                 fmt::format("a reset by {} is under way", running->principal));
  }
  if (phase_ != Phase::ready) {
    return reply(command.correlation, ReplyCode::not_ready, {},
                 "nothing can be canceled and no next id be asked for now");
  }
  // The mark never goes back, whatever the broker begins again with: the orders would be canceled
  // for nothing.
  const std::int64_t mark = book_.id_mark(session_);
  if (mark >= nearly_exhausted_from) {
    return reply(
        command.correlation, ReplyCode::exhausted, {},
        fmt::format("client id {} has {} its ids, up to {} of {}, and no reset brings one of them "
                    "back: nothing was canceled; go on with another CLIENT_ID (RANGE_EXHAUSTED)",
                    session_, mark >= broker_number_max ? "used up" : "nearly used up", mark,
                    broker_number_max));
  }
  emit(IdsResetBegun{session_, command.principal, command.reason});
  // One that has not been sent is over at once, and is named too.
  std::vector<OrderId> own(book_.live().begin(), book_.live().end());
  std::erase_if(own, [this](OrderId id) { return order(id).external; });
  begin_reset();
  if (command.correlation == 0) return;
  Reply answer{command.correlation, ReplyCode::accepted, {}, "", {}};
  for (const OrderId id : own) {
    answer.items.push_back({id, ReplyCode::accepted, "its cancel is under way"});
  }
  effect(std::move(answer));
}

void Core::begin_reset() {
  reset_ = ResetRun{{}, context_.now + options_.ids.reset_timeout, false, {}};
  const std::string who = book_.ids().reset()->principal;
  const std::vector<OrderId> live(book_.live().begin(), book_.live().end());
  for (const OrderId id : live) {
    if (order(id).external) continue;
    if (!order(id).pending_cancel) emit(CancelIntended{id, who});
    if (is_terminal(order(id).status)) continue;
    send_cancel(order(id));
    reset_->open.insert(id);
  }
}

// After every step: goes on as far as it can.
void Core::settle_reset() {
  const auto& wish = book_.ids().reset();
  if (!wish || phase_ != Phase::ready) return;
  if (!reset_) begin_reset();
  while (!reset_->open.empty() && is_terminal(order(*reset_->open.begin()).status)) {
    reset_->open.erase(reset_->open.begin());
  }
  const bool late = context_.now >= reset_->deadline;
  if (reset_->asked) {
    if (!late) return;
    // The answer got lost: the floor is fetched, not guessed.
    reset_->deadline = context_.now + options_.ids.reset_timeout;
    return effect(QueryNextIdEffect{});
  }
  if (!reset_->open.empty() && !late) return;
  for (const OrderId id : reset_->open) {
    const Order& left = order(id);
    if (is_terminal(left.status)) continue;
    reset_->failures.push_back(fmt::format(
        "order {} (client order id {}): {}, its end was not "
        "confirmed within {} s",
        id.value(), left.cl_ord_id.value(), left.unknown ? "unknown" : reported_ord_status(left),
        options_.ids.reset_timeout / std::chrono::seconds(1)));
  }
  if (wish->session != session_) {
    reset_->failures.push_back(fmt::format("it was begun for session {}, and this is session {}",
                                           wish->session, session_));
  }
  reset_->asked = true;
  reset_->deadline = context_.now + options_.ids.reset_timeout;
  effect(QueryNextIdEffect{});
}

// The broker's next id has been told, and the floor raised to it.
void Core::end_reset() {
  pass_blocks(INT64_MAX, "the ids were reset");
  const IdsResetBegun wish = *book_.ids().reset();
  std::vector<std::string> failures = std::move(reset_->failures);
  reset_.reset();
  if (book_.id_mark(wish.session) >= broker_number_max) {
    failures.push_back(fmt::format("client id {} has used up its ids: go on with another CLIENT_ID",
                                   wish.session));
  }
  emit(IdsReset{wish.session, book_.id_mark(wish.session) + 1, wish.principal, wish.reason,
                failures});
}

}  // namespace belay::core
