// SPDX-License-Identifier: Apache-2.0
// For the tests of this folder: a store in a temporary directory and what is asked of it.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>

#include "belay/history/history_store.hpp"
#include "belay/journal/sqlite_db.hpp"
#include "belay/journal/test_dir.hpp"

namespace belay::history {

inline engine::HistoryQuery list(std::uint64_t before = INT64_MAX, std::size_t limit = 1'000) {
  engine::HistoryQuery query;
  query.by = engine::HistoryQuery::By::list;
  query.before = before;
  query.limit = limit;
  return query;
}

inline std::unique_ptr<HistoryStore> open(const journal::TestDir& dir) {
  auto store = HistoryStore::open({dir.file("views.db"), "", false});
  REQUIRE(store.has_value());
  return std::move(*store);
}

/// Changes the file with SQLite itself, as a disk that takes nothing would show.
inline void tamper(const journal::TestDir& dir, const std::string& sql) {
  auto database = journal::Database::open(dir.file("views.db"), "", SQLITE_OPEN_READWRITE);
  REQUIRE(database.has_value());
  REQUIRE(database->exec(sql).has_value());
}

}  // namespace belay::history
