// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/serve_command.hpp"

#include <fmt/format.h>
#include <sys/random.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "apps/belay/config.hpp"
#include "apps/belay/early_signals.hpp"
#include "apps/belay/host.hpp"
#include "apps/belay/resolve.hpp"
#include "apps/belay/safe_command.hpp"
#include "apps/belay/start_log.hpp"
#include "apps/belay/version.hpp"
#include "belay/history/lost_journal.hpp"
#include "belay/journal/data_dir.hpp"
#include "belay/journal/instance_lock.hpp"
#include "belay/journal/sqlite_thread_journal.hpp"

extern char** environ;

namespace belay::app {
namespace {

constexpr const char* usage =
    "usage: belay serve [--config FILE] [settings]\n\n"
    "Runs the daemon until SIGINT or SIGTERM. SIGUSR2, or a file HALT in the data directory, "
    "halts\n"
    "new risk until `belay resume`, before which the file must be removed. Every setting is a "
    "flag,\n"
    "an environment variable, a line of ./.env and a key of the file, in this order of "
    "strength:\n\n";

constexpr const char* level_names[] = {"debug", "info", "warning", "error"};

LogLevel level_of(const std::string& word) {
  for (int i = 0; i < 4; ++i) {
    if (word == level_names[i]) return static_cast<LogLevel>(i);
  }
  return LogLevel::info;
}

base::Time wall_clock() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return base::Time(std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec);
}

void log_line(LogLevel level, const std::string& text) {
  fmt::print(stderr, "{} {} {}\n", base::to_rfc3339(wall_clock()),
             level_names[static_cast<int>(level)], text);
}

int refuse(const base::Error& error) {
  fmt::print(stderr, "belay serve: {}: {}\n", error.field, error.detail);
  return 1;
}

// What the listener says of its address, by the names of the settings.
base::Error of_api(base::Error error) {
  error.field = error.field == "host" ? "API_HOST" : "API_PORT";
  return error;
}

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) std::abort();
  return bits;
}

HostOptions host_options(const Settings& settings, const std::string& broker_address) {
  HostOptions options;
  options.broker = {broker_address, settings.tws_port};
  options.api = {settings.api_host, settings.api_port};
  options.connect_timeout = settings.connection_timeout;
  auto& engine = options.daemon.engine;
  engine.version = program_version;
  engine.core.allow_live = settings.allow_live;
  engine.core.calendar = settings.calendar;
  engine.core.queue_max = settings.rate_limit_queue_size;
  engine.core.finished_kept_max = settings.finished_kept_max;
  engine.core.finished_kept = settings.finished_kept;
  engine.snapshot_every = settings.snapshot_every;
  engine.core.queue_max_urgent = settings.rate_limit_queue_size_urgent;
  engine.core.queue_max_per_caller = settings.rate_limit_queue_size_per_caller;
  engine.core.queue_timeout = settings.rate_limit_timeout;
  engine.core.open_orders_max = static_cast<std::size_t>(settings.max_orders_per_contract);
  engine.core.ids = settings.ids;
  engine.core.incidents_max = settings.incidents_max;
  auto& alerts = options.alerts;
  alerts.level = views::parse_alert_level(settings.alert_level).value_or(alerts.level);
  alerts.command = settings.alert_command;
  alerts.webhook = settings.alert_webhook;
  alerts.timeout = settings.alert_timeout;
  alerts.queue.max = settings.alert_queue_max;
  alerts.queue.attempts = settings.alert_attempts;
  engine.core.reconcile = settings.reconcile;
  auto& broker = options.daemon.broker;
  broker.rounds.settle_time = settings.settle_time;
  broker.endpoint = fmt::format("{}:{}", settings.tws_host, settings.tws_port);
  broker.failures_before_alarm = settings.reconnect_attempts;
  broker.expected_accounts = settings.expected_accounts;
  broker.allow_live = settings.allow_live;
  broker.session.client_id = settings.client_id;
  broker.session.connect_timeout = settings.connection_timeout;
  broker.session.reconnect_delay = settings.reconnect_delay;
  broker.session.message_rate_limit = static_cast<unsigned>(settings.tws_message_rate_limit);
  broker.session.cancel_reserve = settings.tws_reserve_cancel;
  broker.session.protective_reserve = settings.tws_reserve_protective;
  broker.session.reducing_reserve = settings.tws_reserve_reducing;
  broker.session.jitter_seed = random_bits();
  broker.bind_manual = settings.bind_manual;
  broker.foreign_hold = settings.foreign_hold;
  broker.foreign_queue_max = settings.foreign_queue_size;
  auto& api = options.daemon.api;
  api.version = program_version;
  api.acknowledgment_timeout = settings.order_acknowledgment_timeout;
  api.guard.hosts = settings.api_allowed_hosts;
  return options;
}

int serve_safely(const Settings& settings, const HostOptions& host, std::string reason,
                 const StartLog& starts, const HostLog& log) {
  SafeHostOptions options;
  options.broker = host.broker;
  options.api = host.api;
  options.connect_timeout = host.connect_timeout;
  options.daemon.session = host.daemon.broker.session;
  options.daemon.endpoint = host.daemon.broker.endpoint;
  options.daemon.version = program_version;
  options.daemon.reason = std::move(reason);
  options.daemon.guard.hosts = settings.api_allowed_hosts;
  const auto done =
      run_safe(options, [&](const std::string& line) { log(LogLevel::warning, line); });
  if (!done) return refuse(of_api(done.error()));
  starts.good();  // a person looked at it and stopped it: the next start is an ordinary one
  return 0;
}

