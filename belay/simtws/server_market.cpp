// SPDX-License-Identifier: Apache-2.0
// Requests about contracts and prices.
#include <algorithm>

#include "belay/simtws/server.hpp"

namespace belay::simtws {
namespace {

using tws::wire::Real;

// Tick types of live data and of delayed data, in the order bid, ask, last, high, low, close, open.
constexpr std::int32_t live_prices[] = {1, 2, 4, 6, 7, 9, 14};
constexpr std::int32_t delayed_prices[] = {66, 67, 68, 72, 73, 75, 76};
constexpr std::int32_t live_sizes[] = {0, 3, 5, 8};
constexpr std::int32_t delayed_sizes[] = {69, 70, 71, 74};

constexpr std::string_view no_security = "No security definition has been found for the request";

}  // namespace

// The one contract of a request for data; an error is told.
const Instrument* Server::wanted(Connection& conn, std::int32_t req_id,
                                 const tws::wire::Contract& contract) {
  const auto found = market_.resolve(contract);
  if (found.size() == 1) return found.front();
  fail(conn, req_id, 200,
       found.empty()
           ? std::string(no_security)
           : "The contract description specified for " + contract.symbol + " is ambiguous.");
  return nullptr;
}

void Server::handle(Connection& conn, const tws::wire::ReqContractDetails& message) {
  if (message.contract.sec_type == "BAG") {
    // As people were told (pysystemtrade#1639): nobody looks a combination up.
    return fail(conn, message.req_id, 321,
                validation_text("'BAG' isn't supported for contract data request. Please enter a "
                                "valid security type"));
  }
  const auto found = market_.resolve(message.contract);
  if (found.empty()) return fail(conn, message.req_id, 200, std::string(no_security));
  for (const Instrument* one : found) {
    auto data = describe_instrument(*one, message.req_id, message.contract.exchange, now_);
    // The continuous future is the front one under another name.
    if (message.contract.sec_type == "CONTFUT") data.contract.sec_type = "CONTFUT";
    if (one->sec_type != "BOND") {
      send(conn, data);
      continue;
    }
    tws::wire::BondContractData bond;
    bond.req_id = message.req_id;
    bond.contract = std::move(data.contract);
    bond.details = std::move(data.details);
    bond.cusip = one->isin.substr(2, 9);
    bond.bond_type = "Corporate";
    bond.coupon_type = "FIXED";
    send(conn, bond);
  }
  send(conn, tws::wire::ContractDataEnd{message.req_id});
}

void Server::handle(Connection& conn, const tws::wire::ReqMarketRule& message) {
  auto rule = market_rule(message.market_rule_id);
  if (rule.empty()) {
    return fail(conn, -1, 321,
                "Error validating request.-'bN' : cause - Market rule id is not found");
  }
  send(conn, tws::wire::MarketRule{message.market_rule_id, std::move(rule)});
}

void Server::handle(Connection& conn, const tws::wire::ReqMarketDataType& message) {
  conn.market_data_type = message.market_data_type;
}

void Server::handle(Connection& conn, const tws::wire::ReqMktData& message) {
  const Instrument* instrument = wanted(conn, message.req_id, message.contract);
  if (instrument == nullptr) return;
  if (conn.market_data.count(message.req_id) != 0) {
    return fail(conn, message.req_id, 322,
                "Error processing request.-'bN' : cause - Duplicate ticker id");
  }
  const std::string& list = message.generic_tick_list;
  if (message.snapshot && !list.empty()) {
    return fail(conn, message.req_id, 321,
                "Error validating request.-'bN' : cause - Snapshot market data subscription is not "
                "applicable to generic ticks");
  }
  auto ticks = parse_generic_ticks(list, instrument->sec_type);
  if (!ticks) {
    return fail(conn, message.req_id, 321, incorrect_generic_ticks(list, instrument->sec_type));
  }
  const bool delayed_wanted = conn.market_data_type >= 3;
  if (!options_.live_market_data && !delayed_wanted) {
    return fail(conn, message.req_id, 354,
                "Requested market data is not subscribed.Delayed market data is available.");
  }
  const bool delayed = !options_.live_market_data;
  if (delayed) {
    fail(conn, message.req_id, 10167,
         "Requested market data is not subscribed. Displaying delayed market data.");
  }
  Connection::MarketWatch watch{instrument->con_id, std::move(*ticks)};
  send(conn, tws::wire::MarketDataType{message.req_id, delayed ? 3 : 1});
  send(conn,
       tws::wire::TickReqParams{message.req_id, Real::from_decimal(instrument->tick), "9c0001", 3});
  send_quote(conn, message.req_id, watch, true);
  send_generic(conn, message.req_id, watch, true);
  if (message.snapshot || message.regulatory_snapshot) {
    send(conn, tws::wire::TickSnapshotEnd{message.req_id});
  } else {
    conn.market_data.emplace(message.req_id, std::move(watch));
  }
}

void Server::handle(Connection& conn, const tws::wire::CancelMktData& message) {
  if (conn.market_data.erase(message.req_id) == 0) {
    fail(conn, message.req_id, 300,
         "Can't find EId with tickerId:" + std::to_string(message.req_id));
  }
}

void Server::send_quote(Connection& conn, std::int32_t req_id, const Connection::MarketWatch& watch,
                        bool whole) {
  if (watch.ticks.quotes_off) return;
  const Quote& quote = *market_.quote(watch.con_id);
  const base::Decimal prices[] = {quote.bid, quote.ask,   quote.last, quote.high,
                                  quote.low, quote.close, quote.open};
  const std::int32_t sizes[] = {quote.bid_size, quote.ask_size, quote.last_size, quote.volume};
  const auto& price_types = options_.live_market_data ? live_prices : delayed_prices;
  const auto& size_types = options_.live_market_data ? live_sizes : delayed_sizes;
  const std::size_t count = whole ? std::size(prices) : 3;
  for (std::size_t i = 0; i < count; ++i) {
    const Real size = i < 3 ? Real::from_int(sizes[i]) : Real::from_int(0);
    send(conn, tws::wire::TickPrice{req_id, price_types[i], Real::from_decimal(prices[i]), size,
                                    i < 2 ? 1 : 0});
  }
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    send(conn, tws::wire::TickSize{req_id, size_types[i], Real::from_int(sizes[i])});
  }
  const std::int32_t last_time = options_.live_market_data ? 45 : 88;
  send(conn,
       tws::wire::TickString{req_id, last_time, std::to_string(now_.unix_ns() / 1'000'000'000)});
  // Trading is not halted.
  if (whole) send(conn, tws::wire::TickGeneric{req_id, 49, Real::from_int(0)});
}

void Server::send_ticks(const std::vector<std::int32_t>& moved) {
  for (auto& [id, conn] : connections_) {
    for (const auto& [req_id, watch] : conn.market_data) {
      if (std::find(moved.begin(), moved.end(), watch.con_id) == moved.end()) continue;
      send_quote(conn, req_id, watch, false);
      send_generic(conn, req_id, watch, false);
    }
  }
}

void Server::prices_moved(const std::vector<std::int32_t>& moved) {
  if (moved.empty()) return;
  exchange_.advance(moved, now_);
  send_ticks(moved);
  send_streams(moved);
  flush();
  for (auto& [id, conn] : connections_) tell_pnl(conn);
}

}  // namespace belay::simtws
