// SPDX-License-Identifier: Apache-2.0
// The field walks of every request but placeOrder, server versions 176 to 200. The constants are
// the version fields IB froze long ago; requests added later have none. Included by the client
// codec only.
#pragma once

#include "belay/tws/wire/describe_contract.hpp"
#include "belay/tws/wire/requests.hpp"

namespace belay::tws::wire {

/// Requests that are a version field and nothing else.
template <class M>
concept BareRequest =
    Like<M, ReqManagedAccts> || Like<M, ReqCurrentTime> || Like<M, ReqOpenOrders> ||
    Like<M, ReqAllOpenOrders> || Like<M, ReqPositions> || Like<M, CancelPositions>;

template <class Io, BareRequest M>
void describe(Io& io, M&) {
  io.constant("version", 1);
}

/// Requests that end a subscription: version and request id.
template <class M>
concept CancelById = Like<M, CancelAccountSummary> || Like<M, CancelAccountUpdatesMulti> ||
    Like<M, CancelPositionsMulti>;

template <class Io, CancelById M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
}

template <class Io, Like<StartApi> M>
void describe(Io& io, M& message) {
  io.constant("version", 2);
  io.id("clientId", message.client_id);
  io.text("optionalCapabilities", message.optional_capabilities);
}

template <class Io, Like<ReqIds> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.i32("numIds", message.num_ids);
}

template <class Io, Like<ReqCurrentTimeInMillis> M>
void describe(Io&, M&) {}

template <class Io, Like<SetServerLogLevel> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.i32("logLevel", message.log_level);
}

template <class Io, Like<CancelOrder> M>
void describe(Io& io, M& message) {
  const int version = io.version();
  if (version < 192) io.constant("version", 1);
  io.id("orderId", message.order_id);
  io.text("manualOrderCancelTime", message.manual_order_cancel_time);
  // The fields for requests for quotes lived from 187 to 189.
  if (version >= 187 && version < 190) {
    io.text("extOperator", message.ext_operator);
    io.filler("externalUserId", "");
    io.opt("manualOrderIndicator", message.manual_order_indicator, Unset::maximum);
  }
  if (version >= 192) {
    io.text("extOperator", message.ext_operator);
    io.opt("manualOrderIndicator", message.manual_order_indicator, Unset::maximum);
  }
}

template <class Io, Like<ReqGlobalCancel> M>
void describe(Io& io, M& message) {
  if (io.version() < 192) return io.constant("version", 1);
  io.text("extOperator", message.ext_operator);
  io.opt("manualOrderIndicator", message.manual_order_indicator, Unset::maximum);
}

template <class Io, Like<ReqAutoOpenOrders> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.flag("autoBind", message.auto_bind);
}

template <class Io, Like<ReqCompletedOrders> M>
void describe(Io& io, M& message) {
  io.flag("apiOnly", message.api_only);
}

template <class Io, Like<ReqExecutions> M>
void describe(Io& io, M& message) {
  io.constant("version", 3);
  io.id("reqId", message.req_id);
  io.id("clientId", message.client_id);
  io.text("acctCode", message.acct_code);
  io.text("time", message.time);
  io.text("symbol", message.symbol);
  io.text("secType", message.sec_type);
  io.text("exchange", message.exchange);
  io.text("side", message.side);
  if (io.version() < 200) return;
  // Left out at 200, the gateway answers with error 320.
  io.opt("lastNDays", message.last_n_days, Unset::maximum);
  io.list("specificDatesCount", message.specific_dates, 1,
          [](auto& each, auto& date) { each.text("date", date); });
}

template <class Io, Like<ReqAccountSummary> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.text("groupName", message.group_name);
  io.text("tags", message.tags);
}

template <class Io, Like<ReqAccountUpdates> M>
void describe(Io& io, M& message) {
  io.constant("version", 2);
  io.flag("subscribe", message.subscribe);
  io.text("acctCode", message.acct_code);
}

template <class Io, Like<ReqAccountUpdatesMulti> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.text("account", message.account);
  io.text("modelCode", message.model_code);
  io.flag("ledgerAndNLV", message.ledger_and_nlv);
}

template <class Io, Like<ReqPositionsMulti> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.text("account", message.account);
  io.text("modelCode", message.model_code);
}

template <class Io, Like<ReqContractDetails> M>
void describe(Io& io, M& message) {
  io.constant("version", 8);
  io.id("reqId", message.req_id);
  requested_contract(io, message.contract);
  io.flag("includeExpired", message.contract.include_expired);
  io.text("secIdType", message.contract.sec_id_type);
  io.text("secId", message.contract.sec_id);
  io.text("issuerId", message.contract.issuer_id);
}

template <class Io, Like<ReqMarketRule> M>
void describe(Io& io, M& message) {
  io.id("marketRuleId", message.market_rule_id);
}

template <class Io, Like<ReqMktData> M>
void describe(Io& io, M& message) {
  io.constant("version", 11);
  io.id("reqId", message.req_id);
  requested_contract(io, message.contract);
  if (message.contract.sec_type == "BAG") {
    io.list("comboLegsCount", message.contract.combo_legs, 4,
            [](auto& each, auto& leg) { short_combo_leg(each, leg); });
  }
  delta_neutral_contract(io, message.contract);
  io.text("genericTickList", message.generic_tick_list);
  io.flag("snapshot", message.snapshot);
  io.flag("regulatorySnapshot", message.regulatory_snapshot);
  io.text("mktDataOptions", message.mkt_data_options);
}

template <class Io, Like<CancelMktData> M>
void describe(Io& io, M& message) {
  io.constant("version", 2);
  io.id("reqId", message.req_id);
}

template <class Io, Like<ReqMarketDataType> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.i32("marketDataType", message.market_data_type);
}

template <class Io, Like<ReqPnl> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("account", message.account);
  io.text("modelCode", message.model_code);
}

template <class Io, Like<ReqPnlSingle> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("account", message.account);
  io.text("modelCode", message.model_code);
  io.i32("conId", message.con_id);
}

/// Requests that are a request id and nothing else.
template <class M>
concept OnlyReqId = Like<M, CancelPnl> || Like<M, CancelPnlSingle> || Like<M, ReqUserInfo>;

template <class Io, OnlyReqId M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
}

}  // namespace belay::tws::wire
