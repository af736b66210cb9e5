// SPDX-License-Identifier: Apache-2.0
// Messages with fields that are not what they should be: such a field costs itself and no other.
#include <doctest/doctest.h>

#include "belay/tws/wire/codec.hpp"

using namespace belay::tws::wire;

namespace {

std::string payload(std::initializer_list<const char*> fields) {
  std::string out;
  for (const char* field : fields) {
    out += field;
    out.push_back('\0');
  }
  return out;
}

template <class Message>
Decoded<ServerMessage> tolerant(const std::string& bytes, int version, Message& out) {
  auto decoded = decode_server_tolerantly(bytes, version);
  REQUIRE(decoded);
  REQUIRE(std::holds_alternative<Message>(decoded->message));
  out = std::get<Message>(decoded->message);
  return std::move(*decoded);
}

}  // namespace

TEST_CASE("tolerant: a number that is none costs its field, is named, and the rest is read") {
  OrderStatus status;
  const auto decoded = tolerant(
      payload({"3", "42", "Filled", "40", "x1\n", "189.5", "77", "0", "189.4", "3", "", "0"}), 176,
      status);
  CHECK(status.order_id == 42);
  CHECK(status.filled.to_string() == "40");
  CHECK_FALSE(status.remaining.is_set());
  CHECK(status.avg_fill_price.to_string() == "189.5");
  CHECK(status.client_id == 3);
  REQUIRE(decoded.damaged.size() == 1);
  CHECK(decoded.damaged[0].field == "remaining");
  CHECK(decoded.damaged[0].field_index == 4);
  CHECK(decoded.damaged[0].bytes == "x1 ");
}

TEST_CASE("tolerant: an id that is empty, unset or cut off is not given, and never client 0") {
  OrderStatus status;
  tolerant(payload({"3", "NaN", "Filled", "40", "0", "1", "", "0", "1", "", "", "0"}), 176, status);
  CHECK(status.order_id == 2147483647);
  CHECK(status.client_id == 2147483647);
  CHECK(status.perm_id == INT64_MAX);
  const auto cut = tolerant(payload({"3", "42", "Filled", "40"}), 176, status);
  CHECK(status.order_id == 42);
  CHECK(status.client_id == 2147483647);
  REQUIRE(cut.damaged.size() == 1);
  CHECK(cut.damaged[0].reason == DecodeReason::under_run);
  CHECK(cut.damaged[0].field == "remaining");
}

TEST_CASE("tolerant: exact reading refuses what it refused before") {
  const auto bytes = payload({"3", "42", "Filled", "x", "0", "1", "77", "0", "1", "3", "", "0"});
  CHECK_FALSE(decode_server(bytes, 176));
  CHECK_FALSE(decode_server_tolerantly(payload({"x", "1"}), 176));
}

TEST_CASE("tolerant: texts are cleaned") {
  ErrMsg error;
  tolerant(payload({"4", "2", "42", "201", "ung\xfcltig\nTWS: ready\x1b[2J", ""}), 176, error);
  CHECK(error.error_string == "ung\xc3\xbcltig TWS: ready [2J");
}
