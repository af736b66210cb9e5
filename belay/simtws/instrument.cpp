// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/instrument.hpp"

#include <fmt/format.h>

#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Time;
using tws::wire::Real;

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

// Recorded: one number for all combinations of dollars, and the legs as a text.
void name_combination(const Instrument& instrument, tws::wire::Contract& out) {
  out.con_id = 28812380;
  for (const ComboPart& leg : instrument.legs) {
    if (!out.combo_legs_descrip.empty()) out.combo_legs_descrip += ',';
    out.combo_legs_descrip += fmt::format("{}|{}", leg.con_id, leg.ratio);
  }
}

}  // namespace

bool trades_on(const Instrument& instrument, std::string_view exchange) {
  return exchange.empty() || in_list(instrument.valid_exchanges, exchange);
}

bool selects(const tws::wire::Contract& asked, const Instrument& instrument) {
  if (instrument.is_combination()) return false;
  if (asked.con_id != 0) {
    return asked.con_id == instrument.con_id && trades_on(instrument, asked.exchange);
  }
  const auto fits = [](const std::string& given, const std::string& has) {
    return given.empty() || given == has;
  };
  const std::string& type = instrument.sec_type;
  const bool by_isin = !asked.sec_id.empty() && asked.sec_id == instrument.isin;
  if (asked.symbol.empty() && asked.local_symbol.empty() && !by_isin) return false;
  if (!fits(asked.symbol, instrument.symbol) && !by_isin) return false;
  const bool continuous = asked.sec_type == "CONTFUT" && type == "FUT";
  const bool plain =
      type == "STK" || type == "FUT" || type == "CASH" || !asked.local_symbol.empty();
  if (!continuous && asked.sec_type != type && !(plain && asked.sec_type.empty())) return false;
  // A year and month select a future as well as its whole date does; a time may follow the date.
  const std::string_view date =
      std::string_view(asked.last_trade_date_or_contract_month).substr(0, 8);
  const auto strike = asked.strike.to_decimal();
  const bool has_strike = asked.strike.is_set() && !asked.strike.is_zero();
  return trades_on(instrument, asked.exchange) &&
         std::string_view(instrument.expiry).substr(0, date.size()) == date &&
         (!has_strike || (strike && *strike == instrument.strike)) &&
         fits(asked.right, instrument.right) && fits(asked.currency, instrument.currency) &&
         fits(asked.local_symbol, instrument.local_symbol) &&
         fits(asked.trading_class, instrument.trading_class) &&
         fits(asked.primary_exchange, instrument.primary_exchange) &&
         fits(asked.multiplier, instrument.multiplier);
}

tws::wire::Contract echo_contract(const Instrument& instrument, std::string_view exchange) {
  tws::wire::Contract out;
  out.con_id = instrument.con_id;
  out.symbol = instrument.symbol;
  out.sec_type = instrument.sec_type;
  out.last_trade_date_or_contract_month = instrument.expiry;
  out.multiplier = instrument.multiplier;
  out.right = instrument.right;
  if (!instrument.strike.is_zero()) out.strike = Real::from_decimal(instrument.strike);
  out.exchange = exchange.empty() ? instrument.exchange : std::string(exchange);
  out.currency = instrument.currency;
  out.local_symbol = instrument.local_symbol;
  out.trading_class = instrument.trading_class;
  if (instrument.is_combination()) name_combination(instrument, out);
  return out;
}

