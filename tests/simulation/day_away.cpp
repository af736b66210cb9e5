// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/day_away.hpp"

#include <fmt/format.h>

namespace belay::simulation {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

Plan quiet_plan() {
  Plan plan;
  plan.seed = 4711;
  plan.bots = 0;
  plan.orders_per_bot = 0;
  return plan;
}

// Rests far from the market until somebody fills it.
std::string resting(const char* tif) {
  return fmt::format(R"("order_type":"LMT","limit_price":"5","time_in_force":"{}")", tif);
}

}  // namespace

DayAway::DayAway() : World(quiet_plan()) {}

std::string DayAway::place(const std::string& name, const std::string& fields) {
  const Answer answer = ask(
      "POST", "/api/v1/orders",
      fmt::format(R"({{"symbol":"AAPL","action":"BUY","quantity":100,"client_order_id":"{}",{}}})",
                  name, fields));
  expect(answer.status == 201, fmt::format("{} was placed: {}", name, answer.body));
  ids_[name] = member(answer.body, "order_id");
  return ids_[name];
}

simtws::PermId DayAway::perm_id(const std::string& name) const {
  const std::string tail = "." + ids_.at(name);
  for (const auto& [perm, order] : tws_->book().orders()) {
    const std::string& tag = order.asked.order_ref;
    if (tag.size() > tail.size() && tag.substr(tag.size() - tail.size()) == tail) return perm;
  }
  return 0;
}

void DayAway::meanwhile(base::Duration after, const std::function<void()>& what) {
  scheduler_.run_until(start_of_story + after);
  what();
  carry_tws_output();
}

std::string DayAway::order(const std::string& name) {
  return ask("GET", "/api/v1/orders/" + ids_.at(name), "").body;
}

bool DayAway::has_event(const std::string& type, const std::string& name,
                        const std::string& words) const {
  for (const std::string& line : events_) {
    const bool fits =
        line.find("\"type\":\"" + type + "\"") != std::string::npos &&
        (name.empty() || line.find("\"order\":\"" + ids_.at(name) + "\"") != std::string::npos) &&
        line.find(words) != std::string::npos;
    if (fits) return true;
  }
  return false;
}

void DayAway::expect(bool is_so, const std::string& words) {
  if (!is_so) findings_.push_back("not so: " + words);
}

void DayAway::expect_status(const std::string& name, const std::string& status) {
  const std::string body = order(name);
  expect(member(body, "status") == status && member(body, "outcome") != "unknown",
         fmt::format("{} is {}: {}", name, status, body));
}

// Nothing that the broker still lists tells what became of it: it is said to be unknown, with the
// reason, or its fill was inferred from what is listed and is marked so. It is never guessed.
void DayAway::expect_unknown(const std::string& name) {
  const std::string body = order(name);
  const bool unknown =
      member(body, "outcome") == "unknown" && has_event("OrderUnknown", name, "\"reason\":\"");
  const bool inferred = has_event("ExecutionInferred", name, "\"evidence\":\"");
  expect(unknown || inferred, fmt::format("{} is unknown or inferred: {}", name, body));
}

void DayAway::spend_the_day() {
  boot();
  settle(seconds(30));
  place("rests", resting("GTC"));
  place("filled_before", R"("order_type":"LMT","limit_price":"900")");
  place("day_ends", resting("DAY"));
  place("canceled_that_day", resting("GTC"));
  place("canceled_next_day", resting("GTC"));
  place("filled_that_day", resting("DAY"));
  place("filled_next_day", resting("GTC"));
  place("filled_over_midnight", resting("GTC"));
  settle(seconds(5));
  expect_status("filled_before", "Filled");

  // 14:00 in New York: the daemon dies.
  meanwhile(hours(4), [&] { crash(); });
  const auto fill = [&](const char* name, std::int64_t shares) {
    const bool filled = tws_->fill_order(perm_id(name), base::Decimal::from_int(shares),
                                         base::Decimal::from_int(5), scheduler_.now());
    expect(filled, fmt::format("{} shares of {} were filled", shares, name));
  };
  meanwhile(hours(5), [&] { fill("filled_that_day", 100); });
  meanwhile(hours(5) + minutes(10), [&] { fill("filled_over_midnight", 40); });
  meanwhile(hours(5) + minutes(20), [&] {
    expect(tws_->person_cancel(perm_id("canceled_that_day"), scheduler_.now()),
           "a person canceled");
  });
  // 00:15: the broker's daily reset.
  meanwhile(hours(14) + minutes(15), [&] { tws_->daily_reset(scheduler_.now()); });
  meanwhile(hours(23), [&] { fill("filled_next_day", 100); });
  meanwhile(hours(23) + minutes(5), [&] { fill("filled_over_midnight", 60); });
  meanwhile(hours(23) + minutes(10), [&] {
    expect(tws_->person_cancel(perm_id("canceled_next_day"), scheduler_.now()),
           "a person canceled");
  });
}

void DayAway::look_at_the_orders() {
  expect(has_event("TradingDayRolled", "", "20261124"), "the new trading day is recorded");
  expect_status("rests", "Submitted");
  expect_status("filled_before", "Filled");
  expect_status("day_ends", "Cancelled");
  const bool ended =
      has_event("OrderExpired", "day_ends", "") || has_event("OrderCanceled", "day_ends", "");
  expect(ended, "the end of day_ends is an event");
  expect_status("canceled_next_day", "Cancelled");
  expect(has_event("OrderCanceled", "canceled_next_day", ""), "its cancel is an event");
  expect_status("filled_next_day", "Filled");
  expect(has_event("ExecutionReported", "filled_next_day", ""), "its fill is an event");
  expect(has_event("ExecutionReported", "filled_over_midnight", ""), "the later fill is an event");
  expect_unknown("canceled_that_day");
  expect_unknown("filled_that_day");
}

std::vector<std::string> DayAway::tell() {
  spend_the_day();
  // Noon of the next day: it is back.
  meanwhile(hours(26), [&] { boot(); });
  const std::uint64_t began = daemon_->view().book().last_seq();
  settle(seconds(60));
  reconcile_fully();
  events_ = events_from(began);
  look_at_the_orders();

  // What was found out is durable: a second death changes nothing.
  const std::string before = fetch_orders();
  crash();
  scheduler_.run_until(scheduler_.now() + seconds(1));
  boot();
  settle(seconds(60));
  const auto same_fills = [](const std::string& orders) {
    // Versions and times may differ, what is filled may not.
    std::string out;
    for (std::size_t at = 0; (at = orders.find("\"exec_id\":", at)) != std::string::npos; ++at) {
      out += orders.substr(at, 40);
    }
    return out;
  };
  expect(same_fills(fetch_orders()) == same_fills(before), "the fills outlive another death");
  const Answer health = ask("GET", "/health", "");
  expect(health.body.find("\"trading_day\":\"20261124\"") != std::string::npos,
         "health shows the trading day: " + health.body);
  if (down_for_good_) findings_.push_back("the daemon stopped: " + fatal_);
  return findings_;
}

}  // namespace belay::simulation
