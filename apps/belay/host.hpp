// SPDX-License-Identifier: Apache-2.0
// Host: runs a Daemon on the real loop, sockets and journal. All it does is carry bytes, time and
// journal answers; what they mean is the daemon's business.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "apps/belay/alerts.hpp"
#include "apps/belay/daemon.hpp"
#include "apps/belay/log.hpp"
#include "belay/history/history_thread.hpp"
#include "belay/history/snapshot_files.hpp"
#include "belay/journal/kept_files.hpp"
#include "belay/journal/sqlite_thread_journal.hpp"
#include "belay/net/loop.hpp"
#include "belay/net/tcp.hpp"

namespace belay::app {

struct HostOptions {
  DaemonOptions daemon;
  net::Endpoint broker;
  net::Endpoint api;
  base::Duration connect_timeout = std::chrono::seconds(10);
  std::size_t descriptor_limit = 0;  ///< for the metrics
  /// While a file of this name exists new risk is halted; looked for once a second. Empty: never.
  std::string halt_file = {};
  /// What is durable is in these. When one is removed or replaced the daemon ends: looked for once
  /// a second.
  std::vector<std::string> kept_files = {};
  struct AlertTargets {
    views::AlertLevel level = views::AlertLevel::warning;  ///< of command and webhook
    std::vector<std::string> command;                      ///< empty: none
    std::string webhook;                                   ///< empty: none
    base::Duration timeout = std::chrono::seconds(10);
    AlertQueueOptions queue;
  };
  AlertTargets alerts;
};

class Host {
 public:
  /// `journal`, `loop` and `log` outlive the host. `fatal` must not return to normal work.
  Host(net::Loop& loop, HostOptions options, journal::SqliteThreadJournal& journal, Log& log,
       std::function<void(const std::string&)> fatal);
  ~Host();

  /// Where archived orders and snapshots are; before start(), and they outlive the host.
  void attach(history::HistoryThread& history, history::SnapshotFiles& snapshots);
  /// Binds the API's address. Error: it cannot be used.
  base::Status<> listen();
  /// After listen(): replays the journal and begins to connect.
  base::Status<> start(core::InstanceId instance);
  /// The orderly end, after the loop: waits a moment for the batch that is being written and leaves
  /// a snapshot, so that the next start is short.
  void finish();
  /// Closes the gate for new risk now; it stays closed until somebody resumes.
  void halt(const std::string& reason);
  std::uint16_t api_port() const { return listener_ ? listener_->port() : 0; }
  Daemon& daemon() { return daemon_; }

 private:
  struct Caller {
    net::TcpStream stream;
  };
  void accept(net::TcpStream stream);
  void turn();
  net::TcpStream connect_to_broker(broker::Channel channel);
  void carry_broker_actions(broker::Channel channel);
  void arm();
  void watch_disk();
  std::string limit_metrics() const;
  void watch_directory();
  void watch_clock();
  bool halt_file_is_there() const;
  api::ServiceHooks api_hooks();
  void add_alert_sinks();

  net::Loop& loop_;
  HostOptions options_;
  journal::SqliteThreadJournal& journal_;
  Log& log_;
  std::function<void(const std::string&)> fatal_;
  const journal::KeptFiles kept_files_;
  Alerts alerts_;
  Daemon daemon_;
  std::optional<net::TcpListener> listener_;
  std::map<api::ConnectionId, Caller> callers_;
  std::deque<net::TcpStream> ending_;  // answered, and waiting for the peer's end; the oldest first
  net::TcpStream broker_[broker::channel_count];
  net::Handle journal_watch_;
  history::HistoryThread* history_ = nullptr;
  net::Handle history_watch_;
  net::Handle timer_;
  net::Handle disk_timer_;
  net::Handle directory_timer_;
  base::Time armed_for_ = base::never;
  base::Duration machine_ahead_{};  // of the loop's time, as last looked at
  base::Duration dates_ahead_{};    // core::Core::ahead() as last looked at
  bool started_ = false;
  std::optional<bool> disk_told_;  // what the core was told last: nearly full or not
  std::optional<std::uint64_t> free_bytes_;
};

}  // namespace belay::app
