// SPDX-License-Identifier: Apache-2.0
// A broker is any broker: the whole daemon over one of another kind, which names orders itself,
// brings no tag back and holds no brackets.
#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/journal/memory_journal.hpp"
#include "tests/brokers/venue.hpp"
#include "tests/brokers/venue_broker.hpp"
#include "tests/support/numbers.hpp"

using namespace belay::test;
using namespace belay::core;
namespace broker = belay::broker;
using std::chrono::seconds;

namespace {

class House {
 public:
  House() { boot(); }

  void boot() {
    linked = false;
    belay::app::DaemonOptions options;
    options.make_broker = [](broker::Hooks hooks) {
      return std::make_unique<VenueBroker>(std::move(hooks));
    };
    belay::app::DaemonHooks hooks;
    hooks.reply = [this](const Reply& reply) { replies.push_back(reply); };
    hooks.fatal = [](const std::string& why) { FAIL(why); };
    hooks.log = [](const std::string&) {};
    daemon = std::make_unique<belay::app::Daemon>(options, journal, std::move(hooks));
    REQUIRE(daemon->start(InstanceId(0xfeed), now).has_value());
    run();
  }
  /// The process dies where it stands and starts again over the same journal.
  void kill_and_boot() {
    daemon.reset();
    journal.crash(belay::journal::MemoryJournal::InFlight::lost);
    boot();
  }
  void run() {
    for (bool moved = true; moved;) {
      daemon->turn(now);
      moved = false;
      for (const auto& action : daemon->take_broker_actions()) {
        moved = true;
        if (std::holds_alternative<broker::Connect>(action)) {
          linked = true;
          daemon->broker_connected(now);
        } else if (const auto* write = std::get_if<broker::Write>(&action)) {
          if (mute) venue.receive(write->bytes);
          if (linked && !mute) news += venue.receive(write->bytes);
        }
      }
      // In pieces, as a stream is.
      while (!news.empty()) {
        const std::string piece = news.substr(0, 7);
        news.erase(0, piece.size());
        daemon->broker_bytes(piece, now);
      }
    }
  }
  void cut() {
    linked = false;
    mute = false;
    daemon->broker_closed("reset", now);
    run();
  }
  void pass(belay::base::Duration time) {
    now = now + time;
    run();
  }
  template <class Command>
  Reply ask(Command command) {
    command.correlation = belay::app::host_correlation | ++asked_;
    command.principal = "tester";
    daemon->submit(command, now);
    run();
    REQUIRE_FALSE(replies.empty());
    return replies.back();
  }
  static PlaceOrder limit(const char* key, std::int64_t count = 10) {
    PlaceOrder out;
    out.cl_ord_id = ClOrdId(key);
    out.spec.edit().account = AccountId("P1");
    out.spec.edit().contract.symbol = "AAPL";
    out.spec.edit().ord_type = OrdType::limit;
    out.spec.edit().terms.order_qty = shares(count);
    out.spec.edit().terms.price = price("190");
    return out;
  }
  const Order& order(OrderId id) const { return *daemon->engine().core().book().find(id); }
  /// Trades against the venue's only order, or its newest.
  void fill(std::int64_t count) {
    const std::string told = venue.fill(venue.orders.rbegin()->first, count);
    if (linked) news += told;
    run();
  }

  Venue venue;
  belay::journal::MemoryJournal journal;
  belay::base::Time now{1'795'446'000'000'000'000};
  bool linked = false;
  bool mute = false;  ///< what the venue says gets lost
  std::string news;
  std::vector<Reply> replies;
  std::unique_ptr<belay::app::Daemon> daemon;

 private:
  std::uint64_t asked_ = 0;
};

}  // namespace

