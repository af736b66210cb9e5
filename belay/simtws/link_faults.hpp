// SPDX-License-Identifier: Apache-2.0
// LinkFaults: which messages of a client that are still to come will be lost, and which will break
// off. It only counts; the Server loses and breaks them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "belay/simtws/book.hpp"
#include "belay/simtws/fault.hpp"

namespace belay::simtws {

/// The cuts that wait; each message counts down those of its direction.
class Cuts {
 public:
  void add(const Cut& cut) { waiting_.push_back(cut); }
  /// Where the next message breaks off; nothing when it does not.
  std::optional<std::size_t> due(Direction direction) const;
  /// A message has passed, or broken off.
  void count(Direction direction);

 private:
  std::vector<Cut> waiting_;
};

class LinkFaults {
 public:
  void lose(Direction direction, ClientId client, std::int32_t nth) {
    lost_[{direction, client}].insert(nth);
  }
  void cut(ClientId client, const Cut& cut) { cuts_[client].add(cut); }

  /// Counts a message; true when it is one that is lost.
  bool is_lost(Direction direction, ClientId client);
  std::optional<std::size_t> cut_due(Direction direction, ClientId client) const;
  void count(Direction direction, ClientId client);

 private:
  std::map<std::pair<Direction, ClientId>, std::multiset<std::int32_t>> lost_;
  std::map<ClientId, Cuts> cuts_;
};

}  // namespace belay::simtws
