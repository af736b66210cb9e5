// SPDX-License-Identifier: Apache-2.0
// The life of one order as one table: from a base state and a trigger to the next base state, and
// how to judge the step. After its first state every OrdStatus of an order comes from this table;
// docs/order-states.md is printed by running it. Quantities are facts and live in order.hpp. Flags
// (pending cancel, pending replace, unknown) lie over the state and block nothing.
//
// Invariants: (1) a fill is applied in every state; (2) a state that is done stays done, except
// where the broker's own facts contradict it; (3) what contradicts is an incident, never silence.
#pragma once

#include <cstdint>
#include <string_view>

#include "belay/model/enums.hpp"

namespace belay::core {

enum class Trigger : std::uint8_t {
  send,           ///< SendIntended
  withdraw,       ///< the frame never left
  deny,           ///< will never be sent
  acknowledge,    ///< the broker shows it working
  fill_partial,   ///< executions sum up to less than the order quantity
  fill_complete,  ///< ... to the order quantity or more
  cancel,
  reject,
  expire,
  hold,
  refill,      ///< correction, bust or larger order: its fills no longer add up to its quantity
  not_accept,  ///< proven never to have arrived
  refuse_id,   ///< the same, and it may be sent again under another id
  reopen,      ///< the broker shows it, or a copy of it, working after its end
  refuse,      ///< the broker's refusal of the placement, which its status words may precede
};
inline constexpr int trigger_count = 15;

enum class Judgement : std::uint8_t {
  moves,      ///< the state changes
  stays,      ///< nothing changes: stale, repeated, or irrelevant here
  anomalous,  ///< applied, and an incident is opened: the broker contradicts what was known
};

struct Transition {
  model::OrdStatus to;
  Judgement judgement;
};

Transition transition(model::OrdStatus from, Trigger trigger);
std::string_view name(Trigger trigger);

}  // namespace belay::core
