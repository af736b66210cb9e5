// SPDX-License-Identifier: Apache-2.0
// What a program asks before it trades: contracts, chains, symbols, bars, ticks, streams.
#include <algorithm>
#include <set>

#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::seconds;

wire::ReqHistoricalData bars(std::int32_t id, const std::string& duration, const std::string& size,
                             const std::string& what = "TRADES") {
  wire::ReqHistoricalData out;
  out.req_id = id;
  out.contract = stock("AAPL");
  out.duration_str = duration;
  out.bar_size_setting = size;
  out.what_to_show = what;
  out.use_rth = 1;
  out.format_date = 1;
  return out;
}

wire::Contract option(const std::string& symbol) {
  wire::Contract out = stock(symbol);
  out.sec_type = "OPT";
  return out;
}

wire::Contract of_type(const std::string& symbol, const std::string& type,
                       const std::string& exchange) {
  wire::Contract out = stock(symbol);
  out.sec_type = type;
  out.exchange = exchange;
  return out;
}

base::Decimal value(const wire::Real& number) {
  return number.to_decimal().value();
}

TEST_CASE("option chain: two expiries of AAPL, the same by parameters and by contract details") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqSecDefOptParams{1, "AAPL", "", "STK", 265598});
  const auto chain = client.first<wire::SecDefOptParams>();
  CHECK(chain.expirations == std::vector<std::string>{"20261218", "20270115"});
  CHECK(chain.multiplier == "100");
  CHECK(client.words().back() == "securityDefinitionOptionParameterEnd");
  auto asked = option("AAPL");
  asked.last_trade_date_or_contract_month = "202612";
  asked.right = "C";
  bed.send(client, wire::ReqContractDetails{2, asked});
  const auto calls = client.all<wire::ContractData>();
  REQUIRE(calls.size() == chain.strikes.size());
  CHECK(calls.front().contract.local_symbol == "AAPL  261218C00050000");
  CHECK(calls.front().details.under_con_id == 265598);
  client.take();
  asked.strike = real("190");
  bed.send(client, wire::ReqContractDetails{3, asked});
  CHECK(client.words() == Words{"contractData", "contractDataEnd"});
  // The symbol alone still means the stock.
  bed.send(client, wire::ReqContractDetails{4, stock("AAPL")});
  CHECK(client.words() == Words{"contractData", "contractDataEnd"});
}

TEST_CASE("option prices follow their underlying and keep put-call parity") {
  Bed bed;
  Client& client = bed.connect(1);
  const auto bid = [&](const std::string& right) {
    auto asked = option("AAPL");
    asked.last_trade_date_or_contract_month = "20261218";
    asked.right = right;
    asked.strike = real("180");
    client.take();
    bed.send(client, wire::ReqMktData{9, asked, "", true, false, ""});
    return value(client.first<wire::TickPrice>().price);
  };
  const auto call = bid("C");
  const auto put = bid("P");
  const auto parity = call.units() - put.units() - dec("10").units();
  CHECK(std::abs(parity) <= dec("0.02").units());
  bed.price("AAPL", "200.00", "200.02");
  CHECK(bid("C") > call);
  CHECK(bid("P") < put);
}

TEST_CASE("crypto, index, continuous future and bond are found by their types") {
  Bed bed;
  Client& client = bed.connect(1);
  const auto found = [&](const wire::Contract& asked) {
    client.take();
    bed.send(client, wire::ReqContractDetails{1, asked});
    return client.first<wire::ContractData>();
  };
  CHECK(found(of_type("BTC", "CRYPTO", "PAXOS")).contract.con_id == 479624278);
  CHECK(found(of_type("ETH", "CRYPTO", "PAXOS")).contract.local_symbol == "ETH.USD");
  CHECK(found(of_type("SPX", "IND", "CBOE")).contract.con_id == 416904);
  const auto front = found(of_type("ES", "FUT", "CME"));
  const auto continuous = found(of_type("ES", "CONTFUT", "CME"));
  CHECK(continuous.contract.sec_type == "CONTFUT");
  CHECK(continuous.contract.con_id == front.contract.con_id);
  client.take();
  bed.send(client, wire::ReqContractDetails{1, of_type("US064159KJ44", "BOND", "SMART")});
  CHECK(client.first<wire::BondContractData>().cusip == "064159KJ4");
}

