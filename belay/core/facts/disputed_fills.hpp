// SPDX-License-Identifier: Apache-2.0
// Fills that were taken back or changed, and what a person is told when the broker's sums differ.
#pragma once

#include <string>

#include "belay/core/facts/order.hpp"

namespace belay::core {

/// A fill of it was busted or corrected. What the broker claims of such an order (a sum, an
/// average) may be from before or from after.
bool was_revised(const Order& order);
/// The subject of the incident.
std::string dispute_about(const Order& order);
/// The sums, and what they are made of: the same sums can come about anew.
std::string disputed_facts(const Order& order);

}  // namespace belay::core
