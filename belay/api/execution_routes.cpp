// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/executions: fills, of all orders or of one, by any of its names.
#include <algorithm>
#include <utility>

#include "belay/api/api.hpp"
#include "belay/api/list_page.hpp"
#include "belay/api/order_filter.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"

namespace belay::api {
namespace {

// One order: no list has to be walked for it, and all its fills are one page.
void list_executions_of_order(Api& api, Exchange& exchange, const Page& page) {
  exchange.id = *exchange.request.query_value("order_id");
  if (!parse_order_name(exchange.id)) {
    return respond(exchange, blame({{"order_id", std::string(order_name_expected)}}, ""));
  }
  auto filter = read_order_filter(exchange.request, true);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  const std::string account = std::exchange(filter->account, "");
  const core::Order* order = find_order(api, exchange);
  if (order == nullptr) return;
  const bool on_page = !page.before || order->id.value() < *page.before;
  std::vector<ShownFill> fills;
  std::size_t made = 0;
  if (on_page && filter->keeps(*order)) fills = api.rows.fills(*order, account, made);
  if (fills.empty() && !check_account(api, exchange, true)) return;
  sort_fills(fills);
  base::JsonWriter json;
  json.begin_object().key("executions").begin_array();
  for (const ShownFill& fill : fills) json.raw(*fill.json);
  json.end_array();
  json.field("count", static_cast<std::int64_t>(fills.size()));
  json.key("next").null();
  json.field("seq", std::to_string(api.view.book().last_seq()));
  write_told(json, api.view, exchange, model::BrokerList::executions);
  json.end_object();
  respond(exchange, 200, json.take());
}

void get_executions(Api& api, Exchange& exchange) {
  const auto page = read_page(exchange.request);
  if (!page) return respond(exchange, blame(page.error(), ""));
  if (!api.fresh.await(exchange, model::BrokerList::executions)) return;
  if (exchange.request.query_value("order_id"))
    return list_executions_of_order(api, exchange, *page);
  auto filter = read_order_filter(exchange.request, true);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  const std::string account = std::exchange(filter->account, "");
  ListPlan plan;
  plan.member = "executions";
  plan.told = model::BrokerList::executions;
  // The history knows its orders' accounts alone, and an allocation may have given parts to any:
  // all of them are looked at.
  plan.query.symbol = filter->symbol;
  plan.query.external_too = true;
  plan.query.with_executions = true;
  plan.keeps = [&filter](const core::Order& order) { return filter->keeps(order); };
  // Whole orders only, so that a page ends between two of them; the limit is passed by at most the
  // fills of one order. A page is of the newest orders, and its fills are in the sequence of time.
  plan.render = [&api, account](const core::Order& order, std::size_t& made) {
    Shown shown{order.id.value()};
    shown.fills = api.rows.fills(order, account, made);
    shown.count = shown.fills.size();
    return shown;
  };
  serve_list(api, exchange, *page, plan);
}

}  // namespace

std::span<const Route> execution_routes() {
  static constexpr Route table[] = {
      {"GET", "/api/v1/executions", Permission::look, get_executions,
       "account symbol order_id limit page_token fresh",
       "fills, newest first within a page; fresh=true: the broker is asked first",
       Cost::long_answer},
  };
  return table;
}

}  // namespace belay::api
