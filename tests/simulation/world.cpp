// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/world.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "belay/base/check.hpp"

namespace belay::simulation {
namespace {
// A Monday, so that markets are open: 2026-11-23T15:00:00Z is 10:00 in New York.
constexpr base::Time start_of_story{1'795'446'000'000'000'000};
constexpr const char* data_file = "journal.db";
}  // namespace

World::World(const Plan& plan, bool verbose)
    : plan_(plan),
      verbose_(verbose),
      random_(plan.seed * 7919 + 3),
      scheduler_(start_of_story),
      net_(scheduler_, random_.next()),
      disk_(random_.next()),
      vfs_(disk_, random_.next()) {
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
}

void World::note(const std::string& line) {
  if (!verbose_) return;
  std::printf("%s %s\n", base::to_rfc3339(scheduler_.now()).c_str(), line.c_str());
}

// ---- the daemon's process ----

void World::boot() {
  ++life_;
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
  journal_ = std::make_unique<SimJournal>(
      std::move(*store), scheduler_, random_.fork(), timing, [this] { commit_began(); },
      [this] { pump(); });
  app::DaemonOptions options;
  options.engine.core.claim_wait = std::chrono::seconds(1);
  options.engine.core.reconcile.policy.absence_age = std::chrono::seconds(2);
  options.engine.core.reconcile.policy.recency_guard = std::chrono::seconds(1);
  options.engine.core.reconcile.interval = std::chrono::seconds(15);
  options.broker.rounds.settle_time = std::chrono::milliseconds(500);
  options.broker.endpoint = "tws:7497";
  options.broker.session.client_id = client_id;
  options.broker.session.reconnect_delay = std::chrono::milliseconds(300);
  options.broker.session.reconnect_delay_max = std::chrono::seconds(3);
  options.broker.session.jitter_seed = random_.next();
  options.broker.rounds.answer_timeout = std::chrono::seconds(4);
  daemon_ = std::make_unique<app::Daemon>(
      options, *journal_,
      app::DaemonHooks{.reply = [](const core::Reply&) {},
                       .fatal =
                           [this](const std::string& why) {
                             fatal_ = why;
                             down_for_good_ = true;
                           },
                       .log = [this](const std::string& line) { note("belay: " + line); },
                       .api = api_hooks()});
  if (const auto started =
          daemon_->start(core::InstanceId(random_.next() & 0xffffffffffffU), scheduler_.now());
      !started) {
    fatal_ = started.error().detail;
    down_for_good_ = true;
    return;
  }
  net_.listen("api", [this](simkit::Net::End end) { return accept_caller(end); });
  pump();
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
  daemon_->turn(scheduler_.now());
  carry_broker_actions(tws::Channel::main);
  carry_broker_actions(tws::Channel::foreign);
  pumping_ = false;
  wake_at_deadline();
}

void World::wake_at_deadline() {
  if (!daemon_ || down_for_good_) return;
  if (wake_) scheduler_.cancel(*wake_);
  wake_.reset();
  const base::Time next = daemon_->next_deadline(scheduler_.now());
  if (next == base::never) return;
  // A deadline that has come and is not served yet is looked at again a little later, as a real
  // loop's timer would.
  wake_ = scheduler_.at(std::max(next, scheduler_.now() + std::chrono::microseconds(50)),
                        [this] { wake_.reset(), pump(); });
}

void World::connect_to_broker(tws::Channel channel) {
  simkit::Net::End& current = channel == tws::Channel::main ? broker_end_ : foreign_end_;
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
                      daemon_->broker_bytes(bytes, scheduler_.now(), channel);
                      pump();
                    },
                .on_closed =
                    [this, life, mine, channel, &current](const std::string& why) {
                      if (life != life_ || !daemon_ || *mine != current) return;
                      current = simkit::Net::no_end;
                      daemon_->broker_closed(why, scheduler_.now(), channel);
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
                   daemon_->broker_closed("connection refused", scheduler_.now(), channel);
                 } else {
                   daemon_->broker_connected(scheduler_.now(), channel);
                 }
                 pump();
               });
}

