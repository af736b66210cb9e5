// SPDX-License-Identifier: Apache-2.0
// HistoryStore: archived orders in one SQLite file, synchronous (docs/formats/history.md). It keeps
// bytes and the columns they are found by. It is a projection: synchronous=NORMAL, so that a power
// loss may take the last rows, which the next start writes again from the journal; a file that
// cannot be used is thrown away. One owner at a time; HistoryThread gives it a thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "belay/engine/history_port.hpp"
#include "belay/journal/sqlite_db.hpp"

namespace belay::history {

struct StoreSettings {
  std::string path;        ///< views.db
  std::string vfs;         ///< a registered VFS; empty: the operating system's files
  bool exclusive = false;  ///< locking_mode EXCLUSIVE, for a simulated VFS
};

class HistoryStore {
 public:
  /// Opens or creates. A file that is damaged, of another program or another version is removed
  /// and made anew (not under a simulated VFS: the error is returned).
  static base::Result<std::unique_ptr<HistoryStore>> open(const StoreSettings& settings);

  /// See engine::History::begin.
  base::Status<> begin(std::uint64_t instance, std::uint64_t journal_seq);
  std::uint64_t last_seq() const { return last_seq_; }
  /// All or none.
  base::Status<> put(std::span<const engine::HistoryRow> rows);
  engine::HistoryAnswer read(std::uint64_t ticket, const engine::HistoryQuery& query);
  std::uint64_t file_bytes();

 private:
  explicit HistoryStore(journal::Database database) : database_(std::move(database)) {}
  static base::Result<std::unique_ptr<HistoryStore>> open_once(const StoreSettings& settings);
  base::Status<> configure(bool exclusive);
  base::Status<> create_or_check();
  base::Status<> prepare();
  base::Status<> put_one(const engine::HistoryRow& row);
  base::Status<> note_seq(std::uint64_t seq);

  journal::Database database_;
  journal::Statement insert_;
  journal::Statement insert_permanent_;
  journal::Statement set_meta_;
  journal::Statement by_order_;
  journal::Statement by_permanent_;
  journal::Statement by_broker_;
  std::uint64_t last_seq_ = 0;
};

}  // namespace belay::history
