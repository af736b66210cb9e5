// SPDX-License-Identifier: Apache-2.0
// The columns of an order's row, and how values get into a statement.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "belay/journal/sqlite_db.hpp"

namespace belay::history {

inline constexpr std::string_view columns =
    "id, seq, account, symbol, status, ord_status, external, has_executions, finished, session, "
    "number,"
    " names, state, crc";

inline void bind(journal::Statement& statement, int at, const std::string& text) {
  // No destructor (SQLITE_STATIC): the text outlives the step.
  sqlite3_bind_text64(statement.raw(), at, text.data(), text.size(), nullptr, SQLITE_UTF8);
}
inline void bind(journal::Statement& statement, int at, std::int64_t value) {
  sqlite3_bind_int64(statement.raw(), at, value);
}
// As it is, for a column that holds bytes.
inline void bind_blob(journal::Statement& statement, int at, std::string_view bytes) {
  sqlite3_bind_blob64(statement.raw(), at, bytes.data(), bytes.size(), nullptr);
}
inline std::int64_t as_int(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

}  // namespace belay::history
