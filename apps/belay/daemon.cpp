// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/daemon.hpp"

#include <algorithm>

#include "belay/api/history_row.hpp"

namespace belay::app {

namespace {
// A start remembers as many earlier events as the view keeps.
engine::EngineOptions engine_options(const DaemonOptions& options) {
  engine::EngineOptions out = options.engine;
  out.events_kept = options.events_kept_max;
  return out;
}
}  // namespace

Daemon::Daemon(const DaemonOptions& options, engine::Journal& journal, DaemonHooks hooks)
    : hooks_(std::move(hooks)),
      view_(options.events_kept_max),
      engine_(engine_options(options), journal,
              {.publish =
                   [this](const core::StampedEvent& event) {
                     order_log_.before(event.event, view_.book());
                     view_.publish(event);
                   },
               .reply = [this](const core::Reply& reply) { answer(reply); },
               .fatal = [this](const std::string& why) { hooks_.fatal(why); },
               .remember = [this](const core::StampedEvent& event) { view_.remember(event); },
               .archived = [this](const core::Order& order,
                                  std::uint64_t seq) { archive(order, seq); }}),
      gauges_(engine_),
      broker_(options.make_broker(broker_hooks())),
      api_(options.api, engine_, view_, hooks_.api) {
  engine_.attach(*broker_);
  view_.read_off(gauges_);
  view_.on_event([this](const views::EventLine& line) {
    api_.on_event(line);
    if (const auto alert = views::alert_of(line.seq(), line.time(), line.event())) {
      hooks_.alert(*alert);
    }
    const bool gap = std::holds_alternative<core::GapRecorded>(line.event()) ||
                     std::holds_alternative<core::FloorRaised>(line.event());
    if (gap) hooks_.log("ids are skipped: " + line.json());
    for (const auto& told : order_log_.after(line.event(), view_.book(), api_.correlations())) {
      hooks_.order_line(told);
    }
  });
}

void Daemon::attach(engine::History& history) {
  history_ = &history;
  engine_.attach(history);
  api_.attach(history);
  view_.on_archive([this](const core::Order& order, std::uint64_t seq) { archive(order, seq); });
}

void Daemon::archive(const core::Order& order, std::uint64_t seq) {
  if (history_ == nullptr || seq <= history_->last_seq()) return;  // a replay of what it has
  if (!started_) history_->wait_for_room();
  history_->put(api::history_row(order, seq));
}

bool Daemon::take_history() {
  if (history_ == nullptr) return false;
  bool any = false;
  while (auto answer = history_->poll()) {
    any = true;
    if ((answer->ticket & engine::recall_ticket) == 0) {
      api_.on_history(*answer, now_);
      continue;
    }
    core::ArchivedOrder archived{core::OrderId(answer->ticket & ~engine::recall_ticket),
                                 std::nullopt, answer->error};
    if (!answer->states.empty()) {
      archived.state = std::move(answer->states.front());
    } else if (archived.why.empty()) {
      archived.why = "the history does not have it";
    }
    engine_.submit(archived, now_);
  }
  return any;
}

void Daemon::answer(const core::Reply& reply) {
  // The API counts its correlations from 1; a host that submits by itself marks the top bit.
  if ((reply.correlation & host_correlation) != 0) {
    hooks_.reply(reply);
  } else {
    api_.on_reply(reply, now_);
  }
}

broker::Hooks Daemon::broker_hooks() {
  broker::Hooks hooks;
  hooks.report = [this](const core::Input& input) {
    if (const auto* told = std::get_if<core::BrokerClock>(&input)) {
      core::BrokerClock clock = *told;
      clock.machine_ahead = hooks_.machine_ahead();
      return engine_.submit(clock, now_);
    }
    std::vector<core::Input> kept;
    const bool passes = talk_.hear(input, now_, kept);
    for (const core::Input& earlier : kept) engine_.submit(earlier, now_);
    if (passes) engine_.submit(input, now_);
  };
  hooks.link = [this](core::LinkStatus link) {
    // In the hours of the weekly log-in a gateway that is silent waits for its person.
    if (!link.connected && engine_.core().calendar().closed == core::Closed::weekly_login) {
      link.phase = "needs_person";
      link.action = "log in to TWS or IB Gateway: the weekly log-in is due";
    }
    const core::LinkStatus& before = view_.link();
    const std::string line = "broker " + link.endpoint + ": " + link.phase +
                             (link.detail.empty() ? "" : " (" + link.detail + ")");
    // The steps of an attempt and of a sync are for those who look; the first of each is told.
    if (link.phase != before.phase) {
      hooks_.log(line);
    } else if (link.detail != before.detail) {
      hooks_.debug(line);
    }
    if (!link.connected) told_.clear();
    view_.set_link(std::move(link));
  };
  hooks.positions_begin = [this] { view_.clear_positions(); };
  hooks.position = [this](const core::Position& position) { view_.set_position(position); };
  hooks.account_value = [this](const core::AccountValue& v) { view_.set_account_value(v); };
  hooks.told = [this](const core::ListTold& told) {
    told_.emplace_back(engine_.core().book().last_seq(), told);
  };
  hooks.log = [this](const std::string& line) { hooks_.log(line); };
  hooks.debug = [this](const std::string& line) { hooks_.debug(line); };
  return hooks;
}

base::Status<> Daemon::start(core::InstanceId instance, base::Time now) {
  now_ = now;
  auto started = engine_.start(instance, now, &view_.book());
  if (!started) return started;
  started_ = true;
  // Whether a gateway counts on across connections is not known: here it is taken to.
  for (const base::Time at : engine_.sends_before()) broker_->sent_before(at);
  broker_->start(now);
  turn(now);
  return base::ok();
}

void Daemon::broker_connected(base::Time now, broker::Channel channel) {
  now_ = now;
  broker_->connected(now, channel);
}
void Daemon::broker_bytes(std::string_view bytes, base::Time now, broker::Channel channel) {
  now_ = now;
  broker_->bytes(bytes, now, channel);
}
void Daemon::broker_closed(std::string_view why, base::Time now, broker::Channel channel) {
  now_ = now;
  broker_->closed(why, now, channel);
}

// A list is as it was told once all that it held can be read.
void Daemon::show_lists() {
  while (!told_.empty() && told_.front().first <= view_.book().last_seq()) {
    view_.set_told(told_.front().second);
    told_.pop_front();
  }
}

void Daemon::turn(base::Time now) {
  now_ = now;
  if (engine_.dead()) return;
  if (broker_->next_deadline(now) <= now) broker_->tick(now);
  if (talk_.next_deadline() <= now) {
    for (const core::Input& kept : talk_.take(now)) engine_.submit(kept, now);
  }
  // Time passes for what waits in the core too: a free slot, a deadline.
  if (engine_.next_deadline(now) <= now || engine_.core().queued() > 0) {
    engine_.submit(core::Tick{}, now);
  }
  engine_.turn(now);
  if (engine_.dead()) return;
  show_lists();
  api_.turn(now);
  // Answers can free a caller to ask at once; what it asked waits for nobody.
  do {
    if (!engine_.quiet()) engine_.turn(now);
    if (engine_.dead()) return;
  } while (take_history());
}

base::Time Daemon::next_deadline(base::Time now) const {
  return std::min({engine_.next_deadline(now), broker_->next_deadline(now), api_.next_deadline(),
                   talk_.next_deadline()});
}

}  // namespace belay::app
