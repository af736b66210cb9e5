// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/id_book.hpp"

#include <algorithm>
#include <utility>

#include "belay/base/defects.hpp"

namespace belay::core {

const IdBook::Session& IdBook::at(std::int32_t session) const {
  static const Session unheard_of;
  const auto it = sessions_.find(session);
  return it == sessions_.end() ? unheard_of : it->second;
}

const IdBook::Block* IdBook::block_of(const BrokerOrderId& id) const {
  auto it = blocks_.upper_bound(id);
  if (it == blocks_.begin()) return nullptr;
  --it;
  const Block& block = it->second;
  const bool inside = block.reserved.session == id.session && id.number >= block.next &&
                      id.number < block.reserved.to;
  return inside ? &block : nullptr;
}

std::optional<OrderId> IdBook::clash(const BrokerOrderId& id) const {
  const auto it = clashes_.find(id);
  return it == clashes_.end() ? std::nullopt : std::optional(it->second);
}

unsigned IdBook::refusals(OrderId order) const {
  const auto it = refusals_.find(order);
  return it == refusals_.end() ? 0 : it->second;
}

void IdBook::raise(std::int32_t session, std::int64_t to, std::string source, const Stamp& stamp) {
  Session& known = sessions_[session];
  known.updated_at = stamp.time;
  if (to <= known.mark) return;
  known.mark = to;
  known.source = std::move(source);
}

void IdBook::add_gap(std::int32_t session, std::int64_t from, std::int64_t to, std::string reason,
                     const Stamp& stamp) {
  if (to <= from) return;
  ++gaps_total_;
  if (gaps_.size() >= gaps_kept) gaps_.pop_front();
  gaps_.push_back({stamp.seq, stamp.time, session, from, to, std::move(reason)});
}

// Ids from `from` up to `to` can no longer be used by anybody. What blocks keep before `from` stays
// theirs: a gap between two blocks takes nothing from the first.
void IdBook::trim(std::int32_t session, std::int64_t from, std::int64_t to) {
  for (auto it = blocks_.lower_bound({session, INT64_MIN});
       it != blocks_.end() && it->first.session == session && it->second.next < to;) {
    if (it->second.next < from) {
      ++it;
      continue;
    }
    it->second.next = std::min(to, it->second.reserved.to);
    const bool used_up = it->second.next >= it->second.reserved.to;
    it = used_up ? blocks_.erase(it) : std::next(it);
  }
}

void IdBook::apply(const SendIntended& e, const Stamp& stamp) {
  raise(e.broker_id.session, e.broker_id.number, "an order was sent", stamp);
  Session& session = sessions_[e.broker_id.session];
  session.sent = std::max(session.sent, e.broker_id.number);
  session.known = std::max(session.known, e.broker_id.number);
  trim(e.broker_id.session, INT64_MIN, e.broker_id.number + 1);
}

void IdBook::withdrawn(const BrokerOrderId& id, const Stamp& stamp) {
  add_gap(id.session, id.number, id.number + 1,
          "REJECTED_BEFORE_SEND: the frame of its order never left", stamp);
}

void IdBook::apply(const SendRefused& e, const Stamp& stamp) {
  ++refusals_[e.order];
  add_gap(e.broker_id.session, e.broker_id.number, e.broker_id.number + 1,
          "REJECTED_BEFORE_SEND: the broker refused it as used: " + e.proof, stamp);
}

void IdBook::apply(const FloorRaised& e, const Stamp& stamp) {
  add_gap(e.session, e.from, e.to, "FLOOR_RAISED: " + e.reason, stamp);
  raise(e.session, e.to - 1, e.reason, stamp);
  Session& session = sessions_[e.session];
  session.known = std::max(session.known, e.to - 1);
  if (base::defect(base::Defect::id_reused_after_rollback)) session.mark = e.to - 1;
}

void IdBook::apply(const GapRecorded& e, const Stamp& stamp) {
  add_gap(e.session, e.from, e.to, e.reason, stamp);
  raise(e.session, e.to - 1, e.reason, stamp);
  trim(e.session, e.from, e.to);
}

void IdBook::apply(const MarkHealed& e, const Stamp& stamp) {
  Session& session = sessions_[e.session];
  session.mark = e.to;
  session.sent = std::min(session.sent, e.to);
  session.known = std::min(session.known, e.to);
  session.source = e.reason;
  session.updated_at = stamp.time;
}

std::int64_t IdBook::accounted(std::int32_t session, std::int64_t most) const {
  const Session& known = at(session);
  std::int64_t out = 0;
  const auto see = [&](std::int64_t id) {
    if (id <= most) out = std::max(out, id);
  };
  see(known.sent);
  see(known.known);
  // A range that was skipped begins above what was used before it.
  for (const Gap& gap : gaps_) {
    if (gap.session != session) continue;
    see(gap.from - 1);
    see(gap.to - 1);
  }
  for (const auto& [id, block] : blocks_) {
    if (id.session == session) see(block.reserved.to - 1);
  }
  return out;
}

void IdBook::apply(const IdBlockReserved& e, const Stamp& stamp) {
  raise(e.session, e.to - 1, "a block was reserved", stamp);
  blocks_.insert_or_assign(BrokerOrderId{e.session, e.from}, Block{e, e.from, stamp.time});
}

void IdBook::apply(const IdsReset& e, const Stamp& stamp) {
  raise(e.session, e.next - 1, "the ids were reset", stamp);
  reset_.reset();
  last_reset_ = ResetResult{stamp.time, e};
}

void IdBook::add_clash(const BrokerOrderId& id, OrderId other) {
  if (clashes_.size() < clashes_kept) clashes_.insert_or_assign(id, other);
}

void IdBook::count(const Use& before, const Use& after) {
  if (before == after) return;
  const auto place = [this](const Use& use) -> std::uint64_t* {
    if (use.state == IdState::none) return nullptr;
    Count& count = counts_[use.purpose];
    return use.state == IdState::sent ? &count.sent : &count.acknowledged;
  };
  if (std::uint64_t* left = place(before)) --*left;
  if (std::uint64_t* joined = place(after)) ++*joined;
}

void IdBook::ended(OrderId order) {
  stale_.erase(order);
  refusals_.erase(order);
}

}  // namespace belay::core
