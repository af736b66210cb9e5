// SPDX-License-Identifier: Apache-2.0
// What the broker says of accounts: positions and values.
#include <algorithm>
#include <utility>

#include "belay/tws/translate.hpp"
#include "belay/tws/tws_broker.hpp"

namespace belay::tws {

void TwsBroker::on(const wire::Position& message) {
  Round* round = rounds_.listing(List::positions);
  const auto position = from_wire(message);
  for (const LeftOut& field : position.left_out) left_out(message, field);
  // It is shown as far as it could be read.
  const bool whole = !damaged_ && position.left_out.empty() && position->quantity;
  if (round == nullptr) {
    hooks_.position(*position);
    positions_whole_ = positions_whole_ && whole;
    // The question is a subscription: what it does not tell has not changed.
    if (positions_told_) {
      hooks_.told({core::BrokerList::positions, true, now_, positions_whole_, ""});
    }
    return;
  }
  if (!whole) {
    round->is_damaged(core::BrokerList::positions) = true;
    const bool compared =
        position->quantity && position->contract.con_id != 0 && !position->account.value().empty();
    if (!compared) round->leave_uncompared(position->account, position->contract);
  }
  round->held.push_back(*position);
}
void TwsBroker::on(const wire::PositionEnd&) {
  Round* round = rounds_.end_of(List::positions);
  if (round == nullptr) return;
  // Callers keep the list they have until there is a whole new one.
  hooks_.positions_begin();
  for (const core::Position& position : round->held) hooks_.position(position);
  positions_told_ = true;
  positions_whole_ = !round->unreadable_position && round->uncompared.empty() &&
                     !round->is_damaged(core::BrokerList::positions);
  hooks_.told({core::BrokerList::positions, true, round->asked_at, positions_whole_, ""});
  round->positions = true;
  list_came(*round, core::BrokerList::positions);
  finish_round_if_done(now_);
}
// A fill that changes a position and is not counted: its contract is not compared, and whoever
// reads the positions is told.
void TwsBroker::uncounted(core::AccountId account, core::Contract contract) {
  Round* round = rounds_.running();
  if (round == nullptr || !round->full) return;
  round->leave_uncompared(std::move(account), std::move(contract));
  positions_whole_ = false;
  unread(core::BrokerList::positions);
}
void TwsBroker::ask_account(base::Time now) {
  // The broker keeps two of these for a connection and refuses a third: the old one goes first.
  if (account_request_ != 0) session_.send_query(wire::CancelAccountSummary{account_request_}, now);
  account_request_ = next_request_id();
  account_asked_at_ = now;
  account_whole_ = true;
  account_due_ = now + options_.account_interval;
  waits_.begin(Awaited::account_values, now);
  session_.send_query(
      wire::ReqAccountSummary{
          .req_id = account_request_, .group_name = "All", .tags = account_tags()},
      now);
}

void TwsBroker::on(const wire::AccountSummary& message) {
  const auto value = from_wire(message);
  for (const LeftOut& field : value.left_out) {
    left_out(message, field);
  }
  account_whole_ = account_whole_ && !damaged_ && value.left_out.empty();
  // One that was cut short may not say whose value it is.
  if (damaged_ && (message.account.empty() || message.tag.empty())) return;
  hooks_.account_value(*value);
  // The question is a subscription.
  if (account_told_ && !waits_.waits(Awaited::account_values)) {
    hooks_.told({core::BrokerList::account, true, now_, account_whole_, ""});
  }
}
void TwsBroker::on(const wire::AccountSummaryEnd& message) {
  if (message.req_id != account_request_) return;
  account_told_ = true;
  waits_.end(Awaited::account_values);
  hooks_.told({core::BrokerList::account, true, account_asked_at_, account_whole_, ""});
}

// The values follow what was bought and sold. The question is a subscription, of which the broker
// tells changes minutes later: it is asked anew.
void TwsBroker::keep_account(base::Time now) {
  if (now < account_due_) return;
  account_due_ = base::never;
  if (!account_refused_) ask_account(now);
}

}  // namespace belay::tws
