// SPDX-License-Identifier: Apache-2.0
// Between callers and the loop: what one caller's bytes may cost.
#include <array>
#include <string>

#include "belay/api/callers.hpp"
#include "tests/defects/scenarios.hpp"

namespace belay::test {
namespace {

// A thousand requests in one packet of somebody who reads nothing: one answer is made.
bool unread_answers_end_the_service() {
  api::ServiceHooks hooks;
  std::size_t unsent = 0;
  hooks.send = [&](api::ConnectionId, std::string_view bytes) { unsent += bytes.size(); };
  hooks.finish = [](api::ConnectionId, bool) {};
  hooks.unsent = [&](api::ConnectionId) { return unsent; };
  api::Callers callers({}, hooks);
  const base::Time now(1'000'000'000);
  const api::ConnectionId id = callers.open(now, "test");
  std::string packet;
  for (int i = 0; i < 1000; ++i) packet += "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  callers.receive(id, packet, now);
  int answers = 0;
  while (const auto incoming = callers.next(id, now)) {
    callers.respond(id, incoming->number, {200, {}, "x"}, now);
    callers.flush(id, now);
    ++answers;
  }
  return answers == 1;
}

// Who has said all may still read: it gets the answer to what it asked for.
bool a_half_closed_caller_is_answered() {
  std::string sent;
  api::ServiceHooks hooks;
  hooks.send = [&](api::ConnectionId, std::string_view bytes) { sent += bytes; };
  hooks.finish = [](api::ConnectionId, bool) {};
  hooks.unsent = [](api::ConnectionId) { return std::size_t{0}; };
  api::Callers callers({}, hooks);
  const base::Time now(1'000'000'000);
  const api::ConnectionId id = callers.open(now, "test");
  callers.receive(id, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", now);
  callers.input_ended(id, now);
  if (const auto incoming = callers.next(id, now)) {
    callers.respond(id, incoming->number, {200, {}, "x"}, now);
    callers.flush(id, now);
  }
  return sent.find("200") != std::string::npos;
}

constexpr std::array of_front{
    Scenario{base::Defect::unread_answer_is_no_limit,
             "who reads no answer is given no further ones", unread_answers_end_the_service},
    Scenario{base::Defect::half_close_drops_caller, "a caller that has said all is answered",
             a_half_closed_caller_is_answered},
};

}  // namespace

std::span<const Scenario> front_scenarios() {
  return of_front;
}

}  // namespace belay::test
