// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/translate.hpp"

#include <doctest/doctest.h>

#include "belay/tws/error_codes.hpp"
#include "belay/tws/wire/codec.hpp"
#include "tests/support/numbers.hpp"

using namespace belay::tws;
using namespace belay::core;
using belay::test::price;
using belay::tws::wire::Real;

namespace {

PlaceEffect effect_of(OrdType type) {
  PlaceEffect effect{OrderId(1), BrokerOrderId{0, 42}, "b1.0.1", {}};
  effect.spec.edit().account = AccountId("DU1");
  effect.spec.edit().contract.symbol = "AAPL";
  effect.spec.edit().ord_type = type;
  effect.spec.edit().terms.order_qty = *Quantity::make(*Decimal::parse("100.5"));
  return effect;
}
wire::OpenOrder told_by_gateway(const char* type = "LMT") {
  wire::OpenOrder message;
  message.order_id = 42;
  message.contract.symbol = "AAPL";
  message.contract.sec_type = "STK";
  message.order.action = "SELL";
  message.order.order_type = type;
  message.order.total_quantity = *Real::parse("100");
  message.order.lmt_price = *Real::parse("190.50");
  message.order.aux_price = *Real::parse("2.0");
  message.order.trail_stop_price = *Real::parse("189.5");
  message.order.tif = "GTC";
  message.order.account = "DU1";
  message.order.client_id = 3;
  message.order.perm_id = 77;
  message.order.order_ref = "b1.0.1";
  message.order_state.status = "Submitted";
  return message;
}

}  // namespace

TEST_CASE("translate: an order goes out whole, exact, tagged and to be transmitted") {
  PlaceEffect effect = effect_of(OrdType::limit);
  effect.spec.edit().side = Side::sell;
  effect.spec.edit().terms.price = price("190.50000001");
  effect.spec.edit().terms.outside_rth = true;
  effect.spec.edit().terms.hidden = true;
  effect.spec.edit().terms.time_in_force = TimeInForce::good_till_date;
  effect.spec.edit().terms.expire_time = *belay::base::parse_rfc3339("2026-12-31T21:00:00.9Z");
  const wire::PlaceOrder message = to_wire(effect);
  CHECK(message.order_id == 42);
  CHECK(message.contract.symbol == "AAPL");
  CHECK(message.contract.sec_type == "STK");
  CHECK(message.contract.exchange == "SMART");
  CHECK(message.contract.currency == "USD");
  CHECK(message.order.action == "SELL");
  CHECK(message.order.order_type == "LMT");
  CHECK(message.order.total_quantity.to_string() == "100.5");
  CHECK(message.order.lmt_price.to_string() == "190.50000001");
  CHECK_FALSE(message.order.aux_price.is_set());
  CHECK(message.order.tif == "GTD");
  CHECK(message.order.good_till_date == "20261231-21:00:00");
  CHECK(message.order.account == "DU1");
  CHECK(message.order.order_ref == "b1.0.1");
  CHECK(message.order.transmit);
  CHECK(message.order.outside_rth);
  CHECK(message.order.hidden);
}

TEST_CASE("translate: each type uses its own price fields") {
  PlaceEffect effect = effect_of(OrdType::stop_limit);
  effect.spec.edit().terms.price = price("10");
  effect.spec.edit().terms.stop_px = price("11");
  CHECK(to_wire(effect).order.lmt_price.to_string() == "10");
  CHECK(to_wire(effect).order.aux_price.to_string() == "11");
  CHECK(to_wire(effect).order.order_type == "STP LMT");
  effect = effect_of(OrdType::trailing_stop);
  effect.spec.edit().terms.trail_amount = price("2");
  effect.spec.edit().terms.stop_px = price("188");
  CHECK(to_wire(effect).order.aux_price.to_string() == "2");
  CHECK(to_wire(effect).order.trail_stop_price.to_string() == "188");
  effect = effect_of(OrdType::trailing_stop);
  effect.spec.edit().terms.trail_percent = *Decimal::parse("1.5");
  CHECK_FALSE(to_wire(effect).order.aux_price.is_set());
  CHECK(to_wire(effect).order.trailing_percent.to_string() == "1.5");
  effect = effect_of(OrdType::market);
  CHECK_FALSE(to_wire(effect).order.lmt_price.is_set());
}

