// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/resend.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/tws/translate.hpp"

namespace belay::tws {
namespace {

using wire::Real;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}
bool is_word(const std::string& text) {
  return !text.empty() && text != "None";
}

// Why the order cannot be repeated exactly; empty when it can.
std::string not_exact(const wire::OpenOrder& shown) {
  const wire::Order& order = shown.order;
  if (!is_one_of(order.order_type, {"MKT", "LMT", "STP", "STP LMT", "TRAIL"})) {
    return fmt::format("an order of type {} has parts that TWS does not show", order.order_type);
  }
  if (shown.contract.sec_type == "BAG" || !shown.contract.combo_legs.empty()) {
    return "the order is for a combination of contracts";
  }
  if (!order.algo_strategy.empty()) return "TWS does not show the whole of an algorithm's order";
  if (order.scale_price_increment.is_set()) return "TWS does not show the table of a scale order";
  if (is_word(order.delta_neutral_order_type) || shown.contract.delta_neutral_contract) {
    return "the order is delta neutral";
  }
  const bool altered =
      std::any_of(order.conditions.begin(), order.conditions.end(),
                  [](const auto& each) { return each.type == wire::OrderCondition::execution; });
  if (altered) return "TWS shows its condition on an execution with another exchange";
  return "";
}

// Words and zeros that the server puts where nothing was asked for.
void drop_gateway_words(wire::Order& order) {
  if (order.delta_neutral_order_type == "None") order.delta_neutral_order_type.clear();
  if (order.adjusted_order_type == "None") order.adjusted_order_type.clear();
  const std::string& type = order.order_type;
  if (!is_one_of(type, {"LMT", "STP LMT"})) order.lmt_price = Real();
  if (!is_one_of(type, {"STP", "STP LMT", "TRAIL"})) order.aux_price = Real();
  if (type != "TRAIL") {
    order.trail_stop_price = Real();
    order.trailing_percent = Real();
  } else if (order.trailing_percent.is_set() && !order.trailing_percent.is_zero()) {
    order.aux_price = Real();
  }
  order.shares_allocation.clear();
}

Real real(const core::Price& price) {
  return Real::from_decimal(price.value());
}

void apply(const core::TermsPatch& patch, wire::Order& order) {
  const bool trail = order.order_type == "TRAIL";
  if (patch.order_qty) order.total_quantity = Real::from_decimal(patch.order_qty->value());
  if (patch.price) order.lmt_price = real(*patch.price);
  if (patch.stop_px) (trail ? order.trail_stop_price : order.aux_price) = real(*patch.stop_px);
  if (patch.trail_amount) {
    order.aux_price = real(*patch.trail_amount);
    order.trailing_percent = Real();
  }
  if (patch.trail_percent) {
    order.trailing_percent = Real::from_decimal(*patch.trail_percent);
    order.aux_price = Real();
  }
  if (patch.time_in_force) {
    order.tif = name(*patch.time_in_force);
    if (*patch.time_in_force != core::TimeInForce::good_till_date) order.good_till_date.clear();
  }
  if (patch.expire_time) order.good_till_date = to_wire_time(*patch.expire_time);
  if (patch.good_after_time) order.good_after_time = to_wire_time(*patch.good_after_time);
  if (patch.outside_rth) order.outside_rth = *patch.outside_rth;
}

bool same_value(const Real& left, const Real& right) {
  const bool none = (!left.is_set() || left.is_zero()) && (!right.is_set() || right.is_zero());
  return none || left.to_decimal() == right.to_decimal();
}

}  // namespace

base::Result<wire::PlaceOrder> changed(const wire::OpenOrder& shown, const core::TermsPatch& patch,
                                       bool parent_open) {
  if (auto why = not_exact(shown); !why.empty()) {
    return base::fail("order", why + ": sending it again would drop them, so it is not changed");
  }
  wire::PlaceOrder out;
  out.order_id = shown.order_id;
  out.contract = shown.contract;
  out.order = shown.order;
  drop_gateway_words(out.order);
  apply(patch, out.order);
  if (!parent_open) out.order.parent_id = 0;
  out.order.transmit = true;
  return out;
}

bool same_terms(const wire::Order& left, const wire::Order& right) {
  const bool limit = is_one_of(left.order_type, {"LMT", "STP LMT"});
  const bool stop = is_one_of(left.order_type, {"STP", "STP LMT"});
  const bool percent = left.trailing_percent.is_set() && !left.trailing_percent.is_zero();
  const bool trail = left.order_type == "TRAIL";
  return same_value(left.total_quantity, right.total_quantity) && left.tif == right.tif &&
         (!limit || same_value(left.lmt_price, right.lmt_price)) &&
         (!stop || same_value(left.aux_price, right.aux_price)) &&
         (!trail || percent || same_value(left.aux_price, right.aux_price)) &&
         (!percent || same_value(left.trailing_percent, right.trailing_percent)) &&
         left.outside_rth == right.outside_rth;
}

}  // namespace belay::tws
