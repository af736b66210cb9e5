// SPDX-License-Identifier: Apache-2.0
#include "belay/model/order.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/model/order_terms.hpp"

namespace belay::model {
namespace {

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 32 && c < 127; });
}
bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Findings {
 public:
  void require(bool good, const char* field, const char* detail) {
    if (!good) errors_.push_back({field, detail});
  }
  void blame(const char* field, std::string detail) {
    errors_.push_back({field, std::move(detail)});
  }
  std::vector<base::Error> take() { return std::move(errors_); }

 private:
  std::vector<base::Error> errors_;
};

void check_legs(const Contract& c, Findings& f) {
  constexpr std::size_t legs_max = 16;
  constexpr std::int64_t ratio_max = 1'000'000;
  if (c.sec_type != SecurityType::combination) {
    f.require(c.legs.empty(), "contract.legs", "only a BAG has legs");
    return;
  }
  f.require(c.legs.size() >= 2 && c.legs.size() <= legs_max, "contract.legs",
            "a BAG needs 2 to 16 legs, each with con_id, ratio, action and exchange");
  // The broker calls all combinations of a currency by one number.
  f.require(c.con_id == 0, "contract.con_id", "a BAG is named by its symbol and its legs");
  for (const ComboLeg& leg : c.legs) {
    f.require(leg.con_id > 0 && leg.con_id <= INT32_MAX, "contract.legs.con_id",
              "expected a whole number from 1 to 2147483647");
    f.require(leg.ratio > 0 && leg.ratio <= ratio_max, "contract.legs.ratio",
              "expected a whole number from 1 to 1000000");
    f.require(!leg.exchange.empty() && leg.exchange.size() <= 64 && is_printable(leg.exchange),
              "contract.legs.exchange", "expected an exchange such as \"SMART\"");
  }
}

void check_contract(const Contract& c, Findings& f) {
  f.require(!c.symbol.empty() || c.con_id > 0, "contract.symbol",
            "expected a symbol such as \"AAPL\" (or contract.con_id)");
  // The broker's number of a contract is an int32; a larger one would be cut to another contract.
  f.require(c.con_id >= 0 && c.con_id <= INT32_MAX, "contract.con_id",
            "expected a whole number from 1 to 2147483647");
  const SecTypeRow& type = row_of(c.sec_type);
  if (c.sec_type == SecurityType::index) {
    f.blame("contract.sec_type",
            "nobody can order an index: name a future, an option or a fund that follows it");
  } else if (!type.orders) {
    f.blame("contract.sec_type", fmt::format("expected {}", choice<SecurityType>.view()));
  }
  check_legs(c, f);
  f.require(!c.exchange.empty(), "contract.exchange", "expected an exchange such as \"SMART\"");
  f.require(c.con_id > 0 || !c.currency.empty(), "contract.currency",
            "expected a currency such as \"USD\"");
  const struct {
    const char* field;
    const std::string& text;
  } texts[] = {{"contract.symbol", c.symbol},
               {"contract.exchange", c.exchange},
               {"contract.primary_exchange", c.primary_exchange},
               {"contract.currency", c.currency},
               {"contract.last_trade_date", c.last_trade_date},
               {"contract.right", c.right},
               {"contract.multiplier", c.multiplier},
               {"contract.local_symbol", c.local_symbol},
               {"contract.trading_class", c.trading_class}};
  for (const auto& [field, text] : texts) {
    f.require(text.size() <= 64 && is_printable(text), field,
              "expected at most 64 printable ASCII characters");
  }
  if (type.dated && c.con_id == 0 && c.local_symbol.empty()) {
    const auto& date = c.last_trade_date;
    f.require(is_digits(date) && (date.size() == 6 || date.size() == 8), "contract.last_trade_date",
              "expected YYYYMM or YYYYMMDD for FUT and OPT");
  }
  f.require(!c.strike || c.strike->value() > Decimal(), "contract.strike",
            "expected a number greater than 0");
  if (c.sec_type == SecurityType::option && c.con_id == 0 && c.local_symbol.empty()) {
    f.require(c.strike && c.strike->value() > Decimal(), "contract.strike",
              "expected a strike above 0 for OPT");
    f.require(c.right == "C" || c.right == "P", "contract.right", "expected C or P for OPT");
  }
}

// The words of the rows that are fit, such as "LMT, STP LMT".
template <class Rows, class Fits>
std::string words_where(const Rows& rows, Fits fits) {
  std::string out;
  for (const auto& row : rows) {
    if (fits(row)) out += fmt::format("{}{}", out.empty() ? "" : ", ", row.name);
  }
  return out;
}

bool is_asked(Use use) {
  return use == Use::may || use == Use::must;
}