// Both of the broker's codecs stand between: what we send is what a server reads, and what it
// echoes is what we asked for.
TEST_CASE("translate: an order of each type and time in force comes back as it went out") {
  for (const OrdTypeRow& type : ord_type_rows) {
    for (const TifRow& tif : tif_rows) {
      if (type.value == OrdType::other || !type.tifs.contains(tif.value)) continue;
      CAPTURE(type.name);
      CAPTURE(tif.name);
      PlaceEffect effect = effect_of(type.value);
      OrderTerms& terms = effect.spec.edit().terms;
      terms.time_in_force = tif.value;
      if (tif.value == TimeInForce::good_till_date) terms.expire_time = belay::base::Time(0);
      const auto given = [](Use use) { return use == Use::may || use == Use::must; };
      if (given(type.price)) terms.price = price("10");
      if (given(type.stop_px)) terms.stop_px = price("11");
      if (type.trails()) terms.trail_amount = price("2");
      if (given(type.limit_offset)) terms.limit_offset = price("0.1");
      std::string bytes;
      encode(wire::ClientMessage(to_wire(effect)), 200, bytes);
      const auto read = wire::decode_client(std::string_view(bytes).substr(4), 200);
      REQUIRE(read.has_value());
      wire::OpenOrder shown;
      shown.order_id = 42;
      shown.contract = std::get<wire::PlaceOrder>(read->message).contract;
      shown.order = std::get<wire::PlaceOrder>(read->message).order;
      bytes.clear();
      encode(wire::ServerMessage(shown), 200, bytes);
      const auto told = wire::decode_server(std::string_view(bytes).substr(4), 200);
      REQUIRE(told.has_value());
      const auto back = from_wire(std::get<wire::OpenOrder>(told->message));
      REQUIRE(back.has_value());
      CHECK(back->spec->ord_type == type.value);
      CHECK(back->spec->terms == terms);
    }
  }
}

TEST_CASE("translate: each type, time in force and type of security has a word of the broker") {
  for (const SecTypeRow& row : sec_type_rows) {
    Contract contract;
    contract.sec_type = row.value;
    CAPTURE(row.name);
    const bool known = row.value != SecurityType::other;
    CHECK(to_wire(contract).sec_type.empty() != known);
    if (known) CHECK(from_wire(to_wire(contract)).sec_type == row.value);
  }
}

TEST_CASE("translate: a modification is the same message, a cancel names the id alone") {
  PlaceEffect place = effect_of(OrdType::market);
  const ReplaceEffect replace{place.order, place.broker_id, place.tag, place.spec};
  CHECK(to_wire(place) == to_wire(replace));
  CHECK(to_wire(CancelEffect{place.order, place.broker_id}).order_id == 42);
}

TEST_CASE("translate: a contract goes out and comes back as it was") {
  Contract option;
  option.con_id = 123;
  option.symbol = "SPY";
  option.sec_type = SecurityType::option;
  option.exchange = "CBOE";
  option.primary_exchange = "ARCA";
  option.last_trade_date = "20261218";
  option.strike = price("500.5");
  option.right = "P";
  option.multiplier = "100";
  option.local_symbol = "SPY   261218P00500500";
  option.trading_class = "SPY";
  CHECK(from_wire(to_wire(option)) == option);
  Contract spread;
  spread.symbol = "AAPL";
  spread.sec_type = SecurityType::combination;
  spread.legs = {{265598, 2, Side::buy, "SMART"}, {272093, 1, Side::sell, "NYSE"}};
  CHECK(from_wire(to_wire(spread)) == spread);
  wire::Contract warrant;
  warrant.sec_type = "WAR";
  CHECK(from_wire(warrant).sec_type == SecurityType::other);
  warrant.strike = *Real::parse("0.0");
  CHECK_FALSE(from_wire(warrant).strike.has_value());
}

