// SPDX-License-Identifier: Apache-2.0
// belay_replay: recordings of live gateways against the simulated TWS.
//   belay_replay FILE...          replays each and shows the differences side by side
//   belay_replay --whole FILE...  shows every message
//   belay_replay --all            all sessions of the table, from ../shared/vectors
// Exit status: 0 without a difference (with --all: the table is true), 1 with one, 2 for wrong
// usage or a file that cannot be read.
#include <cstdio>
#include <string>
#include <vector>

#include "tests/conformance/replay.hpp"
#include "tests/conformance/sessions.hpp"

namespace belay::conformance {
namespace {

int replay_files(const std::vector<std::string>& files, bool whole) {
  int status = 0;
  for (const std::string& file : files) {
    const auto recording = read_recording(file);
    if (!recording) {
      std::fprintf(stderr, "%s: %s\n", recording.error().field.c_str(),
                   recording.error().detail.c_str());
      return 2;
    }
    const Outcome outcome = replay(*recording);
    const int differences = outcome.differences();
    std::printf("%s: %d messages the same, %d differences\n%s", file.c_str(), outcome.same(),
                differences, (whole ? whole_text(outcome) : diff_text(outcome)).c_str());
    if (differences != 0) status = 1;
  }
  return status;
}

int replay_table() {
  const auto folder = vectors_folder();
  if (!folder) {
    std::fprintf(stderr, "no recordings at ../shared/vectors/live\n");
    return 2;
  }
  int wrong = 0;
  int replaying = 0;
  int listed = 0;
  for (const Session& session : read_sessions()) {
    ++listed;
    const auto recording = read_recording(*folder + "/" + session.file);
    if (!recording) {
      std::printf("%-4s %-52s MISSING: %s\n", session.number.c_str(), session.file.c_str(),
                  recording.error().detail.c_str());
      ++wrong;
      continue;
    }
    const Outcome outcome = replay(*recording);
    const int differences = outcome.differences(session.first, session.last);
    const bool broken = session.replays && differences != 0;
    replaying += differences == 0 ? 1 : 0;
    wrong += broken ? 1 : 0;
    std::printf("%-4s %-52s %3d same, %3d differences  %s\n", session.number.c_str(),
                session.file.c_str(), outcome.same(), differences,
                broken             ? "WRONG: the table says that it replays"
                : session.replays  ? ""
                : differences == 0 ? "(replays, and the table says that it does not)"
                                   : session.reason.c_str());
    if (broken) std::printf("%s", diff_text(outcome, session.first, session.last).c_str());
  }
  std::printf("%d of %d replay without a difference\n", replaying, listed);
  return wrong == 0 ? 0 : 1;
}

int run(const std::vector<std::string>& arguments) {
  bool whole = false;
  std::vector<std::string> files;
  for (const std::string& one : arguments) {
    if (one == "--all") return replay_table();
    if (one == "--whole") {
      whole = true;
    } else if (!one.empty() && one.front() == '-') {
      files.clear();
      break;
    } else {
      files.push_back(one);
    }
  }
  if (files.empty()) {
    std::fprintf(stderr, "usage: belay_replay [--whole] FILE... | --all\n");
    return 2;
  }
  return replay_files(files, whole);
}

}  // namespace
}  // namespace belay::conformance

int main(int argc, char** argv) {
  return belay::conformance::run(std::vector<std::string>(argv + 1, argv + argc));
}
