// SPDX-License-Identifier: Apache-2.0
// What a replay takes out of a recording before it begins, and nothing else: which client had which
// connection and order, the time of day, the prices at which the market stood and filled, and the
// habits in which recordings contradict each other (the first state of an order, PendingCancel at a
// cancel, cancels across clients, an elected trailing stop). Everything else the simulated TWS has
// to know by itself.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "belay/simtws/options.hpp"
#include "tests/conformance/recording.hpp"

namespace belay::conformance {

/// One connection: the messages from `begin` up to `end`.
struct Leg {
  std::size_t begin = 0;
  std::size_t end = 0;
  int client = 1;
  std::optional<int> next_id;  ///< the recorded nextValidId; nothing when the burst is not recorded
  std::vector<std::size_t> waiting;  ///< first openOrder of each order that it found at connecting
};

struct Derived {
  simtws::Options options;
  base::Time began;
  bool in_hours = true;
  std::vector<Leg> legs;
  /// By the index of the placeOrder, or of the first openOrder when the placement is not recorded.
  std::map<std::size_t, simtws::Rule> rules;
  std::map<std::size_t, std::string> prices;  ///< of the market, before the message is sent
  std::map<std::size_t, bool> transmits;      ///< of placements that do not say
  /// Index of the message before which an order of an unread part is placed -> its openOrder.
  std::map<std::size_t, std::size_t> unread;
  /// Orders that ended before the recording begins; nothing about them is compared.
  std::set<int> foreign;
};

Derived derive(const Recording& recording);

/// The order that the message is about: 0 for none.
int order_of_message(const Message& message, const std::map<std::string, int>& executions);

}  // namespace belay::conformance
