// SPDX-License-Identifier: Apache-2.0
// What a recorded client sent, as requests of the text protocol. Fields of protobuf requests are
// the same words; a contract that the simulated market lists under another number is named by its
// symbol.
#pragma once

#include <optional>

#include "belay/simtws/market.hpp"
#include "belay/tws/wire/messages.hpp"
#include "tests/conformance/recording.hpp"

namespace belay::conformance {

/// Also of an openOrder: the order that would be echoed so. `transmit` where the message does not
/// say.
tws::wire::Order order_of(const Message& message, bool transmit);
tws::wire::Contract contract_of(const Message& message, const simtws::Market& market);

/// Nothing for a request that has no part in the life of orders.
std::optional<tws::wire::ClientMessage> request_of(const Message& message, bool transmit,
                                                   const simtws::Market& market);

}  // namespace belay::conformance
