// SPDX-License-Identifier: Apache-2.0
#include "belay/views/live_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/json_writer.hpp"
#include "belay/core/facts/event_encoding.hpp"

namespace belay::views {

std::string to_json(const core::StampedEvent& event) {
  return core::event_json(event);
}

void LiveView::publish(const core::StampedEvent& event) {
  const auto* archived = std::get_if<core::OrderArchived>(&event.event);
  if (archived != nullptr && archive_listener_) {
    const core::Order* order = book_.find(archived->order);
    if (order != nullptr) archive_listener_(*order, event.seq);
  }
  book_.apply(event);
  if (std::holds_alternative<core::SyncCompleted>(event.event)) synced_ = true;
  if (std::holds_alternative<core::SessionChanged>(event.event) ||
      std::holds_alternative<core::DaemonStarted>(event.event)) {
    synced_ = false;
  }
  keep(event);
  for (const auto& listener : listeners_) listener(events_.back());
}

void LiveView::keep(const core::StampedEvent& event) {
  if (events_.size() >= events_kept_max_) events_.pop_front();
  events_.emplace_back(event);
}

const EventLine* LiveView::event(std::uint64_t seq) const {
  if (events_.empty() || seq < events_.front().seq() || seq > events_.back().seq()) return nullptr;
  return &events_[static_cast<std::size_t>(seq - events_.front().seq())];
}

// A link that is away tells nothing, and one that begins anew has yet to tell all.
void LiveView::set_link(core::LinkStatus link) {
  const bool anew = link.phase == "syncing" && link_.phase != "syncing";
  link_ = std::move(link);
  if (link_.connected && !anew) return;
  for (ListState& list : lists_) {
    if (list.told == Told::now) list.told = Told::earlier;
  }
}

void LiveView::set_told(const model::ListTold& told) {
  ListState& list = lists_.at(static_cast<std::size_t>(told.list));
  // News of it could not be read.
  if (!told.complete) list.complete = false;
  if (!told.ended && !told.complete) return;
  list.words = told.words;
  if (!told.ended) return;
  list.told = Told::now;
  list.as_of = std::max(list.as_of, told.as_of);
  list.complete = told.complete;
}

void LiveView::set_position(const core::Position& position) {
  const auto& c = position.contract;
  const std::string contract =
      c.con_id != 0 ? fmt::format("{}", c.con_id)
                    : fmt::format("{}/{}/{}", c.symbol, name(c.sec_type), c.currency);
  const auto key = std::pair{position.account.value(), contract};
  // The broker reports a closed position once, as zero.
  if (position.quantity && position.quantity->is_zero()) {
    positions_.erase(key);
  } else {
    positions_.insert_or_assign(key, position);
  }
}

void LiveView::set_account_value(const core::AccountValue& value) {
  account_values_.insert_or_assign({value.account.value(), value.tag, value.currency}, value);
}

std::vector<core::Position> LiveView::positions() const {
  std::vector<core::Position> out;
  for (const auto& [key, position] : positions_) out.push_back(position);
  return out;
}

std::vector<core::AccountValue> LiveView::account_values() const {
  std::vector<core::AccountValue> out;
  for (const auto& [key, value] : account_values_) out.push_back(value);
  return out;
}

}  // namespace belay::views
