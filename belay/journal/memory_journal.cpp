// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/memory_journal.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "belay/journal/append_contract.hpp"

namespace belay::journal {

using engine::AppendCompletion;
using engine::AppendOutcome;
using engine::JournalRecord;

base::Status<> MemoryJournal::replay(const std::function<bool(const JournalRecord&)>& visit) {
  for (const JournalRecord& record : records_) {
    if (!visit(record)) break;
  }
  return base::ok();
}

std::uint64_t MemoryJournal::append(std::uint64_t epoch, std::uint64_t expected_seq,
                                    std::vector<JournalRecord> batch) {
  BELAY_CHECK(!pending_ && !answer_);
  check_batch(epoch, expected_seq, batch);
  const std::uint64_t ticket = ++last_ticket_;
  if (!dead_.empty()) {
    answer_ = AppendCompletion{ticket, AppendOutcome::failed, dead_detail + dead_};
  } else if (expected_seq != last_seq() + 1 || epoch < last_epoch()) {
    dead_ = fmt::format("stale append: expected seq {} epoch {}, the tail is seq {} epoch {}",
                        expected_seq, epoch, last_seq(), last_epoch());
    answer_ = AppendCompletion{ticket, AppendOutcome::stale, dead_};
  } else if (batch.size() > settings_.records_max - records_.size()) {
    dead_ = fmt::format("full: {} records is the limit", settings_.records_max);
    answer_ = AppendCompletion{ticket, AppendOutcome::failed, dead_};
  } else {
    pending_ = std::move(batch);
  }
  return ticket;
}

std::optional<AppendCompletion> MemoryJournal::poll() {
  if (pending_ && settings_.answers == Answers::at_poll) complete();
  return std::exchange(answer_, std::nullopt);
}

void MemoryJournal::complete() {
  BELAY_CHECK(pending_.has_value());
  keep();
  answer_ = AppendCompletion{last_ticket_, AppendOutcome::durable, ""};
}

void MemoryJournal::fail(std::string detail, InFlight what) {
  BELAY_CHECK(pending_.has_value());
  if (what == InFlight::kept) keep();
  pending_.reset();
  dead_ = std::move(detail);
  answer_ = AppendCompletion{last_ticket_, AppendOutcome::failed, dead_};
}

void MemoryJournal::crash(InFlight what) {
  if (pending_ && what == InFlight::kept) keep();
  pending_.reset();
  answer_.reset();
  dead_.clear();
}

void MemoryJournal::keep() {
  records_.insert(records_.end(), std::make_move_iterator(pending_->begin()),
                  std::make_move_iterator(pending_->end()));
  pending_.reset();
}

}  // namespace belay::journal
