// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/daemon.hpp"

#include <algorithm>

namespace belay::app {

Daemon::Daemon(const DaemonOptions& options, engine::Journal& journal, DaemonHooks hooks)
    : hooks_(std::move(hooks)),
      view_(options.events_kept_max),
      engine_(options.engine, journal,
              {.publish = [this](const core::StampedEvent& event) { view_.publish(event); },
               .reply = [this](const core::Reply& reply) { answer(reply); },
               .fatal = [this](const std::string& why) { hooks_.fatal(why); }}),
      broker_(options.broker, broker_hooks()),
      api_(options.api, engine_, view_, hooks_.api) {
  engine_.attach(broker_);
  view_.on_event([this](const views::EventLine& line) {
    api_.on_event(line);
    // What was an incident or a gap before a restart was told before it.
    if (!started_) return;
    if (const auto alert = views::alert_of(line.seq(), line.time(), line.event())) {
      hooks_.alert(*alert);
    }
    const bool gap = std::holds_alternative<core::GapRecorded>(line.event()) ||
                     std::holds_alternative<core::FloorRaised>(line.event());
    if (gap) hooks_.log("ids are skipped: " + line.json());
  });
}

void Daemon::answer(const core::Reply& reply) {
  // The API counts its correlations from 1; a host that submits by itself marks the top bit.
  if ((reply.correlation & host_correlation) != 0) {
    hooks_.reply(reply);
  } else {
    api_.on_reply(reply, now_);
  }
}

tws::TwsBrokerHooks Daemon::broker_hooks() {
  tws::TwsBrokerHooks hooks;
  hooks.report = [this](const core::Input& input) { engine_.submit(input, now_); };
  hooks.link = [this](core::LinkStatus link) {
    // In the hours of the weekly log-in a gateway that is silent waits for its person.
    if (!link.connected && engine_.core().calendar().closed == core::Closed::weekly_login) {
      link.phase = "needs_person";
      link.action = "log in to TWS or IB Gateway: the weekly log-in is due";
    }
    hooks_.log("broker " + link.endpoint + ": " + link.phase +
               (link.detail.empty() ? "" : " (" + link.detail + ")"));
    view_.set_link(link);
  };
  hooks.positions_begin = [this] { view_.clear_positions(); };
  hooks.position = [this](const core::Position& position) { view_.set_position(position); };
  hooks.account_value = [this](const core::AccountValue& v) { view_.set_account_value(v); };
  hooks.log = [this](const std::string& line) { hooks_.log(line); };
  hooks.debug = [this](const std::string& line) { hooks_.debug(line); };
  return hooks;
}

base::Status<> Daemon::start(core::InstanceId instance, base::Time now) {
  now_ = now;
  auto started = engine_.start(instance, now);
  if (!started) return started;
  started_ = true;
  view_.lost_sync();
  broker_.start(now);
  turn(now);
  return base::ok();
}

void Daemon::broker_connected(base::Time now, tws::Channel channel) {
  now_ = now;
  channel == tws::Channel::main ? broker_.connected(now) : broker_.foreign().connected(now);
}
void Daemon::broker_bytes(std::string_view bytes, base::Time now, tws::Channel channel) {
  now_ = now;
  channel == tws::Channel::main ? broker_.bytes(bytes, now) : broker_.foreign().bytes(bytes, now);
}
void Daemon::broker_closed(std::string_view why, base::Time now, tws::Channel channel) {
  now_ = now;
  channel == tws::Channel::main ? broker_.closed(why, now) : broker_.foreign().closed(why, now);
}

void Daemon::turn(base::Time now) {
  now_ = now;
  if (engine_.dead()) return;
  if (broker_.next_deadline(now) <= now) broker_.tick(now);
  // Time passes for what waits in the core too: a free slot, a deadline.
  if (engine_.next_deadline(now) <= now || engine_.core().queued() > 0) {
    engine_.submit(core::Tick{}, now);
  }
  engine_.turn(now);
  if (engine_.dead()) return;
  api_.turn(now);
  // Answers can free a caller to ask at once; what it asked waits for nobody.
  if (!engine_.quiet()) engine_.turn(now);
}

base::Time Daemon::next_deadline(base::Time now) const {
  return std::min({engine_.next_deadline(now), broker_.next_deadline(now), api_.next_deadline()});
}

}  // namespace belay::app
