// SPDX-License-Identifier: Apache-2.0
// The Commands port: the way in for what callers ask. What became of a command comes back as a
// Reply with its correlation, once it is durable.
#pragma once

#include "belay/base/time.hpp"
#include "belay/core/asks/input.hpp"

namespace belay::engine {

class Commands {
 public:
  Commands() = default;
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;
  virtual ~Commands() = default;

  /// Steps one input. Nothing is written or sent before this returns, but what the view shows of
  /// this moment may have moved.
  virtual void submit(const core::Input& input, base::Time now) = 0;
  /// The id of the next order that is accepted.
  virtual core::OrderId next_order_id() const = 0;
};

}  // namespace belay::engine
