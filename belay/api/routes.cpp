// SPDX-License-Identifier: Apache-2.0
#include "belay/api/routes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace belay::api {
namespace {

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
  static const std::vector<Route> table = [] {
    std::vector<Route> out;
    for (const auto part : {status_routes(), order_routes(), cancel_all_routes(),
                            reconcile_routes(), execution_routes(), mirror_routes(), id_routes(),
                            incident_routes(), event_routes(), halt_routes()}) {
      out.insert(out.end(), part.begin(), part.end());
    }
    // Literal paths stand before the patterns that would also fit them.
    std::stable_partition(out.begin(), out.end(), [](const Route& route) {
      return route.path.find('{') == std::string_view::npos;
    });
    return out;
  }();
  return table;
}

RouteMatch match_route(std::string_view method, std::string_view path) {
  // A trailing slash names the same thing.
  if (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  RouteMatch match;
  std::string_view found_path;
  for (const Route& route : routes()) {
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
  return blame(std::move(errors), route.permission == Permission::look ? "" : "not_sent");
}

}  // namespace belay::api
