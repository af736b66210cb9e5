// SPDX-License-Identifier: Apache-2.0
// Gate: the last check before the socket, around whatever broker. It hands over no new order
// without a durable intent, none twice, and no new risk while it is closed. It is told of intents
// and knows nothing of why, so a defect anywhere above it cannot pass, and no adapter can forget
// it: the engine speaks to its broker through one.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "belay/broker/broker.hpp"
#include "belay/broker/send_ledger.hpp"

namespace belay::broker {

class Gate {
 public:
  void attach(Broker& broker);

  // ---- frames of orders: false when not one byte left; their slots are free again ----
  bool place(const core::PlaceEffect& effect, base::Time now);
  bool replace(const core::ReplaceEffect& effect, base::Time now);
  bool place_family(const core::PlaceFamilyEffect& effect, base::Time now);

  /// The intent of this id is durable: its frame may be written, once.
  void intended(const core::BrokerOrderId& id) { ledger_.intended(id); }
  /// ... and will not be: the frame was taken back.
  void forget(const core::BrokerOrderId& id) { ledger_.forget(id); }
  /// Closed: no frame leaves but what passes a halt. Cancels do not come here.
  void close(bool closed) { closed_ = closed; }
  bool closed() const { return closed_; }
  /// Why a frame was refused that should never have come; told once. Nothing leaves until then.
  std::optional<std::string> take_alarm() { return std::exchange(alarm_, std::nullopt); }

  const SendLedger& ledger() const { return ledger_; }

 private:
  bool opens(std::optional<std::string> refusal, bool passes_halt, std::size_t frames);

  Broker* broker_ = nullptr;
  SendLedger ledger_;
  bool closed_ = false;
  std::optional<std::string> alarm_;
};

}  // namespace belay::broker
