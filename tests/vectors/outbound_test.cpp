// SPDX-License-Identifier: Apache-2.0
// Requests as four independent clients really sent them, in text form. They spell "not given" each
// in its own way; all must be understood as the same orders.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <string>

#include "belay/tws/wire/codec.hpp"
#include "vector_files.hpp"

namespace belay::tests {
namespace {

using namespace belay::tws::wire;

constexpr int ib_async = 13;
constexpr const char* file = "outbound_four_clients_sv176_193_225.txt";

// ib_async and its predecessor speak 178 at most, whatever the server offers.
int spoken_version(const RecordedRequest& request) {
  return request.client == ib_async ? std::min(request.server_version, 178)
                                    : request.server_version;
}

std::string payload_of_request(const RecordedRequest& request) {
  std::string out = request.id + "|" + request.body;
  std::replace(out.begin(), out.end(), '|', '\0');
  return out;
}

void check_order(const RecordedRequest& recorded, const PlaceOrder& request) {
  const Order& order = request.order;
  CHECK(request.order_id >= 1);
  CHECK(request.contract.symbol == "AAPL");
  CHECK(request.contract.sec_type == "STK");
  CHECK(request.contract.exchange == "SMART");
  CHECK(request.contract.currency == "USD");
  CHECK(request.contract.con_id == 0);
  CHECK_FALSE(request.contract.strike.is_set());
  CHECK(order.action == "BUY");
  CHECK(order.order_type == "LMT");
  CHECK(order.tif == "DAY");
  CHECK(order.transmit);
  CHECK(order.exempt_code == -1);
  const auto quantity = order.total_quantity.to_decimal();
  REQUIRE(quantity);
  const std::set<std::int64_t> quantities{1, 5, 10};
  CHECK(quantities.count(quantity->units() / base::Decimal::one) == 1);
  const auto price = order.lmt_price.to_decimal();
  REQUIRE(price);
  const std::set<std::int64_t> prices{50, 51, 1000};
  CHECK(prices.count(price->units() / base::Decimal::one) == 1);
  if (*price == base::Decimal::from_int(1000)) CHECK(*quantity == base::Decimal::from_int(5));
  CHECK(order.order_ref == (recorded.client == ib_async ? "" : "probe"));
  // Five spellings of the maximum, "" and 0 all mean that nothing is given.
  CHECK_FALSE(order.trigger_price.is_set());
  CHECK_FALSE(order.adjusted_trailing_amount.is_set());
  CHECK_FALSE(order.cash_qty.is_set());
  CHECK_FALSE(order.discretionary_amt.is_set());
  CHECK_FALSE(order.volatility_type);
  CHECK_FALSE(order.reference_price_type);
  CHECK_FALSE(order.display_size);
  CHECK_FALSE(order.manual_order_indicator);
  CHECK_FALSE(order.min_qty);
  if (recorded.client != ib_async) {
    CHECK_FALSE(order.duration);
    CHECK_FALSE(order.post_to_ats);
  }
  CHECK_FALSE(order.what_if);
  CHECK(order.conditions.empty());
}

TEST_CASE("requests of four clients: each is understood to its last field") {
  const RecordedRequests recorded = read_requests(file);
  std::map<std::string, int> counts;
  int placed = 0;
  for (const RecordedRequest& request : recorded.requests) {
    INFO("client " << request.client << " at " << request.server_version << ": " << request.id
                   << " " << request.body);
    const auto message = decode_client(payload_of_request(request), spoken_version(request));
    REQUIRE_MESSAGE(message, to_string(message.error()));
    CHECK(message->trailing.empty());
    CHECK_FALSE(std::holds_alternative<UnknownRequest>(message->message));
    ++counts[std::string(name(message->message))];
    if (const auto* order = std::get_if<PlaceOrder>(&message->message)) {
      check_order(request, *order);
      ++placed;
    }
    if (const auto* details = std::get_if<ReqContractDetails>(&message->message)) {
      CHECK(details->contract.symbol == "AAPL");
    }
    if (const auto* cancel = std::get_if<CancelOrder>(&message->message)) {
      CHECK((cancel->order_id == 1 || cancel->order_id == 5 || cancel->order_id == 999999));
      CHECK_FALSE(cancel->manual_order_indicator);
    }
  }
  if (recorded.requests.empty()) return;
  for (const auto& [name, count] : counts) std::printf("%4d %s\n", count, name.c_str());
  std::printf("requests: %zu decoded, %d of them orders; %d skipped: protobuf of version 225\n",
              recorded.requests.size(), placed, recorded.skipped_protobuf);
  CHECK(placed > 20);
}

TEST_CASE("requests of four clients: written again they have the same fields") {
  for (const RecordedRequest& request : read_requests(file).requests) {
    const int version = spoken_version(request);
    const std::string payload = payload_of_request(request);
    const auto message = decode_client(payload, version);
    REQUIRE(message);
    std::string frame;
    encode(message->message, version, frame);
    const std::string again = frame.substr(4);
    CHECK(std::count(again.begin(), again.end(), '\0') ==
          std::count(payload.begin(), payload.end(), '\0'));
    const auto second = decode_client(again, version);
    REQUIRE(second);
    CHECK(second->message == message->message);
  }
}

}  // namespace
}  // namespace belay::tests
