// SPDX-License-Identifier: Apache-2.0
// The table of everything that can be asked: method, path, handler, one line of help. The answer to
// GET /api/v1, the 405 of a path, and the documentation are made from it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "belay/api/service.hpp"

namespace belay::api {

struct Route {
  std::string_view method;
  std::string_view path;  ///< "{id}" stands for one segment
  Service::Handler handler;
  std::string_view help;
};
std::span<const Route> routes();

struct RouteMatch {
  const Route* route = nullptr;  ///< nullptr: see allow
  std::string id;
  std::string allow;  ///< methods of the path; empty: there is no such path
};
/// Literal segments win over {id}. HEAD is served by GET.
RouteMatch match_route(std::string_view method, std::string_view path);

}  // namespace belay::api
