// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <vector>

#include "belay/broker/pacer.hpp"

using belay::base::Time;
using belay::broker::Pacer;

TEST_CASE("pacer property: never more than the limit in any sliding second, however late sends") {
  CHECK(rc::check([] {
    const auto limit = *rc::gen::inRange<unsigned>(1, 12);
    const auto moves = *rc::gen::container<std::vector<std::pair<int, int>>>(
        rc::gen::pair(rc::gen::inRange(0, 4), rc::gen::inRange(0, 400)));
    Pacer pacer(limit);
    std::vector<Time> sent;
    Time now(0);
    for (const auto& [move, ms] : moves) {
      now = now + std::chrono::milliseconds(ms);
      if (move == 0 && pacer.available(now) > 0) {
        pacer.sent(now);
        sent.push_back(now);
      } else if (move == 1 && pacer.available(now) > 0) {
        pacer.reserve();
      } else if (move == 2 && pacer.reserved() > 0) {
        pacer.sent_reserved(now);
        sent.push_back(now);
      } else if (move == 3 && pacer.reserved() > 0) {
        pacer.unreserve();
      }
      RC_ASSERT(pacer.available(now) <= limit);
      // The promise made by next_change is kept: something may start then, or is reserved.
      const Time next = pacer.next_change(now);
      if (next != belay::base::never) {
        RC_ASSERT(next > now);
        RC_ASSERT(pacer.available(next) > pacer.available(now) || pacer.reserved() >= limit);
      }
    }
    for (std::size_t i = 0; i < sent.size(); ++i) {
      const auto within = std::count_if(sent.begin(), sent.end(), [&](Time t) {
        return t >= sent[i] && t - sent[i] < std::chrono::seconds(1);
      });
      RC_ASSERT(within <= static_cast<std::ptrdiff_t>(limit));
    }
  }));
}
