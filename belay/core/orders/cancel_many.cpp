// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "belay/core/facts/account_words.hpp"
#include "belay/core/facts/owner.hpp"
#include "belay/core/orders/cancels.hpp"
#include "belay/core/orders/desk.hpp"

namespace belay::core {
namespace {

// The account that is meant, or nothing after the refusal was answered.
std::optional<AccountId> account_of(const CancelMany& command, Step& step) {
  const auto& known = step.book().accounts();
  if (command.account.value().empty() && known.size() == 1) return AccountId(known.front());
  const bool exists = std::find(known.begin(), known.end(), command.account.value()) != known.end();
  if (exists) return command.account;
  const base::Error wrong = unknown_account(known, command.account.value());
  step.reply(command.correlation, ReplyCode::invalid, {},
             command.account.value().empty() ? "scope account needs an account" : wrong.detail,
             {wrong});
  return std::nullopt;
}

ReplyItem cancel_one(const CancelMany& command, OrderId id, OtherClients& others, Step& step) {
  const Order& target = step.order(id);
  ReplyItem item;
  item.order = id;
  const bool global = command.scope == CancelScope::all;
  if (is_elsewhere(step.book(), step.link().session, target)) {
    if (global) {
      item.text = "by the broker's global cancel";
      if (command.dry_run) return item;
      step.emit(ForeignRequest{id, owner_session(target), "cancel", "asked by the global cancel",
                               command.principal});
    } else if (target.external && target.unknown) {
      item.code = ReplyCode::wrong_state;
      item.text = "not among the open orders that the broker listed";
    } else if (command.foreign && target.broker_id &&
               target.broker_id->session != step.link().session) {
      item.text = fmt::format("in the name of client {}", owner_session(target));
      if (!command.dry_run) others.ask_foreign_cancel(target, command.principal, step);
    } else {
      item.code = ReplyCode::wrong_state;
      item.text = "not ours: " + why_not_canceled(target, step);
    }
    return item;
  }
  if (target.status == OrdStatus::created) {
    item.text = "not sent yet: it never will be";
  } else if (step.link().phase == Phase::down) {
    item.text = "the broker is asked as soon as it can be reached";
  } else if (target.pending_cancel) {
    item.text = "asked for before, and again";
  }
  if (command.dry_run) return item;
  // The global cancel ends what works at the broker. What may not have arrived there yet is ended
  // one by one, so that nothing of it follows.
  const bool one_by_one = !global || target.status == OrdStatus::created ||
                          target.status == OrdStatus::pending_new || target.replace_in_flight();
  if (one_by_one) {
    want_cancel(target, command.principal, step);
  } else if (!target.external && !target.pending_cancel) {
    step.emit(CancelIntended{id, command.principal});
  }
  return item;
}

}  // namespace

void on(const CancelMany& command, OtherClients& others, Step& step) {
  CancelMany meant = command;
  if (command.scope == CancelScope::account) {
    const auto account = account_of(command, step);
    if (!account) return;
    meant.account = *account;
  }
  if (command.scope == CancelScope::all && step.link().phase == Phase::down) {
    return step.reply(
        command.correlation, ReplyCode::not_ready, {},
        "not connected to the broker: its global cancel cannot be asked for; scope=own is "
        "remembered until it can be reached");
  }
  std::vector<ReplyItem> items;
  const std::vector<OrderId> live(step.book().live().begin(), step.book().live().end());
  for (const OrderId id : live) {
    const Order& candidate = step.order(id);
    if (command.scope == CancelScope::own && candidate.external) continue;
    if (command.scope == CancelScope::account && candidate.spec->account != meant.account) continue;
    items.push_back(cancel_one(meant, id, others, step));
  }
  if (command.scope == CancelScope::all && !command.dry_run) {
    step.effect(GlobalCancelEffect{});
    // What it did to orders of others is told by the lists alone.
    step.look_again();
  }
  if (command.correlation == 0) return;
  Reply answer;
  answer.correlation = command.correlation;
  answer.items = std::move(items);
  step.effect(std::move(answer));
}

}  // namespace belay::core
