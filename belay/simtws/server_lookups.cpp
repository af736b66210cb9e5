// SPDX-License-Identifier: Apache-2.0
// Look-ups: option chains, symbols, scanners, exchanges, and small lists.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "belay/simtws/server.hpp"

namespace belay::simtws {
namespace {

using tws::wire::Real;

constexpr std::size_t samples_max = 16;
constexpr std::size_t scanner_rows_max = 50;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

// 0: the symbol itself, 1: a symbol that begins so, 2: a name that holds it, 3: none.
int match_of(const Instrument& instrument, const std::string& pattern) {
  if (instrument.symbol == pattern) return 0;
  if (instrument.symbol.compare(0, pattern.size(), pattern) == 0) return 1;
  return upper(instrument.long_name).find(pattern) != std::string::npos ? 2 : 3;
}

}  // namespace

void Server::handle(Connection& conn, const tws::wire::ReqSecDefOptParams& message) {
  struct Chain {
    std::set<std::string> dates;
    std::set<base::Decimal> strikes;
    const Instrument* any = nullptr;
  };
  const Instrument* underlying = market_.find(message.underlying_con_id);
  if (underlying == nullptr || underlying->symbol != message.underlying_symbol) {
    return fail(conn, message.req_id, 200, "No security definition has been found for the request");
  }
  Chain chain;
  for (const Instrument* one : market_.all()) {
    if (one->sec_type != "OPT" || one->under_con_id != underlying->con_id) continue;
    chain.dates.insert(one->expiry);
    chain.strikes.insert(one->strike);
    chain.any = one;
  }
  if (chain.any != nullptr) {
    tws::wire::SecDefOptParams out;
    out.req_id = message.req_id;
    out.underlying_con_id = underlying->con_id;
    out.trading_class = chain.any->trading_class;
    out.multiplier = chain.any->multiplier;
    out.expirations.assign(chain.dates.begin(), chain.dates.end());
    for (const base::Decimal strike : chain.strikes) {
      out.strikes.push_back(Real::from_decimal(strike));
    }
    std::string_view exchanges = chain.any->valid_exchanges;
    while (!exchanges.empty()) {
      const std::size_t comma = std::min(exchanges.find(','), exchanges.size());
      out.exchange = exchanges.substr(0, comma);
      exchanges.remove_prefix(std::min(comma + 1, exchanges.size()));
      const bool is_wanted =
          message.fut_fop_exchange.empty() || message.fut_fop_exchange == out.exchange;
      if (is_wanted) send(conn, out);
    }
  }
  send(conn, tws::wire::SecDefOptParamsEnd{message.req_id});
}

void Server::handle(Connection& conn, const tws::wire::ReqMatchingSymbols& message) {
  const std::string pattern = upper(message.pattern);
  std::multimap<int, const Instrument*> found;
  for (const Instrument* one : market_.all()) {
    const bool is_sample = one->sec_type != "OPT" && one->sec_type != "FUT";
    const int match = pattern.empty() ? 3 : match_of(*one, pattern);
    if (is_sample && match < 3) found.emplace(match, one);
  }
  tws::wire::SymbolSamples out{message.req_id, {}};
  for (const auto& [match, one] : found) {
    if (out.samples.size() == samples_max) break;
    tws::wire::SymbolSample sample{
        one->con_id,   one->symbol, one->sec_type,  one->primary_exchange,
        one->currency, {},          one->long_name, ""};
    if (one->has_options) sample.derivative_sec_types = {"OPT", "BAG"};
    out.samples.push_back(std::move(sample));
  }
  send(conn, out);
}

void Server::handle(Connection& conn, const tws::wire::ReqScannerParameters&) {
  send(conn, tws::wire::ScannerParameters{
                 R"(<?xml version="1.0" encoding="UTF-8"?>
<ScanParameterResponse>
<InstrumentList><Instrument><name>US Stocks</name><type>STK</type></Instrument></InstrumentList>
<LocationTree><Location><displayName>US Stocks</displayName><locationCode>STK.US</locationCode>
<instruments>STK</instruments></Location></LocationTree>
<ScanTypeList><ScanType><displayName>Most Active</displayName><scanCode>MOST_ACTIVE</scanCode>
<instruments>STK</instruments></ScanType></ScanTypeList>
</ScanParameterResponse>
)"});
}

// The listed stocks by volume, whatever the scan.
void Server::handle(Connection& conn, const tws::wire::ReqScannerSubscription& message) {
  std::multimap<std::int32_t, const Instrument*> by_volume;
  for (const Instrument* one : market_.all()) {
    const bool is_wanted = one->sec_type == "STK" && message.instrument == "STK";
    if (is_wanted) by_volume.emplace(-market_.quote(one->con_id)->volume, one);
  }
  tws::wire::ScannerData out{message.req_id, {}};
  const int asked = std::atoi(message.number_of_rows.c_str());
  const std::size_t most =
      asked > 0 ? std::min(static_cast<std::size_t>(asked), scanner_rows_max) : scanner_rows_max;
  for (const auto& [volume, one] : by_volume) {
    if (out.rows.size() == most) break;
    out.rows.push_back({static_cast<std::int32_t>(out.rows.size()), echo_contract(*one, ""),
                        one->trading_class, "", "", "", ""});
  }
  send(conn, out);
}

// The rows came once; there is no stream to end.
void Server::handle(Connection&, const tws::wire::CancelScannerSubscription&) {}

void Server::handle(Connection& conn, const tws::wire::ReqNewsProviders&) {
  // What every account has without a subscription.
  send(conn, tws::wire::NewsProviders{{{"BRFG", "Briefing.com General Market Columns"},
                                       {"BRFUPDN", "Briefing.com Analyst Actions"},
                                       {"DJNL", "Dow Jones Newsletters"}}});
}

void Server::handle(Connection& conn, const tws::wire::ReqMktDepthExchanges&) {
  tws::wire::MktDepthExchanges out;
  std::set<std::pair<std::string, std::string>> seen;
  for (const Instrument* one : market_.all()) {
    if (one->sec_type == "OPT" || one->sec_type == "IND" || one->sec_type == "BOND") continue;
    if (!seen.emplace(one->primary_exchange, one->sec_type).second) continue;
    out.exchanges.push_back({one->primary_exchange, one->sec_type, "", "Deep2", std::nullopt});
  }
  send(conn, out);
}

// The letters of the consolidated tape.
void Server::handle(Connection& conn, const tws::wire::ReqSmartComponents& message) {
  send(conn, tws::wire::SmartComponents{message.req_id,
                                        {{0, "AMEX", "A"},
                                         {1, "NYSE", "N"},
                                         {2, "ARCA", "P"},
                                         {3, "NASDAQ", "Q"},
                                         {4, "BATS", "Z"},
                                         {5, "IEX", "V"}}});
}

void Server::handle(Connection& conn, const tws::wire::ReqFamilyCodes&) {
  tws::wire::FamilyCodes out;
  for (const std::string& account : options_.accounts) out.codes.push_back({account, ""});
  send(conn, out);
}

void Server::handle(Connection& conn, const tws::wire::ReqSoftDollarTiers& message) {
  send(conn, tws::wire::SoftDollarTiers{message.req_id, {}});
}

}  // namespace belay::simtws
