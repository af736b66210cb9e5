// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "belay/core/facts/book.hpp"
#include "tests/support/core_rig.hpp"

namespace belay::core {

/// Breaks a book in ways that no event can.
struct BookDoctor {
  Book& book;

  Order& order(OrderId id) { return book.orders_.write(id); }
  void forget_live(OrderId id) { book.live_.erase(id); }
  void forget_key(OrderId id) {
    book.keys_.erase(key_hash(book.find(id)->spec->account, book.find(id)->cl_ord_id));
  }
  void forget_open(OrderId id) { book.note_open(*book.find(id), false); }
  void forget_permanent_id(PermanentId id) { book.by_permanent_id_.erase(id); }
  void finish(OrderId id) { book.finished_.emplace(book.find(id)->seq, id); }
  void lose_order(OrderId id) { book.orders_.erase(id); }
  void count_incident(OrderId id) { ++book.incidents_by_order_[id]; }
  void answer(OrderId id) {
    book.ids_.count({IdState::sent, purpose_index(book.find(id)->spec->purpose)}, {});
  }
};

}  // namespace belay::core

namespace belay::test {
namespace {

struct Doctored {
  const char* rule;
  void (*doctor)(BookDoctor& doctor, OrderId working, OrderId sent);
};
const Doctored doctored[] = {
    {"it is live until it is done", [](BookDoctor& d, OrderId id, OrderId) { d.forget_live(id); }},
    {"its fills add up",
     [](BookDoctor& d, OrderId id, OrderId) { d.order(id).cum_qty = Quantity::from_int(41); }},
    {"its fills without a price are counted",
     [](BookDoctor& d, OrderId id, OrderId) { ++d.order(id).unpriced; }},
    {"its key leads to it", [](BookDoctor& d, OrderId id, OrderId) { d.forget_key(id); }},
    {"among the open ones", [](BookDoctor& d, OrderId id, OrderId) { d.forget_open(id); }},
    {"its permanent id leads to an order that has it",
     [](BookDoctor& d, OrderId id, OrderId) {
       d.forget_permanent_id(d.order(id).permanent_ids.front());
     }},
    {"terms that are under way are wanted",
     [](BookDoctor& d, OrderId id, OrderId) { d.order(id).replacing = d.order(id).spec->terms; }},
    {"the finished orders are those that may be archived",
     [](BookDoctor& d, OrderId id, OrderId) { d.finish(id); }},
    {"a live order is in memory", [](BookDoctor& d, OrderId id, OrderId) { d.lose_order(id); }},
    {"open incidents are counted by order",
     [](BookDoctor& d, OrderId id, OrderId) { d.count_incident(id); }},
    {"ids without an answer are counted", [](BookDoctor& d, OrderId, OrderId id) { d.answer(id); }},
    {"its broker id is not above the mark",
     [](BookDoctor& d, OrderId, OrderId id) { d.order(id).broker_id->number = 1'000'000; }},
};

}  // namespace

TEST_CASE("book: every rule that a doctored book breaks is named") {
  CoreRig rig = CoreRig::ready();
  const OrderId working = rig.working("k1");
  rig.fill(working, "e.1.01", 40);
  const OrderId sent = rig.sent("k2");
  REQUIRE(rig.core.book().check() == "");
  for (const Doctored& one : doctored) {
    CAPTURE(one.rule);
    Book book = rig.core.book();
    BookDoctor doctor{book};
    one.doctor(doctor, working, sent);
    CHECK(book.check().find(one.rule) != std::string::npos);
    CHECK(rig.core.book().check() == "");
  }
}

TEST_CASE(
    "book: readers see an order as it was until they have come as far, and hold no second one") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.working("k1");
  Book readers = Book::for_readers();
  rig.core.show_in(readers);
  const auto told = [&] {
    for (const StampedEvent& e : rig.last.events) readers.apply(e);
  };
  const Order* order = rig.core.book().find(id);
  CHECK(readers.find(id) == order);

  rig.fill(id, "e.1.01", 40);
  CHECK(rig.core.book().find(id) == order);  // a decision's reference stays what it was
  CHECK(order->cum_qty == shares(40));
  REQUIRE(readers.find(id) != nullptr);
  CHECK(readers.find(id)->cum_qty == shares(0));
  told();
  CHECK(readers.find(id) == order);

  // Of two changes that are not told yet the readers see one after the other.
  rig.fill(id, "e.2.01", 10);
  const auto first = rig.last.events;
  rig.fill(id, "e.3.01", 5);
  for (const StampedEvent& e : first) readers.apply(e);
  CHECK(readers.find(id)->cum_qty == shares(50));
  told();
  CHECK(readers.find(id) == order);
  CHECK(readers.check() == "");

  // A copy of a book shares nothing.
  const Book copy = rig.core.book();
  CHECK(copy.find(id) != order);
}

}  // namespace belay::test
