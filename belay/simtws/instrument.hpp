// SPDX-License-Identifier: Apache-2.0
// What the simulated market lists: contracts with their ids, tick sizes and descriptions, as plain
// values, and how a client's words select among them. Prices are the Market's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "belay/base/decimal.hpp"
#include "belay/base/time.hpp"
#include "belay/tws/wire/contract.hpp"
#include "belay/tws/wire/market.hpp"

namespace belay::simtws {

/// How the price of an instrument moves.
enum class Walk : std::uint8_t {
  shared,   ///< with the draws that all first instruments share
  own,      ///< with draws of its own, so that it disturbs no other
  derived,  ///< an option: it follows its underlying
  none,     ///< it stands still, or is the sum of others
};

/// A leg of a combination: how many of a contract belong to one of it, negative when sold.
struct ComboPart {
  std::int32_t con_id = 0;
  std::int64_t ratio = 0;
  friend bool operator==(const ComboPart&, const ComboPart&) = default;
};

struct Instrument {
  std::int32_t con_id = 0;
  std::string symbol;
  std::string sec_type;
  std::string exchange;          // where orders go unless a client names another valid one
  std::string primary_exchange;  // where executions are reported from
  std::string currency;
  std::string local_symbol;
  std::string trading_class;
  std::string expiry;  // YYYYMMDD, of futures and options
  std::string right;   // "C" or "P"
  base::Decimal strike;
  std::string multiplier;  // as the wire writes it, empty for stocks
  std::int64_t units = 1;  // the multiplier as a number
  base::Decimal tick;
  std::int32_t market_rule = 0;
  std::int32_t under_con_id = 0;
  std::string long_name;
  std::string industry;
  std::string category;
  std::string subcategory;
  std::string valid_exchanges;
  std::string isin;
  base::Decimal first_bid;
  base::Decimal commission_each;  // per share or contract
  base::Decimal commission_min;   // per order
  Walk walk = Walk::shared;
  std::int32_t volatility = 100;         // in percent of a stock's
  std::int64_t first_trade = 631290600;  // Unix seconds of the oldest data, 1990 where not known
  bool has_options = false;
  std::vector<ComboPart> legs;  // of a combination, at least two
  bool is_combination() const { return !legs.empty(); }
};

/// The listed contracts at `now`: US stocks, a currency pair, the front ES and MES future, indices,
/// crypto currencies, a bond, and the option chains of AAPL and SPY (instrument_list.cpp).
std::vector<Instrument> default_instruments(base::Time now);
/// The option chain of a stock: AAPL has the next two monthly expiries, SPY the third Friday of
/// December two years ahead (option_chain.cpp).
std::vector<Instrument> option_chain(const Instrument& underlying, base::Time now);
/// What an option is worth with its underlying at `price`: a smooth curve over intrinsic value that
/// keeps put-call parity, in whole ticks and never below one.
base::Decimal option_value(const Instrument& option, base::Decimal price, base::Time now);
/// A combination of contracts of the market; `con_id` is the simulation's own name for it, for the
/// broker calls all combinations of a currency by one (combination.cpp).
Instrument combination(const tws::wire::Contract& asked, std::vector<ComboPart> legs,
                       std::int32_t con_id);
/// The legs that a client names; none when there are fewer than two or one cannot be read.
std::vector<ComboPart> legs_of(const tws::wire::Contract& asked);
/// The day of the third Friday of a month.
int third_friday(int year, int month);
/// The front quarterly future at `now`: the first third Friday that is not over.
Instrument front_future(std::string_view symbol, base::Time now);

/// True when the words of `asked` select `instrument`. An id given selects alone. An option, an
/// index, a crypto currency and a bond want their security type said; CONTFUT selects the front
/// future. A combination is found by its legs, never here.
bool selects(const tws::wire::Contract& asked, const Instrument& instrument);
/// True when `exchange` is empty or one the instrument trades on.
bool trades_on(const Instrument& instrument, std::string_view exchange);

/// The contract as the gateway echoes it in orders, executions and positions. An empty `exchange`
/// leaves the instrument's own.
tws::wire::Contract echo_contract(const Instrument& instrument, std::string_view exchange);
/// The whole answer to reqContractDetails for one instrument.
tws::wire::ContractData describe_instrument(const Instrument& instrument, std::int32_t req_id,
                                            std::string_view exchange, base::Time now);
/// The price increments of a market rule; empty when the rule is not known.
std::vector<tws::wire::PriceIncrement> market_rule(std::int32_t id);

}  // namespace belay::simtws
