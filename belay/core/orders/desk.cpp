// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/desk.hpp"

#include <fmt/format.h>

#include "belay/core/facts/account_words.hpp"
#include "belay/core/facts/owner.hpp"
#include "belay/core/ids/ids.hpp"
#include "belay/core/link/shown.hpp"
#include "belay/core/orders/cancels.hpp"
#include "belay/core/orders/controls.hpp"

namespace belay::core {

namespace {
void reply_closed(Correlation to, OrderId order, Step& step) {
  if (to == 0) return;
  Reply answer{to, ReplyCode::not_ready, order, step.link().closed_text(), {}};
  answer.retry_after = step.link().calendar.opens - step.link().civil(step.now());
  step.effect(std::move(answer));
}

// Why a modification of a sent order would not be about that order; nothing when it would. One that
// is itself without an answer holds up the next, which waits for what became of it.
std::optional<std::string> why_not_replaceable(const Order& target, const Step& step) {
  const bool unsure = target.unknown && !target.replace_in_flight();
  const bool unanswered = target.status == OrdStatus::pending_new && !target.unknown;
  if (!unsure && (unanswered || step.shown().contains(target.id))) return std::nullopt;
  return fmt::format(
      "{}, and the broker would take a modification of an order that it does not have for a new "
      "one: `belay reconcile` asks it now; when it lists the order, ask again; when its end is "
      "known from elsewhere, say so with `belay decide {}` and place another",
      unsure ? "what became of the order is unknown"
             : "the broker has not listed the order since the connection was made",
      target.id.value());
}
}  // namespace

std::optional<std::string> unspoken(const Order& known, const OrderTerms& wanted) {
  const bool type = known.spec->ord_type == OrdType::other;
  if (!type && wanted.time_in_force != TimeInForce::other) return std::nullopt;
  return fmt::format(
      "order {} has the {} {} at the broker now, which cannot be sent from here, and a "
      "modification "
      "would undo it: change it there, or cancel it and place another",
      known.id.value(), type ? "type" : "time in force",
      type ? known.raw_ord_type : wanted.raw_time_in_force);
}

// The account of the order: given, or the only one there is.
std::optional<AccountId> resolve_account(const PlaceOrder& command, Step& step) {
  const AccountId& given = command.spec->account;
  const auto& known = step.book().accounts();
  if (!given.value().empty()) return given;
  if (known.size() == 1) return AccountId(known.front());
  if (known.empty()) {
    step.reply(command.correlation, ReplyCode::not_ready, {},
               step.link().phase == Phase::down
                   ? "not connected to the broker"
                   : "the broker has not told its accounts yet: name one or retry when ready");
  } else {
    step.reply(command.correlation, ReplyCode::invalid, {}, "account is needed",
               {{"account", fmt::format("expected one of {}", fmt::join(known, ", "))}});
  }
  return std::nullopt;
}

// A key for an order that came without one. A caller may have used the same words as its own key,
// which must keep its meaning for ever.
ClOrdId make_key(const AccountId& account, OrderId id, const Step& step) {
  ClOrdId key(fmt::format("belay-{}", id.value()));
  for (int again = 1; step.book().find_key(key_hash(account, key)) != nullptr; ++again) {
    key = ClOrdId(fmt::format("belay-{}-{}", id.value(), again));
  }
  return key;
}

void on(const PlaceOrder& command, Contracts& contracts, Step& step) {
  const auto account = resolve_account(command, step);
  if (!account) return;
  OrderSpec spec = command.spec;
  spec.account = *account;

  // The key decides first: a repeated request gets its answer whatever the state of the world.
  if (command.cl_ord_id) {
    if (const KeyUse* used = step.book().find_key(key_hash(spec.account, *command.cl_ord_id))) {
      const bool same = used->fingerprint == fingerprint(spec);
      step.reply(command.correlation, same ? ReplyCode::replayed : ReplyCode::key_reused,
                 used->order, same ? "" : "this client order id was used for a different order");
      return;
    }
  }
  const bool may_wait = spec.valid_until && *spec.valid_until > step.link().civil(step.now());
  if (spec.valid_until && !may_wait) {
    step.reply(command.correlation, ReplyCode::invalid, {}, "valid_until has passed",
               {{"valid_until", "expected a time in the future"}});
    return;
  }
  const Lane lane = lane_of(step.book(), spec);
  if (step.link().calendar_holds() && lane != Lane::protective &&
      !(may_wait && *spec.valid_until > step.link().calendar.opens)) {
    return reply_closed(command.correlation, {}, step);
  }
  if (const auto closed = refusal_of(lane, command.principal, 1, may_wait, step)) {
    step.reply(command.correlation, closed->code, {}, closed->text);
    return;
  }
  if (refuse_ids(command, spec, step)) return;
  if (contracts.check(command, step)) return;
  const OrderId id = step.book().next_order_id();
  const ClOrdId key = command.cl_ord_id.value_or(make_key(spec.account, id, step));
  if (step.link().phase == Phase::ready) {
    auto refusal = risk_refusal(spec, step);
    if (!refusal) refusal = too_many_open(spec, step);
    if (refusal) {
      step.emit(OrderRefused{id, key, spec, command.principal, refusal->field, refusal->detail});
      step.reply(command.correlation, ReplyCode::refused, id, refusal->detail, {*refusal});
      return;
    }
  }
  step.emit(OrderAccepted{id, key, std::move(spec), command.principal});
  step.reply(command.correlation, ReplyCode::accepted, id);
}

// The order a command is about, or nothing after the refusal was answered.
const Order* command_target(Correlation to, OrderId id, std::optional<std::uint64_t> if_version,
                            Step& step) {
  const Order* found = step.book().find(id);
  if (found == nullptr && step.book().is_archived(id)) {
    step.reply(to, ReplyCode::wrong_state, id, "the order is done, and archived");
    return nullptr;
  }
  if (found == nullptr) {
    step.reply(to, ReplyCode::not_found, id, fmt::format("there is no order {}", id.value()));
    return nullptr;
  }
  if (if_version && *if_version != found->version) {
    step.reply(to, ReplyCode::version_differs, id,
               fmt::format("the order is at version {}, not {}", found->version, *if_version));
    return nullptr;
  }
  return found;
}

void on(const ReplaceOrder& command, Step& step) {
  const Order* found = command_target(command.correlation, command.order, command.if_version, step);
  if (found == nullptr) return;
  const auto refuse = [&](ReplyCode code, std::string text, std::vector<base::Error> errors = {}) {
    step.reply(command.correlation, code, command.order, std::move(text), std::move(errors));
  };
  if (command.patch.is_empty()) {
    return refuse(ReplyCode::invalid, "No modifications provided",
                  {{"body", "expected at least one field to change"}});
  }
  if (is_terminal(found->status)) {
    return refuse(ReplyCode::wrong_state,
                  fmt::format("the order is done: {}", reported_ord_status(*found)));
  }
  if (found->external || is_elsewhere(step.book(), step.link().session, *found)) {
    return refuse(ReplyCode::wrong_state, why_not_changed(*found, step));
  }
  if (found->pending_cancel) {
    return refuse(ReplyCode::wrong_state, "a cancel of this order is under way");
  }
  if (step.link().phase != Phase::ready) {
    return refuse(ReplyCode::not_ready, "not connected to the broker, or reconciling with it");
  }
  if (const auto refusal = risk_refusal(found->spec, step)) {
    return refuse(ReplyCode::wrong_state, refusal->detail, {*refusal});
  }
  OrderSpec wanted = found->spec;
  // Changes on top of a change that is still under way keep what that one asked for.
  wanted.terms = apply(command.patch, found->desired_terms.value_or(found->spec->terms));
  if (auto why = unspoken(*found, wanted.terms)) {
    return refuse(ReplyCode::wrong_state, std::move(*why));
  }
  if (auto errors = validate(wanted); !errors.empty()) {
    return refuse(ReplyCode::invalid, "the changed order would not be valid", std::move(errors));
  }
  if (wanted.terms.order_qty <= found->cum_qty) {
    return refuse(ReplyCode::invalid, "total_quantity is filled already",
                  {{"total_quantity",
                    fmt::format("expected more than the {} that are filled; cancel the order to "
                                "end the rest",
                                to_string(found->cum_qty))}});
  }
  if (wanted.terms.order_qty <= found->filled_claim) {
    return refuse(ReplyCode::wrong_state,
                  fmt::format("the broker says that {} are filled, and its executions are awaited",
                              to_string(found->filled_claim)));
  }
  if (found->status == OrdStatus::created) {
    return refuse(ReplyCode::wrong_state, "the order has not been sent yet: cancel it instead");
  }
  if (auto doubt = why_not_replaceable(*found, step))
    return refuse(ReplyCode::wrong_state, std::move(*doubt));
  const bool adds_risk = !replace_passes_halt(step.book(), *found, wanted.terms);
  if (step.book().halted() && adds_risk) return refuse(ReplyCode::halted, halt_text(step));
  if (!step.context().refuse_new.empty() && adds_risk) {
    return refuse(ReplyCode::disk, std::string(step.context().refuse_new));
  }
  // In a window nothing but protection leaves: what lessens risk would wait in vain too.
  if (step.link().calendar_holds() &&
      lane_of_replace(step.book(), *found, wanted.terms) != Lane::protective) {
    return reply_closed(command.correlation, command.order, step);
  }
  step.emit(ReplaceRequested{command.order, wanted.terms, command.principal});
  step.reply(command.correlation, ReplyCode::accepted, command.order);
}

void on(const CancelOrder& command, OtherClients& others, Step& step) {
  const Order* found = command_target(command.correlation, command.order, command.if_version, step);
  if (found == nullptr) return;
  if (is_terminal(found->status)) {
    step.reply(command.correlation, ReplyCode::wrong_state, command.order,
               fmt::format("too late to cancel: the order is {}", reported_ord_status(*found)));
    return;
  }
  if (is_elsewhere(step.book(), step.link().session, *found))
    return others.cancel_elsewhere(command, *found, step);
  want_cancel(*found, command.principal, step);
  step.reply(command.correlation, ReplyCode::accepted, command.order);
}

void on(const DecideOrder& command, Step& step) {
  const auto refuse = [&](ReplyCode code, std::string text) {
    step.reply(command.correlation, code, command.order, std::move(text));
  };
  const Order* found = command_target(command.correlation, command.order, std::nullopt, step);
  if (found == nullptr) return;
  if (command.reason.empty() || command.principal.empty()) {
    const char* field = command.reason.empty() ? "reason" : "operator";
    return step.reply(command.correlation, ReplyCode::invalid, command.order,
                      "a decision needs a reason and who took it", {{field, "expected some text"}});
  }
  if (is_terminal(found->status) || !found->unknown) {
    return refuse(ReplyCode::wrong_state,
                  fmt::format("the order is {} and not unknown: there is nothing to decide",
                              reported_ord_status(*found)));
  }
  const std::string decided = fmt::format("decided by {}: {}", command.principal, command.reason);
  if (command.fate == DecideOrder::Fate::canceled) {
    step.emit(OrderCanceled{command.order, 0, decided});
  } else {
    if (found->status != OrdStatus::pending_new) {
      return refuse(ReplyCode::wrong_state,
                    "the broker acknowledged it once: it can be decided canceled");
    }
    step.emit(OrderNotAccepted{command.order, decided});
  }
  step.reply(command.correlation, ReplyCode::accepted, command.order);
}

}  // namespace belay::core
