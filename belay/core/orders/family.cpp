// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "belay/core/orders/controls.hpp"
#include "belay/core/orders/desk.hpp"

namespace belay::core {

void on(const PlaceFamily& command, Step& step) {
  const auto refuse = [&](ReplyCode code, OrderId id, std::string text,
                          std::vector<base::Error> errors = {}) {
    step.reply(command.correlation, code, id, std::move(text), std::move(errors));
  };
  if (command.orders.empty()) {
    return refuse(ReplyCode::invalid, {}, "a family has no orders",
                  {{"orders", "expected at least one"}});
  }
  std::vector<OrderSpec> specs;
  std::set<std::pair<AccountId, ClOrdId>> keys;
  std::vector<const KeyUse*> used;
  std::size_t repeated = 0;
  for (const PlaceFamily::Member& member : command.orders) {
    PlaceOrder single{command.correlation, command.principal, member.cl_ord_id, member.spec};
    const auto account = resolve_account(single, step);
    if (!account) return;
    OrderSpec spec = member.spec;
    spec.account = *account;
    if (member.cl_ord_id) {
      if (!keys.emplace(*account, *member.cl_ord_id).second) {
        return refuse(ReplyCode::invalid, {}, "two orders have the same client order id",
                      {{"client_order_id", "expected a different one for each order"}});
      }
      if (const KeyUse* use = step.book().find_key(key_hash(*account, *member.cl_ord_id))) {
        used.push_back(use);
        if (use->fingerprint == fingerprint(spec)) ++repeated;
      }
    }
    specs.push_back(std::move(spec));
  }
  // The keys decide together: all of them made this family before, or none was used at all.
  if (!used.empty()) {
    const bool same = repeated == command.orders.size();
    return refuse(same ? ReplyCode::replayed : ReplyCode::key_reused, used.front()->order,
                  same ? "" : "a client order id of the family was used for a different order");
  }
  bool may_wait = true;
  Lane lane = Lane::protective;
  for (const OrderSpec& spec : specs) {
    if (spec.valid_until && *spec.valid_until <= step.link().civil(step.now())) {
      return refuse(ReplyCode::invalid, {}, "valid_until has passed",
                    {{"valid_until", "expected a time in the future"}});
    }
    may_wait = may_wait && spec.valid_until.has_value();
    lane = std::max(lane, lane_of(step.book(), spec));
  }
  if (const auto closed = refusal_of(lane, command.principal, specs.size(), may_wait, step)) {
    return refuse(closed->code, {}, closed->text);
  }
  if (step.link().phase == Phase::ready) {
    for (const OrderSpec& spec : specs) {
      auto refusal = risk_refusal(spec, step);
      if (!refusal) refusal = too_many_open(spec, step);
      if (refusal) return refuse(ReplyCode::refused, {}, refusal->detail, {*refusal});
    }
  }
  Reply answer{command.correlation, ReplyCode::accepted, step.book().next_order_id(), "", {}};
  const OrderId family = step.book().next_order_id();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const OrderId id = step.book().next_order_id();
    const ClOrdId key = command.orders[i].cl_ord_id.value_or(make_key(specs[i].account, id, step));
    step.emit(OrderAccepted{id, key, specs[i], command.principal, family});
    answer.items.push_back({id, ReplyCode::accepted, ""});
  }
  if (command.correlation != 0) step.effect(std::move(answer));
}

}  // namespace belay::core
