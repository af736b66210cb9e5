// SPDX-License-Identifier: Apache-2.0
// The table of everything that can be asked: method, path, permission, handler, query parameters,
// one line of help. Each row stands with its handler, in *_route(s).cpp. The answer to GET /api/v1,
// the 405 of a path, and the refusal of parameters that a route does not have are made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "belay/api/exchange.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/problem.hpp"

namespace belay::api {

/// A long answer is made in pieces, or at least only when nothing else is to be done. A short
/// answer is made at once, and so is that to a command.
enum class Cost : std::uint8_t { short_answer, long_answer };

/// What a caller must be allowed. Until callers have names of their own everybody is.
enum class Permission : std::uint8_t { look, trade, operate };

struct Route {
  std::string_view method;
  std::string_view path;  ///< "{id}" stands for one segment
  Permission permission;
  Handler handler;
  std::string_view parameters;  ///< of the query, separated by spaces
  std::string_view help;
  Cost cost = Cost::short_answer;
};
/// All of them; of those of one file see there.
std::span<const Route> routes();
std::span<const Route> status_routes();
std::span<const Route> order_routes();
std::span<const Route> cancel_all_routes();
std::span<const Route> reconcile_routes();
std::span<const Route> execution_routes();
std::span<const Route> mirror_routes();
std::span<const Route> id_routes();
std::span<const Route> incident_routes();
std::span<const Route> event_routes();
std::span<const Route> halt_routes();

struct RouteMatch {
  const Route* route = nullptr;  ///< nullptr: see allow
  std::string id;
  std::string allow;  ///< methods of the path; empty: there is no such path
};
/// Literal segments win over {id}. HEAD is served by GET.
RouteMatch match_route(std::string_view method, std::string_view path);

/// Parameters of the request that the route does not have, that were given twice, or that have no
/// value. A mistyped one must not be ignored: `dryrun=true` would cancel.
FieldErrors wrong_parameters(const HttpRequest& request, const Route& route);
/// The refusal of such parameters; nothing when there are none.
std::optional<Problem> refuse_parameters(const HttpRequest& request, const Route& route);

}  // namespace belay::api
