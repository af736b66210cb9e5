// SPDX-License-Identifier: Apache-2.0
// Starts from snapshots: when they are used, when they are discarded, and what they leave out.
#include <doctest/doctest.h>

#include "tests/support/snapshot_life.hpp"

namespace belay::engine {

using test::SnapshotLife;

TEST_CASE("snapshot: a start from one and the tail is the start from the whole journal") {
  SnapshotLife life;
  life.live(5);
  life.stop();
  life.live(7);
  const std::string whole = life.state_after_restart(false);
  CHECK(life.loaded == 0);
  const std::uint64_t all = life.stats().replayed_total;
  const std::string from_snapshot = life.state_after_restart(true);
  CHECK(life.loaded != 0);
  CHECK(life.stats().replayed_total < all);
  CHECK(from_snapshot == whole);
}

TEST_CASE("snapshot: events before it are still read for streams, as many as are kept") {
  SnapshotLife life;
  life.options.events_kept = 3;
  life.live(5);
  life.stop();
  const std::uint64_t at = life.snapshots.files.back().seq;
  life.state_after_restart(true);
  CHECK(life.loaded == at);
  CHECK(life.remembered == std::vector<std::uint64_t>{at - 2, at - 1, at});
}

TEST_CASE("snapshot: one of another program, another journal or the future is discarded") {
  SnapshotLife life;
  life.live(5);
  life.stop();
  const std::string whole = life.state_after_restart(false);
  const Snapshot good = life.snapshots.files.back();
  const auto start_with = [&](Snapshot snapshot) {
    life.snapshots.files = {std::move(snapshot)};
    CHECK(life.state_after_restart(true) == whole);
    return life.loaded;
  };
  CHECK(start_with(good) == good.seq);
  Snapshot other = good;
  other.format ^= 1;
  CHECK(start_with(other) == 0);
  other = good;
  other.check ^= 1;
  CHECK(start_with(other) == 0);
  other = good;
  other.seq += 1;
  CHECK(start_with(other) == 0);
  other = good;
  other.seq += 1'000;
  CHECK(start_with(other) == 0);
  other = good;
  other.state.pop_back();
  CHECK(start_with(other) == 0);
  // An older one is taken when the newest is no good.
  life.snapshots.files = {good, other};
  CHECK(life.state_after_restart(true) == whole);
  CHECK(life.loaded == good.seq);
}

TEST_CASE("snapshot: one is made when enough has happened and nothing is in flight") {
  SnapshotLife life;
  life.options.snapshot_every = 10;
  life.live(3);
  REQUIRE(life.snapshots.files.size() == 1);
  CHECK(life.stats().snapshot_seq == life.snapshots.files.back().seq);
  life.stop();  // nothing happened since
  CHECK(life.snapshots.files.size() == 1);
  life.options.snapshot_every = 0;
  life.live(100);
  CHECK(life.snapshots.files.size() == 1);
}

}  // namespace belay::engine