TEST_CASE("contract details name every order type that is taken") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqContractDetails{1, stock("AAPL")});
  const std::string types = "," + client.first<wire::ContractData>().details.order_types + ",";
  for (const char* type : {"MKT", "LMT", "STP", "STPLMT", "TRAIL", "TRAILLMT", "MIT", "LIT", "MTL",
                           "REL", "MOC", "LOC"}) {
    CAPTURE(type);
    CHECK(types.find("," + std::string(type) + ",") != std::string::npos);
  }
}

TEST_CASE("symbol search: the symbol itself comes first") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqMatchingSymbols{1, "am"});
  const auto samples = client.first<wire::SymbolSamples>().samples;
  REQUIRE(samples.size() >= 2);
  CHECK(std::any_of(samples.begin(), samples.end(),
                    [](const auto& one) { return one.symbol == "AMZN"; }));
  client.take();
  bed.send(client, wire::ReqMatchingSymbols{2, "AAPL"});
  const auto matching = client.first<wire::SymbolSamples>().samples;
  REQUIRE(!matching.empty());
  CHECK(matching[0].symbol == "AAPL");
  CHECK(matching[0].derivative_sec_types == std::vector<std::string>{"OPT", "BAG"});
}

TEST_CASE("market rules: each with its steps") {
  Bed bed;
  Client& client = bed.connect(1);
  const auto steps = [&](std::int32_t id) {
    client.take();
    bed.send(client, wire::ReqMarketRule{id});
    std::string out;
    for (const auto& step : client.first<wire::MarketRule>().price_increments) {
      out += step.low_edge.to_string() + ":" + step.increment.to_string() + " ";
    }
    return out;
  };
  CHECK(steps(32) == "0:0.01 3:0.05 ");
  CHECK(steps(635) == "0:0.0001 ");
  CHECK(steps(2806) == "0:0.25 ");
}

TEST_CASE("historical bars: the hours of a day, the last one at the price of now") {
  Bed bed;
  bed.now = base::parse_rfc3339("2026-11-20T20:30:00Z").value();  // 15:30
  Client& client = bed.connect(1);
  bed.send(client, bars(1, "1 D", "1 hour"));
  const auto data = client.first<wire::HistoricalData>();
  CHECK(client.words() == Words{"historicalData", "historicalDataEnd"});
  REQUIRE(data.bars.size() == 7);
  CHECK(data.bars[0].date == "20261120 09:30:00 US/Eastern");
  CHECK(data.bars[1].date == "20261120 10:00:00 US/Eastern");
  CHECK(value(data.bars.back().close) == dec("190"));
  for (std::size_t i = 0; i < data.bars.size(); ++i) {
    const auto& bar = data.bars[i];
    CHECK(value(bar.low) <= std::min(value(bar.open), value(bar.close)));
    CHECK(value(bar.high) >= std::max(value(bar.open), value(bar.close)));
    if (i > 0) CHECK(bar.open == data.bars[i - 1].close);
  }
}

TEST_CASE("historical bars: sizes agree, and the same question has the same answer") {
  Bed bed;
  bed.now = base::parse_rfc3339("2026-11-20T21:30:00Z").value();
  Client& client = bed.connect(1);
  const auto ask = [&](const std::string& duration, const std::string& size) {
    client.take();
    bed.send(client, bars(1, duration, size));
    return client.first<wire::HistoricalData>().bars;
  };
  const auto day = ask("1 D", "1 day");
  const auto minutes = ask("1 D", "1 min");
  REQUIRE(day.size() == 1);
  REQUIRE(minutes.size() == 390);
  CHECK(day[0].date == "20261120");
  CHECK(day[0].open == minutes.front().open);
  CHECK(day[0].close == minutes.back().close);
  std::int64_t volume = 0;
  base::Decimal high;
  for (const auto& bar : minutes) {
    high = std::max(high, value(bar.high));
    volume += value(bar.volume).units();
  }
  CHECK(value(day[0].high) == high);
  CHECK(value(day[0].volume).units() == volume);
  CHECK(ask("1 D", "1 min") == minutes);
  CHECK(ask("1 Y", "1M").size() == 13);
  CHECK(ask("30 S", "1 secs").size() == 30);
}

