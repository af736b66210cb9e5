// SPDX-License-Identifier: Apache-2.0
#include "belay/core/ids/ids.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"

namespace belay::core {

using base::Defect;

// What blocks still keep below `below` can no longer be sent by anybody.
void pass_blocks(std::int64_t below, const char* why, Step& step) {
  std::vector<std::pair<std::int64_t, std::int64_t>> passed;
  const auto& blocks = step.book().ids().blocks();
  for (auto it = blocks.lower_bound({step.link().session, INT64_MIN});
       it != blocks.end() && it->first.session == step.link().session && it->second.next < below;
       ++it) {
    passed.emplace_back(it->second.next, std::min(below, it->second.reserved.to));
  }
  for (const auto& [from, to] : passed) {
    step.emit(GapRecorded{step.link().session, from, to, fmt::format("RESERVED_UNUSED: {}", why)});
  }
}

// The broker takes nothing below `next` any more.
void lift_floor(std::int64_t next, const char* reason, Step& step) {
  // A number that no order can have says nothing about the ids that orders can have.
  if (next > broker_number_max + 1) return;
  pass_blocks(next, reason, step);
  const std::int64_t ours = step.book().id_mark(step.link().session) + 1;
  if (next > ours) step.emit(FloorRaised{step.link().session, ours, next, reason});
}

void on(const ReserveIds& command, Step& step) {
  const auto refuse = [&](ReplyCode code, std::string text, std::vector<base::Error> errors = {}) {
    step.reply(command.correlation, code, {}, std::move(text), std::move(errors));
  };
  const IdOptions& limits = step.options().ids;
  if (command.count < 1 || command.count > limits.block_max) {
    return refuse(ReplyCode::invalid, "count is out of range",
                  {{"count", fmt::format("expected 1 to {} (ID_BLOCK_MAX)", limits.block_max)}});
  }
  if (step.link().phase != Phase::ready ||
      step.book().find_incident("next_id_unknown") != nullptr) {
    return refuse(ReplyCode::not_ready, "the broker's next id is not known now");
  }
  if (step.book().ids().reset()) {
    return refuse(ReplyCode::not_ready, "the ids are being reset");
  }
  if (step.book().ids().blocks().size() >= limits.blocks_max) {
    return refuse(
        ReplyCode::queue_full,
        fmt::format(
            "{} blocks are open already, which is the limit (ID_BLOCKS_MAX): release or use "
            "one",
            step.book().ids().blocks().size()));
  }
  const std::int64_t mark = step.book().id_mark(step.link().session);
  if (command.from && *command.from > mark + 1 + limits.skip_max) {
    return refuse(
        ReplyCode::invalid, "from is too far ahead",
        {{"from", fmt::format("expected at most {} (ID_SKIP_MAX): the ids before it are lost",
                              mark + 1 + limits.skip_max)}});
  }
  std::int64_t above = std::max(mark, command.from.value_or(0) - 1);
  // Orders that need no block go on below it. Ranges say by themselves who sends what.
  const bool leaves_room = limits.block_room > 0 && limits.ranges.empty() &&
                           room_of(step.book().ids(), step.link().session) == nullptr;
  if (leaves_room && mark + limits.block_room + command.count <= broker_number_max) {
    above = std::max(above, mark + limits.block_room);
  }
  const auto first = next_number(limits, above, command.purpose, command.count);
  if (!first) {
    if (base::defect(Defect::reservation_partial) && mark < broker_number_max) {
      step.emit(IdBlockReserved{step.link().session, mark + 1, broker_number_max + 1,
                                command.purpose, command.principal});
    }
    return refuse(ReplyCode::exhausted,
                  fmt::format("there are no {} ids in a row left for {} (RANGE_EXHAUSTED)",
                              command.count, purpose_label(command.purpose)));
  }
  if (*first > mark + 1 && leaves_room) {
    step.emit(IdBlockReserved{step.link().session, mark + 1, *first, std::string(purpose_label("")),
                              std::string(room_owner)});
  } else if (*first > mark + 1) {
    step.emit(
        GapRecorded{step.link().session, mark + 1, *first,
                    fmt::format("RESERVED_UNUSED: skipped so that a block begins at {}", *first)});
  }
  step.emit(IdBlockReserved{step.link().session, *first, *first + command.count,
                            std::string(purpose_label(command.purpose)), command.principal});
  if (command.correlation == 0) return;
  Reply answer{command.correlation, ReplyCode::accepted, {}, "", {}};
  answer.first_id = *first;
  step.effect(std::move(answer));
}

void on(const ReleaseIds& command, Step& step) {
  const auto& blocks = step.book().ids().blocks();
  const auto it = std::find_if(blocks.begin(), blocks.end(), [&](const auto& entry) {
    return entry.first.number == command.from &&
           entry.second.reserved.principal == command.principal;
  });
  if (it == blocks.end()) {
    return step.reply(command.correlation, ReplyCode::not_found, {},
                      fmt::format("you have no open block that begins at {}", command.from));
  }
  const IdBook::Block block = it->second;
  step.emit(GapRecorded{block.reserved.session, block.next, block.reserved.to,
                        "RESERVED_UNUSED: released by " + command.principal});
  if (command.correlation == 0) return;
  Reply answer{command.correlation, ReplyCode::accepted, {}, "", {}};
  answer.first_id = block.next;
  step.effect(std::move(answer));
}

// True while orders with ids of their own wait for a block to be used. The oldest block decides, so
// that nobody can hold the others by reserving again and again.
bool blocks_hold(const Step& step) {
  if (step.options().ids.block_hold.count() <= 0) return false;
  base::Time oldest = base::never;
  const auto& blocks = step.book().ids().blocks();
  for (auto it = blocks.lower_bound({step.link().session, INT64_MIN});
       it != blocks.end() && it->first.session == step.link().session; ++it) {
    oldest = std::min(oldest, it->second.at);
  }
  return oldest != base::never && step.now() < oldest + step.options().ids.block_hold;
}

base::Time blocks_deadline(const Book& book, std::int32_t session, base::Duration hold,
                           base::Time now) {
  base::Time next = base::never;
  if (hold.count() <= 0) return next;
  for (const auto& [first, block] : book.ids().blocks()) {
    const base::Time end = block.at + hold;
    if (first.session == session && end > now) next = std::min(next, end);
  }
  return next;
}

// Why an id that the caller chose cannot be used now; nothing when it can.
std::optional<base::Error> broken_import(const OrderSpec& spec, const std::string& who,
                                         const Step& step) {
  const BrokerOrderId id{step.link().session, *spec.broker_number};
  const auto broken = broken_id_rules(step.book(), step.options().ids,
                                      {step.link().session, id.number, spec.purpose, who});
  if (!broken.empty()) {
    return base::Error{"broker_order_id", fmt::format("{}: {}", broken[0].field, broken[0].detail)};
  }
  if (step.book().ids().block_of(id) != nullptr) return std::nullopt;
  return base::Error{"broker_order_id",
                     "expected an id of a block that you reserved (POST /api/v1/ids/reserve)"};
}

// Refuses a new order for what can be known about its id now. True when it was answered.
bool refuse_ids(const PlaceOrder& command, const OrderSpec& spec, Step& step) {
  if (const auto& reset = step.book().ids().reset()) {
    step.reply(command.correlation, ReplyCode::not_ready, {},
               fmt::format("the ids are being reset by {}: new orders wait until that is done",
                           reset->principal));
    return true;
  }
  if (!spec.broker_number) {
    if (step.link().phase != Phase::ready) return false;
    // A block does not count: orders pass it.
    if (next_number(step.options().ids, step.book().id_mark(step.link().session), spec.purpose))
      return false;
    step.reply(
        command.correlation, ReplyCode::exhausted, {},
        fmt::format("there are no ids left for {} (RANGE_EXHAUSTED)", purpose_label(spec.purpose)));
    return true;
  }
  // What waits would be sent first, under a higher id: only who can go at once keeps an id.
  if (step.link().phase != Phase::ready) {
    step.reply(command.correlation, ReplyCode::not_ready, {},
               "an order with an id of its own cannot wait for the broker");
  } else if (step.context().send_slots.free(Lane::new_risk) == 0 ||
             (!step.outbox().empty() && !blocks_hold(step))) {
    step.reply(command.correlation, ReplyCode::queue_full, {},
               "orders wait for a send slot, and they would pass this id");
  } else if (auto error = broken_import(spec, command.principal, step)) {
    step.reply(command.correlation, ReplyCode::invalid, {}, error->detail, {*error});
  } else {
    return false;
  }
  return true;
}

// The id of an order that is sent now. What it passes is recorded before.
base::Result<std::int64_t> take_number(OrderId id, Step& step) {
  const OrderSpec& spec = step.order(id).spec;
  if (spec.broker_number) {
    if (const auto error = broken_import(spec, step.order(id).principal, step)) {
      return base::fail(error->field, error->detail);
    }
    const std::int64_t number = *spec.broker_number;
    pass_blocks(number, "a later id was sent", step);
    return number;
  }
  if (const IdBook::Block* below = room_of(step.book().ids(), step.link().session)) {
    const std::int64_t number = below->next;
    pass_blocks(number, "a later id was sent", step);
    return number;
  }
  const std::int64_t mark = step.book().id_mark(step.link().session);
  const auto number = next_number(step.options().ids, mark, spec.purpose);
  if (!number) {
    return base::fail("purpose",
                      fmt::format("the broker's order ids are used up for {} (RANGE_EXHAUSTED)",
                                  purpose_label(spec.purpose)));
  }
  pass_blocks(*number, "a later id was sent", step);
  if (*number > mark + 1) {
    step.emit(GapRecorded{step.link().session, mark + 1, *number,
                          fmt::format("FLOOR_RAISED: skipped to the range of {}",
                                      purpose_label(step.order(id).spec->purpose))});
  }
  return *number;
}

}  // namespace belay::core
