// SPDX-License-Identifier: Apache-2.0
// Step: the one hand of all machines while one input is taken. What may be read is read through it;
// what is decided leaves through it: facts (applied to the book at once), effects, answers,
// incidents, and the wish for a poll.
//
// A fact is followed: after its input a machine is shown each event of the step, its own included,
// until no event is new (Core::settle). So no machine calls another one because of what it emitted.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/core/asks/effect.hpp"
#include "belay/core/facts/book.hpp"
#include "belay/core/link/link_state.hpp"
#include "belay/core/options.hpp"
#include "belay/core/orders/outbox.hpp"
#include "belay/core/polls/findings.hpp"

namespace belay::core {

class Collisions;
class Shown;

struct Output {
  std::deque<StampedEvent> events;  ///< a deque: who follows one may make others
  std::vector<Effect> effects;
};

/// A poll that a machine wants; Polls decides whether the broker is asked.
struct PollWish {
  std::string reason;
  bool full = true;
};

class Step {
 public:
  /// What every machine may read of the others.
  struct Reads {
    const CoreOptions& options;
    const LinkState& link;
    const Outbox& outbox;
    const Shown& shown;
    const Collisions& collisions;
  };
  Step(const Reads& reads, Book& book, FindingLog& findings, const Context& context)
      : reads_(reads),
        book_(book),
        findings_(findings),
        context_(context),
        slots_(context.send_slots) {}

  // ---- reads ----
  base::Time now() const { return context_.now; }
  const Context& context() const { return context_; }
  const CoreOptions& options() const { return reads_.options; }
  const Book& book() const { return book_; }
  const LinkState& link() const { return reads_.link; }
  const Outbox& outbox() const { return reads_.outbox; }
  const Shown& shown() const { return reads_.shown; }
  const Collisions& collisions() const { return reads_.collisions; }
  /// The order must be in memory.
  const Order& order(OrderId id) const;

  // ---- what is decided ----
  /// Stamps and applies. References to orders stay good, their content is new.
  void emit(Event event);
  void effect(Effect effect) { output_.effects.push_back(std::move(effect)); }
  /// Nobody waits for correlation 0.
  void reply(Correlation to, ReplyCode code, OrderId order = {}, std::string text = {},
             std::vector<base::Error> errors = {});
  /// With a subject: once, until it is closed.
  void incident(std::string kind, OrderId order, std::string text, std::string subject = {},
                std::vector<std::string> candidates = {});
  /// Something was said that only a list can explain.
  void ask_soon() { ask_soon_ = true; }
  /// What was done is told by the lists alone, a little later.
  void look_again() { look_again_ = true; }
  void ask_poll(std::string reason, bool full) { wishes_.push_back({std::move(reason), full}); }

  /// Sends that may start still, in this step.
  LaneSlots& slots() { return slots_; }

  // ---- the door, and Polls ----
  bool take_ask_soon() { return std::exchange(ask_soon_, false); }
  bool take_look_again() { return std::exchange(look_again_, false); }
  std::vector<PollWish> take_wishes() { return std::exchange(wishes_, {}); }
  const std::deque<StampedEvent>& events() const { return output_.events; }
  Output take_output() { return std::move(output_); }

 private:
  void make_room_for_incident();

  Reads reads_;
  Book& book_;
  FindingLog& findings_;
  const Context& context_;
  LaneSlots slots_;
  Output output_;
  std::vector<PollWish> wishes_;
  bool ask_soon_ = false;
  bool look_again_ = false;
};

}  // namespace belay::core
