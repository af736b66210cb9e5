// SPDX-License-Identifier: Apache-2.0
// What can only be looked at: executions, positions, the account, health, readiness, the list of
// endpoints. None of these changes anything or asks the broker.
#include <fmt/format.h>

#include <cstdlib>

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
  ListPlan plan;
  plan.member = "executions";
  plan.query.account = std::string(account.value_or(""));
  plan.query.symbol = std::string(symbol.value_or(""));
  plan.query.external_too = true;
  plan.query.with_executions = true;
  plan.keeps = [&](const core::Order& order) {
    if (account && order.spec.account.value() != *account) return false;
    if (symbol && order.spec.contract.symbol != *symbol) return false;
    return !order_id || std::to_string(order.id.value()) == *order_id;
  };
  // Whole orders only, so that a page ends between two of them; the limit is passed by at most the
  // fills of one order.
  plan.render = [](const core::Order& order) {
    Shown shown{order.id.value(), "", order.executions.size()};
    for (auto i = order.executions.size(); i > 0; --i) {
      base::JsonWriter json;
      write_execution(json, order, order.executions[i - 1]);
      if (!shown.json.empty()) shown.json += ',';
      shown.json += json.str();
    }
    return shown;
  };
  if (order_id) {
    // One order: no list has to be walked for it.
    Page one = *page;
    const auto id = std::strtoull(std::string(*order_id).c_str(), nullptr, 10);
    plan.query.order = id;
    plan.archived_too = view_.book().is_archived(core::OrderId(id));
    one.before = std::min<std::uint64_t>(page->before.value_or(UINT64_MAX), id + 1);
    return serve_list(exchange, one, plan);
  }
  serve_list(exchange, *page, plan);
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
  HttpResponse response{
      200,
      {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
      metrics_text({.engine = engine_,
                    .view = view_,
                    .answers_by_status = answers_by_status_,
                    .connections = connections_.size(),
                    .streams = streams_.size(),
                    .waiting = waits_.size(),
                    .id_reuse_attempts = view_.book().id_reuse_total() + id_reuse_attempts_,
                    .history_reads = reads_.size(),
                    .history = history_,
                    .foreign_requests = view_.book().foreign_requests_total(),
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
