// SPDX-License-Identifier: Apache-2.0
// The field walks of requests for data and look-ups, server versions 176 to 200. Included by the
// client codec only.
#pragma once

#include "belay/tws/wire/data_requests.hpp"
#include "belay/tws/wire/describe_contract.hpp"

namespace belay::tws::wire {

template <class Io, Like<Contract> C>
void requested_contract_expired(Io& io, C& contract) {
  requested_contract(io, contract);
  io.flag("includeExpired", contract.include_expired);
}

template <class Io, Like<ReqHistoricalData> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  requested_contract_expired(io, message.contract);
  io.text("endDateTime", message.end_date_time);
  io.text("barSizeSetting", message.bar_size_setting);
  io.text("durationStr", message.duration_str);
  io.i32("useRTH", message.use_rth);
  io.text("whatToShow", message.what_to_show);
  io.i32("formatDate", message.format_date);
  if (message.contract.sec_type == "BAG") {
    io.list("comboLegsCount", message.contract.combo_legs, 4,
            [](auto& each, auto& leg) { short_combo_leg(each, leg); });
  }
  io.flag("keepUpToDate", message.keep_up_to_date);
  io.text("chartOptions", message.chart_options);
}

template <class Io, Like<ReqHeadTimestamp> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  requested_contract_expired(io, message.contract);
  io.i32("useRTH", message.use_rth);
  io.text("whatToShow", message.what_to_show);
  io.i32("formatDate", message.format_date);
}

template <class Io, Like<ReqHistoricalTicks> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  requested_contract_expired(io, message.contract);
  io.text("startDateTime", message.start_date_time);
  io.text("endDateTime", message.end_date_time);
  io.i32("numberOfTicks", message.number_of_ticks);
  io.text("whatToShow", message.what_to_show);
  io.i32("useRTH", message.use_rth);
  io.flag("ignoreSize", message.ignore_size);
  io.text("miscOptions", message.misc_options);
}

template <class Io, Like<ReqTickByTickData> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  requested_contract(io, message.contract);
  io.text("tickType", message.tick_type);
  io.i32("numberOfTicks", message.number_of_ticks);
  io.flag("ignoreSize", message.ignore_size);
}

template <class Io, Like<ReqRealTimeBars> M>
void describe(Io& io, M& message) {
  io.constant("version", 3);
  io.id("reqId", message.req_id);
  requested_contract(io, message.contract);
  io.i32("barSize", message.bar_size);
  io.text("whatToShow", message.what_to_show);
  io.flag("useRTH", message.use_rth);
  io.text("realTimeBarsOptions", message.options);
}

template <class Io, Like<ReqMktDepth> M>
void describe(Io& io, M& message) {
  io.constant("version", 5);
  io.id("reqId", message.req_id);
  requested_contract(io, message.contract);
  io.i32("numRows", message.num_rows);
  io.flag("isSmartDepth", message.is_smart_depth);
  io.text("mktDepthOptions", message.options);
}

template <class Io, Like<CancelMktDepth> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.flag("isSmartDepth", message.is_smart_depth);
}

template <class Io, Like<ReqHistogramData> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  requested_contract_expired(io, message.contract);
  io.flag("useRTH", message.use_rth);
  io.text("timePeriod", message.time_period);
}

template <class Io, Like<ReqSecDefOptParams> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("underlyingSymbol", message.underlying_symbol);
  io.text("futFopExchange", message.fut_fop_exchange);
  io.text("underlyingSecType", message.underlying_sec_type);
  io.i32("underlyingConId", message.underlying_con_id);
}

template <class Io, Like<ReqMatchingSymbols> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("pattern", message.pattern);
}

template <class Io, Like<ReqScannerSubscription> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("numberOfRows", message.number_of_rows);
  io.text("instrument", message.instrument);
  io.text("locationCode", message.location_code);
  io.text("scanCode", message.scan_code);
}

template <class Io, Like<ReqSmartComponents> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("bboExchange", message.bbo_exchange);
}

/// Requests without a field.
template <class M>
concept EmptyRequest =
    Like<M, ReqMktDepthExchanges> || Like<M, ReqNewsProviders> || Like<M, ReqFamilyCodes>;

template <class Io, EmptyRequest M>
void describe(Io&, M&) {}

template <class Io, Like<ReqScannerParameters> M>
void describe(Io& io, M&) {
  io.constant("version", 1);
}

template <class M>
concept DataReqId = Like<M, CancelHeadTimestamp> || Like<M, CancelTickByTickData> ||
    Like<M, CancelHistogramData> || Like<M, ReqSoftDollarTiers>;

template <class Io, DataReqId M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
}

template <class M>
concept DataCancel = Like<M, CancelHistoricalData> || Like<M, CancelRealTimeBars> ||
    Like<M, CancelScannerSubscription>;

template <class Io, DataCancel M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
}

}  // namespace belay::tws::wire
