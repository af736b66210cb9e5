// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/serve_command.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "apps/belay/config.hpp"
#include "apps/belay/descriptors.hpp"
#include "apps/belay/early_signals.hpp"
#include "apps/belay/host.hpp"
#include "apps/belay/journal_source.hpp"
#include "apps/belay/log.hpp"
#include "apps/belay/resolve.hpp"
#include "apps/belay/safe_command.hpp"
#include "apps/belay/settings_table.hpp"
#include "apps/belay/start_log.hpp"
#include "apps/belay/tell.hpp"
#include "apps/belay/version.hpp"
#include "belay/base/line_text.hpp"
#include "belay/history/lost_journal.hpp"
#include "belay/journal/data_dir.hpp"
#include "belay/journal/instance_lock.hpp"
#include "belay/journal/sqlite_thread_journal.hpp"
#include "belay/tws/tws_broker.hpp"

extern char** environ;

namespace belay::app {
namespace {

constexpr const char* serve_usage =
    "usage: belay serve [--config FILE] [settings]\n\n"
    "Runs the daemon until SIGINT, SIGTERM or SIGQUIT. SIGUSR2, or a file HALT in the data "
    "directory,\n"
    "halts new risk until `belay resume`, before which the file must be removed. SIGHUP opens the\n"
    "log's file again and reads LOG_LEVEL again. Every setting is a flag, an environment "
    "variable,\n"
    "a line of ./.env and a key of the file, in this order of strength:\n\n";

int refuse(const base::Error& error) {
  tell(STDERR_FILENO, fmt::format("belay serve: {}: {}\n", error.field,
                                  base::line_text(error.detail, Log::line_max)));
  return 1;
}

// What the listener says of its address, by the names of the settings.
base::Error of_api(base::Error error) {
  error.field = error.field == "host" ? "API_HOST" : "API_PORT";
  return error;
}

// Whether the API can have its address; it is given back at once.
base::Status<> try_address(const net::Endpoint& at) {
  net::Loop loop;
  const auto listener = net::TcpListener::listen(loop, at, [](net::TcpStream) {});
  if (!listener) return base::Failure<base::Error>{listener.error()};
  return base::ok();
}

std::uint64_t random_bits() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) std::abort();
  return bits;
}

tws::TwsBrokerOptions broker_options(const Settings& settings) {
  tws::TwsBrokerOptions broker;
  broker.rounds.settle_time = settings.settle_time;
  broker.endpoint = host_and_port(settings.tws_host, settings.tws_port);
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
  return broker;
}

HostOptions host_options(const Settings& settings, const tws::TwsBrokerOptions& broker,
                         const std::string& broker_address, const std::string& api_address) {
  HostOptions options;
  options.broker = {broker_address, settings.tws_port};
  options.api = {api_address, settings.api_port};
  options.descriptor_limit = raise_descriptor_limit();
  auto& callers = options.daemon.api.callers;
  callers.connections_max = callers_below(options.descriptor_limit, settings.api_connections_max);
  callers.buffers_max = settings.api_buffers_max;
  callers.stall_max = settings.api_stall_timeout;
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
  options.daemon.make_broker = tws::maker(broker);
  auto& api = options.daemon.api;
  api.version = program_version;
  api.acknowledgment_timeout = settings.order_acknowledgment_timeout;
  api.guard.hosts = settings.api_allowed_hosts;
  api.id_budget = {settings.id_reserve_per_hour, settings.id_reserve_per_day};
  return options;
}

base::Result<std::unique_ptr<Log>> open_log(const Settings& settings) {
  LogWriter::Options options;
  options.path = settings.log_file;
  auto writer = LogWriter::open(options);
  if (!writer) {
    return base::fail("BELAY_LOG_FILE",
                      fmt::format("{}: {}", writer.error().field, writer.error().detail));
  }
  return std::make_unique<Log>(std::move(*writer), settings.log_level);
}

// What of the settings has changed and is not in force.
std::string kept_words(const Settings& running, const Settings& read) {
  std::string names;
  for (const std::string& key : changed_keys(running, read)) {
    if (key != "LOG_LEVEL" && key != "DEBUG") names += (names.empty() ? "" : ", ") + key;
  }
  return names.empty() ? "no other setting has changed"
                       : fmt::format("{} changed too: a restart is needed for it", names);
}

