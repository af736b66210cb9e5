// SPDX-License-Identifier: Apache-2.0
// GET /api/v1/executions: fills, of all orders or of one, by any of its names.
#include <algorithm>
#include <utility>

#include "belay/api/order_filter.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/service.hpp"

namespace belay::api {
namespace {

// An order's fills may be of other accounts than the order: parts of an allocation.
bool is_of(const core::Order& order, const model::Execution& fill, std::string_view account) {
  const auto& whose = fill.account.value();
  return account.empty() || (whose.empty() ? order.spec.account.value() : whose) == account;
}
std::size_t fills_of(const core::Order& order, std::string_view account) {
  return static_cast<std::size_t>(
      std::count_if(order.executions.begin(), order.executions.end(),
                    [&](const auto& fill) { return is_of(order, fill, account); }));
}

// The fills of one order, the newest first; of all accounts when none is named.
std::string executions_text(const core::Order& order, std::string_view account) {
  std::string text;
  for (auto i = order.executions.size(); i > 0; --i) {
    if (!is_of(order, order.executions[i - 1], account)) continue;
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
  auto filter = read_order_filter(exchange.request, true);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  const std::string account = std::exchange(filter->account, "");
  ListPlan plan;
  plan.member = "executions";
  plan.told = model::BrokerList::executions;
  // The history knows its orders' accounts alone: for one of this session, of which an allocation
  // may have given parts, all of them are looked at.
  if (!knows_account(exchange, false)) plan.query.account = account;
  plan.query.symbol = filter->symbol;
  plan.query.external_too = true;
  plan.query.with_executions = true;
  plan.keeps = [&filter](const core::Order& order) { return filter->keeps(order); };
  // Whole orders only, so that a page ends between two of them; the limit is passed by at most the
  // fills of one order.
  plan.render = [this, account](const core::Order& order, std::size_t& made) {
    const std::size_t count = fills_of(order, account);
    if (count == 0) return Shown{order.id.value(), nullptr, 0};
    if (count != order.executions.size()) {
      RowCache::Row part = std::make_shared<const std::string>(executions_text(order, account));
      made += part->size();
      return Shown{order.id.value(), std::move(part), count};
    }
    RowCache::Row row = execution_rows_.find(order);
    if (!row) {
      row = execution_rows_.keep(order, executions_text(order, ""));
      made += row->size();
    }
    return Shown{order.id.value(), std::move(row), count};
  };
  serve_list(exchange, *page, plan);
}

// One order: no list has to be walked for it, and all its fills are one page.
void Service::list_executions_of_order(Exchange& exchange, const Page& page) {
  exchange.id = *exchange.request.query_value("order_id");
  if (!parse_order_name(exchange.id)) {
    return respond(exchange, blame({{"order_id", std::string(order_name_expected)}}, ""));
  }
  auto filter = read_order_filter(exchange.request, true);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  const std::string account = std::exchange(filter->account, "");
  const core::Order* order = find_order(exchange);
  if (order == nullptr) return;
  const bool on_page = !page.before || order->id.value() < *page.before;
  const std::size_t count =
      on_page && filter->keeps(*order) ? fills_of(*order, account) : std::size_t{0};
  if (count == 0 && !check_account(exchange, true)) return;
  base::JsonWriter json;
  json.begin_object().key("executions").begin_array();
  if (count != 0) json.raw(executions_text(*order, account));
  json.end_array();
  json.field("count", static_cast<std::int64_t>(count));
  json.key("next").null();
  json.field("seq", std::to_string(view_.book().last_seq()));
  write_told(json, exchange, model::BrokerList::executions);
  json.end_object();
  respond(exchange, 200, json.take());
}

}  // namespace belay::api
