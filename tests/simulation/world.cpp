// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "belay/base/defects.hpp"
#include "belay/base/match.hpp"
#include "belay/tws/tws_broker.hpp"

namespace belay::simulation {
namespace {
constexpr const char* data_file = "journal.db";
constexpr const char* views_file = "views.db";

// Windows begin at whole minutes: with one, the story begins so long before a minute ends.
base::Time begin_of(const Plan& plan) {
  if (plan.day_resets == 0) return start_of_story;
  return start_of_story + std::chrono::minutes(1) - plan.window_after;
}
}  // namespace

World::World(const Plan& plan, bool verbose)
    : plan_(plan),
      verbose_(verbose),
      random_(plan.seed * 7919 + 3),
      scheduler_(begin_of(plan)),
      net_(scheduler_, random_.next()),
      disk_(random_.next()),
      vfs_(disk_, random_.next()),
      snapshots_(scheduler_, base::Prng(plan.seed * 104'729 + 7)) {
  prepare_broker();
  net_.listen("tws", [this](simkit::Net::End end) { return accept_tws(end); });
  base::Prng bots = random_.fork();
  const base::Time begin = scheduler_.now() + std::chrono::milliseconds(500);
  for (int i = 0; i < plan_.bots; ++i) {
    bots_.push_back(std::make_unique<Bot>(i, plan_, scheduler_, net_, bots.fork(), begin));
  }
}

World::~World() {
  daemon_.reset();
  journal_.reset();
  history_.reset();
}

void World::note(const std::string& line) {
  if (!verbose_) return;
  std::printf("%s %s\n", base::to_rfc3339(scheduler_.now()).c_str(), line.c_str());
}

// ---- the daemon's process ----

// IB's calendar, or the same with its night in the middle of the story and two minutes long.
void World::set_calendar(core::CalendarOptions& calendar) const {
  const bool short_night = plan_.day_resets > 0;
  calendar.daily_reset =
      *core::Window::parse(short_night ? "15:01-15:03 UTC" : "23:45-00:45 America/New_York");
  calendar.day_end = *core::DayEnd::parse(short_night ? "15:02 UTC" : "00:00 America/New_York");
  if (short_night) calendar.reset_lead = std::chrono::milliseconds(500);
}

void World::boot() {
  ++life_;
  // The clock of a process never goes back while it lives; the machine's may between two lives.
  // Half of the jumps are within what the clocks may differ by: else absence would decide nothing.
  if (plan_.clock_jumps) {
    const int most = random_.chance(50) ? 8 : 3600;
    skew_ = std::chrono::seconds(random_.between(-most, most));
  }
  vfs_.reseed(random_.next());
  vfs_.set_now(scheduler_.now());
  journal::SqliteSettings settings;
  settings.path = data_file;
  settings.vfs = vfs_.name();
  settings.exclusive = true;
  settings.warm_bytes = 64 * 1024;
  settings.free_bytes = [this] { return std::optional<std::uint64_t>(disk_.free_bytes()); };
  auto store = journal::SqliteInlineJournal::open(settings);
  if (!store) {
    fatal_ = "the journal does not open: " + store.error().detail;
    down_for_good_ = true;
    return;
  }
  SimJournal::Timing timing;
  timing.stall_percent = plan_.journal_stall_percent;
  if (plan_.disk_stall > base::Duration(0)) timing.stall = plan_.disk_stall;
  journal_ = std::make_unique<SimJournal>(
      std::move(*store), scheduler_, random_.fork(), timing, [this] { commit_began(); },
      [this] { pump(); });
  if (!open_history()) return;
  daemon_ = std::make_unique<app::Daemon>(
      daemon_options(), *journal_,
      app::DaemonHooks{.reply = [](const core::Reply&) {},
                       .fatal =
                           [this](const std::string& why) {
                             fatal_ = why;
                             down_for_good_ = true;
                           },
                       .log = [this](const std::string& line) { note("belay: " + line); },
                       .api = api_hooks()});
  daemon_->attach(*history_);
  daemon_->attach(snapshots_);
  if (const auto started =
          daemon_->start(core::InstanceId(random_.next() & 0xffffffffffffU), clock());
      !started) {
    fatal_ = started.error().detail;
    down_for_good_ = true;
    return;
  }
  net_.listen("api", [this](simkit::Net::End end) { return accept_caller(end); });
  pump();
}

app::DaemonOptions World::daemon_options() {
  app::DaemonOptions options;
  // Small, and another in each run: orders leave memory and come back all the time.
  options.engine.core.finished_kept_max = plan_.seed % 7;
  options.engine.core.finished_kept = std::chrono::seconds(2);
  options.engine.snapshot_every = 20 + plan_.seed % 60;
  options.events_kept_max = 100;
  options.engine.core.claim_wait = std::chrono::seconds(1);
  options.engine.core.reconcile.policy.absence_age = std::chrono::seconds(2);
  options.engine.core.reconcile.policy.recency_guard = std::chrono::seconds(1);
  options.engine.core.reconcile.interval = std::chrono::seconds(15);
  tws::TwsBrokerOptions gateway;
  gateway.rounds.settle_time = std::chrono::milliseconds(500);
  gateway.endpoint = "tws:7497";
  gateway.session.client_id = client_id;
  gateway.session.reconnect_delay = std::chrono::milliseconds(300);
  gateway.session.reconnect_delay_max = std::chrono::seconds(3);
  gateway.session.jitter_seed = random_.next();
  gateway.rounds.answer_timeout = std::chrono::seconds(4);
  options.make_broker = tws::maker(gateway);
  set_calendar(options.engine.core.calendar);
  return options;
}

// The history is a projection: a file that a power loss made useless is made anew.
bool World::open_history() {
  const history::StoreSettings settings{views_file, vfs_.name(), true};
  auto store = history::HistoryStore::open(settings);
  if (!store) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      disk_.remove(std::string(views_file) + suffix, true);
    }
    store = history::HistoryStore::open(settings);
  }
  if (!store) {
    fatal_ = "the history does not open: " + store.error().detail;
    down_for_good_ = true;
    return false;
  }
  history_ = std::make_unique<SimHistory>(std::move(*store), scheduler_,
                                          base::Prng(plan_.seed * 7 + life_), [this] { pump(); });
  return true;
}

