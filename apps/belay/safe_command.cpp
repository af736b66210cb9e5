// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/safe_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <limits>
#include <map>
#include <utility>

#include "apps/belay/config.hpp"
#include "apps/belay/early_signals.hpp"
#include "apps/belay/tell.hpp"
#include "belay/base/match.hpp"
#include "belay/net/loop.hpp"

namespace belay::app {
namespace {

class SafeHost {
 public:
  SafeHost(net::Loop& loop, const SafeHostOptions& options,
           const std::function<void(const std::string&)>& log)
      : loop_(loop), options_(options), log_(log), daemon_(options.daemon, hooks(), log) {}

  base::Status<> start() {
    auto listener = net::TcpListener::listen(
        loop_, options_.api, [this](net::TcpStream stream) { accept(std::move(stream)); });
    if (!listener) return base::Failure<base::Error>{listener.error()};
    listener_ = std::move(*listener);
    loop_.on_turn([this] { turn(); });
    daemon_.start(loop_.now());
    turn();
    return base::ok();
  }
  std::uint16_t port() const { return listener_ ? listener_->port() : 0; }

 private:
  void turn() {
    daemon_.turn(loop_.now());
    for (const auto& action : daemon_.take_broker_actions()) {
      base::match(
          action, [&](const broker::Write& write) { broker_.write(write.bytes); },
          [&](const broker::Connect&) { connect(); },
          [&](const broker::Close&) { broker_.close(); });
    }
    const base::Time next = daemon_.next_deadline(loop_.now());
    if (next == base::never) return timer_.cancel();
    timer_ = loop_.at(next, [this] { timer_.cancel(); });
  }

  void connect() {
    broker_ = net::TcpStream::connect(
        loop_, {.to = options_.broker, .timeout = options_.connect_timeout},
        {.on_connected = [this] { daemon_.broker_connected(loop_.now()); },
         .on_bytes = [this](std::string_view bytes) { daemon_.broker_bytes(bytes, loop_.now()); },
         .on_closed = [this](const std::string& why) { daemon_.broker_closed(why, loop_.now()); },
         .on_drained = {}});
  }

  void accept(net::TcpStream stream) {
    const api::ConnectionId id = daemon_.open(loop_.now());
    net::TcpStream& kept = callers_[id];
    kept = std::move(stream);
    kept.start({.on_connected = {},
                .on_bytes =
                    [this, id](std::string_view bytes) { daemon_.receive(id, bytes, loop_.now()); },
                .on_closed =
                    [this, id](const std::string&) {
                      daemon_.closed(id);
                      callers_.erase(id);
                    },
                .on_drained = [this, id] { daemon_.drained(id, loop_.now()); },
                .on_end = [this, id] { daemon_.input_ended(id, loop_.now()); }},
               std::numeric_limits<std::size_t>::max() / 2);
  }

  api::ServiceHooks hooks() {
    api::ServiceHooks out;
    out.send = [this](api::ConnectionId id, std::string_view bytes) {
      if (const auto it = callers_.find(id); it != callers_.end()) it->second.write(bytes);
    };
    out.finish = [this](api::ConnectionId id, bool cut) {
      const auto it = callers_.find(id);
      if (it == callers_.end()) return;
      cut ? it->second.close() : it->second.close_when_sent();
      callers_.erase(it);
    };
    out.unsent = [this](api::ConnectionId id) {
      const auto it = callers_.find(id);
      return it == callers_.end() ? std::size_t{0} : it->second.queued();
    };
    out.reading = [this](api::ConnectionId id, bool wanted) {
      if (const auto it = callers_.find(id); it != callers_.end()) it->second.pause(!wanted);
    };
    out.warn = log_;
    return out;
  }

  net::Loop& loop_;
  SafeHostOptions options_;
  std::function<void(const std::string&)> log_;
  SafeDaemon daemon_;
  std::optional<net::TcpListener> listener_;
  std::map<api::ConnectionId, net::TcpStream> callers_;
  net::TcpStream broker_;
  net::Handle timer_;
};

}  // namespace

base::Status<> run_safe(const SafeHostOptions& options,
                        const std::function<void(const std::string&)>& log) {
  net::Loop loop;
  SafeHost host(loop, options, log);
  const auto stop = loop.on_termination([&](int signal) {
    log(fmt::format("signal {}: stopping", signal));
    loop.stop();
  });
  const auto on_halt = [&] {
    log("signal SIGUSR2: in safe mode no order is sent anyway. It does not halt the next start; a "
        "file HALT in the data directory does");
  };
  const auto halt = loop.on_signal(SIGUSR2, on_halt);
  const auto hangup = loop.on_signal(SIGHUP, options.on_hangup);
  net::Handle each_second;
  const std::function<void()> tick = [&] {
    options.every_second();
    each_second = loop.after(std::chrono::seconds(1), tick);
  };
  tick();
  if (halt_was_asked()) on_halt();
  if (auto started = host.start(); !started) return started;
  const std::string api = host_and_port(options.api.host, host.port());
  log(
      fmt::format("SAFE MODE ({}): no orders are taken, the journal is not touched; see and cancel "
                  "open orders at http://{}. {}",
                  options.daemon.reason, api, how_to_leave));
  tell(STDOUT_FILENO, fmt::format("belay serve: safe mode on http://{}\n", api));
  loop.run();
  return base::ok();
}

}  // namespace belay::app
