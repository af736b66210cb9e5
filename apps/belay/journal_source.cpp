// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/journal_source.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "belay/api/history_row.hpp"
#include "belay/core/facts/event_encoding.hpp"

namespace belay::app {

base::Result<std::unique_ptr<history::HistorySource>> JournalSource::open(
    const std::string& journal) {
  auto opened = journal::SqliteJournal::open_beside(journal);
  if (!opened) return base::Failure<base::Error>{opened.error()};
  return std::unique_ptr<history::HistorySource>(new JournalSource(std::move(*opened)));
}

JournalSource::JournalSource(std::unique_ptr<journal::SqliteJournal> journal)
    : journal_(std::move(journal)) {
  view_.on_archive([this](const core::Order& order, std::uint64_t seq) {
    rows_->push_back(api::history_row(order, seq));
  });
}

base::Result<bool> JournalSource::next(std::size_t events, std::vector<engine::HistoryRow>& rows) {
  rows_ = &rows;
  std::size_t count = 0;
  std::optional<base::Error> damage;
  if (auto followed = journal_->follow(); !followed) {
    return base::Failure<base::Error>{followed.error()};
  }
  const auto read = journal_->replay_from(seq_ + 1, [&](const engine::JournalRecord& record) {
    auto event = core::decode(record.type, record.version, record.payload);
    if (!event) {
      damage = base::Error{"journal", fmt::format("row {}: {}", record.seq, event.error().detail)};
      return false;
    }
    view_.publish({record.seq, record.time, std::move(*event)});
    seq_ = record.seq;
    return ++count < events;
  });
  if (!read) return base::Failure<base::Error>{read.error()};
  if (damage) return base::Failure<base::Error>{*damage};
  return seq_ < journal_->last_seq();
}

}  // namespace belay::app
