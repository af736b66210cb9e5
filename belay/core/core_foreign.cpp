// SPDX-License-Identifier: Apache-2.0
// Orders that this session cannot name: another client's, ones made by hand, our own of another
// client id. The broker takes a cancel or a change of an order only in the name of its client, so
// such a request is refused with the owner's name, or, when the caller asked for that, made in the
// owner's name by a second connection (the adapter's business). It is recorded with the owner and
// who asked; the order changes when the broker says so and not before.
//
// Also the orders that are not ours and that this session can name all the same (bound ones, and
// those of an earlier program under our client id): they are changed from the broker's own picture
// of them, because ours is not the whole order.
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/owner.hpp"

namespace belay::core {

using base::Defect;

namespace {

// Rules that the change itself breaks; what else is odd about somebody's order is theirs.
std::vector<base::Error> broken_by(const TermsPatch& patch, const OrderSpec& wanted) {
  const struct {
    bool given;
    std::string_view field;
  } touched[] = {{patch.order_qty.has_value(), "total_quantity"},
                 {patch.price.has_value(), "limit_price"},
                 {patch.stop_px.has_value(), "aux_price"},
                 {patch.trail_amount || patch.trail_percent, "trail_amount"},
                 {patch.trail_percent.has_value(), "trail_percent"},
                 {patch.time_in_force.has_value(), "time_in_force"},
                 {patch.time_in_force || patch.expire_time, "good_till_date"}};
  std::vector<base::Error> errors = validate(wanted);
  std::erase_if(errors, [&](const base::Error& error) {
    return std::none_of(std::begin(touched), std::end(touched),
                        [&](const auto& each) { return each.given && each.field == error.field; });
  });
  return errors;
}

}  // namespace

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

std::string Core::refusal_of_owner(const Order& target, std::string_view verb) const {
  const auto id = target.id.value();
  if (is_unbound(target)) {
    return fmt::format(
        "order {} was made by hand at the broker and has no id there: only the broker's own screen "
        "can {} it, or a daemon with CLIENT_ID=0 and BELAY_BIND_MANUAL=true",
        id, verb);
  }
  if (target.broker_id && target.broker_id->session == session_) {
    return fmt::format(
        "order {} shares its id at the broker with another order of ours: it cannot "
        "be named, so nothing is asked",
        id);
  }
  return fmt::format(
      "order {} belongs to client {}: only in that client's name can anybody {} it; ask for that "
      "with foreign=true (--foreign), while the id is free",
      id, owner_session(target), verb);
}

void Core::cancel_elsewhere(const CancelOrder& command, const Order& target) {
  const bool nameable = target.broker_id && target.broker_id->session != session_;
  if (!command.foreign || !nameable) {
    return reply(command.correlation, ReplyCode::wrong_state, target.id,
                 refusal_of_owner(target, "cancel"));
  }
  if (phase_ == Phase::down) {
    return reply(command.correlation, ReplyCode::not_ready, target.id,
                 "not connected to the broker: nothing is asked in another client's name");
  }
  ask_foreign_cancel(target, command.principal);
  reply(command.correlation, ReplyCode::accepted, target.id);
}

void Core::ask_foreign_cancel(const Order& target, const std::string& principal) {
  if (foreign_.contains({target.id, false})) return;  // under way: it is asked once
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
  foreign_.insert_or_assign({target.id, false}, principal);
  effect(ForeignCancelEffect{target.id, broker_id, permanent});
}

// A settled list shows the order still open while a cancel is wanted. In our own name it is asked
// for again; in another's only when somebody asks again.
void Core::cancel_again(const Order& target) {
  if (!is_elsewhere(target)) return send_cancel(target);
  if (foreign_.contains({target.id, false})) return;
  emit(CancelRefused{target.id, 0,
                     "the broker still lists it as open; the cancel is not asked for again in "
                     "another client's name by itself"});
}

void Core::replace_external(const ReplaceOrder& command, const Order& target) {
  const auto refuse = [&](ReplyCode code, std::string text, std::vector<base::Error> errors = {}) {
    reply(command.correlation, code, command.order, std::move(text), std::move(errors));
  };
  const bool nameable = target.broker_id && target.broker_id->session != session_;
  if (is_elsewhere(target) && (!command.foreign || !nameable)) {
    return refuse(ReplyCode::wrong_state, refusal_of_owner(target, "change"));
  }
  if (target.pending_cancel) {
    return refuse(ReplyCode::wrong_state, "a cancel of this order is under way");
  }
  if (target.replacing || target.desired_terms) {
    return refuse(ReplyCode::wrong_state, "a modification of this order is under way");
  }
  if (phase_ != Phase::ready) {
    return refuse(ReplyCode::not_ready, "not connected to the broker, or reconciling with it");
  }
  if (const auto& halted = book_.halted()) {
    return refuse(ReplyCode::halted, fmt::format("new risk is halted: {}", halted->reason));
  }
  if (!context_.refuse_new.empty()) {
    return refuse(ReplyCode::disk, std::string(context_.refuse_new));
  }
  if (const auto refusal = risk_refusal(target.spec)) {
    return refuse(ReplyCode::wrong_state, refusal->detail, {*refusal});
  }
  if (target.spec.ord_type == OrdType::other) {
    return refuse(ReplyCode::wrong_state,
                  fmt::format("order {} is of type {}: what else belongs to it is not known here",
                              target.id.value(), target.raw_ord_type));
  }
  OrderSpec wanted = target.spec;
  wanted.terms = apply(command.patch, wanted.terms);
  if (auto errors = broken_by(command.patch, wanted); !errors.empty()) {
    return refuse(ReplyCode::invalid, "the changed order would not be valid", std::move(errors));
  }
  if (wanted.terms.order_qty <= target.cum_qty) {
    return refuse(ReplyCode::invalid, "total_quantity is filled already",
                  {{"total_quantity", fmt::format("expected more than the {} that are filled",
                                                  to_string(target.cum_qty))}});
  }
  const BrokerOrderId broker_id = *target.broker_id;
  const auto permanent = target.permanent_ids.empty()
                             ? std::nullopt
                             : std::optional<PermanentId>(target.permanent_ids.back());
  if (is_elsewhere(target)) {
    emit(ForeignRequest{target.id, broker_id.session, "replace",
                        fmt::format("asked in the name of client {}", broker_id.session),
                        command.principal});
    foreign_.insert_or_assign({target.id, true}, command.principal);
  }
  emit(ReplaceRequested{target.id, wanted.terms, command.principal});
  emit(ReplaceIntended{target.id});
  effect(ForeignReplaceEffect{target.id, broker_id, permanent, command.patch});
  reply(command.correlation, ReplyCode::accepted, target.id);
}

void Core::on(const ForeignDone& done) {
  // What was asked for and has no outcome keeps its order in memory.
  if (book_.is_archived(done.order)) return;
  const Order& target = order(done.order);
  const auto asked = foreign_.find({done.order, done.replace});
  if (asked != foreign_.end()) {
    constexpr std::string_view words[] = {"sent", "answered", "refused", "unanswered"};
    const std::string_view word = words[static_cast<std::size_t>(done.outcome)];
    emit(ForeignRequest{
        done.order, owner_session(target), done.replace ? "replace" : "cancel",
        done.text.empty() ? std::string(word) : fmt::format("{}: {}", word, done.text),
        asked->second});
    if (done.outcome != ForeignOutcome::sent) foreign_.erase(asked);
  }
  if (done.outcome == ForeignOutcome::refused) {
    if (done.replace && target.replacing) emit(ReplaceRefused{done.order, 0, done.text});
    if (!done.replace && target.pending_cancel) emit(CancelRefused{done.order, 0, done.text});
    rounds_.ask_soon = true;
  }
  // What it did is told by the broker's lists.
  if (done.outcome == ForeignOutcome::unanswered) {
    ask_round("a request in another client's name was not answered", true);
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
