// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/event_encoding.hpp"

#include <doctest/doctest.h>

#include <set>

#include "belay/base/proto.hpp"
#include "tests/support/random_event.hpp"

using namespace belay::core;
using belay::base::Prng;
using belay::base::ProtoWriter;
using belay::test::default_event;
using belay::test::event_count;
using belay::test::event_text;
using belay::test::random_event;

TEST_CASE("event encoding: every event with any content is read back as it was") {
  Prng prng(1);
  for (std::size_t index = 0; index < event_count; ++index) {
    for (int i = 0; i < 200; ++i) {
      const Event event = random_event(index, prng);
      const std::string bytes = encode(event);
      const auto back = decode(type_of(event), event_version, bytes);
      REQUIRE(back.has_value());
      REQUIRE(event_text(*back) == event_text(event));
      REQUIRE(encode(*back) == bytes);
    }
  }
}

TEST_CASE("event encoding: empty texts stay empty where the struct has a default") {
  OrderAccepted accepted;
  accepted.spec.edit().contract.exchange.clear();
  accepted.spec.edit().contract.currency.clear();
  const auto back = decode(OrderAccepted::type, 1, encode(accepted));
  REQUIRE(back.has_value());
  CHECK(std::get<OrderAccepted>(*back).spec == accepted.spec);
}

TEST_CASE("event encoding: types are distinct, named, and dense from 1") {
  std::set<std::uint16_t> types;
  std::set<std::string> names;
  for (std::size_t index = 0; index < event_count; ++index) {
    const Event event = default_event(index);
    CHECK(type_of(event) == index + 1);
    CHECK(types.insert(type_of(event)).second);
    CHECK(names.insert(std::string(name(event))).second);
    CHECK_FALSE(name(event).empty());
  }
}

TEST_CASE("event encoding: fields of a later version are skipped") {
  Prng prng(2);
  for (std::size_t index = 0; index < event_count; ++index) {
    const Event event = random_event(index, prng);
    ProtoWriter later;
    later.varint(100, 7);
    later.bytes(101, "later");
    const auto back = decode(type_of(event), event_version, encode(event) + later.str());
    REQUIRE(back.has_value());
    CHECK(event_text(*back) == event_text(event));
  }
}

TEST_CASE("event encoding: cut and changed bytes give an event or a reason, never a crash") {
  Prng prng(3);
  int refused = 0;
  for (std::size_t index = 0; index < event_count; ++index) {
    const Event event = random_event(index, prng);
    const std::string bytes = encode(event);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto cut = decode(type_of(event), event_version, bytes.substr(0, size));
      if (cut) {
        static_cast<void>(event_text(*cut));
      } else {
        ++refused;
        CHECK(cut.error().field == "payload");
      }
    }
    for (int i = 0; i < 200 && !bytes.empty(); ++i) {
      std::string changed = bytes;
      changed[static_cast<std::size_t>(prng.below(changed.size()))] =
          static_cast<char>(prng.next());
      const auto result = decode(type_of(event), event_version, changed);
      if (result) static_cast<void>(event_text(*result));
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("event encoding: an unknown type or a later version is named") {
  const auto unknown = decode(999, event_version, "");
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().field == "type");
  for (const int version : {0, event_version + 1, 65535}) {
    const auto later = decode(OrderAccepted::type, static_cast<std::uint16_t>(version), "");
    REQUIRE_FALSE(later.has_value());
    CHECK(later.error().field == "version");
  }
}

TEST_CASE("event encoding: a negative quantity and an unknown enumerator are damage") {
  ProtoWriter terms;
  terms.sint(1, -1);
  ProtoWriter event;
  event.varint(1, 5);
  event.bytes(2, terms.str());
  CHECK_FALSE(decode(OrderRestated::type, 1, event.str()).has_value());
  ProtoWriter bad_tif;
  bad_tif.varint(6, 77);
  ProtoWriter other;
  other.varint(1, 5);
  other.bytes(2, bad_tif.str());
  CHECK_FALSE(decode(OrderRestated::type, 1, other.str()).has_value());
}

TEST_CASE("event encoding: equal requests have equal bytes and different ones differ") {
  OrderSpec spec;
  spec.contract.symbol = "AAPL";
  spec.terms.order_qty = Quantity::from_int(1);
  OrderSpec other = spec;
  CHECK(encode(spec) == encode(other));
  other.terms.price = Price();  // a price of zero is not "no price"
  CHECK(encode(spec) != encode(other));
}

TEST_CASE("event encoding: the order that an event is about is found in it") {
  CHECK(order_of(SendIntended{OrderId(3), {}}) == OrderId(3));
  CHECK_FALSE(order_of(SyncCompleted{}).has_value());
  CHECK_FALSE(order_of(IncidentOpened{"kind", OrderId(), "text"}).has_value());
  CHECK(order_of(IncidentOpened{"kind", OrderId(4), "text"}) == OrderId(4));
}
