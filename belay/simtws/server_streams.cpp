// SPDX-License-Identifier: Apache-2.0
// Streams of data that go on until they are cancelled: bars of five seconds, bars kept up to date,
// single ticks, depth.
#include <algorithm>
#include <array>

#include "belay/simtws/bars.hpp"
#include "belay/simtws/server.hpp"
#include "belay/simtws/time_text.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Time;
using tws::wire::Real;

constexpr std::int64_t bar_seconds = 5;
constexpr std::int32_t depth_rows_max = 5;

std::string duplicate_id() {
  return "Error processing request.-'bN' : cause - Duplicate ticker id";
}

std::string unknown_id(std::int32_t id) {
  return "Can't find EId with tickerId:" + std::to_string(id);
}

std::int32_t type_of(std::string_view word) {
  constexpr std::array<std::string_view, 4> words{"Last", "AllLast", "BidAsk", "MidPoint"};
  const auto* found = std::find(words.begin(), words.end(), word);
  return found == words.end() ? 0 : static_cast<std::int32_t>(found - words.begin()) + 1;
}

Decimal middle(const Quote& quote) {
  return Decimal::from_units((quote.bid.units() + quote.ask.units()) / 2);
}

}  // namespace

void Server::handle(Connection& conn, const tws::wire::ReqRealTimeBars& message) {
  const Instrument* instrument = wanted(conn, message.req_id, message.contract);
  if (instrument == nullptr) return;
  if (!may_show(conn, message.req_id, *instrument, message.what_to_show)) return;
  if (conn.live_bars.count(message.req_id) != 0) {
    return fail(conn, message.req_id, 322, duplicate_id());
  }
  conn.live_bars[message.req_id] = {instrument->con_id, message.what_to_show};
  start_bars();
}

