// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/legs.hpp"

#include <algorithm>

#include "belay/base/defects.hpp"

namespace belay::core {

// Another contract or another side than the order's is a leg.
bool is_leg(const Order& known, const Contract& filled, Side side) {
  const Contract& ours = known.spec->contract;
  const bool whole = filled.sec_type == SecurityType::combination;
  if (ours.sec_type == SecurityType::combination && !whole) return filled.con_id != 0;
  if (filled.con_id == 0) return false;
  const std::int64_t con_id = ours.con_id != 0 ? ours.con_id : known.con_id;
  return side != known.spec->side || (con_id != 0 && con_id != filled.con_id);
}

// An order of others that is known from its fills alone trades what its first fill showed, until
// another fill shows something else: then it is a combination, and they are its legs.
void sort_by_contract(OrderId id, const BrokerExecution& report, Step& step) {
  if (base::defect(base::Defect::leg_taken_by_first_sight)) return;
  const Order& known = step.order(id);
  const Contract& filled = report.contract;
  if (!known.known_from_fills() || filled.con_id == 0) return;
  const bool combined = known.spec->contract.sec_type == SecurityType::combination;
  const bool whole = filled.sec_type == SecurityType::combination;
  if (report.account < known.spec->account) {
    // An allocation: of several accounts the first stands for the order, whichever came first.
    OrderSpec spec = known.spec;
    spec.account = report.account;
    describe(id, spec, "", step);
  }
  const bool fits = known.con_id == filled.con_id && known.spec->side == report.execution.side;
  if (fits || (combined && !whole)) return;
  OrderSpec spec = known.spec;
  spec.contract = whole ? filled : Contract();
  spec.contract.sec_type = SecurityType::combination;
  if (!whole) {
    // Nobody has told it as a whole yet.
    spec.contract.exchange.clear();
    spec.contract.currency.clear();
    spec.contract.symbol = known.spec->contract.symbol == filled.symbol ? filled.symbol : "";
  }
  spec.side = whole ? report.execution.side : Side::buy;
  spec.terms.order_qty = Quantity();
  describe(id, spec, "", step);
}

// The order is what `spec` says: fills that were taken for its own and are legs become legs, and
// those that were taken for legs and are its own are counted.
void describe(OrderId id, const OrderSpec& spec, const std::string& raw_ord_type, Step& step) {
  Order as_told = step.order(id);
  const Order before = as_told;
  as_told.spec = spec;
  if (spec.contract.con_id != 0) as_told.con_id = spec.contract.con_id;
  const auto told_as = [&](const Execution& e) {
    Contract filled = e.leg_con_id == 0 ? before.spec->contract : Contract();
    filled.con_id = e.leg_con_id == 0 ? before.con_id : e.leg_con_id;
    return filled;
  };
  const auto sort = [&](bool to_legs) {
    for (const Execution& e : before.executions) {
      const Contract filled = told_as(e);
      const bool leg = !e.inferred && is_leg(as_told, filled, e.side);
      if (leg != to_legs || leg == (e.leg_con_id != 0)) continue;
      if (base::defect(base::Defect::leg_taken_by_first_sight)) continue;
      Execution sorted = e;
      sorted.leg_con_id = leg ? filled.con_id : 0;
      step.emit(ExecutionCorrected{id, std::move(sorted)});
    }
  };
  sort(true);
  step.emit(ExternalOrderSeen{id, before.broker_id.value_or(BrokerOrderId{}), std::nullopt, spec,
                              raw_ord_type, before.tag});
  sort(false);
}

}  // namespace belay::core
