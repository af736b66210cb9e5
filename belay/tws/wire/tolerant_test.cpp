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
  CHECK(decoded.damaged[0].bytes == "x1\\n");
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
  CHECK(error.error_string == "ung\xc3\xbcltig\\nTWS: ready\\x1b[2J");
}

TEST_CASE("tolerant: a count that cannot be read is named, and is what explains the rest") {
  for (const char* count : {"NaN", "Infinity", "", "-1", "1e-300", "99999999999999999999999999"}) {
    CAPTURE(count);
    SecDefOptParams chain;
    const auto read = tolerant(
        payload({"75", "7", "SMART", "1", "SPY", "100", count, "20261218", "2", "600", "605"}), 200,
        chain);
    CHECK(chain.expirations == std::vector<std::string>{"20261218"});
    CHECK(chain.strikes.size() == 2);
    REQUIRE(read.damaged.size() == 1);
    CHECK(read.damaged[0].field == "expirationsCount");
    CHECK(read.damaged[0].reason == DecodeReason::bad_count);
    CHECK(read.damaged[0].bytes == std::string_view(count));
  }
}

TEST_CASE(
    "tolerant: behind a count that nothing explains the message is left out, and that is named") {
  const std::string fields = payload({"75", "7", "SMART", "1", "SPY", "100", "NaN"});
  std::string many = fields;
  for (int i = 0; i < 40; ++i) many += std::string("x") + '\0';
  SecDefOptParams chain;
  const auto read = tolerant(many, 200, chain);
  CHECK(chain.multiplier == "100");
  CHECK(chain.expirations.empty());
  CHECK(chain.strikes.empty());
  REQUIRE(read.damaged.size() == 1);
  CHECK(read.damaged[0].reason == DecodeReason::bad_count);
}
