// SPDX-License-Identifier: Apache-2.0
// WebhookSink: POSTs each alert as JSON to an http address, one connection for each. An answer of
// 2xx is delivered; everything else is tried again later. An alert may therefore arrive twice; its
// incident_id tells.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "apps/belay/alert_targets.hpp"
#include "apps/belay/alerts.hpp"
#include "belay/net/loop.hpp"
#include "belay/net/tcp.hpp"

namespace belay::app {

class WebhookSink final : public AlertSink {
 public:
  struct Options {
    HttpUrl url;
    AlertQueueOptions queue;
    base::Duration timeout = std::chrono::seconds(10);
  };
  using Log = std::function<void(const std::string&)>;
  WebhookSink(net::Loop& loop, Options options, Log log);

  std::string_view name() const override { return "webhook"; }
  void send(const views::Alert& alert) override;
  AlertStats stats() const override { return queue_.stats(); }

 private:
  void pump();
  void received(std::string_view bytes);
  void ended(bool delivered, const std::string& why);
  std::string request(const std::string& body) const;

  net::Loop& loop_;
  Options options_;
  Log log_;
  AlertQueue queue_;
  std::optional<AlertQueue::Attempt> attempt_;
  net::TcpStream stream_;
  std::string answer_;
  net::Handle deadline_;
  net::Handle timer_;
};

}  // namespace belay::app
