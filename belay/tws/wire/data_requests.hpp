// SPDX-License-Identifier: Apache-2.0
// Requests for data and look-ups from client to server in IB's own words, one plain struct each:
// history, ticks, depth, option chains, symbols, scanners. An order manager asks none of them; the
// programs that trade beside it do, and the simulated server answers them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "belay/tws/wire/contract.hpp"

namespace belay::tws::wire {

/// `use_rth` is 0 or 1; `format_date` 1 is text, 2 Unix seconds.
struct ReqHistoricalData {
  static constexpr std::int32_t msg_id = 20;
  static constexpr std::string_view msg_name = "reqHistoricalData";
  std::int32_t req_id = 0;
  Contract contract;
  std::string end_date_time;
  std::string bar_size_setting;
  std::string duration_str;
  std::int32_t use_rth = 0;
  std::string what_to_show;
  std::int32_t format_date = 0;
  bool keep_up_to_date = false;
  std::string chart_options;
  friend bool operator==(const ReqHistoricalData&, const ReqHistoricalData&) = default;
};

struct CancelHistoricalData {
  static constexpr std::int32_t msg_id = 25;
  static constexpr std::string_view msg_name = "cancelHistoricalData";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelHistoricalData&, const CancelHistoricalData&) = default;
};

struct ReqHeadTimestamp {
  static constexpr std::int32_t msg_id = 87;
  static constexpr std::string_view msg_name = "reqHeadTimestamp";
  std::int32_t req_id = 0;
  Contract contract;
  std::int32_t use_rth = 0;
  std::string what_to_show;
  std::int32_t format_date = 0;
  friend bool operator==(const ReqHeadTimestamp&, const ReqHeadTimestamp&) = default;
};

struct CancelHeadTimestamp {
  static constexpr std::int32_t msg_id = 90;
  static constexpr std::string_view msg_name = "cancelHeadTimestamp";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelHeadTimestamp&, const CancelHeadTimestamp&) = default;
};

/// One of the two times is given.
struct ReqHistoricalTicks {
  static constexpr std::int32_t msg_id = 96;
  static constexpr std::string_view msg_name = "reqHistoricalTicks";
  std::int32_t req_id = 0;
  Contract contract;
  std::string start_date_time;
  std::string end_date_time;
  std::int32_t number_of_ticks = 0;
  std::string what_to_show;
  std::int32_t use_rth = 0;
  bool ignore_size = false;
  std::string misc_options;
  friend bool operator==(const ReqHistoricalTicks&, const ReqHistoricalTicks&) = default;
};

/// `tick_type` is Last, AllLast, BidAsk or MidPoint.
struct ReqTickByTickData {
  static constexpr std::int32_t msg_id = 97;
  static constexpr std::string_view msg_name = "reqTickByTickData";
  std::int32_t req_id = 0;
  Contract contract;
  std::string tick_type;
  std::int32_t number_of_ticks = 0;
  bool ignore_size = false;
  friend bool operator==(const ReqTickByTickData&, const ReqTickByTickData&) = default;
};

struct CancelTickByTickData {
  static constexpr std::int32_t msg_id = 98;
  static constexpr std::string_view msg_name = "cancelTickByTickData";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelTickByTickData&, const CancelTickByTickData&) = default;
};

struct ReqRealTimeBars {
  static constexpr std::int32_t msg_id = 50;
  static constexpr std::string_view msg_name = "reqRealTimeBars";
  std::int32_t req_id = 0;
  Contract contract;
  std::int32_t bar_size = 0;
  std::string what_to_show;
  bool use_rth = false;
  std::string options;
  friend bool operator==(const ReqRealTimeBars&, const ReqRealTimeBars&) = default;
};

struct CancelRealTimeBars {
  static constexpr std::int32_t msg_id = 51;
  static constexpr std::string_view msg_name = "cancelRealTimeBars";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelRealTimeBars&, const CancelRealTimeBars&) = default;
};

struct ReqMktDepth {
  static constexpr std::int32_t msg_id = 10;
  static constexpr std::string_view msg_name = "reqMktDepth";
  std::int32_t req_id = 0;
  Contract contract;
  std::int32_t num_rows = 0;
  bool is_smart_depth = false;
  std::string options;
  friend bool operator==(const ReqMktDepth&, const ReqMktDepth&) = default;
};