TEST_CASE("translate: every status word of IB, and what nobody knows") {
  const struct {
    const char* word;
    const char* why_held;
    BrokerState state;
  } rows[] = {{"PendingSubmit", "", BrokerState::pending},
              {"ApiPending", "", BrokerState::pending},
              {"PreSubmitted", "", BrokerState::working},
              {"PreSubmitted", "child,trigger", BrokerState::working},
              {"Submitted", "", BrokerState::working},
              {"PendingCancel", "", BrokerState::canceling},
              {"ApiCancelled", "", BrokerState::canceled},
              {"Cancelled", "", BrokerState::canceled},
              {"Filled", "", BrokerState::filled},
              {"Inactive", "", BrokerState::rejected},
              {"Inactive", "locate", BrokerState::held},
              {"Inactive", "trigger,locate", BrokerState::held},
              {"PartiallyFilled", "", BrokerState::unlisted},  // IB has no such word
              {"Canceled", "", BrokerState::unlisted},
              {"submitted", "", BrokerState::unlisted},
              {"", "", BrokerState::unlisted}};
  for (const auto& row : rows) {
    CAPTURE(row.word);
    CHECK(state_of(row.word, row.why_held) == row.state);
  }
}

TEST_CASE("translate: an open order is read with the prices that its type uses, and no others") {
  const auto limit = from_wire(told_by_gateway());
  REQUIRE(limit.has_value());
  CHECK(limit->names.broker_id == BrokerOrderId{3, 42});
  CHECK(limit->names.permanent_id == PermanentId(77));
  CHECK(limit->names.tag == "b1.0.1");
  CHECK(limit->spec->side == Side::sell);
  CHECK(limit->spec->terms.price == price("190.5"));
  CHECK_FALSE(limit->spec->terms.stop_px.has_value());
  CHECK_FALSE(limit->spec->terms.trail_amount.has_value());
  CHECK(limit->spec->terms.time_in_force == TimeInForce::good_till_cancel);
  CHECK(limit->state == BrokerState::working);
  const auto market = from_wire(told_by_gateway("MKT"));
  CHECK_FALSE(market->spec->terms.price.has_value());  // the gateway writes lmtPrice on MKT too
  const auto trail = from_wire(told_by_gateway("TRAIL"));
  CHECK(trail->spec->terms.trail_amount == price("2"));
  CHECK(trail->spec->terms.stop_px == price("189.5"));
  CHECK_FALSE(trail->spec->terms.price.has_value());
  const auto stop = from_wire(told_by_gateway("STP"));
  CHECK(stop->spec->terms.stop_px == price("2"));
  const auto other = from_wire(told_by_gateway("PEG BEST"));
  CHECK(other->spec->ord_type == OrdType::other);
  CHECK(other->raw_ord_type == "PEG BEST");
}

TEST_CASE("translate: an inactive open order is not judged before its status says why") {
  wire::OpenOrder message = told_by_gateway();
  message.order_state.status = "Inactive";
  CHECK(from_wire(message)->state == BrokerState::inactive);
  CHECK(from_wire(message)->raw_status == "Inactive");
}

TEST_CASE("translate: a manual order has no id, and a permanent id of 0 is not known yet") {
  wire::OpenOrder message = told_by_gateway();
  message.order_id = 0;
  message.order.perm_id = 0;
  CHECK_FALSE(from_wire(message)->names.broker_id.has_value());
  CHECK_FALSE(from_wire(message)->names.permanent_id.has_value());
}

TEST_CASE("translate: a completed order has no id, and tells its end and its fills") {
  wire::CompletedOrder message;
  message.order = told_by_gateway().order;
  message.order_state.status = "Cancelled";
  message.order_state.completed_status = "Cancelled by Trader";
  message.order.filled_quantity = *Real::parse("40");
  const auto order = from_wire(message);
  REQUIRE(order.has_value());
  CHECK_FALSE(order->names.broker_id.has_value());
  CHECK(order->names.permanent_id == PermanentId(77));
  CHECK(order->state == BrokerState::canceled);
  CHECK(order->text == "Cancelled by Trader");
  CHECK(order->filled == Quantity::from_int(40));
  message.order_state.status = "Inactive";
  CHECK(from_wire(message)->state == BrokerState::rejected);
}

