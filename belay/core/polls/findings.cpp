// SPDX-License-Identifier: Apache-2.0
#include "belay/core/polls/findings.hpp"

#include <fmt/format.h>

namespace belay::core {
namespace {

struct Reader {
  const Book& book;
  using Out = std::optional<Finding>;

  const Execution* known(OrderId id, const ExecId& exec) const {
    const Order* order = book.find(id);
    if (order == nullptr) return nullptr;
    for (const Execution& e : order->executions) {
      if (e.id.base == exec.base) return &e;
    }
    return nullptr;
  }

  Out operator()(const ExternalOrderSeen& e) const {
    if (book.find(e.order) != nullptr) {
      return Finding{"QUANTITY_MISMATCH", e.order, "known from its fills alone, and it is larger"};
    }
    return Finding{"MISSING_LOCAL", e.order, "an order of another client, or made by hand"};
  }
  Out operator()(const ExecutionReported& e) const {
    return Finding{"MISSING_LOCAL", e.order,
                   fmt::format("execution {} of {}", to_string(e.execution.id),
                               to_string(e.execution.last_qty))};
  }
  Out operator()(const ExecutionInferred& e) const {
    return Finding{"MISSING_LOCAL", e.order,
                   fmt::format("a fill of {} that no execution tells: {}",
                               to_string(e.execution.last_qty), e.evidence)};
  }
  Out operator()(const ExecutionCorrected& e) const {
    const Execution* before = known(e.order, e.execution.id);
    if (before == nullptr) return std::nullopt;
    const bool quantity = before->last_qty != e.execution.last_qty;
    return Finding{quantity ? "QUANTITY_MISMATCH" : "PRICE_MISMATCH", e.order,
                   fmt::format("execution {} was {} at {}, the broker says {} at {}",
                               to_string(e.execution.id), to_string(before->last_qty),
                               to_string(before->last_px), to_string(e.execution.last_qty),
                               to_string(e.execution.last_px))};
  }
  Out operator()(const CommissionReported& e) const {
    const Execution* before = known(e.order, e.execution);
    // A first commission joins its fill; that is no difference.
    if (before == nullptr || !before->commission) return std::nullopt;
    return Finding{"COMMISSION_MISMATCH", e.order,
                   fmt::format("execution {} cost {}, the broker says {}", to_string(e.execution),
                               before->commission->to_string(), e.commission.to_string())};
  }
  Out operator()(const OrderRestated& e) const {
    const Order* order = book.find(e.order);
    if (order == nullptr) return std::nullopt;
    const bool quantity = order->spec->terms.order_qty != e.terms->order_qty;
    return Finding{quantity ? "QUANTITY_MISMATCH" : "PRICE_MISMATCH", e.order,
                   "the broker shows other terms"};
  }
  Out operator()(const OrderUnknown& e) const {
    if (e.command != "absent") return std::nullopt;
    return Finding{"MISSING_IBKR", e.order, e.reason};
  }
  Out operator()(const OrderNotAccepted& e) const {
    return Finding{"MISSING_IBKR", e.order, e.proof};
  }
  Out operator()(const PositionAdjusted& e) const {
    if (!book.positions_agreed(e.account)) return std::nullopt;
    return Finding{
        "QUANTITY_MISMATCH", OrderId(),
        fmt::format("account {}, contract {}: {} here, {} at the broker", e.account.value(),
                    e.contract.con_id, e.from.to_string(), e.to.to_string())};
  }
  Out operator()(const OrderCanceled& e) const { return ended(e.order, "canceled"); }
  Out operator()(const OrderRejected& e) const { return ended(e.order, "rejected"); }
  Out operator()(const OrderExpired& e) const { return ended(e.order, "expired"); }
  Out operator()(const ReplaceAccepted& e) const { return ended(e.order, "modified"); }
  Out operator()(const ReplaceRefused& e) const { return ended(e.order, "not modified"); }
  Out operator()(const IncarnationAdded& e) const {
    const Order* order = book.find(e.order);
    if (order == nullptr || order->permanent_ids.empty()) return std::nullopt;
    return ended(e.order, "made a second time");
  }
  Out operator()(const IncarnationChanged& e) const {
    return ended(e.order, e.done ? "a copy that is done" : "a copy that works");
  }
  Out ended(OrderId id, const char* what) const {
    const Order* order = book.find(id);
    return Finding{"STATUS_MISMATCH", id,
                   fmt::format("was {} here, at the broker it is {}",
                               order == nullptr ? "" : name(order->status), what)};
  }
  template <class Other>
  Out operator()(const Other&) const {
    return std::nullopt;
  }
};

}  // namespace

std::optional<Finding> finding_of(const Book& book, const Event& event) {
  return std::visit(Reader{book}, event);
}

void FindingLog::note(const Book& book, const Event& event, std::size_t named_max) {
  if (!listing) return;
  auto finding = finding_of(book, event);
  if (!finding) return;
  ++count;
  ++totals[finding->kind];
  if (named.size() < named_max) named.push_back(std::move(*finding));
}

}  // namespace belay::core
