// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/host.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <limits>
#include <thread>

#include "apps/belay/alert_command.hpp"
#include "apps/belay/alert_webhook.hpp"
#include "belay/base/match.hpp"

namespace belay::app {
namespace {

// The kernel keeps twice of it for a caller who does not read; the rest is ours to count.
constexpr int caller_send_buffer = 128 * 1024;

constexpr std::size_t ending_max = 16;

DaemonOptions in_pieces(DaemonOptions options) {
  options.api.in_pieces = true;
  return options;
}

}  // namespace

Host::Host(net::Loop& loop, HostOptions options, journal::SqliteThreadJournal& journal, Log& log,
           std::function<void(const std::string&)> fatal)
    : loop_(loop),
      options_(std::move(options)),
      journal_(journal),
      log_(log),
      fatal_(std::move(fatal)),
      kept_files_(options_.kept_files),
      daemon_(
          in_pieces(options_.daemon), journal_,
          DaemonHooks{
              .reply = [](const core::Reply&) {},
              .fatal = [this](const std::string& why) { fatal_(why); },
              .log = [this](const std::string& line) { log_(LogLevel::info, line); },
              .api = api_hooks(),
              .debug = [this](const std::string& line) { log_(LogLevel::debug, line); },
              .warn = [this](const std::string& line) { log_(LogLevel::warning, line); },
              .alert = [this](const views::Alert& alert) { alerts_.raise(alert); },
              .order_line =
                  [this](const std::string& line) { log_(LogLevel::info, line, LineKind::order); },
              .machine_ahead = [this] { return loop_.wall_clock_ahead(); }}) {
  add_alert_sinks();
}

Host::~Host() = default;

base::Status<> Host::listen() {
  auto listener = net::TcpListener::listen(
      loop_, options_.api, [this](net::TcpStream stream) { accept(std::move(stream)); });
  if (!listener) return base::Failure<base::Error>{listener.error()};
  listener_ = std::move(*listener);
  return base::ok();
}

base::Status<> Host::start(core::InstanceId instance) {
  journal_watch_ = loop_.watch_fd(journal_.notify_fd(), [this] {
    std::uint64_t count = 0;
    // The descriptor only wakes the loop; the answer itself comes by Journal::poll in turn().
    [[maybe_unused]] const auto got = ::read(journal_.notify_fd(), &count, sizeof count);
  });
  if (history_ != nullptr) {
    // Answers are taken by History::poll in turn(), which also reads the descriptor empty.
    history_watch_ = loop_.watch_fd(history_->notify_fd(), [] {});
  }
  loop_.on_turn([this] { turn(); });
  loop_.on_spare([this] { return daemon_.work(loop_.now()); });
  watch_disk();
  auto started = daemon_.start(instance, loop_.now());
  if (!started) return started;
  started_ = true;
  watch_disk();
  watch_directory();
  turn();
  return base::ok();
}

void Host::attach(history::HistoryThread& history, history::SnapshotFiles& snapshots) {
  history_ = &history;
  daemon_.attach(history);
  daemon_.attach(snapshots);
}

void Host::finish() {
  constexpr int tries_max = 2'000;
  for (int i = 0; i < tries_max && !daemon_.engine().dead(); ++i) {
    daemon_.engine().turn(loop_.now());
    if (daemon_.engine().quiet()) return daemon_.engine().save_snapshot();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Host::halt(const std::string& reason) {
  if (daemon_.engine().gate_closed()) return;
  log_(LogLevel::warning, "halting new risk: " + reason);
  daemon_.submit(core::Halt{0, "operator", reason}, loop_.now());
}

bool Host::halt_file_is_there() const {
  return !options_.halt_file.empty() && ::access(options_.halt_file.c_str(), F_OK) == 0;
}

void Host::watch_directory() {
  if (const std::string lost = kept_files_.lost(); !lost.empty()) {
    return fatal_("nothing more could be kept: " + lost +
                  " was removed, moved away or replaced, and is not the file that is written to");
  }
  // Needs neither the API nor a working client: `touch HALT` is enough. The file is not removed by
  // us, so new risk stays halted for as long as it is there.
  if (halt_file_is_there()) halt("the file " + options_.halt_file);
  if (history_ != nullptr) {
    for (const auto& news : history_->take_news()) log_(LogLevel::warning, news);
  }
  log_.tell_counted();
  watch_clock();
  directory_timer_ = loop_.after(std::chrono::seconds(1), [this] { watch_directory(); });
}

// A clock that was behind and has been set is followed, when the broker's clock agrees with it:
// what a glitch says is not. One that was ahead cannot be: times of facts do not go back. Only the
// dates follow it then, by the core, when the broker's clock agrees.
// While something is timed a leap waits: a wait is as long as it takes, whatever the clock is set
// to.
void Host::watch_clock() {
  const auto& core = daemon_.engine().core();
  const base::Duration allowed = core.options().reconcile.policy.clock_difference_max;
  const auto apart = [&](base::Duration a, base::Duration b) {
    return std::max(a - b, b - a) > allowed;
  };
  const base::Duration ahead = loop_.wall_clock_ahead();
  if (apart(ahead, machine_ahead_)) daemon_.ask_broker_clock(loop_.now());  // it was set
  machine_ahead_ = ahead;
  if (apart(core.ahead(), dates_ahead_) && core.ahead() > allowed) {
    log_(LogLevel::warning,
         fmt::format("this machine's clock and the broker's agree; our time is {} s ahead of them "
                     "and does not go back: dates follow the clocks, stamps stay ahead until the "
                     "next start",
                     core.ahead() / std::chrono::seconds(1)));
  }
  dates_ahead_ = core.ahead();
  if (!core.reconcile_stats().clock_ahead || ahead <= allowed) return;
  const base::Duration broker_ahead = *core.reconcile_stats().clock_ahead - core.ahead();
  if (broker_ahead <= allowed || apart(ahead, broker_ahead)) return;
  if (!daemon_.broker().time_may_leap(loop_.now())) return;
  log_(LogLevel::warning,
       "the clock of this machine was set forward, and the broker's agrees: "
       "following it");
  loop_.follow_wall_clock();
  machine_ahead_ = loop_.wall_clock_ahead();
  daemon_.ask_broker_clock(loop_.now());
}

void Host::add_alert_sinks() {
  const auto& to = options_.alerts;
  const auto complain = [this](const std::string& line) { log_(LogLevel::warning, line); };
  alerts_.add(std::make_unique<LogSink>([this](views::AlertLevel level, const std::string& line) {
                log_(level == views::AlertLevel::info ? LogLevel::info : LogLevel::warning, line);
              }),
              views::AlertLevel::info);
  if (!to.command.empty()) {
    AlertQueueOptions queue = to.queue;
    queue.parallel = 2;
    alerts_.add(std::make_unique<CommandSink>(
                    loop_, CommandSink::Options{to.command, queue, to.timeout}, complain),
                to.level);
  }
  if (to.webhook.empty()) return;
  if (const auto url = parse_http_url(to.webhook)) {
    alerts_.add(std::make_unique<WebhookSink>(
                    loop_, WebhookSink::Options{*url, to.queue, to.timeout}, complain),
                to.level);
  }
}

// New risk stops while there is still room to record cancels and fills.
void Host::watch_disk() {
  if (const auto room = journal_.disk_room()) {
    const journal::RoomLimits& limits = journal_.room_limits();
    const std::string why = fmt::format(
        "the disk is nearly full: {} MiB are free; below {} MiB no new risk is taken, and above {} "
        "MiB it is again",
        room->free_bytes >> 20U, limits.refuse_new_below >> 20U, limits.accept_again_above >> 20U);
    daemon_.engine().refuse_new(room->refuse_new ? why : "");
    free_bytes_ = room->free_bytes;
    if (started_ && std::exchange(disk_told_, room->refuse_new) != room->refuse_new) {
      core::Alarm alarm{"disk_nearly_full", why, "disk_nearly_full"};
      alarm.over = !room->refuse_new;
      if (alarm.over) alarm.text = fmt::format("{} MiB are free", room->free_bytes >> 20U);
      daemon_.submit(alarm, loop_.now());
    }
  }
  disk_timer_ = loop_.after(std::chrono::seconds(1), [this] { watch_disk(); });
}

std::string Host::limit_metrics() const {
  std::string text = fmt::format(
      "# HELP belay_descriptor_limit How many descriptors the process may have open.\n"
      "# TYPE belay_descriptor_limit gauge\n"
      "belay_descriptor_limit {}\n",
      options_.descriptor_limit);
  if (!free_bytes_) return text;
  return text +
         fmt::format(
             "# HELP belay_disk_free_bytes What may still be written where the journal is.\n"
             "# TYPE belay_disk_free_bytes gauge\n"
             "belay_disk_free_bytes {}\n"
             "# HELP belay_disk_refuse_below_bytes With less free than this no new risk is taken.\n"
             "# TYPE belay_disk_refuse_below_bytes gauge\n"
             "belay_disk_refuse_below_bytes {}\n",
             *free_bytes_, journal_.room_limits().refuse_new_below);
}

void Host::turn() {
  daemon_.turn(loop_.now());
  for (const broker::Channel channel : broker::all_channels) carry_broker_actions(channel);
  arm();
}

// One timer, for the earliest deadline; moved only when the deadline comes earlier or has passed.
void Host::arm() {
  const base::Time next = daemon_.next_deadline(loop_.now());
  if (next == armed_for_ && timer_.active()) return;
  armed_for_ = next;
  if (next == base::never) return timer_.cancel();
  timer_ = loop_.at(next, [this] {
    armed_for_ = base::never;
    timer_.cancel();
  });
}

net::TcpStream Host::connect_to_broker(broker::Channel channel) {
  return net::TcpStream::connect(
      loop_, {.to = options_.broker, .timeout = options_.connect_timeout},
      {.on_connected = [this, channel] { daemon_.broker_connected(loop_.now(), channel); },
       .on_bytes =
           [this, channel](std::string_view bytes) {
             daemon_.broker_bytes(bytes, loop_.now(), channel);
           },
       .on_closed =
           [this, channel](const std::string& why) {
             daemon_.broker_closed(why, loop_.now(), channel);
           },
       .on_drained = {}});
}

void Host::carry_broker_actions(broker::Channel channel) {
  net::TcpStream& stream = broker_[broker::index(channel)];
  for (const auto& action : daemon_.take_broker_actions(channel)) {
    base::match(
        action, [&](const broker::Write& write) { stream.write(write.bytes); },
        [&](const broker::Connect&) { stream = connect_to_broker(channel); },
        [&](const broker::Close&) { stream.close(); });
  }
}

void Host::accept(net::TcpStream stream) {
  const api::ConnectionId id = daemon_.api().open(loop_.now());
  Caller& caller = callers_[id];
  caller.stream = std::move(stream);
  caller.stream.limit_send_buffer(caller_send_buffer);
  // What a caller leaves unread is bounded by the service, which knows all of them.
  caller.stream.start(
      {.on_connected = {},
       .on_bytes = [this,
                    id](std::string_view bytes) { daemon_.api().receive(id, bytes, loop_.now()); },
       .on_closed =
           [this, id](const std::string&) {
             daemon_.api().closed(id);
             callers_.erase(id);
           },
       .on_drained = [this, id] { daemon_.api().drained(id, loop_.now()); },
       .on_end = [this, id] { daemon_.api().input_ended(id, loop_.now()); }},
      std::numeric_limits<std::size_t>::max() / 2);
}

api::ServiceHooks Host::api_hooks() {
  api::ServiceHooks hooks;
  hooks.send = [this](api::ConnectionId id, std::string_view bytes) {
    if (const auto it = callers_.find(id); it != callers_.end()) it->second.stream.write(bytes);
  };
  hooks.send_pieces = [this](api::ConnectionId id, const std::vector<api::SharedText>& pieces) {
    if (const auto it = callers_.find(id); it != callers_.end()) it->second.stream.write(pieces);
  };
  hooks.finish = [this](api::ConnectionId id, bool cut) {
    const auto it = callers_.find(id);
    if (it == callers_.end()) return;
    net::TcpStream stream = std::move(it->second.stream);
    callers_.erase(it);
    if (cut) return stream.close();
    stream.close_when_sent();
    if (!stream.is_open()) return;
    // They hold descriptors that the broker may need: who does not end its side soon is cut.
    ending_.push_back(std::move(stream));
    if (ending_.size() <= ending_max) return;
    ending_.front().close();
    ending_.pop_front();
  };
  hooks.unsent = [this](api::ConnectionId id) {
    const auto it = callers_.find(id);
    return it == callers_.end() ? std::size_t{0} : it->second.stream.queued();
  };
  hooks.reading = [this](api::ConnectionId id, bool wanted) {
    if (const auto it = callers_.find(id); it != callers_.end()) it->second.stream.pause(!wanted);
  };
  hooks.warn = [this](const std::string& line) { log_(LogLevel::warning, line); };
  hooks.record = [this](const std::string& line) { log_(LogLevel::info, line); };
  hooks.more_metrics = [this] { return alerts_.metrics() + limit_metrics() + log_.metrics(); };
  hooks.halt_file = [this] { return halt_file_is_there() ? options_.halt_file : std::string(); };
  return hooks;
}

}  // namespace belay::app
