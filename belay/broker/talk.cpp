// SPDX-License-Identifier: Apache-2.0
#include "belay/broker/talk.hpp"

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

namespace belay::broker {
namespace {

bool ends_order(core::BrokerState state) {
  return state == core::BrokerState::canceled || state == core::BrokerState::rejected ||
         state == core::BrokerState::filled;
}

std::optional<core::BrokerOrderId> name_of(const core::BrokerNames& names) {
  if (names.broker_id) return names.broker_id;
  if (names.permanent_id) return core::BrokerOrderId{-1, names.permanent_id->value()};
  return std::nullopt;
}

}  // namespace

bool Talk::hear(const core::Input& input, base::Time now, std::vector<core::Input>& before) {
  if (now >= second_ends_) before = take(now);
  if (const auto* status = std::get_if<core::BrokerStatus>(&input)) {
    if (!ends_order(status->state)) return limit(Kind::status, status->names, input);
    forget_status(status->names);
  } else if (const auto* notice = std::get_if<core::BrokerNotice>(&input)) {
    const bool ends_nothing =
        notice->verdict == core::Verdict::information || notice->verdict == core::Verdict::unlisted;
    if (ends_nothing) return limit(Kind::notice, notice->names, input);
  } else if (const auto* order = std::get_if<core::BrokerOrder>(&input)) {
    forget_status(order->names);
  } else if (std::holds_alternative<core::SnapshotDone>(input) ||
             std::holds_alternative<core::SessionDown>(input) ||
             std::holds_alternative<core::SessionUp>(input)) {
    // What was said before the end of a round or of the link is handled before it.
    take_all(before);
  }
  return true;
}

bool Talk::limit(Kind kind, const core::BrokerNames& names, const core::Input& input) {
  const auto name = name_of(names);
  if (!name) return true;
  if (!orders_.contains(*name) && orders_.size() >= options_.orders_max) return true;
  Counts& counts = orders_.at_or_make(*name);
  unsigned& count = kind == Kind::status ? counts.statuses : counts.notices;
  if (++count <= options_.at_once) return true;
  if (!kept_.insert_or_assign({*name, kind}, input).second) ++replaced_;
  return false;
}

// What is newer passes now.
void Talk::forget_status(const core::BrokerNames& names) {
  if (kept_.empty()) return;
  const auto name = name_of(names);
  if (name && kept_.erase({*name, Kind::status}) != 0) ++replaced_;
}

void Talk::take_all(std::vector<core::Input>& out) {
  for (auto& [which, input] : kept_) out.push_back(std::move(input));
  kept_.clear();
}

std::vector<core::Input> Talk::take(base::Time now) {
  if (now < second_ends_) return {};
  second_ends_ = now + std::chrono::seconds(1);
  std::vector<core::Input> out;
  take_all(out);
  orders_.clear();
  return out;
}

}  // namespace belay::broker
