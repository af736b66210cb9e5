// SPDX-License-Identifier: Apache-2.0
// Planted defects: bugs that tests switch on by name to prove that they would be noticed. Only a
// build with BELAY_DEFECTS contains them; everywhere else defect() is the constant false and the
// branches vanish. Why: docs/decisions/0011-planted-defects.md; what each breaks: docs/TESTING.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace belay::base {

enum class Defect : std::uint8_t {
  none,
  journal_acks_before_sync,     ///< the journal says durable before the disk does
  send_before_durable,          ///< effects leave before their events are durable
  reply_before_durable,         ///< the caller is told yes before the intent is durable
  id_reused_after_rollback,     ///< a lower nextValidId after a reconnect lowers our next id
  mark_forgotten_at_restart,    ///< the id mark is not rebuilt from the journal
  fill_counted_twice,           ///< a repeated execution id is added again
  correction_added,             ///< an execution correction is added instead of replacing
  unknown_order_retried,        ///< an order whose fate is unknown is sent again after a restart
  key_forgotten_at_restart,     ///< idempotency keys are not rebuilt from the journal
  late_fill_dropped,            ///< a fill after the cancel is ignored
  refused_modify_kills_order,   ///< a refused modification is taken as a dead order
  cancel_waits_behind_entries,  ///< cancels queue behind new orders at the pacing limit
  unlisted_code_ends_order,     ///< an error code that nobody knows is taken as a reject
  archive_forgets_key,          ///< archiving an order frees its key
  archived_fill_counted_again,  ///< executions of archived orders that are listed again count anew
  snapshot_skips_event,         ///< the first event behind a snapshot is lost at a start
  risk_sent_in_reset_window,    ///< new orders leave while the broker is about to be reset
  foreign_cancel_under_own_id,  ///< another client's order is canceled by its number in our name
  main_session_dropped_for_foreign,  ///< the own link is given up to act in another client's name
  binding_without_asking,            ///< manual orders are bound although nobody asked for it
  collision_resent_blindly,          ///< an order whose id is refused as used is sent again at once
  gap_counted_each_minute,           ///< the monitor records a gap that is recorded already
  reservation_partial,               ///< a block that does not fit is kept as far as it does
  protective_waits_behind_entries,   ///< a stop for a position queues behind new risk
  halt_forgotten_at_restart,         ///< the gate for new risk is open again after a restart
  frame_written_twice,               ///< a place frame is given to the writer a second time
  family_torn,                       ///< a family is sent one by one, with other frames between
  absence_taken_as_cancel,           ///< an order that is not listed is called canceled
  unsettled_snapshot_trusted,        ///< a list that was cut short proves absence
  early_list_trusted,                ///< a list proves something about what was sent after it
  day_end_ignored,                   ///< absence proves something across the end of a day
  clock_difference_ignored,          ///< absence proves something by a clock that is wrong
  inferred_fill_kept,                ///< an inferred fill stays beside the real execution
  twin_ends_order,                   ///< the end of one copy ends an order of which another works
  restored_link_not_reconciled,      ///< after 1102 nothing is asked
  held_frame_survives_link,          ///< a frame held by a stalled disk leaves on the next link
  contract_unchecked,                ///< a contract number beside another symbol is sent as it is
  broker_doubles_taken_exactly,      ///< a number with binary noise is left out, not rounded
  damaged_row_believed,              ///< what the history holds is an answer, whole or not
  leg_taken_by_first_sight,          ///< what a fill is taken for is never looked at again
  early_commission_lost,             ///< a commission that comes before its execution is dropped
  older_revision_wins,               ///< the revision of a fill that comes last counts
  refusal_overruled,                 ///< a status word that follows a refusal takes its place
  unread_answer_is_no_limit,         ///< a caller who reads no answer is given further ones
  half_open_link_trusted,            ///< an order without an answer does not test the link
  dates_of_set_back_clock,           ///< dates are still those of a clock that was ahead
  unread_count_is_zero,              ///< a count that cannot be read is none, and nobody is told
  unread_entry_is_absence,           ///< an order whose entry cannot be read is in no list
  late_refusal_forgotten,            ///< a refusal after the first word is a note and nothing else
  lessened_order_stays_open,         ///< filled with fewer than were ordered leaves the rest open
  lost_row_unnoticed,                ///< a list of the history is called whole whatever it lost
  cancel_silence_untold,             ///< a cancel that gets no answer is no incident
  untold_next_id_is_one,             ///< a session that tells no next id gives the first
  first_size_kept,          ///< an order known from fills stays as large as the first of them
  half_close_drops_caller,  ///< who has ended its direction gets no answer any more
  growth_forgotten,         ///< a fill of the old quantity ends an order that is being enlarged
  resend_outlives_cancel,   ///< an order that waits for another id cannot be canceled
  undurable_order_shown,    ///< readers see of an order what is not on disk yet
  count,                    ///< how many there are, `none` among them
};

/// All but `none`.
inline constexpr auto all_defects = [] {
  std::array<Defect, static_cast<std::size_t>(Defect::count) - 1> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Defect>(i + 1);
  return out;
}();

std::string_view name(Defect defect);
std::optional<Defect> parse_defect(std::string_view name);

#ifdef BELAY_DEFECTS
/// True when the test switched this defect on.
bool defect(Defect defect);
/// Switches one defect on, or all off with Defect::none.
void plant(Defect defect);
#else
constexpr bool defect(Defect) {
  return false;
}
#endif

}  // namespace belay::base
