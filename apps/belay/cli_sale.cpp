// SPDX-License-Identifier: Apache-2.0
// Does a sale end below zero? Asked before it leaves, because a digit too many opens a short
// position that nobody wanted. What is not known is not held.
#include <fmt/format.h>

#include <optional>

#include "apps/belay/cli_commands.hpp"
#include "apps/belay/cli_tables.hpp"
#include "belay/api/http_message.hpp"
#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

using api::Json;
using base::Decimal;

// What the request names must be what the row is; what it leaves open fits everything.
bool is_sold(const Sale& sale, const Json& row) {
  const Json* contract = row.find("contract");
  if (contract == nullptr) return false;
  const auto fits = [](const std::string& asked, std::string_view is) {
    return asked.empty() || api::to_upper(asked) == is;
  };
  if (!fits(sale.account, row.text_of("account"))) return false;
  const auto con_id = contract->text_of("con_id");
  if (!sale.con_id.empty() && !con_id.empty()) return con_id == sale.con_id;
  const std::string_view currency = contract->text_of("currency");
  // As in the order itself, which is for dollars when it names no other money and no number.
  const std::string asked_currency =
      sale.currency.empty() && sale.con_id.empty() ? "USD" : sale.currency;
  const std::string_view date = contract->text_of("last_trade_date");
  const std::string_view local = contract->text_of("local_symbol");
  return fits(sale.symbol, contract->text_of("symbol")) &&
         fits(sale.sec_type.empty() ? "STK" : sale.sec_type, contract->text_of("sec_type")) &&
         (currency.empty() || fits(asked_currency, currency)) &&
         date.substr(0, sale.expiry.size()) == sale.expiry &&
         fits(sale.strike, contract->text_of("strike")) &&
         fits(sale.right, contract->text_of("right")) &&
         (local.empty() || fits(sale.local_symbol, local));
}

// The sum of a member over the rows that are meant; nothing where one of them does not tell it.
template <class Of>
std::optional<Decimal> sum(const Json& answer, std::string_view list, std::string_view member,
                           Of of) {
  Decimal total;
  const Json* rows = answer.find(list);
  for (const Json& row : rows == nullptr ? std::vector<Json>{} : rows->items()) {
    if (!of(row)) continue;
    const auto number = Decimal::parse(row.text_of(member));
    const auto next = number ? Decimal::add(total, *number) : std::nullopt;
    if (!next) return std::nullopt;
    total = *next;
  }
  return total;
}

// Why a list decides nothing; empty when it does. One that is not whole may hide a row.
std::string doubt(const Json& answer, std::string_view what) {
  if (!answer.is_object()) return fmt::format("{} cannot be seen", what);
  if (answer.truth_of("stale")) return fmt::format("{} may be old", what);
  if (!answer.text_of("next").empty()) return fmt::format("{} are too many to count", what);
  const Json* complete = answer.find("complete");
  if (complete != nullptr && complete->is_boolean() && !complete->as_bool()) {
    return fmt::format("something in {} could not be read", what);
  }
  return "";
}

}  // namespace

std::string goes_short(const Sale& sale, const Json& positions, const Json& orders) {
  // A currency pair is no holding: selling it exchanges one money for another.
  if (api::to_upper(sale.sec_type) == "CASH") return "";
  const auto quantity = Decimal::parse(sale.quantity);
  if (!quantity) return "";
  const auto unknown = [&sale](const std::string& why) {
    return fmt::format(
        "not sent: how many {} can be sold is not known now ({}); add --allow-short to sell all "
        "the same",
        sale.symbol, why);
  };
  if (const auto why = doubt(positions, "the positions"); !why.empty()) return unknown(why);
  if (const auto why = doubt(orders, "the open orders"); !why.empty()) return unknown(why);
  const auto held = sum(positions, "positions", "position",
                        [&sale](const Json& row) { return is_sold(sale, row); });
  if (!held) return unknown("a position is not told as a number");
  bool vague = false;
  const auto selling = sum(orders, "orders", "leaves", [&](const Json& row) {
    const bool counts = row.text_of("action") != "BUY" && is_sold(sale, row);
    vague = vague || (counts && row.text_of("total_quantity").empty());
    return counts;
  });
  if (!selling || vague) return unknown("the size of an open order is not told");
  const auto left = Decimal::sub(*held, *selling);
  if (!left) return unknown("the numbers are too large");
  if (*quantity <= *left) return "";
  const std::string already =
      selling->is_zero()
          ? ""
          : fmt::format(", open orders sell {} of them already", selling->to_string());
  return fmt::format(
      "not sent: {} {} are held{}, selling {} would go short; add --allow-short if that is meant",
      held->to_string(), sale.symbol, already, sale.quantity);
}

Exit CliCommands::check_sale(const Sale& sale) {
  const Asked positions = ask({.method = "GET", .target = "/api/v1/positions"}, "");
  if (!positions.answer) {
    complain_(fmt::format("nothing was sent: whether {} {} are held is not known\n", sale.quantity,
                          sale.symbol));
    return Exit::failed;
  }
  // What the daemon said of its positions stands in the line before.
  const Json told = positions.exit == Exit::done ? positions.json : Json();
  const Json orders = look("/api/v1/orders/all?status=open&limit=1000");
  const std::string why = goes_short(sale, told, orders);
  if (why.empty()) return Exit::done;
  // What was placed under this id is not sent again, so it sells nothing more.
  const std::string& key = sale.client_order_id;
  if (!key.empty() && look(order_path({"cid:" + key})).is_object()) return Exit::done;
  complain_(why + "\n");
  return Exit::failed;
}

}  // namespace belay::app
