// SPDX-License-Identifier: Apache-2.0
// Replays a recording against the simulated TWS in this process, under virtual time: sends what the
// client sent, and compares what comes back with what came back then, in order.
//
// A client's message is sent when the recording shows the first answer to it: before that, what was
// under way arrives. Time passes only while the recording expects something that is due. Fills
// happen when the recording tells them, with their price and size.
//
// Repeats of what was just said of an order are taken together; farm notices are not compared.
// Where the recorded order of different orders says nothing (the burst at connecting, lists, global
// cancels) each order is compared by itself. Of a curated recording the author left out openOrders
// beside their orderStatus, commissions, and the burst at connecting: there ours may say more.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/recording.hpp"

namespace belay::conformance {

struct Row {
  enum class What : std::uint8_t {
    same,
    left_out,  ///< ours says it, and the author of the recording left such things out
    client,    ///< sent by the client
    note,
    differs,
    missing,     ///< recorded, and ours does not say it
    unexpected,  ///< ours says it, and it is not recorded
  };
  What what = What::same;
  int line = 0;   ///< of the recording; 0 for what only ours said
  int order = 0;  ///< that it is about
  std::string recorded;
  std::string ours;

  bool is_difference() const { return what >= What::differs; }
};

struct Outcome {
  std::vector<Row> rows;
  /// Differences about orders from `first` to `last`; both 0: all of them.
  int differences(int first = 0, int last = 0) const;
  /// Messages that were compared and are the same.
  int same() const;
};

Outcome replay(const Recording& recording);

/// The differences side by side with what stands around them; empty when there are none.
std::string diff_text(const Outcome& outcome, int first = 0, int last = 0);
/// All rows.
std::string whole_text(const Outcome& outcome);

}  // namespace belay::conformance
