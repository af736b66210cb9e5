// SPDX-License-Identifier: Apache-2.0
// One contract, named by its number, by a description, or by both: the broker says what it is.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "belay/core/orders/lane.hpp"
#include "tests/support/core_rig.hpp"

using namespace belay::test;

namespace {
constexpr std::int64_t tsla = 76792991;

OrderSpec by_number(std::int64_t con_id) {
  OrderSpec spec = limit_order();
  spec.contract = Contract();
  spec.contract.con_id = con_id;
  return spec;
}
OrderSpec described(const char* symbol, std::int64_t con_id) {
  OrderSpec spec = limit_order();
  spec.contract.symbol = symbol;
  spec.contract.con_id = con_id;
  return spec;
}
}  // namespace

TEST_CASE("contract: an order by number takes the broker's description, once") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", by_number(tsla));
  rig.shown_as(id, described("TSLA", tsla));
  CHECK(rig.order(id).spec->contract.symbol == "TSLA");
  CHECK(rig.count<ContractIdentified>() == 1);
  CHECK_FALSE(rig.incident("contract_differs"));
  rig.shown_as(id, described("TSLA", tsla));
  CHECK(rig.silent());
}

TEST_CASE("contract: an order by description learns the number with its acknowledgement") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", described("TSLA", 0));
  rig.shown_as(id, described("TSLA", tsla));
  CHECK(rig.order(id).con_id == tsla);
  CHECK(rig.count<ContractIdentified>() == 0);
}

TEST_CASE("contract: a number that the broker calls otherwise on the order is an incident") {
  CoreRig rig = CoreRig::ready();
  const OrderId id = rig.sent("k1", described("SPY", 8314));
  rig.shown_as(id, described("IBM", 8314));
  CHECK(rig.incident("contract_differs"));
  CHECK(rig.order(id).spec->contract.symbol == "IBM");
}

TEST_CASE("contract: a stop by symbol protects what was bought by number") {
  for (const bool fill_first : {false, true}) {
    CAPTURE(fill_first);
    CoreRig rig = CoreRig::ready();
    const OrderId id = rig.sent("k1", by_number(tsla));
    BrokerExecution fill = rig.execution(id, "e.1.01", 100);
    fill.contract = described("TSLA", tsla).contract;
    if (fill_first) rig.step(fill);
    rig.shown_as(id, described("TSLA", tsla));
    if (!fill_first) rig.step(fill);
    OrderSpec stop = described("TSLA", 0);
    stop.side = Side::sell;
    stop.ord_type = OrdType::stop;
    stop.terms.stop_px = stop.terms.price;
    stop.terms.price.reset();
    CHECK(lane_of(rig.core.book(), stop) == Lane::protective);
    rig.restart();
    CHECK(lane_of(rig.core.book(), stop) == Lane::protective);
  }
}

TEST_CASE("contract: orders by number and by symbol share the limit of open orders") {
  CoreOptions options = CoreRig::usual();
  options.open_orders_max = 2;
  CoreRig rig = CoreRig::ready(options);
  rig.working("a", described("TSLA", 0));
  const OrderId b = rig.sent("b", by_number(tsla));
  rig.shown_as(b, described("TSLA", tsla));
  CHECK(rig.core.book().open_orders(described("TSLA", 0)) == 2);
  CHECK(rig.place("c", described("TSLA", 0)).code != ReplyCode::accepted);
}

