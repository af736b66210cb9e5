// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/claims.hpp"

#include <doctest/doctest.h>

namespace belay::core {
namespace {

using std::chrono::seconds;

const base::Time start(1'795'253'400'000'000'000);
const auto longest = seconds(300);

TEST_CASE("claims: the next due is the earliest of all, in whatever order they came") {
  Claims claims;
  CHECK(claims.next_due() == base::never);
  claims.add(OrderId(7), start + seconds(5), seconds(1));
  claims.add(OrderId(9), start, seconds(2));
  CHECK(claims.next_due() == start + seconds(2));
  claims.remove(OrderId(9));
  CHECK(claims.next_due() == start + seconds(6));
  claims.remove(OrderId(9));
  claims.remove(OrderId(7));
  CHECK(claims.next_due() == base::never);
}

TEST_CASE("claims: one that is there already keeps its time") {
  Claims claims;
  claims.add(OrderId(7), start, seconds(1));
  claims.add(OrderId(7), start + seconds(9), seconds(1));
  CHECK(claims.next_due() == start + seconds(1));
}

TEST_CASE("claims: what is due is asked for ever more rarely, and the rest stays due") {
  Claims claims;
  claims.add(OrderId(7), start, seconds(1));
  claims.add(OrderId(8), start, seconds(60));
  CHECK_FALSE(claims.put_off(start, longest));
  base::Time now = start;
  for (const int wait : {1, 2, 4, 8, 16}) {
    now = now + seconds(wait);
    CHECK(claims.next_due() == now);
    CHECK(claims.put_off(now, longest));
    CHECK_FALSE(claims.put_off(now, longest));
  }
  CHECK(claims.next_due() == start + seconds(60));
  for (int i = 0; i < 20; ++i) {
    now = claims.next_due();
    CHECK(claims.put_off(now, longest));
  }
  CHECK(claims.next_due() <= now + longest);
}

TEST_CASE("claims: what is settled goes, and the others stay") {
  Claims claims;
  for (std::uint64_t i = 1; i <= 9; ++i) claims.add(OrderId(i), start, seconds(1));
  claims.remove_if([](OrderId id) { return id.value() % 3 != 0; });
  CHECK(claims.ids() == std::set<OrderId>{OrderId(3), OrderId(6), OrderId(9)});
  CHECK(claims.next_due() == start + seconds(1));
}

}  // namespace
}  // namespace belay::core
