// SPDX-License-Identifier: Apache-2.0
// Facts: the evidence read into numbers and words. It shares no code with what is judged: JSON by
// RapidJSON, shares counted in whole numbers.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/judge/evidence.hpp"

namespace belay::judging {

/// A frame that came to the broker from the daemon; the tag is "cancel" for a cancel.
struct Frame {
  std::string client;
  long order_id = 0;
  std::string tag;
};
/// An execution at its last revision, as the broker's log told it.
struct Told {
  std::string exec_id;
  std::string tag;
  long shares = 0;
};
/// An order of the broker's own book.
struct BookOrder {
  std::string client;
  long order_id = 0;
  std::string perm_id;
  std::string tag;
  std::string status;
  long quantity = 0;
  long filled = 0;
  bool live = false;
};
struct BookExecution {
  std::string tag;
  std::string perm_id;
  long shares = 0;
};
struct TheirBook {
  std::vector<BookOrder> orders;
  std::map<std::string, BookExecution> executions;  ///< by id, at their last revision
  std::map<std::string, long> positions;            ///< "account symbol" -> shares, not zero
};
/// An order as the daemon shows it.
struct OurOrder {
  std::string id;
  std::string key;
  std::string status;
  std::string ord_status;
  std::string outcome;
  std::string client;
  std::string broker_id;
  std::string text;
  std::vector<std::string> perm_ids;
  std::set<std::string> flags;
  long filled = 0;
  std::map<std::string, long> fills;  ///< execution id -> shares; what was busted is not among them
};
struct Id {
  long from = 0;
  long to = 0;  ///< not in it
};

struct Facts {
  std::vector<Frame> frames;           ///< in order
  std::vector<Frame> placements;       ///< the first frame of each id
  std::map<std::string, int> repeats;  ///< tag -> frames under an id that was used before
  std::set<std::pair<std::string, long>> refused_ids;  ///< the broker said 103 about them
  std::map<std::string, Told> told;                    ///< by id without its revision
  std::map<std::pair<std::string, long>, std::string> status_at_end;
  std::map<std::pair<std::string, long>, std::string> status;
  std::map<std::string, std::string> completed_at_end;  ///< tag -> word
  std::map<std::string, std::string> completed;
  /// By client and connection, times in ns: so counts the simulated broker, and what
  /// a half-open one held back comes late and at once.
  std::map<std::pair<std::string, std::int64_t>, std::vector<std::int64_t>> arrivals;
  std::map<std::string, OurOrder> ours;       ///< at the end, by our order id
  std::map<std::string, OurOrder> ours_last;  ///< after the last restart
  TheirBook book_at_end;
  TheirBook book;
  bool has_book = false;
  std::map<std::string, long> positions;  ///< as the daemon shows them
  // From the events.
  std::map<std::string, std::string> unknown_reason;  ///< order -> the last reason
  std::map<long, std::string> intended;               ///< broker id -> order
  std::vector<Id> explained;                          ///< ids that were never used, with reason
  std::vector<std::pair<std::string, std::string>> incidents;  ///< kind, text
  std::set<std::string> not_accepted;
  std::vector<std::string> unreadable;  ///< what could not be read: findings

  explicit Facts(const Evidence& evidence);
};

using Findings = std::vector<std::string>;
/// Our order id from a tag of ours: "b1.<instance>.<id>"; empty for other words.
std::string order_of(const std::string& tag);
/// "0000e0d5.1.01" of "0000e0d5.1.01.02": what a correction shares with what it corrects.
std::string without_revision(const std::string& exec_id);

// The checks, each in its file; they add what they find.
void check_identity(const Evidence& evidence, const Facts& facts, Findings& out);
void check_executions(const Evidence& evidence, const Facts& facts, Findings& out);
void check_states(const Evidence& evidence, const Facts& facts, Findings& out);
void check_conduct(const Evidence& evidence, const Facts& facts, Findings& out);

}  // namespace belay::judging
