// SPDX-License-Identifier: Apache-2.0
// belay_sim: runs seeds of the simulation. Each seed has a process of its own, because SQLite's
// generator belongs to the process; so a seed alone and a seed among others are the same run.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "belay/base/defects.hpp"
#include "tests/simulation/day_away.hpp"

namespace {

using belay::simulation::Outcome;
using belay::simulation::Plan;
using belay::simulation::World;

struct Arguments {
  std::uint64_t first = 1;
  std::uint64_t count = 0;  // 0: one seed, in this process
  bool verbose = false;
  std::string hashes;
  std::string defect;
  bool expect_findings = false;
  bool large = false;
  std::string evidence;
  unsigned jobs = 2;
};

int usage(const char* why) {
  std::fprintf(stderr,
               "belay_sim: %s\n"
               "usage: belay_sim --seed N [--verbose]      one run, told in full\n"
               "       belay_sim --seeds N [--from M]       seeds M .. M+N-1\n"
               "       belay_sim --day-away                 what happened in a day of absence\n"
               "       belay_sim --sweep                    a fault at every place of one story\n"
               "  --hashes FILE     writes \"seed hash\" a line\n"
               "  --defect NAME     plants a defect (builds with BELAY_DEFECTS only)\n"
               "  --expect-findings passes when the run finds something\n"
               "  --large           200 orders a seed\n"
               "  --evidence DIR    leaves what the judge read, for belay_judge\n"
               "  --jobs N          processes at a time\n",
               why);
  return 2;
}

int run_one(const Arguments& arguments, std::uint64_t seed) {
  const Plan plan = arguments.large ? Plan::draw_large(seed) : Plan::draw(seed);
  World world(plan, arguments.verbose);
  world.keep_evidence(arguments.evidence);
  const Outcome outcome = world.run();
  std::string line = fmt::format(
      "seed {} hash {:016x} orders {} executions {} crashes {} unknown {} virtual_s {:.1f}", seed,
      outcome.trace_hash, outcome.orders, outcome.executions, outcome.crashes, outcome.unknown,
      std::chrono::duration<double>(outcome.virtual_time).count());
  if (arguments.verbose || !outcome.findings.empty()) line += "\n  plan: " + plan.describe();
  // Less than a pipe holds: among many seeds nobody reads before the end.
  constexpr std::size_t most = 40;
  std::size_t told = 0;
  for (const auto& finding : outcome.findings) {
    if (!arguments.verbose && told == most) break;
    line += "\n  FOUND: " + (arguments.verbose ? finding : finding.substr(0, 500));
    ++told;
  }
  if (told < outcome.findings.size()) {
    line += fmt::format("\n  and {} more", outcome.findings.size() - told);
  }
  fmt::print("{}\n", line);
  std::fflush(stdout);
  return outcome.findings.empty() ? 0 : 1;
}

struct Child {
  std::uint64_t seed;
  int output;
};

// The life of a few orders, with a crash at every commit (before it reaches the disk, in the
// middle, and right after its effects left; with and without power loss) and a cut at every
// message.
int run_sweep() {
  const Outcome whole = World(Plan::one_life()).run();
  int failed = 0;
  int runs = 0;
  const auto run = [&](const Plan& plan, const std::string& where) {
    ++runs;
    const Outcome outcome = World(plan).run();
    if (outcome.findings.empty()) return;
    ++failed;
    fmt::print("{}\n", where);
    for (const auto& finding : outcome.findings) fmt::print("  FOUND: {}\n", finding);
  };
  constexpr std::chrono::microseconds delays[] = {std::chrono::microseconds(0),
                                                  std::chrono::microseconds(1000),
                                                  std::chrono::microseconds(4000)};
  for (std::uint64_t commit = 1; commit <= whole.commits; ++commit) {
    for (const auto delay : delays) {
      for (const bool power : {false, true}) {
        Plan plan = Plan::one_life();
        plan.crash_at_commit = commit;
        plan.crash_delay = delay;
        plan.power_loss = power;
        run(plan, fmt::format("crash {} us after the begin of commit {}{}", delay.count(), commit,
                              power ? ", power lost" : ""));
      }
    }
  }
  for (std::uint64_t message = 1; message <= whole.messages; ++message) {
    Plan plan = Plan::one_life();
    plan.cut_at_message = message;
    run(plan, fmt::format("cut at message {}", message));
  }
  fmt::print("sweep: {} orders, {} commits, {} messages: {} runs, {} with findings\n", whole.orders,
             whole.commits, whole.messages, runs, failed);
  return failed == 0 && whole.findings.empty() && whole.commits > 10 ? 0 : 1;
}

using Results = std::map<std::uint64_t, std::string>;

bool write_hashes(const std::string& path, const Results& results) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return false;
  for (const auto& [seed, text] : results) {
    const std::size_t at = text.find("hash ");
    fmt::print(file, "{} {}\n", seed, at == std::string::npos ? "none" : text.substr(at + 5, 16));
  }
  std::fclose(file);
  return true;
}

