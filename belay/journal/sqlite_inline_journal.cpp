// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/sqlite_inline_journal.hpp"

#include <utility>

namespace belay::journal {

base::Result<std::unique_ptr<SqliteInlineJournal>> SqliteInlineJournal::open(
    SqliteSettings settings) {
  auto store = SqliteJournal::open(std::move(settings));
  if (!store) return base::Failure<base::Error>{store.error()};
  return std::make_unique<SqliteInlineJournal>(std::move(*store));
}

std::uint64_t SqliteInlineJournal::append(std::uint64_t epoch, std::uint64_t expected_seq,
                                          std::vector<engine::JournalRecord> batch) {
  BELAY_CHECK(!answer_.has_value());
  AppendAnswer answer = store_->append(epoch, expected_seq, batch);
  answer_ = engine::AppendCompletion{++last_ticket_, answer.outcome, std::move(answer.detail)};
  return last_ticket_;
}

std::optional<engine::AppendCompletion> SqliteInlineJournal::poll() {
  auto answer = std::exchange(answer_, std::nullopt);
  if (answer) store_->after_append();
  return answer;
}

}  // namespace belay::journal
