// SPDX-License-Identifier: Apache-2.0
// Broker order ids: one strictly increasing sequence per session, whoever asks. Ids are given when
// an order is sent; a block that a caller reserved lies in the same sequence, and its ids can be
// used until a later one was sent. Every id that is never sent is explained by one event
// (docs/decisions/0015-broker-ids.md).
#pragma once

#include <optional>
#include <string>

#include "belay/core/step.hpp"

namespace belay::core {

void on(const ReserveIds& command, Step& step);
void on(const ReleaseIds& command, Step& step);

/// What blocks still keep below `below` can no longer be sent by anybody.
void pass_blocks(std::int64_t below, const char* why, Step& step);
/// The broker takes nothing below `next` any more.
void lift_floor(std::int64_t next, const char* reason, Step& step);
/// True while orders with ids of their own wait for a block to be used.
bool blocks_hold(const Step& step);
/// When that may change by time alone.
base::Time blocks_deadline(const Book& book, std::int32_t session, base::Duration hold,
                           base::Time now);
/// Why an id that the caller chose cannot be used now; nothing when it can.
std::optional<base::Error> broken_import(const OrderSpec& spec, const std::string& who,
                                         const Step& step);
/// Refuses a new order for what can be known about its id now. True when it was answered.
bool refuse_ids(const PlaceOrder& command, const OrderSpec& spec, Step& step);
/// The id of an order that is sent now. What it passes is recorded before.
base::Result<std::int64_t> take_number(OrderId id, Step& step);

}  // namespace belay::core
