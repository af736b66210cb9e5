// SPDX-License-Identifier: Apache-2.0
// Option chains: which expiries and strikes are listed, and what an option is worth.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/instrument.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;
using base::Time;

struct Grid {
  std::int64_t low;
  std::int64_t high;
  std::int64_t step;
};

struct Month {
  int year;
  int month;
};

Month next_month(Month month) {
  return month.month == 12 ? Month{month.year + 1, 1} : Month{month.year, month.month + 1};
}

std::vector<Month> expiries(const Instrument& underlying, Time now) {
  const base::CivilTime today = to_eastern(now);
  if (underlying.symbol == "SPY") return {{today.year + 2, 12}};
  Month first{today.year, today.month};
  if (today.day >= third_friday(first.year, first.month)) first = next_month(first);
  return {first, next_month(first)};
}

// One id of a real option is known and kept; the others are made up.
std::int32_t id_of(const Instrument& option, int year, int month) {
  if (option.local_symbol == "SPY   281215C00750000") return 843630132;
  const std::int64_t chain = (option.symbol == "SPY" ? 1000 : 0) + (year - 2000) * 12 + month;
  const std::int64_t place = option.strike.units() / Decimal::one;
  return static_cast<std::int32_t>(700'000'000 + chain * 4'000 + place * 2 +
                                   (option.right == "C" ? 0 : 1));
}

Instrument option_of(const Instrument& underlying, Month month, std::int64_t strike,
                     const char* right) {
  Instrument out;
  const int day = third_friday(month.year, month.month);
  out.symbol = underlying.symbol;
  out.sec_type = "OPT";
  out.exchange = "SMART";
  out.currency = underlying.currency;
  out.right = right;
  out.strike = Decimal::from_int(strike);
  out.expiry = fmt::format("{:04}{:02}{:02}", month.year, month.month, day);
  out.local_symbol = fmt::format("{:<6}{}{}{:08}", underlying.symbol,
                                 std::string_view(out.expiry).substr(2), right, strike * 1000);
  out.trading_class = underlying.symbol;
  out.multiplier = "100";
  out.units = 100;
  out.tick = Decimal::from_units(Decimal::one / 100);
  out.market_rule = 32;
  out.under_con_id = underlying.con_id;
  out.long_name = underlying.long_name;
  out.industry = underlying.industry;
  out.category = underlying.category;
  out.subcategory = underlying.subcategory;
  out.valid_exchanges = "SMART,AMEX,CBOE,CBOE2,BATS,BOX,ISE,NASDAQOM,PSE,PHLX";
  out.primary_exchange = "CBOE";
  // Recorded of one contract bought, with what exchanges and regulators take.
  out.commission_each = Decimal::from_units(Decimal::one / 100'000 * 76'825);
  out.walk = Walk::derived;
  const auto expires = from_eastern({month.year, month.month, day, 16, 0, 0, 0});
  out.first_trade = expires.value_or(Time{}).unix_ns() / 1'000'000'000 - 2 * 365 * 86'400;
  out.con_id = id_of(out, month.year, month.month);
  return out;
}

// The square root of a number below 2^100, rounded down.
Int128 root(Int128 value) {
  Int128 low = 0;
  Int128 high = Int128{1} << 50U;
  while (low < high) {
    const Int128 middle = (low + high + 1) / 2;
    if (middle * middle <= value) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

}  // namespace

std::vector<Instrument> option_chain(const Instrument& underlying, Time now) {
  const Grid grid = underlying.symbol == "SPY" ? Grid{300, 800, 5} : Grid{50, 350, 5};
  std::vector<Instrument> out;
  for (const Month& month : expiries(underlying, now)) {
    for (std::int64_t strike = grid.low; strike <= grid.high; strike += grid.step) {
      for (const char* right : {"C", "P"}) {
        out.push_back(option_of(underlying, month, strike, right));
      }
    }
  }
  return out;
}

Decimal option_value(const Instrument& option, Decimal price, Time now) {
  const auto end = parse_ib_time(option.expiry);
  const std::int64_t left =
      end ? std::max<std::int64_t>((*end - now) / std::chrono::seconds(1), 0) : 0;
  // At the money it is worth a tenth of the price times the root of the years left.
  const Int128 years_e12 = Int128{left} * 1'000'000'000'000 / (365 * 86'400);
  const Int128 at_money = Int128{price.units()} * root(years_e12) / 10'000'000;
  const Int128 inside = option.right == "C" ? Int128{price.units()} - option.strike.units()
                                            : Int128{option.strike.units()} - price.units();
  const Int128 value = (inside + root(inside * inside + 4 * at_money * at_money)) / 2;
  const Int128 ticks = std::max<Int128>(value / option.tick.units(), 1);
  return Decimal::from_units(static_cast<std::int64_t>(ticks) * option.tick.units());
}

}  // namespace belay::simtws
