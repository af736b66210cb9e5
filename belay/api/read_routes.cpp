// SPDX-License-Identifier: Apache-2.0
// What can only be looked at: executions, positions, the account, health, readiness, the list of
// endpoints. None of these changes anything or asks the broker.
#include <fmt/format.h>

#include "belay/api/metrics.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/routes.hpp"
#include "belay/api/service.hpp"

namespace belay::api {
namespace {

void write_link(base::JsonWriter& json, const model::LinkStatus& link) {
  json.begin_object();
  json.field("phase", link.phase);
  json.field("detail", link.detail);
  json.field("action", link.action);
  json.field("endpoint", link.endpoint);
  json.field("client_id", static_cast<std::int64_t>(link.session));
  json.field("protocol_version", static_cast<std::int64_t>(link.protocol_version));
  json.key("since");
  if (link.since == base::Time()) {
    json.null();
  } else {
    json.string(base::to_rfc3339(link.since));
  }
  json.end_object();
}

// When the broker is known to be away, and the trading day.
void write_calendar(base::JsonWriter& json, const core::Calendar::State& state) {
  json.begin_object();
  json.field("window", core::name(state.closed));
  json.key("opens");
  if (state.closed == core::Closed::open) {
    json.null();
  } else {
    json.string(base::to_rfc3339(state.opens));
  }
  json.field("trading_day", state.day);
  json.end_object();
}

}  // namespace

void Service::get_executions(Exchange& exchange) {
  static constexpr std::string_view known[] = {"account", "symbol", "order_id", "limit",
                                               "page_token"};
  const HttpRequest& request = exchange.request;
  const auto page = read_page(request, known);
  if (!page) {
    return respond(exchange, {.code = ProblemCode::invalid_fields,
                              .detail = page.error()[0].detail,
                              .errors = page.error(),
                              .outcome = ""});
  }
  const auto account = request.query_value("account");
  const auto symbol = request.query_value("symbol");
  const auto order_id = request.query_value("order_id");
  const auto& orders = view_.book().in_memory();
  auto at = orders.lower_bound(core::OrderId(page->before.value_or(UINT64_MAX)));
  base::JsonWriter json;
  json.begin_object().key("executions").begin_array();
  std::size_t count = 0;
  // Whole orders only, so that a page ends between two of them; the limit is passed by at most the
  // fills of one order.
  while (at != orders.begin() && count < page->limit) {
    const core::Order& order = (--at)->second;
    if (account && order.spec.account.value() != *account) continue;
    if (symbol && order.spec.contract.symbol != *symbol) continue;
    if (order_id && std::to_string(order.id.value()) != *order_id) continue;
    for (auto i = order.executions.size(); i > 0; --i) {
      write_execution(json, order, order.executions[i - 1]);
      ++count;
    }
  }
  json.end_array();
  json.field("count", static_cast<std::int64_t>(count));
  Headers more = write_next(json, request, at != orders.begin() ? at->first.value() : 0);
  json.field("seq", std::to_string(view_.book().last_seq()));
  json.end_object();
  respond(exchange, 200, json.take(), std::move(more));
}

void Service::get_positions(Exchange& exchange) {
  const auto account = exchange.request.query_value("account");
  base::JsonWriter json;
  json.begin_object().key("positions").begin_array();
  for (const auto& position : view_.positions()) {
    if (!account || position.account.value() == *account) write_position(json, position);
  }
  json.end_array().end_object();
  respond(exchange, 200, json.take());
}

void Service::get_account(Exchange& exchange) {
  const auto account = exchange.request.query_value("account");
  base::JsonWriter json;
  json.begin_object().key("accounts").begin_array();
  for (const auto& name : view_.book().accounts()) json.string(name);
  json.end_array().key("values").begin_array();
  for (const auto& value : view_.account_values()) {
    if (!account || value.account.value() == *account) write_account_value(json, value);
  }
  json.end_array().end_object();
  respond(exchange, 200, json.take());
}

void Service::get_health(Exchange& exchange) {
  const auto& link = view_.link();
  base::JsonWriter json;
  json.begin_object();
  json.field("status", "ok");
  json.field("tws_connected", link.connected);
  json.field("ready", engine_.core().ready() && view_.synced());
  json.field("halted", view_.book().halted().has_value());
  json.key("tws");
  write_link(json, link);
  json.key("calendar");
  write_calendar(json, engine_.core().calendar());
  json.field("version", options_.version);
  json.field("seq", std::to_string(view_.book().last_seq()));
  json.field("time", base::to_rfc3339(exchange.now));
  json.end_object();
  respond(exchange, 200, json.take());
}

void Service::get_ready(Exchange& exchange) {
  if (engine_.dead() || engine_.stalled(exchange.now)) {
    return respond(exchange, {.code = ProblemCode::journal_stalled, .outcome = ""});
  }
  // Who is told "ready" reads orders next: the view must show them as the broker told.
  if (!engine_.core().ready() || !view_.synced()) {
    const auto& link = view_.link();
    return respond(exchange,
                   {.code = ProblemCode::not_ready,
                    .detail = link.detail.empty() ? fmt::format("the broker link is {}", link.phase)
                                                  : fmt::format("the broker link is {}: {}",
                                                                link.phase, link.detail),
                    .outcome = ""});
  }
  base::JsonWriter json;
  json.begin_object().field("status", "ready").end_object();
  respond(exchange, 200, json.take());
}

void Service::get_metrics(Exchange& exchange) {
  HttpResponse response{200,
                        {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                        metrics_text({.engine = engine_,
                                      .view = view_,
                                      .answers_by_status = answers_by_status_,
                                      .connections = connections_.size(),
                                      .streams = streams_.size(),
                                      .waiting = waits_.size(),
                                      .id_reuse_attempts = id_reuse_attempts_,
                                      .foreign_requests = foreign_requests_,
                                      .now = exchange.now,
                                      .version = options_.version}) +
                            hooks_.more_metrics()};
  send_response(exchange.connection, exchange.number, exchange.correlation_id, std::move(response),
                exchange.now);
}

void Service::get_root(Exchange& exchange) {
  base::JsonWriter json;
  json.begin_object();
  json.field("name", "belay").field("version", options_.version);
  json.key("endpoints").begin_array();
  for (const Route& route : routes()) {
    json.begin_object();
    json.field("method", route.method).field("path", route.path).field("help", route.help);
    json.end_object();
  }
  json.end_array().end_object();
  respond(exchange, 200, json.take());
}

}  // namespace belay::api