TEST_CASE("translate: a status keeps its words, and a fill its own") {
  wire::OrderStatus status;
  status.order_id = 42;
  status.client_id = 3;
  status.status = "Submitted";
  status.filled = *Real::parse("12.5");
  status.why_held = "trigger";
  const auto shown = from_wire(status);
  REQUIRE(shown.has_value());
  CHECK(shown->names.broker_id == BrokerOrderId{3, 42});
  CHECK(shown->names.tag.empty());
  CHECK(shown->filled == Quantity::make(*Decimal::parse("12.5")));
  CHECK(shown->why_held == "trigger");
  wire::ExecDetails details;
  details.order_id = 42;
  details.execution.client_id = 3;
  details.execution.exec_id = "0000e0d5.6573a1c5.01.02";
  details.execution.side = "SLD";
  details.execution.shares = *Real::parse("40");
  details.execution.price = *Real::parse("190.51");
  details.execution.time = "20261121 09:30:00 US/Eastern";
  details.execution.acct_number = "DU1";
  details.execution.order_ref = "b1.0.1";
  const auto fill = from_wire(details);
  REQUIRE(fill.has_value());
  CHECK(fill->execution.id == ExecId{"0000e0d5.6573a1c5.01", 2});
  CHECK(fill->execution.side == Side::sell);
  CHECK(fill->execution.last_px == price("190.51"));
  CHECK(fill->execution.transact_time == "20261121 09:30:00 US/Eastern");
  CHECK_FALSE(fill->execution.busted);
  details.execution.shares = *Real::parse("0");
  CHECK(from_wire(details)->execution.busted);
}

TEST_CASE("translate: a commission that is not known yet is none") {
  wire::CommissionReport report;
  report.exec_id = "e.1.01";
  CHECK_FALSE(from_wire(report).has_value());
  CHECK(from_wire(report).left_out.empty());
  report.commission = *Real::parse("-1.0");
  CHECK_FALSE(from_wire(report).has_value());
  report.commission = *Real::parse("1.05");
  report.currency = "USD";
  const auto commission = from_wire(report);
  REQUIRE(commission.has_value());
  CHECK(commission->commission == Decimal::parse("1.05"));
  CHECK_FALSE(commission->realized_pnl.has_value());
}

TEST_CASE("translate: accounts of simulated money begin with D") {
  const auto seen = accounts_seen({"DU123", "DF5", "U123", "F1", ""});
  REQUIRE(seen.size() == 5);
  CHECK(seen[0].paper);
  CHECK(seen[1].paper);
  CHECK_FALSE(seen[2].paper);
  CHECK_FALSE(seen[3].paper);
  CHECK_FALSE(seen[4].paper);
}

TEST_CASE("error codes: what each means for an order") {
  const struct {
    Verdict verdict;
    std::vector<int> codes;
  } rows[] = {
      {Verdict::information, {131, 165, 399, 404, 2104, 2109, 2137, 2161, 10149, 10167, 10349}},
      {Verdict::request_refused, {106, 110, 111, 113, 135, 140,   200,   201,   203,   320,
                                  321, 388, 434, 436, 463, 10242, 10255, 10268, 10289, 10318}},
      {Verdict::replace_refused, {104, 105, 329, 440, 10340, 10341}},
      {Verdict::cancel_too_late, {136, 161, 10148}},
      {Verdict::cancel_unknown, {10147}},
      {Verdict::canceled, {202}},
      {Verdict::duplicate_id, {103}},
      {Verdict::temporary, {100, 133, 134, 1100, 1101, 1102, 10328}},
      {Verdict::unlisted, {0, -1, 1, 99, 501, 2200, 9999, 10350, 2147483647}}};
  for (const auto& row : rows) {
    for (const int code : row.codes) {
      CAPTURE(code);
      CHECK(verdict_of(code) == row.verdict);
    }
  }
}

