// SPDX-License-Identifier: Apache-2.0
#include "bench/suite.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <set>
#include <utility>

#include "bench/affinity.hpp"
#include "bench/child.hpp"
#include "bench/client_options.hpp"
#include "bench/fake_gateway.hpp"

namespace belay::bench {
namespace {

/// One process that prints a line of figures.
struct Step {
  std::string name;
  std::vector<std::string> words;  // of the command line
  std::size_t acked = 0;           // orders that must have been acknowledged
  bool gateway = false;            // needs one: its port replaces "PORT"
  std::optional<int> cpu = {};
  int rounds_max = 1000;
};

std::vector<Step> client_steps(const SuiteOptions& options, int cpu) {
  std::vector<Step> out;
  const auto add = [&](std::string name, std::string_view mode, std::size_t orders,
                       std::size_t outstanding, std::optional<int> one_cpu) {
    std::vector<std::string> words{
        "client",         "127.0.0.1", "PORT", std::to_string(orders), std::to_string(outstanding),
        std::string(mode)};
    if (one_cpu) words.insert(words.end(), {"--cpu", std::to_string(*one_cpu)});
    out.push_back({.name = std::move(name),
                   .words = std::move(words),
                   .acked = orders,
                   .gateway = true,
                   .cpu = one_cpu});
  };
  for (const std::string_view mode : all_modes) {
    const bool disk = mode != "bare" && mode != "belay-memory";
    const std::size_t orders = options.smoke ? options.orders : options.orders * (disk ? 1 : 5);
    add(fmt::format("latency/{}", mode), mode, orders, 1, cpu);
    add(fmt::format("throughput/{}", mode), mode, options.smoke ? orders : options.orders * 10,
        options.smoke ? 50 : 1000, std::nullopt);
  }
  return out;
}

std::vector<Step> all_steps(const SuiteOptions& options, int cpu) {
  std::vector<Step> out = client_steps(options, cpu);
  const auto rest = [&](std::string connections, std::size_t orders, std::optional<int> one_cpu) {
    for (const char* server : {"floor", "belay"}) {
      std::vector<std::string> words{"rest", server, std::to_string(orders), connections};
      if (one_cpu) words.insert(words.end(), {"--cpu", std::to_string(*one_cpu)});
      out.push_back({.name = fmt::format("rest-{}/{}", connections, server),
                     .words = std::move(words),
                     .acked = orders});
    }
  };
  rest("1", options.orders, cpu);
  if (!options.smoke) rest("32", options.orders * 5, std::nullopt);
  const auto measure = [&](const char* what, std::size_t count, int rounds_max) {
    const std::size_t small = options.smoke ? options.orders : count;
    out.push_back({.name = what,
                   .words = {"measure", what, std::to_string(small)},
                   .rounds_max = rounds_max});
  };
  measure("inbound", 100'000, 1000);
  measure("memory", 100'000, 1000);
  measure("replay", 100'000, 2);  // heavy, and steady
  if (options.smoke) return out;
  measure("reconcile", 10'000, 1000);
  measure("million", options.million, 1);
  out.back().words.emplace_back("--no-rebuild");
  return out;
}

/// Which steps the wanted rows need.
std::set<std::string_view> wanted_steps(const std::string& only) {
  std::set<std::string_view> out;
  const std::regex pattern(only);
  for (const Row& row : all_rows()) {
    if (!std::regex_search(row.id.begin(), row.id.end(), pattern)) continue;
    out.insert(row.ours.step);
    out.insert(row.floor.step);
  }
  return out;
}

/// How much of the processors everybody else has used since this object was made.
class Others {
 public:
  double processors() const {
    const double others = (busy_s() - busy_) - (own_s() - own_);
    const double wall = static_cast<double>(clock_ns() - began_) / 1e9;
    return others > 0 ? others / wall : 0;
  }

 private:
  // Of the whole machine, what was not idle.
  static double busy_s() {
    std::ifstream stat("/proc/stat");
    std::string cpu;
    stat >> cpu;
    double ticks = 0;
    for (int i = 0; i < 8; ++i) {  // user nice system idle iowait irq softirq steal
      double part = 0;
      stat >> part;
      if (i != 3 && i != 4) ticks += part;
    }
    return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  static double own_s() {
    double sum = 0;
    for (const auto whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
      rusage used{};
      ::getrusage(whose, &used);
      for (const timeval& time : {used.ru_utime, used.ru_stime}) {
        sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
      }
    }
    return sum;
  }

  std::int64_t began_ = clock_ns();
  double busy_ = busy_s();
  double own_ = own_s();
};

class Suite {
 public:
  explicit Suite(const SuiteOptions& options)
      : options_(options),
        dir_(options.dir.empty() ? std::filesystem::path(own_path()).parent_path().string()
                                 : options.dir) {}

  SuiteResult run() {
    const auto wanted = wanted_steps(options_.only);
    const auto steps = all_steps(options_, last_cpu());
    for (int round = 0; round < options_.rounds; ++round) {
      if (!options_.smoke) fmt::print(stderr, "round {} of {}\n", round + 1, options_.rounds);
      for (const Step& step : steps) {
        if (round < step.rounds_max && wanted.contains(step.name)) run(step);
      }
    }
    return std::move(result_);
  }

 private:
  void run(const Step& step) {
    const Others others;
    auto figures = figures_of(step);
    if (!figures || (step.acked > 0 && figures->at("acked") < static_cast<double>(step.acked))) {
      fmt::print(stderr, "belay_bench: {} did not finish\n", step.name);
      ++result_.failures;
      return;
    }
    (*figures)["used_by_others"] = others.processors();
    result_.steps[step.name].push_back(std::move(*figures));
  }

  /// Runs this program again and reads its line of figures; its stderr goes to ours.
  std::optional<Figures> figures_of(const Step& step) const {
    Child::Options program{.command = {own_path()}, .directory = "", .log = ""};
    program.command.insert(program.command.end(), step.words.begin(), step.words.end());
    program.command.insert(program.command.end(), {"--dir", dir_});
    std::optional<FakeGateway> gateway;
    if (step.gateway) {
      auto started = FakeGateway::start(step.cpu);
      if (!started) return std::nullopt;
      gateway.emplace(std::move(*started));
      for (std::string& word : program.command) {
        if (word == "PORT") word = std::to_string(gateway->port());
      }
    }
    auto child = Child::start(program);
    if (!child) return std::nullopt;
    const auto line = child->line();
    if (!line || !child->succeeded()) return std::nullopt;
    return parse_line(*line);
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
