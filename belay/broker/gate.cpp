// SPDX-License-Identifier: Apache-2.0
#include "belay/broker/gate.hpp"

namespace belay::broker {

void Gate::attach(Broker& broker) {
  broker_ = &broker;
  ledger_ = SendLedger(broker.capabilities().ids);
}

bool Gate::opens(std::optional<std::string> refusal, bool passes_halt, std::size_t frames) {
  if (refusal) alarm_ = std::move(refusal);
  const bool open = !alarm_ && (!closed_ || passes_halt);
  for (std::size_t i = 0; !open && i < frames; ++i) broker_->unreserve();
  return open;
}

bool Gate::place(const core::PlaceEffect& effect, base::Time now) {
  if (!opens(ledger_.refusal(effect.broker_id), effect.passes_halt, 1)) return false;
  if (!broker_->place(effect, now)) return false;
  ledger_.written(effect.broker_id);
  return true;
}

bool Gate::replace(const core::ReplaceEffect& effect, base::Time now) {
  if (!opens(ledger_.replace_refusal(effect.broker_id), effect.passes_halt, 1)) return false;
  return broker_->replace(effect, now);
}

bool Gate::place_family(const core::PlaceFamilyEffect& effect, base::Time now) {
  std::optional<std::string> refusal;
  bool passes_halt = true;
  for (const core::PlaceEffect& each : effect.orders) {
    if (!refusal) refusal = ledger_.refusal(each.broker_id);
    passes_halt = passes_halt && each.passes_halt;
  }
  if (!opens(std::move(refusal), passes_halt, effect.orders.size())) return false;
  if (!broker_->place_family(effect, now)) return false;
  for (const core::PlaceEffect& each : effect.orders) ledger_.written(each.broker_id);
  return true;
}

}  // namespace belay::broker
