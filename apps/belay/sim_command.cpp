// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/sim_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/belay/cli_client.hpp"
#include "apps/belay/tell.hpp"
#include "belay/net/loop.hpp"
#include "belay/net/tcp.hpp"
#include "belay/simtws/scenario.hpp"
#include "belay/simtws/server.hpp"

namespace belay::app {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

std::optional<std::string> read_file(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return std::nullopt;
  std::string out;
  char buffer[16384];
  for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0;) {
    out.append(buffer, got);
  }
  return std::ferror(file.get()) == 0 ? std::optional(out) : std::nullopt;
}

// The log is evidence for others: a line is with the kernel before its message is processed. An
// event of a scenario that did nothing is told on stderr too, with or without a log.
// A log that cannot be written is told once; the simulation goes on without it.
simtws::Server::Log log_into(std::FILE* file, bool has_events) {
  if (file == nullptr && !has_events) return {};
  return [file, has_events, whole = true](std::string_view line) mutable {
    if (has_events && line.find(R"("name":"event_did_nothing")") != std::string_view::npos) {
      tell(STDERR_FILENO, fmt::format("belay sim tws: {}\n", line));
    }
    if (file == nullptr) return;
    const bool written = std::fwrite(line.data(), 1, line.size(), file) == line.size() &&
                         std::fputc('\n', file) != EOF && std::fflush(file) == 0;
    if (!written && std::exchange(whole, false)) {
      tell(STDERR_FILENO,
           fmt::format("belay sim tws: the log is not whole: {}\n", std::strerror(errno)));
    }
    std::clearerr(file);
  };
}

// A list of any length streams: of what a client is sent only so much is with its socket at a time,
// the rest waits here. A client that reads nothing while this much waits is closed, and the log
// says why.
constexpr std::size_t socket_share = std::size_t{1} << 20U;
constexpr std::size_t backlog_max = std::size_t{512} << 20U;

// Carries bytes and deadlines between the loop and the simulation.
class SimHost {
 public:
  SimHost(net::Loop& loop, simtws::Options options, simtws::Server::Log log)
      : loop_(loop), server_(std::move(options), std::move(log)) {}

  void accept(net::TcpStream accepted) {
    const simtws::ConnId conn = ++last_conn_;
    Peer& peer = peers_[conn];
    peer.stream = std::move(accepted);
    net::StreamHandlers handlers;
    handlers.on_bytes = [this, conn](std::string_view bytes) { received(conn, bytes); };
    handlers.on_closed = [this, conn](const std::string&) { closed(conn); };
    handlers.on_drained = [this, conn] { drained(conn); };
    peer.stream.start(std::move(handlers));
    server_.on_accept(conn, loop_.now());
    settle();
  }

 private:
  struct Peer {
    net::TcpStream stream;
    std::string backlog;
    std::size_t taken = 0;  // of the backlog
    bool ends = false;      // closed by the server when everything is sent
    std::size_t waiting() const { return backlog.size() - taken; }
  };
  struct Carrier {
    SimHost& host;
    void operator()(const simtws::Write& write) const {
      const auto it = host.peers_.find(write.conn);
      if (it == host.peers_.end()) return;
      it->second.backlog += write.bytes;
      host.feed(it->second);
      if (it->second.waiting() > backlog_max) host.overrun_.push_back(write.conn);
    }
    void operator()(const simtws::Close& close) const {
      const auto it = host.peers_.find(close.conn);
      if (it == host.peers_.end()) return;
      it->second.ends = true;
      host.end_when_sent(it);
    }
  };

  void feed(Peer& peer) {
    while (peer.waiting() > 0 && peer.stream.queued() < socket_share) {
      const std::size_t size = std::min(peer.waiting(), socket_share);
      peer.stream.write(std::string_view(peer.backlog).substr(peer.taken, size));
      peer.taken += size;
    }
    // What is sent is given back now and then, not at every write.
    if (peer.taken == peer.backlog.size() || peer.taken > 16 * socket_share) {
      peer.backlog.erase(0, peer.taken);
      peer.taken = 0;
    }
  }

  void end_when_sent(std::map<simtws::ConnId, Peer>::iterator it) {
    if (it->second.waiting() > 0) return;
    it->second.stream.close_when_sent();
    peers_.erase(it);
  }

  void drained(simtws::ConnId conn) {
    const auto it = peers_.find(conn);
    if (it == peers_.end()) return;
    feed(it->second);
    if (it->second.ends) end_when_sent(it);
  }

  void received(simtws::ConnId conn, std::string_view bytes) {
    server_.on_bytes(conn, bytes, loop_.now());
    settle();
  }

  void closed(simtws::ConnId conn) {
    peers_.erase(conn);
    server_.on_closed(conn, loop_.now());
    settle();
  }

