// SPDX-License-Identifier: Apache-2.0
// A contract that is named twice: by the broker's number, and in words. The wire follows the
// number, so if the words say something else the caller reads one contract and buys another. What
// the broker says the number means is compared before anything leaves.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "belay/core/asks/input.hpp"

namespace belay::core {

/// True when the contract has a number and words beside it that could contradict the number.
bool is_named_twice(const Contract& contract);
/// Each field of the request that the broker's description contradicts; the closest of several
/// meanings counts. Empty: they agree.
std::vector<base::Error> contradictions(const Contract& asked, const ContractTold& told);

/// What numbers mean, as the broker told in this process, and the orders that wait to know it.
struct ContractNames {
  static constexpr std::size_t kept_max = 10'000;    ///< numbers; then they are asked for anew
  static constexpr std::size_t waiting_max = 1'000;  ///< orders
  static constexpr base::Duration patience = std::chrono::seconds(10);

  struct Question {
    base::Time until;
    std::vector<PlaceOrder> orders;
  };
  std::map<std::int64_t, ContractTold> told;
  std::map<std::int64_t, Question> asked;

  std::size_t waiting() const;
  base::Time next_deadline() const;
};

}  // namespace belay::core