// The process is gone in this instant: its sockets reset, what it had not written is lost. With a
// power loss the disk forgets a random part of what was not synced.
void World::crash() {
  if (!daemon_) return;
  ++crashes_;
  note(plan_.power_loss ? "power loss" : "kill -9");
  net_.unlisten("api");
  if (broker_end_ != simkit::Net::no_end) net_.cut(broker_end_);
  broker_end_ = simkit::Net::no_end;
  if (foreign_end_ != simkit::Net::no_end) net_.cut(foreign_end_);
  foreign_end_ = simkit::Net::no_end;
  for (const auto& [id, end] : callers_) net_.cut(end);
  callers_.clear();
  if (wake_) scheduler_.cancel(*wake_);
  wake_.reset();
  // SQLite must not tidy up on the way out: a dead process cannot.
  disk_.cut_power();
  daemon_.reset();
  journal_.reset();
  history_.reset();
  snapshots_.crash();
  if (plan_.power_loss) {
    base::Prng loss = random_.fork();
    disk_.crash(loss);
  } else {
    disk_.process_died();
  }
}

void World::pump() {
  if (!daemon_ || pumping_ || down_for_good_) return;
  pumping_ = true;
  daemon_->turn(clock());
  check_books();
  carry_broker_actions(broker::Channel::main);
  carry_broker_actions(broker::Channel::second);
  pumping_ = false;
  wake_at_deadline();
}

// A planted defect may break a book: what it does to callers has to be found, not this.
void World::check_books() {
#ifdef BELAY_DEFECTS
  if (!base::defect(base::Defect::none)) return;
#endif
  const core::Book& book = daemon_->engine().core().book();
  if (++turns_ % (1 + book.in_memory().size() / 8) != 0 || !broken_book_.empty()) return;
  broken_book_ = book.check();
  if (broken_book_.empty()) broken_book_ = daemon_->view().book().check();
}

