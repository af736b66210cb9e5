// SPDX-License-Identifier: Apache-2.0
#include "belay/api/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace belay::api {
namespace {

// Literal paths stand before the patterns that would also fit them.
constexpr std::array table{
    Route{"GET", "/", &Service::get_root, "", "name, version and endpoints"},
    Route{"GET", "/api/v1", &Service::get_root, "", "name, version and endpoints"},
    Route{"GET", "/health", &Service::get_health, "", "alive, and the link to the broker"},
    Route{"GET", "/ready", &Service::get_ready, "",
          "200 when new orders are taken, else 503 with the reason"},
    Route{"GET", "/metrics", &Service::get_metrics, "", "text exposition of the counters"},
    Route{"GET", "/api/v1/orders/all", &Service::list_all_orders,
          "status account symbol limit page_token fresh",
          "orders of all clients: ours, other programs', manual ones", Cost::long_answer},
    Route{"DELETE", "/api/v1/orders/cancel-all", &Service::cancel_all,
          "scope account dry_run foreign", "cancel what is open; scope is own, account or all"},
    Route{"GET", "/api/v1/orders", &Service::list_orders,
          "status account symbol limit page_token fresh",
          "our orders, newest first; fresh=true: the broker is asked first", Cost::long_answer},
    Route{"POST", "/api/v1/orders", &Service::place_order, "", "place an order"},
    Route{"GET", "/api/v1/orders/{id}", &Service::get_order, "account",
          "one order: our id, cid:<client_order_id>, perm:<permId> or tws:<client>:<orderId>"},
    Route{"PUT", "/api/v1/orders/{id}", &Service::put_order, "account", "change the given fields"},
    Route{"PATCH", "/api/v1/orders/{id}", &Service::patch_order, "account",
          "change the given fields; If-Match required"},
    Route{"DELETE", "/api/v1/orders/{id}", &Service::delete_order, "account foreign",
          "cancel the order; foreign=true: also another client's, in its name"},
    Route{"POST", "/api/v1/orders/{id}/decide", &Service::decide_order, "account",
          "end an order whose fate no evidence shows; fate, reason, operator"},
    Route{"POST", "/api/v1/reconcile", &Service::post_reconcile, "dry_run",
          "ask the broker for everything and say what it changed; dry_run=true: would change"},
    Route{"GET", "/api/v1/executions", &Service::get_executions,
          "account symbol order_id limit page_token fresh",
          "fills, newest first within a page; fresh=true: the broker is asked first",
          Cost::long_answer},
    Route{"GET", "/api/v1/positions", &Service::get_positions, "account fresh", "positions",
          Cost::long_answer},
    Route{"GET", "/api/v1/account", &Service::get_account, "account fresh", "account values",
          Cost::long_answer},
    Route{"GET", "/api/v1/ids/validate", &Service::validate_id, "id purpose",
          "every rule that using ?id= would break"},
    Route{"POST", "/api/v1/ids/reserve", &Service::reserve_ids, "",
          "keep consecutive ids: count, purpose, from"},
    Route{"POST", "/api/v1/ids/release", &Service::release_ids, "", "give a block back: from"},
    Route{"POST", "/api/v1/ids/reset", &Service::reset_ids, "",
          "cancel own orders and go on above every id: operator, reason"},
    Route{"GET", "/api/v1/ids", &Service::get_ids, "gaps",
          "broker order ids: mark, blocks, gaps, purposes; gaps=<how many>", Cost::long_answer},
    Route{"POST", "/api/v1/incidents/{id}/close", &Service::close_incident, "",
          "settle an incident: operator, reason"},
    Route{"GET", "/api/v1/incidents", &Service::list_incidents, "all kind limit page_token",
          "open incidents, newest first; all=true for closed ones too", Cost::long_answer},
    Route{"GET", "/api/v1/incidents/{id}", &Service::get_incident, "", "one incident"},
    Route{"GET", "/api/v1/events", &Service::get_events, "from",
          "server-sent events; Last-Event-ID or from=<seq> to resume"},
    Route{"GET", "/api/v1/halt", &Service::get_halt, "",
          "whether new risk is halted, by whom and why"},
    Route{"POST", "/api/v1/halt", &Service::post_halt, "",
          "stop new risk at once, through restarts; cancels and protection pass; reason"},
    Route{"POST", "/api/v1/resume", &Service::post_resume, "",
          "take new risk again, while no file HALT is there; reason"},
};

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

bool fits(std::string_view pattern, std::string_view path, std::string& id) {
  const auto mark = pattern.find("{id}");
  if (mark == std::string_view::npos) return pattern == path;
  const std::string_view stem = pattern.substr(0, mark);
  const std::string_view tail = pattern.substr(mark + 4);
  if (path.substr(0, stem.size()) != stem || path.size() <= stem.size() + tail.size()) return false;
  if (path.substr(path.size() - tail.size()) != tail) return false;
  std::string_view rest = path.substr(stem.size());
  rest.remove_suffix(tail.size());
  // A client order id may hold a slash; every other id is one segment.
  if (rest.find('/') != std::string_view::npos && rest.substr(0, 4) != "cid:") return false;
  id = std::string(rest);
  return true;
}

}  // namespace

std::span<const Route> routes() {
  return table;
}

RouteMatch match_route(std::string_view method, std::string_view path) {
  // A trailing slash names the same thing.
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  RouteMatch match;
  std::string_view found_path;
  for (const Route& route : table) {
    std::string id;
    if (!fits(route.path, path, id)) continue;
    // A literal path fits already. A client order id that holds a slash fits two patterns: then
    // the method tells them apart.
    const bool both = match.route == nullptr && route.method == wanted &&
                      found_path.find("{id}") != std::string_view::npos;
    if (!found_path.empty() && route.path != found_path && !both) continue;
    found_path = route.path;
    if (!match.allow.empty()) match.allow += ", ";
    match.allow += route.method;
    if (route.method == "GET") match.allow += ", HEAD";
    if (route.method == wanted) {
      match.route = &route;
      match.id = std::move(id);
    }
  }
  return match;
}

FieldErrors wrong_parameters(const HttpRequest& request, const Route& route) {
  const auto known = words(route.parameters);
  FieldErrors errors;
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : request.query) {
    const std::string shown = name.substr(0, 64);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      errors.push_back({shown, known.empty() ? std::string("unknown parameter; there is none here")
                                             : fmt::format("unknown parameter; expected one of {}",
                                                           fmt::join(known, ", "))});
    } else if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      errors.push_back({shown, "given twice; expected one value"});
    } else if (value.empty()) {
      errors.push_back({shown, "is empty; expected a value"});
    }
    seen.push_back(name);
  }
  return errors;
}

std::optional<Problem> refuse_parameters(const HttpRequest& request, const Route& route) {
  FieldErrors errors = wrong_parameters(request, route);
  if (errors.empty()) return std::nullopt;
  return blame(std::move(errors), route.method == "GET" ? "" : "not_sent");
}

}  // namespace belay::api
