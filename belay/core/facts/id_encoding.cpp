// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "belay/core/facts/id_fields.hpp"

namespace belay::core {

fields::KeptIds IdBookCodec::kept(const IdBook& ids) {
  // A member that is added to IdBook stops the compiler here: it belongs to KeptIds too.
  [[maybe_unused]] const auto& [sessions, blocks, gaps, gaps_total, counts, clashes, refusals,
                                stale, reset, last_reset] = ids;
  fields::KeptIds out;
  for (const auto& [session, known] : ids.sessions_) out.sessions.push_back({session, known});
  for (const auto& [first, block] : ids.blocks_) out.blocks.push_back(block);
  out.gaps.assign(ids.gaps_.begin(), ids.gaps_.end());
  out.gaps_total = ids.gaps_total_;
  out.counts.assign(ids.counts_.begin(), ids.counts_.end());
  for (const auto& [id, other] : ids.clashes_) out.clashes.push_back({id, other});
  for (const auto& [order, times] : ids.refusals_) out.refusals.push_back({order, times});
  for (const OrderId order : ids.stale_) out.stale.push_back({order});
  out.reset = ids.reset_;
  out.last_reset = ids.last_reset_;
  return out;
}

bool IdBookCodec::restore(IdBook& ids, fields::KeptIds kept) {
  if (kept.counts.size() != ids.counts_.size()) return false;
  for (auto& s : kept.sessions) ids.sessions_.emplace(s.session, std::move(s.known));
  for (auto& block : kept.blocks) {
    const BrokerOrderId first{block.reserved.session, block.reserved.from};
    ids.blocks_.emplace(first, std::move(block));
  }
  ids.gaps_.assign(std::make_move_iterator(kept.gaps.begin()),
                   std::make_move_iterator(kept.gaps.end()));
  ids.gaps_total_ = kept.gaps_total;
  std::copy(kept.counts.begin(), kept.counts.end(), ids.counts_.begin());
  for (const auto& clash : kept.clashes) ids.clashes_.emplace(clash.id, clash.other);
  for (const auto& refused : kept.refusals) ids.refusals_.emplace(refused.order, refused.times);
  for (const auto& old : kept.stale) ids.stale_.insert(old.order);
  ids.reset_ = std::move(kept.reset);
  ids.last_reset_ = std::move(kept.last_reset);
  return true;
}

}  // namespace belay::core
