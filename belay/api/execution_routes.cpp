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
// The broker writes times as 20261121 15:00:22 or with other separators, in one zone for all.
std::string digits_of(std::string_view time) {
  std::string out;
  for (const char c : time) {
    if (c >= '0' && c <= '9' && out.size() < 14) out += c;
  }
  return out;
}

}  // namespace

std::vector<Service::ShownFill> Service::fills_shown(const core::Order& order,
                                                     std::string_view account, std::size_t& made) {
  std::vector<ShownFill> out;
  for (auto i = order.executions.size(); i > 0; --i) {
    const model::Execution& fill = order.executions[i - 1];
    if (!is_of(order, fill, account)) continue;
    RowCache::Row row = execution_rows_.find(order, i - 1);
    if (!row) {
      base::JsonWriter json;
      write_execution(json, order, fill);
      row = execution_rows_.keep(order, json.take(), i - 1);
      made += row->size();
    }
    out.push_back({digits_of(fill.transact_time), std::move(row)});
  }
  return out;
}

void Service::sort_fills(std::vector<ShownFill>& fills) {
  std::stable_sort(fills.begin(), fills.end(), [](const ShownFill& a, const ShownFill& b) {
    return a.time.empty() != b.time.empty() ? a.time.empty() : a.time > b.time;
  });
}

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
  // The history knows its orders' accounts alone, and an allocation may have given parts to any:
  // all of them are looked at.
  plan.query.symbol = filter->symbol;
  plan.query.external_too = true;
  plan.query.with_executions = true;
  plan.keeps = [&filter](const core::Order& order) { return filter->keeps(order); };
  // Whole orders only, so that a page ends between two of them; the limit is passed by at most the
  // fills of one order. A page is of the newest orders, and its fills are in the sequence of time.
  plan.render = [this, account](const core::Order& order, std::size_t& made) {
    Shown shown{order.id.value()};
    shown.fills = fills_shown(order, account, made);
    shown.count = shown.fills.size();
    return shown;
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
  std::vector<ShownFill> fills;
  std::size_t made = 0;
  if (on_page && filter->keeps(*order)) fills = fills_shown(*order, account, made);
  if (fills.empty() && !check_account(exchange, true)) return;
  sort_fills(fills);
  base::JsonWriter json;
  json.begin_object().key("executions").begin_array();
  for (const ShownFill& fill : fills) json.raw(*fill.json);
  json.end_array();
  json.field("count", static_cast<std::int64_t>(fills.size()));
  json.key("next").null();
  json.field("seq", std::to_string(view_.book().last_seq()));
  write_told(json, exchange, model::BrokerList::executions);
  json.end_object();
  respond(exchange, 200, json.take());
}

}  // namespace belay::api
