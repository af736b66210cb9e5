// SPDX-License-Identifier: Apache-2.0
// What is read of the history: one order by a name, or a page of a list, and what may be missing.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/base/defects.hpp"
#include "belay/history/columns.hpp"
#include "belay/history/history_store.hpp"

namespace belay::history {

using engine::HistoryAnswer;
using engine::HistoryQuery;
using engine::HistoryRow;
using journal::Statement;

namespace {

// A page that stands for more rows than these is believed as far as its own rows go.
constexpr std::size_t page_rows_checked = 10'000;
constexpr std::size_t rows_at_once = 2'000;

// An index may lead to another order than the one that was asked for.
bool fits(const HistoryRow& row, const HistoryQuery& query) {
  switch (query.by) {
    case HistoryQuery::By::order:
      return row.order == query.order;
    case HistoryQuery::By::permanent_id:
      return std::find(row.permanent_ids.begin(), row.permanent_ids.end(), query.permanent_id) !=
             row.permanent_ids.end();
    case HistoryQuery::By::broker_id:
      return row.number == query.number && row.session == query.session;
    case HistoryQuery::By::list:
      return row.order < query.before && (query.symbol.empty() || row.symbol == query.symbol) &&
             (query.account.empty() || row.account == query.account) &&
             (query.status.empty() || row.status == query.status ||
              row.ord_status == query.status) &&
             (query.external_too || !row.external) &&
             (!query.with_executions || row.has_executions) &&
             (query.order == 0 || row.order == query.order);
  }
  return false;
}

std::string list_sql(const HistoryQuery& query) {
  std::string sql = fmt::format("SELECT {} FROM orders WHERE id < ?1", columns);
  if (!query.account.empty()) sql += " AND account = ?2";
  if (!query.symbol.empty()) sql += " AND symbol = ?3";
  if (!query.status.empty()) sql += " AND (status = ?4 OR ord_status = ?4)";
  if (!query.external_too) sql += " AND external = 0";
  if (query.with_executions) sql += " AND has_executions = 1";
  if (query.order != 0) sql += " AND id = ?6";
  return sql + " ORDER BY id DESC LIMIT ?5";
}

}  // namespace

// We alone write here: what another connection changed is looked for, before anything is read.
void HistoryStore::look_for_other_writers() {
  const auto version = database_.integer("PRAGMA data_version");
  if (!version || *version == data_version_) return;
  data_version_ = *version;
  scrubbed_ = INT64_MIN;
  seen_ = 0;
  scrub(rows_at_once);
}

// A list shows what fits. That nothing is missing from it is known when all rows that should be
// between its ends are there and as they were written, and no more of them fit.
void HistoryStore::check_page(const HistoryQuery& query, std::uint64_t from, std::size_t found) {
  std::uint64_t to = std::min<std::uint64_t>(query.before, kept_.size());
  if (query.order != 0) to = std::min(to, query.order + 1);
  std::size_t expected = 0;
  for (std::uint64_t id = from; id < to; ++id) {
    if (kept_[id] && ++expected > page_rows_checked) return;
  }
  bind(from_order_, 1, as_int(from) - 1);
  bind(from_order_, 2, as_int(expected + 1));
  std::size_t seen = 0;
  std::size_t fitting = 0;
  int code = from_order_.step();
  for (; code == SQLITE_ROW; code = from_order_.step()) {
    const auto row = read_row(from_order_);
    if (!row || row->order >= to) break;
    ++seen;
    if (fits(*row, query)) ++fitting;
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) (void)failure();
  from_order_.reset();
  if (seen != expected || fitting != found) {
    damage(fmt::format("of the orders {} to {} there are {} rows, and should be {}", from, to - 1,
                       seen, expected));
  }
}

// What is not there may be what was damaged.
void HistoryStore::look_for_missing(const HistoryQuery& query, HistoryAnswer& answer,
                                    std::uint64_t lowest) {
  if (query.by != HistoryQuery::By::list) {
    if (answer.states.empty()) answer.error = damaged_;
    return;
  }
  const std::uint64_t from = answer.more ? lowest : std::max<std::uint64_t>(query.order, 1);
  if (looked_through()) check_page(query, from, answer.states.size());
  answer.whole =
      base::defect(base::Defect::lost_row_unnoticed) || (looked_through() && damaged_.empty());
}

HistoryAnswer HistoryStore::read(std::uint64_t ticket, const HistoryQuery& query) {
  HistoryAnswer answer;
  answer.ticket = ticket;
  look_for_other_writers();
  Statement listing;
  Statement* statement = nullptr;
  std::size_t limit = 1;
  switch (query.by) {
    case HistoryQuery::By::order:
      statement = &by_order_;
      bind(*statement, 1, as_int(query.order));
      break;
    case HistoryQuery::By::permanent_id:
      statement = &by_permanent_;
      bind(*statement, 1, query.permanent_id);
      break;
    case HistoryQuery::By::broker_id:
      statement = &by_broker_;
      bind(*statement, 1, query.number);
      bind(*statement, 2, query.session);
      break;
    case HistoryQuery::By::list: {
      auto prepared = database_.prepare(list_sql(query));
      if (!prepared) {
        answer.error = failure();
        return answer;
      }
      listing = std::move(*prepared);
      statement = &listing;
      limit = query.limit;
      bind(*statement, 1, as_int(query.before));
      bind(*statement, 2, query.account);
      bind(*statement, 3, query.symbol);
      bind(*statement, 4, query.status);
      bind(*statement, 5, as_int(limit + 1));
      if (query.order != 0) bind(*statement, 6, as_int(query.order));
      break;
    }
  }
  std::uint64_t lowest = 0;  // of those that are shown
  int code = statement->step();
  for (; code == SQLITE_ROW; code = statement->step()) {
    if (answer.states.size() == limit) {
      answer.more = true;
      break;
    }
    auto row = read_row(*statement);
    if (row && !fits(*row, query)) {
      row = base::fail(
          "views.db", damage(fmt::format("order {} is found by the names of another", row->order)));
    }
    if (!row) {
      answer.error = row.error().detail;
      break;
    }
    lowest = row->order;
    answer.states.push_back(std::move(row->state));
  }
  if (code != SQLITE_ROW && code != SQLITE_DONE) answer.error = failure();
  statement->reset();
  if (answer.error.empty()) look_for_missing(query, answer, lowest);
  if (!answer.error.empty()) answer.states.clear();
  return answer;
}

}  // namespace belay::history
