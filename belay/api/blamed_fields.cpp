// SPDX-License-Identifier: Apache-2.0
#include "belay/api/blamed_fields.hpp"

#include <array>
#include <span>

namespace belay::api {
namespace {

struct Refused {
  const core::Order& order;
  const core::OrderTerms& asked;
};
/// A field, and its value in what was refused; empty: it has none, or is not at fault.
struct Subject {
  std::string_view field;
  std::string (*value)(const Refused& refused);
};
struct BlameRow {
  std::int32_t code;
  std::span<const Subject> subjects;
  std::string_view detail;  ///< completes the value
};

bool is_by_number(const Refused& refused) {
  const model::Contract& contract = refused.order.spec->contract;
  return contract.con_id != 0 && contract.symbol.empty();
}
template <auto Member>
std::string price_of(const Refused& refused) {
  const auto& price = refused.asked.*Member;
  return price ? model::to_string(*price) : "";
}
template <auto Member>
std::string time_in(const Refused& refused) {
  const auto& time = refused.asked.*Member;
  return time ? base::to_rfc3339(*time) : "";
}

using core::OrderTerms;
// Named here, so that no name of them is hidden by one of a variable.
namespace blamed {
constexpr Subject contract[] = {
    {"contract.con_id",
     [](const Refused& r) {
       return is_by_number(r) ? std::to_string(r.order.spec->contract.con_id) : "";
     }},
    {"symbol", [](const Refused& r) {
       const model::Contract& c = r.order.spec->contract;
       return is_by_number(r) ? ""
                              : fmt::format("{} ({}, {}, {})", c.symbol, model::name(c.sec_type),
                                            c.exchange, c.currency);
     }}};
constexpr Subject symbol[] = {
    {"symbol", [](const Refused& r) { return r.order.spec->contract.symbol.str(); }}};
constexpr Subject exchange[] = {
    {"contract.exchange", [](const Refused& r) { return r.order.spec->contract.exchange.str(); }}};
constexpr Subject currency[] = {
    {"contract.currency", [](const Refused& r) { return r.order.spec->contract.currency.str(); }}};
constexpr Subject account[] = {
    {"account", [](const Refused& r) { return r.order.spec->account.value().str(); }}};
constexpr Subject order_type[] = {{"order_type", [](const Refused& r) {
                                     return std::string(model::name(r.order.spec->ord_type));
                                   }}};
constexpr Subject time_in_force[] = {{"time_in_force", [](const Refused& r) {
                                        return std::string(model::name(r.asked.time_in_force));
                                      }}};
constexpr Subject quantity[] = {
    {"total_quantity", [](const Refused& r) { return model::to_string(r.asked.order_qty); }}};
constexpr Subject prices[] = {{"limit_price", price_of<&OrderTerms::price>},
                              {"aux_price", price_of<&OrderTerms::stop_px>},
                              {"trail_amount", price_of<&OrderTerms::trail_amount>}};
constexpr Subject limit_price[] = {prices[0]};
constexpr Subject aux_price[] = {prices[1]};
constexpr Subject good_till_date[] = {{"good_till_date", time_in<&OrderTerms::expire_time>}};
constexpr Subject good_after_time[] = {{"good_after_time", time_in<&OrderTerms::good_after_time>}};
constexpr Subject hidden[] = {
    {"hidden", [](const Refused& r) { return std::string(r.asked.hidden ? "true" : ""); }}};
}  // namespace blamed

constexpr std::string_view too_far =
    "is farther from the market than the broker's price settings let pass";
constexpr std::string_view no_type_with_force =
    "does not go with this order type and time in force";

// The broker's documented codes that are about a field, ascending.
constexpr std::array blame_rows{
    BlameRow{109, blamed::prices, too_far},
    BlameRow{110, blamed::prices,
             "is no multiple of the contract's minimum price variation (its tick)"},
    BlameRow{111, blamed::order_type, no_type_with_force},
    BlameRow{111, blamed::time_in_force, no_type_with_force},
    BlameRow{113, blamed::time_in_force, "does not go with this order type"},
    BlameRow{116, blamed::exchange, "is an exchange that takes no orders"},
    BlameRow{140, blamed::quantity,
             "is no quantity that the broker takes; expected a whole number"},
    BlameRow{141, blamed::prices, "is no price that the broker takes"},
    BlameRow{152, blamed::hidden, "is not possible for this order"},
    BlameRow{160, blamed::quantity, "is no size of an order"},
    BlameRow{163, blamed::prices, too_far},
    BlameRow{166, blamed::contract, "has expired"},
    BlameRow{200, blamed::contract, "is no contract that the broker knows, or fits several"},
    BlameRow{203, blamed::contract, "is not available, or not allowed for this account"},
    BlameRow{329, blamed::order_type, "cannot take the place of the type that the order has"},
    BlameRow{334, blamed::good_till_date, "is no time that the broker takes"},
    BlameRow{338, blamed::good_after_time, "is not possible on this exchange"},
    BlameRow{355, blamed::quantity, "does not conform to the market's rule for sizes"},
    BlameRow{382, blamed::prices, too_far},
    BlameRow{383, blamed::quantity, "is more than the broker's size settings let pass"},
    BlameRow{387, blamed::order_type, "is not possible on this exchange for this kind of security"},
    BlameRow{388, blamed::quantity, "is less than the smallest order of this contract"},
    BlameRow{392, blamed::contract, "has expired"},
    BlameRow{403, blamed::aux_price, "is no stop price that the broker takes"},
    BlameRow{406, blamed::currency, "is not a currency of this contract"},
    BlameRow{407, blamed::symbol, "has characters that the broker does not take"},
    BlameRow{412, blamed::contract, "is not available for trading"},
    BlameRow{434, blamed::quantity, "is no size of an order"},
    BlameRow{435, blamed::account, "is no account that the broker takes for it"},
    BlameRow{10052, blamed::time_in_force, "is not possible for this order"},
    BlameRow{10243, blamed::quantity, "is not possible here; expected a whole number"},
    BlameRow{10318, blamed::quantity, "is not possible for this order; expected a whole number"},
};

// 202 with a reason refuses too, and only its text says what for.
bool is_about_limit(const core::Order& order) {
  return order.code == 202 && order.broker_text.find("limit price") != std::string::npos;
}

void blame_all(const Refused& refused, const core::OrderTerms* before, const BlameRow& row,
               FieldErrors& out) {
  for (const Subject& subject : row.subjects) {
    const std::string value = subject.value(refused);
    const bool changed = before == nullptr || subject.value({refused.order, *before}) != value;
    if (value.empty() || !changed) continue;
    out.push_back({std::string(subject.field), fmt::format("{} {}", value, row.detail)});
  }
}

}  // namespace

FieldErrors blamed_fields(const core::Order& order, const core::OrderTerms& asked,
                          const core::OrderTerms* before) {
  FieldErrors out;
  const Refused refused{order, asked};
  if (is_about_limit(order)) {
    blame_all(refused, before, {order.code, blamed::limit_price, "is too far from the market"},
              out);
  }
  for (const BlameRow& row : blame_rows) {
    if (row.code == order.code) blame_all(refused, before, row, out);
  }
  return out;
}

}  // namespace belay::api
