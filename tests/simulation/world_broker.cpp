// SPDX-License-Identifier: Apache-2.0
// The broker's side of the world: the simulated TWS, its habits and what it does to orders.
#include "belay/base/json_writer.hpp"
#include "tests/simulation/world.hpp"

namespace belay::simulation {

void World::prepare_broker() {
  simtws::Options options;
  options.seed = random_.next();
  options.price_band = false;  // callers who want a fill ask far through the market
  options.duplicate_status = plan_.duplicate_statuses;
  options.ack_delay = {std::chrono::microseconds(100), std::chrono::milliseconds(30)};
  options.fill_delay = {std::chrono::milliseconds(1), std::chrono::milliseconds(400)};
  options.pending_cancel = random_.chance(50);
  options.cancel_error_first = random_.chance(50);
  options.extra_trailing_field = random_.chance(50);
  options.download_open_orders = random_.chance(70);
  options.pacing = simtws::Options::Pacing::error;
  options.market_step = random_.chance(50) ? std::chrono::milliseconds(500) : base::Duration(0);
  options.open_orders_max = 10'000;
  using InOutage = simtws::Options::InOutage;
  options.outage_requests = plan_.outage_delays ? InOutage::delayed : InOutage::lost;
  options.outage_orders = options.outage_requests;
  options.twin_on_outage_modify = plan_.twins;
  options.late_reports_percent = plan_.late_reports_percent;
  options.replay_executions = plan_.replay_executions;
  options.all_revisions = plan_.all_revisions;
  if (plan_.lost_ends > 0) {
    options.lose_end_of = {"execDetailsEnd", "completedOrdersEnd"};
    options.lose_end_times = plan_.lost_ends;
  }
  tws_ = std::make_unique<simtws::Server>(
      options, [this](std::string_view line) { broker_log_.emplace_back(line); });
  const auto rule_for = [&](unsigned percent, simtws::Rule rule) {
    for (int nth = 1; nth <= 60; ++nth) {
      if (!random_.chance(percent)) continue;
      rule.nth = nth;
      tws_->add_rule(rule);
    }
  };
  simtws::Rule silent;
  silent.ack = simtws::Rule::Ack::none;
  rule_for(plan_.no_ack_percent, silent);
  simtws::Rule in_parts;
  in_parts.order_type = "MKT";
  in_parts.action = simtws::Rule::Do::fill;
  in_parts.parts = {{base::Decimal::from_int(3), std::chrono::milliseconds(5)},
                    {base::Decimal::from_int(4), std::chrono::milliseconds(60)},
                    {base::Decimal::from_int(3), std::chrono::milliseconds(600)}};
  rule_for(30, in_parts);
  simtws::Rule reject;
  reject.action = simtws::Rule::Do::reject;
  reject.text = "Order rejected - reason: not today";
  rule_for(8, reject);
  simtws::Rule cut_before;
  cut_before.disconnect = simtws::Rule::Disconnect::before_ack;
  rule_for(plan_.broker_cuts > 0 ? 6 : 0, cut_before);
  simtws::Rule cut_after;
  cut_after.disconnect = simtws::Rule::Disconnect::after_ack;
  rule_for(plan_.broker_cuts > 0 ? 6 : 0, cut_after);
}

simkit::StreamEnd World::accept_tws(simkit::Net::End end) {
  const std::uint64_t id = end;
  tws_ends_[id] = end;
  tws_->on_accept(id, scheduler_.now());
  carry_tws_output();
  return {.on_bytes =
              [this, id](std::string_view bytes) {
                if (!tws_ends_.contains(id)) return;
                tws_->on_bytes(id, bytes, scheduler_.now());
                carry_tws_output();
              },
          .on_closed =
              [this, id](const std::string&) {
                if (tws_ends_.erase(id) == 0) return;
                tws_->on_closed(id, scheduler_.now());
                carry_tws_output();
              }};
}

void World::carry_tws_output() {
  for (const auto& action : tws_->take_output()) {
    if (const auto* write = std::get_if<simtws::Write>(&action)) {
      if (!tws_ends_.contains(write->conn)) continue;
      send_on_link(tws_ends_[write->conn], write->bytes);
    } else if (const auto* close = std::get_if<simtws::Close>(&action)) {
      if (tws_ends_.contains(close->conn)) net_.close(tws_ends_[close->conn]);
      tws_ends_.erase(close->conn);
    }
  }
  if (tws_wake_) scheduler_.cancel(*tws_wake_);
  tws_wake_.reset();
  const base::Time next = tws_->next_deadline();
  if (next == base::never) return;
  tws_wake_ = scheduler_.at(next, [this] {
    tws_wake_.reset();
    tws_->advance(scheduler_.now());
    carry_tws_output();
  });
}

// A code that no table knows, about an order that works: it must end nothing.
void World::say_something_unheard_of(base::Prng& random) {
  std::vector<simtws::OrderId> working;
  for (const auto perm_id : tws_->book().live()) {
    const auto& order = tws_->book().orders().at(perm_id);
    if (order.key.first == client_id && order.acknowledged) working.push_back(order.key.second);
  }
  if (working.empty()) return;
  const auto chosen = working[static_cast<std::size_t>(random.below(working.size()))];
  tws_->say_error(client_id, chosen, 9876, "Something unheard of", scheduler_.now());
  carry_tws_output();
}

void World::correct_an_execution(base::Prng& random) {
  const auto& executions = tws_->book().executions();
  if (executions.empty()) return;
  const auto& chosen = executions[static_cast<std::size_t>(random.below(executions.size()))];
  if (chosen.superseded) return;
  // The price changes and the quantity does not, as corrections do.
  const auto price = base::Decimal::add(chosen.price, base::Decimal::from_units(1'000'000));
  tws_->correct_execution(chosen.exec_id(), chosen.shares, price.value_or(chosen.price),
                          scheduler_.now());
  carry_tws_output();
}

void World::fill_a_canceled_order(base::Prng& random) {
  std::vector<simtws::OrderId> canceled;
  for (const auto& [perm_id, order] : tws_->book().orders()) {
    if (order.key.first == client_id && order.status == simtws::Status::cancelled) {
      canceled.push_back(order.key.second);
    }
  }
  if (canceled.empty()) return;
  const auto chosen = canceled[static_cast<std::size_t>(random.below(canceled.size()))];
  tws_->late_fill(client_id, chosen, base::Decimal::from_int(3), scheduler_.now());
  carry_tws_output();
}

// 1100 for a while, then 1101 or 1102. What the clients send meanwhile is the server's matter.
void World::lose_the_server(base::Prng& random) {
  const bool short_lived = random.chance(50);
  const auto lasts = std::chrono::milliseconds(random.between(50, short_lived ? 900 : 9000));
  const std::int32_t lost = random.chance(80) ? 1100 : 2110;
  const std::int32_t restored = random.chance(50) ? 1101 : 1102;
  note("the gateway loses its server");
  tws_->begin_outage(lost, scheduler_.now());
  carry_tws_output();
  scheduler_.after(lasts, [this, restored] {
    tws_->end_outage(restored, scheduler_.now());
    carry_tws_output();
  });
}

void World::copy_an_order(base::Prng& random) {
  std::vector<simtws::OrderId> working;
  for (const auto perm_id : tws_->book().live()) {
    const auto& order = tws_->book().orders().at(perm_id);
    if (order.key.first == client_id && order.acknowledged) working.push_back(order.key.second);
  }
  if (working.empty()) return;
  const auto chosen = working[static_cast<std::size_t>(random.below(working.size()))];
  tws_->duplicate_order(client_id, chosen, scheduler_.now());
  carry_tws_output();
}

void World::bust_an_execution(base::Prng& random) {
  const auto& executions = tws_->book().executions();
  if (executions.empty()) return;
  const auto& chosen = executions[static_cast<std::size_t>(random.below(executions.size()))];
  if (chosen.superseded) return;
  const std::string exec_id = chosen.exec_id();
  tws_->bust_execution(exec_id, scheduler_.now());
  carry_tws_output();
}

namespace {

// Some of it fills at once, some rests.
void draw_order(base::Prng& random, tws::wire::Contract& contract, tws::wire::Order& order) {
  contract.symbol = random.chance(50) ? "AAPL" : "MSFT";
  contract.sec_type = "STK";
  contract.exchange = "SMART";
  contract.currency = "USD";
  order.action = random.chance(50) ? "BUY" : "SELL";
  order.order_type = random.chance(50) ? "MKT" : "LMT";
  order.tif = "DAY";
  order.total_quantity =
      tws::wire::Real::from_int(static_cast<std::int32_t>(random.between(1, 9)) * 10);
  if (order.order_type == "LMT") {
    order.lmt_price = tws::wire::Real::from_int(order.action == "BUY" ? 5 : 2000);
  }
}

}  // namespace

// A person at the screen of TWS.
void World::place_by_hand(base::Prng& random) {
  tws::wire::Contract contract;
  tws::wire::Order order;
  draw_order(random, contract, order);
  tws_->place_manual(contract, order, scheduler_.now());
  carry_tws_output();
}

// Another program on the same gateway.
void World::place_as_other(base::Prng& random) {
  tws::wire::Contract contract;
  tws::wire::Order order;
  draw_order(random, contract, order);
  order.order_ref = "other-bot";
  constexpr std::int32_t other_client = 9;
  tws_->place_as(other_client, contract, order, scheduler_.now());
  carry_tws_output();
}

// The person cancels or changes an order that is live, ours among them.
void World::act_as_person(base::Prng& random) {
  const auto& live = tws_->book().live();
  if (live.empty()) return;
  auto chosen = live.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(random.below(live.size())));
  const simtws::PermId perm_id = *chosen;
  if (random.chance(60)) {
    note("a person cancels an order");
    tws_->person_cancel(perm_id, scheduler_.now());
  } else {
    note("a person changes an order");
    simtws::PersonChange change;
    change.quantity = base::Decimal::from_int(random.between(30, 60) * 10);
    tws_->person_change(perm_id, change, scheduler_.now());
  }
  carry_tws_output();
}

