// SPDX-License-Identifier: Apache-2.0
#include "belay/core/archive/archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/base/defects.hpp"
#include "belay/core/evidence/names.hpp"
#include "belay/core/facts/order_encoding.hpp"
#include "belay/core/facts/order_machine.hpp"
#include "belay/core/ids/id_rules.hpp"

namespace belay::core {

using base::Defect;

namespace {
constexpr std::size_t archive_step_max = 32;  // so that no step is long

// The archived order that the names lead to, by the rules of match(): our tag first, then the
// permanent id of an order that we did not send. 0 when there is none.
OrderId archived_by_names(const BrokerNames& names, const Step& step) {
  if (base::defect(Defect::archived_fill_counted_again)) return {};
  if (step.book().instance()) {
    const auto tagged = parse_order_tag(*step.book().instance(), names.tag);
    if (tagged && *tagged < step.book().next_order_id()) {
      return step.book().is_archived(*tagged) ? *tagged : OrderId();
    }
  }
  if (!names.permanent_id || step.book().find(*names.permanent_id) != nullptr) return {};
  const auto external = step.book().archived_facts().external(*names.permanent_id);
  return external && step.book().is_archived(*external) ? *external : OrderId();
}

// The last ids whose frames may all be lost tell a rollback of the broker's ids from that.
bool keeps_ids(const Order& finished, const Book& book) {
  if (!finished.broker_id || finished.external || left_trace(finished)) return false;
  const auto [session, number] = *finished.broker_id;
  return !broker_had(book, session, number + 1, book.ids().at(session).known);
}
bool is_due(const Order& finished, const Book& book, const CoreOptions& options, base::Time now) {
  return book.finished().size() > options.finished_kept_max ||
         now - finished.updated_at >= options.finished_kept;
}
const Order* next_to_archive(const Book& book, const Archive::InUse& in_use) {
  for (const auto& [seq, id] : book.finished()) {
    const Order* finished = book.find(id);
    if (!in_use(id) && !keeps_ids(*finished, book)) return finished;
  }
  return nullptr;
}

}  // namespace

base::Time Archive::next_deadline(const Book& book, const CoreOptions& options,
                                  const Context& context, const InUse& in_use) const {
  if (context.archive_room == 0) return base::never;
  const Order* finished = next_to_archive(book, in_use);
  if (finished == nullptr) return base::never;
  return is_due(*finished, book, options, context.now)
             ? context.now
             : finished->updated_at + options.finished_kept;
}

void Archive::finish(const InUse& in_use, Step& step) {
  const std::size_t room = std::min(step.context().archive_room, archive_step_max);
  for (std::size_t i = 0; i < room; ++i) {
    const Order* finished = next_to_archive(step.book(), in_use);
    if (finished == nullptr) return;
    if (!is_due(*finished, step.book(), step.options(), step.now())) return;
    step.emit(OrderArchived{finished->id});
  }
}

// ---- late facts ----

bool Archive::takes(const BrokerOrder& report, Step& step) {
  const OrderId id = archived_by_names(report.names, step);
  if (id.value() == 0) return false;
  const bool done = report.state == BrokerState::canceled ||
                    report.state == BrokerState::rejected || report.state == BrokerState::filled;
  // The list of completed orders repeats what is known, unless more is filled than we counted.
  // Behind reports that wait everything waits, as they may change what is known.
  const auto known = step.book().archived_facts().filled(id);
  const bool no_more = known && (!report.filled || *report.filled <= *known);
  if (done && no_more && !waiting_.contains(id)) return true;
  return defer(id, report, step);
}

bool Archive::takes(const BrokerExecution& report, Step& step) {
  if (base::defect(Defect::archived_fill_counted_again)) return false;
  const ExecId& exec = report.execution.id;
  const OrderId named = archived_by_names(report.names, step);
  if (const Order* holder = step.book().find_execution(exec.base)) {
    // An execution id that a reset broker used again, for an order that is archived.
    const bool again = named.value() != 0 && !holder->external;
    return again && defer(named, report, step);
  }
  const auto known = step.book().archived_facts().execution(exec.base);
  if (!known) return named.value() != 0 && defer(named, report, step);
  const Order* ours = tagged_order(report.names, step);
  if (ours != nullptr && step.book().execution_of(*ours, exec.base) != nullptr)
    return false;  // told once already that it has it too
  const OrderId owner = ours != nullptr ? ours->id : named;
  if (owner.value() != 0 && owner != known->order && !known->external) {
    if (ours == nullptr) return defer(named, report, step);
    step.incident("execution_id_reused", owner,
                  fmt::format("execution id {} of order {} came again for order {}",
                              to_string(exec), known->order.value(), owner.value()));
    return false;
  }
  const bool waits = waiting_.contains(known->order);
  if (!waits && known->revision_known && exec.revision <= known->revision) return true;
  return step.book().is_archived(known->order) && defer(known->order, report, step);
}

bool Archive::takes(const BrokerCommission& report, Step& step) {
  if (step.book().find_execution(report.execution.base) != nullptr) return false;
  const auto known = step.book().archived_facts().execution(report.execution.base);
  if (!known || !step.book().is_archived(known->order)) return false;
  const bool same = known->commission == commission_digest(report.commission, report.currency);
  if (same && !waiting_.contains(known->order)) return true;
  return defer(known->order, report, step);
}

// A round ends when everything that it listed is handled, and some of that waits for the history.
bool Archive::takes(const SnapshotDone& round, Step& step) {
  if (waiting_.empty() || step.link().phase == Phase::down) return false;
  deferred_polls_.push_back(round);
  return true;
}

// Always true: the report is taken, to be handled when the order is back.
bool Archive::defer(OrderId archived, Input report, Step& step) {
  if (waiting_count_ >= step.options().parked_max) {
    lost_ = true;
    step.incident(
        "recalls_full", {},
        fmt::format("{} reports about archived orders wait for the history; further ones are "
                    "asked for again later",
                    waiting_count_),
        "recalls_full");
    return true;
  }
  std::vector<Input>& waiting = waiting_[archived];
  if (waiting.empty()) step.effect(RecallEffect{archived});
  waiting.push_back(std::move(report));
  ++waiting_count_;
  return true;
}

std::vector<Input> Archive::on(const ArchivedOrder& answer, Step& step) {
  const auto found = waiting_.find(answer.order);
  if (found == waiting_.end()) return {};
  std::vector<Input> reports = std::move(found->second);
  waiting_.erase(found);
  waiting_count_ -= reports.size();
  std::string why = answer.why;
  if (step.book().is_archived(answer.order) && answer.state) {
    const auto decoded = decode_order(*answer.state);
    if (decoded && decoded->id == answer.order && is_terminal(decoded->status)) {
      step.emit(OrderRecalled{answer.order, *answer.state});
    } else {
      why = "what the history holds of it cannot be read";
    }
  }
  if (step.book().is_archived(answer.order)) {
    // The facts are not lost: the broker lists the day again, and the history is made anew from the
    // journal when its file is removed and the daemon started.
    step.incident("history_unreadable", {},
                  fmt::format("{} reports about archived order {} could not be handled: {}",
                              reports.size(), answer.order.value(), why),
                  fmt::format("history_unreadable:{}", answer.order.value()));
    reports.clear();
  }
  return reports;
}

std::vector<SnapshotDone> Archive::take_deferred_polls() {
  return waiting_.empty() ? std::exchange(deferred_polls_, {}) : std::vector<SnapshotDone>();
}

void Archive::ask_for_lost(Step& step) {
  if (!waiting_.empty() || !lost_ || step.link().down()) return;
  lost_ = false;
  step.effect(QueryExecutionsEffect{});
}

// The next link lists everything again.
void Archive::follow(const Event& event) {
  const auto* changed = std::get_if<SessionChanged>(&event);
  if (changed == nullptr || changed->phase == "syncing") return;
  deferred_polls_.clear();
  lost_ = false;
}

void Archive::begin_rehearsal() {
  lost_ = lost_ || waiting_count_ > 0;
  waiting_.clear();
  waiting_count_ = 0;
  deferred_polls_.clear();
}

}  // namespace belay::core