TEST_CASE("historical bars: what cannot be is refused with the request's id") {
  Bed bed;
  Client& client = bed.connect(1);
  const auto code = [&](const wire::ReqHistoricalData& asked) {
    client.take();
    bed.send(client, asked);
    const auto error = client.first<wire::ErrMsg>();
    CHECK(error.id == asked.req_id);
    return error.error_code;
  };
  auto asked = bars(7, "1 D", "7 mins");
  CHECK(code(asked) == 321);
  asked = bars(7, "one day", "1 hour");
  CHECK(code(asked) == 321);
  asked = bars(7, "1 D", "1 hour");
  asked.contract.symbol = "NOSUCH";
  CHECK(code(asked) == 200);
  asked = bars(7, "1 D", "1 hour");
  asked.end_date_time = "yesterday";
  CHECK(code(asked) == 10314);
  asked = bars(7, "1 D", "1 hour");
  asked.contract = of_type("BTC", "CRYPTO", "PAXOS");
  CHECK(code(asked) == 10299);
  asked = bars(7, "1 D", "1 hour");
  asked.contract = of_type("EUR", "CASH", "IDEALPRO");
  CHECK(code(asked) == 162);
  asked = bars(7, "20 Y", "1 secs");
  CHECK(code(asked) == 162);
  client.take();
  bed.send(client, wire::CancelHistoricalData{8});
  CHECK(client.words() == Words{"E(366)"});
}

TEST_CASE("historical bars kept up to date follow the market until they are cancelled") {
  Bed bed;
  Client& client = bed.connect(1);
  auto asked = bars(3, "1 D", "1 min");
  asked.keep_up_to_date = true;
  bed.send(client, asked);
  client.take();
  bed.price("AAPL", "191.00", "191.02");
  bed.pass(seconds(6));
  const auto update = client.first<wire::HistoricalDataUpdate>();
  CHECK(update.req_id == 3);
  CHECK(value(update.bar.close) == dec("191"));
  bed.send(client, wire::CancelHistoricalData{3});
  CHECK(client.words().back() == "E(162)");
  bed.price("AAPL", "192.00", "192.02");
  bed.pass(seconds(60));
  CHECK(client.words().empty());
}

TEST_CASE("head timestamp: the first trade, as text or seconds") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqHeadTimestamp{1, stock("AAPL"), 1, "TRADES", 1});
  CHECK(client.first<wire::HeadTimestamp>().head_timestamp == "19801212-14:30:00");
  client.take();
  bed.send(client, wire::ReqHeadTimestamp{1, stock("AAPL"), 1, "TRADES", 2});
  CHECK(client.first<wire::HeadTimestamp>().head_timestamp == "345479400");
}

TEST_CASE("historical ticks: so many, in the order of time, of the prices that the bars show") {
  Bed bed;
  Client& client = bed.connect(1);
  wire::ReqHistoricalTicks asked;
  asked.req_id = 4;
  asked.contract = stock("AAPL");
  asked.start_date_time = "20261119 10:00:00 US/Eastern";
  asked.number_of_ticks = 10;
  asked.what_to_show = "TRADES";
  asked.use_rth = 1;
  bed.send(client, asked);
  const auto ticks = client.first<wire::HistoricalTicksLast>();
  REQUIRE(ticks.ticks.size() == 10);
  CHECK(ticks.done);
  CHECK(ticks.ticks[0].time == 1795100400);
  CHECK(ticks.ticks[9].time == 1795100409);
  auto bar = bars(5, "10 S", "10 secs");
  bar.end_date_time = "20261119 10:00:10 US/Eastern";
  bed.send(client, bar);
  CHECK(client.first<wire::HistoricalData>().bars.front().open == ticks.ticks[0].price);
  client.take();
  asked.what_to_show = "BID_ASK";
  bed.send(client, asked);
  CHECK(client.first<wire::HistoricalTicksBidAsk>().ticks.size() == 10);
  asked.end_date_time = asked.start_date_time;
  client.take();
  bed.send(client, asked);
  CHECK(client.words() == Words{"E(10187)"});
}

