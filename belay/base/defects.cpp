// SPDX-License-Identifier: Apache-2.0
#include "belay/base/defects.hpp"

// tidy: allow threads because the journal's thread reads the switch in test builds
#include <atomic>

namespace belay::base {
namespace {
#ifdef BELAY_DEFECTS
// tidy: allow threads because the journal's thread reads the switch in test builds
std::atomic<Defect> planted{Defect::none};
#endif
}  // namespace

std::string_view name(Defect defect) {
  switch (defect) {
    case Defect::none:
      return "none";
    case Defect::journal_acks_before_sync:
      return "journal_acks_before_sync";
    case Defect::send_before_durable:
      return "send_before_durable";
    case Defect::reply_before_durable:
      return "reply_before_durable";
    case Defect::id_reused_after_rollback:
      return "id_reused_after_rollback";
    case Defect::mark_forgotten_at_restart:
      return "mark_forgotten_at_restart";
    case Defect::fill_counted_twice:
      return "fill_counted_twice";
    case Defect::correction_added:
      return "correction_added";
    case Defect::unknown_order_retried:
      return "unknown_order_retried";
    case Defect::key_forgotten_at_restart:
      return "key_forgotten_at_restart";
    case Defect::late_fill_dropped:
      return "late_fill_dropped";
    case Defect::refused_modify_kills_order:
      return "refused_modify_kills_order";
    case Defect::cancel_waits_behind_entries:
      return "cancel_waits_behind_entries";
    case Defect::unlisted_code_ends_order:
      return "unlisted_code_ends_order";
    case Defect::archive_forgets_key:
      return "archive_forgets_key";
    case Defect::archived_fill_counted_again:
      return "archived_fill_counted_again";
    case Defect::snapshot_skips_event:
      return "snapshot_skips_event";
    case Defect::risk_sent_in_reset_window:
      return "risk_sent_in_reset_window";
    case Defect::foreign_cancel_under_own_id:
      return "foreign_cancel_under_own_id";
    case Defect::main_session_dropped_for_foreign:
      return "main_session_dropped_for_foreign";
    case Defect::binding_without_asking:
      return "binding_without_asking";
    case Defect::collision_resent_blindly:
      return "collision_resent_blindly";
    case Defect::gap_counted_each_minute:
      return "gap_counted_each_minute";
    case Defect::reservation_partial:
      return "reservation_partial";
    case Defect::protective_waits_behind_entries:
      return "protective_waits_behind_entries";
    case Defect::halt_forgotten_at_restart:
      return "halt_forgotten_at_restart";
    case Defect::frame_written_twice:
      return "frame_written_twice";
    case Defect::family_torn:
      return "family_torn";
    case Defect::absence_taken_as_cancel:
      return "absence_taken_as_cancel";
    case Defect::unsettled_snapshot_trusted:
      return "unsettled_snapshot_trusted";
    case Defect::early_list_trusted:
      return "early_list_trusted";
    case Defect::day_end_ignored:
      return "day_end_ignored";
    case Defect::clock_difference_ignored:
      return "clock_difference_ignored";
    case Defect::inferred_fill_kept:
      return "inferred_fill_kept";
    case Defect::twin_ends_order:
      return "twin_ends_order";
    case Defect::restored_link_not_reconciled:
      return "restored_link_not_reconciled";
    case Defect::held_frame_survives_link:
      return "held_frame_survives_link";
    case Defect::contract_unchecked:
      return "contract_unchecked";
    case Defect::broker_doubles_taken_exactly:
      return "broker_doubles_taken_exactly";
    case Defect::damaged_row_believed:
      return "damaged_row_believed";
    case Defect::leg_taken_by_first_sight:
      return "leg_taken_by_first_sight";
    case Defect::early_commission_lost:
      return "early_commission_lost";
    case Defect::older_revision_wins:
      return "older_revision_wins";
    case Defect::refusal_overruled:
      return "refusal_overruled";
    case Defect::unread_answer_is_no_limit:
      return "unread_answer_is_no_limit";
    case Defect::half_open_link_trusted:
      return "half_open_link_trusted";
    case Defect::dates_of_set_back_clock:
      return "dates_of_set_back_clock";
    case Defect::unread_count_is_zero:
      return "unread_count_is_zero";
    case Defect::unread_entry_is_absence:
      return "unread_entry_is_absence";
    case Defect::late_refusal_forgotten:
      return "late_refusal_forgotten";
    case Defect::lessened_order_stays_open:
      return "lessened_order_stays_open";
    case Defect::lost_row_unnoticed:
      return "lost_row_unnoticed";
    case Defect::cancel_silence_untold:
      return "cancel_silence_untold";
    case Defect::untold_next_id_is_one:
      return "untold_next_id_is_one";
    case Defect::first_size_kept:
      return "first_size_kept";
    case Defect::half_close_drops_caller:
      return "half_close_drops_caller";
    case Defect::growth_forgotten:
      return "growth_forgotten";
    case Defect::resend_outlives_cancel:
      return "resend_outlives_cancel";
  }
  return "none";
}

std::optional<Defect> parse_defect(std::string_view text) {
  for (const Defect candidate : all_defects) {
    if (name(candidate) == text) return candidate;
  }
  if (text == "none") return Defect::none;
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
