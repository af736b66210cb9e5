// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/other_clients.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/facts/owner.hpp"
#include "belay/core/orders/cancels.hpp"

namespace belay::core {

using base::Defect;

std::string why_not_canceled(const Order& target, const Step& step) {
  const auto id = target.id.value();
  if (is_unbound(target)) {
    return fmt::format(
        "order {} was made by hand at the broker and has no id there: only the broker's own screen "
        "can cancel it, or a daemon with CLIENT_ID=0 and BELAY_BIND_MANUAL=true",
        id);
  }
  if (target.broker_id && target.broker_id->session == step.link().session) {
    return fmt::format(
        "order {} shares its id at the broker with another order of ours: it cannot "
        "be named, so nothing is asked",
        id);
  }
  return fmt::format(
      "order {} belongs to client {}: only in that client's name can anybody cancel it; ask for "
      "that "
      "with foreign=true (--foreign), while the id is free",
      id, owner_session(target));
}

std::string why_not_changed(const Order& target, const Step& step) {
  const auto id = target.id.value();
  if (is_unbound(target)) {
    return fmt::format(
        "order {} was made by hand at the broker: only the broker's own screen can change it; a "
        "daemon with CLIENT_ID=0 and BELAY_BIND_MANUAL=true can cancel it",
        id);
  }
  if (target.broker_id && target.broker_id->session == step.link().session) {
    if (!target.external) return why_not_canceled(target, step);
    return fmt::format(
        "order {} was not placed by this daemon: it can be canceled here, and changed only where "
        "it "
        "was made; a change sends the whole order again, which only its maker has",
        id);
  }
  return fmt::format(
      "order {} belongs to client {}: only that client can change it; here it can be canceled, "
      "with "
      "foreign=true (--foreign), while the id is free",
      id, owner_session(target));
}

void OtherClients::cancel_elsewhere(const CancelOrder& command, const Order& target, Step& step) {
  const bool nameable = target.broker_id && target.broker_id->session != step.link().session;
  if (!command.foreign || !nameable) {
    return step.reply(command.correlation, ReplyCode::wrong_state, target.id,
                      why_not_canceled(target, step));
  }
  if (step.link().phase == Phase::down) {
    return step.reply(command.correlation, ReplyCode::not_ready, target.id,
                      "not connected to the broker: nothing is asked in another client's name");
  }
  ask_foreign_cancel(target, command.principal, step);
  step.reply(command.correlation, ReplyCode::accepted, target.id);
}

void OtherClients::ask_foreign_cancel(const Order& target, const std::string& principal,
                                      Step& step) {
  if (asked_.contains(target.id)) return;  // under way: it is asked once
  const BrokerOrderId broker_id = *target.broker_id;
  const auto permanent = target.permanent_ids.empty()
                             ? std::nullopt
                             : std::optional<PermanentId>(target.permanent_ids.back());
  step.emit(ForeignRequest{target.id, broker_id.session, "cancel",
                           fmt::format("asked in the name of client {}", broker_id.session),
                           principal});
  if (!target.pending_cancel) step.emit(CancelIntended{target.id, principal});
  if (base::defect(Defect::foreign_cancel_under_own_id)) {
    return step.effect(CancelEffect{target.id, {step.link().session, broker_id.number}});
  }
  asked_.insert_or_assign(target.id, principal);
  step.effect(ForeignCancelEffect{target.id, broker_id, permanent});
}

// A settled list shows the order still open while a cancel is wanted. In our own name it is asked
// for again; in another's only when somebody asks again.
void OtherClients::cancel_again(const Order& target, Step& step) {
  if (!is_elsewhere(step.book(), step.link().session, target)) return send_cancel(target, step);
  if (asked_.contains(target.id)) return;
  step.emit(CancelRefused{target.id, 0,
                          "the broker still lists it as open; the cancel is not asked for again in "
                          "another client's name by itself"});
}

void OtherClients::on(const ForeignDone& done, Step& step) {
  // What was asked for and has no outcome keeps its order in memory.
  if (step.book().is_archived(done.order)) return;
  const Order& target = step.order(done.order);
  const auto asked = asked_.find(done.order);
  if (asked != asked_.end()) {
    constexpr std::string_view words[] = {"sent", "answered", "refused", "unanswered"};
    const std::string_view word = words[static_cast<std::size_t>(done.outcome)];
    step.emit(ForeignRequest{
        done.order, owner_session(target), "cancel",
        done.text.empty() ? std::string(word) : fmt::format("{}: {}", word, done.text),
        asked->second});
    if (done.outcome != ForeignOutcome::sent) asked_.erase(asked);
  }
  if (done.outcome == ForeignOutcome::refused) {
    if (target.pending_cancel) step.emit(CancelRefused{done.order, 0, done.text});
    step.ask_soon();
  }
  // What it did is told by the broker's lists.
  if (done.outcome == ForeignOutcome::unanswered) {
    step.ask_poll("a cancel in another client's name was not answered", true);
  }
}

}  // namespace belay::core
