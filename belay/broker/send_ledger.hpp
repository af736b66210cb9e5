// SPDX-License-Identifier: Apache-2.0
// SendLedger: the last check before the socket. Orders that go out never exceed those that were
// decided: a new order's frame is written only for an intent that is durable, each intent once, and
// ids only increase where the broker wants that. The ledger counts both sides and knows no reasons.
// It stands where the frames are written, so no defect above it can pass. A restart begins with no
// open intent: what an earlier process intended is never written by this one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "belay/broker/capabilities.hpp"
#include "belay/model/ids.hpp"

namespace belay::broker {

class SendLedger {
 public:
  using Id = model::BrokerOrderId;

  explicit SendLedger(IdScheme ids = IdScheme::rising) : ids_(ids) {}

  void intended(const Id& id);
  void forget(const Id& id) { open_.erase(id); }

  /// Why a new order may not be written under this id; nothing when it may.
  std::optional<std::string> refusal(const Id& id) const;
  /// The same of a modification: the order's own frame must not be waiting still.
  std::optional<std::string> replace_refusal(const Id& id) const;
  void written(const Id& id);

  std::size_t open() const { return open_.size(); }
  std::uint64_t intended_total() const { return intended_total_; }
  std::uint64_t written_total() const { return written_total_; }

 private:
  IdScheme ids_;
  std::set<Id> open_;                             // durable and not written
  std::map<std::int32_t, std::int64_t> highest_;  // written, by session
  std::uint64_t intended_total_ = 0;
  std::uint64_t written_total_ = 0;
};

}  // namespace belay::broker
