// SPDX-License-Identifier: Apache-2.0
#include "belay/model/ord_types.hpp"
#include "belay/model/sec_types.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace belay::model;

namespace {
template <class Enum>
void check_round_trip(std::size_t count) {
  const auto& names = names_of(Enum{});
  CHECK(names.size() == count);
  std::set<std::string> words;
  std::set<std::uint64_t> numbers;
  for (const auto& entry : names) {
    CAPTURE(entry.name);
    CHECK(name(entry.value) == entry.name);
    CHECK(parse<Enum>(entry.name) == entry.value);
    CHECK(from_number<Enum>(static_cast<std::uint64_t>(entry.value)) == entry.value);
    CHECK(words.insert(std::string(entry.name)).second);
    CHECK(numbers.insert(static_cast<std::uint64_t>(entry.value)).second);
    CHECK(static_cast<std::uint64_t>(entry.value) != 0);  // 0 is "absent" in the journal
  }
  CHECK_FALSE(parse<Enum>("").has_value());
  CHECK_FALSE(parse<Enum>("nonsense").has_value());
  CHECK_FALSE(from_number<Enum>(0).has_value());
  CHECK_FALSE(from_number<Enum>(200).has_value());
  // A number whose low byte is a member's is none: 257 is not 1.
  CHECK_FALSE(from_number<Enum>(257).has_value());
}
}  // namespace

TEST_CASE("enums: every value has one word and one number, and both lead back to it") {
  check_round_trip<Side>(2);
  check_round_trip<OrdType>(14);
  check_round_trip<TimeInForce>(8);
  check_round_trip<SecurityType>(10);
  check_round_trip<OrdStatus>(11);
}

TEST_CASE("enums: numbers on disk never change") {
  CHECK(static_cast<int>(Side::sell) == 2);
  CHECK(static_cast<int>(OrdType::trailing_stop) == 5);
  CHECK(static_cast<int>(OrdType::other) == 9);
  CHECK(static_cast<int>(TimeInForce::good_till_date) == 5);
  CHECK(static_cast<int>(SecurityType::option) == 4);
  CHECK(static_cast<int>(OrdType::midprice) == 14);
  CHECK(static_cast<int>(TimeInForce::auction) == 7);
  CHECK(static_cast<int>(SecurityType::index) == 10);
  CHECK(static_cast<int>(OrdStatus::held) == 10);
  CHECK(static_cast<int>(OrdStatus::not_accepted) == 11);
}

TEST_CASE("enums: exactly six states are terminal") {
  int terminal = 0;
  for (const auto& entry : ord_status_names) terminal += is_terminal(entry.value) ? 1 : 0;
  CHECK(terminal == 6);
  CHECK_FALSE(is_terminal(OrdStatus::held));
  CHECK(is_terminal(OrdStatus::denied));
  CHECK(is_terminal(OrdStatus::not_accepted));
}
