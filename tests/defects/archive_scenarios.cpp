// SPDX-License-Identifier: Apache-2.0
// What archived orders and snapshots must get right.
#include <doctest/doctest.h>

#include "belay/base/defects.hpp"
#include "belay/history/history_store.hpp"
#include "belay/journal/test_dir.hpp"
#include "tests/defects/scenarios.hpp"
#include "tests/support/archive_rig.hpp"
#include "tests/support/snapshot_life.hpp"

namespace belay::test {

using belay::base::Defect;

namespace {

bool an_archived_key_stays_used() {
  ArchiveRig rig;
  rig.filled("k1", "e.1.01");
  return rig.place("k1").code == ReplyCode::replayed;
}
bool an_archived_fill_that_is_listed_again_is_no_news() {
  ArchiveRig rig;
  rig.filled("k1", "e.1.01");
  rig.tell(rig.report);
  return rig.silent() && rig.core.book().orders_total() == 1;
}
bool a_snapshot_and_its_tail_are_the_whole() {
  SnapshotLife life;
  life.live(1);
  life.stop();
  life.live(2);
  return life.state_after_restart(true) == life.state_after_restart(false);
}

bool a_damaged_row_is_no_answer() {
  const journal::TestDir dir;
  const history::StoreSettings settings{dir.file("views.db"), "", false};
  auto store = history::HistoryStore::open(settings);
  engine::HistoryRow row;
  row.order = row.seq = 1;
  row.state = "filled";
  if (!store || !(*store)->begin(1, 1) || !(*store)->put({&row, 1})) return false;
  auto disk = journal::Database::open(settings.path, "", SQLITE_OPEN_READWRITE);
  if (!disk || !disk->exec("UPDATE orders SET state = CAST('fillee' AS BLOB)")) return false;
  engine::HistoryQuery query;
  query.order = 1;
  return (*store)->read(1, query).states.empty();
}

bool a_list_that_lost_a_row_is_not_complete() {
  const journal::TestDir dir;
  const history::StoreSettings settings{dir.file("views.db"), "", false};
  auto store = history::HistoryStore::open(settings);
  if (!store || !(*store)->begin(1, 10)) return false;
  for (std::uint64_t id = 1; id <= 3; ++id) {
    engine::HistoryRow row;
    row.order = row.seq = id;
    row.state = "filled";
    if (!(*store)->put({&row, 1})) return false;
  }
  engine::HistoryQuery query;
  query.by = engine::HistoryQuery::By::list;
  query.limit = 10;
  const bool was_whole = (*store)->read(1, query).whole;
  auto disk = journal::Database::open(settings.path, "", SQLITE_OPEN_READWRITE);
  if (!disk || !disk->exec("DELETE FROM orders WHERE id = 2")) return false;
  return was_whole && !(*store)->read(2, query).whole;
}

constexpr Scenario of_archive[] = {
    {Defect::lost_row_unnoticed, "a list that lost a row is not complete",
     a_list_that_lost_a_row_is_not_complete},
    {Defect::archive_forgets_key, "an archived key stays used", an_archived_key_stays_used},
    {Defect::archived_fill_counted_again, "an archived fill that is listed again is no news",
     an_archived_fill_that_is_listed_again_is_no_news},
    {Defect::snapshot_skips_event, "a snapshot and its tail are the whole journal",
     a_snapshot_and_its_tail_are_the_whole},
    {Defect::damaged_row_believed, "a damaged row of the history is no answer",
     a_damaged_row_is_no_answer},
};

}  // namespace

std::span<const Scenario> archive_scenarios() {
  return of_archive;
}

}  // namespace belay::test