void Server::start_bars() {
  if (next_bar_ != base::never) return;
  const std::int64_t next = (seconds_of(now_) / bar_seconds + 1) * bar_seconds;
  next_bar_ = Time(next * 1'000'000'000);
}

void Server::handle(Connection& conn, const tws::wire::CancelRealTimeBars& message) {
  if (conn.live_bars.erase(message.req_id) == 0) {
    fail(conn, message.req_id, 300, unknown_id(message.req_id));
  }
}

void Server::send_live_bars(Connection& conn, std::int64_t end) {
  const Session span{end - bar_seconds, end, {}};
  for (const auto& [req_id, watch] : conn.live_bars) {
    tws::wire::ReqHistoricalData as;
    as.what_to_show = watch.what_to_show;
    as.bar_size_setting = "5 secs";
    const auto bar = bar_of(as, *market_.find(watch.con_id), {span});
    if (!bar) continue;
    send(conn, tws::wire::RealTimeBar{req_id, span.open, bar->open, bar->high, bar->low, bar->close,
                                      bar->volume, bar->wap, bar->count});
  }
}

// Every five seconds: the bar of those that are over, and what became of the bars kept up to date.
void Server::run_bars() {
  while (next_bar_ <= now_) {
    const std::int64_t end = seconds_of(next_bar_);
    bool any = false;
    for (auto& [conn_id, conn] : connections_) {
      if (conn.is_closed) continue;
      any = any || !conn.live_bars.empty() || !conn.bars.empty();
      send_live_bars(conn, end);
      for (auto& [req_id, watch] : conn.bars) update_bar(conn, watch);
    }
    // A leap of the clock is not told bar by bar.
    const std::int64_t last = std::max(end, seconds_of(now_) / bar_seconds * bar_seconds);
    next_bar_ = any ? Time((last + bar_seconds) * 1'000'000'000) : base::never;
  }
}

// The last bar as it is now; a new one when a new one has begun.
void Server::update_bar(Connection& conn, Connection::BarWatch& watch) {
  const Instrument& instrument = *market_.find(watch.con_id);
  const BarSize size = *parse_bar_size(watch.asked.bar_size_setting);
  const std::int64_t now = seconds_of(now_);
  const std::int64_t back = size.is_intraday() ? 4 * 86'400 : 40 * 86'400;
  const bool regular = watch.asked.use_rth != 0;
  // Enough to hold the last frame whole.
  const auto sessions = sessions_of(instrument, now - back, now + 1, regular);
  if (sessions.empty()) return;
  const std::int64_t from = size.is_intraday() ? sessions.back().open : now - back;
  const auto frames = frames_of(size, instrument, from, now + 1, regular);
  if (frames.empty()) return;
  auto bar = bar_of(watch.asked, instrument, frames.back().parts);
  if (!bar || *bar == watch.told) return;
  watch.told = *bar;
  send(conn, tws::wire::HistoricalDataUpdate{watch.asked.req_id, std::move(*bar)});
}

void Server::handle(Connection& conn, const tws::wire::ReqTickByTickData& message) {
  const Instrument* instrument = wanted(conn, message.req_id, message.contract);
  if (instrument == nullptr) return;
  const std::int32_t type = type_of(message.tick_type);
  const bool trades = type == 1 || type == 2;
  if (type == 0 || (trades && instrument->sec_type == "CASH")) {
    return fail(conn, message.req_id, 10189,
                "Failed to request tick-by-tick data:No market data permissions for " +
                    instrument->exchange + " " + instrument->sec_type);
  }
  if (conn.ticks.count(message.req_id) != 0) {
    return fail(conn, message.req_id, 322, duplicate_id());
  }
  conn.ticks[message.req_id] = {instrument->con_id, type};
  send_tick(conn, message.req_id, instrument->con_id, type);
}

void Server::handle(Connection& conn, const tws::wire::CancelTickByTickData& message) {
  if (conn.ticks.erase(message.req_id) == 0) {
    fail(conn, message.req_id, 300, unknown_id(message.req_id));
  }
}

void Server::send_tick(Connection& conn, std::int32_t req_id, std::int32_t con_id,
                       std::int32_t type) {
  const Quote& quote = *market_.quote(con_id);
  tws::wire::TickByTick out;
  out.req_id = req_id;
  out.tick_type = type;
  out.time = seconds_of(now_);
  const auto real = [](Decimal price) { return Real::from_decimal(price); };
  out.last = {0,
              0,
              real(quote.last),
              Real::from_int(quote.last_size),
              market_.find(con_id)->primary_exchange,
              ""};
  out.bid_ask = {0,
                 0,
                 real(quote.bid),
                 real(quote.ask),
                 Real::from_int(quote.bid_size),
                 Real::from_int(quote.ask_size)};
  out.mid_point = real(middle(quote));
  send(conn, out);
}

// One row of a side is a tick behind the one before it.
void Server::send_depth(Connection& conn, std::int32_t req_id, Connection::DepthWatch& watch) {
  const Quote& quote = *market_.quote(watch.con_id);
  const Instrument& instrument = *market_.find(watch.con_id);
  const std::int32_t operation = watch.is_told ? 1 : 0;
  for (std::int32_t row = 0; row < watch.rows; ++row) {
    for (const std::int32_t side : {0, 1}) {
      const std::int64_t off = instrument.tick.units() * row * (side == 0 ? 1 : -1);
      const Decimal best = side == 0 ? quote.ask : quote.bid;
      const std::int64_t price = best.units() + off;
      if (price <= 0) continue;
      const Real size = Real::from_int((side == 0 ? quote.ask_size : quote.bid_size) + 100 * row);
      const Real shown = Real::from_decimal(Decimal::from_units(price));
      if (watch.is_smart) {
        send(conn, tws::wire::MarketDepthL2{req_id, row, instrument.primary_exchange, operation,
                                            side, shown, size, true});
      } else {
        send(conn, tws::wire::MarketDepth{req_id, row, operation, side, shown, size});
      }
    }
  }
  watch.is_told = true;
}

void Server::handle(Connection& conn, const tws::wire::ReqMktDepth& message) {
  const Instrument* instrument = wanted(conn, message.req_id, message.contract);
  if (instrument == nullptr) return;
  if (instrument->sec_type == "IND" || instrument->sec_type == "BOND") {
    return fail(conn, message.req_id, 10092,
                "Deep market data is not supported for this combination of security "
                "type/exchange");
  }
  if (conn.depth.count(message.req_id) != 0) {
    return fail(conn, message.req_id, 322, duplicate_id());
  }
  Connection::DepthWatch& watch = conn.depth[message.req_id];
  watch.con_id = instrument->con_id;
  watch.rows = std::clamp(message.num_rows, 1, depth_rows_max);
  watch.is_smart = message.is_smart_depth;
  send_depth(conn, message.req_id, watch);
}

void Server::handle(Connection& conn, const tws::wire::CancelMktDepth& message) {
  if (conn.depth.erase(message.req_id) == 0) {
    fail(conn, message.req_id, 310,
         "Can't find the subscribed market depth with tickerId:" + std::to_string(message.req_id));
  }
}

void Server::send_streams(const std::vector<std::int32_t>& moved) {
  const auto has_moved = [&](std::int32_t con_id) {
    return std::find(moved.begin(), moved.end(), con_id) != moved.end();
  };
  for (auto& [conn_id, conn] : connections_) {
    for (const auto& [req_id, watch] : conn.ticks) {
      if (has_moved(watch.con_id)) send_tick(conn, req_id, watch.con_id, watch.type);
    }
    for (auto& [req_id, watch] : conn.depth) {
      if (has_moved(watch.con_id)) send_depth(conn, req_id, watch);
    }
  }
}

}  // namespace belay::simtws