void World::wake_at_deadline() {
  if (!daemon_ || down_for_good_) return;
  if (wake_) scheduler_.cancel(*wake_);
  wake_.reset();
  const base::Time next = daemon_->next_deadline(clock());
  if (next == base::never) return;
  const base::Time due = next - skew_;  // by the world's clock
  // A deadline that has come and is not served yet is looked at again a little later, as a real
  // loop's timer would.
  wake_ = scheduler_.at(std::max(due, scheduler_.now() + std::chrono::microseconds(50)),
                        [this] { wake_.reset(), pump(); });
}

void World::connect_to_broker(broker::Channel channel) {
  simkit::Net::End& current = channel == broker::Channel::main ? broker_end_ : foreign_end_;
  std::uint64_t& attempts = attempts_[static_cast<std::size_t>(channel)];
  const std::uint64_t life = life_;
  const std::uint64_t attempt = ++attempts;
  // The end is known when the connection stands; handlers of an older life or end are dead.
  auto mine = std::make_shared<simkit::Net::End>(simkit::Net::no_end);
  net_.connect("tws",
               {.on_bytes =
                    [this, life, mine, channel, &current](std::string_view bytes) {
                      if (life != life_ || !daemon_ || *mine != current) return;
                      trace_.add(scheduler_.now(), "tws>", bytes);
                      daemon_->broker_bytes(bytes, clock(), channel);
                      pump();
                    },
                .on_closed =
                    [this, life, mine, channel, &current](const std::string& why) {
                      if (life != life_ || !daemon_ || *mine != current) return;
                      current = simkit::Net::no_end;
                      daemon_->broker_closed(why, clock(), channel);
                      pump();
                    }},
               [this, life, mine, channel, attempt, &current, &attempts](simkit::Net::End end) {
                 if (life != life_ || !daemon_ || attempt != attempts) {
                   if (end != simkit::Net::no_end) net_.cut(end);
                   return;
                 }
                 *mine = end;
                 current = end;
                 if (end == simkit::Net::no_end) {
                   daemon_->broker_closed("connection refused", clock(), channel);
                 } else {
                   daemon_->broker_connected(clock(), channel);
                 }
                 pump();
               });
}

void World::carry_broker_actions(broker::Channel channel) {
  simkit::Net::End& current = channel == broker::Channel::main ? broker_end_ : foreign_end_;
  for (const auto& action : daemon_->take_broker_actions(channel)) {
    base::match(
        action, [&](const broker::Connect&) { connect_to_broker(channel); },
        [&](const broker::Write& write) {
          trace_.add(scheduler_.now(), "tws<", write.bytes);
          send_on_link(current, write.bytes);
        },
        [&](const broker::Close&) {
          ++attempts_[static_cast<std::size_t>(channel)];
          net_.close(current);
          current = simkit::Net::no_end;
        });
  }
}

simkit::StreamEnd World::accept_caller(simkit::Net::End end) {
  const auto id = daemon_->api().open(clock());
  const std::uint64_t life = life_;
  callers_[id] = end;
  return {.on_bytes =
              [this, life, id](std::string_view bytes) {
                if (life != life_ || !daemon_ || !callers_.contains(id)) return;
                trace_.add(scheduler_.now(), "api>", bytes);
                daemon_->api().receive(id, bytes, clock());
                pump();
              },
          .on_closed =
              [this, life, id](const std::string&) {
                if (life != life_ || !daemon_ || !callers_.contains(id)) return;
                callers_.erase(id);
                daemon_->api().closed(id);
                pump();
              }};
}

api::ServiceHooks World::api_hooks() {
  api::ServiceHooks hooks;
  hooks.send = [this](api::ConnectionId id, std::string_view bytes) {
    const auto it = callers_.find(id);
    if (it == callers_.end()) return;
    trace_.add(scheduler_.now(), "api<", bytes);
    net_.send(it->second, bytes);
  };
  hooks.finish = [this](api::ConnectionId id, bool) {
    const auto it = callers_.find(id);
    if (it == callers_.end()) return;
    net_.close(it->second);
    callers_.erase(it);
  };
  hooks.unsent = [](api::ConnectionId) { return std::size_t{0}; };
  return hooks;
}

}  // namespace belay::simulation
