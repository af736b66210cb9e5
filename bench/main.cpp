// SPDX-License-Identifier: Apache-2.0
// belay_bench: the order path beside a floor of the same run (docs/PERFORMANCE.md).
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "bench/behind.hpp"
#include "bench/child.hpp"
#include "bench/client_options.hpp"
#include "bench/fake_gateway.hpp"
#include "bench/in_process.hpp"
#include "bench/million.hpp"
#include "bench/reconcile_measure.hpp"
#include "bench/rest.hpp"
#include "bench/suite.hpp"

namespace {

using namespace belay;
using namespace belay::bench;

constexpr const char* usage =
    R"(belay_bench [--only REGEX] [--rounds 5] [--orders 2000] [--million 1000000] [--json FILE]
            [--dir DIR]
    the table of figures beside their floors; --only takes the rows whose id it finds, and runs
    what they need. All figures are written to FILE (figures.json beside the program)
belay_bench --list
    the ids
belay_bench --smoke
    every mode with 200 orders; fails when one is not acknowledged
belay_bench client HOST PORT ORDERS OUTSTANDING [MODE] [--cpu N] [--client-id N]
            [--cancel-after] [--allow-live-port] [--allow-remote]
    one mode against any TWS or IB Gateway; prints one line of key=value figures
    modes: bare bare-fdatasync bare-fdatasync-ack
           belay-memory belay-durable belay-durable-spin belay-inline
belay_bench gateway [PORT]
    the fake gateway alone, on 127.0.0.1
belay_bench measure inbound|memory|allocations|replay|reconcile|million COUNT [--no-rebuild]
    allocations: of a message and of an order; fails when they are more than is stated there;
    reconcile: COUNT working orders with five fills each that happened while the link was away;
    million: COUNT orders placed, filled and archived, and the starts after them
belay_bench rest belay|floor ORDERS CONNECTIONS [--cpu N] [--belay PROGRAM]
    POST /api/v1/orders of the program beside this one, or of the least server of the same promise
belay_bench rest-floor GATEWAY_PORT
    that server alone; prints its port
belay_bench behind ENTRIES [--port PORT]
    a cancel and a stop behind so many entries, at the default message rate; against a gateway of
    its own, or the one on 127.0.0.1:PORT (bench/peers/run.sh: other clients beside it)
)";

/// Words and --options of a command line.
struct Arguments {
  std::vector<std::string> words;
  std::vector<std::pair<std::string, std::string>> options;

  std::optional<std::string> option(std::string_view name) const {
    for (const auto& [key, value] : options) {
      if (key == name) return value;
    }
    return std::nullopt;
  }
  bool has(std::string_view name) const { return option(name).has_value(); }
};

