// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/order_checks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using tws::wire::Real;

// Nobody trades more, and sums of notionals stay far inside 128 bits.
constexpr Decimal largest = Decimal::from_int(1'000'000'000);

Refusal invalid(std::string_view cause) {
  return {321, validation_text(cause)};
}

std::optional<Kind> kind_of(std::string_view word) {
  for (const KindRow& row : kind_rows) {
    if (row.word == word || (!word.empty() && row.other_word == word)) return row.kind;
  }
  if (word == "PEG MKT") return Kind::market;  // refused as an attribute is
  return std::nullopt;
}

std::optional<Tif> tif_of(std::string_view word) {
  constexpr std::pair<std::string_view, Tif> words[] = {
      {"", Tif::day},    {"DAY", Tif::day}, {"GTC", Tif::gtc}, {"IOC", Tif::ioc},
      {"FOK", Tif::fok}, {"GTD", Tif::gtd}, {"OPG", Tif::opg}, {"AUC", Tif::auc}};
  for (const auto& [known, tif] : words) {
    if (known == word) return tif;
  }
  return std::nullopt;
}

// A price that must be given, be positive and lie on a tick; of a combination it may have any sign.
std::optional<Refusal> read_price(const Real& given, std::string_view what, Decimal tick,
                                  Decimal& out, bool any_sign = false) {
  const bool is_given = given.is_set() && (any_sign || !given.is_zero());
  if (!is_given) return invalid(fmt::format("Missing {} price", what));
  const auto price = given.to_decimal();
  if (!price || !price->is_multiple_of(tick)) {
    return Refusal{110,
                   "The price does not conform to the minimum price variation for this contract."};
  }
  if (*price < Decimal{} && !any_sign) return invalid(fmt::format("Invalid {} price", what));
  out = *price;
  return std::nullopt;
}

std::optional<Refusal> read_trail(const tws::wire::Order& asked, Decimal tick, SimOrder& out) {
  out.trail_percent = asked.trailing_percent.to_decimal().value_or(Decimal{});
  if (out.trail_percent <= Decimal{}) {
    if (auto bad = read_price(asked.aux_price, "trailing amount", tick, out.trail_amount)) {
      return bad;
    }
  } else if (out.trail_percent >= Decimal::from_int(100)) {
    return invalid("Invalid trailing percent");
  }
  out.stop = Decimal{};
  if (asked.trail_stop_price.is_set() && !asked.trail_stop_price.is_zero()) {
    if (auto bad = read_price(asked.trail_stop_price, "trailing stop", tick, out.stop)) return bad;
  }
  if (out.kind != Kind::trail_limit) return std::nullopt;
  // Its limit is given as a distance, or as a price beside the stop that it begins with.
  const auto offset = asked.lmt_price_offset.to_decimal();
  const auto limit = asked.lmt_price.to_decimal();
  if (offset && !offset->is_zero()) {
    out.limit_offset = *offset;
  } else if (limit && !limit->is_zero() && !out.stop.is_zero()) {
    const std::int64_t between = out.stop.units() - limit->units();
    out.limit_offset = Decimal::from_units(out.is_buy ? -between : between);
  } else {
    return invalid("Missing limit price or limit price offset");
  }
  return std::nullopt;
}

// The limit of a combination is the sum of the prices of its legs, where those are given.
std::optional<Refusal> read_leg_prices(const tws::wire::Order& asked, const Instrument& instrument,
                                       SimOrder& out) {
  const auto& prices = asked.order_combo_leg_prices;
  const auto& routing = asked.smart_combo_routing_params;
  const bool is_loose = std::any_of(routing.begin(), routing.end(), [](const auto& one) {
    return one.tag == "NonGuaranteed" && one.value == "1";
  });
  if (prices.size() != 2 || instrument.legs.size() != 2 || !is_loose) {
    return Refusal{10058,
                   "Combo per-leg prices are only supported for non-guaranteed smart combos with "
                   "two legs and the \"IECOMBOPERLEGPRICE\" feature enabled."};
  }
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < prices.size(); ++i) {
    Decimal price;
    if (auto bad = read_price(prices[i], "leg", instrument.tick, price)) return bad;
    if (price > largest) return invalid("Invalid leg price");
    sum += instrument.legs[i].ratio * price.units();
  }
  out.limit = Decimal::from_units(sum);
  return std::nullopt;
}

