// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/instrument.hpp"

#include <fmt/format.h>

#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Time;
using tws::wire::Real;

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
};

// Contract ids as the real service gives them.
constexpr StockRow stocks[] = {
    {265598, "AAPL", "NASDAQ", "NMS", 19000, "APPLE INC", "Technology", "Computers",
     "US0378331005"},
    {272093, "MSFT", "NASDAQ", "NMS", 42000, "MICROSOFT CORP", "Technology", "Software",
     "US5949181045"},
    {76792991, "TSLA", "NASDAQ", "NMS", 25000, "TESLA INC", "Consumer, Cyclical",
     "Auto Manufacturers", "US88160R1014"},
    {756733, "SPY", "ARCA", "SPY", 56000, "STATE STREET SPDR S&P 500 ETF", "", "", "US78462F1030"},
    {8314, "IBM", "NYSE", "IBM", 23000, "INTL BUSINESS MACHINES CORP", "Technology", "Computers",
     "US4592001014"},
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
  out.first_bid = Decimal::from_units(108'500'000);
  out.commission_each = Decimal::from_units(2'000);  // 0.2 basis points of a price near one
  out.commission_min = Decimal::from_int(2);
  return out;
}

int third_friday(int year, int month) {
  const int first = weekday({year, month, 1, 0, 0, 0, 0});
  return 1 + (5 - first + 7) % 7 + 14;
}

std::size_t count_of(std::string_view list) {
  std::size_t count = 1;
  for (const char c : list) count += c == ',' ? 1U : 0U;
  return count;
}

bool in_list(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (list.substr(0, comma) == word) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

}  // namespace

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
  out.commission_each = hundredths(micro ? 62 : 225);
  return out;
}

std::vector<Instrument> default_instruments(Time now) {
  std::vector<Instrument> out;
  for (const StockRow& row : stocks) out.push_back(stock(row));
  out.push_back(euro());
  out.push_back(front_future("ES", now));
  out.push_back(front_future("MES", now));
  return out;
}

bool trades_on(const Instrument& instrument, std::string_view exchange) {
  return exchange.empty() || in_list(instrument.valid_exchanges, exchange);
}

bool selects(const tws::wire::Contract& asked, const Instrument& instrument) {
  if (!trades_on(instrument, asked.exchange)) return false;
  if (asked.con_id != 0) return asked.con_id == instrument.con_id;
  const auto fits = [](const std::string& given, const std::string& has) {
    return given.empty() || given == has;
  };
  if (asked.symbol.empty() && asked.local_symbol.empty()) return false;
  // A year and month select a future as well as its whole date does; a time may follow the date.
  const std::string_view date =
      std::string_view(asked.last_trade_date_or_contract_month).substr(0, 8);
  const bool date_fits = std::string_view(instrument.expiry).substr(0, date.size()) == date;
  return fits(asked.symbol, instrument.symbol) && fits(asked.sec_type, instrument.sec_type) &&
         fits(asked.currency, instrument.currency) &&
         fits(asked.local_symbol, instrument.local_symbol) &&
         fits(asked.trading_class, instrument.trading_class) &&
         fits(asked.primary_exchange, instrument.primary_exchange) &&
         fits(asked.multiplier, instrument.multiplier) && date_fits;
}

tws::wire::Contract echo_contract(const Instrument& instrument, std::string_view exchange) {
  tws::wire::Contract out;
  out.con_id = instrument.con_id;
  out.symbol = instrument.symbol;
  out.sec_type = instrument.sec_type;
  out.last_trade_date_or_contract_month = instrument.expiry;
  out.multiplier = instrument.multiplier;
  out.exchange = exchange.empty() ? instrument.exchange : std::string(exchange);
  out.currency = instrument.currency;
  out.local_symbol = instrument.local_symbol;
  out.trading_class = instrument.trading_class;
  return out;
}

tws::wire::ContractData describe_instrument(const Instrument& instrument, std::int32_t req_id,
                                            std::string_view exchange, Time now) {
  tws::wire::ContractData out;
  out.req_id = req_id;
  out.contract = echo_contract(instrument, exchange);
  out.contract.primary_exchange = instrument.primary_exchange;
  tws::wire::ContractDetails& details = out.details;
  const bool is_stock = instrument.sec_type == "STK";
  const bool is_future = instrument.sec_type == "FUT";
  if (is_future) {
    // "20261218 08:30:00 US/Central", and the date alone in a field of its own since 182.
    out.contract.primary_exchange.clear();
    out.contract.last_trade_date_or_contract_month += " 08:30:00 US/Central";
    details.last_trade_date = instrument.expiry;
    details.contract_month = instrument.expiry.substr(0, 6);
    details.real_expiration_date = instrument.expiry;
    details.under_symbol = instrument.symbol;
    details.under_sec_type = "IND";
    details.agg_group = 2147483647;
  } else {
    details.agg_group = is_stock ? 1 : 4;
  }
  details.market_name = instrument.trading_class;
  details.min_tick = Real::from_decimal(instrument.tick);
  details.order_types = "ACTIVETIM,AD,DAY,FOK,GAT,GTC,GTD,IOC,LMT,MKT,STP,STPLMT,TRAIL,WHATIF";
  details.valid_exchanges = instrument.valid_exchanges;
  details.price_magnifier = 1;
  details.under_con_id = instrument.under_con_id;
  details.long_name = instrument.long_name;
  details.industry = instrument.industry;
  details.category = instrument.category;
  details.subcategory = instrument.subcategory;
  details.time_zone_id = is_future ? "US/Central" : "US/Eastern";
  if (is_stock) {
    details.trading_hours = hours_text(now, "0400", "2000");
    details.liquid_hours = hours_text(now, "0930", "1600");
  } else {
    details.trading_hours = is_future ? overnight_hours_text(now, "1700", "1600")
                                      : overnight_hours_text(now, "1715", "1700");
    details.liquid_hours =
        is_future ? hours_text(now, "0830", "1600") : overnight_hours_text(now, "1715", "1700");
  }
  if (!instrument.isin.empty()) details.sec_id_list.push_back({"ISIN", instrument.isin});
  for (std::size_t i = 0; i < count_of(instrument.valid_exchanges); ++i) {
    if (i != 0) details.market_rule_ids.push_back(',');
    details.market_rule_ids += std::to_string(instrument.market_rule);
  }
  if (is_stock) details.stock_type = instrument.symbol == "SPY" ? "ETF" : "COMMON";
  details.min_size =
      Real::from_decimal(is_stock ? Decimal::from_units(10'000) : Decimal::from_int(1));
  details.size_increment = details.min_size;
  details.suggested_size_increment = Real::from_int(is_stock ? 100 : 1);
  return out;
}

std::vector<tws::wire::PriceIncrement> market_rule(std::int32_t id) {
  const auto one = [](Decimal increment) {
    return std::vector<tws::wire::PriceIncrement>{
        {Real::from_int(0), Real::from_decimal(increment)}};
  };
  switch (id) {
    case 26:
      return one(hundredths(1));
    case 67:
      return one(hundredths(25));
    case 239:
      return one(Decimal::from_units(5'000));
    default:
      return {};
  }
}

}  // namespace belay::simtws
