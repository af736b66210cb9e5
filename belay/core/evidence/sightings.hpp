// SPDX-License-Identifier: Apache-2.0
// Sightings: what any report teaches of the order that it is about, whatever else it says: its
// names, its contract, ids that are taken, and that the broker contradicts what was known.
#pragma once

#include <string>

#include "belay/core/facts/order_machine.hpp"
#include "belay/core/step.hpp"

namespace belay::core {

/// The broker gave an order that was made by hand an id.
void on(const BrokerBound& bound, Step& step);
/// An order of others becomes known.
OrderId adopt(const BrokerNames& names, const OrderSpec& spec, const std::string& raw_ord_type,
              Step& step);
void learn_names(OrderId id, const BrokerNames& names, Step& step);
/// What the caller named by the number alone, or differently, has the broker's description.
void learn_contract(OrderId id, const Contract& shown, Step& step);
/// Ids that the broker shows under our session are taken, whoever used them.
void raise_floor(const BrokerNames& names, Step& step);
/// An id of ours under another tag: the tag decides, nothing is merged (semantics c.4 step 5).
void note_id_clash(const BrokerNames& names, Step& step);
void note_if_anomalous(OrderId id, Trigger trigger, const char* what, Step& step);
void note_overfill(OrderId id, bool was_over, Step& step);

}  // namespace belay::core
