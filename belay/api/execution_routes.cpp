// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/executions: fills, of all orders or of one, by any of its names.
#include "belay/api/order_filter.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/service.hpp"

namespace belay::api {
namespace {

// The fills of one order, the newest first.
std::string executions_text(const core::Order& order) {
  std::string text;
  for (auto i = order.executions.size(); i > 0; --i) {
    base::JsonWriter json;
    write_execution(json, order, order.executions[i - 1]);
    if (!text.empty()) text += ',';
    text += json.str();
  }
  return text;
}

}  // namespace

void Service::get_executions(Exchange& exchange) {
  const auto page = read_page(exchange.request);
  if (!page) return respond(exchange, blame(page.error(), ""));
  if (!await_fresh(exchange, model::BrokerList::executions)) return;
  if (exchange.request.query_value("order_id")) return list_executions_of_order(exchange, *page);
  const auto filter = read_order_filter(exchange.request, true);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  ListPlan plan;
  plan.member = "executions";
  plan.told = model::BrokerList::executions;
  plan.query.account = filter->account;
  plan.query.symbol = filter->symbol;
  plan.query.external_too = true;
  plan.query.with_executions = true;
  plan.keeps = [&filter](const core::Order& order) { return filter->keeps(order); };
  // Whole orders only, so that a page ends between two of them; the limit is passed by at most the
  // fills of one order.
  plan.render = [this](const core::Order& order, std::size_t& made) {
    if (order.executions.empty()) return Shown{order.id.value(), nullptr, 0};
    RowCache::Row row = execution_rows_.find(order);
    if (!row) {
      row = execution_rows_.keep(order, executions_text(order));
      made += row->size();
    }
    return Shown{order.id.value(), std::move(row), order.executions.size()};
  };
  serve_list(exchange, *page, plan);
}

// One order: no list has to be walked for it, and all its fills are one page.
void Service::list_executions_of_order(Exchange& exchange, const Page& page) {
  exchange.id = *exchange.request.query_value("order_id");
  if (!parse_order_name(exchange.id)) {
    return respond(exchange, blame({{"order_id", std::string(order_name_expected)}}, ""));
  }
  const auto filter = read_order_filter(exchange.request, true);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  const core::Order* order = find_order(exchange);
  if (order == nullptr) return;
  const bool on_page = !page.before || order->id.value() < *page.before;
  const bool shown = on_page && filter->keeps(*order) && !order->executions.empty();
  if (!shown && !check_account(exchange, true)) return;
  base::JsonWriter json;
  json.begin_object().key("executions").begin_array();
  if (shown) json.raw(executions_text(*order));
  json.end_array();
  json.field("count",
             shown ? static_cast<std::int64_t>(order->executions.size()) : std::int64_t{0});
  json.key("next").null();
  json.field("seq", std::to_string(view_.book().last_seq()));
  write_told(json, exchange, model::BrokerList::executions);
  json.end_object();
  respond(exchange, 200, json.take());
}

}  // namespace belay::api
