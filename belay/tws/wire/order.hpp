// SPDX-License-Identifier: Apache-2.0
// The order, its conditions and its state in IB's own words, as plain values: the union of what
// placeOrder, openOrder and completedOrder carry. An unset Real or an empty optional is "not
// given", whatever spelling of it was on the wire. Defaults are those of IB's own clients.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/tws/wire/contract.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

/// One of the six kinds; a kind uses the fields named beside it.
struct OrderCondition {
  static constexpr std::int32_t price = 1;
  static constexpr std::int32_t time = 3;
  static constexpr std::int32_t margin = 4;
  static constexpr std::int32_t execution = 5;
  static constexpr std::int32_t volume = 6;
  static constexpr std::int32_t percent_change = 7;
  static constexpr bool is_known(std::int32_t type) {
    return type == price || (type >= time && type <= percent_change);
  }

  std::int32_t type = price;
  bool is_conjunction = true;       // "a" or "o" towards the next condition
  bool is_more = false;             // all but execution
  std::string value;                // price, time, percent, volume, changePercent: as written
  std::int32_t con_id = 0;          // price, volume, percent change
  std::string exchange;             // price, execution, volume, percent change
  std::int32_t trigger_method = 0;  // price
  std::string sec_type;             // execution
  std::string symbol;               // execution
  friend bool operator==(const OrderCondition&, const OrderCondition&) = default;
};

struct SoftDollarTier {
  std::string name;
  std::string value;
  std::string display_name;
  friend bool operator==(const SoftDollarTier&, const SoftDollarTier&) = default;
};

/// Fields in the order of placeOrder; those of openOrder and completedOrder alone come last.
struct Order {
  std::string action;
  Real total_quantity;
  std::string order_type;
  Real lmt_price;
  Real aux_price;
  std::string tif;
  std::string oca_group;
  std::string account;
  std::string open_close;
  std::int32_t origin = 0;
  std::string order_ref;
  bool transmit = true;
  std::int32_t parent_id = 0;
  bool block_order = false;
  bool sweep_to_fill = false;
  std::optional<std::int32_t> display_size;
  std::int32_t trigger_method = 0;
  bool outside_rth = false;
  bool hidden = false;
  std::vector<Real> order_combo_leg_prices;
  std::vector<TagValue> smart_combo_routing_params;
  std::string shares_allocation;
  Real discretionary_amt;
  std::string good_after_time;
  std::string good_till_date;
  std::string fa_group;
  std::string fa_method;
  std::string fa_percentage;
  std::string fa_profile;
  std::string model_code;
  std::int32_t short_sale_slot = 0;
  std::string designated_location;
  std::int32_t exempt_code = -1;
  std::int32_t oca_type = 0;
  std::string rule_80a;
  std::string settling_firm;
  bool all_or_none = false;
  std::optional<std::int32_t> min_qty;
  Real percent_offset;
  bool e_trade_only = false;
  bool firm_quote_only = false;
  Real nbbo_price_cap;
  std::int32_t auction_strategy = 0;
  Real starting_price;
  Real stock_ref_price;
  Real delta;
  Real stock_range_lower;
  Real stock_range_upper;
  bool override_percentage_constraints = false;
  Real volatility;
  std::optional<std::int32_t> volatility_type;
  std::string delta_neutral_order_type;  // the gateway writes "None" for none
  Real delta_neutral_aux_price;
  std::int32_t delta_neutral_con_id = 0;
  std::string delta_neutral_settling_firm;
  std::string delta_neutral_clearing_account;
  std::string delta_neutral_clearing_intent;
  std::string delta_neutral_open_close;
  bool delta_neutral_short_sale = false;
  std::int32_t delta_neutral_short_sale_slot = 0;
  std::string delta_neutral_designated_location;
  bool continuous_update = false;
  std::optional<std::int32_t> reference_price_type;
  Real trail_stop_price;  // set by the gateway on ordinary orders too
  Real trailing_percent;
  std::optional<std::int32_t> scale_init_level_size;
  std::optional<std::int32_t> scale_subs_level_size;
  Real scale_price_increment;
  Real scale_price_adjust_value;
  std::optional<std::int32_t> scale_price_adjust_interval;
  Real scale_profit_offset;
  bool scale_auto_reset = false;
  std::optional<std::int32_t> scale_init_position;
  std::optional<std::int32_t> scale_init_fill_qty;
  bool scale_random_percent = false;
  std::string scale_table;
  std::string active_start_time;
  std::string active_stop_time;
  std::string hedge_type;
  std::string hedge_param;
  bool opt_out_smart_routing = false;
  std::string clearing_account;
  std::string clearing_intent;
  bool not_held = false;
  std::string algo_strategy;
  std::vector<TagValue> algo_params;
  std::string algo_id;
  bool what_if = false;
  std::string order_misc_options;
  bool solicited = false;
  bool randomize_size = false;
  bool randomize_price = false;
  std::int32_t reference_contract_id = 0;
  bool is_pegged_change_amount_decrease = false;
  Real pegged_change_amount;
  Real reference_change_amount;
  std::string reference_exchange_id;
  std::vector<OrderCondition> conditions;
  bool conditions_ignore_rth = false;
  bool conditions_cancel_order = false;
  std::string adjusted_order_type;  // the gateway writes "None" for none
  Real trigger_price;
  Real lmt_price_offset;
  Real adjusted_stop_price;
  Real adjusted_stop_limit_price;
  Real adjusted_trailing_amount;
  std::int32_t adjustable_trailing_unit = 0;
  std::string ext_operator;
  SoftDollarTier soft_dollar_tier;
  Real cash_qty;
  std::string mifid2_decision_maker;
  std::string mifid2_decision_algo;
  std::string mifid2_execution_trader;
  std::string mifid2_execution_algo;
  bool dont_use_auto_price_for_hedge = false;
  bool is_oms_container = false;
  bool discretionary_up_to_limit_price = false;
  std::optional<bool> use_price_mgmt_algo;
  std::optional<std::int32_t> duration;
  std::optional<std::int32_t> post_to_ats;
  bool auto_cancel_parent = false;
  std::string advanced_error_override;
  std::string manual_order_time;
  std::optional<std::int32_t> min_trade_qty;
  std::optional<std::int32_t> min_compete_size;
  Real compete_against_best_offset;  // infinity is "up to mid"
  Real mid_offset_at_whole;
  Real mid_offset_at_half;
  std::string customer_account;
  bool professional_customer = false;
  bool include_overnight = false;
  std::optional<std::int32_t> manual_order_indicator;
  bool imbalance_only = false;

