// SPDX-License-Identifier: Apache-2.0
#include "belay/core/ids/id_rules.hpp"

#include <doctest/doctest.h>

#include "tests/support/core_rig.hpp"

using namespace belay::core;
using namespace belay::test;

namespace {

std::string rules(const std::vector<belay::base::Error>& broken) {
  std::string out;
  for (const auto& error : broken) out += (out.empty() ? "" : " ") + error.field;
  return out;
}
std::string asked(const CoreRig& rig, std::int64_t number, const char* purpose = "",
                  const char* who = "tester") {
  return rules(
      broken_id_rules(rig.core.book(), rig.core.options().ids, {rig.client, number, purpose, who}));
}

}  // namespace

TEST_CASE("S0.6 ranges: the text names known purposes, both ends included, and no overlap") {
  const auto ranges = parse_id_ranges("manual=0-999, scanner=1000-1999");
  REQUIRE(ranges.has_value());
  CHECK(*ranges == std::vector<IdRange>{{"manual", 1, 1000}, {"scanner", 1000, 2000}});
  CHECK(parse_id_ranges("").value().empty());
  for (const char* wrong :
       {"manual", "manual=5", "manual=9-5", "swing=1-2", "manual=1-5,manual=6-7",
        "manual=1-5,test=5-9", "manual=-1-5", "manual=1-2147000000", "manual=1-x"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_id_ranges(wrong).has_value());
    CHECK(parse_id_ranges(wrong).error().field == "ID_RANGES");
  }
}

TEST_CASE("S0.5 purposes: known labels stay, everything else is other (S0.16)") {
  for (const auto label : purposes) CHECK(purpose_label(label) == label);
  for (const char* word : {"", "swing", "MANUAL"}) CHECK(purpose_label(word) == "other");
}

TEST_CASE("S0.15 ranges: the next id of a purpose is in its range, of the others outside all") {
  IdOptions options;
  CHECK(next_number(options, 7, "manual") == 8);
  CHECK(next_number(options, broker_number_max, "manual") == std::nullopt);
  CHECK(next_number(options, broker_number_max - 3, "manual", 3) == broker_number_max - 2);
  CHECK(next_number(options, broker_number_max - 3, "manual", 4) == std::nullopt);
  options.ranges = *parse_id_ranges("manual=0-9,scanner=10-19,algo=30-39");
  CHECK(next_number(options, 0, "manual") == 1);
  CHECK(next_number(options, 4, "scanner") == 10);
  // A range that was passed comes back a lap later; a lap is twice the ranges.
  CHECK(lap_of(options) == 80);
  CHECK(next_number(options, 12, "manual") == 81);
  CHECK(next_number(options, 85, "manual") == 86);
  CHECK(next_number(options, 89, "manual") == 161);
  CHECK(next_number(options, 12, "scanner", 7) == 13);
  CHECK(next_number(options, 12, "scanner", 8) == 90);
  CHECK(next_number(options, 12, "scanner", 11) == std::nullopt);
  CHECK(next_number(options, 80, "other") == 100);
  CHECK(next_number(options, 80, "other", 100) == std::nullopt);
  CHECK(next_number(options, broker_number_max - 1, "manual") == std::nullopt);
  CHECK(next_number(options, 0, "other") == 20);
  CHECK(next_number(options, 25, "other", 4) == 26);
  CHECK(next_number(options, 25, "other", 5) == 40);
}

TEST_CASE("S0.28 S0.31 S0.32 validation: every broken rule is told, not only the first") {
  CoreRig rig = CoreRig::ready();
  rig.sent("k1");
  CHECK(asked(rig, 1) == "reused passed");
  CHECK(asked(rig, 0) == "zero");
  CHECK(asked(rig, -1) == "int32");
  CHECK(asked(rig, 2'147'483'648) == "int32");
  CHECK(asked(rig, 2'147'483'647) == "range");
  CHECK(asked(rig, 2) == "");
  rig.step(ReserveIds{1, "tester", "algo", 3, 10});
  CHECK(asked(rig, 5) == "passed");
  CHECK(asked(rig, 11) == "");
  CHECK(asked(rig, 11, "algo") == "");
  CHECK(asked(rig, 11, "manual") == "reserved");
  CHECK(asked(rig, 11, "algo", "another") == "reserved");
}

TEST_CASE("S0.29 validation: a window around the next id, off by default, never for own blocks") {
  CoreRig rig = CoreRig::ready();
  CHECK(asked(rig, 1'000'000) == "");
  CoreOptions options;
  options.ids.window = 100;
  CoreRig narrow = CoreRig::ready(options);
  narrow.step(ReserveIds{1, "tester", "test", 500, {}});
  CHECK(asked(narrow, 601) == "");
  CHECK(asked(narrow, 602) == "window");
  CHECK(asked(narrow, 1) == "");
}

TEST_CASE("S0.30 validation: an id in the range of another purpose is refused when ranges are on") {
  CoreRig rig = CoreRig::ready(with_ranges("manual=1-9,scanner=10-19"));
  CHECK(asked(rig, 12, "manual") == "purpose_range");
  CHECK(asked(rig, 12, "scanner") == "");
  CHECK(asked(rig, 12, "other") == "purpose_range");
  CHECK(asked(rig, 30, "manual") == "purpose_range");
  CHECK(asked(rig, 30, "other") == "");
  CHECK(asked(rig, 12) == "");
}
