// SPDX-License-Identifier: Apache-2.0
// The emergency reset of the ids: cancel our own orders, await the end of each, ask the broker for
// its next id anew, go on above everything ever seen. The mark is never lowered. The wish is in the
// book, so a restart or a new session goes on with it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "belay/core/step.hpp"

namespace belay::core {

class IdReset {
 public:
  bool names(OrderId id) const { return run_ && run_->open.contains(id); }
  base::Time next_deadline() const { return run_ ? run_->deadline : base::never; }
  void on(const ResetIds& command, Step& step);
  void on(const NextIdSeen& seen, Step& step);
  void follow(const Event& event);
  /// Goes on as far as it can.
  void review(Step& step);

 private:
  void begin(Step& step);
  void end(Step& step);

  // As far as it has come in this session; the wish itself is in the book.
  struct Run {
    std::set<OrderId> open;  // canceled by us, end not confirmed
    base::Time deadline;
    bool asked = false;  // for the broker's next id
    std::vector<std::string> failures;
  };
  std::optional<Run> run_;
};

}  // namespace belay::core
