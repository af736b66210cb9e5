// SPDX-License-Identifier: Apache-2.0
// The field walks of session, execution and account messages from the server, versions 176 to 200.
// Messages with a version field are "fixed": official Python clients drop them when the number of
// fields differs by one. Included by the server codec only.
#pragma once

#include "belay/tws/wire/accounts.hpp"
#include "belay/tws/wire/describe_contract.hpp"
#include "belay/tws/wire/reports.hpp"

namespace belay::tws::wire {

/// End marks that are a version field and nothing else.
template <class M>
concept BareReport = Like<M, OpenOrderEnd> || Like<M, PositionEnd>;

template <class Io, BareReport M>
void describe(Io& io, M&) {
  io.constant("version", 1);
}

/// End marks of one request: version and request id.
template <class M>
concept EndById = Like<M, ExecDetailsEnd> || Like<M, AccountSummaryEnd> ||
    Like<M, AccountUpdateMultiEnd> || Like<M, PositionMultiEnd>;

template <class Io, EndById M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
}

template <class Io, Like<NextValidId> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("orderId", message.order_id);
}

template <class Io, Like<ManagedAccts> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.text("accountsList", message.accounts_list);
}

template <class Io, Like<CurrentTime> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.i64("time", message.time);
}

template <class Io, Like<CurrentTimeInMillis> M>
void describe(Io& io, M& message) {
  io.i64("timeInMillis", message.time_in_millis);
}

template <class Io, Like<ErrMsg> M>
void describe(Io& io, M& message) {
  if (io.version() < 194) io.constant("version", 2);
  io.id("id", message.id);
  io.id("errorCode", message.error_code);
  io.escaped("errorString", message.error_string);
  io.escaped("advancedOrderRejectJson", message.advanced_order_reject_json);
  if (io.version() >= 194) io.i64("errorTime", message.error_time);
}

template <class Io, Like<OrderStatus> M>
void describe(Io& io, M& message) {
  io.id("orderId", message.order_id);
  io.text("status", message.status);
  io.quantity("filled", message.filled, Unset::zero);
  io.quantity("remaining", message.remaining, Unset::zero);
  io.real("avgFillPrice", message.avg_fill_price, Unset::zero);
  io.i64("permId", message.perm_id);
  io.id("parentId", message.parent_id);
  io.real("lastFillPrice", message.last_fill_price, Unset::zero);
  io.id("clientId", message.client_id);
  io.text("whyHeld", message.why_held);
  io.real("mktCapPrice", message.mkt_cap_price, Unset::zero);
}

template <class Io, Like<CompletedOrdersEnd> M>
void describe(Io&, M&) {}

template <class Io, Like<Execution> E>
void execution(Io& io, E& execution) {
  io.text("execId", execution.exec_id);
  io.text("time", execution.time);
  io.text("acctNumber", execution.acct_number);
  io.text("executionExchange", execution.exchange);
  io.text("side", execution.side);
  io.quantity("shares", execution.shares, Unset::zero);
  io.real("price", execution.price, Unset::zero_point);
  io.i64("permId", execution.perm_id);
  io.id("clientId", execution.client_id);
  io.i32("liquidation", execution.liquidation);
  io.quantity("cumQty", execution.cum_qty, Unset::zero);
  io.real("avgPrice", execution.avg_price, Unset::zero_point);
  io.text("orderRef", execution.order_ref);
  io.text("evRule", execution.ev_rule);
  io.real("evMultiplier", execution.ev_multiplier, Unset::empty);
  io.text("modelCode", execution.model_code);
  io.i32("lastLiquidity", execution.last_liquidity);
  if (io.version() >= 178) io.flag("pendingPriceRevision", execution.pending_price_revision);
  if (io.version() >= 198) io.text("submitter", execution.submitter);
}

template <class Io, Like<ExecDetails> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.id("orderId", message.order_id);
  reported_contract(io, message.contract, Unset::zero_point, "");
  execution(io, message.execution);
}

template <class Io, Like<CommissionReport> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.text("execId", message.exec_id);
  io.real("commission", message.commission, Unset::zero);
  io.text("currency", message.currency);
  io.real("realizedPNL", message.realized_pnl, Unset::maximum);
  io.real("yield", message.yield, Unset::maximum);
  io.text("yieldRedemptionDate", message.yield_redemption_date);
}

template <class Io, Like<OrderBound> M>
void describe(Io& io, M& message) {
  io.i64("permId", message.perm_id);
  io.id("clientId", message.client_id);
  io.id("orderId", message.order_id);
}

template <class Io, Like<Position> M>
void describe(Io& io, M& message) {
  io.constant("version", 3);
  io.text("account", message.account);
  reported_contract(io, message.contract, Unset::zero_point, "");
  io.quantity("position", message.position, Unset::zero);
  io.real("avgCost", message.avg_cost, Unset::zero_point);
}

template <class Io, Like<PositionMulti> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.text("account", message.account);
  reported_contract(io, message.contract, Unset::zero_point, "");
  io.quantity("position", message.position, Unset::zero);
  io.real("avgCost", message.avg_cost, Unset::zero_point);
  io.text("modelCode", message.model_code);
}

template <class Io, Like<AccountSummary> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.text("account", message.account);
  io.text("tag", message.tag);
  io.text("value", message.value);
  io.text("currency", message.currency);
}

template <class Io, Like<AcctValue> M>
void describe(Io& io, M& message) {
  io.constant("version", 2);
  io.text("key", message.key);
  io.text("value", message.value);
  io.text("currency", message.currency);
  io.text("accountName", message.account_name);
}

template <class Io, Like<PortfolioValue> M>
void describe(Io& io, M& message) {
  io.constant("version", 8);
  contract_head(io, message.contract, Unset::zero, "0");
  io.text("primaryExchange", message.contract.primary_exchange);
  contract_tail(io, message.contract);
  io.quantity("position", message.position, Unset::zero);
  io.real("marketPrice", message.market_price, Unset::zero_point);
  io.real("marketValue", message.market_value, Unset::zero_point);
  io.real("averageCost", message.average_cost, Unset::zero_point);
  io.real("unrealizedPNL", message.unrealized_pnl, Unset::maximum);
  io.real("realizedPNL", message.realized_pnl, Unset::maximum);
  io.text("accountName", message.account_name);
}

template <class Io, Like<AcctUpdateTime> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.text("timeStamp", message.time_stamp);
}

template <class Io, Like<AcctDownloadEnd> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.text("accountName", message.account_name);
}

template <class Io, Like<AccountUpdateMulti> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.text("account", message.account);
  io.text("modelCode", message.model_code);
  io.text("key", message.key);
  io.text("value", message.value);
  io.text("currency", message.currency);
}

template <class Io, Like<Pnl> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.real("dailyPnL", message.daily_pnl, Unset::maximum);
  io.real("unrealizedPnL", message.unrealized_pnl, Unset::maximum);
  io.real("realizedPnL", message.realized_pnl, Unset::maximum);
}

template <class Io, Like<PnlSingle> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.quantity("pos", message.pos, Unset::zero);
  io.real("dailyPnL", message.daily_pnl, Unset::maximum);
  io.real("unrealizedPnL", message.unrealized_pnl, Unset::maximum);
  io.real("realizedPnL", message.realized_pnl, Unset::maximum);
  io.real("value", message.value, Unset::maximum);
}

template <class Io, Like<UserInfo> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("whiteBrandingId", message.white_branding_id);
}

}  // namespace belay::tws::wire