TEST_CASE("any broker: an order works under the venue's name, fills in parts and is counted once") {
  House house;
  REQUIRE(house.daemon->engine().core().ready());
  const OrderId id = house.ask(House::limit("k1")).order;
  CHECK(house.order(id).status == OrdStatus::new_);
  CHECK(house.order(id).permanent_ids == std::vector<PermanentId>{PermanentId(900'001)});
  house.fill(4);
  CHECK(house.order(id).status == OrdStatus::partially_filled);
  house.cut();
  house.pass(seconds(2));  // the lists tell the same fill again
  CHECK(house.order(id).cum_qty == shares(4));
  house.fill(6);
  CHECK(house.order(id).status == OrdStatus::filled);
  CHECK(house.ask(House::limit("k1")).code == ReplyCode::replayed);
  CHECK(house.venue.orders.size() == 1);
}

TEST_CASE("any broker: a change and a cancel go by the venue's name, also after a restart") {
  House house;
  const OrderId id = house.ask(House::limit("k1")).order;
  ReplaceOrder change;
  change.order = id;
  change.patch.price = price("191");
  CHECK(house.ask(change).code == ReplyCode::accepted);
  CHECK(house.venue.heard.back() == "change 900001 10 191");
  CHECK(house.order(id).spec->terms.price == price("191"));
  house.kill_and_boot();
  CHECK_FALSE(house.order(id).unknown);
  CancelOrder cancel;
  cancel.order = id;
  CHECK(house.ask(cancel).code == ReplyCode::accepted);
  CHECK(house.venue.heard.back() == "cancel 900001");
  CHECK(house.order(id).status == OrdStatus::canceled);
}

TEST_CASE(
    "any broker: what was sent and not answered is unknown, never sent twice, and found again") {
  for (const bool killed : {false, true}) {
    House house;
    house.mute = true;
    const OrderId id = house.ask(House::limit("k1")).order;
    CHECK(house.venue.orders.size() == 1);
    house.mute = false;
    house.linked = false;
    if (killed) {
      house.kill_and_boot();
    } else {
      house.daemon->broker_closed("reset", house.now);
      CHECK(house.order(id).unknown);
      house.pass(seconds(2));
    }
    CHECK_FALSE(house.order(id).unknown);
    CHECK(house.order(id).status == OrdStatus::new_);
    CHECK(house.venue.orders.size() == 1);
  }
}

TEST_CASE("any broker: a fill while nobody listens is found in the lists") {
  House house;
  const OrderId id = house.ask(House::limit("k1")).order;
  house.cut();
  house.linked = false;
  house.fill(10);
  house.pass(seconds(2));
  CHECK(house.order(id).status == OrdStatus::filled);
}

TEST_CASE("any broker: without native brackets no part of a family leaves") {
  House house;
  PlaceFamily family;
  for (const char* key : {"a", "b"})
    family.orders.push_back({ClOrdId(key), House::limit(key).spec});
  const OrderId first = house.ask(family).order;
  CHECK(house.venue.orders.empty());
  CHECK(house.order(first).status == OrdStatus::denied);
  CHECK(house.order(first).text.find("takes no families") != std::string::npos);
}

TEST_CASE("any broker: the gate is around it: a halt stops new risk and lets cancels go") {
  House house;
  const OrderId id = house.ask(House::limit("k1")).order;
  Halt halt;
  halt.reason = "enough";
  house.ask(halt);
  CHECK(house.ask(House::limit("k2")).code == ReplyCode::halted);
  CancelOrder cancel;
  cancel.order = id;
  house.ask(cancel);
  CHECK(house.order(id).status == OrdStatus::canceled);
  CHECK(house.venue.orders.size() == 1);
}

TEST_CASE("any broker: there is nobody whose name could be taken for a cancel") {
  House house;
  VenueBroker adapter({.report = [](Input) {},
                       .link = [](const LinkStatus&) {},
                       .positions_begin = [] {},
                       .position = [](const Position&) {},
                       .account_value = [](const AccountValue&) {},
                       .log = [](const std::string&) {}});
  adapter.foreign_cancel({OrderId(1), {3, 4}}, house.now);
  CHECK(adapter.next_deadline(house.now) == house.now);  // told later, never from within
}