void check_range(Range range, Decimal value, bool any_price, const char* field, Findings& f) {
  const bool free = range == Range::any || (range == Range::price && any_price);
  f.require(free || value > Decimal(), field, "expected a number greater than 0");
  f.require(range != Range::percent || value < Decimal::from_int(100), field,
            "expected a number between 0 and 100");
}

// Which numbers an order has follows from its type.
void check_numbers(const OrderSpec& spec, Findings& f) {
  const OrdTypeRow& type = row_of(spec.ord_type);
  const bool any_price = row_of(spec.contract.sec_type).any_price;
  for_each_term([&](const auto& term) {
    const auto& value = spec.terms.*term.member;
    using T = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::optional<Price>> ||
                  std::is_same_v<T, std::optional<Decimal>>) {
      const auto use = term.rules.use;
      if (value && use != nullptr && !is_asked(type.*use)) {
        f.blame(term.field, fmt::format("{} has no {}: it goes with {}", type.name, term.field,
                                        words_where(ord_type_rows, [use](const OrdTypeRow& row) {
                                          return is_asked(row.*use);
                                        })));
      }
      const bool needed = use != nullptr && use != &OrdTypeRow::trail && type.*use == Use::must;
      if (!value && needed) {
        f.blame(term.field, fmt::format("{} needs {}", type.name, term.field));
      }
      if constexpr (std::is_same_v<T, std::optional<Price>>) {
        if (value) check_range(term.rules.range, value->value(), any_price, term.field, f);
      } else {
        if (value) check_range(term.rules.range, *value, any_price, term.field, f);
      }
    }
  });
}

void check_terms(const OrderSpec& spec, Findings& f) {
  const OrderTerms& t = spec.terms;
  const OrdTypeRow& type = row_of(spec.ord_type);
  f.require(!t.order_qty.is_zero(), "total_quantity", "expected a number greater than 0");
  if (spec.ord_type == OrdType::other) {
    f.blame("order_type", fmt::format("expected {}", choice<OrdType>.view()));
  } else {
    check_numbers(spec, f);
  }
  const bool one_trail = t.trail_amount.has_value() != t.trail_percent.has_value();
  if (type.trails() && !one_trail) {
    f.blame("trail_amount",
            fmt::format("{} needs exactly one of trail_amount and trail_percent", type.name));
  }
  f.require(!t.percent_offset || !t.stop_px, "percent_offset",
            "expected aux_price or percent_offset, not both");
  if (t.time_in_force == TimeInForce::other) {
    f.blame("time_in_force", fmt::format("expected {}", choice<TimeInForce>.view()));
  } else if (!type.tifs.contains(t.time_in_force)) {
    f.blame("time_in_force",
            fmt::format("{} goes with {}", type.name, words_where(tif_rows, [&](const TifRow& row) {
                          return type.tifs.contains(row.value);
                        })));
  }
  const bool gtd = t.time_in_force == TimeInForce::good_till_date;
  f.require(!gtd || t.expire_time.has_value(), "good_till_date",
            "GTD needs good_till_date, for example 2026-12-31T21:00:00Z");
  f.require(gtd || !t.expire_time.has_value(), "good_till_date",
            "good_till_date goes with time_in_force GTD only");
}

}  // namespace

std::vector<base::Error> validate(const OrderSpec& spec) {
  Findings f;
  check_contract(spec.contract, f);
  check_terms(spec, f);
  f.require(spec.account.value().size() <= 32 && is_printable(spec.account.value()), "account",
            "expected an account id of at most 32 printable characters");
  f.require(spec.purpose.size() <= 32 && is_printable(spec.purpose), "purpose",
            "expected at most 32 printable characters");
  return f.take();
}

bool TermsPatch::is_empty() const {
  bool empty = true;
  for_each_term([&](const auto& term) {
    if constexpr (is_changeable<decltype(term)>) empty = empty && !(this->*term.change);
  });
  return empty;
}

OrderTerms apply(const TermsPatch& patch, OrderTerms terms) {
  for_each_term([&](const auto& term) {
    if constexpr (is_changeable<decltype(term)>) {
      if (const auto& wanted = patch.*term.change) terms.*term.member = *wanted;
    }
  });
  // A distance is an amount or a percentage, and the one that is given ends the other.
  if (patch.trail_percent) {
    terms.trail_amount.reset();
  } else if (patch.trail_amount) {
    terms.trail_percent.reset();
  }
  if (patch.percent_offset) {
    terms.stop_px.reset();
  } else if (patch.stop_px) {
    terms.percent_offset.reset();
  }
  if (patch.time_in_force) {
    terms.raw_time_in_force.clear();
    const bool ends = terms.time_in_force == TimeInForce::good_till_date;
    if (!ends && !patch.expire_time) terms.expire_time.reset();
  }
  return terms;
}

}  // namespace belay::model
