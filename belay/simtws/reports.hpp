// SPDX-License-Identifier: Apache-2.0
// The book's orders and executions in the words of server messages: openOrder, orderStatus,
// completedOrder, execDetails, commissionReport. Pure functions; who receives them, and when, is
// decided elsewhere.
#pragma once

#include <string_view>

#include "belay/simtws/book.hpp"
#include "belay/tws/wire/reports.hpp"

namespace belay::simtws {

/// Numbers in 1e-16 rounded towards zero to a decimal.
base::Decimal to_decimal(base::Int128 value);

tws::wire::OpenOrder open_order(const SimOrder& order);
/// `parent_id` is the order id of the parent, 0 without one.
tws::wire::OrderStatus order_status(const SimOrder& order, OrderId parent_id);
tws::wire::CompletedOrder completed_order(const SimOrder& order);
/// `exchange` is where it traded.
tws::wire::ExecDetails exec_details(const SimExecution& execution, std::int32_t req_id,
                                    std::string_view exchange);
tws::wire::CommissionReport commission_report(const SimExecution& execution);
tws::wire::ErrMsg error_message(std::int32_t id, std::int32_t code, std::string text,
                                base::Time now);
/// What a what-if order would do to its account, in 1e-16 of the base currency.
struct WhatIf {
  base::Int128 margin = 0;         ///< that the account needs now
  base::Int128 margin_change = 0;  ///< negative when the order gives margin back
  base::Int128 equity = 0;         ///< with the loan value of what is held, now
  base::Decimal commission;
};
/// The one openOrder that answers a what-if order.
tws::wire::OpenOrder what_if_answer(const SimOrder& order, const WhatIf& effect);
/// For `shares` at `price`, of an order of which `filled` had been filled before.
base::Decimal commission_of(const Instrument& instrument, bool is_buy, base::Decimal shares,
                            base::Decimal price, base::Decimal filled);

}  // namespace belay::simtws
