// SPDX-License-Identifier: Apache-2.0
// Does a sale end below zero? Asked before it leaves, because a digit too many opens a short
// position that nobody wanted.
#include <fmt/format.h>

#include "apps/belay/cli_commands.hpp"
#include "belay/api/http_message.hpp"
#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

using api::Json;

// What the request names must be what the position is; what it leaves open fits everything.
bool is_sold(const Sale& sale, const Json& position) {
  const Json* contract = position.find("contract");
  if (contract == nullptr) return false;
  const auto fits = [](const std::string& asked, std::string_view is) {
    return asked.empty() || api::to_upper(asked) == is;
  };
  if (!fits(sale.account, position.text_of("account"))) return false;
  if (!sale.con_id.empty()) return contract->text_of("con_id") == sale.con_id;
  const std::string_view date = contract->text_of("last_trade_date");
  return fits(sale.symbol, contract->text_of("symbol")) &&
         fits(sale.sec_type.empty() ? "STK" : sale.sec_type, contract->text_of("sec_type")) &&
         fits(sale.currency, contract->text_of("currency")) &&
         date.substr(0, sale.expiry.size()) == sale.expiry &&
         fits(sale.strike, contract->text_of("strike")) &&
         fits(sale.right, contract->text_of("right"));
}

}  // namespace

std::string goes_short(const Sale& sale, const Json& positions) {
  // A currency pair is no holding: selling it exchanges one money for another.
  if (api::to_upper(sale.sec_type) == "CASH") return "";
  const auto quantity = base::Decimal::parse(sale.quantity);
  if (!quantity) return "";
  base::Decimal held;
  const Json* list = positions.find("positions");
  for (const Json& each : list == nullptr ? std::vector<Json>{} : list->items()) {
    if (!is_sold(sale, each)) continue;
    const auto number = base::Decimal::parse(each.text_of("position"));
    if (!number) return "";  // unknown is not zero: nobody can say
    if (!number->is_negative()) held = base::Decimal::add(held, *number).value_or(held);
  }
  if (*quantity <= held) return "";
  return fmt::format(
      "not sent: {} {} are held, selling {} would go short; add --allow-short if that is meant",
      held.to_string(), sale.symbol, sale.quantity);
}

}  // namespace belay::app
