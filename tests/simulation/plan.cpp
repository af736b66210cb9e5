// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/plan.hpp"

#include <fmt/format.h>

#include "belay/base/prng.hpp"

namespace belay::simulation {

Plan Plan::draw(std::uint64_t seed) {
  base::Prng random(seed * 0x9e3779b97f4a7c15ULL + 17);
  const auto some = [&](unsigned percent, int low, int high) {
    return random.chance(percent) ? static_cast<int>(random.between(low, high)) : 0;
  };
  Plan plan;
  plan.seed = seed;
  plan.bots = static_cast<int>(random.between(1, 3));
  plan.orders_per_bot = static_cast<int>(random.between(4, 16));
  plan.busy = std::chrono::milliseconds(random.between(200, 20'000));
  plan.power_loss = random.chance(50);
  plan.crashes = some(65, 1, 5);
  plan.broker_cuts = some(60, 1, 4);
  plan.api_cuts = some(50, 1, 6);
  plan.broker_stalls = some(30, 1, 3);
  plan.journal_stall_percent = random.chance(25) ? 10 : 0;
  plan.id_rollback = random.chance(25);
  plan.duplicate_statuses = random.chance(50);
  plan.corrections = random.chance(40);
  plan.storm = random.chance(10);
  plan.no_ack_percent = random.chance(30) ? 15 : 0;
  plan.unlisted_percent = random.chance(30) ? 15 : 0;
  plan.late_fills = random.chance(40);
  if (plan.storm) {
    // Enough to keep the pacing limit busy for seconds, and nothing that ends the queue early.
    plan.bots = 3;
    plan.orders_per_bot = 80;
    plan.crashes = plan.broker_cuts = plan.broker_stalls = 0;
    plan.id_rollback = false;
    plan.busy = std::chrono::seconds(3);
  }
  return plan;
}

Plan Plan::one_life() {
  Plan plan;
  plan.seed = 7;
  plan.bots = 1;
  plan.orders_per_bot = 4;
  plan.busy = std::chrono::milliseconds(800);
  plan.modify_percent = 100;
  plan.cancel_percent = 100;
  return plan;
}

std::string Plan::describe() const {
  return fmt::format(
      "bots={} orders={} busy_ms={} crashes={}{} broker_cuts={} api_cuts={} stalls={} "
      "journal_stall={}% id_rollback={} duplicates={} corrections={} late_fills={} storm={} "
      "no_ack={}% "
      "unlisted={}%",
      bots, bots * orders_per_bot,
      std::chrono::duration_cast<std::chrono::milliseconds>(busy).count(), crashes,
      power_loss ? "(power)" : "", broker_cuts, api_cuts, broker_stalls, journal_stall_percent,
      id_rollback, duplicate_statuses, corrections, late_fills, storm, no_ack_percent,
      unlisted_percent);
}

}  // namespace belay::simulation
