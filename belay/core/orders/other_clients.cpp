// SPDX-License-Identifier: Apache-2.0
// Orders that this session cannot name: another client's, ones made by hand, our own of another
// client id. The broker takes a cancel of an order only in the name of its client, so a cancel is
// refused with the owner's name, or, when the caller asked for that, made in the owner's name by a
// second connection (the adapter's business). It is recorded with the owner and who asked; the
// order changes when the broker says so and not before.
//
// An order that is not ours is never changed, not even where this session can name it (bound ones,
// and those of an earlier program under our client id): a change sends the whole order again, and
// nobody but its maker has the whole of it.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/facts/owner.hpp"

namespace belay::core {

using base::Defect;

// True when a request under this session's numbers would be about another order, or about none.
// Before a first session our own orders are taken to be ours to name.
bool Core::is_elsewhere(const Order& target) const {
  if (!target.broker_id) return target.external;
  // It waits to be sent again under another id: the one that it has is somebody else's.
  const bool waits = target.status == OrdStatus::created;
  if (waits && !base::defect(base::Defect::resend_outlives_cancel)) return false;
  if (session_ < 0 && !target.external) return false;
  if (target.broker_id->session != session_) return true;
  const Order* named = book_.find(*target.broker_id);
  if (named == nullptr || named->id != target.id) return true;
  // Ours is not to be found, and the broker shows another order under its id.
  return target.unknown && rival_of(target) != nullptr;
}

std::string Core::why_not_canceled(const Order& target) const {
  const auto id = target.id.value();
  if (is_unbound(target)) {
    return fmt::format(
        "order {} was made by hand at the broker and has no id there: only the broker's own screen "
        "can cancel it, or a daemon with CLIENT_ID=0 and BELAY_BIND_MANUAL=true",
        id);
  }
  if (target.broker_id && target.broker_id->session == session_) {
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

std::string Core::why_not_changed(const Order& target) const {
  const auto id = target.id.value();
  if (is_unbound(target)) {
    return fmt::format(
        "order {} was made by hand at the broker: only the broker's own screen can change it; a "
        "daemon with CLIENT_ID=0 and BELAY_BIND_MANUAL=true can cancel it",
        id);
  }
  if (target.broker_id && target.broker_id->session == session_) {
    if (!target.external) return why_not_canceled(target);
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

void Core::cancel_elsewhere(const CancelOrder& command, const Order& target) {
  const bool nameable = target.broker_id && target.broker_id->session != session_;
  if (!command.foreign || !nameable) {
    return reply(command.correlation, ReplyCode::wrong_state, target.id, why_not_canceled(target));
  }
  if (phase_ == Phase::down) {
    return reply(command.correlation, ReplyCode::not_ready, target.id,
                 "not connected to the broker: nothing is asked in another client's name");
  }
  ask_foreign_cancel(target, command.principal);
  reply(command.correlation, ReplyCode::accepted, target.id);
}

void Core::ask_foreign_cancel(const Order& target, const std::string& principal) {
  if (foreign_.contains(target.id)) return;  // under way: it is asked once
  const BrokerOrderId broker_id = *target.broker_id;
  const auto permanent = target.permanent_ids.empty()
                             ? std::nullopt
                             : std::optional<PermanentId>(target.permanent_ids.back());
  emit(ForeignRequest{target.id, broker_id.session, "cancel",
                      fmt::format("asked in the name of client {}", broker_id.session), principal});
  if (!target.pending_cancel) emit(CancelIntended{target.id, principal});
  if (base::defect(Defect::foreign_cancel_under_own_id)) {
    return effect(CancelEffect{target.id, {session_, broker_id.number}});
  }
  foreign_.insert_or_assign(target.id, principal);
  effect(ForeignCancelEffect{target.id, broker_id, permanent});
}

// A settled list shows the order still open while a cancel is wanted. In our own name it is asked
// for again; in another's only when somebody asks again.
void Core::cancel_again(const Order& target) {
  if (!is_elsewhere(target)) return send_cancel(target);
  if (foreign_.contains(target.id)) return;
  emit(CancelRefused{target.id, 0,
                     "the broker still lists it as open; the cancel is not asked for again in "
                     "another client's name by itself"});
}

void Core::on(const ForeignDone& done) {
  // What was asked for and has no outcome keeps its order in memory.
  if (book_.is_archived(done.order)) return;
  const Order& target = order(done.order);
  const auto asked = foreign_.find(done.order);
  if (asked != foreign_.end()) {
    constexpr std::string_view words[] = {"sent", "answered", "refused", "unanswered"};
    const std::string_view word = words[static_cast<std::size_t>(done.outcome)];
    emit(ForeignRequest{
        done.order, owner_session(target), "cancel",
        done.text.empty() ? std::string(word) : fmt::format("{}: {}", word, done.text),
        asked->second});
    if (done.outcome != ForeignOutcome::sent) foreign_.erase(asked);
  }
  if (done.outcome == ForeignOutcome::refused) {
    if (target.pending_cancel) emit(CancelRefused{done.order, 0, done.text});
    rounds_.ask_soon = true;
  }
  // What it did is told by the broker's lists.
  if (done.outcome == ForeignOutcome::unanswered) {
    ask_round("a cancel in another client's name was not answered", true);
  }
}

void Core::on(const BrokerBound& bound) {
  const Order* known = book_.find(bound.permanent_id);
  if (known == nullptr) return;  // its order report, with the new id, is on its way
  BrokerNames names;
  names.broker_id = bound.broker_id;
  names.permanent_id = bound.permanent_id;
  bind(known->id, names);
}

// An order that had no id at the broker has one now.
void Core::bind(OrderId id, const BrokerNames& names) {
  const Order& known = order(id);
  if (!is_unbound(known) || !names.broker_id || names.broker_id->number == 0) return;
  if (book_.find(*names.broker_id) != nullptr) return;  // another order's name proves nothing
  emit(BrokerIdBound{id, *names.broker_id});
}

}  // namespace belay::core
