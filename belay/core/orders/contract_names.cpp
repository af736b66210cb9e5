// SPDX-License-Identifier: Apache-2.0
#include "belay/core/orders/contract_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace belay::core {
namespace {

bool lists(std::string_view exchanges, std::string_view exchange) {
  while (!exchanges.empty()) {
    const std::size_t comma = std::min(exchanges.find(','), exchanges.size());
    if (exchanges.substr(0, comma) == exchange) return true;
    exchanges.remove_prefix(std::min(comma + 1, exchanges.size()));
  }
  return false;
}

// One place under all its names: a market behind a dot (NASDAQ.NMS, ENEXT.BE) is not part of it,
// and samples of the broker still say ISLAND.
std::string_view listing_place(std::string_view exchange) {
  const std::string_view place = exchange.substr(0, exchange.find('.'));
  return place == "ISLAND" ? "NASDAQ" : place;
}

std::vector<base::Error> compare(const Contract& asked, const ContractTold::Meaning& meaning) {
  const Contract& is = meaning.contract;
  std::vector<base::Error> out;
  const auto differ = [&](const char* field, std::string_view wanted, std::string_view told) {
    out.push_back({fmt::format("contract.{}", field),
                   fmt::format("contract number {} ({} {}) has {} {}; the request says {}",
                               asked.con_id, is.symbol, name(is.sec_type), field, told, wanted)});
  };
  const auto text = [&](const char* field, const std::string& wanted, const std::string& told) {
    if (!wanted.empty() && wanted != told) differ(field, wanted, told);
  };
  text("symbol", asked.symbol, is.symbol);
  // Without a symbol the defaults of the other words were not meant.
  const Contract defaults;
  const bool words = !asked.symbol.empty();
  if (asked.sec_type != is.sec_type && (words || asked.sec_type != defaults.sec_type)) {
    differ("sec_type", name(asked.sec_type), name(is.sec_type));
  }
  if (words || asked.currency != defaults.currency) text("currency", asked.currency, is.currency);
  if (asked.exchange != defaults.exchange && !meaning.exchanges.empty() &&
      !lists(meaning.exchanges, asked.exchange)) {
    differ("exchange", asked.exchange, meaning.exchanges);
  }
  // The broker tells none of a future or an option: that contradicts nothing.
  if (!asked.primary_exchange.empty() && !is.primary_exchange.empty() &&
      listing_place(asked.primary_exchange) != listing_place(is.primary_exchange)) {
    differ("primary_exchange", asked.primary_exchange, is.primary_exchange);
  }
  // A month agrees with a day in it.
  if (is.last_trade_date.substr(0, asked.last_trade_date.size()) != asked.last_trade_date) {
    differ("last_trade_date", asked.last_trade_date, is.last_trade_date);
  }
  if (asked.strike && asked.strike != is.strike) {
    differ("strike", to_string(*asked.strike), is.strike ? to_string(*is.strike) : "none");
  }
  if (asked.right.substr(0, 1) != is.right.substr(0, asked.right.empty() ? 0 : 1)) {
    differ("right", asked.right, is.right);
  }
  text("multiplier", asked.multiplier, is.multiplier);
  text("local_symbol", asked.local_symbol, is.local_symbol);
  text("trading_class", asked.trading_class, is.trading_class);
  return out;
}

}  // namespace

bool is_named_twice(const Contract& contract) {
  if (contract.con_id == 0) return false;
  Contract words = contract;
  words.con_id = 0;
  Contract none;
  if (words.currency.empty()) none.currency.clear();
  return words != none;
}

std::vector<base::Error> contradictions(const Contract& asked, const ContractTold& told) {
  if (told.meanings.empty()) {
    return {{"contract.con_id", fmt::format("the broker knows no contract number {}{}{}",
                                            asked.con_id, told.why.empty() ? "" : ": ", told.why)}};
  }
  std::vector<base::Error> fewest;
  for (bool first = true; const auto& meaning : told.meanings) {
    auto found = compare(asked, meaning);
    if (first || found.size() < fewest.size()) fewest = std::move(found);
    first = false;
  }
  return fewest;
}

std::size_t ContractNames::waiting() const {
  std::size_t total = 0;
  for (const auto& [number, question] : asked) total += question.orders.size();
  return total;
}

base::Time ContractNames::next_deadline() const {
  base::Time next = base::never;
  for (const auto& [number, question] : asked) next = std::min(next, question.until);
  return next;
}

}  // namespace belay::core
