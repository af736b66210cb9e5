// SPDX-License-Identifier: Apache-2.0
// /api/v1/incidents: what a person should know of and has not settled; closing one.
#include <fmt/format.h>

#include <algorithm>

#include "belay/api/api.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"
#include "belay/base/json_writer.hpp"
#include "belay/views/alert.hpp"

namespace belay::api {
namespace {

struct Closing {
  base::Time at;
  core::IncidentClosed closed;
};

void write_incident(base::JsonWriter& json, std::uint64_t seq, base::Time at,
                    const core::IncidentOpened& opened, const Closing* closing) {
  json.begin_object();
  json.field("incident_id", std::to_string(seq));
  json.field("kind", opened.kind);
  json.field("level", views::name(views::level_of(opened.kind)));
  json.field("state", closing == nullptr ? "open" : "closed");
  json.key("order_id");
  if (opened.order.value() == 0) {
    json.null();
  } else {
    json.string(std::to_string(opened.order.value()));
  }
  json.field("text", opened.text);
  json.key("subject");
  if (opened.subject.empty()) {
    json.null();
  } else {
    json.string(opened.subject);
  }
  json.key("candidates").begin_array();
  for (const std::string& candidate : opened.candidates) json.string(candidate);
  json.end_array();
  json.field("opened_at", base::to_rfc3339(at));
  if (closing != nullptr) {
    json.field("closed_at", base::to_rfc3339(closing->at));
    json.field("close_reason", closing->closed.reason);
    json.field("closed_by",
               closing->closed.principal.empty() ? "evidence" : closing->closed.principal);
  }
  json.end_object();
}

// Closed incidents whose events are still kept, by their number.
std::map<std::uint64_t, Closing> closings(const views::LiveView& view) {
  std::map<std::uint64_t, Closing> out;
  for (const views::EventLine& line : view.events()) {
    const auto* closed = std::get_if<core::IncidentClosed>(&line.event());
    if (closed != nullptr) out.insert_or_assign(closed->incident, Closing{line.time(), *closed});
  }
  return out;
}

struct Row {
  base::Time at;
  const core::IncidentOpened* opened;
  const Closing* closing;
};

// What another version opened is a kind too, as long as it is there.
bool knows_kind(std::string_view kind, const std::map<std::uint64_t, Row>& rows) {
  const auto kinds = views::incident_kinds();
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end() ||
         std::any_of(rows.begin(), rows.end(),
                     [&](const auto& each) { return each.second.opened->kind == kind; });
}

Problem no_incident(std::string_view id) {
  return {.code = ProblemCode::not_found,
          .detail = fmt::format("there is no incident {}; closed ones are shown as long as their "
                                "events are kept",
                                id),
          .suggestions = {"GET /api/v1/incidents lists those that are open"},
          .outcome = ""};
}

void list_incidents(Api& api, Exchange& exchange) {
  const auto page = read_page(exchange.request);
  if (!page) return respond(exchange, blame(page.error(), ""));
  const auto kind = exchange.request.query_value("kind");
  const auto all = read_flag(exchange, "all", "");
  if (!all) return;
  const std::uint64_t before = page->before.value_or(UINT64_MAX);
  std::map<std::uint64_t, Row> rows;
  for (const auto& [seq, incident] : api.view.book().incidents()) {
    rows.insert_or_assign(seq, Row{incident.opened_at, &incident.opened, nullptr});
  }
  std::map<std::uint64_t, Closing> closed;
  if (*all) {
    closed = closings(api.view);
    for (const views::EventLine& line : api.view.events()) {
      const auto* opened = std::get_if<core::IncidentOpened>(&line.event());
      const auto end = closed.find(line.seq());
      if (opened == nullptr || end == closed.end()) continue;
      rows.insert_or_assign(line.seq(), Row{line.time(), opened, &end->second});
    }
  }
  if (kind && !knows_kind(*kind, rows)) {
    return respond(exchange,
                   blame({{"kind", fmt::format("\"{}\" is no kind of incident; expected "
                                               "one of {}",
                                               kind->substr(0, 64),
                                               fmt::join(views::incident_kinds(), ", "))}},
                         ""));
  }
  base::JsonWriter json;
  json.begin_object().key("incidents").begin_array();
  std::size_t count = 0;
  std::uint64_t next = 0;
  for (auto it = rows.rbegin(); it != rows.rend(); ++it) {  // newest first
    if (it->first >= before || (kind && it->second.opened->kind != *kind)) continue;
    if (count == page->limit) {
      next = it->first + 1;
      break;
    }
    write_incident(json, it->first, it->second.at, *it->second.opened, it->second.closing);
    ++count;
  }
  json.end_array();
  json.field("count", static_cast<std::int64_t>(count));
  json.field("open", static_cast<std::int64_t>(api.view.book().incidents().size()));
  Headers more = write_next(json, exchange.request, next);
  json.field("seq", std::to_string(api.view.book().last_seq()));
  json.end_object();
  respond(exchange, 200, json.take(), std::move(more));
}

void get_incident(Api& api, Exchange& exchange) {
  const auto number = whole_number<std::uint64_t>(exchange.id);
  if (!number) return respond(exchange, no_incident(exchange.id));
  base::JsonWriter json;
  const auto& open = api.view.book().incidents();
  if (const auto it = open.find(*number); it != open.end()) {
    write_incident(json, *number, it->second.opened_at, it->second.opened, nullptr);
    return respond(exchange, 200, json.take());
  }
  const views::EventLine* line = api.view.event(*number);
  const auto* opened =
      line == nullptr ? nullptr : std::get_if<core::IncidentOpened>(&line->event());
  const auto closed = closings(api.view);
  const auto end = closed.find(*number);
  if (opened == nullptr || end == closed.end()) return respond(exchange, no_incident(exchange.id));
  write_incident(json, *number, line->time(), *opened, &end->second);
  respond(exchange, 200, json.take());
}

constexpr Field<core::CloseIncident> close_table[] = {
    {"operator", "one line of text, 1 to 200 bytes", read_into<&core::CloseIncident::principal>,
     true},
    {"reason", "one line of text, 1 to 200 bytes", read_into<&core::CloseIncident::reason>, true},
};

void close_incident(Api& api, Exchange& exchange) {
  const auto number = whole_number<std::uint64_t>(exchange.id);
  if (!number || api.view.book().incidents().count(*number) == 0) {
    const auto closed = closings(api.view);
    const auto end = number ? closed.find(*number) : closed.end();
    if (end == closed.end()) return respond(exchange, no_incident(exchange.id));
    const std::string& who = end->second.closed.principal;
    return respond(exchange, {.code = ProblemCode::incident_closed,
                              .detail = fmt::format(
                                  "incident {} is closed already, by {} at {}: {}", *number,
                                  who.empty() ? "evidence" : who, base::to_rfc3339(end->second.at),
                                  end->second.closed.reason),
                              .outcome = ""});
  }
  auto command = read_body(exchange, close_table, "");
  if (!command) return;
  command->incident = *number;
  const auto render = [number = *number, who = command->principal](const core::Reply&) {
    base::JsonWriter out;
    out.begin_object();
    out.field("incident_id", std::to_string(number));
    out.field("state", "closed");
    out.field("closed_by", who).end_object();
    return out.take();
  };
  api.waits.begin(exchange, {.render = render}, std::move(*command));
}

}  // namespace

std::span<const Route> incident_routes() {
  static constexpr Route table[] = {
      {"GET", "/api/v1/incidents", Permission::look, list_incidents, "all kind limit page_token",
       "open incidents, newest first; all=true for closed ones too", Cost::long_answer},
      {"GET", "/api/v1/incidents/{id}", Permission::look, get_incident, "", "one incident"},
      {"POST", "/api/v1/incidents/{id}/close", Permission::operate, close_incident, "",
       "settle an incident: operator, reason"},
  };
  return table;
}

}  // namespace belay::api
