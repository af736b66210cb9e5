// SPDX-License-Identifier: Apache-2.0
// The tables of what is listed. Contract ids of stocks, indices and crypto currencies are those of
// the real service; ids of futures and options are made up, but stable and in the range of real
// ones.
#include <fmt/format.h>

#include "belay/simtws/instrument.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Time;

Decimal hundredths(std::int64_t count) {
  return Decimal::from_units(count * (Decimal::one / 100));
}

constexpr std::string_view stock_exchanges = "SMART,AMEX,NYSE,NASDAQ,ARCA,BATS,IEX,ISLAND";

struct StockRow {
  std::int32_t con_id;
  const char* symbol;
  const char* primary;
  const char* trading_class;
  std::int64_t bid_cents;
  const char* name;
  const char* industry;
  const char* category;
  const char* isin;
  std::int64_t first_trade;
  Walk walk;
};

// Contract ids as the real service gives them.
constexpr StockRow stocks[] = {
    {265598, "AAPL", "NASDAQ", "NMS", 19000, "APPLE INC", "Technology", "Computers", "US0378331005",
     345479400, Walk::shared},
    {272093, "MSFT", "NASDAQ", "NMS", 42000, "MICROSOFT CORP", "Technology", "Software",
     "US5949181045", 511108200, Walk::shared},
    {76792991, "TSLA", "NASDAQ", "NMS", 25000, "TESLA INC", "Consumer, Cyclical",
     "Auto Manufacturers", "US88160R1014", 1277818200, Walk::shared},
    {756733, "SPY", "ARCA", "SPY", 56000, "STATE STREET SPDR S&P 500 ETF", "", "", "US78462F1030",
     728317800, Walk::shared},
    {8314, "IBM", "NYSE", "IBM", 23000, "INTL BUSINESS MACHINES CORP", "Technology", "Computers",
     "US4592001014", 315671400, Walk::shared},
    {107113386, "META", "NASDAQ", "NMS", 62000, "META PLATFORMS INC-CLASS A", "Communications",
     "Internet", "US30303M1027", 1337347800, Walk::own},
    {4815747, "NVDA", "NASDAQ", "NMS", 18000, "NVIDIA CORP", "Technology", "Semiconductors",
     "US67066G1040", 916929000, Walk::own},
    {3691937, "AMZN", "NASDAQ", "NMS", 22000, "AMAZON.COM INC", "Communications", "Internet",
     "US0231351067", 863703000, Walk::own},
    {140070600, "AMC", "NYSE", "AMC", 300, "AMC ENTERTAINMENT HLDS-CL A", "Consumer, Cyclical",
     "Entertainment", "US00165C3025", 1387377000, Walk::own},
    {320227571, "QQQ", "NASDAQ", "NMS", 60000, "INVESCO QQQ TRUST SERIES 1", "", "", "US46090E1038",
     921076200, Walk::own},
};

Instrument stock(const StockRow& row) {
  Instrument out;
  out.con_id = row.con_id;
  out.symbol = row.symbol;
  out.sec_type = "STK";
  out.exchange = "SMART";
  out.primary_exchange = row.primary;
  out.currency = "USD";
  out.local_symbol = row.symbol;
  out.trading_class = row.trading_class;
  out.tick = hundredths(1);
  out.market_rule = 26;
  out.long_name = row.name;
  out.industry = row.industry;
  out.category = row.category;
  out.subcategory = row.category;
  out.valid_exchanges = stock_exchanges;
  out.isin = row.isin;
  out.first_trade = row.first_trade;
  out.walk = row.walk;
  out.has_options = out.symbol == "AAPL" || out.symbol == "SPY";
  out.first_bid = hundredths(row.bid_cents);
  out.commission_each = Decimal::from_units(Decimal::one / 200);
  out.commission_min = Decimal::from_int(1);
  return out;
}

