// SPDX-License-Identifier: Apache-2.0
// Talk: what the broker says again and again about one order. Each status and each notice of an
// order can become an event, so a peer that repeats itself at speed would fill the journal. Within
// a second the first few about an order are handled as they come; of the others the latest is kept
// and handled when the second is over. Nothing else is touched: ends, refusals, fills and the
// broker's lists pass at once, and what was kept of an order never comes behind what is newer.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "belay/core/asks/input.hpp"

namespace belay::tws {

class Talk {
 public:
  struct Options {
    unsigned at_once = 20;             ///< of one order, of each kind, within a second
    std::size_t orders_max = 100'000;  ///< within a second; those beyond pass
  };
  Talk() : Talk(Options{}) {}
  explicit Talk(const Options& options) : options_(options) {}

  /// What is to be handled now, in this sequence: nothing when it was kept.
  std::vector<core::Input> hear(const core::Input& input, base::Time now);
  /// What was kept and is due.
  std::vector<core::Input> take(base::Time now);
  base::Time next_deadline() const { return kept_ == 0 ? base::never : second_ends_; }
  std::uint64_t replaced() const { return replaced_; }  ///< by a later one, since the start

 private:
  using Name = std::pair<std::int32_t, std::int64_t>;  // of the order at the broker
  struct Heard {
    unsigned count = 0;
    std::optional<core::Input> kept;
  };
  struct OfOrder {
    Heard statuses;
    Heard notices;
  };
  std::vector<core::Input> limit(Heard OfOrder::*kind, const core::BrokerNames& names,
                                 const core::Input& input);
  void forget_status(const core::BrokerNames& names);
  std::vector<core::Input> take_all();

  Options options_;
  std::map<Name, OfOrder> orders_;  // of this second
  std::size_t kept_ = 0;
  std::uint64_t replaced_ = 0;
  base::Time second_ends_;
};

}  // namespace belay::tws
