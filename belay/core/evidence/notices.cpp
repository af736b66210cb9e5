// SPDX-License-Identifier: Apache-2.0
// What the broker says about an order by a code. The code names an order and not a request
// (notice_reading.hpp), a code that nobody knows ends nothing, and the broker's own words are kept
// whatever they mean.
#include <fmt/format.h>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/evidence/notice_reading.hpp"

namespace belay::core {

using base::Defect;

namespace {

// The order ended and nobody here knows why: it never worked, and no cancel was asked for.
bool awaits_reason(const Order& order) {
  return order.status == OrdStatus::canceled && !order.worked && !order.cancel_asked &&
         !order.external && !order.refused && order.filled_claim.is_zero();
}
bool refuses_placement(const BrokerNotice& notice) {
  return notice.by_request && notice.by_request->place == Verdict::request_refused;
}
// A word alone ended it, and this code is that of such an end: what was noted before it is not why.
// Where nothing was noted the words are simply kept (Book::apply).
bool explains_end(const Order& order, const BrokerNotice& notice) {
  if (order.refused || order.code == 0 || order.code == notice.code) return false;
  if (order.status == OrdStatus::canceled) return notice.verdict == Verdict::canceled;
  return order.status == OrdStatus::rejected &&
         (refuses_placement(notice) || notice.verdict == Verdict::request_refused);
}

// Nothing is under way that it could refuse but the order itself, which was acknowledged before.
// Its status word follows and decides, or the lists without it.
bool refuses_late(const Order& order, const NoticeReading& reading, const BrokerNotice& notice) {
  const bool placement =
      notice.by_request ? refuses_placement(notice) : notice.verdict == Verdict::request_refused;
  const bool acknowledged = !is_terminal(order.status) && order.status != OrdStatus::pending_new;
  const bool under_way = order.pending_cancel || order.replace_in_flight();
  return placement && reading.doubtful && acknowledged && !under_way && !order.external &&
         order.cum_qty.is_zero() && order.filled_claim.is_zero();
}

}  // namespace

void Core::on(const BrokerNotice& notice) {
  const Match found = match(notice.names);
  if (!found.exists) {
    // About no order of ours; the session shows it. Of two orders with this id the lists will tell.
    if (notice.names.broker_id && book_.find(*notice.names.broker_id) != nullptr) {
      rounds_.ask_soon = true;
    }
    return;
  }
  const OrderId id = found.order;
  const NoticeReading reading = read_notice(order(id), notice);
  if (reading.verdict == Verdict::unlisted && base::defect(Defect::unlisted_code_ends_order)) {
    emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  const Order& known = order(id);
  if (known.replace_in_flight() && base::defect(Defect::refused_modify_kills_order)) {
    emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  if (awaits_reason(known) && refuses_placement(notice)) {
    emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  if (explains_end(known, notice)) {
    if (known.status == OrdStatus::canceled) {
      emit(OrderCanceled{id, notice.code, notice.text});
    } else {
      emit(OrderRejected{id, notice.code, notice.text});
    }
    return;
  }
  const bool done = is_terminal(known.status);
  if (reading.doubtful && !done) rounds_.ask_soon = true;
  if (refuses_late(known, reading, notice)) return note(id, notice, false, true);
  const bool ends_nothing = done && reading.verdict != Verdict::unlisted;
  follow_verdict(id, notice, ends_nothing ? Verdict::information : reading.verdict);
}

void Core::note(OrderId id, const BrokerNotice& notice, bool unlisted, bool refusal) {
  const Order& known = order(id);
  if (known.code == notice.code && known.broker_text == notice.text) return;  // repeated
  const bool late = refusal && !base::defect(Defect::late_refusal_forgotten);
  emit(BrokerNoted{id, notice.code, notice.text, unlisted, late});
}

void Core::refuse_request(OrderId id, const BrokerNotice& notice, bool placement) {
  if (order(id).replace_in_flight()) {
    emit(ReplaceRefused{id, notice.code, notice.text});
    queue_replace(id);
  } else if (placement && order(id).status == OrdStatus::pending_new) {
    emit(OrderRejected{id, notice.code, notice.text});
  } else {
    note(id, notice);  // an acknowledged order: its status word follows and decides
  }
}

void Core::follow_verdict(OrderId id, const BrokerNotice& notice, Verdict verdict) {
  const Order& known = order(id);
  switch (verdict) {
    case Verdict::request_refused:
      refuse_request(id, notice, true);
      break;
    case Verdict::replace_refused:
      refuse_request(id, notice, false);
      break;
    case Verdict::canceled:
      if (known.copy_works() && !base::defect(Defect::twin_ends_order)) {
        // A code names the order and not the copy that ended.
        note(id, notice);
        rounds_.ask_soon = true;
      } else {
        emit(OrderCanceled{id, notice.code, notice.text});
      }
      break;
    case Verdict::cancel_too_late:
      // It says that the cancel did nothing, not what became of the order.
      if (known.copy_works() && !base::defect(Defect::twin_ends_order)) {
        note(id, notice);  // of which copy, a code does not name
        rounds_.ask_soon = true;
      } else if (known.pending_cancel) {
        emit(CancelRefused{id, notice.code, notice.text});
        queue_replace(id);
        rounds_.ask_soon = true;
      } else {
        note(id, notice);
      }
      break;
    case Verdict::cancel_unknown:
      // The wish stands: should the order turn up, it is canceled then.
      note(id, notice);
      if (known.pending_cancel) {
        if (!known.unknown) {
          emit(OrderUnknown{id, "cancel", "the broker does not know the id of its cancel"});
        }
        rounds_.ask_soon = true;
      }
      break;
    case Verdict::duplicate_id:
      if (known.status == OrdStatus::pending_new) {
        note_collision(id, notice);
      } else {
        note(id, notice);
      }
      break;
    case Verdict::temporary: {
      // What is under way is asked about in time; without that nothing else would ask.
      const bool under_way = known.replace_in_flight() || known.pending_cancel ||
                             known.status == OrdStatus::pending_new;
      if (!under_way) rounds_.ask_soon = true;
      note(id, notice);
      break;
    }
    case Verdict::information:
      note(id, notice);
      break;
    case Verdict::unlisted:
      take_unlisted(id, notice);
      break;
  }
}

// Ends nothing. What is under way is unknown until the lists tell, and the words that stand beside
// it are the broker's.
void Core::take_unlisted(OrderId id, const BrokerNotice& notice) {
  note(id, notice, true);
  const Order& known = order(id);
  if (is_terminal(known.status)) return;
  rounds_.ask_soon = true;
  const bool replacing = known.replace_in_flight();
  const bool under_way =
      replacing || known.pending_cancel || known.status == OrdStatus::pending_new;
  if (!under_way || known.unknown) return;
  emit(OrderUnknown{id, replacing ? "replace" : "place", notice.text});
}

}  // namespace belay::core
