// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/order_encoding.hpp"

#include <doctest/doctest.h>

#include "tests/support/book_text.hpp"
#include "tests/support/random_order.hpp"

namespace belay::core {

using test::order_text;
using test::random_order;

TEST_CASE("order encoding: every field comes back") {
  base::Prng prng(11);
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    const Order order = random_order(prng, OrderId(i));
    const std::string bytes = encode_order(order);
    const auto back = decode_order(bytes);
    REQUIRE(back.has_value());
    CHECK(order_text(*back) == order_text(order));
    CHECK(back->counted_open == order.counted_open);
    CHECK(back->con_id == order.con_id);
    CHECK(encode_order(*back) == bytes);
  }
}

TEST_CASE("order encoding: a fresh order comes back as it is made") {
  Order order;
  order.id = OrderId(1);
  const auto back = decode_order(encode_order(order));
  REQUIRE(back.has_value());
  CHECK(back->status == OrdStatus::created);
  CHECK(encode_order(*back) == encode_order(order));
}

TEST_CASE("order encoding: damaged bytes are refused or decode to something, and never crash") {
  base::Prng prng(12);
  for (int i = 0; i < 2'000; ++i) {
    std::string bytes = encode_order(random_order(prng, OrderId(7)));
    const auto at = static_cast<std::size_t>(prng.below(bytes.size()));
    if (prng.chance(50)) {
      bytes[at] = static_cast<char>(prng.next());
    } else {
      bytes.resize(at);
    }
    static_cast<void>(decode_order(bytes));
  }
  CHECK_FALSE(decode_order("").has_value());
}

}  // namespace belay::core