// SIGHUP: what can change while orders work.
void reload(const std::vector<std::string>& flags, const Settings& running, Log& log) {
  if (const auto opened = log.reopen(); !opened) {
    log(LogLevel::warning, fmt::format("signal SIGHUP: the log's file {} cannot be opened, the old "
                                       "one is written to: {}",
                                       opened.error().field, opened.error().detail));
  }
  const auto settings = load_settings(flags);
  if (!settings) {
    log(LogLevel::warning, fmt::format("signal SIGHUP: the settings are left as they are: {}: {}",
                                       settings.error().field, settings.error().detail));
    return;
  }
  log.set_threshold(settings->log_level);
  log(LogLevel::info,
      fmt::format("signal SIGHUP: the log's file is opened again, LOG_LEVEL is {}; {}",
                  settings->log_level, kept_words(running, *settings)));
}

// What a start has before it is known which of the two it is.
struct Start {
  const std::vector<std::string>& flags;
  const Settings& settings;
  journal::DataDir& data;
  tws::TwsBrokerOptions broker;  // for safe mode
  HostOptions host;
  StartLog& starts;
  Log& log;
};

int serve_safely(Start& start, std::string reason) {
  SafeHostOptions options;
  options.broker = start.host.broker;
  options.api = start.host.api;
  options.connect_timeout = start.host.connect_timeout;
  options.daemon.session = start.broker.session;
  options.daemon.endpoint = start.broker.endpoint;
  options.daemon.version = program_version;
  options.daemon.reason = std::move(reason);
  options.daemon.guard.hosts = start.settings.api_allowed_hosts;
  options.daemon.callers = start.host.daemon.api.callers;
  options.on_hangup = [&start] { reload(start.flags, start.settings, start.log); };
  options.every_second = [&start] { start.log.tell_counted(); };
  const auto done =
      run_safe(options, [&](const std::string& line) { start.log(LogLevel::warning, line); });
  start.log.flush();
  if (!done) return refuse(of_api(done.error()));
  start.starts.good();  // a person looked at it and stopped it: the next start is an ordinary one
  return 0;
}

// A start that lives this long has turned out well.
constexpr base::Duration healthy_after = std::chrono::seconds(30);

int run(Start& start, journal::SqliteThreadJournal& journal, history::HistoryThread& archive,
        history::SnapshotFiles& snapshots) {
  const Settings& settings = start.settings;
  Log& log = start.log;
  const std::string& directory = start.data.path();
  net::Loop loop;
  start.host.halt_file = directory + "/HALT";
  const std::string database = start.data.journal_path();
  start.host.kept_files = {database, database + "-wal", start.data.lock_path()};
  Host host(loop, std::move(start.host), journal, log, [&log](const std::string& why) {
    // Whether the last batch is durable is unknown: nothing may be released any more.
    log(LogLevel::error, "FATAL, stopping at once: " + why);
    log.flush();
    std::_Exit(1);
  });
  host.attach(archive, snapshots);
  const auto stop = loop.on_termination([&](int signal) {
    log(LogLevel::info, fmt::format("signal {}: stopping", signal));
    loop.stop();
  });
  if (const auto listening = host.listen(); !listening) {
    start.starts.good();  // nothing is wrong with the journal
    return refuse(of_api(listening.error()));
  }
  const auto healthy = loop.after(healthy_after, [&start] { start.starts.good(); });
  const auto halt = loop.on_signal(SIGUSR2, [&] { host.halt("signal SIGUSR2"); });
  const auto hangup = loop.on_signal(SIGHUP, [&] { reload(start.flags, settings, log); });
  if (const auto started = host.start(core::InstanceId(random_bits() & 0xffffffffffffU));
      !started) {
    start.starts.bad(started.error().field + ": " + started.error().detail);
    return refuse(started.error());
  }
  if (halt_was_asked()) host.halt("signal SIGUSR2");
  const std::string api = host_and_port(settings.api_host, host.api_port());
  const std::string broker = host_and_port(settings.tws_host, settings.tws_port);
  log(LogLevel::info, fmt::format("belay {} serves http://{} (data in {}, broker {}, client id {})",
                                  program_version, api, directory, broker, settings.client_id));
  // It is the API that is ready. Orders are taken once the broker's lists were read.
  tell(STDOUT_FILENO,
       fmt::format("belay serve: ready on http://{}; the broker at {} is being connected to, and "
                   "/health says when orders are taken\n",
                   api, broker));
  loop.run();
  host.finish();
  if (const std::size_t rows = archive.finish(); rows != 0) {
    log(LogLevel::warning,
        fmt::format(
            "{} rows of archived orders could not be written to {}; the next start takes them "
            "from the journal",
            rows, start.data.views_path()));
  }
  start.starts.good();
  log.flush();
  return 0;
}

