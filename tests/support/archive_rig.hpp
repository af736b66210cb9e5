// SPDX-License-Identifier: Apache-2.0
// ArchiveRig: a CoreRig that archives what is done, with a history beside it that is a map.
#pragma once

#include <map>
#include <string>

#include "belay/core/facts/order_encoding.hpp"
#include "tests/support/core_rig.hpp"

namespace belay::test {

/// A rig that archives at once what is done, with a history beside it.
struct ArchiveRig : CoreRig {
  explicit ArchiveRig(std::size_t in_memory = 0, CoreOptions options = usual())
      : CoreRig(with(options, in_memory)) {
    archive_room = 100;
    up();
    synced();
  }
  static CoreOptions with(CoreOptions options, std::size_t in_memory) {
    options.finished_kept_max = in_memory;
    return options;
  }
  /// Steps, and keeps the state of what is archived, as the history does.
  const Output& tell(const Input& input) {
    // The state when it left is the state after the step's other events: rebuilt from a copy.
    Book copy = core.book();
    step(input);
    for (const StampedEvent& e : last.events) {
      if (const auto* archived = std::get_if<OrderArchived>(&e.event)) {
        kept[archived->order] = encode_order(*copy.find(archived->order));
      }
      copy.apply(e);
    }
    return last;
  }
  OrderId filled(const char* key, const char* exec_id) {
    const OrderId id = working(key);
    report = execution(id, exec_id, 100);
    named = names(id);
    tell(report);
    return id;
  }
  void recall(OrderId id) {
    REQUIRE(the<RecallEffect>().order == id);
    tell(ArchivedOrder{id, kept.at(id), ""});
  }
  std::map<OrderId, std::string> kept;  ///< by order, as the history has it
  BrokerExecution report;
  BrokerNames named;
};

}  // namespace belay::test
