// SPDX-License-Identifier: Apache-2.0
// HistoryStore: archived orders in one SQLite file, synchronous (docs/formats/history.md). It keeps
// bytes and the columns by which they are found. It is made from the journal. With
// synchronous=NORMAL a power loss may take the last rows, and the next start writes them again; a
// file that cannot be used is thrown away. Nothing in it is believed unchecked: every row has a
// check of all its fields, and a row that does not fit, or that an index finds wrongly, is an error
// and never an answer. One owner at a time; HistoryThread gives it a thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

  /// See engine::History::begin. Rows are looked through for a second at most (scrub() goes on);
  /// when one is damaged all are thrown away, and the journal's replay writes them again.
  base::Status<> begin(std::uint64_t instance, std::uint64_t journal_seq);
  /// Looks through the next `rows` rows, newest last: their checks, and that every index leads to
  /// them. False: all were looked through, or damaged().
  bool scrub(std::size_t rows);
  /// scrub() has come to the end, since the file was opened or somebody else wrote in it.
  bool looked_through() const { return scrubbed_ == INT64_MAX; }
  /// Something was found that is not as it was written; empty: nothing.
  const std::string& damaged() const { return damaged_; }
  /// The order was archived, and its row is not there.
  void missing(std::uint64_t order);
  /// The file of `fresh` takes the place and the name of the one of `settings`, which `old` has
  /// open, if anybody; both are closed.
  static base::Result<std::unique_ptr<HistoryStore>> replace(const StoreSettings& settings,
                                                             std::unique_ptr<HistoryStore> old,
                                                             std::unique_ptr<HistoryStore> fresh);
  static void remove(const std::string& path);
  std::uint64_t last_seq() const { return last_seq_; }
  /// All or none.
  base::Status<> put(std::span<const engine::HistoryRow> rows);
  /// A list is not `whole` when a row that should be on its page is not there, or does not say any
  /// more what it is found by, and while the file has not been looked through.
  engine::HistoryAnswer read(std::uint64_t ticket, const engine::HistoryQuery& query);
  std::uint64_t file_bytes();

 private:
  HistoryStore(StoreSettings settings, journal::Database database)
      : settings_(std::move(settings)), database_(std::move(database)) {}
  static base::Result<std::unique_ptr<HistoryStore>> open_once(const StoreSettings& settings);
  base::Status<> configure(bool exclusive);
  base::Status<> create_or_check();
  base::Status<> prepare();
  base::Status<> put_one(const engine::HistoryRow& row);
  base::Status<> note(std::string_view name, std::int64_t value);
  struct Meta {
    std::int64_t instance = -1;
    std::uint64_t last_seq = 0;
    std::int64_t rows = 0;
  };
  base::Result<Meta> read_meta();
  base::Status<> start_anew(std::uint64_t instance);
  bool is_whole();
  base::Result<engine::HistoryRow> read_row(journal::Statement& statement);
  base::Status<> check_indexes(const engine::HistoryRow& row);
  void check_page(const engine::HistoryQuery& query, std::uint64_t from, std::size_t found);
  void look_for_missing(const engine::HistoryQuery& query, engine::HistoryAnswer& answer,
                        std::uint64_t lowest);
  void look_for_other_writers();
  void remember(std::uint64_t order);
  bool leads_to(journal::Statement& statement, std::uint64_t order);
  std::string damage(const std::string& what);
  std::string failure();

  StoreSettings settings_;
  journal::Database database_;
  journal::Statement insert_;
  journal::Statement insert_permanent_;
  journal::Statement set_meta_;
  journal::Statement by_order_;
  journal::Statement by_permanent_;
  journal::Statement by_broker_;
  journal::Statement has_order_;
  journal::Statement from_order_;  // for scrub(), as the next three
  journal::Statement has_permanent_;
  journal::Statement has_symbol_;
  journal::Statement has_broker_;
  std::uint64_t last_seq_ = 0;
  std::int64_t rows_ = 0;              // that there should be
  std::int64_t seen_ = 0;              // of them, by scrub()
  std::int64_t scrubbed_ = INT64_MIN;  // ids up to this one were looked through
  std::vector<bool> kept_;             // by id: its row should be there; all, once looked through
  std::int64_t data_version_ = 0;      // moves when another connection writes
  std::string damaged_;
};

}  // namespace belay::history
