// SPDX-License-Identifier: Apache-2.0
// Contracts: orders that name their contract by number and in words wait, before they are accepted,
// until the broker has said what the number means. Nothing of them is recorded meanwhile.
#pragma once

#include "belay/core/orders/contract_names.hpp"
#include "belay/core/step.hpp"

namespace belay::core {

class Contracts {
 public:
  base::Time next_deadline() const { return names_.next_deadline(); }
  /// True when the command was answered, or waits for the broker's word.
  bool check(const PlaceOrder& command, Step& step);
  void on(const ContractTold& told, Step& step);
  void end_questions(Step& step);

 private:
  ContractNames names_;
};

}  // namespace belay::core
