// SPDX-License-Identifier: Apache-2.0
// Daemon: core, engine, broker adapter, view and API put together, still without sockets, clock or
// disk. `serve` runs it on the real loop, the simulation on the virtual one: the same object. The
// host carries bytes and calls turn() after whatever it delivered.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/belay/order_log.hpp"
#include "belay/api/service.hpp"
#include "belay/broker/broker.hpp"
#include "belay/broker/talk.hpp"
#include "belay/engine/engine.hpp"
#include "belay/engine/engine_gauges.hpp"
#include "belay/views/alert.hpp"
#include "belay/views/live_view.hpp"

namespace belay::app {

struct DaemonOptions {
  engine::EngineOptions engine;
  broker::Maker make_broker;  ///< must be set
  api::ServiceOptions api;
  std::size_t events_kept_max = 20'000;
};

struct DaemonHooks {
  /// Replies to commands that did not come through the API (correlations from the host).
  std::function<void(const core::Reply&)> reply;
  std::function<void(const std::string&)> fatal;  ///< the process must end now
  std::function<void(const std::string&)> log;
  api::ServiceHooks api;  ///< bytes to callers
  std::function<void(const std::string&)> debug = [](const std::string&) {};
  std::function<void(const std::string&)> warn = [](const std::string&) {};
  std::function<void(const views::Alert&)> alert = [](const views::Alert&) {};  ///< incidents
  /// A step of an order's life, for the log.
  std::function<void(const std::string&)> order_line = [](const std::string&) {};
  /// How far this machine's clock is ahead of the time that the daemon is given.
  std::function<base::Duration()> machine_ahead = [] { return base::Duration::zero(); };
};

/// Set in the correlation of commands that a host submits past the API.
inline constexpr core::Correlation host_correlation = core::Correlation{1} << 63U;

class Daemon {
 public:
  Daemon(const DaemonOptions& options, engine::Journal& journal, DaemonHooks hooks);

  /// Replays the journal and begins to connect. Error: the journal cannot be trusted.
  base::Status<> start(core::InstanceId instance, base::Time now);

  /// Where archived orders and snapshots are; before start().
  void attach(engine::History& history);
  void attach(engine::Snapshots& snapshots) { engine_.attach(snapshots); }

  void submit(const core::Input& command, base::Time now) {
    now_ = now, engine_.submit(command, now);
  }
  /// Commits, releases, keeps time. Call after every delivery and at next_deadline().
  void turn(base::Time now);
  base::Time next_deadline(base::Time now) const;
  /// Does one piece of the work that may wait (api::Service::work); false when there is none.
  bool work(base::Time now) {
    now_ = now;
    return !engine_.dead() && api_.work(now);
  }

  // ---- the connections to the broker, carried by the host: one, and at times a second ----
  void broker_connected(base::Time now, broker::Channel channel = broker::Channel::main);
  void broker_bytes(std::string_view bytes, base::Time now,
                    broker::Channel channel = broker::Channel::main);
  void broker_closed(std::string_view why, base::Time now,
                     broker::Channel channel = broker::Channel::main);
  std::vector<broker::LinkAction> take_broker_actions(
      broker::Channel channel = broker::Channel::main) {
    return broker_->take_actions(channel);
  }

  /// The clocks may agree again.
  void ask_broker_clock(base::Time now) { broker_->ask_clock(now); }

  api::Service& api() { return api_; }
  engine::Engine& engine() { return engine_; }
  const engine::Engine& engine() const { return engine_; }
  const views::LiveView& view() const { return view_; }
  views::LiveView& view() { return view_; }
  const broker::Broker& broker() const { return *broker_; }

 private:
  broker::Hooks broker_hooks();
  void answer(const core::Reply& reply);
  void archive(const core::Order& order, std::uint64_t seq);
  bool take_history();
  void show_lists();

  DaemonHooks hooks_;
  base::Time now_;
  engine::History* history_ = nullptr;
  bool started_ = false;                                       // the journal has been read
  std::deque<std::pair<std::uint64_t, core::ListTold>> told_;  // with the seq of what it held
  views::LiveView view_;
  OrderLog order_log_;
  engine::Engine engine_;
  engine::EngineGauges gauges_;
  broker::Talk talk_;
  std::unique_ptr<broker::Broker> broker_;
  api::Service api_;
};

}  // namespace belay::app
