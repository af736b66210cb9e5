// SPDX-License-Identifier: Apache-2.0
// Broker order ids: one strictly increasing sequence per session, whoever asks. Ids are given when
// an order is sent; a block that a caller reserved lies in the same sequence, and its ids can be
// used until a later one was sent. Every id that is never sent is explained by one event
// (docs/decisions/0015-broker-ids.md).
#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"

namespace belay::core {

using base::Defect;

// What blocks still keep below `below` can no longer be sent by anybody.
void Core::pass_blocks(std::int64_t below, const char* why) {
  std::vector<std::pair<std::int64_t, std::int64_t>> passed;
  const auto& blocks = book_.ids().blocks();
  for (auto it = blocks.lower_bound({session_, INT64_MIN});
       it != blocks.end() && it->first.session == session_ && it->second.next < below; ++it) {
    passed.emplace_back(it->second.next, std::min(below, it->second.reserved.to));
  }
  for (const auto& [from, to] : passed) {
    emit(GapRecorded{session_, from, to, fmt::format("RESERVED_UNUSED: {}", why)});
  }
}

// The broker takes nothing below `next` any more.
void Core::lift_floor(std::int64_t next, const char* reason) {
  // A number that no order can have says nothing about the ids that orders can have.
  if (next > broker_number_max + 1) return;
  pass_blocks(next, reason);
  const std::int64_t ours = book_.id_mark(session_) + 1;
  if (next > ours) emit(FloorRaised{session_, ours, next, reason});
}

// Earlier versions took the broker's "no number" for an id and lifted the floor above all ids that
// there are: what really was used is still known, and the ids go on above it.
void Core::heal_marks() {
  std::vector<MarkHealed> healed;
  for (const auto& [session, known] : book_.ids().sessions()) {
    if (known.mark <= broker_number_max) continue;
    std::int64_t used = book_.ids().accounted(session, broker_number_max);
    for (const auto& [id, shown] : book_.in_memory()) {
      if (!shown.broker_id || shown.broker_id->session != session) continue;
      if (shown.broker_id->number <= broker_number_max) {
        used = std::max(used, shown.broker_id->number);
      }
    }
    healed.push_back({session, known.mark, used,
                      "the mark stood above all ids that an order can have: a number that means "
                      "\"none\" had been taken for an id"});
  }
  for (MarkHealed& each : healed) {
    incident("id_mark_healed", {},
             fmt::format("the ids of client {} go on above {}: an earlier version had taken the "
                         "broker's \"no number\" for an id and moved the mark to {}",
                         each.session, each.to, each.from),
             fmt::format("id_mark_healed/{}", each.session));
    emit(std::move(each));
  }
}

// At the begin of a session. Ids never go back, whatever the broker says (semantics c.1).
void Core::check_next_number(std::int64_t next) {
  const std::int64_t expected = book_.ids().at(session_).known + 1;
  if (next < expected && !broker_had(book_, session_, next, expected - 1)) {
    refuse_lost_ranges();  // the frames of the ids above were lost; ours stay used all the same
    return;
  }
  if (next < expected) {
    incident("next_id_lower", {},
             fmt::format("the broker's next id is {}, ours is {}: its ids were rolled back; ours "
                         "are not",
                         next, book_.id_mark(session_) + 1));
    if (base::defect(Defect::id_reused_after_rollback)) {
      emit(FloorRaised{session_, expected, next, "planted"});
    }
  } else {
    // Of a session that has sent nothing from here, others may have sent before.
    if (const std::int64_t ours = book_.id_mark(session_) + 1;
        next > ours && book_.ids().at(session_).sent > 0) {
      incident("next_id_higher", {},
               fmt::format("the broker's next id is {}, ours is {}: the ids from {} to {} of this "
                           "client id were used, and this journal knows nothing of it",
                           next, ours, ours, next - 1),
               fmt::format("next_id_higher/{}/{}", session_, ours),
               {"another program used this client id",
                "this data directory is an older copy: orders and their keys are missing, and a "
                "repeated request would be sent again"});
    }
    lift_floor(next, "the broker's next id is higher");
  }
  refuse_lost_ranges();
}

// A range of which no further lap fits below the highest id: its purpose gets none, the others do.
void Core::refuse_lost_ranges() {
  for (const IdRange& range : options_.ids.ranges) {
    const std::int64_t next = book_.id_mark(session_) + 1;
    if (next_number(options_.ids, next - 1, range.purpose)) continue;
    incident("id_range_refused", {},
             fmt::format("the ids {} to {} of purpose {} cannot be kept: the next id is {}. Its "
                         "orders are refused (RANGE_EXHAUSTED); change ID_RANGES",
                         range.from, range.to - 1, range.purpose, next),
             fmt::format("id_range:{}:{}", session_, range.purpose));
  }
}

void Core::on(const NextIdSeen& seen) {
  if (phase_ == Phase::down || seen.session != session_) return;
  // A lower one is no news: orders have been sent since the question.
  lift_floor(seen.next_number, "the broker's next id is higher");
  if (const auto* open = book_.find_incident("next_id_unknown")) {
    emit(IncidentClosed{open->seq, "the broker told its next order id", ""});
  }
  for (auto& [id, collision] : collisions_) collision.next = seen.next_number;
  if (reset_ && reset_->asked) end_reset();
}

void Core::on(const ReserveIds& command) {
  const auto refuse = [&](ReplyCode code, std::string text, std::vector<base::Error> errors = {}) {
    reply(command.correlation, code, {}, std::move(text), std::move(errors));
  };
  const IdOptions& limits = options_.ids;
  if (command.count < 1 || command.count > limits.block_max) {
    return refuse(ReplyCode::invalid, "count is out of range",
                  {{"count", fmt::format("expected 1 to {} (ID_BLOCK_MAX)", limits.block_max)}});
  }
  if (phase_ != Phase::ready || book_.find_incident("next_id_unknown") != nullptr) {
    return refuse(ReplyCode::not_ready, "the broker's next id is not known now");
  }
  if (book_.ids().reset()) {
    return refuse(ReplyCode::not_ready, "the ids are being reset");
  }
  if (book_.ids().blocks().size() >= limits.blocks_max) {
    return refuse(
        ReplyCode::queue_full,
        fmt::format(
            "{} blocks are open already, which is the limit (ID_BLOCKS_MAX): release or use "
            "one",
            book_.ids().blocks().size()));
  }
  const std::int64_t mark = book_.id_mark(session_);
  if (command.from && *command.from > mark + 1 + limits.skip_max) {
    return refuse(
        ReplyCode::invalid, "from is too far ahead",
        {{"from", fmt::format("expected at most {} (ID_SKIP_MAX): the ids before it are lost",
                              mark + 1 + limits.skip_max)}});
  }
  std::int64_t above = std::max(mark, command.from.value_or(0) - 1);
  // Orders that need no block go on below it. Ranges say by themselves who sends what.
  const bool leaves_room =
      limits.block_room > 0 && limits.ranges.empty() && room_of(book_.ids(), session_) == nullptr;
  if (leaves_room && mark + limits.block_room + command.count <= broker_number_max) {
    above = std::max(above, mark + limits.block_room);
  }
  const auto first = next_number(limits, above, command.purpose, command.count);
  if (!first) {
    if (base::defect(Defect::reservation_partial) && mark < broker_number_max) {
      emit(IdBlockReserved{session_, mark + 1, broker_number_max + 1, command.purpose,
                           command.principal});
    }
    return refuse(ReplyCode::exhausted,
                  fmt::format("there are no {} ids in a row left for {} (RANGE_EXHAUSTED)",
                              command.count, purpose_label(command.purpose)));
  }
  if (*first > mark + 1 && leaves_room) {
    emit(IdBlockReserved{session_, mark + 1, *first, std::string(purpose_label("")),
                         std::string(room_owner)});
  } else if (*first > mark + 1) {
    emit(GapRecorded{session_, mark + 1, *first,
                     fmt::format("RESERVED_UNUSED: skipped so that a block begins at {}", *first)});
  }
  emit(IdBlockReserved{session_, *first, *first + command.count,
                       std::string(purpose_label(command.purpose)), command.principal});
  if (command.correlation == 0) return;
  Reply answer{command.correlation, ReplyCode::accepted, {}, "", {}};
  answer.first_id = *first;
  effect(std::move(answer));
}

void Core::on(const ReleaseIds& command) {
  const auto& blocks = book_.ids().blocks();
  const auto it = std::find_if(blocks.begin(), blocks.end(), [&](const auto& entry) {
    return entry.first.number == command.from &&
           entry.second.reserved.principal == command.principal;
  });
  if (it == blocks.end()) {
    return reply(command.correlation, ReplyCode::not_found, {},
                 fmt::format("you have no open block that begins at {}", command.from));
  }
  const IdBook::Block block = it->second;
  emit(GapRecorded{block.reserved.session, block.next, block.reserved.to,
                   "RESERVED_UNUSED: released by " + command.principal});
  if (command.correlation == 0) return;
  Reply answer{command.correlation, ReplyCode::accepted, {}, "", {}};
  answer.first_id = block.next;
  effect(std::move(answer));
}

// True while orders with ids of their own wait for a block to be used. The oldest block decides, so
// that nobody can hold the others by reserving again and again.
bool Core::blocks_hold() const {
  if (options_.ids.block_hold.count() <= 0) return false;
  base::Time oldest = base::never;
  const auto& blocks = book_.ids().blocks();
  for (auto it = blocks.lower_bound({session_, INT64_MIN});
       it != blocks.end() && it->first.session == session_; ++it) {
    oldest = std::min(oldest, it->second.at);
  }
  return oldest != base::never && context_.now < oldest + options_.ids.block_hold;
}

// Why an id that the caller chose cannot be used now; nothing when it can.
std::optional<base::Error> Core::broken_import(const OrderSpec& spec,
                                               const std::string& who) const {
  const BrokerOrderId id{session_, *spec.broker_number};
  const auto broken =
      broken_id_rules(book_, options_.ids, {session_, id.number, spec.purpose, who});
  if (!broken.empty()) {
    return base::Error{"broker_order_id", fmt::format("{}: {}", broken[0].field, broken[0].detail)};
  }
  if (book_.ids().block_of(id) != nullptr) return std::nullopt;
  return base::Error{"broker_order_id",
                     "expected an id of a block that you reserved (POST /api/v1/ids/reserve)"};
}

// Refuses a new order for what can be known about its id now. True when it was answered.
bool Core::refuse_ids(const PlaceOrder& command, const OrderSpec& spec) {
  if (const auto& reset = book_.ids().reset()) {
    reply(command.correlation, ReplyCode::not_ready, {},
          fmt::format("the ids are being reset by {}: new orders wait until that is done",
                      reset->principal));
    return true;
  }
  if (!spec.broker_number) {
    if (phase_ != Phase::ready) return false;
    // A block does not count: orders pass it.
    if (next_number(options_.ids, book_.id_mark(session_), spec.purpose)) return false;
    reply(
        command.correlation, ReplyCode::exhausted, {},
        fmt::format("there are no ids left for {} (RANGE_EXHAUSTED)", purpose_label(spec.purpose)));
    return true;
  }
  // What waits would be sent first, under a higher id: only who can go at once keeps an id.
  if (phase_ != Phase::ready) {
    reply(command.correlation, ReplyCode::not_ready, {},
          "an order with an id of its own cannot wait for the broker");
  } else if (context_.send_slots.free(Lane::new_risk) == 0 ||
             (!outbox_.empty() && !blocks_hold())) {
    reply(command.correlation, ReplyCode::queue_full, {},
          "orders wait for a send slot, and they would pass this id");
  } else if (auto error = broken_import(spec, command.principal)) {
    reply(command.correlation, ReplyCode::invalid, {}, error->detail, {*error});
  } else {
    return false;
  }
  return true;
}

// The id of an order that is sent now. What it passes is recorded before.
base::Result<std::int64_t> Core::take_number(OrderId id) {
  const OrderSpec& spec = order(id).spec;
  if (spec.broker_number) {
    if (const auto error = broken_import(spec, order(id).principal)) {
      return base::fail(error->field, error->detail);
    }
    const std::int64_t number = *spec.broker_number;
    pass_blocks(number, "a later id was sent");
    return number;
  }
  if (const IdBook::Block* below = room_of(book_.ids(), session_)) {
    const std::int64_t number = below->next;
    pass_blocks(number, "a later id was sent");
    return number;
  }
  const std::int64_t mark = book_.id_mark(session_);
  const auto number = next_number(options_.ids, mark, spec.purpose);
  if (!number) {
    return base::fail("purpose",
                      fmt::format("the broker's order ids are used up for {} (RANGE_EXHAUSTED)",
                                  purpose_label(spec.purpose)));
  }
  pass_blocks(*number, "a later id was sent");
  if (*number > mark + 1) {
    emit(GapRecorded{session_, mark + 1, *number,
                     fmt::format("FLOOR_RAISED: skipped to the range of {}",
                                 purpose_label(order(id).spec.purpose))});
  }
  return *number;
}

// Says once that the ids come to their end: when this step made the mark pass nine tenths of them.
void Core::watch_mark(std::int64_t before) {
  const std::int64_t mark = book_.id_mark(session_);
  if (before >= nearly_exhausted_from || mark < nearly_exhausted_from) return;
  incident("ids_nearly_exhausted", {},
           fmt::format("the next id of session {} is {} of at most {}: go on with another "
                       "CLIENT_ID before they end; no reset brings a used one back",
                       session_, mark + 1, broker_number_max),
           fmt::format("ids_nearly_exhausted:{}", session_));
}

}  // namespace belay::core
