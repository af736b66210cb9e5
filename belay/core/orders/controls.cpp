// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/controls.hpp"

#include <fmt/format.h>

#include "belay/core/facts/account_words.hpp"

namespace belay::core {

std::string halt_text(const Step& step) {
  const Halted& halt = *step.book().halted();
  return fmt::format("new risk is halted by {}: {}", halt.principal, halt.reason);
}

// Why `orders` new orders of this lane are not taken now. Nothing is recorded then, so the caller
// may ask again with the same key.
std::optional<Refusal> refusal_of(Lane lane, const std::string& principal, std::size_t orders,
                                  bool may_wait, const Step& step) {
  const bool protects = lane == Lane::protective;
  if (step.book().halted() && !protects) return Refusal{ReplyCode::halted, halt_text(step)};
  if (step.link().phase != Phase::ready && !may_wait) {
    return Refusal{ReplyCode::not_ready,
                   step.link().phase == Phase::syncing
                       ? "reconciling with the broker: new orders wait until that is done"
                       : "not connected to the broker"};
  }
  if (!step.context().refuse_new.empty() && !protects) {
    return Refusal{ReplyCode::disk, std::string(step.context().refuse_new)};
  }
  const std::size_t max =
      lane == Lane::new_risk ? step.options().queue_max : step.options().queue_max_urgent;
  if (step.outbox().size(lane) + orders > max) {
    return Refusal{ReplyCode::queue_full,
                   fmt::format("{} orders wait for a send slot already (lane {}, at most {}: {})",
                               step.outbox().size(lane), name(lane), max,
                               lane == Lane::new_risk ? "RATE_LIMIT_QUEUE_SIZE"
                                                      : "RATE_LIMIT_QUEUE_SIZE_URGENT")};
  }
  const std::size_t own = step.outbox().of_caller(principal);
  if (step.options().queue_max_per_caller != 0 &&
      own + orders > step.options().queue_max_per_caller && !protects) {
    return Refusal{ReplyCode::queue_full,
                   fmt::format("{} orders of this caller wait for a send slot already (at most {}: "
                               "RATE_LIMIT_QUEUE_SIZE_PER_CALLER)",
                               own, step.options().queue_max_per_caller)};
  }
  return std::nullopt;
}

// The gate closes in this step, before its event is durable; what waits is told at once.
void on(const Halt& command, Step& step) {
  if (step.book().halted()) {
    return step.reply(command.correlation, ReplyCode::accepted, {},
                      "halted already; " + halt_text(step));
  }
  stop_new_risk(command.reason, command.principal, step);
  step.reply(command.correlation, ReplyCode::accepted);
}

// New risk is taken again from here on. It leaves after its own events, and so after this one, are
// durable.
void on(const Resume& command, Step& step) {
  if (!step.book().halted()) {
    return step.reply(command.correlation, ReplyCode::accepted, {}, "not halted");
  }
  step.emit(Resumed{command.reason, command.principal});
  step.reply(command.correlation, ReplyCode::accepted);
}

std::optional<base::Error> risk_refusal(const OrderSpec& spec, const Step& step) {
  const auto account = step.link().paper.find(spec.account);
  if (account == step.link().paper.end()) {
    return unknown_account(step.book().accounts(), spec.account.value());
  }
  if (!account->second && !step.options().allow_live) {
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
std::optional<base::Error> too_many_open(const OrderSpec& spec, const Step& step) {
  const std::size_t open = step.book().open_orders(spec);
  if (step.options().open_orders_max == 0 || open < step.options().open_orders_max)
    return std::nullopt;
  std::size_t unsent = 0;
  for (const OrderId id : *step.book().open_in(spec)) {
    if (step.order(id).status == OrdStatus::created) ++unsent;
  }
  return base::Error{"contract", limit_text(open, unsent)};
}

void stop_new_risk(std::string reason, std::string principal, Step& step) {
  if (!step.book().halted()) step.emit(Halted{std::move(reason), std::move(principal)});
}

}  // namespace belay::core
