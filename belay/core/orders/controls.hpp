// SPDX-License-Identifier: Apache-2.0
// Controls: what stands in front of new risk. Halts, the session, the disk, the queue's limits, the
// accounts, the number of open orders. Cancels never come here, and protection passes everything
// but a missing session.
#pragma once

#include <optional>
#include <string>

#include "belay/core/step.hpp"

namespace belay::core {

struct Refusal {
  ReplyCode code;
  std::string text;
};

void on(const Halt& command, Step& step);
void on(const Resume& command, Step& step);
/// Halts; nothing when it is halted already.
void stop_new_risk(std::string reason, std::string principal, Step& step);
std::string halt_text(const Step& step);

/// Why `orders` new orders of this lane are not taken now. Nothing is recorded then, so the caller
/// may ask again with the same key.
std::optional<Refusal> refusal_of(Lane lane, const std::string& principal, std::size_t orders,
                                  bool may_wait, const Step& step);
std::optional<base::Error> risk_refusal(const OrderSpec& spec, const Step& step);
/// IB refuses more than 20 (error 201); every order that is open there counts, whoever sent it.
std::optional<base::Error> too_many_open(const OrderSpec& spec, const Step& step);
/// What MAX_ORDERS_PER_CONTRACT says to an order that would be one too many.
std::string limit_text(std::size_t open, std::size_t unsent = 0);

}  // namespace belay::core
