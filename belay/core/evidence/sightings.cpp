// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/sightings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/core/facts/order_machine.hpp"
#include "belay/core/facts/owner.hpp"
#include "belay/core/ids/ids.hpp"

namespace belay::core {

namespace {
// An order that had no id at the broker has one now.
void bind(OrderId id, const BrokerNames& names, Step& step) {
  const Order& known = step.order(id);
  if (!is_unbound(known) || !names.broker_id || names.broker_id->number == 0) return;
  if (step.book().find(*names.broker_id) != nullptr) return;  // another order's name proves nothing
  step.emit(BrokerIdBound{id, *names.broker_id});
}
}  // namespace

void on(const BrokerBound& bound, Step& step) {
  const Order* known = step.book().find(bound.permanent_id);
  if (known == nullptr) return;  // its order report, with the new id, is on its way
  BrokerNames names;
  names.broker_id = bound.broker_id;
  names.permanent_id = bound.permanent_id;
  bind(known->id, names, step);
}

// Ids that the broker shows under our session are taken, whoever used them: the floor goes above
// (product.md, id floor). It matters when our marks are lost and the broker's own were reset.
void raise_floor(const BrokerNames& names, Step& step) {
  if (!names.broker_id || names.broker_id->session != step.link().session ||
      step.link().phase == Phase::down)
    return;
  lift_floor(names.broker_id->number + 1,
             "the broker shows an order of this session with a higher id", step);
}

OrderId adopt(const BrokerNames& names, const OrderSpec& spec, const std::string& raw_ord_type,
              Step& step) {
  const OrderId id = step.book().next_order_id();
  step.emit(ExternalOrderSeen{id, names.broker_id.value_or(BrokerOrderId{}), names.permanent_id,
                              spec, raw_ord_type, names.tag});
  return id;
}

void learn_names(OrderId id, const BrokerNames& names, Step& step) {
  bind(id, names, step);
  if (!names.permanent_id) return;
  const Order* named = step.book().find(*names.permanent_id);
  if (named != nullptr && named->id == id) return;
  const auto& known = step.order(id).permanent_ids;
  if (std::find(known.begin(), known.end(), *names.permanent_id) != known.end()) return;
  if (named != nullptr) {
    step.incident("permanent_id_reused", id,
                  fmt::format("the broker shows permanent id {} of order {} on order {} too",
                              names.permanent_id->value(), named->id.value(), id.value()),
                  fmt::format("permanent_id_reused/{}/{}", id.value(), names.permanent_id->value()),
                  {"the broker was reset and gives its permanent ids again",
                   "a person gave a copy of an order our tag"});
  }
  const bool twin = !known.empty();
  const bool own_id = twin && names.broker_id && names.broker_id->number > 0 &&
                      names.broker_id != step.order(id).broker_id;
  step.emit(IncarnationAdded{id, *names.permanent_id, own_id ? names.broker_id : std::nullopt});
  if (twin) {
    // One matter for each copy, as long as a person could look at each.
    constexpr std::size_t told_max = 8;
    const bool many = step.order(id).permanent_ids.size() > told_max;
    step.incident(
        "second_copy", id,
        fmt::format("the broker shows order {} under another permanent id, {}{}", id.value(),
                    names.permanent_id->value(), many ? ", and under many more" : ""),
        fmt::format("second_copy/{}/{}", id.value(),
                    many ? "more" : std::to_string(names.permanent_id->value())),
        {"the broker made a second order of one modification while a link was down",
         "a person or another program sent an order with our tag"});
  }
}

// An id of ours under another tag: the tag decides, nothing is merged (semantics c.4 step 5).
void note_id_clash(const BrokerNames& names, Step& step) {
  if (!names.carries_tag || !names.broker_id || names.broker_id->number <= 0) return;
  const Order* ours = step.book().find(*names.broker_id);
  if (ours == nullptr || ours->external) return;
  // About no order: ours is not touched by it.
  step.incident(
      "id_collision", OrderId(),
      fmt::format("the broker shows id {}:{} of order {} on an order with the tag '{}'",
                  names.broker_id->session, names.broker_id->number, ours->id.value(), names.tag),
      fmt::format("id_collision/{}/{}/{}", names.broker_id->session, names.broker_id->number,
                  names.permanent_id ? names.permanent_id->value() : 0),
      {"the broker's ids were reset and given out again", "another program uses our client id",
       "this data directory is an older copy"});
}

// What the caller named by the number alone, or differently, has the broker's description; without
// a number nothing could be compared with positions.
void learn_contract(OrderId id, const Contract& shown, Step& step) {
  const Order& known = step.order(id);
  if (known.external || shown.con_id == 0 || shown.symbol.empty()) return;
  const Contract& named = known.spec->contract;
  const bool differs = !named.symbol.empty() && named.con_id != 0 &&
                       (named.symbol != shown.symbol || named.con_id != shown.con_id);
  const bool acknowledged = known.status != OrdStatus::pending_new;
  if (named.symbol.empty() || differs || (known.con_id == 0 && acknowledged)) {
    if (differs) {
      step.incident(
          "contract_differs", id,
          fmt::format("order {} names {} with contract number {}; the broker shows {} with {}",
                      id.value(), named.symbol, named.con_id, shown.symbol, shown.con_id));
    }
    step.emit(ContractIdentified{id, shown});
  }
}

void note_if_anomalous(OrderId id, Trigger trigger, const char* what, Step& step) {
  if (is_anomalous(step.order(id), trigger)) {
    step.incident("contradiction", id,
                  fmt::format("order {} was {} and the broker {}", id.value(),
                              name(step.order(id).status), what));
  }
}

void note_overfill(OrderId id, bool was_over, Step& step) {
  const Order& now = step.order(id);
  if (!now.overfilled || was_over) return;
  step.incident("overfill", id,
                fmt::format("order {} is filled {} of {}", id.value(), to_string(now.cum_qty),
                            to_string(now.spec->terms.order_qty)));
}

}  // namespace belay::core