struct CancelMktDepth {
  static constexpr std::int32_t msg_id = 11;
  static constexpr std::string_view msg_name = "cancelMktDepth";
  std::int32_t req_id = 0;
  bool is_smart_depth = false;
  friend bool operator==(const CancelMktDepth&, const CancelMktDepth&) = default;
};

struct ReqMktDepthExchanges {
  static constexpr std::int32_t msg_id = 82;
  static constexpr std::string_view msg_name = "reqMktDepthExchanges";
  friend bool operator==(const ReqMktDepthExchanges&, const ReqMktDepthExchanges&) = default;
};

struct ReqHistogramData {
  static constexpr std::int32_t msg_id = 88;
  static constexpr std::string_view msg_name = "reqHistogramData";
  std::int32_t req_id = 0;
  Contract contract;
  bool use_rth = false;
  std::string time_period;
  friend bool operator==(const ReqHistogramData&, const ReqHistogramData&) = default;
};

struct CancelHistogramData {
  static constexpr std::int32_t msg_id = 89;
  static constexpr std::string_view msg_name = "cancelHistogramData";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelHistogramData&, const CancelHistogramData&) = default;
};

struct ReqSecDefOptParams {
  static constexpr std::int32_t msg_id = 78;
  static constexpr std::string_view msg_name = "reqSecDefOptParams";
  std::int32_t req_id = 0;
  std::string underlying_symbol;
  std::string fut_fop_exchange;
  std::string underlying_sec_type;
  std::int32_t underlying_con_id = 0;
  friend bool operator==(const ReqSecDefOptParams&, const ReqSecDefOptParams&) = default;
};

struct ReqMatchingSymbols {
  static constexpr std::int32_t msg_id = 81;
  static constexpr std::string_view msg_name = "reqMatchingSymbols";
  std::int32_t req_id = 0;
  std::string pattern;
  friend bool operator==(const ReqMatchingSymbols&, const ReqMatchingSymbols&) = default;
};

/// The nineteen filters that follow the scan code are left as trailing fields.
struct ReqScannerSubscription {
  static constexpr std::int32_t msg_id = 22;
  static constexpr std::string_view msg_name = "reqScannerSubscription";
  std::int32_t req_id = 0;
  std::string number_of_rows;
  std::string instrument;
  std::string location_code;
  std::string scan_code;
  friend bool operator==(const ReqScannerSubscription&, const ReqScannerSubscription&) = default;
};

struct CancelScannerSubscription {
  static constexpr std::int32_t msg_id = 23;
  static constexpr std::string_view msg_name = "cancelScannerSubscription";
  std::int32_t req_id = 0;
  friend bool operator==(const CancelScannerSubscription&,
                         const CancelScannerSubscription&) = default;
};

struct ReqScannerParameters {
  static constexpr std::int32_t msg_id = 24;
  static constexpr std::string_view msg_name = "reqScannerParameters";
  friend bool operator==(const ReqScannerParameters&, const ReqScannerParameters&) = default;
};

struct ReqNewsProviders {
  static constexpr std::int32_t msg_id = 85;
  static constexpr std::string_view msg_name = "reqNewsProviders";
  friend bool operator==(const ReqNewsProviders&, const ReqNewsProviders&) = default;
};

struct ReqSmartComponents {
  static constexpr std::int32_t msg_id = 83;
  static constexpr std::string_view msg_name = "reqSmartComponents";
  std::int32_t req_id = 0;
  std::string bbo_exchange;
  friend bool operator==(const ReqSmartComponents&, const ReqSmartComponents&) = default;
};

struct ReqFamilyCodes {
  static constexpr std::int32_t msg_id = 80;
  static constexpr std::string_view msg_name = "reqFamilyCodes";
  friend bool operator==(const ReqFamilyCodes&, const ReqFamilyCodes&) = default;
};

struct ReqSoftDollarTiers {
  static constexpr std::int32_t msg_id = 79;
  static constexpr std::string_view msg_name = "reqSoftDollarTiers";
  std::int32_t req_id = 0;
  friend bool operator==(const ReqSoftDollarTiers&, const ReqSoftDollarTiers&) = default;
};

}  // namespace belay::tws::wire
