// SPDX-License-Identifier: Apache-2.0
// The table of recorded sessions (sessions.txt): which of them replay without a difference, and why
// the others do not.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace belay::conformance {

struct Session {
  std::string number;  ///< "1", or "30a" where one number has several files
  std::string file;    ///< below the folder of the recordings
  int first = 0;       ///< only orders from here
  int last = 0;        ///< up to here; both 0: all
  bool replays = false;
  std::string reason;  ///< why not, else what it settles
};

std::vector<Session> read_sessions();
/// The folder of the recordings; nothing when it is not there.
std::optional<std::string> vectors_folder();

}  // namespace belay::conformance
