// SPDX-License-Identifier: Apache-2.0
// A start from a snapshot and the events behind it gives the state that the whole journal gives.
// Shown for histories in which every kind of fact occurs, at many points of each, and compared
// through a text of the book that is written beside it, and not by its own encoding.
#include <doctest/doctest.h>

#include <array>
#include <map>

#include "tests/support/any_day.hpp"
#include "tests/support/book_text.hpp"

using namespace belay::test;

namespace {

constexpr std::size_t kinds = 64;
using Seen = std::array<std::size_t, kinds>;

class SnapshotDay {
 public:
  explicit SnapshotDay(std::uint64_t seed) : day_(seed) {}

  void play(int steps, Seen& seen) {
    for (int i = 0; i < steps; ++i) {
      day_.act();
      if (day_.prng().chance(3)) take();
    }
    day_.answer_recalls(true);
    take();
    judge();
    for (const auto& row : day_.rig().history) ++seen.at(row.type);
  }

 private:
  void take() { snapshots_[day_.book().last_seq()] = day_.book().encode(); }

  void judge() {
    const Book& book = day_.book();
    const std::string text = book_text(book);
    const std::string bytes = book.encode();
    const Book replayed = day_.rig().replayed();
    REQUIRE(book_text(replayed) == text);
    REQUIRE(replayed.encode() == bytes);
    for (const auto& taken : snapshots_) {
      const std::uint64_t seq = taken.first;
      const std::string& snapshot = taken.second;
      CAPTURE(seq);
      auto restored = Book::decode(snapshot);
      REQUIRE(restored.has_value());
      REQUIRE(restored->encode() == snapshot);
      for (const auto& row : day_.rig().history) {
        if (row.seq > seq) restored->apply(CoreRig::decoded(row));
      }
      REQUIRE(book_text(*restored) == text);
      REQUIRE(restored->encode() == bytes);
    }
  }

  AnyDay day_;
  std::map<std::uint64_t, std::string> snapshots_;
};

}  // namespace

TEST_CASE("snapshot property: a snapshot and its tail are the whole journal, for every fact") {
  Seen seen{};
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    SnapshotDay(seed).play(300, seen);
  }
  for (std::size_t i = 0; i < Event::size; ++i) {
    const auto type = static_cast<std::size_t>(i + 1);
    // Nothing reports an expiry of its own accord: the broker calls it a cancel.
    if (type == OrderExpired::type) continue;
    // Only a start over the journal of an earlier version heals a mark.
    if (type == MarkHealed::type) continue;
    CAPTURE(type);
    CHECK(seen.at(type) > 0);
  }
}
