// SPDX-License-Identifier: Apache-2.0
// Claims: the orders of which the broker says that more is filled than its executions tell, and
// when to ask for the executions. They are kept by due time, and the next one is looked for after
// every input.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <utility>

#include "belay/base/time.hpp"
#include "belay/model/ids.hpp"

namespace belay::core {

using namespace belay::model;

class Claims {
 public:
  /// Due `wait` after `now`; nothing changes when the order is there already.
  void add(OrderId id, base::Time now, base::Duration wait);
  void remove(OrderId id);
  void remove_if(const std::function<bool(OrderId)>& settled);
  bool contains(OrderId id) const { return claims_.contains(id); }
  std::set<OrderId> ids() const;
  /// base::never when there are none.
  base::Time next_due() const { return by_due_.empty() ? base::never : by_due_.begin()->first; }
  /// Puts off what is due, each by twice the time of before and at most `wait_max`: executions of
  /// earlier days may never be told again. True when anything was due.
  bool put_off(base::Time now, base::Duration wait_max);

 private:
  struct Claim {
    base::Time due;
    base::Duration wait;
  };
  std::map<OrderId, Claim> claims_;
  std::set<std::pair<base::Time, OrderId>> by_due_;  // the same
};

}  // namespace belay::core
