// SPDX-License-Identifier: Apache-2.0
#include "belay/broker/talk.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace belay::broker {

using namespace std::chrono_literals;
using core::BrokerState;

namespace {
constexpr base::Time start(1'795'000'000'000'000'000);

core::BrokerNames names(std::int64_t number) {
  core::BrokerNames out;
  out.broker_id = core::BrokerOrderId{7, number};
  return out;
}
core::BrokerStatus status(std::int64_t number, BrokerState state, std::string word) {
  core::BrokerStatus out;
  out.names = names(number);
  out.state = state;
  out.raw_status = std::move(word);
  return out;
}
core::BrokerNotice notice(std::int64_t number, std::string text,
                          core::Verdict verdict = core::Verdict::information) {
  core::BrokerNotice out;
  out.names = names(number);
  out.code = 399;
  out.text = std::move(text);
  out.verdict = verdict;
  return out;
}
std::vector<core::Input> hear(Talk& talk, const core::Input& input, base::Time now) {
  std::vector<core::Input> out;
  if (talk.hear(input, now, out)) out.push_back(input);
  return out;
}
}  // namespace

TEST_CASE(
    "talk: a flood about one order is handled a few times a second, and its last word counts") {
  Talk talk;
  std::size_t handled = 0;
  std::string last;
  const auto take = [&](const std::vector<core::Input>& inputs) {
    for (const auto& input : inputs) {
      if (const auto* said = std::get_if<core::BrokerNotice>(&input)) {
        ++handled;
        last = said->text;
      }
    }
  };
  for (int i = 0; i < 80'000; ++i) {
    take(hear(talk, notice(5, fmt::format("text {}", i)), start + i * 100us));
  }
  CHECK(handled <= 8 * 22);
  take(talk.take(start + 10s));
  CHECK(last == "text 79999");
  CHECK(talk.next_deadline() == base::never);
}

TEST_CASE("talk: what is said now and then is handled as it comes") {
  Talk talk;
  for (int i = 0; i < 1000; ++i) {
    CHECK(hear(talk, status(i % 50, BrokerState::working, "Submitted"), start + i * 2ms).size() ==
          1);
  }
  CHECK(talk.replaced() == 0);
}

TEST_CASE("talk: an end is handled at once, and nothing older comes behind it") {
  for (const bool by_order : {false, true}) {
    CAPTURE(by_order);
    Talk talk;
    for (int i = 0; i < 100; ++i) {
      hear(talk, status(5, BrokerState::working, i % 2 == 0 ? "Submitted" : "PreSubmitted"), start);
    }
    CHECK(talk.next_deadline() != base::never);
    core::Input end = status(5, BrokerState::canceled, "Cancelled");
    if (by_order) {
      core::BrokerOrder order;
      order.names = names(5);
      order.state = BrokerState::canceled;
      end = order;
    }
    CHECK(hear(talk, end, start).size() == 1);
    CHECK(talk.next_deadline() == base::never);
    CHECK(talk.take(start + 2s).empty());
  }
}

TEST_CASE("talk: a refusal is never kept back") {
  Talk talk;
  for (int i = 0; i < 100; ++i) {
    CHECK(hear(talk, notice(5, "no", core::Verdict::request_refused), start).size() == 1);
  }
}

TEST_CASE("talk: what was kept is handled before the end of a round and of the link") {
  for (const core::Input& end :
       {core::Input(core::SnapshotDone{}), core::Input(core::SessionDown{})}) {
    Talk talk;
    for (int i = 0; i < 30; ++i) hear(talk, notice(5, fmt::format("text {}", i)), start);
    const auto inputs = hear(talk, end, start);
    REQUIRE(inputs.size() == 2);
    CHECK(std::get<core::BrokerNotice>(inputs[0]).text == "text 29");
    CHECK(talk.next_deadline() == base::never);
  }
}

TEST_CASE("talk: one loud order does not hold up another") {
  Talk talk;
  for (int i = 0; i < 1000; ++i) hear(talk, notice(5, "loud"), start);
  CHECK(hear(talk, notice(6, "quiet"), start).size() == 1);
  CHECK(hear(talk, status(5, BrokerState::working, "Submitted"), start).size() == 1);
}

}  // namespace belay::broker