namespace {

// "20261218 08:30:00 US/Central", and the date alone in a field of its own since 182.
void describe_expiry(const Instrument& instrument, tws::wire::ContractData& out) {
  tws::wire::ContractDetails& details = out.details;
  const bool is_future = instrument.sec_type == "FUT";
  out.contract.primary_exchange.clear();
  out.contract.last_trade_date_or_contract_month +=
      is_future ? " 08:30:00 US/Central" : " 16:00:00 US/Eastern";
  details.last_trade_date = instrument.expiry;
  details.contract_month = instrument.expiry.substr(0, 6);
  details.real_expiration_date = instrument.expiry;
  details.under_symbol = instrument.symbol;
  details.under_sec_type = is_future ? "IND" : "STK";
  details.agg_group = is_future ? 2147483647 : 2;
}

void describe_hours(const Instrument& instrument, Time now, tws::wire::ContractDetails& details) {
  const std::string& type = instrument.sec_type;
  details.time_zone_id = type == "FUT" ? "US/Central" : "US/Eastern";
  if (type == "STK") {
    details.trading_hours = hours_text(now, "0400", "2000");
    details.liquid_hours = hours_text(now, "0930", "1600");
  } else if (type == "FUT") {
    details.trading_hours = overnight_hours_text(now, "1700", "1600");
    details.liquid_hours = hours_text(now, "0830", "1600");
  } else if (type == "CASH" || type == "CRYPTO") {
    details.trading_hours = overnight_hours_text(now, "1715", "1700");
    details.liquid_hours = details.trading_hours;
  } else {
    details.trading_hours = hours_text(now, "0930", "1600");
    details.liquid_hours = details.trading_hours;
  }
}

// The smallest quantity and its steps.
void describe_sizes(const Instrument& instrument, tws::wire::ContractDetails& details) {
  const bool is_stock = instrument.sec_type == "STK";
  const bool is_crypto = instrument.sec_type == "CRYPTO";
  details.min_size = Real::from_decimal(is_stock    ? Decimal::from_units(10'000)
                                        : is_crypto ? Decimal::from_units(1)
                                                    : Decimal::from_int(1));
  details.size_increment = details.min_size;
  details.suggested_size_increment =
      is_crypto ? details.min_size : Real::from_int(is_stock ? 100 : 1);
}

}  // namespace

tws::wire::ContractData describe_instrument(const Instrument& instrument, std::int32_t req_id,
                                            std::string_view exchange, Time now) {
  tws::wire::ContractData out;
  out.req_id = req_id;
  out.contract = echo_contract(instrument, exchange);
  out.contract.primary_exchange = instrument.primary_exchange;
  tws::wire::ContractDetails& details = out.details;
  const bool is_stock = instrument.sec_type == "STK";
  details.agg_group = is_stock ? 1 : 4;
  if (!instrument.expiry.empty()) describe_expiry(instrument, out);
  details.market_name = instrument.trading_class;
  details.min_tick = Real::from_decimal(instrument.tick);
  details.order_types =
      "ACTIVETIM,AD,DAY,FOK,GAT,GTC,GTD,IOC,LIT,LMT,LOC,MIT,MKT,MOC,MTL,REL,STP,STPLMT,TRAIL,"
      "TRAILLMT,WHATIF";
  details.valid_exchanges = instrument.valid_exchanges;
  details.price_magnifier = 1;
  details.under_con_id = instrument.under_con_id;
  details.long_name = instrument.long_name;
  details.industry = instrument.industry;
  details.category = instrument.category;
  details.subcategory = instrument.subcategory;
  describe_hours(instrument, now, details);
  if (!instrument.isin.empty()) details.sec_id_list.push_back({"ISIN", instrument.isin});
  for (std::size_t i = 0; i < count_of(instrument.valid_exchanges); ++i) {
    if (i != 0) details.market_rule_ids.push_back(',');
    details.market_rule_ids += std::to_string(instrument.market_rule);
  }
  if (is_stock) details.stock_type = instrument.industry.empty() ? "ETF" : "COMMON";
  describe_sizes(instrument, details);
  return out;
}

// Steps of increments with the price from which each counts.
std::vector<tws::wire::PriceIncrement> market_rule(std::int32_t id) {
  struct Step {
    std::int32_t rule;
    std::int64_t from;
    std::int64_t increment;
  };
  constexpr std::int64_t cent = Decimal::one / 100;
  constexpr Step steps[] = {
      {26, 0, cent},        {32, 0, cent},   {32, 3 * Decimal::one, 5 * cent},
      {67, 0, 25 * cent},   {239, 0, 5'000}, {635, 0, cent / 100},
      {2806, 0, 25 * cent},
  };
  std::vector<tws::wire::PriceIncrement> out;
  for (const Step& step : steps) {
    if (step.rule != id) continue;
    out.push_back({Real::from_decimal(Decimal::from_units(step.from)),
                   Real::from_decimal(Decimal::from_units(step.increment))});
  }
  return out;
}

}  // namespace belay::simtws
