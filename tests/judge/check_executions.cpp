// SPDX-License-Identifier: Apache-2.0
// Guarantee 4: the broker's executions, of all clients, each once, at its last revision; and the
// positions that follow from them.
#include <fmt/format.h>

#include <algorithm>

#include "tests/judge/facts.hpp"

namespace belay::judging {
namespace {

struct Theirs {
  std::string tag;
  long shares = 0;
};

// The broker's own book where it is known, else what its log told.
std::map<std::string, Theirs> their_executions(const Facts& facts) {
  std::map<std::string, Theirs> out;
  if (facts.has_book) {
    for (const auto& [exec_id, e] : facts.book_at_end.executions) {
      if (e.shares != 0) out[exec_id] = {e.tag, e.shares};
    }
  } else {
    for (const auto& [base, told] : facts.told) {
      if (told.shares != 0) out[told.exec_id] = {told.tag, told.shares};
    }
  }
  return out;
}

// A day ended at the broker, and its lists with it: fills, corrections and busts of which our
// client was not told before may be missing; no more than those, and none that was told.
bool may_lack(const Facts& facts, const OurOrder& ours, long truth) {
  long told = 0;
  for (const auto& [base, one] : facts.told) {
    if (order_of(one.tag) == ours.id) told += one.shares;
  }
  return ours.filled >= std::min(told, truth) && ours.filled <= std::max(told, truth);
}

}  // namespace

void check_executions(const Evidence& evidence, const Facts& facts, Findings& out) {
  const auto theirs = their_executions(facts);
  std::map<std::string, std::pair<std::string, long>> recorded;  // execution -> order, shares
  for (const auto& [id, ours] : facts.ours) {
    for (const auto& [exec_id, shares] : ours.fills) {
      if (recorded.contains(exec_id)) {
        out.push_back(fmt::format("execution {} is recorded twice", exec_id));
      }
      recorded[exec_id] = {id, shares};
    }
  }
  std::map<std::string, long> filled;
  for (const auto& [exec_id, their] : theirs) {
    const std::string order = order_of(their.tag);
    filled[order] += their.shares;
    const auto ours = recorded.find(exec_id);
    if (ours == recorded.end()) {
      // What was never told and no list tells after the day's end is not known to anybody here.
      const auto told = facts.told.find(without_revision(exec_id));
      const bool was_told = told != facts.told.end() && told->second.exec_id == exec_id;
      if (evidence.saw_all_days || was_told) {
        out.push_back(fmt::format("execution {} of \"{}\" is missing", exec_id, their.tag));
      }
      continue;
    }
    if (!order.empty() && facts.ours.contains(order) && ours->second.first != order) {
      out.push_back(fmt::format("execution {} of {} is recorded with order {}", exec_id, their.tag,
                                ours->second.first));
    }
    if (ours->second.second != their.shares) {
      out.push_back(fmt::format("execution {} counts {} shares, the broker says {}", exec_id,
                                ours->second.second, their.shares));
    }
  }
  for (const auto& [exec_id, ours] : recorded) {
    if (theirs.contains(exec_id)) continue;
    if (!evidence.saw_all_days) continue;  // inferred ones have ids of our own
    out.push_back(fmt::format("execution {} is recorded and the broker does not know it", exec_id));
  }
  for (const auto& [id, ours] : facts.ours) {
    if (ours.flags.contains("external") || ours.filled == filled[id]) continue;
    if (!evidence.saw_all_days && may_lack(facts, ours, filled[id])) continue;
    out.push_back(
        fmt::format("order {} is filled {}, the broker says {}", id, ours.filled, filled[id]));
  }
  if (facts.has_book && !evidence.positions.empty() &&
      facts.positions != facts.book_at_end.positions) {
    std::string differ;
    for (const auto& [what, shares] : facts.book_at_end.positions) {
      const auto ours = facts.positions.find(what);
      const long said = ours == facts.positions.end() ? 0 : ours->second;
      if (said != shares) differ += fmt::format(" {}: {} here, {} there;", what, said, shares);
    }
    for (const auto& [what, shares] : facts.positions) {
      if (!facts.book_at_end.positions.contains(what)) {
        differ += fmt::format(" {}: {} here, none there;", what, shares);
      }
    }
    out.push_back("positions differ:" + differ);
  }
}

}  // namespace belay::judging
