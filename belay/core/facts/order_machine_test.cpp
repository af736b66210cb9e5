// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/order_machine.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace belay::core;
using belay::model::is_terminal;
using belay::model::ord_status_names;
using belay::model::OrdStatus;

namespace {
constexpr Trigger all_triggers[] = {
    Trigger::send,         Trigger::withdraw,      Trigger::deny,   Trigger::acknowledge,
    Trigger::fill_partial, Trigger::fill_complete, Trigger::cancel, Trigger::reject,
    Trigger::expire,       Trigger::hold,          Trigger::refill, Trigger::not_accept,
    Trigger::refuse_id,    Trigger::reopen,        Trigger::refuse};
static_assert(std::size(all_triggers) == trigger_count);

template <class Visit>
void each(Visit visit) {
  for (const auto& from : ord_status_names) {
    for (const Trigger trigger : all_triggers) visit(from.value, trigger);
  }
}
std::string arrow(OrdStatus from, Trigger trigger) {
  return std::string(belay::model::name(from)) + " x " + std::string(name(trigger));
}
}  // namespace

TEST_CASE("order machine: every state and trigger has an answer, and triggers have names") {
  std::vector<std::string> names;
  for (const Trigger trigger : all_triggers) {
    CHECK_FALSE(name(trigger).empty());
    names.emplace_back(name(trigger));
  }
  each([](OrdStatus from, Trigger trigger) {
    CAPTURE(arrow(from, trigger));
    const Transition t = transition(from, trigger);
    CHECK_FALSE(belay::model::name(t.to).empty());
    // "stays" and "moves" mean what they say.
    if (t.judgement == Judgement::stays) CHECK(t.to == from);
    if (t.judgement == Judgement::moves) CHECK(t.to != from);
  });
}

TEST_CASE("order machine: a complete fill leads to filled from every state") {
  for (const auto& from : ord_status_names) {
    CAPTURE(from.name);
    CHECK(transition(from.value, Trigger::fill_complete).to == OrdStatus::filled);
  }
}

TEST_CASE("order machine: a partial fill is shown wherever the order still lives") {
  for (const auto& from : ord_status_names) {
    CAPTURE(from.name);
    const OrdStatus to = transition(from.value, Trigger::fill_partial).to;
    if (!is_terminal(from.value)) {
      CHECK(to == OrdStatus::partially_filled);
    } else if (from.value == OrdStatus::denied || from.value == OrdStatus::rejected ||
               from.value == OrdStatus::not_accepted) {
      CHECK(to == OrdStatus::partially_filled);  // it lived after all
      CHECK(transition(from.value, Trigger::fill_partial).judgement == Judgement::anomalous);
    } else {
      CHECK(to == from.value);
    }
  }
}

TEST_CASE("order machine: what is done stays done, except where the broker's facts say otherwise") {
  const std::vector<std::string> allowed = {"Denied x acknowledge",
                                            "Denied x fill_partial",
                                            "Denied x fill_complete",
                                            "Denied x hold",
                                            "Denied x reopen",
                                            "Filled x refill",
                                            "Filled x reopen",
                                            "Canceled x fill_complete",
                                            "Canceled x reopen",
                                            "Canceled x refuse",
                                            "Rejected x acknowledge",
                                            "Rejected x fill_partial",
                                            "Rejected x fill_complete",
                                            "Rejected x hold",
                                            "Rejected x reopen",
                                            "Expired x fill_complete",
                                            "Expired x reopen",
                                            "NotAccepted x acknowledge",
                                            "NotAccepted x fill_partial",
                                            "NotAccepted x fill_complete",
                                            "NotAccepted x cancel",
                                            "NotAccepted x reject",
                                            "NotAccepted x expire",
                                            "NotAccepted x hold",
                                            "NotAccepted x reopen",
                                            "NotAccepted x refuse"};
  std::vector<std::string> moving;
  each([&](OrdStatus from, Trigger trigger) {
    if (is_terminal(from) && transition(from, trigger).to != from) {
      moving.push_back(arrow(from, trigger));
    }
  });
  CHECK(moving == allowed);
}

TEST_CASE("order machine: only what was sent can be withdrawn, and only what waits be denied") {
  each([](OrdStatus from, Trigger trigger) {
    if (trigger == Trigger::withdraw && from != OrdStatus::pending_new) {
      CHECK(transition(from, trigger).judgement == Judgement::stays);
    }
    if (trigger == Trigger::deny && from != OrdStatus::created) {
      CHECK(transition(from, trigger).judgement == Judgement::stays);
    }
    if (trigger == Trigger::send && from != OrdStatus::created) {
      CHECK(transition(from, trigger).judgement == Judgement::stays);
    }
  });
}

TEST_CASE("order machine: a broker fact about an order that we believe unsent is anomalous") {
  for (const OrdStatus from : {OrdStatus::created, OrdStatus::denied, OrdStatus::not_accepted}) {
    for (const Trigger trigger :
         {Trigger::acknowledge, Trigger::fill_partial, Trigger::fill_complete, Trigger::hold}) {
      CHECK(transition(from, trigger).judgement == Judgement::anomalous);
    }
  }
}

TEST_CASE("order machine: no sequence of triggers leaves the table") {
  for (const auto& a : ord_status_names) {
    for (const Trigger first : all_triggers) {
      for (const Trigger second : all_triggers) {
        const OrdStatus to = transition(transition(a.value, first).to, second).to;
        CHECK_FALSE(belay::model::name(to).empty());
      }
    }
  }
}