  void settle() {
    for (const simtws::Action& action : server_.take_output()) std::visit(Carrier{*this}, action);
    for (const simtws::ConnId conn : std::exchange(overrun_, {})) {
      if (peers_.erase(conn) != 0) server_.on_overrun(conn, loop_.now());
    }
    const base::Time next = server_.next_deadline();
    if (next == armed_for_) return;
    armed_for_ = next;
    if (next == base::never) {
      timer_.cancel();
      return;
    }
    timer_ = loop_.at(next, [this] {
      armed_for_ = base::never;
      server_.advance(loop_.now());
      settle();
    });
  }

  net::Loop& loop_;
  simtws::Server server_;
  simtws::ConnId last_conn_ = 0;
  std::map<simtws::ConnId, Peer> peers_;
  std::vector<simtws::ConnId> overrun_;  // clients that read nothing
  net::Handle timer_;
  base::Time armed_for_ = base::never;
};

struct Arguments {
  net::Endpoint at{"127.0.0.1", 7497};
  std::string scenario;
  std::string log;
  std::optional<int> max_version;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> accounts;
  std::optional<std::int64_t> market_step_ms;
};

// The command line wins over the scenario file.
base::Result<simtws::Options> options_of(const Arguments& arguments) {
  simtws::Options options;
  options.market_step = std::chrono::milliseconds(500);
  if (!arguments.scenario.empty()) {
    const auto text = read_file(arguments.scenario);
    if (!text) return base::fail(arguments.scenario, "cannot be read");
    auto parsed = simtws::parse_scenario(*text, std::move(options));
    if (!parsed) {
      return base::fail(fmt::format("{}: {}", arguments.scenario, parsed.error().field),
                        parsed.error().detail);
    }
    options = std::move(*parsed);
  }
  if (arguments.max_version) options.max_server_version = *arguments.max_version;
  if (arguments.seed) {
    options.seed = *arguments.seed;
  } else {
    // Without a seed nothing has to repeat, ids least of all.
    options.started_at = std::time(nullptr);
  }
  if (!arguments.accounts.empty()) options.accounts = arguments.accounts;
  if (arguments.market_step_ms) {
    options.market_step = std::chrono::milliseconds(*arguments.market_step_ms);
  }
  return options;
}

int serve(const Arguments& arguments, simtws::Options options) {
  File log;
  if (!arguments.log.empty()) {
    log.reset(std::fopen(arguments.log.c_str(), "ab"));
    if (log == nullptr) {
      fmt::print(stderr, "belay sim tws: cannot write {}\n", arguments.log);
      return 1;
    }
  }
  std::signal(SIGPIPE, SIG_IGN);  // of a log whose reader is gone
  net::Loop loop;
  const int version = options.max_server_version;
  const bool has_events = !options.events.empty();
  SimHost host(loop, std::move(options), log_into(log.get(), has_events));
  auto listener = net::TcpListener::listen(
      loop, arguments.at, [&host](net::TcpStream stream) { host.accept(std::move(stream)); });
  if (!listener) {
    fmt::print(stderr, "belay sim tws: {}: {}\n", listener.error().field, listener.error().detail);
    return 1;
  }
  const net::Handle signals = loop.on_termination([&loop](int) { loop.stop(); });
  tell(STDOUT_FILENO, fmt::format("belay sim tws: listening on {}:{} (server version {})\n",
                                  arguments.at.host, listener->port(), version));
  loop.run();
  return 0;
}

}  // namespace

int run_sim_tws(int argc, char** argv) {
  CLI::App app{"A simulated TWS that speaks the real socket protocol", "belay sim tws"};
  Arguments arguments;
  app.add_option("--host", arguments.at.host, "address to listen on")->capture_default_str();
  app.add_option("--port", arguments.at.port, "port; 0 takes a free one")->capture_default_str();
  app.add_option("--max-version", arguments.max_version, "highest server version to offer")
      ->check(CLI::Range(176, 200));
  app.add_option("--scenario", arguments.scenario, "TOML file with options, rules and events");
  app.add_option("--seed", arguments.seed, "of prices, ids and delays");
  app.add_option("--log", arguments.log, "append every message as a JSON line to this file");
  app.add_option("--account", arguments.accounts, "account; may be given several times");
  app.add_option("--market-step-ms", arguments.market_step_ms,
                 "between moves of the market; 0 is a market at rest")
      ->check(CLI::Range(0, 3'600'000));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return parse_error(app, error);
  }
  auto options = options_of(arguments);
  if (!options) {
    fmt::print(stderr, "belay sim tws: {}: {}\n", options.error().field, options.error().detail);
    return 2;
  }
  return serve(arguments, std::move(*options));
}

int run_sim_command(int argc, char** argv) {
  const std::string_view which = argc > 1 ? argv[1] : "";
  if (which == "tws") return run_sim_tws(argc - 1, argv + 1);
  if (which == "projectx") {
    fmt::print(stderr, "belay sim projectx: ProjectX is not simulated yet; belay sim tws is\n");
    return 2;
  }
  fmt::print(stderr, "usage: belay sim tws [--port P] [--help]\n");
  return 2;
}

}  // namespace belay::app