bool is_flag(std::string_view name) {
  constexpr std::string_view flags[] = {"--smoke",        "--cancel-after", "--allow-live-port",
                                        "--allow-remote", "--help",         "--list",
                                        "--no-rebuild"};
  return std::find(std::begin(flags), std::end(flags), name) != std::end(flags);
}

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments out;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.substr(0, 2) != "--") {
      out.words.push_back(word);
    } else if (is_flag(word)) {
      out.options.emplace_back(word, "");
    } else if (i + 1 < argc) {
      out.options.emplace_back(word, argv[++i]);
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<std::size_t> whole(const std::string& text) {
  std::size_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

int wrong_usage() {
  fmt::print(stderr, "{}", usage);
  return 2;
}

int failed(const base::Error& error) {
  fmt::print(stderr, "belay_bench: {}: {}\n", error.field, error.detail);
  return 1;
}

/// A directory of this run alone, removed with everything in it.
class WorkDir {
 public:
  explicit WorkDir(const std::string& parent) : path_(parent + "/belay-bench-XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) path_.clear();
  }
  WorkDir(const WorkDir&) = delete;
  WorkDir& operator=(const WorkDir&) = delete;
  ~WorkDir() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int run_client(const Arguments& arguments) {
  const auto& words = arguments.words;
  if (words.size() < 5 || words.size() > 6) return wrong_usage();
  const auto port = whole(words[2]);
  const auto orders = whole(words[3]);
  const auto outstanding = whole(words[4]);
  if (!port || *port > 65'535 || !orders || *orders == 0 || !outstanding || *outstanding == 0) {
    return wrong_usage();
  }
  ClientOptions options;
  options.host = words[1];
  options.port = static_cast<std::uint16_t>(*port);
  options.orders = *orders;
  options.outstanding = *outstanding;
  if (words.size() == 6) options.mode = words[5];
  options.client_id = std::atoi(arguments.option("--client-id").value_or("77").c_str());
  options.cancel_after = arguments.has("--cancel-after");
  if (const auto cpu = arguments.option("--cpu")) options.cpu = std::atoi(cpu->c_str());
  if (std::find(all_modes.begin(), all_modes.end(), options.mode) == all_modes.end()) {
    return wrong_usage();
  }
  const bool live_port = options.port == 7496 || options.port == 4001;
  if (live_port && !arguments.has("--allow-live-port")) {
    return failed(
        {"port", fmt::format("{} is where live accounts are: --allow-live-port", options.port)});
  }
  const bool loopback =
      options.host == "127.0.0.1" || options.host == "::1" || options.host == "localhost";
  if (!loopback && !arguments.has("--allow-remote")) {
    return failed({"host", options.host + " is not this machine: --allow-remote"});
  }
  const WorkDir dir(arguments.option("--dir").value_or("."));
  if (dir.path().empty()) return failed({"dir", "cannot be written"});
  options.dir = dir.path();
  const bool floor = options.mode.substr(0, 4) == "bare";
  const auto figures = floor ? run_floor_client(options) : run_belay_client(options);
  if (!figures) return failed(figures.error());
  fmt::print("{}\n", to_line(options.mode, *figures));
  return 0;
}

int run_measure(const Arguments& arguments) {
  const auto& words = arguments.words;
  const auto count = words.size() == 3 ? whole(words[2]) : std::nullopt;
  if (!count || *count == 0) return wrong_usage();
  const WorkDir dir(arguments.option("--dir").value_or("."));
  if (dir.path().empty()) return failed({"dir", "cannot be written"});
  const auto figures = [&]() -> base::Result<Figures> {
    if (words[1] == "inbound") return measure_inbound(*count);
    if (words[1] == "allocations") return measure_allocations(*count);
    if (words[1] == "memory") return measure_memory(*count);
    if (words[1] == "replay") return measure_replay(*count, dir.path());
    if (words[1] == "reconcile") return measure_reconcile(*count, dir.path());
    // Keys and facts take 64 bytes, and up to 1.45 times that in their tables.
    if (words[1] == "million") {
      return measure_million(*count, dir.path(), 110, !arguments.has("--no-rebuild"));
    }
    return base::fail("measure", "inbound, memory, allocations, replay, million or reconcile");
  }();
  if (!figures) return failed(figures.error());
  fmt::print("{}\n", to_line(words[1], *figures));
  return 0;
}

int run_behind(const Arguments& arguments) {
  const auto& words = arguments.words;
  const auto entries = words.size() == 2 ? whole(words[1]) : std::nullopt;
  if (!entries) return wrong_usage();
  std::optional<FakeGateway> own;
  std::size_t port = 0;
  if (const auto given = arguments.option("--port")) {
    port = whole(*given).value_or(0);
  } else if (auto started = FakeGateway::start(std::nullopt)) {
    port = started->port();
    own.emplace(std::move(*started));
  }
  if (port == 0 || port > 65'535 || port == 7496 || port == 4001) return wrong_usage();
  const WorkDir dir(arguments.option("--dir").value_or("."));
  if (dir.path().empty()) return failed({"dir", "cannot be written"});
  const auto figures = measure_behind(static_cast<std::uint16_t>(port), *entries, dir.path());
  if (!figures) return failed(figures.error());
  fmt::print("{}\n", to_line("belay-behind", *figures));
  return 0;
}

int run_rest(const Arguments& arguments) {
  const auto& words = arguments.words;
  const auto orders = words.size() == 4 ? whole(words[2]) : std::nullopt;
  const auto connections = words.size() == 4 ? whole(words[3]) : std::nullopt;
  if (!orders || *orders == 0 || !connections || *connections == 0) return wrong_usage();
  if (words[1] != "belay" && words[1] != "floor") return wrong_usage();
  const WorkDir dir(arguments.option("--dir").value_or("."));
  if (dir.path().empty()) return failed({"dir", "cannot be written"});
  RestOptions options;
  options.floor = words[1] == "floor";
  options.belay = std::filesystem::absolute(
      arguments.option("--belay").value_or(own_path().substr(0, own_path().rfind('/')) + "/belay"));
  options.orders = *orders;
  options.connections = *connections;
  if (const auto cpu = arguments.option("--cpu")) options.cpu = std::atoi(cpu->c_str());
  options.dir = std::filesystem::absolute(dir.path());
  const auto figures = measure_rest(options);
  if (!figures) return failed(figures.error());
  fmt::print("{}\n", to_line("rest-" + words[1], *figures));
  return 0;
}

int list_rows() {
  for (const Row& row : all_rows()) fmt::print("{:<18}{}\n", row.id, row.what);
  return 0;
}

int run_all(const Arguments& arguments) {
  SuiteOptions options;
  options.smoke = arguments.has("--smoke");
  if (options.smoke) {
    options.rounds = 1;
    options.orders = 200;
  }
  if (const auto rounds = arguments.option("--rounds")) options.rounds = std::atoi(rounds->c_str());
  if (const auto orders = arguments.option("--orders")) {
    options.orders = whole(*orders).value_or(0);
  }
  if (const auto orders = arguments.option("--million")) {
    options.million = whole(*orders).value_or(0);
  }
  if (options.rounds < 1 || options.orders < 10 || options.million < 100'000) return wrong_usage();
  options.only = arguments.option("--only").value_or("");
  options.dir = arguments.option("--dir").value_or("");
  const SuiteResult result = run_suite(options);
  if (options.smoke) return result.failures == 0 ? 0 : 1;
  print_report(result);
  const std::string json = arguments.option("--json").value_or(
      own_path().substr(0, own_path().rfind('/')) + "/figures.json");
  std::ofstream file(json);
  file << to_json(result) << '\n';
  if (!file.flush()) return failed({"json", json + " cannot be written"});
  fmt::print("\nall figures, round by round: {}\n", json);
  return result.failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto arguments = parse(argc, argv);
  if (!arguments) return wrong_usage();
  if (arguments->has("--help")) {
    fmt::print("{}", usage);
    return 0;
  }
  if (arguments->has("--list")) return list_rows();
  if (arguments->words.empty()) return run_all(*arguments);
  const std::string& command = arguments->words.front();
  if (command == "client") return run_client(*arguments);
  if (command == "measure") return run_measure(*arguments);
  if (command == "rest") return run_rest(*arguments);
  if (command == "rest-floor" && arguments->words.size() == 2) {
    const auto port = whole(arguments->words[1]);
    if (!port || *port > 65'535) return wrong_usage();
    return serve_rest_floor(static_cast<std::uint16_t>(*port),
                            arguments->option("--dir").value_or("."));
  }
  if (command == "behind") return run_behind(*arguments);
  if (command == "gateway" && arguments->words.size() <= 2) {
    const auto port = arguments->words.size() == 2 ? whole(arguments->words[1]) : 0;
    if (!port || *port > 65'535) return wrong_usage();
    return serve_gateway(static_cast<std::uint16_t>(*port));
  }
  return wrong_usage();
}
