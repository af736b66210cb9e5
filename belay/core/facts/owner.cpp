// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/owner.hpp"

#include "belay/base/defects.hpp"

namespace belay::core {

const Order* rival_of(const Book& book, const Order& ours) {
  if (ours.external || !ours.broker_id) return nullptr;
  const auto holder = book.ids().clash(*ours.broker_id);
  const Order* rival = holder ? book.find(*holder) : nullptr;
  return rival != nullptr && !is_terminal(rival->status) ? rival : nullptr;
}

bool is_elsewhere(const Book& book, std::int32_t session, const Order& target) {
  if (!target.broker_id) return target.external;
  // It waits to be sent again under another id: the one that it has is somebody else's.
  const bool waits = target.status == OrdStatus::created;
  if (waits && !base::defect(base::Defect::resend_outlives_cancel)) return false;
  if (session < 0 && !target.external) return false;
  if (target.broker_id->session != session) return true;
  const Order* named = book.find(*target.broker_id);
  if (named == nullptr || named->id != target.id) return true;
  // Ours is not to be found, and the broker shows another order under its id.
  return target.unknown && rival_of(book, target) != nullptr;
}

}  // namespace belay::core