// The broker's book as it is, told or not.
std::vector<std::string> World::book_lines() const {
  std::vector<std::string> out;
  const simtws::Book& book = tws_->book();
  const auto shares = [](base::Decimal quantity) {
    return static_cast<std::int64_t>(quantity.units() / base::Decimal::one);
  };
  for (const auto& [perm_id, order] : book.orders()) {
    base::JsonWriter json;
    json.begin_object().field("what", "order");
    json.field("client", static_cast<std::int64_t>(order.key.first));
    json.field("order_id", static_cast<std::int64_t>(order.key.second));
    json.field("perm_id", static_cast<std::int64_t>(perm_id));
    json.field("tag", order.asked.order_ref).field("status", simtws::name(order.status));
    json.field("quantity", shares(order.quantity)).field("filled", shares(order.filled));
    json.field("live", order.is_live()).end_object();
    out.push_back(json.take());
  }
  for (const simtws::SimExecution& e : book.executions()) {
    if (e.superseded) continue;
    base::JsonWriter json;
    json.begin_object().field("what", "execution").field("exec_id", e.exec_id());
    json.field("perm_id", static_cast<std::int64_t>(e.perm_id)).field("tag", e.order_ref);
    json.field("shares", shares(e.shares)).end_object();
    out.push_back(json.take());
  }
  for (const auto& [key, position] : book.positions()) {
    if (position.quantity.is_zero()) continue;
    const simtws::Instrument* instrument = tws_->market().find(key.second);
    base::JsonWriter json;
    json.begin_object().field("what", "position").field("account", key.first);
    json.field("symbol", instrument == nullptr ? "" : instrument->symbol);
    json.field("shares", shares(position.quantity)).end_object();
    out.push_back(json.take());
  }
  return out;
}

}  // namespace belay::simulation
