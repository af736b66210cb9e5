// SPDX-License-Identifier: Apache-2.0
// Findings: what a round's answers changed, in the words of S1.62. A difference between our book
// and the broker's lists shows as the event that takes it away, so each is read off that event.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "belay/core/asks/effect.hpp"
#include "belay/core/facts/book.hpp"

namespace belay::core {

/// `book` is as it was before the event. Nothing when the event takes no difference away.
std::optional<Finding> finding_of(const Book& book, const Event& event);

/// The differences that the answers of the poll under way took away.
struct FindingLog {
  bool listing = false;  ///< the input answers a question of ours
  std::vector<Finding> named = {};
  std::uint64_t count = 0;                           ///< of this poll, those not named too
  std::map<std::string, std::uint64_t> totals = {};  ///< of this process, by kind

  /// Before the event is applied. At most `named_max` are named.
  void note(const Book& book, const Event& event, std::size_t named_max);
  void forget() {
    named.clear();
    count = 0;
  }
};

}  // namespace belay::core
