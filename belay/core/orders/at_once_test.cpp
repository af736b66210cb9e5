// SPDX-License-Identifier: Apache-2.0
// IOC and FOK cannot wait anywhere: when settled lists lack them they are over.
#include <doctest/doctest.h>

#include <string_view>

#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {

enum class Between { nothing, lost_link, restart };
constexpr Between betweens[] = {Between::nothing, Between::lost_link, Between::restart};

void pass(CoreRig& rig, Between between) {
  if (between == Between::nothing) return;
  between == Between::restart ? rig.restart() : rig.down();
  rig.up(2);
}
}  // namespace

TEST_CASE("absence: what ends at once is over after two settled lists, whatever was said of it") {
  for (const TimeInForce tif : {TimeInForce::immediate_or_cancel, TimeInForce::fill_or_kill}) {
    for (const char* word : {"", "PendingSubmit", "Submitted"}) {
      for (const Between between : betweens) {
        CAPTURE(word);
        CAPTURE(static_cast<int>(between));
        CoreRig rig = CoreRig::ready();
        const OrderId id = rig.sent("k1", limit_order_for(tif));
        const bool works = std::string_view(word) == "Submitted";
        if (word[0] != '\0') {
          rig.status(id, works ? BrokerState::working : BrokerState::pending, word);
        }
        pass(rig, between);
        rig.later_round();
        CHECK_FALSE(is_terminal(rig.state(id)));
        CHECK(rig.order(id).unknown);
        pass(rig, between);  // what one link has shown does not count on the next
        rig.later_round();
        if (between != Between::nothing) {
          CHECK_FALSE(is_terminal(rig.state(id)));
          rig.later_round();
        }
        CHECK(rig.state(id) == OrdStatus::expired);
        CHECK_FALSE(rig.order(id).unknown);
        CHECK(rig.core.book().incidents().empty());
        rig.fill(id, "late.01", 40);  // facts count whenever they come
        CHECK(rig.order(id).cum_qty == shares(40));
      }
    }
  }
}

TEST_CASE("absence: what ends at once needs a person where the lists could not tell its fills") {
  const auto undecided = [](CoreRig& rig, OrderId id) {
    for (int i = 0; i < 3; ++i) rig.later_round();
    return !is_terminal(rig.state(id)) && rig.order(id).unknown &&
           rig.core.book().incidents().size() == 1;
  };
  CoreOptions options = CoreRig::usual();
  options.calendar.day_end.reset();
  CoreRig no_day = CoreRig::ready(options);
  CHECK(undecided(no_day, no_day.sent("k1", limit_order_for(TimeInForce::immediate_or_cancel))));
  CoreRig old = CoreRig::ready();
  const OrderId yesterday = old.sent("k1", limit_order_for(TimeInForce::fill_or_kill));
  old.restart();
  old.wait(std::chrono::hours(24));
  old.up();
  CHECK(undecided(old, yesterday));
  CoreRig claimed = CoreRig::ready();
  const OrderId id = claimed.sent("k1", limit_order_for(TimeInForce::immediate_or_cancel));
  claimed.status(id, BrokerState::working, "Submitted", 10);
  for (int i = 0; i < 3; ++i) claimed.later_round();
  CHECK(claimed.order(id).cum_qty == shares(10));  // it is inferred, before the end is
}