TEST_CASE("error codes: every documented refusal of an order refuses a placement") {
  const int codes[] = {312,   325,   328,   332,   334,   336,   337,   338,   344,   353,   355,
                       356,   361,   363,   381,   382,   383,   387,   391,   400,   401,   402,
                       403,   405,   406,   407,   421,   422,   423,   435,   437,   438,   439,
                       441,   442,   451,   460,   462,   10006, 10052, 10058, 10311, 10326, 10327,
                       10329, 10355, 10371, 10372, 10256, 10315, 10342, 10063, 10032};
  for (const int code : codes) {
    CAPTURE(code);
    CHECK(meaning_of(code).place == Verdict::request_refused);
    CHECK(meaning_of(code).replace == Verdict::replace_refused);
    CHECK_FALSE(meaning_of(code).cancel.has_value());
  }
}

TEST_CASE("error codes: a cancel that gives a reason refuses what had only been placed") {
  const char* band =
      "Order Canceled - reason:We cannot accept an order at a limit price at or more aggressive "
      "than 301.449496.";
  CHECK(meaning_of(202, band).place == Verdict::request_refused);
  CHECK(meaning_of(202, band).cancel == Verdict::canceled);
  CHECK(verdict_of(202, band) == Verdict::canceled);
  CHECK(meaning_of(202, "Order Canceled - reason:").place == Verdict::canceled);
}

TEST_CASE("error codes: a cancel that is refused as pending is under way") {
  const char* pending =
      "OrderId 7 that needs to be cancelled cannot be cancelled, state: PendingCancel.";
  CHECK(meaning_of(10148, pending).cancel == Verdict::information);
  CHECK(meaning_of(10148,
                   "OrderId 7 that needs to be cancelled cannot be cancelled, state: "
                   "Filled.")
            .cancel == Verdict::cancel_too_late);
}

TEST_CASE("error codes: the whole range of warnings is information") {
  for (int code = 2100; code <= 2199; ++code) CHECK(verdict_of(code) == Verdict::information);
}

TEST_CASE("error codes: a notice names the order under our own client id") {
  wire::ErrMsg message;
  message.id = 42;
  message.error_code = 202;
  message.error_string = "Order Canceled - reason:";
  const BrokerNotice notice = from_wire(message, 7);
  CHECK(notice.names.broker_id == BrokerOrderId{7, 42});
  CHECK(notice.verdict == Verdict::canceled);
  CHECK(notice.text == "Order Canceled - reason:");
}

TEST_CASE("error codes: what a code means depends on the request it can answer") {
  struct Row {
    int code;
    VerdictByRequest meaning;
  };
  constexpr std::nullopt_t never = std::nullopt;
  const Row rows[] = {
      {103, {Verdict::duplicate_id, Verdict::replace_refused, never}},
      {104, {Verdict::duplicate_id, Verdict::replace_refused, never}},
      {105, {Verdict::duplicate_id, Verdict::replace_refused, never}},
      {110, {Verdict::request_refused, Verdict::replace_refused, never}},
      {135, {Verdict::request_refused, Verdict::replace_refused, Verdict::cancel_unknown}},
      {136, {never, never, Verdict::cancel_too_late}},
      {161, {never, never, Verdict::cancel_too_late}},
      {201, {Verdict::request_refused, Verdict::replace_refused, never}},
      {202, {Verdict::canceled, Verdict::canceled, Verdict::canceled}},
      {321, {Verdict::request_refused, Verdict::replace_refused, Verdict::request_refused}},
      {329, {never, Verdict::replace_refused, never}},
      {399, {Verdict::information, Verdict::information, Verdict::information}},
      {404, {Verdict::information, Verdict::information, Verdict::information}},
      {2109, {Verdict::information, Verdict::information, Verdict::information}},
      {9999, {Verdict::unlisted, Verdict::unlisted, Verdict::unlisted}},
      {10147, {never, never, Verdict::cancel_unknown}},
      {10148, {never, never, Verdict::cancel_too_late}},
      {10328, {Verdict::temporary, Verdict::temporary, Verdict::temporary}},
      {10349, {Verdict::information, Verdict::information, Verdict::information}}};
  for (const Row& row : rows) {
    CAPTURE(row.code);
    CHECK(meaning_of(row.code) == row.meaning);
  }
}