TEST_CASE("contract: a number beside another contract's words is refused before anything leaves") {
  CoreRig rig = CoreRig::ready();
  rig.confirms_contracts = false;
  Contract apple = described("AAPL", 265598).contract;
  apple.primary_exchange = "NASDAQ";
  const auto place = [&](const char* key, OrderSpec spec) {
    rig.step(PlaceOrder{++rig.correlation, "tester", ClOrdId(key), std::move(spec)});
  };
  place("k1", described("MSFT", 265598));
  CHECK(rig.the<ContractEffect>().con_id == 265598);
  CHECK(rig.count<Reply>() == 0);
  CHECK(rig.last.events.empty());
  place("k2", described("AAPL", 265598));
  CHECK(rig.silent());  // the same question is out already
  rig.step(ContractTold{265598, {{apple, "SMART,NASDAQ"}}});
  CHECK(rig.count<Reply>() == 2);
  CHECK(rig.count<PlaceEffect>() == 1);
  CHECK(rig.the<PlaceEffect>().spec->contract.symbol == "AAPL");
  // From here on it is known.
  place("k3", described("MSFT", 265598));
  CHECK(rig.the<Reply>().code == ReplyCode::invalid);
  CHECK(rig.the<Reply>().errors.at(0).field == "contract.symbol");
  CHECK(rig.last.events.empty());
  const auto field_of = [&](auto change) {
    OrderSpec spec = described("AAPL", 265598);
    change(spec.contract);
    place(fmt::format("f{}", rig.correlation).c_str(), spec);
    const Reply& reply = rig.the<Reply>();
    return reply.errors.empty() ? std::string() : reply.errors[0].field;
  };
  CHECK(field_of([](Contract& c) { c.currency = "EUR"; }) == "contract.currency");
  CHECK(field_of([](Contract& c) { c.sec_type = SecurityType::cash; }) == "contract.sec_type");
  CHECK(field_of([](Contract& c) { c.exchange = "LSE"; }) == "contract.exchange");
  CHECK(field_of([](Contract& c) { c.exchange = "NASDAQ"; }).empty());
  CHECK(field_of([](Contract& c) { c.primary_exchange = "NYSE"; }) == "contract.primary_exchange");
  for (const char* same : {"NASDAQ", "ISLAND", "NASDAQ.NMS"}) {
    CAPTURE(same);
    CHECK(field_of([&](Contract& c) { c.primary_exchange = same; }).empty());
  }
  CHECK(field_of([](Contract& c) { c.local_symbol = "AAPX"; }) == "contract.local_symbol");
  CHECK(field_of([](Contract& c) { c.strike = price("5"); }) == "contract.strike");
  // Words without a symbol contradict too; those that were not given do not.
  CHECK(field_of([](Contract& c) { c.symbol.clear(), c.currency = "EUR"; }) == "contract.currency");
  CHECK(field_of([](Contract& c) { c.symbol.clear(); }).empty());
}

TEST_CASE("contract: a number that the broker does not know is refused with its words") {
  CoreRig rig = CoreRig::ready();
  rig.confirms_contracts = false;
  rig.step(PlaceOrder{1, "tester", ClOrdId("k1"), described("AAPL", 1)});
  rig.step(ContractTold{1, {}, "200 No security definition"});
  CHECK(rig.the<Reply>().code == ReplyCode::invalid);
  CHECK(rig.the<Reply>().text.find("200 No security definition") != std::string::npos);
  CHECK(rig.last.events.empty());
}

TEST_CASE("contract: no order waits for the broker's word without an end") {
  CoreRig rig = CoreRig::ready();
  rig.confirms_contracts = false;
  rig.step(PlaceOrder{1, "tester", ClOrdId("k1"), described("AAPL", 7)});
  CHECK(rig.core.next_deadline() <= rig.now + std::chrono::seconds(10));
  rig.wait(std::chrono::seconds(11));
  CHECK(rig.the<Reply>().code == ReplyCode::not_ready);
  rig.step(PlaceOrder{2, "tester", ClOrdId("k1"), described("AAPL", 7)});
  rig.down();
  CHECK(rig.the<Reply>().code == ReplyCode::not_ready);
  rig.step(PlaceOrder{3, "tester", ClOrdId("k1"), described("AAPL", 7)});
  CHECK(rig.the<Reply>().code == ReplyCode::not_ready);
  CHECK(rig.core.book().orders_total() == 0);
}

TEST_CASE("contract: a broker that names no primary exchange contradicts none") {
  CoreRig rig = CoreRig::ready();
  rig.confirms_contracts = false;
  OrderSpec spec = described("ES", 9);
  spec.contract.primary_exchange = "CME";
  rig.step(PlaceOrder{1, "tester", ClOrdId("k1"), spec});
  rig.step(ContractTold{9, {{described("ES", 9).contract, "SMART"}}});
  CHECK(rig.the<Reply>().code == ReplyCode::accepted);
}
