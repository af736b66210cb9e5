// SPDX-License-Identifier: Apache-2.0
#include "tests/support/service_fixture.hpp"

#include <fmt/format.h>

#include <utility>

#include "belay/api/history_row.hpp"

namespace belay::api {

std::string text(const Json& json, std::string_view name) {
  return std::string(json.text_of(name));
}
bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

base::Status<> MemoryJournal::replay(
    const std::function<bool(const engine::JournalRecord&)>& visit) {
  for (const auto& record : records) {
    if (!visit(record)) break;
  }
  return base::ok();
}
std::uint64_t MemoryJournal::last_seq() const {
  return records.size();
}
std::uint64_t MemoryJournal::last_epoch() const {
  return records.empty() ? 0 : records.back().epoch;
}
std::uint64_t MemoryJournal::append(std::uint64_t, std::uint64_t,
                                    std::vector<engine::JournalRecord> batch) {
  for (auto& record : batch) records.push_back(std::move(record));
  pending = engine::AppendCompletion{++tickets, engine::AppendOutcome::durable, ""};
  return tickets;
}
std::optional<engine::AppendCompletion> MemoryJournal::poll() {
  if (held) return std::nullopt;
  return std::exchange(pending, std::nullopt);
}
core::LaneSlots RecordingBroker::lane_slots(base::Time) const {
  return slots;
}
base::Time RecordingBroker::next_slot(base::Time) const {
  return base::never;
}
bool RecordingBroker::place(const core::PlaceEffect& effect, base::Time) {
  placed.push_back(effect);
  return true;
}
bool RecordingBroker::replace(const core::ReplaceEffect& effect, base::Time) {
  replaced.push_back(effect);
  return true;
}
void RecordingBroker::cancel(const core::CancelEffect& effect, base::Time) {
  canceled.push_back(effect);
}
void RecordingBroker::foreign_cancel(const core::ForeignCancelEffect& effect, base::Time) {
  foreign_canceled.push_back(effect);
}
void RecordingBroker::global_cancel(base::Time) {
  ++global_cancels;
}
void RecordingBroker::snapshot(const core::SnapshotEffect& effect, base::Time) {
  snapshots.push_back(effect);
}
base::Status<> MemoryHistory::begin(std::uint64_t, std::uint64_t) {
  return base::ok();
}
std::uint64_t MemoryHistory::last_seq() const {
  return rows.empty() ? 0 : seq;
}
std::size_t MemoryHistory::room() const {
  return 1'000;
}
void MemoryHistory::put(engine::HistoryRow row) {
  seq = row.seq;
  rows.insert_or_assign(row.order, std::move(row));
}
void MemoryHistory::ask(std::uint64_t ticket, engine::HistoryQuery query) {
  asked.emplace_back(ticket, std::move(query));
}
std::optional<engine::HistoryAnswer> MemoryHistory::poll() {
  if (held || asked.empty()) return std::nullopt;
  const auto [ticket, query] = asked.front();
  asked.erase(asked.begin());
  engine::HistoryAnswer answer;
  answer.ticket = ticket;
  answer.error = error;
  answer.whole = whole;
  if (!next_whole.empty()) {
    answer.whole = next_whole.front();
    next_whole.erase(next_whole.begin());
  }
  const std::size_t limit = query.by == engine::HistoryQuery::By::list ? query.limit : 1;
  for (auto it = rows.rbegin(); it != rows.rend() && error.empty(); ++it) {
    if (!fits(it->second, query)) continue;
    answer.more = answer.states.size() == limit;
    if (answer.more) break;
    answer.states.push_back(it->second.state);
  }
  return answer;
}
engine::HistoryStats MemoryHistory::stats() const {
  return {asked.size(), rows.size(), 0, 0};
}
bool MemoryHistory::fits(const engine::HistoryRow& row, const engine::HistoryQuery& query) {
  switch (query.by) {
    case engine::HistoryQuery::By::order:
      return row.order == query.order;
    case engine::HistoryQuery::By::permanent_id:
      return !row.permanent_ids.empty() && row.permanent_ids.front() == query.permanent_id;
    case engine::HistoryQuery::By::broker_id:
      return row.session == query.session && row.number == query.number;
    case engine::HistoryQuery::By::list:
      break;
  }
  return row.order < query.before && (query.account.empty() || row.account == query.account) &&
         (query.symbol.empty() || row.symbol == query.symbol) &&
         (query.status.empty() || row.status == query.status || row.ord_status == query.status) &&
         (query.external_too || !row.external) && (!query.with_executions || row.has_executions) &&
         (query.order == 0 || row.order == query.order);
}
Daemon::Daemon(ServiceOptions options, std::size_t events_kept_max,
               const engine::EngineOptions& engine_options, bool archiving)
    : view(events_kept_max),
      engine(options_of(engine_options, archiving), journal,
             {.publish = [this](const core::StampedEvent& event) { view.publish(event); },
              .reply = [this](const core::Reply& reply) { service.on_reply(reply, now); },
              .fatal = [](const std::string&) {}}),
      gauges(engine),
      service(std::move(options), engine, view,
              {.send = [this](ConnectionId id, std::string_view bytes) { sent[id] += bytes; },
               .finish = [this](ConnectionId id, bool cut) { finished[id] = cut; },
               .unsent = [this](ConnectionId) { return unsent; },
               .record = [this](const std::string& line) { recorded.push_back(line); },
               .halt_file = [this] { return halt_file; }}) {
  engine.attach(broker);
  view.read_off(gauges);
  view.on_event([this](const views::EventLine& line) { service.on_event(line); });
  if (archiving) {
    engine.attach(history);
    service.attach(history);
    view.on_archive([this](const core::Order& order, std::uint64_t seq) {
      history.put(history_row(order, seq));
    });
  }
  const auto started = engine.start(core::InstanceId(0xabcdef), now);
  BELAY_CHECK(started.has_value());
  turn();
  connection = service.open(now);
}
Daemon::~Daemon() = default;
void Daemon::turn() {
  engine.turn(now);
  service.turn(now);
  engine.turn(now);
  while (const auto answer = history.poll()) {
    if ((answer->ticket & engine::recall_ticket) != 0) {
      engine.submit(core::ArchivedOrder{core::OrderId(answer->ticket & ~engine::recall_ticket),
                                        answer->states.empty()
                                            ? std::nullopt
                                            : std::optional<std::string>(answer->states.front()),
                                        answer->error},
                    now);
    } else {
      service.on_history(*answer, now);
    }
    engine.turn(now);
    service.turn(now);
  }
}
engine::EngineOptions Daemon::options_of(engine::EngineOptions options, bool archiving) {
  if (archiving) options.core.finished_kept_max = 0;
  return options;
}
void Daemon::submit(const core::Input& input) {
  engine.submit(input, now);
  turn();
}
void Daemon::pass(base::Duration time) {
  now = now + time;
  turn();
}
void Daemon::connect() {
  submit(core::SessionUp{7, 100, {{core::AccountId("DU1"), true}}});
  submit(core::SnapshotDone{});
}
core::BrokerNames Daemon::names(std::size_t place) const {
  return {broker.placed.at(place).broker_id,
          core::PermanentId(1000 + static_cast<std::int64_t>(place)), broker.placed.at(place).tag};
}
core::BrokerOrder Daemon::working(core::BrokerNames order, core::OrderSpec spec, std::string word) {
  core::BrokerOrder report;
  report.names = std::move(order);
  report.spec = std::move(spec);
  report.raw_ord_type = "LMT";
  report.state = core::BrokerState::working;
  report.raw_status = std::move(word);
  return report;
}
void Daemon::acknowledge(std::size_t place) {
  submit(working(names(place), broker.placed.at(place).spec));
}
void Daemon::fill(std::size_t place, std::int64_t quantity, const char* price,
                  const char* exec_id) {
  core::Execution execution;
  execution.id = core::split_exec_id(exec_id);
  execution.last_qty = core::Quantity::from_int(quantity);
  execution.last_px = core::Price(*base::Decimal::parse(price));
  execution.transact_time = "20261121 04:00:22";
  const auto& spec = broker.placed.at(place).spec;
  submit(core::BrokerExecution{names(place), spec->account, spec->contract, execution});
}
void Daemon::ask(std::string_view method, std::string_view target, std::string_view body,
                 std::string_view more) {
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nHost: localhost:8001\r\n{}", method, target, more);
  if (!body.empty()) {
    text += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  }
  service.receive(connection, text + "\r\n" + std::string(body), now);
  turn();
}
std::optional<Answer> Daemon::take() {
  std::string& bytes = sent[connection];
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  Answer answer;
  answer.status = static_cast<unsigned>(std::stoi(bytes.substr(9, 3)));
  for (std::size_t at = bytes.find("\r\n") + 2; at < end;) {
    const auto line_end = bytes.find("\r\n", at);
    const auto colon = bytes.find(": ", at);
    answer.headers[to_lower(bytes.substr(at, colon - at))] =
        bytes.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  const auto length = static_cast<std::size_t>(std::stoul(answer.headers["content-length"]));
  answer.body = bytes.substr(end + 4, length);
  bytes.erase(0, end + 4 + length);
  if (auto json = Json::parse(answer.body)) answer.json = std::move(*json);
  return answer;
}
Answer Daemon::call(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view more) {
  ask(method, target, body, more);
  return take().value_or(Answer{});
}

}  // namespace belay::api