// Prices of the kinds beside market orders; a relative order may go without.
std::optional<Refusal> read_prices(const tws::wire::Order& asked, const Instrument& instrument,
                                   SimOrder& out) {
  const Decimal tick = instrument.tick;
  if (out.trails()) return read_trail(asked, tick, out);
  out.limit = Decimal{};
  const bool has_leg_prices =
      std::any_of(asked.order_combo_leg_prices.begin(), asked.order_combo_leg_prices.end(),
                  [](const Real& price) { return price.is_set(); });
  const bool has_limit = asked.lmt_price.is_set() && !asked.lmt_price.is_zero();
  const bool may_lack_limit = row_of(out.kind).may_lack && !has_limit;
  const bool is_auction = out.tif == Tif::auc && out.kind == Kind::market_to_limit && has_limit;
  if (has_leg_prices) {
    if (auto bad = read_leg_prices(asked, instrument, out)) return bad;
  } else if ((row_of(out.kind).limited && !may_lack_limit) || is_auction) {
    const bool any_sign = instrument.is_combination();
    if (auto bad = read_price(asked.lmt_price, "limit", tick, out.limit, any_sign)) return bad;
  }
  out.stop = Decimal{};
  if (!out.has_trigger()) return std::nullopt;
  const std::string_view what = out.is_stop() ? "stop" : "trigger";
  return read_price(asked.aux_price, what, tick, out.stop);
}

// An order for an amount of money. Documented codes; who may give one is what people were told.
std::optional<Refusal> read_amount(const tws::wire::Order& asked, const Instrument& instrument,
                                   SimOrder& out) {
  const bool is_crypto = instrument.sec_type == "CRYPTO";
  const bool buys_at_market = out.kind == Kind::market && out.is_buy;
  out.amount = asked.cash_qty.to_decimal().value_or(Decimal{});
  if (out.amount <= Decimal{}) {
    out.amount = Decimal{};
    if (!is_crypto || !buys_at_market) return std::nullopt;
    return Refusal{10289, "You must set Cash Quantity for this order"};
  }
  const bool may_give = instrument.sec_type == "CASH" || (is_crypto && buys_at_market);
  if (!may_give) return Refusal{10244, "Cash Quantity cannot be used for this order"};
  const bool has_size = asked.total_quantity.is_set() && !asked.total_quantity.is_zero();
  if (is_crypto && has_size) {
    return Refusal{10293, "Cryptocurrency Cash Quantity order cannot specify size"};
  }
  if (out.amount > largest) return invalid("Invalid order size");
  return std::nullopt;
}

std::optional<Refusal> read_quantity(const Real& given, bool in_parts, Decimal& out) {
  const auto quantity = given.to_decimal();
  if (!quantity || *quantity <= Decimal{}) return invalid("Invalid order size");
  if (!in_parts && !quantity->is_multiple_of(Decimal::from_int(1))) {
    return Refusal{10243,
                   "Fractional-sized order cannot be placed via API. Please refer to desktop "
                   "version for instructions."};
  }
  if (*quantity > largest) return invalid("Invalid order size");
  out = *quantity;
  return std::nullopt;
}

std::optional<Refusal> read_flags(const tws::wire::Order& asked) {
  if (asked.e_trade_only)
    return Refusal{10268, "The 'EtradeOnly' order attribute is not supported."};
  if (asked.firm_quote_only) {
    return Refusal{10269, "The 'FirmQuoteOnly' order attribute is not supported."};
  }
  if (asked.nbbo_price_cap.is_set() && !asked.nbbo_price_cap.is_zero()) {
    return Refusal{10270, "The 'NbboPriceCap' order attribute is not supported."};
  }
  return std::nullopt;
}

}  // namespace

std::string validation_text(std::string_view cause) {
  return fmt::format("Error validating request.-'bC' : cause - {}", cause);
}

