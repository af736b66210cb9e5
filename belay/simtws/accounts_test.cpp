// SPDX-License-Identifier: Apache-2.0
// Lists and streams of accounts as they were recorded, and the answers to what is not served.
#include <algorithm>

#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

TEST_CASE("executions: all of them, then all commissions, then the end") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "10", "MKT"));
  bed.send(client, place(2, "SELL", "10", "MKT"));
  client.take();
  bed.send(client, wire::ReqExecutions{});
  CHECK(client.words() == Words{"X", "X", "C", "C", "execDetailsEnd"});
}

TEST_CASE(
    "positions: one that was closed today is listed with nothing held, and no more tomorrow") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "10", "MKT"));
  bed.send(client, place(2, "SELL", "10", "MKT"));
  client.take();
  bed.send(client, wire::ReqPositions{});
  const auto closed = client.first<wire::Position>();
  CHECK(closed.position.to_string() == "0");
  CHECK(closed.avg_cost.to_string() == "0");
  CHECK(closed.contract.exchange == "NASDAQ");
  bed.send(client, wire::CancelPositions{});
  bed.pass(std::chrono::hours(24));
  client.take();
  bed.send(client, wire::ReqPositions{});
  CHECK(client.words() == Words{"positionEnd"});
}

TEST_CASE("positions: futures and options are shown without an exchange") {
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "1", "MKT");
  order.contract = {};
  order.contract.symbol = "MES";
  order.contract.sec_type = "FUT";
  order.contract.exchange = "CME";
  bed.send(client, order);
  order = place(2, "BUY", "1", "MKT");
  order.contract.sec_type = "OPT";
  order.contract.last_trade_date_or_contract_month = "20261218";
  order.contract.right = "C";
  order.contract.strike = real("190");
  bed.send(client, order);
  client.take();
  bed.send(client, wire::ReqPositions{});
  const auto rows = client.all<wire::Position>();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].contract.exchange.empty());
  CHECK(rows[1].contract.exchange.empty());
}

TEST_CASE("account summary: by alphabet, with the profit and loss there is") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  bed.price("AAPL", "191.00", "191.02");
  client.take();
  bed.send(client, wire::ReqAccountSummary{9, "All", "TotalCashValue,NetLiquidation,BuyingPower"});
  Words tags;
  for (const auto& row : client.all<wire::AccountSummary>()) tags.push_back(row.tag);
  CHECK(tags == Words{"BuyingPower", "NetLiquidation", "TotalCashValue"});
  client.take();
  bed.send(client, wire::ReqAccountSummary{10, "All", "$LEDGER"});
  bool seen = false;
  for (const auto& row : client.all<wire::AccountSummary>()) {
    if (row.tag != "UnrealizedPnL") continue;
    seen = true;
    CHECK(row.value != "0.00");
  }
  CHECK(seen);
}

TEST_CASE("account summary: what has changed is told again after three minutes") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqAccountSummary{9, "All", "NetLiquidation,AccountType"});
  bed.send(client, place(1, "BUY", "100", "MKT"));
  client.take();
  bed.pass(std::chrono::minutes(4));
  const auto rows = client.all<wire::AccountSummary>();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].tag == "NetLiquidation");
  client.take();
  bed.pass(std::chrono::minutes(4));
  CHECK(client.words().empty());
}

TEST_CASE("account updates: the code first, groups, then by alphabet; 2100 ends them") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqAccountUpdates{true, ""});
  const auto rows = client.all<wire::AcctValue>();
  REQUIRE(rows.size() > 10);
  CHECK(rows[0].key == "AccountCode");
  CHECK(rows[0].currency.empty());
  CHECK(rows[1].key == "AccountOrGroup");
  CHECK(rows[1].currency == "BASE");
  CHECK(std::is_sorted(rows.begin() + 3, rows.end(),
                       [](const auto& a, const auto& b) { return a.key < b.key; }));
  client.take();
  bed.send(client, wire::ReqAccountUpdates{false, ""});
  CHECK(client.first<wire::ErrMsg>().id == -1);
  CHECK(client.words() == Words{"E(2100)"});
}

TEST_CASE(
    "account updates: after a fill the changed values, then each position, each with a time") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqAccountUpdates{true, ""});
  client.take();
  bed.send(client, place(1, "BUY", "100", "MKT"));
  Words news;
  for (const std::string& word : client.words()) {
    const bool is_news = word.rfind("acct", 0) == 0 || word == "portfolioValue";
    if (is_news && (news.empty() || news.back() != word)) news.push_back(word);
  }
  CHECK(news == Words{"acctValue", "acctUpdateTime", "portfolioValue", "acctUpdateTime"});
}

TEST_CASE("profit and loss by subscription go on telling until they are cancelled") {
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqPnl{6, "DU1234567", ""});
  bed.send(client, wire::ReqPnlSingle{7, "DU1234567", "", 265598});
  CHECK(client.words() == Words{"pnl", "pnlSingle"});
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.first<wire::PnlSingle>().pos.to_string() == "100");
  client.take();
  bed.price("AAPL", "191.00", "191.02");
  CHECK(client.words() == Words{"pnl", "pnlSingle"});
  bed.send(client, wire::CancelPnl{6});
  bed.send(client, wire::CancelPnlSingle{7});
  bed.price("AAPL", "192.00", "192.02");
  CHECK(client.words().empty());
}

TEST_CASE("what is not served is refused with the request's own id") {
  Bed bed;
  Client& client = bed.connect(1);
  struct Row {
    std::int32_t id;
    std::vector<std::string> fields;
    std::int32_t code;
  };
  const std::vector<Row> rows{
      {52, {"2", "41", "265598", "AAPL"}, 10358},
      {54, {"3", "41", "265598"}, 10089},
      {55, {"3", "41", "265598"}, 10089},
      {21, {"2", "41", "265598"}, 322},
      {84, {"41", "BRFG", "x", ""}, 10172},
      {86, {"41", "265598", "BRFG"}, 10276},
      {100, {"41"}, 10276},
      {102, {"41", "265598"}, 10276},
      {67, {"1", "41"}, 321},
      {57, {"1", "41"}, 300},
  };
  for (const Row& row : rows) {
    INFO("message " << row.id);
    bed.send(client, wire::UnknownRequest{row.id, row.fields});
    const auto error = client.first<wire::ErrMsg>();
    CHECK(error.id == 41);
    CHECK(error.error_code == row.code);
    client.take();
  }
}

}  // namespace
}  // namespace belay::simtws::test
