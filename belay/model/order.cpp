// SPDX-License-Identifier: Apache-2.0
#include "belay/model/order.hpp"

#include <algorithm>

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
  std::vector<base::Error> take() { return std::move(errors_); }

 private:
  std::vector<base::Error> errors_;
};

void check_contract(const Contract& c, Findings& f) {
  f.require(!c.symbol.empty() || c.con_id > 0, "contract.symbol",
            "expected a symbol such as \"AAPL\" (or contract.con_id)");
  // The broker's number of a contract is an int32; a larger one would be cut to another contract.
  f.require(c.con_id >= 0 && c.con_id <= INT32_MAX, "contract.con_id",
            "expected a whole number from 1 to 2147483647");
  const bool taken = c.sec_type != SecurityType::other && c.sec_type != SecurityType::combination;
  f.require(taken, "contract.sec_type", "expected one of STK, CASH, FUT, OPT");
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
  const bool dated = c.sec_type == SecurityType::future || c.sec_type == SecurityType::option;
  if (dated && c.con_id == 0 && c.local_symbol.empty()) {
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

void check_terms(const OrderSpec& spec, Findings& f) {
  const OrderTerms& t = spec.terms;
  f.require(!t.order_qty.is_zero(), "total_quantity", "expected a number greater than 0");
  const bool limit = spec.ord_type == OrdType::limit || spec.ord_type == OrdType::stop_limit;
  const bool stop = spec.ord_type == OrdType::stop || spec.ord_type == OrdType::stop_limit;
  const bool trail = spec.ord_type == OrdType::trailing_stop;
  f.require(spec.ord_type != OrdType::other, "order_type",
            "expected one of MKT, LMT, STP, STP LMT, TRAIL");
  f.require(!limit || t.price.has_value(), "limit_price", "LMT and STP LMT need a limit price");
  f.require(limit || !t.price.has_value(), "limit_price",
            "only LMT and STP LMT take a limit price");
  f.require(!stop || t.stop_px.has_value(), "aux_price",
            "STP and STP LMT need a stop price (aux_price)");
  f.require(stop || trail || !t.stop_px.has_value(), "aux_price",
            "only STP, STP LMT and TRAIL take a stop price");
  const bool one_trail = t.trail_amount.has_value() != t.trail_percent.has_value();
  f.require(!trail || one_trail, "trail_amount",
            "TRAIL needs exactly one of trail_amount and trail_percent");
  f.require(trail || (!t.trail_amount && !t.trail_percent), "trail_amount",
            "only TRAIL takes trail_amount or trail_percent");
  f.require(!t.trail_amount || t.trail_amount->value() > Decimal(), "trail_amount",
            "expected a number greater than 0");
  f.require(!t.trail_percent ||
                (*t.trail_percent > Decimal() && *t.trail_percent < Decimal::from_int(100)),
            "trail_percent", "expected a number between 0 and 100");
  // Spreads and some futures trade at zero and below; single stocks, options and currencies do not.
  const bool any_price = spec.contract.sec_type == SecurityType::future;
  const auto price_good = [&](const std::optional<Price>& p) {
    return !p || any_price || p->value() > Decimal();
  };
  f.require(price_good(t.price), "limit_price", "expected a number greater than 0");
  f.require(price_good(t.stop_px), "aux_price", "expected a number greater than 0");
  f.require(t.time_in_force != TimeInForce::other, "time_in_force",
            "expected one of DAY, GTC, IOC, FOK, GTD");
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
  return !order_qty && !price && !stop_px && !trail_amount && !trail_percent && !time_in_force &&
         !expire_time && !good_after_time && !outside_rth;
}

OrderTerms apply(const TermsPatch& patch, OrderTerms terms) {
  if (patch.order_qty) terms.order_qty = *patch.order_qty;
  if (patch.price) terms.price = patch.price;
  if (patch.stop_px) terms.stop_px = patch.stop_px;
  if (patch.trail_amount) {
    terms.trail_amount = patch.trail_amount;
    terms.trail_percent.reset();
  }
  if (patch.trail_percent) {
    terms.trail_percent = patch.trail_percent;
    terms.trail_amount.reset();
  }
  if (patch.time_in_force) {
    terms.time_in_force = *patch.time_in_force;
    terms.raw_time_in_force.clear();
    if (terms.time_in_force != TimeInForce::good_till_date) terms.expire_time.reset();
  }
  if (patch.expire_time) terms.expire_time = patch.expire_time;
  if (patch.good_after_time) terms.good_after_time = patch.good_after_time;
  if (patch.outside_rth) terms.outside_rth = *patch.outside_rth;
  return terms;
}

}  // namespace belay::model
