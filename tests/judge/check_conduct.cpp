// SPDX-License-Identifier: Apache-2.0
// Guarantees 7 and 8: the broker's limit holds and cancels go first; a second round finds nothing
// new; every incident is one that the faults of the run explain.
#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "tests/judge/facts.hpp"

namespace belay::judging {
namespace {

// The broker's limit in every sliding second of a connection.
void paced(const Evidence& evidence, const Facts& facts, Findings& out) {
  for (const auto& [from, times] : facts.arrivals) {
    if (from.first != evidence.client) continue;
    for (std::size_t i = 0; i + evidence.rate_limit < times.size(); ++i) {
      if (times[i + evidence.rate_limit] - times[i] >= 1'000'000'000) continue;
      out.push_back(fmt::format("client {} sent more than {} messages in a second", evidence.client,
                                evidence.rate_limit));
      return;
    }
  }
}

// In a storm a cancel overtakes what is queued.
void cancels_went_first(const Facts& facts, Findings& out) {
  long after = 0;
  bool seen = false;
  for (const Frame& frame : facts.frames) {
    if (frame.tag == "cancel") seen = true;
    if (seen && frame.tag != "cancel") ++after;
  }
  if (!seen) {
    out.emplace_back("the storm's cancel never came");
  } else if (after < 60) {
    out.push_back(fmt::format("only {} entries were left behind the cancel", after));
  }
}

void second_round_finds_nothing(const Evidence& evidence, Findings& out) {
  for (const std::string& line : evidence.second_round) {
    const bool own_record = line.find("\"SyncCompleted\"") != std::string::npos ||
                            line.find("\"SessionChanged\"") != std::string::npos;
    if (!own_record) out.push_back("a second round found something new: " + line);
  }
}

// Which faults can cause an incident of a kind: any of the words is enough; no word: any run may.
struct Explanation {
  std::string_view kind;
  std::string_view faults;  ///< words between blanks
};
// What takes a frame, an answer or a list away.
#define BELAY_LOSSES \
  "crashes broker_cuts outages lost_messages restart_loss no_ack disk_stalls day_reset"
constexpr Explanation explanations[] = {
    {"next_id_lower", "id_rollback restart_loss"},
    {"id_collision", "id_rollback restart_loss"},
    {"duplicate_broker_id", "id_rollback restart_loss"},
    {"second_copy", "twins duplicate_order"},
    {"copy_survives", "twins duplicate_order"},
    {"overfill", "twins duplicate_order late_fills corrections busts person"},
    {"contradiction", "late_fills twins duplicate_order busts " BELAY_LOSSES},
    {"execution_differs", "corrections busts"},
    {"fills_disputed", "corrections busts day_reset twins duplicate_order lost_messages"},
    {"order_unresolved", BELAY_LOSSES},
    {"order_vanished", BELAY_LOSSES},
    {"position_break", "external twins duplicate_order corrections busts " BELAY_LOSSES},
    {"clock_differs", "clock_jumps"},
    {"broker_unreachable", "crashes broker_cuts outages"},
    {"client_id_in_use", "crashes broker_cuts outages"},
    {"list_unanswered", BELAY_LOSSES},
    {"broker_silent", BELAY_LOSSES},
    {"clock_unanswered", BELAY_LOSSES},
    {"order_unanswered", BELAY_LOSSES},
    {"cancel_unanswered", BELAY_LOSSES},
    {"cancel_refused", "twins duplicate_order late_fills " BELAY_LOSSES},
};
#undef BELAY_LOSSES

void incidents_are_explained(const Evidence& evidence, const Facts& facts, Findings& out) {
  for (const auto& [kind, text] : facts.incidents) {
    const std::string& named = kind;
    const auto found = std::find_if(std::begin(explanations), std::end(explanations),
                                    [&named](const Explanation& e) { return e.kind == named; });
    if (found == std::end(explanations)) {
      out.push_back(
          fmt::format("an incident that no fault of this harness causes: {}: {}", kind, text));
      continue;
    }
    bool explained = false;
    std::stringstream words{std::string(found->faults)};
    for (std::string word; words >> word;) explained = explained || evidence.faults.contains(word);
    if (!explained) {
      out.push_back(
          fmt::format("an incident that this run's faults do not explain: {}: {}", kind, text));
    }
  }
}

}  // namespace

void check_conduct(const Evidence& evidence, const Facts& facts, Findings& out) {
  paced(evidence, facts, out);
  if (evidence.storm) cancels_went_first(facts, out);
  second_round_finds_nothing(evidence, out);
  incidents_are_explained(evidence, facts, out);
}

}  // namespace belay::judging
