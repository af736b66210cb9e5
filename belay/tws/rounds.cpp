// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/rounds.hpp"

#include <algorithm>
#include <utility>

#include "belay/base/check.hpp"

namespace belay::tws {

void Rounds::connected() {
  for (auto& questions : open_) questions.clear();
}

void Rounds::link_up(base::Time now, std::string reason) {
  link_lost();
  gave_up_ = positions_lost_ = false;
  refused_ = {};
  retry_ = retry_min;
  settle_reason_ = "settled";
  up_ = first_ = true;
  up_since_ = now;
  settle_at_ = options_.settle_time > base::Duration(0) ? now + options_.settle_time : base::never;
  wish_ = Wish{true, 0, std::move(reason)};
}

void Rounds::link_lost() {
  up_ = first_ = false;
  settle_at_ = base::never;
  wish_.reset();
  dry_wish_.reset();
  round_.reset();
}

void Rounds::restored(base::Time now) {
  if (!up_) return;
  Wish again{true, wish_ ? wish_->number : 0, "restored"};
  if (round_ && round_->dry_run) {
    // Its caller waits for it still.
    const std::uint64_t newer = dry_wish_ ? dry_wish_->number : 0;
    dry_wish_ = Wish{true, std::max(round_->wish, newer), std::move(round_->reason)};
  } else if (round_) {
    again.number = std::max(again.number, round_->wish);
  }
  const bool first = first_ || (round_ && round_->first);
  round_.reset();
  gave_up_ = false;  // what waits to be ready is not kept waiting
  first_ = first;
  up_since_ = now;
  settle_at_ = options_.settle_time > base::Duration(0) ? now + options_.settle_time : base::never;
  wish_ = std::move(again);
}

void Rounds::wish(const core::SnapshotEffect& effect) {
  if (!up_) return;  // the next link begins with a round
  std::optional<Wish>& kept = effect.dry_run ? dry_wish_ : wish_;
  if (!kept) {
    kept = Wish{effect.full, effect.wish, effect.reason};
    return;
  }
  if (effect.full && !kept->full) kept->reason = effect.reason;
  kept->full = kept->full || effect.full;
  kept->number = std::max(kept->number, effect.wish);
}

// When the last question for a list has been out for so long that it has no end.
base::Time Rounds::forgotten_at(List list) const {
  const auto& questions = open_[static_cast<std::size_t>(list)];
  return questions.empty() ? base::Time() : questions.back().at + options_.answer_forgotten;
}

// ... for the lists of orders that the next round needs.
base::Time Rounds::forgotten_at(bool full) const {
  const base::Time open_orders = forgotten_at(List::open_orders);
  return full ? std::max(open_orders, forgotten_at(List::completed)) : open_orders;
}

Round* Rounds::begin(base::Time now) {
  if (!up_ || round_) return nullptr;
  const bool settling = now >= settle_at_;
  if (settling) {
    if (!wish_) wish_ = Wish{true, 0, settle_reason_};
    wish_->full = true;
    settle_at_ = base::never;
  }
  std::optional<Wish>& next = wish_ ? wish_ : dry_wish_;
  if (!next) return nullptr;
  if (gave_up_ && now < forgotten_at(next->full)) return nullptr;
  if (next->full) gave_up_ = false;
  const bool dry_run = !wish_;
  round_.emplace();
  round_->number = ++number_;
  round_->wish = next->number;
  round_->reason = std::move(next->reason);
  round_->full = next->full;
  round_->dry_run = dry_run;
  round_->first = std::exchange(first_, false);
  round_->asked_at = now;
  next.reset();
  leave_out_refused();
  // The end of an old question would be taken for this one's.
  if (round_->full && positions_lost_) {
    positions_lost_ = now < forgotten_at(List::positions);
    round_->positions = round_->positions_missing = positions_lost_;
  }
  return &*round_;
}

void Rounds::asked(base::Time now) {
  BELAY_CHECK(round_.has_value());
  ++round_->attempts;
  round_->deadline = now + options_.answer_timeout;
}

void Rounds::asked_for(List list, base::Time now, bool aside) {
  auto& questions = open_[static_cast<std::size_t>(list)];
  const auto forgotten = [&](const Question& one) {
    return now - one.at >= options_.answer_forgotten;
  };
  std::erase_if(questions, forgotten);
  questions.push_back({aside || !round_ ? 0 : round_->number, now});
}

Round* Rounds::listing(List list) {
  const auto& questions = open_[static_cast<std::size_t>(list)];
  const bool ours = round_ && !questions.empty() && questions.front().round == round_->number;
  return ours && !round_->ended(list) ? &*round_ : nullptr;
}

Round* Rounds::end_of(List list) {
  Round* round = listing(list);
  auto& questions = open_[static_cast<std::size_t>(list)];
  if (!questions.empty()) questions.pop_front();
  return round;
}

void Rounds::unreadable() {
  if (round_) round_->unreadable = true;
}

void Rounds::refused(List list) {
  auto& questions = open_[static_cast<std::size_t>(list)];
  if (!questions.empty()) questions.pop_front();
  refused_.at(static_cast<std::size_t>(list)) = true;
  if (round_) leave_out_refused();
}

// Nothing can be sent while the open orders are not known: they are asked for all the same.
void Rounds::leave_out_refused() {
  if (is_refused(List::completed) && !round_->completed) {
    round_->completed = round_->gave_up = true;
  }
  if (is_refused(List::positions) && !round_->positions) {
    round_->positions = round_->positions_missing = true;
  }
}

Rounds::Late Rounds::late(base::Time now) {
  if (!round_ || now < round_->deadline) return Late::no;
  const int most = round_->first ? 3 : 2;
  if (!round_->open_orders && round_->attempts >= most) return Late::silent;
  if (round_->attempts >= 2) {
    // The end of the executions and of the completed orders has been seen missing
    // (tws-protocol.md section 8).
    const bool orders = !round_->executions || (round_->full && !round_->completed);
    round_->gave_up = round_->gave_up || orders;
    if (round_->full && !round_->positions) round_->positions_missing = positions_lost_ = true;
    round_->completed = round_->executions = round_->positions = true;
  }
  return round_->done() ? Late::gave_up : Late::again;
}

core::SnapshotDone Rounds::finish() {
  BELAY_CHECK(round_.has_value());
  Round& r = *round_;
  core::SnapshotDone done;
  done.open_orders = std::move(r.listed);
  done.completed = std::move(r.done_names);
  done.round = r.number;
  done.wish = r.wish;
  done.reason = std::move(r.reason);
  done.full = r.full;
  const bool whole = !r.gave_up && !r.unreadable;
  gave_up_ = gave_up_ || r.gave_up;
  done.settled = whole && r.asked_at - up_since_ >= options_.settle_time;
  done.asked_at = r.asked_at;
  done.positions = std::move(r.held);
  done.positions.insert(done.positions.end(), r.uncompared.begin(), r.uncompared.end());
  done.positions_listed = r.full && whole && !r.positions_missing && !r.unreadable_position;
  done.dry_run = r.dry_run;
  done.withheld = std::move(r.withheld);
  done.unread = std::move(r.unread);
  // What was missed is asked for again, ever more rarely.
  if (r.full && (r.gave_up || r.positions_missing)) {
    settle_at_ = std::min(settle_at_, r.asked_at + retry_);
    settle_reason_ = "again";
    retry_ = std::min(2 * retry_, retry_max);
  } else if (r.full) {
    retry_ = retry_min;
  }
  round_.reset();
  return done;
}

base::Time Rounds::next_deadline() const {
  if (!up_) return base::never;
  if (round_) return round_->deadline;
  const std::optional<Wish>& next = wish_ ? wish_ : dry_wish_;
  return next ? std::min(settle_at_, forgotten_at(next->full)) : settle_at_;
}

}  // namespace belay::tws
