// SPDX-License-Identifier: Apache-2.0
#include "belay/broker/send_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"

namespace belay::broker {

void SendLedger::intended(const Id& id) {
  open_.insert(id);
  ++intended_total_;
}

std::optional<std::string> SendLedger::refusal(const Id& id) const {
  const auto highest = highest_.find(id.session);
  const bool rises = ids_ == IdScheme::rising;
  if (rises && highest != highest_.end() && id.number <= highest->second) {
    return fmt::format("order {} of session {} was written already, or is below {}, which was",
                       id.number, id.session, highest->second);
  }
  if (!open_.contains(id)) {
    return fmt::format("order {} of session {} has no durable intent", id.number, id.session);
  }
  return std::nullopt;
}

std::optional<std::string> SendLedger::replace_refusal(const Id& id) const {
  if (!open_.contains(id)) return std::nullopt;
  return fmt::format("a modification of order {} of session {}, which was not written yet",
                     id.number, id.session);
}

void SendLedger::written(const Id& id) {
  BELAY_CHECK(open_.erase(id) == 1);
  std::int64_t& highest = highest_[id.session];
  highest = std::max(highest, id.number);
  ++written_total_;
  BELAY_CHECK(written_total_ <= intended_total_);
}

}  // namespace belay::broker
