// SPDX-License-Identifier: Apache-2.0
// Guard: what every request must show before a route sees it, against browsers that are tricked
// into talking to a daemon on the loopback. Host must be ours (DNS rebinding), Origin must be ours
// (cross-site requests), and a body that changes something must say it is JSON (forms cannot).
// It does not authenticate anybody.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "belay/api/http_message.hpp"
#include "belay/api/problem.hpp"

namespace belay::api {

struct GuardOptions {
  /// Host names besides localhost, 127.0.0.0/8 and [::1], in lower case without port.
  std::vector<std::string> hosts;
};

/// The first rule that the request breaks; nothing when it may pass.
std::optional<Problem> guard(const HttpRequest& request, const GuardOptions& options);

/// "localhost:8001" -> "localhost", "[::1]:80" -> "::1"; nothing when it is no host with port.
std::optional<std::string> host_name(std::string_view host_header);

}  // namespace belay::api
