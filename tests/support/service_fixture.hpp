// SPDX-License-Identifier: Apache-2.0
// For tests and fuzzers of the service: the real engine over a journal in memory and a broker that
// only writes down what it was asked, with one caller whose bytes are strings.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "belay/api/json.hpp"
#include "belay/api/service.hpp"
#include "belay/engine/engine.hpp"
#include "belay/engine/engine_gauges.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

class MemoryJournal : public engine::Journal {
 public:
  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>& visit) override;
  std::uint64_t last_seq() const override;
  std::uint64_t last_epoch() const override;
  std::uint64_t append(std::uint64_t, std::uint64_t,
                       std::vector<engine::JournalRecord> batch) override;
  std::optional<engine::AppendCompletion> poll() override;
  std::vector<engine::JournalRecord> records;
  std::optional<engine::AppendCompletion> pending;
  std::uint64_t tickets = 0;
  bool held = false;  ///< true: a disk that does not answer
};

class RecordingBroker : public broker::Broker {
 public:
  core::LaneSlots lane_slots(base::Time) const override;
  base::Time next_slot(base::Time) const override;
  void reserve() override {}
  void unreserve() override {}
  bool place(const core::PlaceEffect& effect, base::Time) override;
  bool replace(const core::ReplaceEffect& effect, base::Time) override;
  void cancel(const core::CancelEffect& effect, base::Time) override;
  void query_executions(base::Time) override {}
  void foreign_cancel(const core::ForeignCancelEffect& effect, base::Time) override;
  void global_cancel(base::Time) override;
  unsigned slots = 45;
  void snapshot(const core::SnapshotEffect& effect, base::Time) override;
  std::vector<core::PlaceEffect> placed;
  std::vector<core::ReplaceEffect> replaced;
  std::vector<core::CancelEffect> canceled;
  std::vector<core::ForeignCancelEffect> foreign_canceled;
  std::vector<core::SnapshotEffect> snapshots;
  int global_cancels = 0;
};

/// Archived orders in a map. Answers come when asked for, unless it is held.
class MemoryHistory : public engine::History {
 public:
  base::Status<> begin(std::uint64_t, std::uint64_t) override;
  std::uint64_t last_seq() const override;
  std::size_t room() const override;
  void put(engine::HistoryRow row) override;
  void ask(std::uint64_t ticket, engine::HistoryQuery query) override;
  std::optional<engine::HistoryAnswer> poll() override;
  engine::HistoryStats stats() const override;

  std::map<std::uint64_t, engine::HistoryRow> rows;
  std::vector<std::pair<std::uint64_t, engine::HistoryQuery>> asked;
  std::uint64_t seq = 0;
  std::string error;
  bool whole = true;
  std::vector<bool> next_whole;  ///< of the next answers, before all are as `whole` says
  bool held = false;

 private:
  static bool fits(const engine::HistoryRow& row, const engine::HistoryQuery& query);
};

struct Answer {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // lower case
  std::string body;
  Json json;
};

/// A field as text; empty when there is none.
std::string text(const Json& json, std::string_view name);
bool has(std::string_view text, std::string_view part);

class Daemon {
 public:
  /// `archiving`: what is done leaves memory at once.
  explicit Daemon(ServiceOptions options = {}, std::size_t events_kept_max = 20'000,
                  const engine::EngineOptions& engine_options = {}, bool archiving = false);
  ~Daemon();

  void turn();
  static engine::EngineOptions options_of(engine::EngineOptions options, bool archiving);
  void submit(const core::Input& input);
  void pass(base::Duration time);
  /// Connects to a broker with one paper account.
  void connect();
  core::BrokerNames names(std::size_t place) const;
  static core::BrokerOrder working(core::BrokerNames order, core::OrderSpec spec,
                                   std::string word = "Submitted");
  void acknowledge(std::size_t place = 0);
  void fill(std::size_t place, std::int64_t quantity, const char* price, const char* exec_id);

  /// Sends a request on the caller's connection; what came back is in sent[connection].
  void ask(std::string_view method, std::string_view target, std::string_view body = "",
           std::string_view more = "");
  /// The answer to the oldest request, if it has come.
  std::optional<Answer> take();
  Answer call(std::string_view method, std::string_view target, std::string_view body = "",
              std::string_view more = "");

  base::Time now = *base::parse_rfc3339("2026-11-21T15:00:00Z");
  MemoryJournal journal;
  RecordingBroker broker;
  MemoryHistory history;
  views::LiveView view;
  engine::Engine engine;
  engine::EngineGauges gauges;
  Service service;
  std::map<ConnectionId, std::string> sent;
  std::map<ConnectionId, bool> finished;
  std::size_t unsent = 0;
  std::string halt_file;
  std::vector<std::string> recorded;
  ConnectionId connection = 0;
};

}  // namespace belay::api
