// SPDX-License-Identifier: Apache-2.0
// `belay serve` in safe mode: SafeDaemon on the real loop and sockets.
#pragma once

#include <functional>
#include <string>

#include "apps/belay/safe_daemon.hpp"
#include "belay/net/tcp.hpp"

namespace belay::app {

struct SafeHostOptions {
  SafeOptions daemon;
  net::Endpoint broker;
  net::Endpoint api;
  base::Duration connect_timeout = std::chrono::seconds(10);
  std::function<void()> on_hangup = [] {};     ///< SIGHUP
  std::function<void()> every_second = [] {};  ///< what the log has counted is told
};

/// Runs until SIGINT or SIGTERM. Error: the API's address cannot be used.
base::Status<> run_safe(const SafeHostOptions& options,
                        const std::function<void(const std::string&)>& log);

}  // namespace belay::app
