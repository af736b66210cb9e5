// SPDX-License-Identifier: Apache-2.0
// Recorded sessions against the simulated TWS: those that the table lists as replaying have no
// difference, and a recording that was tampered with has one.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/conformance/replay.hpp"
#include "tests/conformance/sessions.hpp"
#include "tests/support/without.hpp"

namespace belay::conformance {
namespace {

bool has_recordings() {
  if (vectors_folder()) return true;
  REQUIRE_MESSAGE(test::vectors_may_be_missing(),
                  "no recordings at ../shared/vectors/live; BELAY_WITHOUT=vectors "
                  "goes on without them");
  MESSAGE("skipped: no recordings at ../shared/vectors/live");
  return false;
}

std::optional<Recording> recorded(const std::string& file) {
  if (!has_recordings()) return std::nullopt;
  const auto folder = vectors_folder();
  auto recording = read_recording(*folder + "/" + file);
  REQUIRE_MESSAGE(recording.has_value(), file << " cannot be read");
  return *recording;
}

constexpr const char* fills = "live/sv200/exact_delayed_success_modify_aapl.jsonl";

std::vector<Message>::iterator find(Recording& recording, std::string_view name, int nth) {
  return std::find_if(recording.messages.begin(), recording.messages.end(),
                      [&](const Message& one) { return one.is(name) && nth-- == 0; });
}

TEST_CASE("every session that the table lists as replaying replays without a difference") {
  if (!has_recordings()) return;
  const auto sessions = read_sessions();
  CHECK(sessions.size() >= 30);
  for (const Session& session : sessions) {
    const auto recording = recorded(session.file);
    const Outcome outcome = replay(*recording);
    CHECK_MESSAGE(outcome.same() > 0, session.file << ": nothing was compared");
    if (!session.replays) {
      CHECK_MESSAGE(!session.reason.empty(), session.file << " has no reason");
      continue;
    }
    CHECK_MESSAGE(outcome.differences(session.first, session.last) == 0,
                  session.file << "\n"
                               << diff_text(outcome, session.first, session.last));
  }
}

TEST_CASE("the replay notices one changed field") {
  auto recording = recorded(fills);
  if (!recording) return;
  find(*recording, "orderStatus", 3)->fields["remaining"] = "1";
  CHECK(replay(*recording).differences() == 1);
}

TEST_CASE("the replay notices one changed word of an error") {
  auto recording = recorded(fills);
  if (!recording) return;
  find(*recording, "errMsg", 0)->fields["errorString"] += ".";
  CHECK(replay(*recording).differences() == 1);
}

TEST_CASE("the replay notices a message that the simulated TWS does not send") {
  auto recording = recorded(fills);
  if (!recording) return;
  auto at = find(*recording, "errMsg", 0);
  Message more = *at;
  more.fields["errorCode"] = "202";
  recording->messages.insert(at, more);
  CHECK(replay(*recording).differences() > 0);
}

TEST_CASE("the replay notices a message that is missing from the recording") {
  for (const char* name : {"execDetails", "commissionReport", "errMsg"}) {
    auto recording = recorded(fills);
    if (!recording) return;
    recording->messages.erase(find(*recording, name, 0));
    CHECK_MESSAGE(replay(*recording).differences() > 0, name);
  }
}

TEST_CASE("the replay notices two messages in the other order") {
  auto recording = recorded(fills);
  if (!recording) return;
  // The openOrder of the fill before its execution.
  const auto at = find(*recording, "execDetails", 0);
  std::iter_swap(at, at + 1);
  CHECK(replay(*recording).differences() > 0);
}

}  // namespace
}  // namespace belay::conformance