void World::carry_broker_actions(tws::Channel channel) {
  simkit::Net::End& current = channel == tws::Channel::main ? broker_end_ : foreign_end_;
  for (const auto& action : daemon_->take_broker_actions(channel)) {
    if (std::holds_alternative<tws::session::Connect>(action)) {
      connect_to_broker(channel);
    } else if (const auto* write = std::get_if<tws::session::Write>(&action)) {
      trace_.add(scheduler_.now(), "tws<", write->bytes);
      net_.send(current, write->bytes);
      message_sent(current);
    } else if (std::holds_alternative<tws::session::Close>(action)) {
      ++attempts_[static_cast<std::size_t>(channel)];
      net_.close(current);
      current = simkit::Net::no_end;
    }
  }
}

simkit::StreamEnd World::accept_caller(simkit::Net::End end) {
  const auto id = daemon_->api().open(scheduler_.now());
  const std::uint64_t life = life_;
  if (!id) {
    scheduler_.after(base::Duration(0), [this, end] { net_.close(end); });
    return {.on_bytes = [](std::string_view) {}, .on_closed = [](const std::string&) {}};
  }
  callers_[*id] = end;
  return {.on_bytes =
              [this, life, id = *id](std::string_view bytes) {
                if (life != life_ || !daemon_ || !callers_.contains(id)) return;
                trace_.add(scheduler_.now(), "api>", bytes);
                daemon_->api().receive(id, bytes, scheduler_.now());
                pump();
              },
          .on_closed =
              [this, life, id = *id](const std::string&) {
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

// ---- the story ----

void World::schedule_faults() {
  base::Prng faults = random_.fork();
  const base::Duration span = plan_.busy + std::chrono::seconds(2);
  const auto moment = [&] {
    return std::chrono::milliseconds(300) + base::Duration(faults.between(0, span.count()));
  };
  // Two draws in two statements: compilers differ in the order of a call's arguments.
  const auto at_some_moment = [&](std::function<void(base::Prng&)> work) {
    base::Prng own = faults.fork();
    scheduler_.after(moment(), [own, work = std::move(work)]() mutable { work(own); });
  };
  for (int i = 0; i < plan_.crashes; ++i) {
    const base::Duration dead = std::chrono::milliseconds(faults.between(1, 3000));
    scheduler_.after(moment(), [this, dead] { crash_and_return(dead); });
  }
  for (int i = 0; i < plan_.broker_cuts; ++i) {
    scheduler_.after(moment(), [this] {
      if (broker_end_ == simkit::Net::no_end) return;
      note("the link to TWS is cut");
      net_.cut(broker_end_);
    });
  }
  for (int i = 0; i < plan_.broker_stalls; ++i) {
    const auto quiet = std::chrono::milliseconds(faults.between(50, 4000));
    scheduler_.after(moment(), [this, quiet] {
      if (broker_end_ != simkit::Net::no_end) net_.stall(broker_end_, scheduler_.now() + quiet);
    });
  }
  if (plan_.id_rollback) {
    scheduler_.after(moment(), [this] {
      note("the broker forgets ids");
      tws_->set_next_valid_id(client_id, 1);
      if (broker_end_ != simkit::Net::no_end) net_.cut(broker_end_);
    });
  }
  for (int i = 0; i < (plan_.unlisted_percent > 0 ? 4 : 0); ++i) {
    at_some_moment([this](base::Prng& random) { say_something_unheard_of(random); });
  }
  for (int i = 0; i < (plan_.corrections ? 4 : 0); ++i) {
    at_some_moment([this](base::Prng& random) { correct_an_execution(random); });
  }
  for (int i = 0; i < (plan_.late_fills ? 6 : 0); ++i) {
    at_some_moment([this](base::Prng& random) { fill_a_canceled_order(random); });
  }
  for (int i = 0; i < plan_.api_cuts; ++i) {
    const auto victim = static_cast<std::size_t>(faults.below(bots_.size()));
    scheduler_.after(moment(), [this, victim] {
      const simkit::Net::End end = bots_[victim]->connection();
      if (end != simkit::Net::no_end) net_.cut(end);
    });
  }
}

void World::crash_and_return(base::Duration dead) {
  if (!daemon_ || down_for_good_) return;
  crash();
  scheduler_.after(dead, [this] { boot(); });
}

void World::commit_began() {
  if (++commits_ != plan_.crash_at_commit) return;
  scheduler_.after(plan_.crash_delay, [this] { crash_and_return(std::chrono::milliseconds(40)); });
}

// The message is on its way when the cable is pulled: all, a part or nothing of it arrives.
void World::message_sent(simkit::Net::End end) {
  if (++messages_ == plan_.cut_at_message) net_.cut(end);
}

bool World::bots_done() const {
  for (const auto& bot : bots_) {
    if (!bot->done()) return false;
  }
  return true;
}

// Lets virtual time pass until the bots are done and the daemon is ready, then a little more.
void World::settle(base::Duration limit) {
  const base::Time end = scheduler_.now() + limit;
  while (scheduler_.now() < end && !down_for_good_) {
    const bool ready = daemon_ && daemon_->engine().core().ready() && bots_done() &&
                       daemon_->engine().core().queued() == 0;
    if (ready) break;
    scheduler_.run_until(scheduler_.now() + std::chrono::milliseconds(100));
  }
  scheduler_.run_until(scheduler_.now() + std::chrono::seconds(8));
}

// Asks the API as a caller would, page by page, and joins the pages to one JSON array.
std::string World::fetch_orders() {
  std::string all = "[";
  std::string path = "/api/v1/orders?limit=100";
  HttpCaller caller(scheduler_, net_, std::chrono::seconds(5));
  for (int page = 0; page < 100 && !path.empty(); ++page) {
    std::optional<Answer> got;
    caller.call("GET", path, {}, "", [&](const Answer& answer) { got = answer; });
    while (!got && scheduler_.step()) {
    }
    if (!got || got->lost || got->status != 200) return "null";
    std::string next;
    const std::string items = array_member(got->body, "orders", next);
    if (items.size() > 2) all += (all.size() > 1 ? "," : "") + items.substr(1, items.size() - 2);
    path = next.empty() ? "" : "/api/v1/orders?limit=100&page_token=" + next;
  }
  return all + "]";
}

void World::dump_log(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return;
  for (const auto& line : broker_log_) std::fprintf(file, "%s\n", line.c_str());
  std::fclose(file);
}

Outcome World::run() {
  boot();
  schedule_faults();
  // The faulty part: until the last possible fault has happened.
  scheduler_.run_until(scheduler_.now() + plan_.busy + std::chrono::seconds(6));
  if (!daemon_ && !down_for_good_) boot();
  settle(std::chrono::seconds(120));

  Evidence evidence;
  Outcome outcome;
  if (down_for_good_) outcome.findings.push_back("the daemon stopped: " + fatal_);
  if (!bots_done()) outcome.findings.push_back("a bot never got its answers");
  for (const auto& bot : bots_) {
    evidence.records.insert(evidence.records.end(), bot->records().begin(), bot->records().end());
    evidence.complaints.insert(evidence.complaints.end(), bot->complaints().begin(),
                               bot->complaints().end());
  }
  if (daemon_ && !down_for_good_) {
    evidence.orders = fetch_orders();
    evidence.log_at_end = broker_log_.size();
    // One more death, of the worst kind, and back: nothing that was seen may be different.
    plan_.power_loss = true;
    crash();
    scheduler_.run_until(scheduler_.now() + std::chrono::seconds(1));
    boot();
    settle(std::chrono::seconds(60));
    if (daemon_ && !down_for_good_) {
      evidence.orders_after_restart = fetch_orders();
      const core::Book& book = daemon_->view().book();
      outcome.orders = book.orders_total();
      for (const auto& [id, order] : book.in_memory()) {
        outcome.executions += order.executions.size();
        if (order.unknown) ++outcome.unknown;
      }
    } else {
      outcome.findings.push_back("the daemon does not come back: " + fatal_);
    }
  }
  evidence.broker_log = broker_log_;
  if (verbose_) dump_log("simulation-broker.jsonl");
  evidence.storm = plan_.storm;
  const auto judged = judge(evidence);
  outcome.findings.insert(outcome.findings.end(), judged.begin(), judged.end());
  outcome.trace_hash = trace_.hash();
  outcome.trace_entries = trace_.entries();
  outcome.crashes = crashes_;
  outcome.commits = commits_;
  outcome.messages = messages_;
  outcome.virtual_time = scheduler_.now() - start_of_story;
  return outcome;
}

}  // namespace belay::simulation
