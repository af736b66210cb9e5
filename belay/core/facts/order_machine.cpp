// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/order_machine.hpp"

#include <array>

#include "belay/base/check.hpp"

namespace belay::core {
namespace {

using enum model::OrdStatus;
using model::OrdStatus;

constexpr std::array statuses{created,  denied,   pending_new, new_, partially_filled, filled,
                              canceled, rejected, expired,     held, not_accepted};
using Row = std::array<Transition, trigger_count>;

constexpr Transition to(OrdStatus status) {
  return {status, Judgement::moves};
}
constexpr Transition stay(OrdStatus status) {
  return {status, Judgement::stays};
}
constexpr Transition odd(OrdStatus status) {
  return {status, Judgement::anomalous};
}

// Columns: send, withdraw, deny, acknowledge, fill_partial, fill_complete, cancel, reject, expire,
// hold, refill, not_accept, refuse_id, reopen, refuse. A broker fact about an order that we believe
// unsent, or proved never to have arrived, means that it is there after all: adopted, with an
// incident.
// clang-format off
constexpr std::array<Row, statuses.size()> transitions{{
    /* created  */ {to(pending_new), stay(created), to(denied), odd(new_), odd(partially_filled),
                    odd(filled), to(canceled), odd(rejected), odd(expired), odd(held),
                    stay(created), stay(created), stay(created), stay(created), odd(rejected)},
    /* denied   */ {stay(denied), stay(denied), stay(denied), odd(new_), odd(partially_filled),
                    odd(filled), stay(denied), stay(denied), stay(denied), odd(held),
                    stay(denied), stay(denied), stay(denied), odd(new_), stay(denied)},
    // A fill implies the acknowledgement, and so does a cancel or an expiry.
    /* pending  */ {stay(pending_new), to(denied), stay(pending_new), to(new_),
                    to(partially_filled), to(filled), to(canceled), to(rejected), to(expired),
                    to(held), stay(pending_new), to(not_accepted), to(created),
                    stay(pending_new), to(rejected)},
    /* new      */ {stay(new_), stay(new_), stay(new_), stay(new_), to(partially_filled),
                    to(filled), to(canceled), to(rejected), to(expired), to(held), stay(new_),
                    stay(new_), stay(new_), stay(new_), stay(new_)},
    // A reject after fills ends the remainder: FIX has no rejected order with fills.
    /* partial  */ {stay(partially_filled), stay(partially_filled), stay(partially_filled),
                    stay(partially_filled), stay(partially_filled), to(filled), to(canceled),
                    to(canceled), to(expired), stay(partially_filled), to(new_),
                    stay(partially_filled), stay(partially_filled), stay(partially_filled),
                    stay(partially_filled)},
    /* filled   */ {stay(filled), stay(filled), stay(filled), stay(filled), stay(filled),
                    stay(filled), stay(filled), stay(filled), stay(filled), stay(filled),
                    to(partially_filled), stay(filled), stay(filled), odd(partially_filled),
                    stay(filled)},
    // FIX appendix J.1.b: a late fill is applied and the order stays canceled, unless it is
    // complete now.
    /* canceled */ {stay(canceled), stay(canceled), stay(canceled), stay(canceled),
                    stay(canceled), to(filled), stay(canceled), stay(canceled), stay(canceled),
                    stay(canceled), stay(canceled), stay(canceled), stay(canceled), odd(new_),
                    to(rejected)},
    // IB's Inactive may come back to work. A refusal stays one, whatever word for the end follows.
    /* rejected */ {stay(rejected), stay(rejected), stay(rejected), odd(new_),
                    odd(partially_filled), odd(filled), stay(rejected), stay(rejected),
                    stay(rejected), to(held), stay(rejected), stay(rejected), stay(rejected),
                    odd(new_), stay(rejected)},
    /* expired  */ {stay(expired), stay(expired), stay(expired), stay(expired), stay(expired),
                    to(filled), stay(expired), stay(expired), stay(expired), stay(expired),
                    stay(expired), stay(expired), stay(expired), odd(new_), stay(expired)},
    /* held     */ {stay(held), stay(held), stay(held), to(new_), to(partially_filled),
                    to(filled), to(canceled), to(rejected), to(expired), stay(held), stay(held),
                    stay(held), stay(held), stay(held), to(rejected)},
    /* not acc. */ {stay(not_accepted), stay(not_accepted), stay(not_accepted), odd(new_),
                    odd(partially_filled), odd(filled), odd(canceled), to(rejected),
                    odd(expired), odd(held), stay(not_accepted), stay(not_accepted),
                    stay(not_accepted), odd(new_), to(rejected)},
}};
// clang-format on

}  // namespace

Transition transition(OrdStatus from, Trigger trigger) {
  for (std::size_t row = 0; row < statuses.size(); ++row) {
    if (statuses[row] == from) return transitions[row][static_cast<std::size_t>(trigger)];
  }
  BELAY_CHECK(false);
  return stay(from);
}

std::string_view name(Trigger trigger) {
  switch (trigger) {
    case Trigger::send:
      return "send";
    case Trigger::withdraw:
      return "withdraw";
    case Trigger::deny:
      return "deny";
    case Trigger::acknowledge:
      return "acknowledge";
    case Trigger::fill_partial:
      return "fill_partial";
    case Trigger::fill_complete:
      return "fill_complete";
    case Trigger::cancel:
      return "cancel";
    case Trigger::reject:
      return "reject";
    case Trigger::expire:
      return "expire";
    case Trigger::hold:
      return "hold";
    case Trigger::refill:
      return "refill";
    case Trigger::not_accept:
      return "not_accept";
    case Trigger::refuse_id:
      return "refuse_id";
    case Trigger::reopen:
      return "reopen";
    case Trigger::refuse:
      return "refuse";
  }
  return "";
}

}  // namespace belay::core
