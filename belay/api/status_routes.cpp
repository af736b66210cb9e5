// SPDX-License-Identifier: Apache-2.0
// What the daemon says of itself: health, readiness, metrics, the list of endpoints. None of these
// changes anything or asks the broker.
#include <fmt/format.h>

#include <algorithm>

#include "belay/api/api.hpp"
#include "belay/api/metrics.hpp"
#include "belay/api/routes.hpp"
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

// No order of any purpose would get an id, and no reset brings one back.
bool ids_used_up(const views::LiveView& view) {
  const std::int64_t mark = view.book().id_mark(view.link().session);
  return std::none_of(model::purposes.begin(), model::purposes.end(), [&](std::string_view each) {
    return core::next_number(view.gauges().ids(), mark, each).has_value();
  });
}

// Why a new order would be refused now. The halt comes after the broker, so that whoever is told
// "halted" knows that the broker's lists were read. What protects a position may pass all the same.
std::optional<Problem> closed_to_new_risk(const views::LiveView& view, base::Time now) {
  const views::Conditions now_so = view.gauges().conditions(now);
  if (now_so.dead || now_so.stalled) {
    return Problem{.code = ProblemCode::journal_stalled, .outcome = ""};
  }
  const auto not_ready = [](std::string detail, base::Duration retry_after = {}) {
    return Problem{.code = ProblemCode::not_ready,
                   .detail = std::move(detail),
                   .outcome = "",
                   .retry_after = retry_after};
  };
  const auto& link = view.link();
  const std::string about = link.detail.empty() ? "" : ": " + link.detail;
  const std::string where = link.endpoint.empty() ? "" : " to " + link.endpoint;
  if (link.phase == "needs_person") {
    Problem problem = not_ready("a person is needed" + about);
    if (!link.action.empty()) problem.suggestions = {link.action};
    return problem;
  }
  // Who is told "ready" reads orders next: the view must show them as the broker told.
  if (!now_so.ready || !view.synced()) {
    Problem problem = not_ready(fmt::format("the broker link{} is {}{}", where, link.phase, about));
    if (!link.action.empty()) problem.suggestions = {link.action};
    return problem;
  }
  const auto& halted = view.book().halted();
  if (halted || now_so.gate_closed) {
    Problem problem{.code = ProblemCode::halted, .detail = "new risk is halted", .outcome = ""};
    if (halted) problem.detail += fmt::format(" by {}: {}", halted->principal, halted->reason);
    return problem;
  }
  if (link.doubtful) return not_ready("the broker link is in doubt" + about);
  if (ids_used_up(view)) {
    return not_ready(
        fmt::format("client id {} has used up its broker order ids (RANGE_EXHAUSTED): "
                    "start with another CLIENT_ID",
                    link.session));
  }
  const core::Calendar::State& calendar = now_so.calendar;
  if (calendar.closed != core::Closed::open) {
    return not_ready(fmt::format("{}: new orders are taken again at {}",
                                 core::words(calendar.closed), base::to_rfc3339(calendar.opens)),
                     calendar.opens - view.gauges().civil(now));
  }
  if (!now_so.refusing_new.empty()) return not_ready(std::string(now_so.refusing_new));
  return std::nullopt;
}

void get_health(Api& api, Exchange& exchange) {
  const auto& link = api.view.link();
  base::JsonWriter json;
  json.begin_object();
  const core::Calendar::State& calendar = api.view.gauges().conditions(exchange.now).calendar;
  const auto closed = closed_to_new_risk(api.view, exchange.now);
  // A halt and the calendar are meant; everything else that keeps orders back is not well.
  const bool meant =
      closed && (closed->code == ProblemCode::halted || calendar.closed != core::Closed::open);
  json.field("status", !closed || meant ? "ok" : "degraded");
  json.field("tws_connected", link.connected);
  json.field("ready", !closed.has_value());
  json.key("not_ready_because");
  closed ? json.string(problem_detail(*closed)) : json.null();
  json.field("halted", api.view.book().halted().has_value());
  json.key("tws");
  const base::Duration ahead = api.view.gauges().ahead();
  write_link(json, link, ahead);
  json.key("waiting");
  write_waiting(json, link, exchange.now, ahead);
  json.key("calendar");
  write_calendar(json, calendar);
  json.field("version", api.options.version);
  json.field("seq", std::to_string(api.view.book().last_seq()));
  json.field("time", base::to_rfc3339(api.view.gauges().civil(exchange.now)));
  json.field("clock_ahead_ms",
             std::int64_t{std::chrono::duration_cast<std::chrono::milliseconds>(ahead).count()});
  json.end_object();
  respond(exchange, 200, json.take());
}

void get_ready(Api& api, Exchange& exchange) {
  if (const auto closed = closed_to_new_risk(api.view, exchange.now))
    return respond(exchange, *closed);
  base::JsonWriter json;
  json.begin_object().field("status", "ready").end_object();
  respond(exchange, 200, json.take());
}

void get_metrics(Api& api, Exchange& exchange) {
  const bool ready = !closed_to_new_risk(api.view, exchange.now).has_value();
  HttpResponse response{200,
                        {{"Content-Type", "text/plain; version=0.0.4; charset=utf-8"}},
                        metrics_text(api, ready, exchange.now) + api.hooks.more_metrics()};
  respond(exchange, std::move(response));
}

void get_root(Api& api, Exchange& exchange) {
  base::JsonWriter json;
  json.begin_object();
  json.field("name", "belay").field("version", api.options.version);
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

}  // namespace

std::span<const Route> status_routes() {
  static constexpr Route table[] = {
      {"GET", "/", Permission::look, get_root, "", "name, version and endpoints"},
      {"GET", "/api/v1", Permission::look, get_root, "", "name, version and endpoints"},
      {"GET", "/health", Permission::look, get_health, "", "alive, and the link to the broker"},
      {"GET", "/ready", Permission::look, get_ready, "",
       "200 when new orders are taken, else 503 with the reason"},
      {"GET", "/metrics", Permission::look, get_metrics, "", "text exposition of the counters"},
  };
  return table;
}

}  // namespace belay::api
