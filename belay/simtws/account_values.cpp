// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/account_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "belay/simtws/margin.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Int128;
using Rows = std::vector<AccountValue>;

std::string money(Int128 value) {
  const auto cents = static_cast<std::int64_t>(value / (Int128{Decimal::one} * 1'000'000));
  const std::int64_t size = cents < 0 ? -cents : cents;
  return fmt::format("{}{}.{:02}", cents < 0 ? "-" : "", size / 100, size % 100);
}

bool lists(std::string_view tags, std::string_view tag) {
  while (!tags.empty()) {
    const std::size_t comma = tags.find(',');
    std::string_view word = tags.substr(0, comma);
    while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
    if (word == tag) return true;
    if (comma == std::string_view::npos) return false;
    tags.remove_prefix(comma + 1);
  }
  return false;
}

Rows margin_rows(const Totals& sum, const std::string& suffix) {
  const Int128 margin = sum.margin;
  const auto row = [&](const char* tag, Int128 value) {
    return AccountValue{tag + suffix, money(value), "USD"};
  };
  return {
      row("AccruedCash", 0),
      row("AvailableFunds", sum.net - margin),
      row("EquityWithLoanValue", sum.net),
      row("ExcessLiquidity", sum.net - margin),
      row("FullAvailableFunds", sum.net - margin),
      row("FullExcessLiquidity", sum.net - margin),
      row("FullInitMarginReq", margin),
      row("FullMaintMarginReq", margin),
      row("GrossPositionValue", sum.gross),
      row("InitMarginReq", margin),
      row("LookAheadAvailableFunds", sum.net - margin),
      row("LookAheadExcessLiquidity", sum.net - margin),
      row("LookAheadInitMarginReq", margin),
      row("LookAheadMaintMarginReq", margin),
      row("MaintMarginReq", margin),
      row("NetLiquidation", sum.net),
      row("PreviousDayEquityWithLoanValue", sum.net),
      row("TotalCashValue", sum.cash),
  };
}

Rows plain_rows(const Totals& sum) {
  Rows out = margin_rows(sum, "");
  out.push_back({"AccountType", "INDIVIDUAL", ""});
  out.push_back({"BuyingPower", money((sum.net - sum.margin) * 4), "USD"});
  out.push_back({"Cushion", "1", ""});
  out.push_back({"DayTradesRemaining", "-1", ""});
  out.push_back({"HighestSeverity", "0", ""});
  out.push_back({"Leverage", "0.00", ""});
  out.push_back({"LookAheadNextChange", "0", ""});
  out.push_back({"SettledCash", money(sum.cash), "USD"});
  return out;
}

Rows ledger_rows(const Totals& sum, const std::string& currency) {
  return {
      {"CashBalance", money(sum.cash), currency},
      {"Currency", currency, currency},
      {"ExchangeRate", "1.00", currency},
      {"NetLiquidationByCurrency", money(sum.net), currency},
      {"RealizedPnL", money(sum.realized), currency},
      {"StockMarketValue", money(sum.net - sum.cash), currency},
      {"TotalCashBalance", money(sum.cash), currency},
      {"UnrealizedPnL", money(sum.unrealized), currency},
  };
}

void append(Rows& out, Rows more) {
  out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

void by_alphabet(Rows& rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.tag < b.tag; });
}

}  // namespace

Totals totals(const Exchange& exchange, const Market& market, const std::string& account) {
  Totals out;
  if (!account.empty()) {
    out.net = exchange.net_liquidation(account);
    out.cash = Int128{Decimal::from_int(1'000'000).units()} * Decimal::one +
               exchange.book().cash_change(account);
  }
  for (const auto& [key, position] : exchange.book().positions()) {
    const Instrument* instrument = market.find(key.second);
    if (instrument == nullptr || (!account.empty() && key.first != account)) continue;
    const Int128 value = Int128{market.quote(key.second)->last.units()} *
                         position.quantity.units() * instrument->units;
    out.realized += position.realized;
    out.unrealized +=
        position.quantity.is_negative() ? value + position.cost : value - position.cost;
    if (instrument->sec_type != "FUT") out.gross += value < 0 ? -value : value;
    out.margin += margin_of(*instrument, market.quote(key.second)->last, position.quantity);
  }
  return out;
}

Rows summary_rows(const Totals& sum, std::string_view tags) {
  Rows out;
  for (AccountValue& row : plain_rows(sum)) {
    if (lists(tags, row.tag)) out.push_back(std::move(row));
  }
  by_alphabet(out);
  const bool all = lists(tags, "$LEDGER:ALL");
  if (all || lists(tags, "$LEDGER")) append(out, ledger_rows(sum, "BASE"));
  if (all || lists(tags, "$LEDGER:USD")) append(out, ledger_rows(sum, "USD"));
  return out;
}

Rows update_rows(const Totals& sum, const std::string& account) {
  Rows rest = plain_rows(sum);
  append(rest, margin_rows(sum, "-S"));
  append(rest, ledger_rows(sum, "BASE"));
  append(rest, ledger_rows(sum, "USD"));
  rest.push_back({"AccountReady", "true", ""});
  by_alphabet(rest);
  Rows out = {{"AccountCode", account, ""},
              {"AccountOrGroup", account, "BASE"},
              {"AccountOrGroup", account, "USD"}};
  append(out, std::move(rest));
  return out;
}

Rows multi_rows(const Totals& sum, bool ledger_and_nlv) {
  Rows out = ledger_and_nlv ? ledger_rows(sum, "USD") : plain_rows(sum);
  if (ledger_and_nlv) out.push_back({"NetLiquidation", money(sum.net), "USD"});
  by_alphabet(out);
  return out;
}

}  // namespace belay::simtws
