// SPDX-License-Identifier: Apache-2.0
// What can only be looked at: positions, the account, health, readiness, the list of
// endpoints. None of these changes anything or asks the broker.
#include <fmt/format.h>

#include <algorithm>

#include "belay/api/metrics.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/routes.hpp"
#include "belay/api/service.hpp"
#include "belay/core/facts/account_words.hpp"
#include "belay/core/ids/id_rules.hpp"
#include "belay/model/purposes.hpp"

namespace belay::api {
namespace {

// Null when it is not known.
void write_time(base::JsonWriter& json, base::Time time, base::Duration ahead) {
  time == base::Time() || time == base::never ? json.null()
                                              : json.string(base::to_rfc3339(time - ahead));
}

// `ahead` is taken off all times: callers compare them with their own clocks.
void write_link(base::JsonWriter& json, const model::LinkStatus& link, base::Duration ahead) {
  json.begin_object();
  json.field("phase", link.phase);
  json.field("detail", link.detail);
  json.field("action", link.action);
  json.field("endpoint", link.endpoint);
  json.field("client_id", static_cast<std::int64_t>(link.session));
  json.field("protocol_version", static_cast<std::int64_t>(link.protocol_version));
  json.key("since");
  write_time(json, link.since, ahead);
  json.field("doubtful", link.doubtful);
  json.end_object();
}

// What is waited for, with what a person should look at when it is overdue.
void write_waiting(base::JsonWriter& json, const model::LinkStatus& link, base::Time now,
                   base::Duration ahead) {
  json.begin_array();
  for (const model::Waiting& wait : link.waiting) {
    json.begin_object();
    json.field("what", wait.what).field("detail", wait.detail);
    json.key("since");
    write_time(json, wait.since, ahead);
    json.key("until");
    write_time(json, wait.until, ahead);
    json.field("overdue", now >= wait.until);
    json.field("look_at", wait.look_at);
    json.end_object();
  }
  json.end_array();
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

// A list of nothing would read as "this account has none".
bool Service::knows_account(const Exchange& exchange, bool or_of_orders) const {
  const auto account = exchange.request.query_value("account");
  const auto& known = view_.book().accounts();
  if (!account || std::find(known.begin(), known.end(), *account) != known.end()) return true;
  // An account of earlier sessions, or of a part of an allocation.
  const auto& orders = view_.book().in_memory();
  const auto has_account = [&](const auto& each) {
    const auto& fills = each.second.executions;
    return each.second.spec.account.value() == *account ||
           std::any_of(fills.begin(), fills.end(),
                       [&](const auto& fill) { return fill.account.value() == *account; });
  };
  return or_of_orders && std::any_of(orders.begin(), orders.end(), has_account);
}

bool Service::check_account(const Exchange& exchange, bool or_of_orders) {
  if (knows_account(exchange, or_of_orders)) return true;
  const auto& known = view_.book().accounts();
  const base::Error wrong =
      core::unknown_account(known, exchange.request.query_value("account").value_or(""));
  const std::string outcome = exchange.request.method == "GET" ? "" : "not_sent";
  if (known.empty()) {
    respond(exchange, Problem{.code = ProblemCode::not_ready,
                              .detail = fmt::format("account: {}: the link is {}", wrong.detail,
                                                    view_.link().phase),
                              .outcome = outcome});
  } else {
    respond(exchange, blame({wrong}, outcome));
  }
  return false;
}

// An empty list that nobody has told would read as "nothing is held".
bool Service::check_told(Exchange& exchange, model::BrokerList list, std::string_view what) {
  const views::ListState& state = view_.list(list);
  if (state.told != views::Told::never) return true;
  const auto& link = view_.link();
  std::string why =
      fmt::format("the link is {}{}{}", link.phase, link.detail.empty() ? "" : ": ", link.detail);
  if (!state.words.empty()) why = "it said: " + state.words;
  respond(exchange, Problem{.code = ProblemCode::not_ready,
                            .detail = fmt::format("the broker has not told {} since this start: {}",
                                                  what, why),
                            .outcome = ""});
  return false;
}

void Service::get_positions(Exchange& exchange) {
  if (!check_account(exchange)) return;
  if (!await_fresh(exchange, model::BrokerList::positions)) return;
  if (!check_told(exchange, model::BrokerList::positions, "its positions")) return;
  const auto account = exchange.request.query_value("account");
  base::JsonWriter json;
  json.begin_object().key("positions").begin_array();
  for (const auto& position : view_.positions()) {
    if (!account || position.account.value() == *account) write_position(json, position);
  }
  json.end_array();
  write_told(json, exchange, model::BrokerList::positions);
  json.end_object();
  respond(exchange, 200, json.take());
}

void Service::get_account(Exchange& exchange) {
  if (!check_account(exchange)) return;
  if (!await_fresh(exchange, model::BrokerList::account)) return;
  if (!check_told(exchange, model::BrokerList::account, "the account values")) return;
  const auto account = exchange.request.query_value("account");
  base::JsonWriter json;
  json.begin_object().key("accounts").begin_array();
  for (const auto& name : view_.book().accounts()) json.string(name);
  json.end_array().key("values").begin_array();
  for (const auto& value : view_.account_values()) {
    if (!account || value.account.value() == *account) write_account_value(json, value);
  }
  json.end_array();
  write_told(json, exchange, model::BrokerList::account);
  json.end_object();
  respond(exchange, 200, json.take());
}

void Service::get_health(Exchange& exchange) {
  const auto& link = view_.link();
  base::JsonWriter json;
  json.begin_object();
  const auto closed = closed_to_new_risk(exchange.now);
  // A halt and the calendar are meant; everything else that keeps orders back is not well.
  const bool meant = closed && (closed->code == ProblemCode::halted ||
                                engine_.core().calendar().closed != core::Closed::open);
  json.field("status", !closed || meant ? "ok" : "degraded");
  json.field("tws_connected", link.connected);
  json.field("ready", !closed.has_value());
  json.key("not_ready_because");
  closed ? json.string(problem_detail(*closed)) : json.null();
  json.field("halted", view_.book().halted().has_value());
  json.key("tws");
  const base::Duration ahead = engine_.core().ahead();
  write_link(json, link, ahead);
  json.key("waiting");
  write_waiting(json, link, exchange.now, ahead);
  json.key("calendar");
  write_calendar(json, engine_.core().calendar());
  json.field("version", options_.version);
  json.field("seq", std::to_string(view_.book().last_seq()));
  json.field("time", base::to_rfc3339(engine_.core().civil(exchange.now)));
  json.field("clock_ahead_ms",
             std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(ahead).count()});
  json.end_object();
  respond(exchange, 200, json.take());
}

// No order of any purpose would get an id, and no reset brings one back.
bool Service::ids_used_up() const {
  const std::int64_t mark = view_.book().id_mark(view_.link().session);
  return std::none_of(model::purposes.begin(), model::purposes.end(), [&](std::string_view each) {
    return core::next_number(engine_.core().options().ids, mark, each).has_value();
  });
}

// Why a new order would be refused now. The halt comes after the broker, so that whoever is told
// "halted" knows that the broker's lists were read. What protects a position may pass all the same.
std::optional<Problem> Service::closed_to_new_risk(base::Time now) const {
  if (engine_.dead() || engine_.stalled(now)) {
    return Problem{.code = ProblemCode::journal_stalled, .outcome = ""};
  }
  const auto not_ready = [](std::string detail, base::Duration retry_after = {}) {
    return Problem{.code = ProblemCode::not_ready,
                   .detail = std::move(detail),
                   .outcome = "",
                   .retry_after = retry_after};
  };
  const auto& link = view_.link();
  const std::string about = link.detail.empty() ? "" : ": " + link.detail;
  const std::string where = link.endpoint.empty() ? "" : " to " + link.endpoint;
  if (link.phase == "needs_person") {
    Problem problem = not_ready("a person is needed" + about);
    if (!link.action.empty()) problem.suggestions = {link.action};
    return problem;
  }
  // Who is told "ready" reads orders next: the view must show them as the broker told.
  if (!engine_.core().ready() || !view_.synced()) {
    Problem problem = not_ready(fmt::format("the broker link{} is {}{}", where, link.phase, about));
    if (!link.action.empty()) problem.suggestions = {link.action};
    return problem;
  }
  const auto& halted = view_.book().halted();
  if (halted || engine_.gate_closed()) {
    Problem problem{.code = ProblemCode::halted, .detail = "new risk is halted", .outcome = ""};
    if (halted) problem.detail += fmt::format(" by {}: {}", halted->principal, halted->reason);
    return problem;
  }
  if (link.doubtful) return not_ready("the broker link is in doubt" + about);
  if (ids_used_up()) {
    return not_ready(
        fmt::format("client id {} has used up its broker order ids (RANGE_EXHAUSTED): "
                    "start with another CLIENT_ID",
                    link.session));
  }
  const core::Calendar::State& calendar = engine_.core().calendar();
  if (calendar.closed != core::Closed::open) {
    return not_ready(fmt::format("{}: new orders are taken again at {}",
                                 core::words(calendar.closed), base::to_rfc3339(calendar.opens)),
                     calendar.opens - engine_.core().civil(now));
  }
  if (!engine_.refusing_new().empty()) return not_ready(engine_.refusing_new());
  return std::nullopt;
}

void Service::get_ready(Exchange& exchange) {
  if (const auto closed = closed_to_new_risk(exchange.now)) return respond(exchange, *closed);
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
                    .ready = !closed_to_new_risk(exchange.now).has_value(),
                    .answers_by_status = answers_by_status_,
                    .callers = callers_,
                    .id_budget = id_budget_,
                    .long_reads = long_reads_.size(),
                    .rows_bytes = order_rows_.bytes() + execution_rows_.bytes(),
                    .streams = streams_.size(),
                    .waiting = waits_.size(),
                    .id_reuse_attempts = view_.book().id_reuse_total() + id_reuse_attempts_,
                    .history_reads = reads_.size(),
                    .history = history_,
                    .foreign_requests = view_.book().foreign_requests_total(),
                    .now = exchange.now,
                    .version = options_.version}) +
          hooks_.more_metrics()};
  send_response(exchange.connection, exchange.number, std::move(response), exchange.now);
}

void Service::get_root(Exchange& exchange) {
  base::JsonWriter json;
  json.begin_object();
  json.field("name", "belay").field("version", options_.version);
  json.key("endpoints").begin_array();
  for (const Route& route : routes()) {
    json.begin_object();
    json.field("method", route.method).field("path", route.path);
    json.field("parameters", route.parameters).field("help", route.help);
    json.end_object();
  }
  json.end_array().end_object();
  respond(exchange, 200, json.take());
}

}  // namespace belay::api
