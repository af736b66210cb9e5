// SPDX-License-Identifier: Apache-2.0
// Values of the generic ticks that a client asked for beside the quote.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/server.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using tws::wire::Real;

// The last trade and the day so far: price;size;milliseconds;volume;average;by one market maker.
// The average is that of the day's four prices, as in the bars.
std::string trade_text(const Quote& quote, base::Time now) {
  const auto average = Decimal::from_units(
      (quote.open.units() + quote.high.units() + quote.low.units() + quote.last.units()) / 4);
  return fmt::format("{};{};{};{};{};true", quote.last.to_string(), quote.last_size,
                     now.unix_ns() / 1'000'000, quote.volume, average.to_string());
}

}  // namespace

void Server::send_generic(Connection& conn, std::int32_t req_id,
                          const Connection::MarketWatch& watch, bool whole) {
  const Quote& quote = *market_.quote(watch.con_id);
  const auto wants = [&](std::int32_t number) { return watch.ticks.asked.count(number) != 0; };
  if (wants(233)) send(conn, tws::wire::TickString{req_id, 48, trade_text(quote, now_)});
  if (wants(375)) send(conn, tws::wire::TickString{req_id, 77, trade_text(quote, now_)});
  if (wants(232)) {
    const Decimal mark = std::clamp(quote.last, quote.bid, quote.ask);
    send(conn, tws::wire::TickPrice{req_id, 37, Real::from_decimal(mark), Real::from_int(0), 0});
  }
  if (!whole) return;
  if (wants(236) && market_.find(watch.con_id)->sec_type == "STK") {
    // There is more to borrow than anybody asks for.
    send(conn, tws::wire::TickGeneric{req_id, 46, Real::from_int(3)});
    send(conn, tws::wire::TickSize{req_id, 89, Real::from_int(10'000'000)});
  }
}

}  // namespace belay::simtws
