// SPDX-License-Identifier: Apache-2.0
// Guarantees 1, 2 and 3: one key one order, no id twice and none lost without a reason, nothing
// that was answered is gone.
#include <fmt/format.h>

#include <algorithm>

#include "tests/judge/facts.hpp"

namespace belay::judging {
namespace {

// One tag, one id; another one only after the broker had refused the first as used (103). A repeat
// of an id only when the caller asked for a change.
void once_each(const Evidence& evidence, const Facts& facts, Findings& out) {
  std::map<std::string, std::vector<long>> ids;
  for (const Frame& placed : facts.placements) ids[placed.tag].push_back(placed.order_id);
  for (const auto& [tag, used] : ids) {
    const auto alive = std::count_if(used.begin(), used.end(), [&](long id) {
      return !facts.refused_ids.contains({evidence.client, id});
    });
    if (alive > 1) out.push_back(fmt::format("{} was sent under {} ids", tag, used.size()));
  }
  std::map<std::string, bool> may_change;
  for (const auto& record : evidence.records) may_change[record.order_id] = record.asked_modify;
  for (const auto& [tag, times] : facts.repeats) {
    if (!may_change[order_of(tag)]) {
      out.push_back(
          fmt::format("{} was sent {} more times and nobody asked for a change", tag, times));
    }
  }
  std::map<std::string, std::set<std::string>> orders_of_key;
  for (const auto& [id, ours] : facts.ours) {
    if (!ours.key.empty()) orders_of_key[ours.key].insert(id);
  }
  for (const auto& [key, orders] : orders_of_key) {
    if (orders.size() > 1) out.push_back(fmt::format("key {} has {} orders", key, orders.size()));
  }
}

void ids_increase(const Facts& facts, Findings& out) {
  long last = 0;
  for (const Frame& placed : facts.placements) {
    if (placed.order_id <= last) {
      out.push_back(
          fmt::format("id {} of client {} came after {}", placed.order_id, placed.client, last));
    }
    last = placed.order_id;
  }
}

// Between the first and the last id each was sent, was intended (and the order says what became of
// it), or was skipped with a reason.
void every_hole_has_a_reason(const Evidence& evidence, const Facts& facts, Findings& out) {
  if (evidence.events.empty() || facts.intended.empty()) return;
  std::set<long> used;
  for (const Frame& placed : facts.placements) used.insert(placed.order_id);
  const auto is_explained = [&](long id) {
    return std::any_of(facts.explained.begin(), facts.explained.end(),
                       [&](const Id& gap) { return id >= gap.from && id < gap.to; });
  };
  long missing = 0;
  long first_missing = 0;
  for (long id = facts.intended.begin()->first; id < facts.intended.rbegin()->first; ++id) {
    if (used.contains(id) || facts.intended.contains(id) || is_explained(id)) continue;
    if (missing++ == 0) first_missing = id;
  }
  if (missing > 0) {
    out.push_back(fmt::format("{} ids were skipped without a reason, the first is {}", missing,
                              first_missing));
  }
}

void nothing_acknowledged_is_lost(const Evidence& evidence, const Facts& facts, Findings& out) {
  for (const auto& record : evidence.records) {
    if (!record.yes) {
      if (!record.refused) out.push_back(fmt::format("{} never got an answer", record.key));
      continue;
    }
    const auto ours = facts.ours.find(record.order_id);
    if (ours == facts.ours.end() || ours->second.key != record.key) {
      out.push_back(
          fmt::format("{} was told yes (order {}) and is gone", record.key, record.order_id));
    }
  }
}

void nothing_left_undurable(const Facts& facts, Findings& out) {
  std::map<std::string, long> last;
  for (const Frame& placed : facts.placements) last[placed.tag] = placed.order_id;
  for (const auto& [tag, id] : last) {
    const auto ours = facts.ours.find(order_of(tag));
    if (ours == facts.ours.end()) {
      out.push_back(fmt::format("{} reached the broker and is not in the journal", tag));
    } else if (ours->second.broker_id != std::to_string(id)) {
      out.push_back(fmt::format("{} was sent under id {}, the daemon says {}", tag, id,
                                ours->second.broker_id));
    }
  }
}

}  // namespace

void check_identity(const Evidence& evidence, const Facts& facts, Findings& out) {
  once_each(evidence, facts, out);
  ids_increase(facts, out);
  every_hole_has_a_reason(evidence, facts, out);
  nothing_acknowledged_is_lost(evidence, facts, out);
  nothing_left_undurable(facts, out);
}

}  // namespace belay::judging
