// SPDX-License-Identifier: Apache-2.0
// StartLog: the starts that our own checks ended, kept in the file `starts` of the data directory:
// a failed check, an exception, a fault of the program, a journal that cannot be trusted. A check
// that fires while the journal is read fires at every start. So after a few of them in a row the
// program starts without journal and core, and a person can see and cancel. Deaths from outside
// (kill -9, no memory, no power) leave no mark and never lead there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "belay/base/time.hpp"

namespace belay::app {

class StartLog {
 public:
  explicit StartLog(const std::string& data_dir) : path_(data_dir + "/starts") {}
  StartLog(const StartLog&) = delete;
  StartLog& operator=(const StartLog&) = delete;
  ~StartLog();

  struct Begun {
    std::size_t bad_before = 0;  ///< ends within the window that a check of ours made
    std::string last_words;      ///< of the latest of them; empty: it could say nothing
    std::string cannot_note;     ///< why this start's end could not be noted; empty when it can be
  };
  /// From here on the process's end by a signal of its own is noted with the time `now`. One start
  /// a process. A file that cannot be read or written counts none: it must not keep a daemon from
  /// starting.
  Begun begin(base::Time now, base::Duration window);
  /// A check of ours ends the start that was begun, in these words.
  void bad(std::string_view words) const;
  /// The start turned out well, or ended in order: nothing counts any more.
  void good();

 private:
  std::string path_;
};

}  // namespace belay::app
