// SPDX-License-Identifier: Apache-2.0
// Talk: what the broker says again and again about one order. Each status and each notice of an
// order can become an event, so a peer that repeats itself at speed would fill the journal. Within
// a second the first few about an order are handled as they come; of the others the latest is kept
// and handled when the second is over. Nothing else is touched: ends, refusals, fills and the
// broker's lists pass at once, and what was kept of an order never comes behind what is newer.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "belay/base/hash_map.hpp"
#include "belay/core/asks/input.hpp"

namespace belay::broker {

class Talk {
 public:
  struct Options {
    unsigned at_once = 20;             ///< of one order, of each kind, within a second
    std::size_t orders_max = 100'000;  ///< within a second; those beyond pass
  };
  Talk() : Talk(Options{}) {}
  explicit Talk(const Options& options) : options_(options) {}

  /// True when `input` is to be handled now; false when it was kept. `before` is what was
  /// kept until now and is to be handled first.
  bool hear(const core::Input& input, base::Time now, std::vector<core::Input>& before);
  /// What was kept and is due.
  std::vector<core::Input> take(base::Time now);
  base::Time next_deadline() const { return kept_.empty() ? base::never : second_ends_; }
  std::uint64_t replaced() const { return replaced_; }  ///< by a later one, since the start

 private:
  enum class Kind : std::uint8_t { status, notice };
  using Name = core::BrokerOrderId;  // of the order at the broker, or its permanent id
  struct Counts {
    unsigned statuses = 0;
    unsigned notices = 0;
  };
  bool limit(Kind kind, const core::BrokerNames& names, const core::Input& input);
  void forget_status(const core::BrokerNames& names);
  void take_all(std::vector<core::Input>& out);

  Options options_;
  base::HashMap<Name, Counts, core::BrokerOrderIdHash> orders_;  // of this second
  std::map<std::pair<Name, Kind>, core::Input> kept_;
  std::uint64_t replaced_ = 0;
  base::Time second_ends_;
};

}  // namespace belay::broker
