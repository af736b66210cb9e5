// SPDX-License-Identifier: Apache-2.0
// The monitor: at an interval it looks for orders that are open too long, and closes what it said
// when they end. It counts nothing again that was counted when it happened.
#pragma once

#include "belay/core/step.hpp"

namespace belay::core {

class Monitor {
 public:
  base::Time next_deadline(const IdOptions& options) const {
    return options.monitor_interval.count() > 0 ? at_ : base::never;
  }
  void look(Step& step);

 private:
  base::Time at_;  // the next look
};

}  // namespace belay::core
