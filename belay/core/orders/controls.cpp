// SPDX-License-Identifier: Apache-2.0
// The gate in front of new risk: halts, the session, the disk, the queue's limits. Cancels never
// come here, and protection passes everything but a missing session.
#include <fmt/format.h>

#include "belay/core/core.hpp"

namespace belay::core {

std::string Core::halt_text() const {
  const Halted& halt = *book_.halted();
  return fmt::format("new risk is halted by {}: {}", halt.principal, halt.reason);
}

// Why `orders` new orders of this lane are not taken now. Nothing is recorded then, so the caller
// may ask again with the same key.
std::optional<Core::Refusal> Core::refusal_of(Lane lane, const std::string& principal,
                                              std::size_t orders, bool may_wait) const {
  const bool protects = lane == Lane::protective;
  if (book_.halted() && !protects) return Refusal{ReplyCode::halted, halt_text()};
  if (phase_ != Phase::ready && !may_wait) {
    return Refusal{ReplyCode::not_ready,
                   phase_ == Phase::syncing
                       ? "reconciling with the broker: new orders wait until that is done"
                       : "not connected to the broker"};
  }
  if (!context_.refuse_new.empty() && !protects) {
    return Refusal{ReplyCode::disk, std::string(context_.refuse_new)};
  }
  const std::size_t max = lane == Lane::new_risk ? options_.queue_max : options_.queue_max_urgent;
  if (outbox_.size(lane) + orders > max) {
    return Refusal{ReplyCode::queue_full,
                   fmt::format("{} orders wait for a send slot already (lane {}, at most {}: {})",
                               outbox_.size(lane), name(lane), max,
                               lane == Lane::new_risk ? "RATE_LIMIT_QUEUE_SIZE"
                                                      : "RATE_LIMIT_QUEUE_SIZE_URGENT")};
  }
  const std::size_t own = outbox_.of_caller(principal);
  if (options_.queue_max_per_caller != 0 && own + orders > options_.queue_max_per_caller &&
      !protects) {
    return Refusal{ReplyCode::queue_full,
                   fmt::format("{} orders of this caller wait for a send slot already (at most {}: "
                               "RATE_LIMIT_QUEUE_SIZE_PER_CALLER)",
                               own, options_.queue_max_per_caller)};
  }
  return std::nullopt;
}

// The gate closes in this step, before its event is durable; what waits is told at once.
void Core::on(const Halt& command) {
  if (book_.halted()) {
    return reply(command.correlation, ReplyCode::accepted, {}, "halted already; " + halt_text());
  }
  stop_new_risk(command.reason, command.principal);
  reply(command.correlation, ReplyCode::accepted);
}

void Core::stop_new_risk(std::string reason, std::string principal) {
  if (book_.halted()) return;
  emit(Halted{std::move(reason), std::move(principal)});
  const auto stopped = [this](const Outbox::Item& item) {
    if (item.lane == Lane::protective) return false;
    if (item.kind == Outbox::Kind::place) return true;
    const Order& target = order(item.orders.front());
    return !target.desired_terms || !only_lessens(target.spec, *target.desired_terms);
  };
  for (const Outbox::Item& item : outbox_.take_if(stopped)) deny(item, halt_text());
}

// The broker shows what this journal never sent under its own tag, or under another Belay's in our
// session: facts are lost or elsewhere, and with them keys that were used. A person who has looked
// at it resumes; the same tag halts once.
void Core::note_lost_facts(const std::string& tag) {
  if (!lost_tags_.insert(tag).second) return;
  stop_new_risk(
      fmt::format("the broker shows the order tag {}, which this journal never sent: an older copy "
                  "of the data directory, or another one, does not know orders and their keys, and "
                  "a repeated request would be sent again",
                  tag),
      "belay");
}

// New risk is taken again from here on. It leaves after its own events, and so after this one, are
// durable.
void Core::on(const Resume& command) {
  if (!book_.halted()) {
    return reply(command.correlation, ReplyCode::accepted, {}, "not halted");
  }
  emit(Resumed{command.reason, command.principal});
  reply(command.correlation, ReplyCode::accepted);
}

}  // namespace belay::core
