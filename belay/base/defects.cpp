// SPDX-License-Identifier: Apache-2.0
#include "belay/base/defects.hpp"

// tidy: allow threads because the journal's thread reads the switch in test builds
#include <atomic>
#include <iterator>

namespace belay::base {
namespace {

struct Row {
  Defect defect;
  std::string_view name;
};
constexpr Row rows[] = {
    {Defect::none, "none"},
    {Defect::journal_acks_before_sync, "journal_acks_before_sync"},
    {Defect::send_before_durable, "send_before_durable"},
    {Defect::reply_before_durable, "reply_before_durable"},
    {Defect::id_reused_after_rollback, "id_reused_after_rollback"},
    {Defect::mark_forgotten_at_restart, "mark_forgotten_at_restart"},
    {Defect::fill_counted_twice, "fill_counted_twice"},
    {Defect::correction_added, "correction_added"},
    {Defect::unknown_order_retried, "unknown_order_retried"},
    {Defect::key_forgotten_at_restart, "key_forgotten_at_restart"},
    {Defect::late_fill_dropped, "late_fill_dropped"},
    {Defect::refused_modify_kills_order, "refused_modify_kills_order"},
    {Defect::cancel_waits_behind_entries, "cancel_waits_behind_entries"},
    {Defect::unlisted_code_ends_order, "unlisted_code_ends_order"},
    {Defect::archive_forgets_key, "archive_forgets_key"},
    {Defect::archived_fill_counted_again, "archived_fill_counted_again"},
    {Defect::snapshot_skips_event, "snapshot_skips_event"},
    {Defect::risk_sent_in_reset_window, "risk_sent_in_reset_window"},
    {Defect::foreign_cancel_under_own_id, "foreign_cancel_under_own_id"},
    {Defect::main_session_dropped_for_foreign, "main_session_dropped_for_foreign"},
    {Defect::binding_without_asking, "binding_without_asking"},
    {Defect::collision_resent_blindly, "collision_resent_blindly"},
    {Defect::gap_counted_each_minute, "gap_counted_each_minute"},
    {Defect::reservation_partial, "reservation_partial"},
    {Defect::protective_waits_behind_entries, "protective_waits_behind_entries"},
    {Defect::halt_forgotten_at_restart, "halt_forgotten_at_restart"},
    {Defect::frame_written_twice, "frame_written_twice"},
    {Defect::family_torn, "family_torn"},
    {Defect::absence_taken_as_cancel, "absence_taken_as_cancel"},
    {Defect::unsettled_snapshot_trusted, "unsettled_snapshot_trusted"},
    {Defect::early_list_trusted, "early_list_trusted"},
    {Defect::day_end_ignored, "day_end_ignored"},
    {Defect::clock_difference_ignored, "clock_difference_ignored"},
    {Defect::inferred_fill_kept, "inferred_fill_kept"},
    {Defect::twin_ends_order, "twin_ends_order"},
    {Defect::restored_link_not_reconciled, "restored_link_not_reconciled"},
    {Defect::held_frame_survives_link, "held_frame_survives_link"},
    {Defect::contract_unchecked, "contract_unchecked"},
    {Defect::broker_doubles_taken_exactly, "broker_doubles_taken_exactly"},
    {Defect::damaged_row_believed, "damaged_row_believed"},
    {Defect::leg_taken_by_first_sight, "leg_taken_by_first_sight"},
    {Defect::early_commission_lost, "early_commission_lost"},
    {Defect::older_revision_wins, "older_revision_wins"},
    {Defect::refusal_overruled, "refusal_overruled"},
    {Defect::unread_answer_is_no_limit, "unread_answer_is_no_limit"},
    {Defect::half_open_link_trusted, "half_open_link_trusted"},
    {Defect::dates_of_set_back_clock, "dates_of_set_back_clock"},
    {Defect::unread_count_is_zero, "unread_count_is_zero"},
    {Defect::unread_entry_is_absence, "unread_entry_is_absence"},
    {Defect::late_refusal_forgotten, "late_refusal_forgotten"},
    {Defect::lessened_order_stays_open, "lessened_order_stays_open"},
    {Defect::lost_row_unnoticed, "lost_row_unnoticed"},
    {Defect::cancel_silence_untold, "cancel_silence_untold"},
    {Defect::untold_next_id_is_one, "untold_next_id_is_one"},
    {Defect::first_size_kept, "first_size_kept"},
    {Defect::half_close_drops_caller, "half_close_drops_caller"},
    {Defect::growth_forgotten, "growth_forgotten"},
    {Defect::resend_outlives_cancel, "resend_outlives_cancel"},
    {Defect::undurable_order_shown, "undurable_order_shown"},
};
constexpr bool each_has_its_row() {
  if (std::size(rows) != static_cast<std::size_t>(Defect::count)) return false;
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    if (rows[i].defect != static_cast<Defect>(i)) return false;
  }
  return true;
}
static_assert(each_has_its_row(), "the rows stand as the defects do, none is missing");

#ifdef BELAY_DEFECTS
// tidy: allow threads because the journal's thread reads the switch in test builds
std::atomic<Defect> planted{Defect::none};
#endif

}  // namespace

std::string_view name(Defect defect) {
  return rows[static_cast<std::size_t>(defect)].name;
}

std::optional<Defect> parse_defect(std::string_view text) {
  for (const Row& row : rows) {
    if (row.name == text) return row.defect;
  }
  return std::nullopt;
}

#ifdef BELAY_DEFECTS
bool defect(Defect defect) {
  return planted.load(std::memory_order_relaxed) == defect;
}
void plant(Defect defect) {
  planted.store(defect, std::memory_order_relaxed);
}
#endif

}  // namespace belay::base