TEST_CASE("streams: bars of five seconds, single ticks and depth until they are cancelled") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqRealTimeBars{1, stock("AAPL"), 5, "TRADES", true, ""});
  bed.send(client, wire::ReqTickByTickData{2, stock("AAPL"), "BidAsk", 0, false});
  bed.send(client, wire::ReqMktDepth{3, stock("AAPL"), 3, false, ""});
  CHECK(client.first<wire::TickByTick>().tick_type == 3);
  CHECK(client.all<wire::MarketDepth>().size() == 6);
  client.take();
  bed.price("AAPL", "190.50", "190.52");
  CHECK(value(client.first<wire::TickByTick>().bid_ask.bid) == dec("190.5"));
  bed.pass(seconds(6));
  const auto bar = client.first<wire::RealTimeBar>();
  CHECK(bar.time == 1795186800);
  CHECK(value(bar.close) == dec("190.5"));
  bed.send(client, wire::CancelRealTimeBars{1});
  bed.send(client, wire::CancelTickByTickData{2});
  bed.send(client, wire::CancelMktDepth{3, false});
  client.take();
  bed.price("AAPL", "190.60", "190.62");
  bed.pass(seconds(10));
  CHECK(client.words().empty());
}

TEST_CASE("generic ticks: a list that cannot be read is refused with what is legal") {
  Bed bed;
  Client& client = bed.connect(1);
  const auto ask = [&](const wire::Contract& contract, const std::string& list, bool snapshot) {
    client.take();
    bed.send(client, wire::ReqMktData{5, contract, list, snapshot, false, ""});
    return client.inbox;
  };
  const auto refusal = [&](const wire::Contract& contract, const std::string& list,
                           bool snapshot = false) -> std::string {
    const auto told = ask(contract, list, snapshot);
    const auto* error = std::get_if<wire::ErrMsg>(&told.front());
    if (error == nullptr || error->error_code != 321 || error->id != 5) return "";
    return error->error_string;
  };
  const auto spx = of_type("SPX", "IND", "CBOE");
  const auto eur = of_type("EUR", "CASH", "IDEALPRO");
  const std::string text = refusal(stock("AAPL"), "233,9999");
  CHECK(text.find("Incorrect generic tick list of 233,9999.  Legal ones for (STK) are: "
                  "100(Option Volume),101(Option Open Interest)") != std::string::npos);
  CHECK(text.find("232/221(Pl Price)") != std::string::npos);
  CHECK(text.find("162(") == std::string::npos);
  for (const char* list : {"abc", "292:BRFG", "233:", "mdoff", ",", " ", "512", "162", "233 236"}) {
    CAPTURE(list);
    CHECK(refusal(stock("AAPL"), list) != "");
  }
  CHECK(refusal(eur, "456") != "");
  CHECK(refusal(spx, "595") != "");
  CHECK(refusal(stock("AAPL"), "233", true).find("Snapshot market data") != std::string::npos);
  // A refused list leaves nothing behind: its id is free.
  CHECK(word(ask(stock("AAPL"), " 233, 236,,MDOFF,221,220,104,47", false).front()) ==
        "marketDataType");
  bed.send(client, wire::CancelMktData{5});
  CHECK(word(ask(spx, "162,456", false).front()) == "marketDataType");
}

TEST_CASE("generic ticks: what is asked for is told, and goes on where it moves") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqMktData{5, stock("AAPL"), "mdoff,233,236,165,221", false, false, ""});
  CHECK(client.words() == Words{"marketDataType", "tickReqParams", "tickString", "tickPrice",
                                "tickGeneric", "tickSize"});
  bed.price("AAPL", "191.00", "191.02");
  const auto trade = client.first<wire::TickString>();
  CHECK(trade.tick_type == 48);
  CHECK(trade.value.substr(0, 4) == "191;");
  CHECK(client.first<wire::TickPrice>().tick_type == 37);
  CHECK(value(client.first<wire::TickPrice>().price) == dec("191"));
  bed.send(client, wire::CancelMktData{5});
  client.take();
  // Beside the quote itself: the time of the last trade, and that trading is not halted.
  bed.send(client, wire::ReqMktData{6, stock("AAPL"), "", false, false, ""});
  CHECK(client.first<wire::TickString>().tick_type == 45);
  CHECK(client.first<wire::TickGeneric>().tick_type == 49);
}

TEST_CASE("another seed is another past") {
  const auto first_open = [](std::uint64_t seed) {
    Options options;
    options.seed = seed;
    Bed bed(options);
    Client& client = bed.connect(1);
    bed.send(client, bars(1, "1 M", "1 day"));
    return client.first<wire::HistoricalData>().bars.front().open.to_string();
  };
  CHECK(first_open(1) == first_open(1));
  CHECK(first_open(1) != first_open(2));
}

}  // namespace
}  // namespace belay::simtws::test
