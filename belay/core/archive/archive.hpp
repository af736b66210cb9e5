// SPDX-License-Identifier: Apache-2.0
// Archive: which finished orders leave memory and when, and what happens when the broker has
// something to say about one that did. What it merely lists again is known by the book's archived
// facts and ignored; everything else waits until the order is back from the history and is then
// handled as if the order had never left. A report that waits is not history: if the process dies
// the broker lists it again.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "belay/core/step.hpp"

namespace belay::core {

class Archive {
 public:
  /// Whether a machine waits for something of the order: then it stays in memory.
  using InUse = std::function<bool(OrderId)>;

  /// Reports that wait for archived orders to come back.
  std::size_t waiting() const { return waiting_count_; }
  /// Some found no room: they are asked for again.
  bool lost() const { return lost_; }
  base::Time next_deadline(const Book& book, const CoreOptions& options, const Context& context,
                           const InUse& in_use) const;

  /// True when the input is about an archived order, and is known or waits for it.
  bool takes(const BrokerOrder& report, Step& step);
  bool takes(const BrokerExecution& report, Step& step);
  bool takes(const BrokerCommission& report, Step& step);
  /// A poll ends when everything that it listed is handled.
  bool takes(const SnapshotDone& round, Step& step);
  template <class Other>
  bool takes(const Other&, Step&) {
    return false;
  }
  /// The order is back, or cannot be: what waited for it, to be handled now.
  std::vector<Input> on(const ArchivedOrder& answer, Step& step);
  /// When nothing waits any more: the polls that may end now. They are judged before what was lost
  /// is asked for again, because it may be what they miss.
  std::vector<SnapshotDone> take_deferred_polls();
  void ask_for_lost(Step& step);
  void follow(const Event& event);
  void finish(const InUse& in_use, Step& step);

  /// The history is not asked for a rehearsal: what was archived stays out of it.
  void begin_rehearsal();

 private:
  bool defer(OrderId archived, Input report, Step& step);

  std::map<OrderId, std::vector<Input>> waiting_;  // for an archived order, in their sequence
  std::size_t waiting_count_ = 0;
  bool lost_ = false;
  std::vector<SnapshotDone> deferred_polls_;  // end when what they listed is handled
};

}  // namespace belay::core
