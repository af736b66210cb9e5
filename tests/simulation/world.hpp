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
#include "tests/simulation/http_caller.hpp"
#include "tests/simulation/plan.hpp"
#include "tests/simulation/sim_history.hpp"
#include "tests/simulation/sim_journal.hpp"
#include "tests/simulation/trace.hpp"

namespace belay::judging {
struct Evidence;
}

namespace belay::simulation {

/// The daemon's client id at the simulated TWS.
inline constexpr std::int32_t client_id = 7;
/// A Monday, so that markets are open: 2026-11-23T15:00:00Z is 10:00 in New York.
inline constexpr base::Time start_of_story{1'795'446'000'000'000'000};

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
  /// Where run() leaves its evidence (belay_judge reads it); empty: nowhere.
  void keep_evidence(std::string directory) { evidence_directory_ = std::move(directory); }

 protected:
  // ---- the daemon's process ----
  struct Caller {
    simkit::Net::End end;
  };
  void set_calendar(core::CalendarOptions& calendar) const;
  void gather(judging::Evidence& evidence, Outcome& outcome);
  void boot();
  app::DaemonOptions daemon_options();
  bool open_history();
  void crash();
  void pump();
  void carry_broker_actions(broker::Channel channel);
  void connect_to_broker(broker::Channel channel);
  void check_books();
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
  void lose_the_server(base::Prng& random);
  void copy_an_order(base::Prng& random);
  void bust_an_execution(base::Prng& random);
  void place_by_hand(base::Prng& random);
  void place_as_other(base::Prng& random);
  void act_as_person(base::Prng& random);
  std::vector<std::string> book_lines() const;

  // ---- the story ----
  void schedule_faults();
  void crash_and_return(base::Duration dead);
  void commit_began();
  void send_on_link(simkit::Net::End end, std::string_view bytes);
  void at_moments(int count, base::Prng& faults, base::Duration span,
                  const std::function<void(base::Prng&)>& work);
  void schedule_link_faults(base::Prng& faults, base::Duration span);
  void schedule_broker_faults(base::Prng& faults, base::Duration span);
  Answer ask(const std::string& method, const std::string& path, const std::string& body);
  bool one_more_round();
  void reconcile_fully();
  std::vector<std::string> events_from(std::uint64_t seq);
  bool bots_done() const;
  void settle(base::Duration limit);
  std::string fetch_orders();
  void dump_log(const std::string& path) const;
  void note(const std::string& line);
  /// The clock of the daemon's machine.
  base::Time clock() const { return scheduler_.now() + skew_; }

  Plan plan_;
  bool verbose_;
  base::Prng random_;
  simkit::Scheduler scheduler_;
  base::Time begin_ = scheduler_.now();
  simkit::Net net_;
  simkit::SimDisk disk_;
  simkit::SimVfs vfs_;
  Trace trace_;
  SimSnapshots snapshots_;

  // Everything of one life of the daemon, gone at a crash.
  std::unique_ptr<SimJournal> journal_;
  std::unique_ptr<SimHistory> history_;
  std::unique_ptr<app::Daemon> daemon_;
  simkit::Net::End broker_end_ = simkit::Net::no_end;
  simkit::Net::End foreign_end_ = simkit::Net::no_end;
  std::uint64_t attempts_[2] = {};  // by broker::Channel: an older attempt's end is dead
  std::uint64_t life_ = 0;
  std::map<api::ConnectionId, simkit::Net::End> callers_;
  std::optional<simkit::Scheduler::Id> wake_;
  base::Duration skew_{};
  bool pumping_ = false;
  bool down_for_good_ = false;
  std::size_t turns_ = 0;
  std::string broken_book_;  // the first rule that a book was seen to break
  std::string fatal_;

  std::unique_ptr<simtws::Server> tws_;
  std::map<std::uint64_t, simkit::Net::End> tws_ends_;
  std::optional<simkit::Scheduler::Id> tws_wake_;
  std::vector<std::string> broker_log_;

  std::vector<std::unique_ptr<Bot>> bots_;
  std::uint64_t crashes_ = 0;
  std::uint64_t commits_ = 0;
  std::uint64_t messages_ = 0;
  int cuts_due_ = 0;  // messages that break off at a byte, from the next on
  base::Prng cut_random_{1};
  std::string evidence_directory_;
};

}  // namespace belay::simulation
