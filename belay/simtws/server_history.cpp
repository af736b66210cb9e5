// SPDX-License-Identifier: Apache-2.0
// Requests for the past: bars, ticks, the first date, histograms. Everything follows from the
// seeded price process; checks and refusals are the real server's.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "belay/simtws/bars.hpp"
#include "belay/simtws/server.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;
using base::Time;
using tws::wire::Real;

// A gateway gives a few thousand; more than that is a mistake of the caller.
constexpr std::size_t bars_max = 25'000;
constexpr std::int32_t ticks_max = 1'000;

std::string validation(std::string_view cause) {
  return fmt::format("Error validating request.-'bN' : cause - {}", cause);
}

std::string no_data(const Instrument& instrument, std::string_view what) {
  return fmt::format(
      "Historical Market Data Service error message:HMDS query returned no data: "
      "{}@{} {}",
      instrument.local_symbol, instrument.exchange, what);
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool has_no_trades(const Instrument& instrument) {
  return instrument.sec_type == "CASH";
}

// Trades are told at the bid of the walk: half a spread above it is the middle, a spread the ask.
Decimal shifted(Decimal price, const Instrument& instrument, std::string_view what) {
  const std::int64_t spread = instrument.tick.units() * (instrument.sec_type == "STK" ? 2 : 1);
  const std::int64_t up = what == "ASK" ? spread : what == "MIDPOINT" ? spread / 2 : 0;
  return Decimal::from_units(price.units() + up);
}

tws::wire::Bar wire_bar(const PriceBar& bar, const Instrument& instrument, std::string_view what,
                        std::string date) {
  const bool traded = is_one_of(what, {"TRADES", "ADJUSTED_LAST", "AGGTRADES"});
  const auto real = [&](Decimal price, std::string_view side) {
    return Real::from_decimal(shifted(price, instrument, side));
  };
  tws::wire::Bar out;
  out.date = std::move(date);
  const bool both = what == "BID_ASK";
  out.open = real(bar.open, both ? "BID" : what);
  out.high = real(bar.high, both ? "ASK" : what);
  out.low = real(bar.low, both ? "BID" : what);
  out.close = real(bar.close, both ? "ASK" : what);
  const Int128 sum =
      Int128{bar.open.units()} + bar.high.units() + bar.low.units() + bar.close.units();
  const auto middle = Decimal::from_units(static_cast<std::int64_t>(sum / 4));
  out.volume = traded ? Real::from_decimal(Decimal::from_int(bar.volume)) : Real::from_int(-1);
  out.wap = traded ? Real::from_decimal(middle) : Real::from_int(-1);
  out.count = traded ? static_cast<std::int32_t>(bar.count) : -1;
  return out;
}

std::string date_of(const BarSize& size, const Session& part, std::int32_t format) {
  if (!size.is_intraday()) return part.date;
  if (format == 2) return std::to_string(part.open);
  return ib_time(Time(part.open * 1'000'000'000));
}

}  // namespace

// Which of the kinds of data there are for this instrument.
bool Server::may_show(Connection& conn, std::int32_t req_id, const Instrument& instrument,
                      const std::string& what) {
  if (!is_one_of(what, {"TRADES", "MIDPOINT", "BID", "ASK", "BID_ASK", "ADJUSTED_LAST", "AGGTRADES",
                        "SCHEDULE"})) {
    fail(conn, req_id, 321, validation("Please enter a valid whatToShow"));
    return false;
  }
  if (instrument.sec_type == "CRYPTO" && what == "TRADES") {
    fail(conn, req_id, 10299,
         "Expected what to show is AGGTRADES, please use that instead of TRADES.");
    return false;
  }
  const bool trades = is_one_of(what, {"TRADES", "ADJUSTED_LAST", "AGGTRADES"});
  if ((trades && has_no_trades(instrument)) || (!trades && instrument.sec_type == "IND")) {
    fail(conn, req_id, 162, no_data(instrument, trades ? "Trades" : what));
    return false;
  }
  return true;
}

// The end of a request, now when none is given; an error is told.
std::optional<std::int64_t> Server::asked_time(Connection& conn, std::int32_t req_id,
                                               const std::string& text) {
  if (text.empty()) return seconds_of(now_);
  if (const auto time = parse_ib_time(text)) return seconds_of(*time);
  fail(
      conn, req_id, 10314,
      "End Date/Time: The date, time, or time-zone entered is invalid. The correct format is "
      "yyyymmdd hh:mm:ss xx/xxxx where yyyymmdd and xx/xxxx are optional. E.g.: 20031126 15:59:00 "
      "US/Eastern  Note that there is a space between the date and time, and between the time and "
      "time-zone.  If no date is specified, current date is assumed. If no time-zone is specified, "
      "local time-zone is assumed(deprecated).  You can also provide yyyymmddd-hh:mm:ss time is in "
      "UTC. Note that there is a dash between the date and time in UTC notation.");
  return std::nullopt;
}

std::optional<tws::wire::Bar> Server::bar_of(const tws::wire::ReqHistoricalData& asked,
                                             const Instrument& instrument,
                                             const std::vector<Session>& parts) const {
  std::optional<PriceBar> sum;
  for (const Session& part : parts) {
    const auto bar = market_.bar(instrument.con_id, part.open, part.close);
    if (!bar) continue;
    if (sum) {
      sum->extend(*bar);
    } else {
      sum = bar;
    }
  }
  if (!sum) return std::nullopt;
  const BarSize size = *parse_bar_size(asked.bar_size_setting);
  // A day is dated by its last session.
  const Session& dated = size.is_intraday() ? parts.front() : parts.back();
  return wire_bar(*sum, instrument, asked.what_to_show, date_of(size, dated, asked.format_date));
}

void Server::send_schedule(Connection& conn, const tws::wire::ReqHistoricalData& asked,
                           const Instrument& instrument, std::int64_t from, std::int64_t to) {
  const auto text = [](std::int64_t second) {
    return ib_time(Time(second * 1'000'000'000)).substr(0, 17).replace(8, 1, "-");
  };
  tws::wire::HistoricalSchedule out{asked.req_id, text(from), text(to), "US/Eastern", {}};
  for (const Session& one : sessions_of(instrument, from, to, asked.use_rth != 0)) {
    out.sessions.push_back({text(one.open), text(one.close), one.date});
  }
  send(conn, out);
}

void Server::handle(Connection& conn, const tws::wire::ReqHistoricalData& message) {
  const std::int32_t id = message.req_id;
  const Instrument* instrument = wanted(conn, id, message.contract);
  if (instrument == nullptr) return;
  if (conn.bars.count(id) != 0) {
    return fail(conn, id, 322, "Error processing request.-'bN' : cause - Duplicate ticker id");
  }
  const auto size = parse_bar_size(message.bar_size_setting);
  if (!size) {
    return fail(conn, id, 321,
                validation(fmt::format("Historical data bar size setting is invalid. Legal ones "
                                       "are: {}",
                                       legal_bar_sizes)));
  }
  const auto span = parse_span(message.duration_str);
  if (!span) {
    return fail(conn, id, 321,
                validation("Historical data duration string is invalid: N S, N D, N W, N M, N Y"));
  }
  if (!may_show(conn, id, *instrument, message.what_to_show)) return;
  if (message.keep_up_to_date && !message.end_date_time.empty()) {
    return fail(conn, id, 321, validation("End date not supported with keepUpToDate"));
  }
  const auto to = asked_time(conn, id, message.end_date_time);
  if (!to) return;
  const bool regular = message.use_rth != 0;
  const std::int64_t from =
      std::max(begin_of(*span, *instrument, *to, regular), instrument->first_trade);
  if (message.what_to_show == "SCHEDULE") {
    return send_schedule(conn, message, *instrument, from, *to);
  }
  if (size->is_intraday() && (*to - from) / size->seconds > 40 * std::int64_t{bars_max}) {
    return fail(conn, id, 162,
                "Historical Market Data Service error message:Time length exceed max.");
  }
  const auto frames = frames_of(*size, *instrument, from, *to, regular);
  if (frames.size() > bars_max) {
    return fail(conn, id, 162,
                "Historical Market Data Service error message:Time length exceed max.");
  }
  send_bars(conn, message, *instrument, frames, {from, *to, ""});
}

void Server::send_bars(Connection& conn, const tws::wire::ReqHistoricalData& asked,
                       const Instrument& instrument, const std::vector<BarFrame>& frames,
                       const Session& range) {
  tws::wire::HistoricalData out;
  out.req_id = asked.req_id;
  out.start_date = ib_time(Time(range.open * 1'000'000'000));
  out.end_date = ib_time(Time(range.close * 1'000'000'000));
  for (const BarFrame& frame : frames) {
    if (auto bar = bar_of(asked, instrument, frame.parts)) out.bars.push_back(std::move(*bar));
  }
  if (out.bars.empty()) {
    return fail(conn, asked.req_id, 162, no_data(instrument, asked.what_to_show));
  }
  send(conn, out);
  if (conn.version >= 196) {
    send(conn, tws::wire::HistoricalDataEnd{asked.req_id, out.start_date, out.end_date});
  }
  if (!asked.keep_up_to_date) return;
  conn.bars[asked.req_id] = {asked, instrument.con_id, out.bars.back()};
  start_bars();
}

void Server::handle(Connection& conn, const tws::wire::CancelHistoricalData& message) {
  const std::string id = std::to_string(message.req_id);
  if (conn.bars.erase(message.req_id) == 0) {
    return fail(conn, message.req_id, 366, "No historical data query found for ticker id:" + id);
  }
  fail(conn, message.req_id, 162,
       "Historical Market Data Service error message:API historical data query cancelled: " + id);
}

void Server::handle(Connection& conn, const tws::wire::ReqHeadTimestamp& message) {
  const Instrument* instrument = wanted(conn, message.req_id, message.contract);
  if (instrument == nullptr) return;
  if (!may_show(conn, message.req_id, *instrument, message.what_to_show)) return;
  const base::CivilTime utc = base::to_civil(Time(instrument->first_trade * 1'000'000'000));
  send(conn, tws::wire::HeadTimestamp{
                 message.req_id,
                 message.format_date == 2
                     ? std::to_string(instrument->first_trade)
                     : fmt::format("{:04}{:02}{:02}-{:02}:{:02}:{:02}", utc.year, utc.month,
                                   utc.day, utc.hour, utc.minute, utc.second)});
}

// It was answered at once: there is nothing to cancel.
void Server::handle(Connection&, const tws::wire::CancelHeadTimestamp&) {}

// The seconds of trading that a request for ticks means, one tick each.
std::vector<std::int64_t> Server::tick_seconds(const tws::wire::ReqHistoricalTicks& asked,
                                               const Instrument& instrument,
                                               std::int64_t at) const {
  const auto count = static_cast<std::size_t>(std::clamp(asked.number_of_ticks, 1, ticks_max));
  const bool forward = asked.end_date_time.empty();
  constexpr std::int64_t week = 7 * 86'400;
  const auto sessions = forward ? sessions_of(instrument, at, std::min(at + week, seconds_of(now_)),
                                              asked.use_rth != 0)
                                : sessions_of(instrument, at - week, at, asked.use_rth != 0);
  std::vector<std::int64_t> out;
  if (forward) {
    for (const Session& one : sessions) {
      const std::int64_t end = std::min(one.close, seconds_of(now_) + 1);
      for (std::int64_t s = std::max(one.open, at); s < end && out.size() < count; ++s) {
        out.push_back(s);
      }
    }
    return out;
  }
  for (auto one = sessions.rbegin(); one != sessions.rend(); ++one) {
    const std::int64_t end = std::min(one->close, at);
    for (std::int64_t s = end - 1; s >= one->open && out.size() < count; --s) out.push_back(s);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

void Server::handle(Connection& conn, const tws::wire::ReqHistoricalTicks& message) {
  const std::int32_t id = message.req_id;
  const Instrument* instrument = wanted(conn, id, message.contract);
  if (instrument == nullptr) return;
  if (message.start_date_time.empty() == message.end_date_time.empty()) {
    return fail(conn, id, 10187,
                "Failed to request historical ticks:Exactly one of start time and end time has to "
                "be given");
  }
  if (!is_one_of(message.what_to_show, {"TRADES", "MIDPOINT", "BID_ASK"})) {
    return fail(conn, id, 10187, "Failed to request historical ticks:Unsupported whatToShow");
  }
  const bool trades = message.what_to_show == "TRADES";
  if (trades && has_no_trades(*instrument)) {
    return fail(conn, id, 10187, "Failed to request historical ticks:No data available");
  }
  const bool forward = message.end_date_time.empty();
  const auto at = asked_time(conn, id, forward ? message.start_date_time : message.end_date_time);
  if (!at) return;
  tws::wire::HistoricalTicksLast last{id, {}, true};
  tws::wire::HistoricalTicksBidAsk sides{id, {}, true};
  tws::wire::HistoricalTicks middle{id, {}, true};
  for (const std::int64_t second : tick_seconds(message, *instrument, *at)) {
    const auto bar = market_.bar(instrument->con_id, second, second + 1);
    if (!bar) continue;
    const auto price = [&](std::string_view what) {
      return Real::from_decimal(shifted(bar->open, *instrument, what));
    };
    const Real size = message.ignore_size ? Real::from_int(0) : Real::from_int(100);
    if (trades) {
      last.ticks.push_back(
          {second, 0, price("TRADES"), Real::from_int(100), instrument->primary_exchange, ""});
    } else if (message.what_to_show == "BID_ASK") {
      sides.ticks.push_back({second, 0, price("BID"), price("ASK"), size, size});
    } else {
      middle.ticks.push_back({second, price("MIDPOINT"), Real::from_int(0)});
    }
  }
  if (trades) return send(conn, last);
  message.what_to_show == "BID_ASK" ? send(conn, sides) : send(conn, middle);
}

void Server::handle(Connection& conn, const tws::wire::ReqHistogramData& message) {
  const Instrument* instrument = wanted(conn, message.req_id, message.contract);
  if (instrument == nullptr) return;
  // "1 week", "3 days": the first letter of the word is that of a duration.
  std::string words = message.time_period;
  const std::size_t blank = words.find(' ');
  if (blank != std::string::npos && blank + 1 < words.size()) {
    const auto letter =
        static_cast<char>(std::toupper(static_cast<unsigned char>(words[blank + 1])));
    words = words.substr(0, blank + 1) + letter;
  }
  const auto span = parse_span(words);
  if (!span) return fail(conn, message.req_id, 321, validation("Invalid time period"));
  const std::int64_t to = seconds_of(now_);
  const std::int64_t from = begin_of(*span, *instrument, to, message.use_rth);
  const BarSize minutes{BarSize::Unit::second, 300};
  std::map<Decimal, std::int64_t> sizes;
  for (const BarFrame& frame : frames_of(minutes, *instrument, from, to, message.use_rth)) {
    const auto bar = market_.bar(instrument->con_id, frame.parts[0].open, frame.parts[0].close);
    if (bar) sizes[bar->close] += bar->volume;
  }
  tws::wire::HistogramData out{message.req_id, {}};
  for (const auto& [price, size] : sizes) {
    out.entries.push_back({Real::from_decimal(price), Real::from_decimal(Decimal::from_int(size))});
  }
  send(conn, out);
}

// It was answered at once: there is nothing to cancel.
void Server::handle(Connection&, const tws::wire::CancelHistogramData&) {}

}  // namespace belay::simtws
