// SPDX-License-Identifier: Apache-2.0
// Which finished orders leave memory and when, and what happens when the broker has something to
// say about one that did. What it merely lists again is known by the book's archived facts and
// ignored; everything else waits until the order is back from the history and is then handled as
// if the order had never left. A report that waits is not history: if the process dies the broker
// lists it again.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/facts/order_encoding.hpp"

namespace belay::core {

using base::Defect;

namespace {
constexpr std::size_t archive_step_max = 32;  // so that no step is long
}  // namespace

// Queues and waits that name an order by its id need it in memory.
bool Core::in_use(const Order& finished) const {
  const OrderId id = finished.id;
  if (claims_.contains(id) || collisions_.contains(id) ||
      rounds_.working_though_done.contains(id) || foreign_.contains(id) ||
      (reset_ && reset_->open.contains(id)) || outbox_.find(id, Outbox::Kind::place) != nullptr ||
      outbox_.find(id, Outbox::Kind::replace) != nullptr) {
    return true;
  }
  // The last ids whose frames may all be lost tell a rollback of the broker's ids from that.
  if (!finished.broker_id || finished.external || left_trace(finished)) return false;
  const auto [session, number] = *finished.broker_id;
  return !broker_had(book_, session, number + 1, book_.ids().at(session).known);
}

const Order* Core::next_to_archive() const {
  if (context_.archive_room == 0) return nullptr;
  for (const auto& [seq, id] : book_.finished()) {
    const Order* finished = book_.find(id);
    if (!in_use(*finished)) return finished;
  }
  return nullptr;
}

bool Core::is_due(const Order& finished, base::Time now) const {
  return book_.finished().size() > options_.finished_kept_max ||
         now - finished.updated_at >= options_.finished_kept;
}

void Core::archive_finished() {
  const std::size_t room = std::min(context_.archive_room, archive_step_max);
  for (std::size_t i = 0; i < room; ++i) {
    const Order* finished = next_to_archive();
    if (finished == nullptr || !is_due(*finished, context_.now)) return;
    shown_.erase(finished->id);
    emit(OrderArchived{finished->id});
  }
}

// ---- late facts ----

// The archived order that the names lead to, by the rules of match(): our tag first, then the
// permanent id of an order that we did not send. 0 when there is none.
OrderId Core::archived_by_names(const BrokerNames& names) const {
  if (base::defect(Defect::archived_fill_counted_again)) return {};
  if (book_.instance()) {
    const auto tagged = parse_order_tag(*book_.instance(), names.tag);
    if (tagged && *tagged < book_.next_order_id()) {
      return book_.is_archived(*tagged) ? *tagged : OrderId();
    }
  }
  if (!names.permanent_id || book_.find(*names.permanent_id) != nullptr) return {};
  const auto external = book_.archived_facts().external(*names.permanent_id);
  return external && book_.is_archived(*external) ? *external : OrderId();
}

bool Core::about_archived(const BrokerOrder& report) {
  const OrderId id = archived_by_names(report.names);
  if (id.value() == 0) return false;
  const bool done = report.state == BrokerState::canceled ||
                    report.state == BrokerState::rejected || report.state == BrokerState::filled;
  // The list of completed orders repeats what is known, unless more is filled than we counted.
  // Behind reports that wait everything waits, as they may change what is known.
  const auto known = book_.archived_facts().filled(id);
  const bool no_more = known && (!report.filled || *report.filled <= *known);
  if (done && no_more && !parked_.contains(id)) return true;
  return park(id, report);
}

bool Core::about_archived(const BrokerExecution& report) {
  if (base::defect(Defect::archived_fill_counted_again)) return false;
  const ExecId& exec = report.execution.id;
  const OrderId named = archived_by_names(report.names);
  if (const Order* holder = book_.find_execution(exec.base)) {
    // An execution id that a reset broker used again, for an order that is archived.
    const bool again = named.value() != 0 && !holder->external;
    return again && park(named, report);
  }
  const auto known = book_.archived_facts().execution(exec.base);
  if (!known) return named.value() != 0 && park(named, report);
  const Order* ours = tagged_order(report.names);
  if (ours != nullptr && holds(*ours, exec)) return false;  // told once already that it has it too
  const OrderId owner = ours != nullptr ? ours->id : named;
  if (owner.value() != 0 && owner != known->order && !known->external) {
    if (ours == nullptr) return park(named, report);
    incident("execution_id_reused", owner,
             fmt::format("execution id {} of order {} came again for order {}", to_string(exec),
                         known->order.value(), owner.value()));
    return false;
  }
  const bool waits = parked_.contains(known->order);
  if (!waits && known->revision_known && exec.revision <= known->revision) return true;
  return book_.is_archived(known->order) && park(known->order, report);
}

bool Core::about_archived(const BrokerCommission& report) {
  if (book_.find_execution(report.execution.base) != nullptr) return false;
  const auto known = book_.archived_facts().execution(report.execution.base);
  if (!known || !book_.is_archived(known->order)) return false;
  const bool same = known->commission == commission_digest(report.commission, report.currency);
  if (same && !parked_.contains(known->order)) return true;
  return park(known->order, report);
}

// A round ends when everything that it listed is handled, and some of that waits for the history.
bool Core::about_archived(const SnapshotDone& round) {
  if (parked_.empty() || phase_ == Phase::down) return false;
  held_rounds_.push_back(round);
  return true;
}

// Always true: the report is taken, to be handled when the order is back.
bool Core::park(OrderId archived, Input report) {
  if (parked_count_ >= options_.parked_max) {
    parked_lost_ = true;
    incident("recalls_full", {},
             fmt::format("{} reports about archived orders wait for the history; further ones are "
                         "asked for again later",
                         parked_count_),
             "recalls_full");
    return true;
  }
  std::vector<Input>& waiting = parked_[archived];
  if (waiting.empty()) effect(RecallEffect{archived});
  waiting.push_back(std::move(report));
  ++parked_count_;
  return true;
}

void Core::on(const ArchivedOrder& answer) {
  const auto found = parked_.find(answer.order);
  if (found == parked_.end()) return;
  const std::vector<Input> reports = std::move(found->second);
  parked_.erase(found);
  parked_count_ -= reports.size();
  std::string why = answer.why;
  if (book_.is_archived(answer.order) && answer.state) {
    const auto decoded = decode_order(*answer.state);
    if (decoded && decoded->id == answer.order && is_terminal(decoded->status)) {
      emit(OrderRecalled{answer.order, *answer.state});
    } else {
      why = "what the history holds of it cannot be read";
    }
  }
  if (book_.is_archived(answer.order)) {
    // The facts are not lost: the broker lists the day again, and the history is made anew from the
    // journal when its file is removed and the daemon started.
    incident("history_unreadable", {},
             fmt::format("{} reports about archived order {} could not be handled: {}",
                         reports.size(), answer.order.value(), why),
             fmt::format("history_unreadable:{}", answer.order.value()));
  } else {
    for (const Input& report : reports) {
      begin_step(report);
      std::visit(
          [this](const auto& in) {
            if (!about_archived(in)) on(in);
          },
          report);
    }
  }
  if (parked_.empty()) end_recalls();
}

// Nothing waits for the history any more.
void Core::end_recalls() {
  for (const SnapshotDone& round : std::exchange(held_rounds_, {})) {
    begin_step(round);
    on(round);
  }
  if (!parked_lost_ || phase_ == Phase::down) return;
  parked_lost_ = false;
  effect(QueryExecutionsEffect{});
}

}  // namespace belay::core