/// The sum of a number that each seed told.
std::uint64_t total(const Results& results, const std::string& name) {
  std::uint64_t sum = 0;
  for (const auto& [seed, text] : results) {
    const std::size_t at = text.find(" " + name + " ");
    if (at != std::string::npos) {
      sum += std::strtoull(text.c_str() + at + name.size() + 2, nullptr, 10);
    }
  }
  return sum;
}

int run_many(const Arguments& arguments) {
  std::map<pid_t, Child> running;
  Results results;
  std::uint64_t next = arguments.first;
  const std::uint64_t end = arguments.first + arguments.count;
  std::uint64_t failed = 0;
  const auto begin = std::chrono::steady_clock::now();
  while (next < end || !running.empty()) {
    while (next < end && running.size() < arguments.jobs) {
      int ends[2];
      if (::pipe(ends) != 0) return 1;
      std::fflush(stdout);
      const pid_t pid = ::fork();
      if (pid == 0) {
        ::dup2(ends[1], 1);
        ::close(ends[0]);
        ::close(ends[1]);
        const int status = run_one(arguments, next);
        std::fflush(stdout);
        std::_Exit(status);
      }
      ::close(ends[1]);
      running.emplace(pid, Child{next++, ends[0]});
    }
    int status = 0;
    const pid_t pid = ::wait(&status);
    const auto it = running.find(pid);
    if (it == running.end()) continue;
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::read(it->second.output, buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(it->second.output);
    const bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!good) {
      ++failed;
      fmt::print("{}", text.empty() ? fmt::format("seed {} died\n", it->second.seed) : text);
    }
    results[it->second.seed] = text;
    running.erase(it);
  }
  if (!arguments.hashes.empty() && !write_hashes(arguments.hashes, results)) {
    return usage("cannot write the hashes file");
  }
  const auto seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  fmt::print(
      "{} seeds, {} with findings: {} orders, {} executions, {} crashes, {} ended unknown, "
      "{} s of virtual time in {:.1f} s\n",
      results.size(), failed, total(results, "orders"), total(results, "executions"),
      total(results, "crashes"), total(results, "unknown"), total(results, "virtual_s"), seconds);
  if (arguments.expect_findings) return failed > 0 ? 0 : 1;
  return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  bool one = false;
  bool sweep = false;
  bool day_away = false;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&]() -> const char* { return i + 1 < argc ? argv[++i] : ""; };
    if (name == "--seed") {
      one = true;
      arguments.first = std::strtoull(value(), nullptr, 10);
    } else if (name == "--sweep") {
      sweep = true;
    } else if (name == "--seeds") {
      arguments.count = std::strtoull(value(), nullptr, 10);
    } else if (name == "--from") {
      arguments.first = std::strtoull(value(), nullptr, 10);
    } else if (name == "--hashes") {
      arguments.hashes = value();
    } else if (name == "--defect") {
      arguments.defect = value();
    } else if (name == "--jobs") {
      arguments.jobs = static_cast<unsigned>(std::strtoul(value(), nullptr, 10));
    } else if (name == "--day-away") {
      day_away = true;
    } else if (name == "--evidence") {
      arguments.evidence = value();
    } else if (name == "--large") {
      arguments.large = true;
    } else if (name == "--verbose") {
      arguments.verbose = true;
    } else if (name == "--expect-findings") {
      arguments.expect_findings = true;
    } else {
      return usage(("unknown argument " + name).c_str());
    }
  }
  if (!arguments.defect.empty()) {
#ifdef BELAY_DEFECTS
    const auto defect = belay::base::parse_defect(arguments.defect);
    if (!defect) return usage("no such defect");
    belay::base::plant(*defect);
#else
    return usage("this build has no planted defects: scripts/dev build defects belay_sim");
#endif
  }
  if (sweep) return run_sweep();
  if (day_away) {
    const auto findings = belay::simulation::DayAway().tell();
    for (const auto& finding : findings) fmt::print("FOUND: {}\n", finding);
    fmt::print("a day away: {} findings\n", findings.size());
    return findings.empty() ? 0 : 1;
  }
  if (one) {
    const int status = run_one(arguments, arguments.first);
    return arguments.expect_findings ? (status == 0 ? 1 : 0) : status;
  }
  if (arguments.count == 0) return usage("give --seed or --seeds");
  return run_many(arguments);
}
