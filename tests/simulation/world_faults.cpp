// SPDX-License-Identifier: Apache-2.0
// What goes wrong, and when: everything the plan asks for, at moments drawn by the seed.
#include <fmt/format.h>

#include "tests/simulation/world.hpp"

namespace belay::simulation {

void World::schedule_faults() {
  base::Prng faults = random_.fork();
  const base::Duration span = plan_.busy + std::chrono::seconds(2);
  const auto moment = [&] {
    return std::chrono::milliseconds(300) + base::Duration(faults.between(0, span.count()));
  };
  // Two draws in two statements: compilers differ in the order of a call's arguments.
  const auto at_some_moment = [&](std::function<void(base::Prng&)> work) {
    base::Prng own = faults.fork();
    scheduler_.after(moment(), [own, work = std::move(work)]() mutable { work(own); });
  };
  for (int i = 0; i < plan_.crashes; ++i) {
    const base::Duration dead = std::chrono::milliseconds(faults.between(1, 3000));
    scheduler_.after(moment(), [this, dead] { crash_and_return(dead); });
  }
  for (int i = 0; i < plan_.broker_cuts; ++i) {
    scheduler_.after(moment(), [this] {
      if (broker_end_ == simkit::Net::no_end) return;
      note("the link to TWS is cut");
      net_.cut(broker_end_);
    });
  }
  for (int i = 0; i < plan_.broker_stalls; ++i) {
    const auto quiet = std::chrono::milliseconds(faults.between(50, 4000));
    scheduler_.after(moment(), [this, quiet] {
      if (broker_end_ != simkit::Net::no_end) net_.stall(broker_end_, scheduler_.now() + quiet);
    });
  }
  if (plan_.id_rollback) {
    scheduler_.after(moment(), [this] {
      note("the broker forgets ids");
      tws_->set_next_valid_id(client_id, 1);
      if (broker_end_ != simkit::Net::no_end) net_.cut(broker_end_);
    });
  }
  for (int i = 0; i < (plan_.unlisted_percent > 0 ? 4 : 0); ++i) {
    at_some_moment([this](base::Prng& random) { say_something_unheard_of(random); });
  }
  for (int i = 0; i < (plan_.corrections ? 4 : 0); ++i) {
    at_some_moment([this](base::Prng& random) { correct_an_execution(random); });
  }
  for (int i = 0; i < (plan_.late_fills ? 6 : 0); ++i) {
    at_some_moment([this](base::Prng& random) { fill_a_canceled_order(random); });
  }
  schedule_link_faults(faults, span);
  schedule_broker_faults(faults, span);
  for (int i = 0; i < plan_.api_cuts; ++i) {
    const auto victim = static_cast<std::size_t>(faults.below(bots_.size()));
    scheduler_.after(moment(), [this, victim] {
      const simkit::Net::End end = bots_[victim]->connection();
      if (end != simkit::Net::no_end) net_.cut(end);
    });
  }
}

void World::crash_and_return(base::Duration dead) {
  if (!daemon_ || down_for_good_) return;
  crash();
  scheduler_.after(dead, [this] { boot(); });
}

void World::commit_began() {
  if (++commits_ != plan_.crash_at_commit) return;
  scheduler_.after(plan_.crash_delay, [this] { crash_and_return(std::chrono::milliseconds(40)); });
}

// Every write on the broker's link, both ways. When its turn has come, the message is on its way as
// the cable is pulled (all, a part or nothing of it arrives), or it breaks off at a byte.
void World::send_on_link(simkit::Net::End end, std::string_view bytes) {
  ++messages_;
  if (cuts_due_ > 0 && bytes.size() > 1) {
    --cuts_due_;
    const auto kept = static_cast<std::size_t>(cut_random_.below(bytes.size()));
    note(fmt::format("a message of {} bytes breaks off after {}", bytes.size(), kept));
    net_.send(end, bytes.substr(0, kept));
    net_.cut(end);
    return;
  }
  net_.send(end, bytes);
  if (messages_ == plan_.cut_at_message) net_.cut(end);
}

// Moments of the faulty part, and a generator of its own for what happens then.
void World::at_moments(int count, base::Prng& faults, base::Duration span,
                       const std::function<void(base::Prng&)>& work) {
  for (int i = 0; i < count; ++i) {
    base::Prng own = faults.fork();
    const base::Duration after =
        std::chrono::milliseconds(300) + base::Duration(faults.between(0, span.count()));
    scheduler_.after(after, [own, work]() mutable { work(own); });
  }
}

void World::schedule_link_faults(base::Prng& faults, base::Duration span) {
  cut_random_ = faults.fork();
  at_moments(plan_.byte_cuts, faults, span, [this](base::Prng&) { ++cuts_due_; });
  at_moments(plan_.half_open, faults, span, [this](base::Prng&) {
    if (broker_end_ == simkit::Net::no_end) return;
    note("the link is half-open");
    net_.stall(broker_end_, scheduler_.now() + std::chrono::seconds(60));
  });
  at_moments(plan_.slow_readers, faults, span, [this](base::Prng& random) {
    if (broker_end_ == simkit::Net::no_end) return;
    const bool broker_reads_slowly = random.chance(50);
    const auto quiet = std::chrono::milliseconds(random.between(100, 8000));
    const simkit::Net::End reader = broker_reads_slowly ? broker_end_ ^ 1U : broker_end_;
    note(fmt::format("{} does not read for a while", broker_reads_slowly ? "TWS" : "belay"));
    net_.stall_towards(reader, scheduler_.now() + quiet);
  });
  at_moments(plan_.lost_messages, faults, span, [this](base::Prng& random) {
    const auto nth = static_cast<std::int32_t>(random.between(1, 20));
    if (random.chance(50)) {
      tws_->lose_inbound(client_id, nth);
    } else {
      tws_->lose_outbound(client_id, nth);
    }
  });
}

void World::schedule_broker_faults(base::Prng& faults, base::Duration span) {
  at_moments(plan_.outages, faults, span, [this](base::Prng& random) { lose_the_server(random); });
  at_moments(plan_.gateway_restarts, faults, span, [this](base::Prng&) {
    note("the gateway restarts");
    tws_->restart(scheduler_.now());
    carry_tws_output();
  });
  at_moments(plan_.forgetful_restarts, faults, span, [this](base::Prng&) {
    note("the gateway restarts and forgets what it had not answered");
    tws_->restart(scheduler_.now(), plan_.ids_burnt ? simtws::RestartLoss::unacknowledged_ids_burnt
                                                    : simtws::RestartLoss::unacknowledged);
    carry_tws_output();
  });
  at_moments(plan_.other_clients, faults, span,
             [this](base::Prng& random) { place_as_other(random); });
  at_moments(plan_.person_acts, faults, span,
             [this](base::Prng& random) { act_as_person(random); });
  if (plan_.day_resets > 0) {
    scheduler_.after(plan_.window_after + plan_.reset_after, [this] {
      note("the broker's day ends");
      tws_->daily_reset(scheduler_.now());
      carry_tws_output();
    });
  }
  at_moments(plan_.duplicates, faults, span, [this](base::Prng& random) { copy_an_order(random); });
  at_moments(plan_.busts, faults, span, [this](base::Prng& random) { bust_an_execution(random); });
  at_moments(plan_.manual_orders, faults, span,
             [this](base::Prng& random) { place_by_hand(random); });
}

}  // namespace belay::simulation