Instrument euro() {
  Instrument out;
  out.con_id = 12087792;
  out.symbol = "EUR";
  out.sec_type = "CASH";
  out.exchange = "IDEALPRO";
  out.primary_exchange = "IDEALPRO";
  out.currency = "USD";
  out.local_symbol = "EUR.USD";
  out.trading_class = "EUR.USD";
  out.tick = Decimal::from_units(5'000);  // 0.00005
  out.market_rule = 239;
  out.long_name = "European Monetary Union Euro";
  out.valid_exchanges = "IDEALPRO";
  out.volatility = 30;
  out.first_bid = Decimal::from_units(108'500'000);
  out.commission_each = Decimal::from_units(2'000);  // 0.2 basis points of a price near one
  out.commission_min = Decimal::from_int(2);
  return out;
}

struct OtherRow {
  std::int32_t con_id;
  const char* symbol;
  const char* sec_type;
  const char* exchange;
  const char* currency;
  const char* local_symbol;
  const char* trading_class;
  std::int64_t tick_units;
  std::int32_t market_rule;
  std::int64_t bid_cents;
  const char* name;
  std::int32_t volatility;
  Walk walk;
};

constexpr OtherRow others[] = {
    {416904, "SPX", "IND", "CBOE", "USD", "SPX", "SPX", 1'000'000, 26, 590'000,
     "S&P 500 Stock Index", 90, Walk::own},
    {11004968, "ES", "IND", "CME", "USD", "ES", "ES", 25'000'000, 67, 590'000, "E-mini S&P 500", 90,
     Walk::own},
    {825711, "DAX", "IND", "EUREX", "EUR", "DAX", "DAX", 1'000'000, 26, 2'400'000,
     "DAX 40 Index (Deutsche Aktien Xchange 40)", 90, Walk::own},
    {479624278, "BTC", "CRYPTO", "PAXOS", "USD", "BTC.USD", "BTC", 25'000'000, 2806, 9'000'000,
     "Bitcoin cryptocurrency", 250, Walk::own},
    {495759171, "ETH", "CRYPTO", "PAXOS", "USD", "ETH.USD", "ETH", 1'000'000, 26, 300'000,
     "Ethereum cryptocurrency", 300, Walk::own},
    {111987407, "IBUS500", "CFD", "SMART", "USD", "IBUS500", "IBUS500", 1'000'000, 26, 590'000,
     "US 500 index CFD", 90, Walk::none},
    {615000001, "US064159KJ44", "BOND", "SMART", "USD", "US064159KJ44", "BNS", 100'000, 635, 9'800,
     "BANK OF NOVA SCOTIA", 10, Walk::none},
};

Instrument other(const OtherRow& row) {
  Instrument out;
  out.con_id = row.con_id;
  out.symbol = row.symbol;
  out.sec_type = row.sec_type;
  out.exchange = row.exchange;
  out.primary_exchange = row.exchange;
  out.currency = row.currency;
  out.local_symbol = row.local_symbol;
  out.trading_class = row.trading_class;
  out.tick = Decimal::from_units(row.tick_units);
  out.market_rule = row.market_rule;
  out.long_name = row.name;
  out.valid_exchanges = row.exchange;
  out.first_bid = hundredths(row.bid_cents);
  out.volatility = row.volatility;
  out.walk = row.walk;
  if (out.sec_type == "CRYPTO") {
    out.commission_min = hundredths(175);
    out.first_trade = 1'626'789'600;
  }
  if (out.sec_type == "BOND") {
    out.isin = row.symbol;
    out.commission_min = Decimal::from_int(1);
  }
  return out;
}

}  // namespace

int third_friday(int year, int month) {
  const int first = weekday({year, month, 1, 0, 0, 0, 0});
  return 1 + (5 - first + 7) % 7 + 14;
}

Instrument front_future(std::string_view symbol, Time now) {
  const base::CivilTime today = to_eastern(now);
  int year = today.year;
  int month = (today.month + 2) / 3 * 3;
  // Trading ends at 09:30 on the third Friday; the day itself already belongs to the next month.
  if (today.month == month && today.day >= third_friday(year, month)) month += 3;
  if (month > 12) {
    month -= 12;
    ++year;
  }
  const bool micro = symbol == "MES";
  Instrument out;
  // Made up, but stable for a contract month and in the range of real ids.
  out.con_id = (micro ? 530'000'000 : 495'000'000) + (year - 2000) * 1'000 + month * 7;
  out.symbol = symbol;
  out.sec_type = "FUT";
  out.exchange = "CME";
  out.primary_exchange = "CME";
  out.currency = "USD";
  const char letter = month == 3 ? 'H' : month == 6 ? 'M' : month == 9 ? 'U' : 'Z';
  out.local_symbol = fmt::format("{}{}{}", symbol, letter, year % 10);
  out.trading_class = symbol;
  out.expiry = fmt::format("{:04}{:02}{:02}", year, month, third_friday(year, month));
  out.units = micro ? 5 : 50;
  out.multiplier = std::to_string(out.units);
  out.tick = hundredths(25);
  out.market_rule = 67;
  out.under_con_id = 11004968;
  out.long_name = micro ? "Micro E-Mini S&P 500 Stock Price Index" : "E-mini S&P 500";
  out.valid_exchanges = "CME,QBALGO";
  out.first_bid = Decimal::from_int(5900);
  const auto expires = from_eastern({year, month, third_friday(year, month), 9, 30, 0, 0});
  out.first_trade = expires.value_or(now).unix_ns() / 1'000'000'000 - 2 * 365 * 86'400;
  out.commission_each = hundredths(micro ? 62 : 225);
  return out;
}

std::vector<Instrument> default_instruments(Time now) {
  std::vector<Instrument> out;
  for (const StockRow& row : stocks) out.push_back(stock(row));
  for (const OtherRow& row : others) out.push_back(other(row));
  out.push_back(euro());
  out.push_back(front_future("ES", now));
  out.push_back(front_future("MES", now));
  const std::size_t count = out.size();
  for (std::size_t i = 0; i < count; ++i) {
    if (!out[i].has_options) continue;
    for (Instrument& option : option_chain(out[i], now)) out.push_back(std::move(option));
  }
  return out;
}

}  // namespace belay::simtws
