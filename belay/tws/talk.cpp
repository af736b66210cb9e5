// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/talk.hpp"

#include <chrono>
#include <utility>
#include <variant>

namespace belay::tws {
namespace {

bool ends_order(core::BrokerState state) {
  return state == core::BrokerState::canceled || state == core::BrokerState::rejected ||
         state == core::BrokerState::filled;
}

std::optional<std::pair<std::int32_t, std::int64_t>> name_of(const core::BrokerNames& names) {
  if (names.broker_id) return std::pair(names.broker_id->session, names.broker_id->number);
  if (names.permanent_id) return std::pair(std::int32_t{-1}, names.permanent_id->value());
  return std::nullopt;
}

}  // namespace

std::vector<core::Input> Talk::hear(const core::Input& input, base::Time now) {
  std::vector<core::Input> out = take(now);
  std::vector<core::Input> more;
  if (const auto* status = std::get_if<core::BrokerStatus>(&input)) {
    if (!ends_order(status->state)) {
      more = limit(&OfOrder::statuses, status->names, input);
    } else {
      forget_status(status->names);
      more.push_back(input);
    }
  } else if (const auto* notice = std::get_if<core::BrokerNotice>(&input)) {
    const bool ends_nothing =
        notice->verdict == core::Verdict::information || notice->verdict == core::Verdict::unlisted;
    if (ends_nothing) {
      more = limit(&OfOrder::notices, notice->names, input);
    } else {
      more.push_back(input);
    }
  } else {
    if (const auto* order = std::get_if<core::BrokerOrder>(&input)) {
      forget_status(order->names);
    } else if (std::holds_alternative<core::SnapshotDone>(input) ||
               std::holds_alternative<core::SessionDown>(input) ||
               std::holds_alternative<core::SessionUp>(input)) {
      // What was said before the end of a round or of the link is handled before it.
      for (core::Input& kept : take_all()) more.push_back(std::move(kept));
    }
    more.push_back(input);
  }
  for (core::Input& each : more) out.push_back(std::move(each));
  return out;
}

std::vector<core::Input> Talk::limit(Heard OfOrder::*kind, const core::BrokerNames& names,
                                     const core::Input& input) {
  const auto name = name_of(names);
  if (!name) return {input};
  auto found = orders_.find(*name);
  if (found == orders_.end()) {
    if (orders_.size() >= options_.orders_max) return {input};
    found = orders_.emplace(*name, OfOrder{}).first;
  }
  Heard& heard = found->second.*kind;
  if (++heard.count <= options_.at_once) return {input};
  heard.kept ? ++replaced_ : ++kept_;
  heard.kept = input;
  return {};
}

// What is newer passes now.
void Talk::forget_status(const core::BrokerNames& names) {
  const auto name = name_of(names);
  const auto found = name ? orders_.find(*name) : orders_.end();
  if (found == orders_.end() || !found->second.statuses.kept) return;
  found->second.statuses.kept.reset();
  --kept_;
  ++replaced_;
}

std::vector<core::Input> Talk::take_all() {
  std::vector<core::Input> out;
  for (auto& [name, order] : orders_) {
    for (Heard* heard : {&order.statuses, &order.notices}) {
      if (heard->kept) out.push_back(std::move(*std::exchange(heard->kept, std::nullopt)));
    }
  }
  kept_ = 0;
  return out;
}

std::vector<core::Input> Talk::take(base::Time now) {
  if (now < second_ends_) return {};
  second_ends_ = now + std::chrono::seconds(1);
  std::vector<core::Input> out = take_all();
  orders_.clear();
  return out;
}

}  // namespace belay::tws
