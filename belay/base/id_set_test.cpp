// SPDX-License-Identifier: Apache-2.0
#include "belay/base/id_set.hpp"

#include <doctest/doctest.h>

#include <set>

#include "belay/base/prng.hpp"
#include "belay/base/strong.hpp"

using Id = belay::base::Strong<struct IdSetTestTag, std::uint64_t>;
using belay::base::IdSet;

TEST_CASE("id set: it holds what a set holds, in the same order, both ways") {
  belay::base::Prng prng(7);
  for (const std::uint64_t span : {70U, 5'000U, 100'000U}) {
    IdSet<Id> ids;
    std::set<Id> model;
    for (int i = 0; i < 3000; ++i) {
      const Id id(prng.below(span) + 1);
      if (prng.chance(55)) {
        ids.insert(id);
        model.insert(id);
      } else {
        ids.erase(id);
        model.erase(id);
      }
      REQUIRE(ids.contains(id) == model.contains(id));
      const Id from(prng.below(span + 100));
      const auto at = ids.lower_bound(from);
      const auto expected = model.lower_bound(from);
      REQUIRE((at == ids.end()) == (expected == model.end()));
      if (expected != model.end()) REQUIRE(*at == *expected);
    }
    REQUIRE(ids.size() == model.size());
    REQUIRE(std::vector<Id>(ids.begin(), ids.end()) == std::vector<Id>(model.begin(), model.end()));
    std::vector<Id> back;
    for (auto at = ids.end(); at != ids.begin();) back.push_back(*--at);
    REQUIRE(back == std::vector<Id>(model.rbegin(), model.rend()));
  }
}

TEST_CASE("id set: an empty one begins at its end, and no id is above all") {
  IdSet<Id> ids;
  CHECK(ids.begin() == ids.end());
  CHECK_FALSE(ids.contains(Id(5)));
  ids.insert(Id(64));
  ids.erase(Id(64));
  CHECK(ids.begin() == ids.end());
  CHECK(ids.lower_bound(Id(UINT64_MAX)) == ids.end());
}
