// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/collisions.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/evidence/names.hpp"
#include "belay/core/ids/ids.hpp"

namespace belay::core {

using base::Defect;

namespace {
// A round of lists that was under way when the refusal came may have been read before the order
// was sent. The second one was begun after it.
constexpr int rounds_needed = 2;

// The highest id of another client that the lists show. One so high that few would be left above it
// is passed by nobody.
std::int64_t highest_of_others(const SnapshotDone& snapshot, std::int32_t session) {
  std::int64_t highest = 0;
  for (const BrokerNames& names : snapshot.open_orders) {
    if (!names.broker_id || names.broker_id->session == session) continue;
    if (names.broker_id->number > broker_number_max / 2) continue;
    highest = std::max(highest, names.broker_id->number);
  }
  return highest;
}
}  // namespace

void Collisions::refused(OrderId id, const BrokerNotice& notice, Step& step) {
  const BrokerOrderId broker_id = *step.order(id).broker_id;
  step.incident(
      "duplicate_broker_id", id,
      fmt::format("the broker says that id {} of order {} was used before; the order is not "
                  "sent again until it is proven to be nowhere",
                  broker_id.number, id.value()),
      fmt::format("duplicate_broker_id:{}:{}", broker_id.session, broker_id.number),
      {fmt::format("another program uses client id {}", broker_id.session),
       "the broker's id sequence was rolled back or restored",
       "the broker wants ids above all that it showed, those of other clients too",
       "the order arrived before under this id"});
  if (base::defect(Defect::collision_resent_blindly)) {
    step.emit(SendRefused{id, broker_id, "planted"});
    return;
  }
  if (!step.order(id).unknown) {
    step.emit(OrderUnknown{id, "place",
                           fmt::format("{} {}: what lives under its id is being found out",
                                       notice.code, notice.text)});
  }
  open_.insert_or_assign(id, Collision{broker_id.number, step.now()});
  step.effect(QueryNextIdEffect{});
  step.ask_poll("collision", true);
}

void Collisions::settle(const SnapshotDone& snapshot, Step& step) {
  bool ask = false;
  // What could not be read of an order may be its fill.
  std::set<OrderId> unread;
  for (const UnreadEntry& entry : snapshot.unread) unread.merge(named_in(entry.names, step));
  for (auto it = open_.begin(); it != open_.end();) {
    const OrderId id = it->first;
    const bool waits = step.order(id).status == OrdStatus::pending_new;
    if (waits && ++it->second.rounds < rounds_needed) {
      ask = true;
      ++it;
      continue;
    }
    const Collision collision = it->second;
    it = open_.erase(it);
    if (!waits) continue;  // the broker showed it, or it ended: it was there
    const BrokerOrderId broker_id{step.link().session, collision.number};
    bool listed = unread.contains(id);
    std::string holder;
    for (const BrokerNames& names : snapshot.open_orders) {
      const auto tagged = parse_order_tag(*step.book().instance(), names.tag);
      if (tagged == id) listed = true;
      if (names.broker_id == broker_id && tagged != id) {
        holder = fmt::format("an open order with the tag \"{}\" holds it", names.tag);
      }
    }
    if (const auto other = step.book().ids().clash(broker_id); holder.empty() && other) {
      holder = fmt::format("order {} of another program holds it", other->value());
    }
    if (holder.empty() && collision.next > step.book().ids().at(step.link().session).sent + 1) {
      holder = fmt::format("the broker's next id is {}, beyond everything sent from here",
                           collision.next);
    }
    // Some brokers want an id above all that they showed (decision 0024).
    const std::int64_t shown = highest_of_others(snapshot, step.link().session);
    if (holder.empty() && !listed && shown >= collision.number) {
      holder = fmt::format("an order of another client has id {}, which it does not exceed", shown);
      lift_floor(shown + 1, "the broker refused an id below one of another client that it showed",
                 step);
    }
    // Without a holder nothing says why the id was refused, and absence alone is no proof.
    if (listed || holder.empty()) continue;
    const std::string proof = fmt::format(
        "the order's tag is in {} complete lists of open orders, completed orders and executions "
        "nowhere, and {}",
        rounds_needed, holder);
    const bool late = step.now() - collision.since > step.options().ids.collision_window;
    const bool often = step.book().ids().refusals(id) >= step.options().ids.collision_resends;
    if (step.order(id).pending_cancel || late || often) {
      step.emit(OrderRejected{id, 103, fmt::format("its id was used before: {}", proof)});
    } else {
      step.emit(SendRefused{id, broker_id, proof});
    }
  }
  if (ask) step.ask_poll("collision", true);
}

void Collisions::on(const NextIdSeen& seen, const Step& step) {
  if (step.link().down() || seen.session != step.link().session) return;
  for (auto& [id, collision] : open_) collision.next = seen.next_number;
}

void Collisions::follow(const Event& event) {
  const auto* changed = std::get_if<SessionChanged>(&event);
  if (changed != nullptr && changed->phase != "syncing") open_.clear();
}

std::set<OrderId> Collisions::ids() const {
  std::set<OrderId> out;
  for (const auto& [id, collision] : open_) out.insert(out.end(), id);
  return out;
}

}  // namespace belay::core
