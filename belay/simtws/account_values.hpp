// SPDX-License-Identifier: Apache-2.0
// The values of an account as accountSummary and accountUpdates tell them. They follow from the
// book and the market; margins are plain fractions of what is held, enough to be read and too
// simple to be believed. Money is in 1e-16 of the base currency until it becomes a text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "belay/base/decimal.hpp"
#include "belay/simtws/exchange.hpp"
#include "belay/simtws/market.hpp"

namespace belay::simtws {

struct AccountValue {
  std::string tag;
  std::string value;
  std::string currency;
  friend bool operator==(const AccountValue&, const AccountValue&) = default;
};

struct Totals {
  base::Int128 net = 0;
  base::Int128 cash = 0;
  base::Int128 gross = 0;       ///< what is held, without futures, at the market
  base::Int128 margin = 0;      ///< that it must be covered with, initially and further on
  base::Int128 realized = 0;    ///< since the start
  base::Int128 unrealized = 0;  ///< of what is held now
};
/// An empty account adds all of them up.
Totals totals(const Exchange& exchange, const Market& market, const std::string& account);

/// The rows of accountSummary that `tags` (a list with commas, $LEDGER and its variants included)
/// asks for, by alphabet as the gateway lists them, whatever the order of the tags.
std::vector<AccountValue> summary_rows(const Totals& sum, std::string_view tags);
/// All rows of accountUpdates: AccountCode, AccountOrGroup, then by alphabet, with the variants for
/// securities (-S).
std::vector<AccountValue> update_rows(const Totals& sum, const std::string& account);
/// The rows of accountUpdateMulti.
std::vector<AccountValue> multi_rows(const Totals& sum, bool ledger_and_nlv);

}  // namespace belay::simtws
