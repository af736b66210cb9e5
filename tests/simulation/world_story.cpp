// SPDX-License-Identifier: Apache-2.0
// The run from begin to end, and the evidence that is left of it.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "belay/base/check.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "tests/judge/judge.hpp"
#include "tests/simulation/world.hpp"

namespace belay::simulation {

bool World::bots_done() const {
  for (const auto& bot : bots_) {
    if (!bot->done()) return false;
  }
  return true;
}

// Lets virtual time pass until the bots are done and the daemon is ready, then a little more.
void World::settle(base::Duration limit) {
  const base::Time end = scheduler_.now() + limit;
  while (scheduler_.now() < end && !down_for_good_) {
    const bool ready = daemon_ && daemon_->engine().core().ready() && bots_done() &&
                       daemon_->engine().core().queued() == 0;
    if (ready) break;
    scheduler_.run_until(scheduler_.now() + std::chrono::milliseconds(100));
  }
  scheduler_.run_until(scheduler_.now() + std::chrono::seconds(8));
}

// Asks the API as a caller would, page by page, and joins the pages to one JSON array.
std::string World::fetch_orders() {
  std::string all = "[";
  std::string path = "/api/v1/orders/all?limit=100";
  HttpCaller caller(scheduler_, net_, std::chrono::seconds(5));
  for (int page = 0; page < 100 && !path.empty(); ++page) {
    std::optional<Answer> got;
    caller.call("GET", path, {}, "", [&](const Answer& answer) { got = answer; });
    while (!got && scheduler_.step()) {
    }
    if (!got || got->lost || got->status != 200) return "null";
    std::string next;
    const std::string items = array_member(got->body, "orders", next);
    if (items.size() > 2) all += (all.size() > 1 ? "," : "") + items.substr(1, items.size() - 2);
    path = next.empty() ? "" : "/api/v1/orders/all?limit=100&page_token=" + next;
  }
  return all + "]";
}

Answer World::ask(const std::string& method, const std::string& path, const std::string& body) {
  std::optional<Answer> got;
  HttpCaller caller(scheduler_, net_, std::chrono::seconds(90));
  caller.call(method, path, {}, body, [&](const Answer& answer) { got = answer; });
  while (!got && scheduler_.step()) {
  }
  return got.value_or(Answer{});
}

// Asks the broker for everything once more. True: every list came, from a link that had settled.
bool World::one_more_round() {
  const Answer answer = ask("POST", "/api/v1/reconcile", "");
  settle(std::chrono::seconds(60));
  return answer.status == 200 && member(answer.body, "settled") == "true";
}

// Rounds until nothing more follows from them: absence is believed when two settled ones agree.
void World::reconcile_fully() {
  constexpr int attempts_max = 15;
  int settled = 0;
  for (int i = 0; i < attempts_max && settled < 3; ++i) {
    settled += one_more_round() ? 1 : 0;
    scheduler_.run_until(scheduler_.now() + std::chrono::seconds(5));
  }
}

// From the journal: the view keeps the latest alone.
std::vector<std::string> World::events_from(std::uint64_t seq) {
  std::vector<std::string> out;
  const auto read = journal_->replay_from(seq, [&](const engine::JournalRecord& record) {
    auto event = core::decode(record.type, record.version, record.payload);
    BELAY_CHECK(event.has_value());
    out.push_back(views::to_json({record.seq, record.time, std::move(*event)}));
    return true;
  });
  BELAY_CHECK(read.has_value());
  return out;
}

void World::dump_log(const std::string& path) const {
  std::FILE* file = std::fopen(path.c_str(), "w");
  if (file == nullptr) return;
  for (const auto& line : broker_log_) std::fprintf(file, "%s\n", line.c_str());
  std::fclose(file);
}

// What is judged: what the bots saw, and what is shown before and after one more death.
void World::gather(judging::Evidence& evidence, Outcome& outcome) {
  for (const auto& bot : bots_) {
    evidence.records.insert(evidence.records.end(), bot->records().begin(), bot->records().end());
    evidence.complaints.insert(evidence.complaints.end(), bot->complaints().begin(),
                               bot->complaints().end());
  }
  if (!daemon_ || down_for_good_) return;
  reconcile_fully();
  const std::uint64_t before = daemon_->view().book().last_seq();
  one_more_round();
  evidence.second_round = events_from(before + 1);
  evidence.orders = fetch_orders();
  std::string next;
  evidence.positions = array_member(ask("GET", "/api/v1/positions", "").body, "positions", next);
  evidence.book_at_end = book_lines();
  evidence.log_at_end = broker_log_.size();
  // One more death, of the worst kind, and back: nothing that was seen may be different.
  plan_.power_loss = true;
  crash();
  scheduler_.run_until(scheduler_.now() + std::chrono::seconds(1));
  boot();
  settle(std::chrono::seconds(60));
  if (daemon_ && !down_for_good_) {
    evidence.orders_after_restart = fetch_orders();
    evidence.book = book_lines();
    evidence.events = events_from(1);
    const core::Book& book = daemon_->view().book();
    outcome.orders = book.orders_total();
    for (const auto& [id, order] : book.in_memory()) {
      outcome.executions += order.executions.size();
      if (order.unknown) ++outcome.unknown;
    }
  } else {
    outcome.findings.push_back("the daemon does not come back: " + fatal_);
  }
}

Outcome World::run() {
  boot();
  schedule_faults();
  // The faulty part: until the last possible fault has happened.
  scheduler_.run_until(scheduler_.now() + plan_.busy + std::chrono::seconds(6));
  if (!daemon_ && !down_for_good_) boot();
  // A disk that stalls at each tenth commit takes its time.
  settle(std::chrono::seconds(900));
  // The night is over before the last questions.
  if (plan_.day_resets > 0) {
    scheduler_.run_until(
        std::max(scheduler_.now(),
                 begin_ + plan_.window_after + plan_.reset_after + std::chrono::seconds(10)));
    settle(std::chrono::seconds(60));
  }

  judging::Evidence evidence;
  Outcome outcome;
  if (down_for_good_) outcome.findings.push_back("the daemon stopped: " + fatal_);
  if (!broken_book_.empty()) outcome.findings.push_back("a book is broken: " + broken_book_);
  if (!bots_done()) outcome.findings.push_back("a bot never got its answers");
  gather(evidence, outcome);
  evidence.broker_log = broker_log_;
  if (verbose_) {
    const std::filesystem::path folder = evidence_directory_.empty()
                                             ? std::filesystem::temp_directory_path()
                                             : std::filesystem::path(evidence_directory_);
    dump_log((folder / "simulation-broker.jsonl").string());
  }
  evidence.client = std::to_string(client_id);
  evidence.faults = plan_.fault_words();
  evidence.saw_all_days = plan_.day_resets == 0;
  evidence.storm = plan_.storm;
  if (!evidence_directory_.empty()) judging::save(evidence, evidence_directory_);
  const auto judged = judging::judge(evidence);
  outcome.findings.insert(outcome.findings.end(), judged.begin(), judged.end());
  outcome.trace_hash = trace_.hash();
  outcome.trace_entries = trace_.entries();
  outcome.crashes = crashes_;
  outcome.commits = commits_;
  outcome.messages = messages_;
  outcome.virtual_time = scheduler_.now() - begin_;
  return outcome;
}

}  // namespace belay::simulation
