// SPDX-License-Identifier: Apache-2.0
// Evidence: what others wrote down about a run (the simulated broker's log and book, the callers'
// records, the daemon's answers and events), as text. The simulation fills it in memory, runs of
// real processes write the same files; the judge reads nothing else.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace belay::judging {

/// What one caller asked about one order, and what it was answered.
struct OrderRecord {
  std::string key;
  std::string symbol;
  std::string side;
  int quantity = 0;
  std::string body;
  int attempts = 0;
  bool yes = false;      ///< answered 200, 201 or 202: it is ours now
  bool refused = false;  ///< answered 422
  std::string order_id;  ///< from the answer
  bool asked_cancel = false;
  bool cancel_yes = false;  ///< 202
  bool asked_modify = false;
};

struct Evidence {
  std::string client = "7";              ///< the daemon's client id
  std::vector<std::string> broker_log;   ///< JSON lines
  std::size_t log_at_end = 0;            ///< lines when `orders` was asked
  std::vector<std::string> book_at_end;  ///< the broker's book then, JSON lines; empty: not known
  std::vector<std::string> book;         ///< and after the last restart
  std::vector<OrderRecord> records;      ///< of all callers
  std::vector<std::string> complaints;   ///< of all callers
  std::string orders;                    ///< GET /api/v1/orders/all at the end: a JSON array
  std::string orders_after_restart;      ///< the same after one more restart
  std::string positions;                 ///< GET /api/v1/positions at the end: a JSON array
  std::vector<std::string> events;       ///< JSON lines, the whole journal
  /// Events that one more round gave, after a round that gave all there was; empty: not asked.
  std::vector<std::string> second_round;
  std::set<std::string> faults;  ///< words of what was done to the run; explains its incidents
  unsigned rate_limit = 50;      ///< the broker's own, messages in any second
  bool storm = false;
  bool saw_all_days = true;  ///< false: the broker's lists were cut at a day's end meanwhile
};

/// Writes the files of docs/TESTING.md into a directory; false when it cannot.
bool save(const Evidence& evidence, const std::string& directory);
/// Reads them; a file that is missing is empty. The reason when what is there cannot be read.
std::string load(const std::string& directory, Evidence& evidence);

}  // namespace belay::judging
