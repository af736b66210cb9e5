// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/plan.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  plan.outages = some(30, 1, 3);
  plan.gateway_restarts = some(25, 1, 3);
  plan.byte_cuts = some(30, 1, 5);
  plan.half_open = some(10, 1, 1);
  plan.slow_readers = some(25, 1, 3);
  plan.lost_messages = some(25, 1, 4);
  plan.duplicates = some(20, 1, 3);
  plan.busts = some(20, 1, 3);
  plan.manual_orders = some(30, 1, 5);
  plan.disk_stall = std::chrono::seconds(random.chance(20) ? random.between(3, 30) : 2);
  plan.clock_jumps = random.chance(25);
  plan.outage_delays = random.chance(50);
  plan.twins = random.chance(40);
  plan.late_reports_percent = random.chance(30) ? 50 : 0;
  plan.forgetful_restarts = some(25, 1, 3);
  plan.ids_burnt = random.chance(50);
  plan.replay_executions = random.chance(30);
  plan.all_revisions = random.chance(30);
  plan.lost_ends = some(20, 1, 2);
  plan.other_clients = some(30, 1, 5);
  plan.person_acts = some(25, 1, 4);
  plan.day_resets = some(10, 1, 1);
  if (plan.storm) {
    // Enough to keep the pacing limit busy for seconds, and nothing that ends the queue early.
    plan.bots = 3;
    plan.orders_per_bot = 80;
    plan.crashes = plan.broker_cuts = plan.broker_stalls = 0;
    plan.outages = plan.gateway_restarts = plan.byte_cuts = plan.half_open = 0;
    plan.slow_readers = plan.lost_messages = plan.duplicates = plan.busts = 0;
    plan.forgetful_restarts = plan.lost_ends = plan.person_acts = plan.day_resets = 0;
    plan.id_rollback = false;
    plan.busy = std::chrono::seconds(3);
  }
  if (plan.day_resets > 0) {
    base::Prng moments(seed * 0x9e3779b97f4a7c15ULL + 18);
    plan.window_after = std::chrono::milliseconds(moments.between(500, 12'000));
    plan.reset_after = std::chrono::milliseconds(moments.between(0, 115'000));
    // When a day ends is told by the machine's clock.
    plan.clock_jumps = false;
  }
  return plan;
}

Plan Plan::draw_large(std::uint64_t seed) {
  Plan plan = draw(seed);
  if (plan.storm) return plan;
  plan.orders_per_bot = 200 / plan.bots;
  plan.busy = std::max(plan.busy, base::Duration(std::chrono::seconds(15)));
  return plan;
}

std::set<std::string> Plan::fault_words() const {
  std::set<std::string> out;
  const auto add = [&](bool on, const char* word) {
    if (on) out.insert(word);
  };
  add(crashes > 0, "crashes");
  add(lost_messages > 0 || lost_ends > 0, "lost_messages");
  add(no_ack_percent > 0, "no_ack");
  add(journal_stall_percent > 0, "disk_stalls");
  add(outages > 0 && twins, "twins");
  add(forgetful_restarts > 0, "restart_loss");
  add(other_clients > 0, "place_as");
  add(person_acts > 0, "person");
  add(day_resets > 0, "day_reset");
  add(broker_cuts > 0 || byte_cuts > 0 || half_open > 0 || gateway_restarts > 0 ||
          forgetful_restarts > 0 || slow_readers > 0,
      "broker_cuts");
  add(outages > 0, "outages");
  add(clock_jumps, "clock_jumps");
  add(id_rollback, "id_rollback");
  add(corrections, "corrections");
  add(late_fills, "late_fills");
  add(duplicates > 0, "duplicate_order");
  add(busts > 0, "busts");
  add(manual_orders > 0 || other_clients > 0, "external");
  return out;
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
      "unlisted={}% outages={} restarts={} byte_cuts={} half_open={} slow_readers={} lost={} "
      "copies={} busts={} manual={} disk_stall_s={} clock_jumps={} delays={} twins={} late={}% "
      "forgets={}{} replay={} revisions={} lost_ends={} others={} person={} day_resets={}",
      bots, bots * orders_per_bot,
      std::chrono::duration_cast<std::chrono::milliseconds>(busy).count(), crashes,
      power_loss ? "(power)" : "", broker_cuts, api_cuts, broker_stalls, journal_stall_percent,
      id_rollback, duplicate_statuses, corrections, late_fills, storm, no_ack_percent,
      unlisted_percent, outages, gateway_restarts, byte_cuts, half_open, slow_readers,
      lost_messages, duplicates, busts, manual_orders,
      std::chrono::duration_cast<std::chrono::seconds>(disk_stall).count(), clock_jumps,
      outage_delays, twins, late_reports_percent, forgetful_restarts, ids_burnt ? "(ids)" : "",
      replay_executions, all_revisions, lost_ends, other_clients, person_acts, day_resets);
}

}  // namespace belay::simulation
