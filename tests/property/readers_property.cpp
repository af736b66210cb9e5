// SPDX-License-Identifier: Apache-2.0
// Readers run behind the core by any number of facts and share its orders where they can. What they
// read is at each moment what a book of their own that worked out every fact would say.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/any_day.hpp"
#include "tests/support/book_text.hpp"

using namespace belay::test;

namespace {

// All that readers ask a book for.
std::string what_is_read(const Book& book) {
  std::string out = fmt::format(
      "seq={} epoch={} phase={} next={} archived={} highest={} recalls={} incidents={} open={} "
      "unlisted={} gaps={} reused={} foreign={} halted={} day={}\n",
      book.last_seq(), book.epoch(), book.phase(), book.next_order_id().value(), book.archived(),
      book.highest_archived().value(), book.recalls_total(), book.incidents_total(),
      book.incidents().size(), book.unlisted_codes_total(), book.id_gaps_total(),
      book.id_reuse_total(), book.foreign_requests_total(), book.halted().has_value(),
      book.trading_day());
  out += ids_text(book.ids()) + "live";
  for (const OrderId id : book.live()) out += fmt::format(" {}", id.value());
  const auto name = [](const Order* found) { return found ? found->id.value() : 0; };
  for (const auto& [id, order] : book.in_memory()) {
    out += "\n" + order_text(order);
    if (order.broker_id) out += fmt::format(" by id {}", name(book.find(*order.broker_id)));
    for (const PermanentId each : order.permanent_ids) {
      out += fmt::format(" by permanent id {}", name(book.find(each)));
    }
  }
  return out;
}

class ReadersDay {
 public:
  explicit ReadersDay(std::uint64_t seed) : day_(seed) {
    catch_up();
    day_.rig().core.show_in(readers_);
  }

  void play(int steps) {
    for (int i = 0; i < steps; ++i) {
      day_.act();
      // Mostly a step behind, now and then far.
      if (day_.prng().chance(60)) follow(1 + day_.prng().below(6));
      if (day_.prng().chance(10)) compare();
    }
    catch_up();
    compare();
    for (const auto& [id, order] : readers_.in_memory()) {
      if (day_.book().find(id) == &order) ++shared_;
    }
  }
  std::size_t shared() const { return shared_; }

 private:
  void follow(std::uint64_t count) {
    const auto& history = day_.rig().history;
    for (; count > 0 && readers_.last_seq() < history.size(); --count) {
      const StampedEvent event = CoreRig::decoded(history.at(readers_.last_seq()));
      readers_.apply(event);
      plain_.apply(event);
    }
  }
  void catch_up() { follow(day_.rig().history.size()); }
  void compare() const {
    REQUIRE(what_is_read(readers_) == what_is_read(plain_));
    REQUIRE(readers_.check() == "");
  }

  AnyDay day_;
  Book readers_ = Book::for_readers();
  Book plain_;
  std::size_t shared_ = 0;
};

}  // namespace

TEST_CASE("readers property: what is shared with readers is what they would have worked out") {
  std::size_t shared = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    ReadersDay day(seed);
    day.play(300);
    shared += day.shared();
  }
  CHECK(shared > 1'000);
}
