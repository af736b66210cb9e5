// SPDX-License-Identifier: Apache-2.0
// StartLog: the times of starts that have not turned out well yet, in the file `starts` of the data
// directory. A check that fires while the journal is read fires at every start: after a few of
// them in a row the program starts without journal and core, so that a person can see and cancel.
#pragma once

#include <cstddef>
#include <string>

#include "belay/base/time.hpp"

namespace belay::app {

class StartLog {
 public:
  explicit StartLog(const std::string& data_dir) : path_(data_dir + "/starts") {}

  struct Begun {
    std::size_t bad_before = 0;  ///< starts within the window that did not turn out well
    std::string not_noted;       ///< why this one could not be; empty when it was
  };
  /// Notes a start at `now`. A file that cannot be read or written counts none: it must not keep a
  /// daemon from starting.
  Begun begin(base::Time now, base::Duration window) const;
  /// The start turned out well, or ended in order.
  void good() const;

 private:
  std::string path_;
};

}  // namespace belay::app
