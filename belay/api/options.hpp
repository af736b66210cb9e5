// SPDX-License-Identifier: Apache-2.0
// The settings of the service, all of them bounds.
#pragma once

#include <cstddef>
#include <string>

#include "belay/api/callers.hpp"
#include "belay/api/guard.hpp"
#include "belay/api/id_budget.hpp"
#include "belay/base/time.hpp"

namespace belay::api {

struct ServiceOptions {
  std::string version = "dev";
  GuardOptions guard;
  CallerLimits callers;
  IdBudgetOptions id_budget;
  /// True: the host calls work() when nothing else is to be done. False: turn() does it all.
  bool in_pieces = false;
  base::Duration acknowledgment_timeout = std::chrono::milliseconds(2000);
  base::Duration heartbeat = std::chrono::seconds(15);
  std::size_t streams_max = 128;
  std::size_t history_reads_max = 256;  ///< requests that may wait for the history
  base::Duration history_timeout = std::chrono::seconds(5);
  /// For one page: it reads on while what the history found does not fill it.
  std::size_t history_questions_max = 100;
  /// A page of a list ends when it is this long, whatever its limit; `next` goes on.
  std::size_t page_bytes_max = 4 * 1024 * 1024;
  std::size_t stream_buffer_max = 256 * 1024;  ///< unsent bytes per stream before it must read
};

}  // namespace belay::api