// A start that lives this long has turned out well.
constexpr base::Duration healthy_after = std::chrono::seconds(30);

}  // namespace

int run_serve_command(const std::vector<std::string>& flags) {
  catch_early_signals();
  for (const auto& flag : flags) {
    if (flag == "--help" || flag == "-h") {
      fmt::print("{}{}", usage, settings_help());
      return 0;
    }
  }
  const auto settings = load_settings(flags);
  if (!settings) {
    refuse(settings.error());
    return 2;
  }
  const auto address = resolve(settings->tws_host);
  if (!address) return refuse(address.error());
  auto data = journal::DataDir::open(settings->data_dir);
  if (!data) return refuse(data.error());
  const auto instance =
      journal::InstanceLock::take(*address, settings->tws_port, settings->client_id);
  if (!instance) return refuse(instance.error());
  const LogLevel threshold = level_of(settings->log_level);
  const HostLog log = [threshold](LogLevel level, const std::string& text) {
    if (level >= threshold) log_line(level, text);
  };
  for (const std::string& name : unknown_variables(environ)) {
    log_line(LogLevel::warning,
             fmt::format("the environment variable {} is no setting of belay: ignored", name));
  }
  for (const std::string& line : settings->warnings) log_line(LogLevel::warning, line);
  HostOptions options = host_options(*settings, *address);
  const StartLog starts(data->path());
  const auto [bad_starts, not_noted] = starts.begin(wall_clock(), settings->safe_window);
  if (!not_noted.empty()) {
    log(LogLevel::warning, fmt::format("this start cannot be noted: {}; starts that end badly are "
                                       "not counted, and none leads to safe mode",
                                       not_noted));
  }
  if (settings->safe_mode) {
    return serve_safely(*settings, options, "asked for with BELAY_SAFE", starts, log);
  }
  if (settings->safe_after_starts != 0 && bad_starts >= settings->safe_after_starts) {
    return serve_safely(*settings, options,
                        fmt::format("the last {} starts ended badly", bad_starts), starts, log);
  }
  const auto refuse_journal = [&starts](const base::Error& error) {
    starts.good();  // a person has to act: there is nothing that a safe start would be for
    return refuse(error);
  };
  if (auto there = history::refuse_missing_journal(data->path()); !there) {
    return refuse_journal(there.error());
  }
  journal::SqliteSettings store;
  store.path = data->journal_path();
  auto journal = journal::SqliteThreadJournal::open(store, {});
  if (!journal) return refuse(journal.error());
  if (auto whole = history::refuse_short_journal(data->path(), (*journal)->last_seq()); !whole) {
    return refuse_journal(whole.error());
  }

  history::Worker worker;
  auto archive = history::HistoryThread::open({data->views_path(), "", false},
                                              {.queue_max = settings->history_queue}, worker);
  if (!archive) return refuse(archive.error());
  history::SnapshotFiles snapshots(data->path(), worker);

  net::Loop loop;
  options.halt_file = data->path() + "/HALT";
  options.kept_files = {store.path, store.path + "-wal", data->lock_path()};
  Host host(loop, std::move(options), **journal, log, [](const std::string& why) {
    // Whether the last batch is durable is unknown: nothing may be released any more.
    log_line(LogLevel::error, "FATAL, stopping at once: " + why);
    std::_Exit(1);
  });
  host.attach(**archive, snapshots);
  const auto stop = loop.on_termination([&](int signal) {
    log(LogLevel::info, fmt::format("signal {}: stopping", signal));
    loop.stop();
  });
  if (const auto listening = host.listen(); !listening) {
    starts.good();  // nothing is wrong with the journal
    return refuse(of_api(listening.error()));
  }
  const auto healthy = loop.after(healthy_after, [&starts] { starts.good(); });
  const auto halt = loop.on_signal(SIGUSR2, [&] { host.halt("signal SIGUSR2"); });
  if (const auto started = host.start(core::InstanceId(random_bits() & 0xffffffffffffU));
      !started) {
    return refuse(started.error());
  }
  if (halt_was_asked()) host.halt("signal SIGUSR2");
  log(LogLevel::info,
      fmt::format("belay {} serves http://{}:{} (data in {}, broker {}:{}, client id {})",
                  program_version, settings->api_host, host.api_port(), data->path(),
                  settings->tws_host, settings->tws_port, settings->client_id));
  fmt::print("belay serve: ready on http://{}:{}\n", settings->api_host, host.api_port());
  std::fflush(stdout);
  loop.run();
  host.finish();
  if (const std::size_t rows = (*archive)->finish(); rows != 0) {
    log(LogLevel::warning,
        fmt::format(
            "{} rows of archived orders could not be written to {}; the next start takes them "
            "from the journal",
            rows, data->views_path()));
  }
  starts.good();
  return 0;
}

}  // namespace belay::app
