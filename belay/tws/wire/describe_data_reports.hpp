// SPDX-License-Identifier: Apache-2.0
// The field walks of data and look-ups from the server, versions 176 to 200. Included by the server
// codec only.
#pragma once

#include "belay/tws/wire/data_reports.hpp"
#include "belay/tws/wire/describe_contract.hpp"

namespace belay::tws::wire {

template <class Io, Like<HistoricalData> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  if (io.version() < 196) {
    io.text("startDate", message.start_date);
    io.text("endDate", message.end_date);
  }
  io.list("itemCount", message.bars, 8, [](auto& each, auto& bar) {
    each.text("date", bar.date);
    each.real("open", bar.open, Unset::zero);
    each.real("high", bar.high, Unset::zero);
    each.real("low", bar.low, Unset::zero);
    each.real("close", bar.close, Unset::zero);
    each.quantity("volume", bar.volume, Unset::empty);
    each.quantity("wap", bar.wap, Unset::empty);
    each.i32("barCount", bar.count);
  });
}

template <class Io, Like<HistoricalDataEnd> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("startDate", message.start_date);
  io.text("endDate", message.end_date);
}

// The order of the prices is another than in historicalData.
template <class Io, Like<HistoricalDataUpdate> M>
void describe(Io& io, M& message) {
  auto& bar = message.bar;
  io.id("reqId", message.req_id);
  io.i32("barCount", bar.count);
  io.text("date", bar.date);
  io.real("open", bar.open, Unset::zero);
  io.real("close", bar.close, Unset::zero);
  io.real("high", bar.high, Unset::zero);
  io.real("low", bar.low, Unset::zero);
  io.quantity("wap", bar.wap, Unset::empty);
  io.quantity("volume", bar.volume, Unset::empty);
}

template <class Io, Like<HistoricalSchedule> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("startDate", message.start_date);
  io.text("endDate", message.end_date);
  io.text("timeZone", message.time_zone);
  io.list("sessionsCount", message.sessions, 3, [](auto& each, auto& session) {
    each.text("startDateTime", session.start);
    each.text("endDateTime", session.end);
    each.text("refDate", session.ref_date);
  });
}

template <class Io, Like<HeadTimestamp> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.text("headTimestamp", message.head_timestamp);
}

template <class Io, Like<HistoricalTicks> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.list("tickCount", message.ticks, 4, [](auto& each, auto& tick) {
    each.i64("time", tick.time);
    each.filler("unused", "0");
    each.real("price", tick.price, Unset::zero);
    each.quantity("size", tick.size, Unset::empty);
  });
  io.flag("done", message.done);
}

template <class Io, Like<HistoricalTicksBidAsk> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.list("tickCount", message.ticks, 6, [](auto& each, auto& tick) {
    each.i64("time", tick.time);
    each.i32("mask", tick.mask);
    each.real("bid", tick.bid, Unset::zero);
    each.real("ask", tick.ask, Unset::zero);
    each.quantity("bidSize", tick.bid_size, Unset::empty);
    each.quantity("askSize", tick.ask_size, Unset::empty);
  });
  io.flag("done", message.done);
}

template <class Io, Like<HistoricalTicksLast> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.list("tickCount", message.ticks, 6, [](auto& each, auto& tick) {
    each.i64("time", tick.time);
    each.i32("mask", tick.mask);
    each.real("price", tick.price, Unset::zero);
    each.quantity("size", tick.size, Unset::empty);
    each.text("exchange", tick.exchange);
    each.text("specialConditions", tick.special_conditions);
  });
  io.flag("done", message.done);
}

template <class Io, Like<TickByTick> M>
void describe(Io& io, M& message) {
  io.id("reqId", message.req_id);
  io.i32("tickType", message.tick_type);
  io.i64("time", message.time);
  if (message.tick_type == 1 || message.tick_type == 2) {
    io.real("price", message.last.price, Unset::zero);
    io.quantity("size", message.last.size, Unset::empty);
    io.i32("mask", message.last.mask);
    io.text("exchange", message.last.exchange);
    io.text("specialConditions", message.last.special_conditions);
  } else if (message.tick_type == 3) {
    io.real("bid", message.bid_ask.bid, Unset::zero);
    io.real("ask", message.bid_ask.ask, Unset::zero);
    io.quantity("bidSize", message.bid_ask.bid_size, Unset::empty);
    io.quantity("askSize", message.bid_ask.ask_size, Unset::empty);
    io.i32("mask", message.bid_ask.mask);
  } else {
    io.real("midPoint", message.mid_point, Unset::zero);
  }
}

template <class Io, Like<RealTimeBar> M>
void describe(Io& io, M& message) {
  io.constant("version", 3);
  io.id("reqId", message.req_id);
  io.i64("time", message.time);
  io.real("open", message.open, Unset::zero);
  io.real("high", message.high, Unset::zero);
  io.real("low", message.low, Unset::zero);
  io.real("close", message.close, Unset::zero);
  io.quantity("volume", message.volume, Unset::empty);
  io.quantity("wap", message.wap, Unset::empty);
  io.i32("count", message.count);
}

template <class Io, Like<MarketDepth> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.i32("position", message.position);
  io.i32("operation", message.operation);
  io.i32("side", message.side);
  io.real("price", message.price, Unset::zero);
  io.quantity("size", message.size, Unset::empty);
}

template <class Io, Like<MarketDepthL2> M>
void describe(Io& io, M& message) {
  io.constant("version", 1);
  io.id("reqId", message.req_id);
  io.i32("position", message.position);
  io.text("marketMaker", message.market_maker);
  io.i32("operation", message.operation);
  io.i32("side", message.side);
  io.real("price", message.price, Unset::zero);
  io.quantity("size", message.size, Unset::empty);
  io.flag("isSmartDepth", message.is_smart_depth);
}

}  // namespace belay::tws::wire