int serve_ordinarily(Start& start) {
  const auto refuse_journal = [&start](const base::Error& error) {
    start.starts.good();  // a person has to act: there is nothing that a safe start would be for
    return refuse(error);
  };
  const std::string& directory = start.data.path();
  if (auto there = history::refuse_missing_journal(directory); !there) {
    return refuse_journal(there.error());
  }
  journal::SqliteSettings store;
  store.path = start.data.journal_path();
  auto journal = journal::SqliteThreadJournal::open(store, {});
  if (!journal) {
    start.starts.bad(journal.error().field + ": " + journal.error().detail);
    return refuse(journal.error());
  }
  if (auto whole = history::refuse_short_journal(directory, (*journal)->last_seq()); !whole) {
    return refuse_journal(whole.error());
  }
  history::Worker worker;
  history::HistoryThread::Options history;
  history.queue_max = start.settings.history_queue;
  history.source = [path = store.path] { return JournalSource::open(path); };
  auto archive =
      history::HistoryThread::open({start.data.views_path(), "", false}, history, worker);
  if (!archive) return refuse(archive.error());
  history::SnapshotFiles snapshots(directory, worker);
  return run(start, **journal, **archive, snapshots);
}

bool asks_for_help(const std::vector<std::string>& flags) {
  return std::any_of(flags.begin(), flags.end(),
                     [](const std::string& flag) { return flag == "--help" || flag == "-h"; });
}

}  // namespace

int run_serve_command(const std::vector<std::string>& flags) {
  // Long answers are given back to the system when they are sent, however many there were.
  ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
  catch_early_signals();
  if (asks_for_help(flags)) {
    tell(STDOUT_FILENO, fmt::format("{}{}", serve_usage, settings_help()));
    return 0;
  }
  const auto settings = load_settings(flags);
  if (!settings) {
    refuse(settings.error());
    return 2;
  }
  const auto address = resolve(settings->tws_host);
  if (!address) return refuse(address.error());
  const auto api_address = resolve_api_host(settings->api_host);
  if (!api_address) return refuse(api_address.error());
  // A start that fails at once leaves no directory behind that was not there.
  std::error_code none;
  const bool made = !std::filesystem::exists(settings->data_dir, none);
  if (made) {
    if (const auto free = try_address({*api_address, settings->api_port}); !free) {
      return refuse(of_api(free.error()));
    }
  }
  auto data = journal::DataDir::open(settings->data_dir);
  if (!data) return refuse(data.error());
  const auto refuse_start = [&](const base::Error& error) {
    if (made) std::filesystem::remove(data->lock_path(), none);
    if (made) std::filesystem::remove(data->path(), none);  // only when nothing else is in it
    return refuse(error);
  };
  const auto instance =
      journal::InstanceLock::take(*address, settings->tws_port, settings->client_id);
  if (!instance) return refuse_start(instance.error());
  const auto opened = open_log(*settings);
  if (!opened) return refuse_start(opened.error());
  Log& log = **opened;
  for (const std::string& name : unknown_variables(environ)) {
    if (!nearest_setting(name)) log(LogLevel::warning, unknown_variable_text(name));
  }
  for (const std::string& line : settings->warnings) log(LogLevel::warning, line);
  if (!instance->taken_by().empty()) {
    log(LogLevel::warning,
        fmt::format("{} has the name that keeps two daemons of one user from using client id {}: "
                    "they are not kept from it now, but by the broker (326)",
                    instance->taken_by(), settings->client_id));
  }
  StartLog starts(data->path());
  const auto [bad_starts, last_words, cannot_note] =
      starts.begin(wall_clock(), settings->safe_window);
  if (!cannot_note.empty()) {
    log(LogLevel::warning, fmt::format("the end of this start cannot be noted: {}; starts that end "
                                       "badly are not counted, and none leads to safe mode",
                                       cannot_note));
  }
  tws::TwsBrokerOptions broker = broker_options(*settings);
  HostOptions host = host_options(*settings, broker, *address, *api_address);
  Start start{flags, *settings, *data, std::move(broker), std::move(host), starts, log};
  log(LogLevel::info,
      fmt::format("callers have at most {} connections (the descriptor limit is {})",
                  start.host.daemon.api.callers.connections_max, start.host.descriptor_limit));
  if (settings->safe_mode) return serve_safely(start, "asked for with BELAY_SAFE");
  if (settings->safe_after_starts != 0 && bad_starts >= settings->safe_after_starts) {
    return serve_safely(start,
                        fmt::format("the last {} starts ended badly{}{}", bad_starts,
                                    last_words.empty() ? "" : ", the latest with: ", last_words));
  }
  return serve_ordinarily(start);
}

}  // namespace belay::app
