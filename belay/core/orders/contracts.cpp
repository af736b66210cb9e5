// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/contracts.hpp"

#include <fmt/format.h>

#include "belay/base/defects.hpp"
#include "belay/core/orders/desk.hpp"

namespace belay::core {

using base::Defect;

bool Contracts::check(const PlaceOrder& command, Step& step) {
  const Contract& contract = command.spec->contract;
  if (!is_named_twice(contract) || base::defect(Defect::contract_unchecked)) return false;
  if (step.link().phase != Phase::ready) {
    step.reply(command.correlation, ReplyCode::not_ready, {},
               fmt::format("the broker cannot be asked now whether contract number {} is what the "
                           "request says: name the contract one way, or retry when ready",
                           contract.con_id));
    return true;
  }
  if (const auto known = names_.told.find(contract.con_id); known != names_.told.end()) {
    auto errors = contradictions(contract, known->second);
    if (errors.empty()) return false;
    std::string text = errors.front().detail;
    step.reply(command.correlation, ReplyCode::invalid, {}, std::move(text), std::move(errors));
    return true;
  }
  if (names_.waiting() >= ContractNames::waiting_max) {
    step.reply(command.correlation, ReplyCode::queue_full, {},
               "too many orders wait for the broker to say what their contract numbers mean");
    return true;
  }
  const auto [question, is_new] = names_.asked.try_emplace(contract.con_id);
  if (is_new) {
    question->second.until = step.now() + ContractNames::patience;
    step.effect(ContractEffect{contract.con_id});
  }
  question->second.orders.push_back(command);
  return true;
}

void Contracts::on(const ContractTold& told, Step& step) {
  if (names_.told.size() >= ContractNames::kept_max) names_.told.clear();
  // "Unknown" may be over tomorrow, when the exchange has listed it.
  if (!told.meanings.empty()) names_.told[told.con_id] = told;
  auto question = names_.asked.extract(told.con_id);
  if (question.empty()) return;
  for (const PlaceOrder& order : question.mapped().orders) {
    if (!told.meanings.empty()) {
      core::on(order, *this, step);
      continue;
    }
    auto errors = contradictions(order.spec->contract, told);
    std::string text = errors.front().detail;
    step.reply(order.correlation, ReplyCode::invalid, {}, std::move(text), std::move(errors));
  }
}

// No order waits without an end: the link is gone, or the broker does not say it.
void Contracts::end_questions(Step& step) {
  for (auto it = names_.asked.begin(); it != names_.asked.end();) {
    if (step.link().phase == Phase::ready && step.now() < it->second.until) {
      ++it;
      continue;
    }
    for (const PlaceOrder& order : it->second.orders) {
      step.reply(
          order.correlation, ReplyCode::not_ready, {},
          fmt::format("the broker has not said what contract number {} means: nothing was sent",
                      it->first));
    }
    it = names_.asked.erase(it);
  }
}

}  // namespace belay::core