  // Only told by the server.
  std::int32_t client_id = 0;
  std::int64_t perm_id = 0;
  Real basis_points;
  std::optional<std::int32_t> basis_points_type;
  Real adjusted_trail_stop_price;  // IB's second trailStopPrice, in the adjusted-order section
  std::string bond_accrued_interest;
  std::string submitter;
  std::string auto_cancel_date;
  Real filled_quantity;
  std::optional<std::int32_t> ref_futures_con_id;
  std::string shareholder;
  bool route_marketable_to_bbo = false;
  std::optional<std::int64_t> parent_perm_id;
  friend bool operator==(const Order&, const Order&) = default;
};

struct OrderAllocation {
  std::string account;
  Real position;
  Real position_desired;
  Real position_after;
  Real desired_alloc_qty;
  Real allowed_alloc_qty;
  bool is_monetary = false;
  friend bool operator==(const OrderAllocation&, const OrderAllocation&) = default;
};

/// The three margin figures of a what-if answer at one moment.
struct Margins {
  Real init_margin;
  Real maint_margin;
  Real equity_with_loan;
  friend bool operator==(const Margins&, const Margins&) = default;
};

struct OrderState {
  std::string status;
  Margins before;
  Margins change;
  Margins after;
  Real commission;
  Real min_commission;
  Real max_commission;
  std::string commission_currency;
  std::string margin_currency;
  Margins before_outside_rth;
  Margins change_outside_rth;
  Margins after_outside_rth;
  Real suggested_size;
  std::string reject_reason;
  std::vector<OrderAllocation> order_allocations;
  std::string warning_text;
  std::string completed_time;    // completedOrder
  std::string completed_status;  // completedOrder
  friend bool operator==(const OrderState&, const OrderState&) = default;
};

}  // namespace belay::tws::wire
