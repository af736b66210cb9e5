// SPDX-License-Identifier: Apache-2.0
// Alerts: incidents on their way to people. Sinks stand behind one interface. None may block the
// loop, and none may lose an alert in silence: what fails is logged and counted.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "apps/belay/alert_queue.hpp"
#include "belay/views/alert.hpp"

namespace belay::app {

class AlertSink {
 public:
  AlertSink() = default;
  AlertSink(const AlertSink&) = delete;
  AlertSink& operator=(const AlertSink&) = delete;
  virtual ~AlertSink() = default;
  virtual std::string_view name() const = 0;
  /// Takes the alert and returns at once.
  virtual void send(const views::Alert& alert) = 0;
  virtual AlertStats stats() const = 0;
};

/// Every alert as one line of the log.
class LogSink final : public AlertSink {
 public:
  using Write = std::function<void(views::AlertLevel, const std::string&)>;
  explicit LogSink(Write write) : write_(std::move(write)) {}
  std::string_view name() const override { return "log"; }
  void send(const views::Alert& alert) override {
    write_(alert.level, "incident: " + alert.json);
    ++stats_.delivered;
  }
  AlertStats stats() const override { return stats_; }

 private:
  Write write_;
  AlertStats stats_;
};

class Alerts {
 public:
  /// The sink gets what is at `level` or above.
  void add(std::unique_ptr<AlertSink> sink, views::AlertLevel level) {
    sinks_.push_back({std::move(sink), level});
  }
  void raise(const views::Alert& alert) {
    for (auto& each : sinks_) {
      if (alert.level >= each.level) each.sink->send(alert);
    }
  }
  /// Lines for /metrics.
  std::string metrics() const;

 private:
  struct Entry {
    std::unique_ptr<AlertSink> sink;
    views::AlertLevel level;
  };
  std::vector<Entry> sinks_;
};

}  // namespace belay::app
