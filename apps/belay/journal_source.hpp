// SPDX-License-Identifier: Apache-2.0
// JournalSource: reads the archived orders from the journal of the running daemon, beside its
// writer, to rebuild a history whose file was damaged.
#pragma once

#include <memory>
#include <vector>

#include "belay/history/history_thread.hpp"
#include "belay/journal/sqlite_journal.hpp"
#include "belay/views/live_view.hpp"

namespace belay::app {

class JournalSource final : public history::HistorySource {
 public:
  static base::Result<std::unique_ptr<history::HistorySource>> open(const std::string& journal);
  explicit JournalSource(std::unique_ptr<journal::SqliteJournal> journal);

  base::Result<bool> next(std::size_t events, std::vector<engine::HistoryRow>& rows) override;

 private:
  std::unique_ptr<journal::SqliteJournal> journal_;
  views::LiveView view_{1};
  std::uint64_t seq_ = 0;                            // of the last event that was read
  std::vector<engine::HistoryRow>* rows_ = nullptr;  // of the piece that is being read
};

}  // namespace belay::app
