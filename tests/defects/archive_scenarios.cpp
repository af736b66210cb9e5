// SPDX-License-Identifier: Apache-2.0
// What archived orders and snapshots must get right.
#include <doctest/doctest.h>

#include "belay/base/defects.hpp"
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

constexpr Scenario scenarios[] = {
    {Defect::archive_forgets_key, "an archived key stays used", an_archived_key_stays_used},
    {Defect::archived_fill_counted_again, "an archived fill that is listed again is no news",
     an_archived_fill_that_is_listed_again_is_no_news},
    {Defect::snapshot_skips_event, "a snapshot and its tail are the whole journal",
     a_snapshot_and_its_tail_are_the_whole},
};

}  // namespace

std::span<const Scenario> archive_scenarios() {
  return scenarios;
}

}  // namespace belay::test
