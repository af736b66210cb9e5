// SPDX-License-Identifier: Apache-2.0
#include "tests/pacing/pacing_world.hpp"
#include "belay/tws/tws_broker.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "belay/tws/wire/codec.hpp"

namespace belay::test {
namespace {

namespace wire = tws::wire;
constexpr base::Time start{1'795'446'000'000'000'000};  // a Monday morning in New York
constexpr simtws::ConnId connection = 1;
constexpr const char* refused_symbol = "TSLA";

}  // namespace

std::uint64_t StallJournal::append(std::uint64_t, std::uint64_t,
                                   std::vector<engine::JournalRecord>) {
  const base::Time done = scheduler_.now() + base::Duration(random_.between(60'000, 3'000'000));
  scheduler_.at(std::max(done, stalled_until_), [this] {
    ready_ = true;
    answered();
  });
  return ++ticket_;
}

std::optional<engine::AppendCompletion> StallJournal::poll() {
  if (!std::exchange(ready_, false)) return std::nullopt;
  return engine::AppendCompletion{ticket_, engine::AppendOutcome::durable, ""};
}

PacingWorld::PacingWorld(std::uint64_t seed, core::CoreOptions options)
    : scheduler(start), journal(scheduler, seed), frames_(wire::FrameReader::Start::frames) {
  simtws::Options broker;
  broker.seed = seed;
  broker.pacing = simtws::Options::Pacing::error;
  broker.pacing_per_second = static_cast<std::int32_t>(limit);
  broker.open_orders_max = 1'000'000;
  simtws::Rule refuse;  // tens of thousands of live orders would only cost time
  refuse.symbol = refused_symbol;
  refuse.action = simtws::Rule::Do::reject;
  refuse.code = 110;
  broker.rules.push_back(refuse);
  tws = std::make_unique<simtws::Server>(broker, [this](std::string_view line) {
    if (line.find("refused_by_pacing") != std::string_view::npos) ++refused_by_broker;
  });
  app::DaemonOptions daemon_options;
  daemon_options.engine.core = options;
  tws::TwsBrokerOptions gateway;
  gateway.session.message_rate_limit = limit;
  daemon_options.make_broker = tws::maker(gateway);
  daemon_options.events_kept_max = 100;
  app::DaemonHooks hooks;
  hooks.reply = [](const core::Reply&) {};
  hooks.fatal = [](const std::string& why) { FAIL(why); };
  hooks.log = [](const std::string&) {};
  daemon = std::make_unique<app::Daemon>(daemon_options, journal, std::move(hooks));
  journal.answered = [this] { pump(); };
  REQUIRE(daemon->start(core::InstanceId(0xfeed), scheduler.now()).has_value());
  pump();
  run_for(std::chrono::seconds(5));
  REQUIRE(daemon->engine().core().ready());
  core::OrderSpec bought = spec("MSFT", core::Side::buy, core::OrdType::market);
  bought.terms.order_qty = core::Quantity::from_int(1000);
  REQUIRE(place(bought).has_value());
  run_for(std::chrono::seconds(5));
  REQUIRE(daemon->engine().core().book().expected_positions().size() == 1);
}

core::OrderSpec PacingWorld::spec(const char* symbol, core::Side side, core::OrdType type) {
  core::OrderSpec out;
  out.account = core::AccountId("DU1234567");
  out.contract.symbol = symbol;
  out.side = side;
  out.ord_type = type;
  out.terms.order_qty = core::Quantity::from_int(1);
  return out;
}

std::optional<core::OrderId> PacingWorld::place(core::OrderSpec spec) {
  const core::OrderId id = daemon->engine().core().book().next_order_id();
  submit(core::PlaceOrder{0, "bot", std::nullopt, std::move(spec)});
  if (daemon->engine().core().book().next_order_id() == id) return std::nullopt;
  return id;
}

std::optional<core::OrderId> PacingWorld::entry() {
  core::OrderSpec wanted = spec(refused_symbol, core::Side::buy, core::OrdType::limit);
  wanted.terms.price = core::Price(core::Decimal::from_int(100));
  return place(wanted);
}

std::optional<core::OrderId> PacingWorld::resting() {
  core::OrderSpec rests = spec("AAPL", core::Side::buy, core::OrdType::limit);
  rests.terms.price = core::Price(core::Decimal::from_int(100));
  return place(rests);
}

void PacingWorld::family(std::size_t count) {
  core::PlaceFamily command{0, "bot", {}};
  core::OrderSpec wanted = spec(refused_symbol, core::Side::buy, core::OrdType::limit);
  wanted.terms.price = core::Price(core::Decimal::from_int(100));
  command.orders.assign(count, {std::nullopt, wanted});
  const std::uint64_t first = daemon->engine().core().book().next_order_id().value();
  // Before they are taken: with a free slot they are on the wire when submit() returns.
  for (std::uint64_t i = 1; i < count; ++i) {
    follows_[core::OrderId(first + i)] = core::OrderId(first + i - 1);
  }
  submit(command);
  const bool taken = daemon->engine().core().book().next_order_id().value() != first;
  for (std::uint64_t i = 1; !taken && i < count; ++i) follows_.erase(core::OrderId(first + i));
}

std::optional<core::OrderId> PacingWorld::protective() {
  core::OrderSpec stop = spec("MSFT", core::Side::sell, core::OrdType::stop);
  stop.terms.stop_px = core::Price(core::Decimal::from_int(50));
  const core::OrderId id = daemon->engine().core().book().next_order_id();
  const bool stalled = journal.stalled();
  asked_["order " + std::to_string(id.value())] = {scheduler.now(), {}, stalled, false};
  const auto placed = place(stop);
  if (!placed) asked_.erase("order " + std::to_string(id.value()));
  return placed;
}

void PacingWorld::cancel(core::OrderId id) {
  const auto& broker_id = order(id).broker_id;
  REQUIRE(broker_id.has_value());
  asked_.try_emplace("cancel " + std::to_string(broker_id->number),
                     Left{scheduler.now(), {}, journal.stalled(), true});
  submit(core::CancelOrder{0, "bot", id, std::nullopt});
}

void PacingWorld::submit(const core::Input& input) {
  daemon->submit(input, scheduler.now());
  pump();
}

void PacingWorld::pump() {
  if (pumping_) return;
  pumping_ = true;
  daemon->turn(scheduler.now());
  carry();
  pumping_ = false;
  wake_daemon();
  wake_tws();
}

// Until neither side has anything to say: the link has no delay.
void PacingWorld::carry() {
  for (bool moved = true; moved;) {
    moved = false;
    for (const auto& action : daemon->take_broker_actions()) {
      moved = true;
      if (std::holds_alternative<broker::Connect>(action)) {
        tws->on_accept(connection, scheduler.now());
        daemon->broker_connected(scheduler.now());
      } else if (const auto* write = std::get_if<broker::Write>(&action)) {
        std::string_view bytes = write->bytes;
        if (!std::exchange(greeted_, true)) bytes = {};  // the greeting is no message
        for (;;) {
          const auto step = frames_.next(bytes);
          if (step.status != wire::FrameReader::Status::frame) break;
          on_frame(step.payload);
        }
        tws->on_bytes(connection, write->bytes, scheduler.now());
      } else if (std::holds_alternative<broker::Close>(action)) {
        FAIL("the session closed the link");
      }
    }
    for (const auto& action : tws->take_output()) {
      moved = true;
      const auto* write = std::get_if<simtws::Write>(&action);
      REQUIRE(write != nullptr);
      daemon->broker_bytes(write->bytes, scheduler.now());
    }
    if (moved) daemon->turn(scheduler.now());
  }
}

void PacingWorld::on_frame(std::string_view payload) {
  const base::Time now = scheduler.now();
  ++messages;
  window_.push_back(now);
  while (now - window_.front() >= std::chrono::seconds(1)) window_.pop_front();
  most_in_a_second = std::max(most_in_a_second, window_.size());
  const auto decoded = wire::decode_client(payload, 200);
  REQUIRE(decoded.has_value());
  std::string what;
  std::optional<core::OrderId> id;
  if (const auto* cancel = std::get_if<wire::CancelOrder>(&decoded->message)) {
    what = "cancel " + std::to_string(cancel->order_id);
  } else if (const auto* place = std::get_if<wire::PlaceOrder>(&decoded->message)) {
    id = core::parse_order_tag(core::InstanceId(0xfeed), place->order.order_ref);
    REQUIRE(id.has_value());
    what = "order " + std::to_string(id->value());
    sent_order(*id);
  }
  last_order_ = id;
  const auto asked = asked_.find(what);
  if (asked == asked_.end()) return;
  asked->second.left = now;
  left.push_back(asked->second);
  asked_.erase(asked);
}

void PacingWorld::sent_order(core::OrderId id) {
  const auto before = follows_.find(id);
  if (before == follows_.end()) return;
  if (last_order_ == before->second) {
    ++families_sent;
  } else {
    ++torn_families;
  }
  follows_.erase(before);
}

void PacingWorld::wake_daemon() {
  if (daemon_wake_) scheduler.cancel(*daemon_wake_);
  daemon_wake_.reset();
  const base::Time next = daemon->next_deadline(scheduler.now());
  if (next == base::never) return;
  daemon_wake_ = scheduler.at(std::max(next, scheduler.now() + std::chrono::microseconds(50)),
                              [this] { daemon_wake_.reset(), pump(); });
}

void PacingWorld::wake_tws() {
  if (tws_wake_) scheduler.cancel(*tws_wake_);
  tws_wake_.reset();
  const base::Time next = tws->next_deadline();
  if (next == base::never) return;
  tws_wake_ = scheduler.at(next, [this] {
    tws_wake_.reset();
    tws->advance(scheduler.now());
    pump();
  });
}

}  // namespace belay::test
