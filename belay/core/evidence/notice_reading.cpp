// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/notice_reading.hpp"

#include <array>

namespace belay::core {
namespace {

// What it would end: nothing, a cancel, a modification, the order.
int reach(Verdict verdict, int of_refusal) {
  switch (verdict) {
    case Verdict::information:
    case Verdict::temporary:
    case Verdict::unlisted:
      return 0;
    case Verdict::cancel_too_late:
    case Verdict::cancel_unknown:
      return 1;
    case Verdict::replace_refused:
      return 2;
    case Verdict::request_refused:
      return of_refusal;
    case Verdict::canceled:
    case Verdict::duplicate_id:
      return 3;
  }
  return 0;
}

}  // namespace

NoticeReading read_notice(const Order& order, const BrokerNotice& notice) {
  const auto& by = notice.by_request;
  const auto of = [&](std::optional<Verdict> VerdictByRequest::*kind) {
    return by ? (*by).*kind : std::optional<Verdict>(notice.verdict);
  };
  struct Candidate {
    bool under_way;
    std::optional<Verdict> verdict;
    int reach;
  };
  std::array<Candidate, 3> requests{
      {{order.pending_cancel, of(&VerdictByRequest::cancel), 1},
       {order.replace_in_flight(), of(&VerdictByRequest::replace), 2},
       {order.status == OrdStatus::pending_new, of(&VerdictByRequest::place), 3}}};
  bool any = false;
  NoticeReading out;
  int reached = 0;
  for (const Candidate& request : requests) {
    if (!request.under_way || !request.verdict) continue;
    const int this_far = reach(*request.verdict, request.reach);
    if (!any) {
      any = true;
      out.verdict = *request.verdict;
      reached = this_far;
    } else if (this_far != reached) {
      // The weaker meaning wins, and the weakest of all is that nothing has ended.
      return {notice.verdict == Verdict::unlisted ? Verdict::unlisted : Verdict::information, true};
    }
  }
  if (any) {
    // A refused cancel says no more than one that came too late.
    const bool of_cancel = order.pending_cancel && reached == 1;
    if (of_cancel && out.verdict == Verdict::request_refused)
      out.verdict = Verdict::cancel_too_late;
    return out;
  }
  // Nothing under way that it could answer: only what the broker did by itself has a meaning.
  if (notice.verdict == Verdict::canceled) return {Verdict::canceled, false};
  const bool quiet = reach(notice.verdict, 3) == 0;
  return {quiet ? notice.verdict : Verdict::information, !quiet};
}

}  // namespace belay::core
