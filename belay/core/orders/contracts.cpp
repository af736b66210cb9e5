// SPDX-License-Identifier: Apache-2.0
// Orders that name their contract by number and in words wait, before they are accepted, until the
// broker has said what the number means. Nothing of them is recorded meanwhile.
#include <fmt/format.h>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

// True when the command was answered, or waits for the broker's word.
bool Core::check_contract(const PlaceOrder& command) {
  const Contract& contract = command.spec.contract;
  if (!is_named_twice(contract) || base::defect(Defect::contract_unchecked)) return false;
  if (phase_ != Phase::ready) {
    reply(command.correlation, ReplyCode::not_ready, {},
          fmt::format("the broker cannot be asked now whether contract number {} is what the "
                      "request says: name the contract one way, or retry when ready",
                      contract.con_id));
    return true;
  }
  if (const auto known = contracts_.told.find(contract.con_id); known != contracts_.told.end()) {
    auto errors = contradictions(contract, known->second);
    if (errors.empty()) return false;
    std::string text = errors.front().detail;
    reply(command.correlation, ReplyCode::invalid, {}, std::move(text), std::move(errors));
    return true;
  }
  if (contracts_.waiting() >= ContractNames::waiting_max) {
    reply(command.correlation, ReplyCode::queue_full, {},
          "too many orders wait for the broker to say what their contract numbers mean");
    return true;
  }
  const auto [question, is_new] = contracts_.asked.try_emplace(contract.con_id);
  if (is_new) {
    question->second.until = context_.now + ContractNames::patience;
    effect(ContractEffect{contract.con_id});
  }
  question->second.orders.push_back(command);
  return true;
}

void Core::on(const ContractTold& told) {
  if (contracts_.told.size() >= ContractNames::kept_max) contracts_.told.clear();
  // "Unknown" may be over tomorrow, when the exchange has listed it.
  if (!told.meanings.empty()) contracts_.told[told.con_id] = told;
  auto question = contracts_.asked.extract(told.con_id);
  if (question.empty()) return;
  for (const PlaceOrder& order : question.mapped().orders) {
    if (!told.meanings.empty()) {
      on(order);
      continue;
    }
    auto errors = contradictions(order.spec.contract, told);
    std::string text = errors.front().detail;
    reply(order.correlation, ReplyCode::invalid, {}, std::move(text), std::move(errors));
  }
}

// No order waits without an end: the link is gone, or the broker does not say it.
void Core::end_contract_questions() {
  for (auto it = contracts_.asked.begin(); it != contracts_.asked.end();) {
    if (phase_ == Phase::ready && context_.now < it->second.until) {
      ++it;
      continue;
    }
    for (const PlaceOrder& order : it->second.orders) {
      reply(order.correlation, ReplyCode::not_ready, {},
            fmt::format("the broker has not said what contract number {} means: nothing was sent",
                        it->first));
    }
    it = contracts_.asked.erase(it);
  }
}

}  // namespace belay::core
