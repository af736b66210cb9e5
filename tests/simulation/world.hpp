// SPDX-License-Identifier: Apache-2.0
// World: the daemon, the simulated TWS and the bots in one process on one thread, under a virtual
// clock, a seeded network and a simulated disk. Everything the daemon is made of is the real code;
// only sockets, files and time are not.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/base/prng.hpp"
#include "belay/simkit/disk.hpp"
#include "belay/simkit/net.hpp"
#include "belay/simkit/scheduler.hpp"
#include "belay/simkit/vfs.hpp"
#include "belay/simtws/server.hpp"
#include "tests/simulation/bot.hpp"
#include "tests/simulation/judge.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/sim_journal.hpp"
#include "tests/simulation/trace.hpp"

namespace belay::simulation {

/// The daemon's client id at the simulated TWS.
inline constexpr std::int32_t client_id = 7;

struct Outcome {
  std::vector<std::string> findings;
  std::uint64_t trace_hash = 0;
  std::uint64_t trace_entries = 0;
  std::uint64_t orders = 0;
  std::uint64_t executions = 0;
  std::uint64_t crashes = 0;
  std::uint64_t unknown = 0;  ///< orders that ended unknown
  std::uint64_t commits = 0;
  std::uint64_t messages = 0;  ///< writes on the broker's link
  base::Duration virtual_time{};
};

class World {
 public:
  explicit World(const Plan& plan, bool verbose = false);
  ~World();
  Outcome run();

 private:
  // ---- the daemon's process ----
  struct Caller {
    simkit::Net::End end;
  };
  void boot();
  void crash();
  void pump();
  void carry_broker_actions(tws::Channel channel);
  void connect_to_broker(tws::Channel channel);
  void wake_at_deadline();
  simkit::StreamEnd accept_caller(simkit::Net::End end);
  api::ServiceHooks api_hooks();

  // ---- the broker ----
  simkit::StreamEnd accept_tws(simkit::Net::End end);
  void carry_tws_output();
  void prepare_broker();
  void say_something_unheard_of(base::Prng& random);
  void correct_an_execution(base::Prng& random);
  void fill_a_canceled_order(base::Prng& random);

  // ---- the story ----
  void schedule_faults();
  void crash_and_return(base::Duration dead);
  void commit_began();
  void message_sent(simkit::Net::End end);
  bool bots_done() const;
  void settle(base::Duration limit);
  std::string fetch_orders();
  void dump_log(const std::string& path) const;
  void note(const std::string& line);

  Plan plan_;
  bool verbose_;
  base::Prng random_;
  simkit::Scheduler scheduler_;
  simkit::Net net_;
  simkit::SimDisk disk_;
  simkit::SimVfs vfs_;
  Trace trace_;

  // Everything of one life of the daemon, gone at a crash.
  std::unique_ptr<SimJournal> journal_;
  std::unique_ptr<app::Daemon> daemon_;
  simkit::Net::End broker_end_ = simkit::Net::no_end;
  simkit::Net::End foreign_end_ = simkit::Net::no_end;
  std::uint64_t attempts_[2] = {};  // by tws::Channel: an older attempt's end is dead
  std::uint64_t life_ = 0;
  std::map<api::ConnectionId, simkit::Net::End> callers_;
  std::optional<simkit::Scheduler::Id> wake_;
  bool pumping_ = false;
  bool down_for_good_ = false;
  std::string fatal_;

  std::unique_ptr<simtws::Server> tws_;
  std::map<std::uint64_t, simkit::Net::End> tws_ends_;
  std::optional<simkit::Scheduler::Id> tws_wake_;
  std::vector<std::string> broker_log_;

  std::vector<std::unique_ptr<Bot>> bots_;
  std::uint64_t crashes_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t messages_ = 0;
};

}  // namespace belay::simulation
