// SPDX-License-Identifier: Apache-2.0
// Guarantee 6: an order ends known (equal to the broker's state), or is shown as unknown with the
// reason; and guarantee 9: a restart changes nothing of it.
#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/judge/facts.hpp"

namespace belay::judging {
namespace {

bool is_working(const std::string& theirs) {
  return theirs == "Submitted" || theirs == "PreSubmitted";
}

bool agree(const std::string& ours, const std::string& theirs) {
  const bool canceled = theirs == "Cancelled" || theirs == "ApiCancelled";
  return (theirs == "Filled" && ours == "Filled") ||
         (canceled && (ours == "Cancelled" || ours == "Filled")) ||
         (theirs == "Inactive" && (ours == "Inactive" || ours == "Cancelled")) ||
         (is_working(theirs) &&
          (ours == "Submitted" || ours == "PreSubmitted" || ours == "PartiallyFilled" ||
           ours == "PendingCancel" || ours == "Filled")) ||
         theirs == "PendingCancel" || theirs == "PendingSubmit";
}

void compare(const std::string& tag, const OurOrder& ours, const std::string& theirs,
             Findings& out) {
  if (!agree(ours.status, theirs)) {
    out.push_back(fmt::format("{} is {} here and {} at the broker", tag, ours.status, theirs));
  }
  if (is_working(theirs) && ours.status == "PendingCancel") {
    out.push_back(fmt::format("{} still works at the broker and its cancel is forgotten", tag));
  }
}

// A filled order of which the broker took a fill back: it stays done there, under the word that it
// had, and here it ends with less than was ordered.
bool taken_back(const Facts& facts, const std::string& id) {
  for (const auto& [exec, told] : facts.told) {
    if (told.shares == 0 && order_of(told.tag) == id) return true;
  }
  for (const TheirBook* book : {&facts.book_at_end, &facts.book}) {
    for (const auto& [exec, fill] : book->executions) {
      if (fill.shares == 0 && order_of(fill.tag) == id) return true;
    }
  }
  return false;
}
bool is_rest_of_bust(const Facts& facts, const OurOrder& ours, const std::string& theirs) {
  return theirs == "Filled" && ours.status == "Cancelled" && taken_back(facts, ours.id);
}

using Orders = std::map<std::string, OurOrder>;

// With the broker's log alone: the last word about each order that came to it.
void against_the_log(const Facts& facts, const Orders& orders,
                     const std::map<std::pair<std::string, long>, std::string>& statuses,
                     const std::map<std::string, std::string>& completed, Findings& out) {
  for (const Frame& placed : facts.placements) {
    const auto ours = orders.find(order_of(placed.tag));
    if (ours == orders.end() || ours->second.outcome == "unknown") continue;
    const auto last = statuses.find({placed.client, placed.order_id});
    if (last == statuses.end()) continue;
    // What ended while nobody was connected is told by the list of completed orders alone.
    const auto listed = completed.find(placed.tag);
    const std::string& word = listed == completed.end() ? last->second : listed->second;
    if (!is_rest_of_bust(facts, ours->second, word)) compare(placed.tag, ours->second, word, out);
  }
}

// With the broker's book: what is, whether it was told or not. Several copies of one tag are one
// order; it works while one of them does.
void against_the_book(const Evidence& evidence, const Facts& facts, const Orders& orders,
                      const TheirBook& book, Findings& out) {
  std::map<std::string, std::vector<const BookOrder*>> copies;
  for (const BookOrder& order : book.orders) {
    if (!order.tag.empty()) copies[order_of(order.tag)].push_back(&order);
  }
  for (const auto& [id, ours] : orders) {
    if (ours.flags.contains("external") || ours.outcome == "unknown") continue;
    const auto theirs = copies.find(id);
    if (theirs == copies.end()) continue;
    const BookOrder* last = theirs->second.back();
    for (const BookOrder* copy : theirs->second) {
      if (copy->live) last = copy;
    }
    if (facts.not_accepted.contains(id) && ours.ord_status == "not_accepted") {
      out.push_back(fmt::format("order {} was declared not accepted and the broker has it", id));
    }
    // One that filled and one that was canceled, say: either word is true.
    if (theirs->second.size() > 1 && !last->live) continue;
    if (is_rest_of_bust(facts, ours, last->status)) continue;
    compare(fmt::format("order {}", id), ours, last->status, out);
  }
  static_cast<void>(evidence);
}

void unknown_has_a_reason(const Evidence& evidence, const Facts& facts, Findings& out) {
  if (evidence.events.empty()) return;
  for (const auto& [id, ours] : facts.ours) {
    if (ours.outcome != "unknown") continue;
    const auto reason = facts.unknown_reason.find(id);
    if (reason == facts.unknown_reason.end() || reason->second.empty()) {
      out.push_back(fmt::format("order {} is unknown and no event says why", id));
    }
  }
}

void restart_changes_nothing(const Evidence& evidence, Findings& out) {
  if (evidence.orders_after_restart.empty()) return;
  rapidjson::Document before;
  rapidjson::Document after;
  before.Parse(evidence.orders.c_str());
  after.Parse(evidence.orders_after_restart.c_str());
  if (!before.IsArray() || !after.IsArray() || before.Size() != after.Size()) {
    out.emplace_back("the list of orders differs after a restart");
    return;
  }
  const auto text = [](const rapidjson::Value& order, const char* name) {
    return order.HasMember(name) && order[name].IsString() ? std::string(order[name].GetString())
                                                           : std::string();
  };
  for (rapidjson::SizeType i = 0; i < before.Size(); ++i) {
    for (const char* name : {"order_id", "client_order_id", "broker_order_id", "filled",
                             "avg_fill_price", "total_quantity", "limit_price"}) {
      if (text(before[i], name) != text(after[i], name)) {
        out.push_back(fmt::format("order {}: {} was {} and is {} after a restart",
                                  text(before[i], "order_id"), name, text(before[i], name),
                                  text(after[i], name)));
      }
    }
  }
}

}  // namespace

void check_states(const Evidence& evidence, const Facts& facts, Findings& out) {
  if (facts.has_book) {
    against_the_book(evidence, facts, facts.ours, facts.book_at_end, out);
    against_the_book(evidence, facts, facts.ours_last, facts.book, out);
  } else {
    against_the_log(facts, facts.ours, facts.status_at_end, facts.completed_at_end, out);
    against_the_log(facts, facts.ours_last, facts.status, facts.completed, out);
  }
  unknown_has_a_reason(evidence, facts, out);
  restart_changes_nothing(evidence, out);
}

}  // namespace belay::judging
