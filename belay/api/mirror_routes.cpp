// SPDX-License-Identifier: Apache-2.0
// /api/v1/positions and /api/v1/account: what the broker told, as it told it.
#include <fmt/format.h>

#include "belay/api/api.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"

namespace belay::api {
namespace {

// An empty list that nobody has told would read as "nothing is held".
bool check_told(const Api& api, const Exchange& exchange, model::BrokerList list,
                std::string_view what) {
  const views::ListState& state = api.view.list(list);
  if (state.told != views::Told::never) return true;
  const auto& link = api.view.link();
  std::string why =
      fmt::format("the link is {}{}{}", link.phase, link.detail.empty() ? "" : ": ", link.detail);
  if (!state.words.empty()) why = "it said: " + state.words;
  respond(exchange, Problem{.code = ProblemCode::not_ready,
                            .detail = fmt::format("the broker has not told {} since this start: {}",
                                                  what, why),
                            .outcome = ""});
  return false;
}

void get_positions(Api& api, Exchange& exchange) {
  if (!check_account(api, exchange)) return;
  if (!api.fresh.await(exchange, model::BrokerList::positions)) return;
  if (!check_told(api, exchange, model::BrokerList::positions, "its positions")) return;
  const auto account = exchange.request.query_value("account");
  base::JsonWriter json;
  json.begin_object().key("positions").begin_array();
  for (const auto& position : api.view.positions()) {
    if (!account || position.account.value() == *account) write_position(json, position);
  }
  json.end_array();
  write_told(json, api.view, exchange, model::BrokerList::positions);
  json.end_object();
  respond(exchange, 200, json.take());
}

void get_account(Api& api, Exchange& exchange) {
  if (!check_account(api, exchange)) return;
  if (!api.fresh.await(exchange, model::BrokerList::account)) return;
  if (!check_told(api, exchange, model::BrokerList::account, "the account values")) return;
  const auto account = exchange.request.query_value("account");
  base::JsonWriter json;
  json.begin_object().key("accounts").begin_array();
  for (const auto& name : api.view.book().accounts()) json.string(name);
  json.end_array().key("values").begin_array();
  for (const auto& value : api.view.account_values()) {
    if (!account || value.account.value() == *account) write_account_value(json, value);
  }
  json.end_array();
  write_told(json, api.view, exchange, model::BrokerList::account);
  json.end_object();
  respond(exchange, 200, json.take());
}

}  // namespace

std::span<const Route> mirror_routes() {
  static constexpr Route table[] = {
      {"GET", "/api/v1/positions", Permission::look, get_positions, "account fresh", "positions",
       Cost::long_answer},
      {"GET", "/api/v1/account", Permission::look, get_account, "account fresh", "account values",
       Cost::long_answer},
  };
  return table;
}

}  // namespace belay::api
