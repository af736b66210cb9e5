// SPDX-License-Identifier: Apache-2.0
#include "belay/core/ids/floor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "belay/base/defects.hpp"
#include "belay/core/ids/ids.hpp"

namespace belay::core {

using base::Defect;

namespace {
constexpr std::string_view id_unknown = "next_id_unknown";

// A range of which no further lap fits below the highest id: its purpose gets none, the others do.
void refuse_lost_ranges(Step& step) {
  for (const IdRange& range : step.options().ids.ranges) {
    const std::int64_t next = step.book().id_mark(step.link().session) + 1;
    if (next_number(step.options().ids, next - 1, range.purpose)) continue;
    step.incident(
        "id_range_refused", {},
        fmt::format("the ids {} to {} of purpose {} cannot be kept: the next id is {}. Its "
                    "orders are refused (RANGE_EXHAUSTED); change ID_RANGES",
                    range.from, range.to - 1, range.purpose, next),
        fmt::format("id_range:{}:{}", step.link().session, range.purpose));
  }
}

// At the begin of a session. Ids never go back, whatever the broker says (semantics c.1).
void check_next_number(std::int64_t next, Step& step) {
  const std::int64_t expected = step.book().ids().at(step.link().session).known + 1;
  if (next < expected && !broker_had(step.book(), step.link().session, next, expected - 1)) {
    refuse_lost_ranges(step);  // the frames of the ids above were lost; ours stay used all the same
    return;
  }
  if (next < expected) {
    step.incident(
        "next_id_lower", {},
        fmt::format("the broker's next id is {}, ours is {}: its ids were rolled back; ours "
                    "are not",
                    next, step.book().id_mark(step.link().session) + 1));
    if (base::defect(Defect::id_reused_after_rollback)) {
      step.emit(FloorRaised{step.link().session, expected, next, "planted"});
    }
  } else {
    // Of a session that has sent nothing from here, others may have sent before.
    if (const std::int64_t ours = step.book().id_mark(step.link().session) + 1;
        next > ours && step.book().ids().at(step.link().session).sent > 0) {
      step.incident(
          "next_id_higher", {},
          fmt::format("the broker's next id is {}, ours is {}: the ids from {} to {} of this "
                      "client id were used, and this journal knows nothing of it",
                      next, ours, ours, next - 1),
          fmt::format("next_id_higher/{}/{}", step.link().session, ours),
          {"another program used this client id",
           "this data directory is an older copy: orders and their keys are missing, and a "
           "repeated request would be sent again"});
    }
    lift_floor(next, "the broker's next id is higher", step);
  }
  refuse_lost_ranges(step);
}

}  // namespace

// Earlier versions took the broker's "no number" for an id and lifted the floor above all ids that
// there are: what really was used is still known, and the ids go on above it.
void heal_marks(Step& step) {
  std::vector<MarkHealed> healed;
  for (const auto& [session, known] : step.book().ids().sessions()) {
    if (known.mark <= broker_number_max) continue;
    std::int64_t used = step.book().ids().accounted(session, broker_number_max);
    for (const auto& [id, shown] : step.book().in_memory()) {
      if (!shown.broker_id || shown.broker_id->session != session) continue;
      if (shown.broker_id->number <= broker_number_max) {
        used = std::max(used, shown.broker_id->number);
      }
    }
    healed.push_back({session, known.mark, used,
                      "the mark stood above all ids that an order can have: a number that means "
                      "\"none\" had been taken for an id"});
  }
  for (MarkHealed& each : healed) {
    step.incident(
        "id_mark_healed", {},
        fmt::format("the ids of client {} go on above {}: an earlier version had taken the "
                    "broker's \"no number\" for an id and moved the mark to {}",
                    each.session, each.to, each.from),
        fmt::format("id_mark_healed/{}", each.session));
    step.emit(std::move(each));
  }
}

void on(const SessionUp& up, bool same_link, Step& step) {
  // On a link that held the number is that of its beginning, and orders went out since.
  if (const auto* open = step.book().find_incident(id_unknown);
      open != nullptr && up.next_number != 0) {
    step.emit(IncidentClosed{open->seq, "the broker told its next order id", ""});
  }
  const bool untold = up.next_number == 0 && !base::defect(Defect::untold_next_id_is_one);
  if (untold) {
    // Any id could be another order's: what needs one waits (Sender).
    if (step.book().id_mark(up.session) == 0) {
      step.incident(std::string(id_unknown), {},
                    fmt::format("the broker does not tell its next order id, and this journal "
                                "knows none of client {}: new orders wait until it does, cancels "
                                "go; restart the gateway",
                                up.session),
                    std::string(id_unknown));
    }
    refuse_lost_ranges(step);
  } else if (same_link) {
    lift_floor(up.next_number, "the broker's next id is higher", step);
  } else {
    check_next_number(up.next_number, step);
  }
}

void on(const NextIdSeen& seen, Step& step) {
  if (step.link().down() || seen.session != step.link().session) return;
  // A lower one is no news: orders have been sent since the question.
  lift_floor(seen.next_number, "the broker's next id is higher", step);
  if (const auto* open = step.book().find_incident(id_unknown)) {
    step.emit(IncidentClosed{open->seq, "the broker told its next order id", ""});
  }
}

// Says once that the ids come to their end: when this step made the mark pass nine tenths of them.
void watch_mark(std::int64_t before, Step& step) {
  const std::int64_t mark = step.book().id_mark(step.link().session);
  if (before >= nearly_exhausted_from || mark < nearly_exhausted_from) return;
  step.incident("ids_nearly_exhausted", {},
                fmt::format("the next id of session {} is {} of at most {}: go on with another "
                            "CLIENT_ID before they end; no reset brings a used one back",
                            step.link().session, mark + 1, broker_number_max),
                fmt::format("ids_nearly_exhausted:{}", step.link().session));
}

}  // namespace belay::core
