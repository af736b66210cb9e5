// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/codec.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include "belay/base/prng.hpp"
#include "belay/tws/wire/gateway_words.hpp"
#include "belay/tws/wire/random_message.hpp"
#include "belay/tws/wire/test_payload.hpp"

namespace belay::tws::wire {
namespace {

constexpr std::size_t server_count = ServerMessage::size;
constexpr std::size_t client_count = ClientMessage::size;

std::string text(std::string_view shown) {
  std::string out(shown);
  std::replace(out.begin(), out.end(), '|', '\0');
  return out;
}

std::ptrdiff_t field_count(std::string_view bytes) {
  return std::count(bytes.begin(), bytes.end(), '\0');
}

// Calls `check(message, decode)` for every message of both directions at every version.
template <class Check>
void for_all(std::uint64_t seed, int rounds, Check check) {
  base::Prng prng(seed);
  for (int version = min_server_version; version <= max_server_version; ++version) {
    for (int round = 0; round < rounds; ++round) {
      for (std::size_t i = 0; i < server_count; ++i) {
        check(random_server_message(i, version, prng), version, decode_server);
      }
      for (std::size_t i = 0; i < client_count; ++i) {
        check(random_client_message(i, version, prng), version, decode_client);
      }
    }
  }
}

TEST_CASE("codec: every message comes back equal at every version from 176 to 200") {
  for_all(1, 12, [](const auto& message, int version, auto decode) {
    const auto back = decode(payload(message, version), version);
    REQUIRE_MESSAGE(back, name(message), " at ", version, ": ", to_string(back.error()));
    CHECK_MESSAGE(back->message == message, name(message), " at ", version);
    CHECK(back->trailing.empty());
  });
}

TEST_CASE("codec: a frame begins with the length of what follows") {
  std::string frame = "before";
  encode(NextValidId{17}, 200, frame);
  CHECK(frame == std::string("before\0\0\0\x07", 10) + std::string("9\0001\00017\0", 7));
}

TEST_CASE("codec: a message cut before any field names itself and the field that is missing") {
  for_all(2, 1, [](const auto& message, int version, auto decode) {
    if (message.index() == 0) return;
    const std::string whole = payload(message, version);
    std::size_t end = 0;
    for (int index = 0; index < field_count(whole); ++index) {
      const auto cut = decode(whole.substr(0, end), version);
      REQUIRE_FALSE(cut);
      const DecodeError& error = cut.error();
      CHECK_FALSE(error.field.empty());
      // A count that promises more than is left is found at the count, not at the end.
      if (error.reason == DecodeReason::too_many) {
        CHECK(error.field_index < index);
      } else {
        CHECK(error.reason == DecodeReason::under_run);
        CHECK(error.field_index == index);
      }
      if (index > 0) CHECK(error.message == name(message));
      end = whole.find('\0', end) + 1;
    }
  });
}

TEST_CASE("codec: a message cut inside a field is bad text, not a shorter field") {
  const std::string whole = payload(ManagedAccts{"DU1,DU2"}, 200);
  const auto cut = decode_server(whole.substr(0, whole.size() - 1), 200);
  REQUIRE_FALSE(cut);
  CHECK(cut.error() == DecodeError{"managedAccounts", "accountsList", 2, DecodeReason::bad_text});
}

TEST_CASE("codec: extra trailing fields are kept and ignored") {
  for_all(3, 1, [](const auto& message, int version, auto decode) {
    if (message.index() == 0) return;
    const auto back = decode(payload(message, version) + text("|more|"), version);
    REQUIRE(back);
    CHECK(back->message == message);
    CHECK(back->trailing == std::vector<std::string>{"", "more"});
  });
}

TEST_CASE("codec: a plain open order has the documented number of fields") {
  OpenOrder open;
  open.contract.sec_type = "STK";
  open.order.order_type = "LMT";
  apply_gateway_words(open.order);
  for (int version = min_server_version; version <= max_server_version; ++version) {
    const std::ptrdiff_t count = field_count(payload(open, version));
    if (version == 176) CHECK(count == 136);
    if (version >= 177 && version <= 182) CHECK(count == 135);
    if (version == 200) CHECK(count == 156);
  }
}

TEST_CASE("codec: messages official Python clients count have exactly the documented fields") {
  const auto count = [](const ServerMessage& message) {
    return field_count(payload(message, 200));
  };
  CHECK(count(ManagedAccts{}) == 3);
  CHECK(count(NextValidId{}) == 3);
  CHECK(count(CurrentTime{}) == 3);
  CHECK(count(OpenOrderEnd{}) == 2);
  CHECK(count(AcctDownloadEnd{}) == 3);
  CHECK(count(ExecDetailsEnd{}) == 3);
  CHECK(count(ContractDataEnd{}) == 3);
  CHECK(count(PositionEnd{}) == 2);
  CHECK(count(AccountSummary{}) == 7);
  CHECK(count(AccountSummaryEnd{}) == 3);
  CHECK(count(AcctValue{}) == 6);
  CHECK(count(AcctUpdateTime{}) == 3);
}

TEST_CASE("codec: live gateways of version 200 end two messages with one more empty field") {
  for (const bool extra : {false, true}) {
    std::string plain;
    encode(ServerMessage(ExecDetails{}), 200, plain, EncodeOptions{extra});
    CHECK(field_count(plain.substr(4)) == (extra ? 34 : 33));
    std::string report;
    encode(ServerMessage(CommissionReport{}), 200, report, EncodeOptions{extra});
    CHECK(field_count(report.substr(4)) == (extra ? 9 : 8));
    std::string other;
    encode(ServerMessage(NextValidId{}), 200, other, EncodeOptions{extra});
    CHECK(field_count(other.substr(4)) == 3);
  }
}

TEST_CASE("codec: every spelling of not given is the same") {
  const auto order_with = [](std::string_view unset_real, std::string_view unset_int) {
    PlaceOrder request;
    request.contract.symbol = "AAPL";
    std::string bytes = payload(request, 200);
    const auto replace = [&](std::string_view from, std::string_view to) {
      const std::string field = std::string(1, '\0') + std::string(from) + std::string(1, '\0');
      for (std::size_t at = 0; (at = bytes.find(field, at)) != std::string::npos; ++at) {
        bytes.replace(at + 1, from.size(), to);
      }
    };
    replace("1.7976931348623157E308", unset_real);
    replace("2147483647", unset_int);
    return bytes;
  };
  const auto expected = decode_client(order_with("", ""), 200);
  REQUIRE(expected);
  for (const char* real : {"1.7976931348623157e+308", "1.7976931348623e+308", "1.79e308"}) {
    const auto decoded = decode_client(order_with(real, "2147483647"), 200);
    REQUIRE(decoded);
    CHECK(decoded->message == expected->message);
  }
}

TEST_CASE("codec: numbers are understood in the ways real clients write them") {
  const auto ids = decode_client(text("8|1|+5|"), 200);
  REQUIRE(ids);
  CHECK(std::get<ReqIds>(ids->message).num_ids == 5);
  const auto decimal = decode_client(text("8|1|10.0|"), 200);
  REQUIRE(decimal);
  CHECK(std::get<ReqIds>(decimal->message).num_ids == 10);
  const auto flag = decode_client(text("99|7|"), 200);
  REQUIRE(flag);
  CHECK(std::get<ReqCompletedOrders>(flag->message).api_only);
}

TEST_CASE("codec: what is no number where one must stand names the field") {
  const auto bad = decode_server(text("9|1|x|"), 200);
  REQUIRE_FALSE(bad);
  CHECK(bad.error() == DecodeError{"nextValidId", "orderId", 2, DecodeReason::bad_number});
  CHECK(to_string(bad.error()) ==
        "nextValidId: field 2 (orderId): not a number that can stand here");
  CHECK_FALSE(decode_server(text("9|1|2147483648|"), 200));
  CHECK_FALSE(decode_server(text("9|1|1.5|"), 200));
  CHECK_FALSE(decode_server(text("x|1|1|"), 200));
  CHECK_FALSE(decode_server(text("-9|1|1|"), 200));
  CHECK_FALSE(decode_server(text("|1|1|"), 200));
  CHECK_FALSE(decode_server("", 200));
}

TEST_CASE("codec: an unknown id keeps its fields, and receiveFA is one") {
  const auto unknown = decode_server(text("16|6|x||"), 200);
  REQUIRE(unknown);
  const auto& message = std::get<UnknownMessage>(unknown->message);
  CHECK(message.id == 16);
  CHECK(message.fields == std::vector<std::string>{"6", "x", ""});
  CHECK(payload(message, 200) == text("16|6|x||"));
  const auto cut = decode_server(text("16|6|x"), 200);
  REQUIRE_FALSE(cut);
  CHECK(cut.error() == DecodeError{"unknown", "trailing", 2, DecodeReason::bad_text});
}

TEST_CASE("codec: a count larger than the rest of the message is refused before anything is made") {
  for (const char* count : {"3", "1000000", "2147483646", "-1", "1e9"}) {
    const auto rule = decode_server(text("93|26|" + std::string(count) + "|0|0.01|1|0.05|"), 200);
    REQUIRE_FALSE(rule);
    CHECK(rule.error().field == "priceIncrementsCount");
  }
  std::string many = text("93|26|20000|");
  for (int i = 0; i < 40'000; ++i) many += text("1|");
  const auto rule = decode_server(many, 200);
  REQUIRE_FALSE(rule);
  CHECK(rule.error().reason == DecodeReason::too_many);
}

TEST_CASE("codec: a condition of an unknown kind stops the decoding") {
  PlaceOrder request;
  request.order.conditions.push_back(OrderCondition{});
  std::string bytes = payload(request, 200);
  const std::size_t at = bytes.find(text("|1|1|a|0|"));
  REQUIRE(at != std::string::npos);
  bytes[at + 3] = '2';
  const auto decoded = decode_client(bytes, 200);
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().field == "type");
}

TEST_CASE("codec: a NUL inside a text cannot shift the fields behind it") {
  const std::string bytes = payload(AcctValue{std::string("a\0b", 3), "v", "USD", "DU1"}, 200);
  const auto back = decode_server(bytes, 200);
  REQUIRE(back);
  CHECK(std::get<AcctValue>(back->message).key == "a?b");
  CHECK(std::get<AcctValue>(back->message).account_name == "DU1");
}

TEST_CASE("codec: a text no real server takes from a client is found before it is sent") {
  PlaceOrder request;
  request.contract.symbol = "AAPL";
  request.order.order_ref = "plain\tref";
  CHECK_FALSE(find_unsendable(request, 200));
  request.order.order_ref = "caf\xc3\xa9";
  const auto found = find_unsendable(request, 200);
  REQUIRE(found);
  CHECK(*found == DecodeError{"placeOrder", "orderRef", 26, DecodeReason::bad_text});
}

TEST_CASE("codec: hostile bytes never do more than fail") {
  base::Prng prng(4);
  for (int i = 0; i < 30'000; ++i) {
    const int version = static_cast<int>(prng.between(176, 200));
    std::string bytes =
        prng.chance(50)
            ? payload(random_server_message(prng.below(server_count), version, prng), version)
            : payload(random_client_message(prng.below(client_count), version, prng), version);
    for (auto edits = 1 + prng.below(4); edits > 0 && !bytes.empty(); --edits) {
      const std::size_t at = prng.below(bytes.size());
      switch (prng.below(4)) {
        case 0:
          bytes[at] = static_cast<char>(prng.below(256));
          break;
        case 1:
          bytes.erase(at, 1 + prng.below(8));
          break;
        case 2:
          bytes.insert(at, text("2147483646|"));
          break;
        default:
          bytes.resize(at);
          break;
      }
    }
    const auto server = decode_server(bytes, version);
    if (server) {
      const std::string again = payload(server->message, version);
      const auto second = decode_server(again, version);
      REQUIRE(second);
      CHECK(payload(second->message, version) == again);
    }
    const auto client = decode_client(bytes, version);
    if (client) {
      const std::string again = payload(client->message, version);
      const auto second = decode_client(again, version);
      REQUIRE(second);
      CHECK(payload(second->message, version) == again);
    }
  }
}

TEST_CASE("codec: printed messages have the field names of IB and null for what is not given") {
  base::JsonWriter out;
  OrderStatus status;
  status.order_id = 7;
  status.status = "Submitted";
  status.filled = Real::from_int(1);
  status.remaining = Real::from_int(9);
  status.avg_fill_price = *Real::parse("190.50");
  print_json(status, out);
  CHECK(out.str() ==
        R"({"orderId":7,"status":"Submitted","filled":1,"remaining":9,"avgFillPrice":190.50,)"
        R"("permId":0,"parentId":0,"lastFillPrice":null,"clientId":0,"whyHeld":"",)"
        R"("mktCapPrice":null})");
}

}  // namespace
}  // namespace belay::tws::wire
