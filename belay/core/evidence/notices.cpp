// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/notices.hpp"

#include "belay/base/defects.hpp"
#include "belay/core/evidence/names.hpp"
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

void note(OrderId id, const BrokerNotice& notice, Step& step, bool unlisted = false,
          bool refusal = false) {
  const Order& known = step.order(id);
  if (known.code == notice.code && known.broker_text == notice.text) return;  // repeated
  const bool late = refusal && !base::defect(Defect::late_refusal_forgotten);
  step.emit(BrokerNoted{id, notice.code, notice.text, unlisted, late});
}

void refuse_request(OrderId id, const BrokerNotice& notice, bool placement, Step& step) {
  if (step.order(id).replace_in_flight()) {
    step.emit(ReplaceRefused{id, notice.code, notice.text});
  } else if (placement && step.order(id).status == OrdStatus::pending_new) {
    step.emit(OrderRejected{id, notice.code, notice.text});
  } else {
    note(id, notice, step);  // an acknowledged order: its status word follows and decides
  }
}

// Ends nothing. What is under way is unknown until the lists tell, and the words that stand beside
// it are the broker's.
void take_unlisted(OrderId id, const BrokerNotice& notice, Step& step) {
  note(id, notice, step, true);
  const Order& known = step.order(id);
  if (is_terminal(known.status)) return;
  step.ask_soon();
  const bool replacing = known.replace_in_flight();
  const bool under_way =
      replacing || known.pending_cancel || known.status == OrdStatus::pending_new;
  if (!under_way || known.unknown) return;
  step.emit(OrderUnknown{id, replacing ? "replace" : "place", notice.text});
}

void follow_verdict(OrderId id, const BrokerNotice& notice, Verdict verdict, Collisions& collisions,
                    Step& step) {
  const Order& known = step.order(id);
  switch (verdict) {
    case Verdict::request_refused:
      refuse_request(id, notice, true, step);
      break;
    case Verdict::replace_refused:
      refuse_request(id, notice, false, step);
      break;
    case Verdict::canceled:
      if (known.copy_works() && !base::defect(Defect::twin_ends_order)) {
        // A code names the order and not the copy that ended.
        note(id, notice, step);
        step.ask_soon();
      } else {
        step.emit(OrderCanceled{id, notice.code, notice.text});
      }
      break;
    case Verdict::cancel_too_late:
      // It says that the cancel did nothing, not what became of the order.
      if (known.copy_works() && !base::defect(Defect::twin_ends_order)) {
        note(id, notice, step);  // of which copy, a code does not name
        step.ask_soon();
      } else if (known.pending_cancel) {
        step.emit(CancelRefused{id, notice.code, notice.text});
        step.ask_soon();
      } else {
        note(id, notice, step);
      }
      break;
    case Verdict::cancel_unknown:
      // The wish stands: should the order turn up, it is canceled then.
      note(id, notice, step);
      if (known.pending_cancel) {
        if (!known.unknown) {
          step.emit(OrderUnknown{id, "cancel", "the broker does not know the id of its cancel"});
        }
        step.ask_soon();
      }
      break;
    case Verdict::duplicate_id:
      if (known.status == OrdStatus::pending_new) {
        collisions.refused(id, notice, step);
      } else {
        note(id, notice, step);
      }
      break;
    case Verdict::temporary: {
      // What is under way is asked about in time; without that nothing else would ask.
      const bool under_way = known.replace_in_flight() || known.pending_cancel ||
                             known.status == OrdStatus::pending_new;
      if (!under_way) step.ask_soon();
      note(id, notice, step);
      break;
    }
    case Verdict::information:
      note(id, notice, step);
      break;
    case Verdict::unlisted:
      take_unlisted(id, notice, step);
      break;
  }
}

}  // namespace

void on(const BrokerNotice& notice, Collisions& collisions, Step& step) {
  const Match found = match(notice.names, nullptr, step);
  if (!found.exists) {
    // About no order of ours; the session shows it. Of two orders with this id the lists will tell.
    if (notice.names.broker_id && step.book().find(*notice.names.broker_id) != nullptr) {
      step.ask_soon();
    }
    return;
  }
  const OrderId id = found.order;
  const NoticeReading reading = read_notice(step.order(id), notice);
  if (reading.verdict == Verdict::unlisted && base::defect(Defect::unlisted_code_ends_order)) {
    step.emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  const Order& known = step.order(id);
  if (known.replace_in_flight() && base::defect(Defect::refused_modify_kills_order)) {
    step.emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  if (awaits_reason(known) && refuses_placement(notice)) {
    step.emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  if (explains_end(known, notice)) {
    if (known.status == OrdStatus::canceled) {
      step.emit(OrderCanceled{id, notice.code, notice.text});
    } else {
      step.emit(OrderRejected{id, notice.code, notice.text});
    }
    return;
  }
  const bool done = is_terminal(known.status);
  if (reading.doubtful && !done) step.ask_soon();
  if (refuses_late(known, reading, notice)) return note(id, notice, step, false, true);
  const bool ends_nothing = done && reading.verdict != Verdict::unlisted;
  follow_verdict(id, notice, ends_nothing ? Verdict::information : reading.verdict, collisions,
                 step);
}

}  // namespace belay::core
