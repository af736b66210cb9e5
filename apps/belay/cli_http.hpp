// SPDX-License-Identifier: Apache-2.0
// A small blocking HTTP/1.1 client for the command line: one request, one answer, and the lines of
// an event stream. It says whether a request may have reached the daemon when the answer is lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/base/result.hpp"

namespace belay::app {

struct CliRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
};
struct CliAnswer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};
struct CliFailure {
  bool maybe_sent = false;  ///< false: the daemon has seen nothing
  std::string detail;
};

class CliHttp {
 public:
  CliHttp(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

  /// Called when an answer takes longer than two seconds, and when a stream is silent for longer
  /// than a heartbeat takes.
  void on_slow(std::function<void()> slow) { slow_ = std::move(slow); }
  base::Result<CliAnswer, CliFailure> call(const CliRequest& request,
                                           std::chrono::milliseconds timeout) const;
  /// Calls `on_line` for each line of the answer's body until it returns false or the stream ends
  /// (true: ended by on_line). A status other than 200 is given as a failure with its body.
  /// `timeout` is for the answer's first line.
  base::Result<bool, CliFailure> stream(const CliRequest& request,
                                        const std::function<bool(std::string_view)>& on_line,
                                        std::chrono::milliseconds timeout) const;

  /// What is said when the program that answers there is not ours.
  std::string no_belay() const;

 private:
  std::string head_of(const CliRequest& request) const;
  std::string host_;
  std::uint16_t port_;
  std::function<void()> slow_;
};

}  // namespace belay::app
