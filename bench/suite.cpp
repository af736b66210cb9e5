// SPDX-License-Identifier: Apache-2.0
#include "bench/suite.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "bench/affinity.hpp"
#include "bench/client_options.hpp"
#include "bench/fake_gateway.hpp"

namespace belay::bench {
namespace {

std::string own_path() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

/// Runs this program again and reads its line of figures; its stderr goes to ours.
std::optional<Figures> run_self(const std::vector<std::string>& arguments) {
  int ends[2] = {-1, -1};
  if (::pipe(ends) != 0) return std::nullopt;
  const std::string program = own_path();
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t got = ::read(ends[0], buffer.data(), buffer.size());
    if (got <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  ::close(ends[0]);
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
  return parse_line(text.substr(0, text.find('\n')));
}

class Suite {
 public:
  explicit Suite(const SuiteOptions& options)
      : options_(options),
        dir_(options.dir.empty() ? std::filesystem::path(own_path()).parent_path().string()
                                 : options.dir) {}

  SuiteResult run() {
    const int cpu = last_cpu();
    for (int round = 0; round < options_.rounds; ++round) {
      if (!options_.smoke) progress(round);
      for (const std::string_view mode : all_modes) {
        const bool disk = mode != "bare" && mode != "belay-memory";
        const std::size_t orders =
            options_.smoke ? options_.orders : options_.orders * (disk ? 1 : 5);
        client(result_.latency, mode, orders, 1, cpu);
        client(result_.throughput, mode, options_.smoke ? orders : options_.orders * 10,
               options_.smoke ? 50 : 1000, std::nullopt);
      }
      const std::size_t many = options_.smoke ? options_.orders : 100'000;
      // Heavy and steady: twice is enough to see whether a figure was disturbed.
      if (round < 2) {
        for (const char* what : {"inbound", "memory", "replay"}) in_process(what, many);
      }
    }
    return std::move(result_);
  }

 private:
  void progress(int round) const {
    fmt::print(stderr, "round {} of {}\n", round + 1, options_.rounds);
  }

  void client(Rounds& rounds, std::string_view mode, std::size_t orders, std::size_t outstanding,
              std::optional<int> cpu) {
    auto gateway = FakeGateway::start(cpu);
    if (!gateway) {
      fmt::print(stderr, "belay_bench: {}\n", gateway.error().detail);
      ++result_.failures;
      return;
    }
    std::vector<std::string> arguments{"client",
                                       "127.0.0.1",
                                       std::to_string(gateway->port()),
                                       std::to_string(orders),
                                       std::to_string(outstanding),
                                       std::string(mode),
                                       "--dir",
                                       dir_};
    if (cpu) arguments.insert(arguments.end(), {"--cpu", std::to_string(*cpu)});
    const auto figures = run_self(arguments);
    if (!figures || figures->at("acked") < static_cast<double>(orders)) {
      fmt::print(stderr, "belay_bench: {} with {} outstanding did not finish\n", mode, outstanding);
      ++result_.failures;
      return;
    }
    rounds[std::string(mode)].push_back(*figures);
  }

  void in_process(const std::string& what, std::size_t count) {
    const auto figures = run_self({"measure", what, std::to_string(count), "--dir", dir_});
    if (!figures) {
      fmt::print(stderr, "belay_bench: {} did not finish\n", what);
      ++result_.failures;
      return;
    }
    result_.in_process[what].push_back(*figures);
  }

  const SuiteOptions& options_;
  const std::string dir_;
  SuiteResult result_;
};

}  // namespace

SuiteResult run_suite(const SuiteOptions& options) {
  return Suite(options).run();
}

}  // namespace belay::bench