std::optional<Refusal> read_terms(const tws::wire::Order& asked, const Instrument& instrument,
                                  base::Time now, SimOrder& out) {
  if (asked.action != "BUY" && asked.action != "SELL" && asked.action != "SSHORT") {
    return invalid("Invalid order action");
  }
  out.is_buy = asked.action == "BUY";
  const auto kind = kind_of(asked.order_type);
  if (!kind) return invalid("Invalid order type was entered");
  out.kind = *kind;
  const auto tif = tif_of(asked.tif);
  if (!tif) return invalid(fmt::format("Invalid time in force: {}", asked.tif));
  out.tif = *tif;
  if (auto bad = read_flags(asked)) return bad;
  if (auto bad = read_amount(asked, instrument, out)) return bad;
  const bool is_crypto = instrument.sec_type == "CRYPTO";
  if (is_crypto && out.kind == Kind::market && out.tif != Tif::ioc) {
    return Refusal{10052, fmt::format("Invalid time in force:{}", asked.tif)};
  }
  if (out.amount.is_zero()) {
    if (auto bad = read_quantity(asked.total_quantity, is_crypto, out.quantity)) return bad;
  }
  for (const ComboPart& leg : instrument.legs) {
    const std::int64_t ratio = std::max(leg.ratio, -leg.ratio);
    if (out.quantity.units() > largest.units() / ratio) return invalid("Invalid order size");
  }
  if (auto bad = read_prices(asked, instrument, out)) return bad;
  const bool at_once = out.tif == Tif::ioc || out.tif == Tif::fok;
  const bool waits = out.has_trigger() || out.is_on_close() || row_of(out.kind).pegged;
  const bool opens = out.kind == Kind::market || out.kind == Kind::limit;
  const bool auctions = opens || out.kind == Kind::market_to_limit;
  if ((at_once && waits) || (out.tif == Tif::opg && !opens) || (out.tif == Tif::auc && !auctions)) {
    return Refusal{111, "TIF type and the order type are incompatible."};
  }
  out.good_till = base::never;
  if (out.tif == Tif::gtd) {
    const auto till = parse_ib_time(asked.good_till_date);
    if (!till) return invalid("Missing or invalid good till date");
    if (*till <= now) return Refusal{201, "Order rejected - reason:The good till date has passed."};
    out.good_till = *till;
  }
  return std::nullopt;
}

std::string not_cancellable_text(PermId perm_id) {
  return fmt::format("Cancel attempted when order is not in a cancellable state.  Order permId ={}",
                     perm_id);
}

std::optional<AttributeRefusal> check_attributes(const tws::wire::Order& asked) {
  const auto attribute = [](std::string_view name) {
    return fmt::format("The '{}' order attribute may not be specified for this order.", name);
  };
  if (asked.order_type == "PEG MKT") {
    return AttributeRefusal{{387, "Unsupported order type for this exchange and security type."}};
  }
  if (asked.min_qty.value_or(0) > 0) {
    return AttributeRefusal{{10256, attribute("Minimum Quantity")}};
  }
  const auto quantity = asked.total_quantity.to_decimal();
  if (asked.display_size.value_or(0) > 0 && quantity &&
      Decimal::from_int(*asked.display_size) >= *quantity) {
    return AttributeRefusal{{10255, attribute("Display Size")}};
  }
  if (asked.imbalance_only) return AttributeRefusal{{10342, attribute("ImbalanceOnly")}};
  if (!asked.active_start_time.empty() && asked.active_start_time.size() != 8) {
    return AttributeRefusal{
        {10315,
         "Active Start Time: The time entered is invalid. The correct format is hh:mm:ss. E.g.: "
         "15:00:00 in UTC. No date should be specified, current date is assumed."},
        false};
  }
  constexpr std::string_view algorithms[] = {"AD",      "Adaptive", "ArrivalPx", "ClosePx",
                                             "DarkIce", "PctVol",   "Twap",      "Vwap"};
  if (!asked.algo_strategy.empty() && std::find(std::begin(algorithms), std::end(algorithms),
                                                asked.algo_strategy) == std::end(algorithms)) {
    return AttributeRefusal{{439, "Order processing failed. Algorithm definition not found"},
                            false};
  }
  return std::nullopt;
}

std::optional<Refusal> check_change(const SimOrder& order, const tws::wire::Order& next) {
  const Refusal other{105, "Order being modified does not match original order."};
  if (next.action != order.asked.action) return other;
  if (!next.account.empty() && next.account != order.account) return other;
  if (!order.amount.is_zero() || next.cash_qty.to_decimal().value_or(Decimal{}) > Decimal{}) {
    return Refusal{10241,
                   "Order Quantity is expressed in monetary terms. Modification is not supported "
                   "via API. Please use desktop version to revise this order."};
  }
  const auto quantity = next.total_quantity.to_decimal();
  if (quantity && *quantity <= order.filled) return other;
  return std::nullopt;
}

}  // namespace belay::simtws
