// SPDX-License-Identifier: Apache-2.0
// CommandSink: runs a program for each alert, with the alert as JSON on its standard input. The
// program runs beside the loop, in a process group of its own, without our descriptors; after the
// time limit the group is killed. Exit status 0 is delivered.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "apps/belay/alerts.hpp"
#include "belay/net/loop.hpp"

namespace belay::app {

class CommandSink final : public AlertSink {
 public:
  struct Options {
    std::vector<std::string> command;  ///< at least one word
    AlertQueueOptions queue;
    base::Duration timeout = std::chrono::seconds(10);
  };
  using Log = std::function<void(const std::string&)>;
  CommandSink(net::Loop& loop, Options options, Log log);
  ~CommandSink() override;

  std::string_view name() const override { return "command"; }
  void send(const views::Alert& alert) override;
  AlertStats stats() const override { return queue_.stats(); }

 private:
  struct Child {
    std::uint64_t attempt = 0;
    base::Time deadline;
    bool killed = false;
  };
  void pump();
  pid_t start(const std::string& input, std::string& why);
  void reap();
  void ended(std::uint64_t attempt, bool delivered, const std::string& why);

  net::Loop& loop_;
  Options options_;
  Log log_;
  AlertQueue queue_;
  std::map<pid_t, Child> children_;
  net::Handle reap_timer_;
  net::Handle retry_timer_;
};

}  // namespace belay::app
