// SPDX-License-Identifier: Apache-2.0
// When a recorded message and one of the simulated TWS are the same: by name and by the fields that
// matter to a client, after the few normalisations below. Numbers are equal to 1e-6, permanent ids
// are those of the same order, the token in error 321 differs between builds of the gateway.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/conformance/recording.hpp"

namespace belay::conformance {

/// True for the kinds of messages that a replay compares; farm notices are none of them.
bool is_compared(const Message& message);
bool is_farm_notice(const Message& message);

/// Compares one side of a replay with the other.
class Comparer {
 public:
  /// Of a curated recording only what a message has is compared; of an exact one a field that is
  /// not there is empty.
  explicit Comparer(const Recording& recording);

  bool same(const Message& recorded, const Message& ours) const;
  /// Learns which permanent id is which order's.
  void learn(const Message& message, bool is_ours);
  /// What a repeat of the message must have in common with it.
  std::string print(const Message& message) const;
  /// One line for a person: the name and the compared fields that are not empty.
  std::string describe(const Message& message, bool is_ours) const;

 private:
  std::vector<std::string> fields(const Message& message) const;
  std::string value(const Message& message, const std::string& field, bool is_ours) const;

  bool curated_ = false;
  std::map<std::string, std::map<std::string, bool>> recorded_;  // by name: fields that occur
  std::map<std::string, std::string> ours_;                      // permanent id -> "perm of 477"
  std::map<std::string, std::string> theirs_;
};

}  // namespace belay::conformance
