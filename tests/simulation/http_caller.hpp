// SPDX-License-Identifier: Apache-2.0
// HttpCaller: the callers' end of the API in the simulation: one request at a time over a simulated
// connection, with a time-out. It is written apart from belay/api on purpose.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "belay/simkit/net.hpp"
#include "belay/simkit/scheduler.hpp"

namespace belay::simulation {

struct Answer {
  bool lost = true;  ///< no answer: refused, cut, or too late
  int status = 0;
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
};

class HttpCaller {
 public:
  HttpCaller(simkit::Scheduler& scheduler, simkit::Net& net, base::Duration timeout)
      : scheduler_(scheduler), net_(net), timeout_(timeout) {}

  ~HttpCaller();
  HttpCaller(const HttpCaller&) = delete;
  HttpCaller& operator=(const HttpCaller&) = delete;

  /// One at a time. `done` is called once.
  void call(const std::string& method, const std::string& path,
            const std::map<std::string, std::string>& headers, const std::string& body,
            std::function<void(const Answer&)> done);
  bool busy() const { return busy_; }
  /// The current connection, for faults.
  simkit::Net::End end() const { return end_; }

 private:
  void send();
  void bytes(std::string_view data);
  void finish(const Answer& answer);
  void lose();

  simkit::Scheduler& scheduler_;
  simkit::Net& net_;
  base::Duration timeout_;
  simkit::Net::End end_ = simkit::Net::no_end;
  // Handlers of a connection hold a copy; it is true while the connection is the current one.
  std::shared_ptr<bool> current_ = std::make_shared<bool>(true);
  bool busy_ = false;
  std::string request_;
  std::string received_;
  std::function<void(const Answer&)> done_;
  simkit::Scheduler::Id timer_;
};

}  // namespace belay::simulation
