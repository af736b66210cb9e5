// SPDX-License-Identifier: Apache-2.0
// What callers ask: place, replace, cancel. Each is answered once, by a Reply in the same step; the
// broker's answer is a later fact.
#include <fmt/format.h>

#include "belay/core/core.hpp"
#include "belay/core/facts/account_words.hpp"

namespace belay::core {

// The account of the order: given, or the only one there is.
std::optional<AccountId> Core::resolve_account(const PlaceOrder& command) {
  const AccountId& given = command.spec.account;
  const auto& known = book_.accounts();
  if (!given.value().empty()) return given;
  if (known.size() == 1) return AccountId(known.front());
  if (known.empty()) {
    reply(command.correlation, ReplyCode::not_ready, {},
          phase_ == Phase::down
              ? "not connected to the broker"
              : "the broker has not told its accounts yet: name one or retry when ready");
  } else {
    reply(command.correlation, ReplyCode::invalid, {}, "account is needed",
          {{"account", fmt::format("expected one of {}", fmt::join(known, ", "))}});
  }
  return std::nullopt;
}

// A key for an order that came without one. A caller may have used the same words as its own key,
// which must keep its meaning for ever.
ClOrdId Core::make_key(const AccountId& account, OrderId id) const {
  ClOrdId key(fmt::format("belay-{}", id.value()));
  for (int again = 1; book_.find_key(key_hash(account, key)) != nullptr; ++again) {
    key = ClOrdId(fmt::format("belay-{}-{}", id.value(), again));
  }
  return key;
}

std::optional<base::Error> Core::risk_refusal(const OrderSpec& spec) const {
  const auto account = paper_.find(spec.account);
  if (account == paper_.end()) {
    return unknown_account(book_.accounts(), spec.account.value());
  }
  if (!account->second && !options_.allow_live) {
    return base::Error{"account",
                       fmt::format("{} is a live account and BELAY_ALLOW_LIVE is not true: no "
                                   "order leaves",
                                   spec.account.value())};
  }
  return std::nullopt;
}

std::string limit_text(std::size_t open, std::size_t unsent) {
  return fmt::format(
      "{} orders are open in this contract, side and account already{} (MAX_ORDERS_PER_CONTRACT)",
      open,
      unsent == 0 ? ""
                  : fmt::format(", {} of them still waiting to be sent: cancel one, or ask again "
                                "under another client order id when one is done",
                                unsent));
}

// IB refuses more than 20 (error 201); every order that is open there counts, whoever sent it.
std::optional<base::Error> Core::too_many_open(const OrderSpec& spec) const {
  const std::size_t open = book_.open_orders(spec);
  if (options_.open_orders_max == 0 || open < options_.open_orders_max) return std::nullopt;
  std::size_t unsent = 0;
  for (const OrderId id : *book_.open_in(spec)) {
    if (order(id).status == OrdStatus::created) ++unsent;
  }
  return base::Error{"contract", limit_text(open, unsent)};
}

void Core::on(const PlaceOrder& command) {
  const auto account = resolve_account(command);
  if (!account) return;
  OrderSpec spec = command.spec;
  spec.account = *account;

  // The key decides first: a repeated request gets its answer whatever the state of the world.
  if (command.cl_ord_id) {
    if (const KeyUse* used = book_.find_key(key_hash(spec.account, *command.cl_ord_id))) {
      const bool same = used->fingerprint == fingerprint(spec);
      reply(command.correlation, same ? ReplyCode::replayed : ReplyCode::key_reused, used->order,
            same ? "" : "this client order id was used for a different order");
      return;
    }
  }
  const bool may_wait = spec.valid_until && *spec.valid_until > civil(context_.now);
  if (spec.valid_until && !may_wait) {
    reply(command.correlation, ReplyCode::invalid, {}, "valid_until has passed",
          {{"valid_until", "expected a time in the future"}});
    return;
  }
  const Lane lane = lane_of(book_, spec);
  if (calendar_holds() && lane != Lane::protective &&
      !(may_wait && *spec.valid_until > calendar_state_.opens)) {
    return reply_closed(command.correlation, {});
  }
  if (const auto closed = refusal_of(lane, command.principal, 1, may_wait)) {
    reply(command.correlation, closed->code, {}, closed->text);
    return;
  }
  if (refuse_ids(command, spec)) return;
  if (check_contract(command)) return;
  const OrderId id = book_.next_order_id();
  const ClOrdId key = command.cl_ord_id.value_or(make_key(spec.account, id));
  if (phase_ == Phase::ready) {
    auto refusal = risk_refusal(spec);
    if (!refusal) refusal = too_many_open(spec);
    if (refusal) {
      emit(OrderRefused{id, key, spec, command.principal, refusal->field, refusal->detail});
      reply(command.correlation, ReplyCode::refused, id, refusal->detail, {*refusal});
      return;
    }
  }
  emit(OrderAccepted{id, key, std::move(spec), command.principal});
  queue_place({id});
  reply(command.correlation, ReplyCode::accepted, id);
}

// The order a command is about, or nothing after the refusal was answered.
const Order* Core::command_target(Correlation to, OrderId id,
                                  std::optional<std::uint64_t> if_version) {
  const Order* found = book_.find(id);
  if (found == nullptr && book_.is_archived(id)) {
    reply(to, ReplyCode::wrong_state, id, "the order is done, and archived");
    return nullptr;
  }
  if (found == nullptr) {
    reply(to, ReplyCode::not_found, id, fmt::format("there is no order {}", id.value()));
    return nullptr;
  }
  if (if_version && *if_version != found->version) {
    reply(to, ReplyCode::version_differs, id,
          fmt::format("the order is at version {}, not {}", found->version, *if_version));
    return nullptr;
  }
  return found;
}

void Core::on(const ReplaceOrder& command) {
  const Order* found = command_target(command.correlation, command.order, command.if_version);
  if (found == nullptr) return;
  const auto refuse = [&](ReplyCode code, std::string text, std::vector<base::Error> errors = {}) {
    reply(command.correlation, code, command.order, std::move(text), std::move(errors));
  };
  if (command.patch.is_empty()) {
    return refuse(ReplyCode::invalid, "No modifications provided",
                  {{"body", "expected at least one field to change"}});
  }
  if (is_terminal(found->status)) {
    return refuse(ReplyCode::wrong_state,
                  fmt::format("the order is done: {}", reported_ord_status(*found)));
  }
  if (found->external || is_elsewhere(*found)) {
    return refuse(ReplyCode::wrong_state, why_not_changed(*found));
  }
  if (found->pending_cancel) {
    return refuse(ReplyCode::wrong_state, "a cancel of this order is under way");
  }
  if (phase_ != Phase::ready) {
    return refuse(ReplyCode::not_ready, "not connected to the broker, or reconciling with it");
  }
  if (const auto refusal = risk_refusal(found->spec)) {
    return refuse(ReplyCode::wrong_state, refusal->detail, {*refusal});
  }
  OrderSpec wanted = found->spec;
  // Changes on top of a change that is still under way keep what that one asked for.
  wanted.terms = apply(command.patch, found->desired_terms.value_or(found->spec.terms));
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
  if (auto doubt = replace_doubt(*found)) return refuse(ReplyCode::wrong_state, std::move(*doubt));
  const bool adds_risk = !replace_passes_halt(book_, *found, wanted.terms);
  if (book_.halted() && adds_risk) return refuse(ReplyCode::halted, halt_text());
  if (!context_.refuse_new.empty() && adds_risk) {
    return refuse(ReplyCode::disk, std::string(context_.refuse_new));
  }
  // In a window nothing but protection leaves: what lessens risk would wait in vain too.
  if (calendar_holds() && lane_of_replace(book_, *found, wanted.terms) != Lane::protective) {
    return reply_closed(command.correlation, command.order);
  }
  emit(ReplaceRequested{command.order, wanted.terms, command.principal});
  // One modification at a time; a later one waits and takes the latest wish (drain_outbox).
  queue_replace(command.order);
  reply(command.correlation, ReplyCode::accepted, command.order);
}

void Core::on(const CancelOrder& command) {
  const Order* found = command_target(command.correlation, command.order, command.if_version);
  if (found == nullptr) return;
  if (is_terminal(found->status)) {
    reply(command.correlation, ReplyCode::wrong_state, command.order,
          fmt::format("too late to cancel: the order is {}", reported_ord_status(*found)));
    return;
  }
  if (is_elsewhere(*found)) return cancel_elsewhere(command, *found);
  want_cancel(*found, command.principal);
  reply(command.correlation, ReplyCode::accepted, command.order);
}

}  // namespace belay::core
