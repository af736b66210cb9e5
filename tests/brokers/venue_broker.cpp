// SPDX-License-Identifier: Apache-2.0
#include "tests/brokers/venue_broker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tests/brokers/venue.hpp"

namespace belay::test {

namespace {

constexpr unsigned slots = 20;

core::OrderSpec spec_of(const std::string& symbol, const std::string& side,
                        const std::string& quantity, const std::string& price) {
  core::OrderSpec spec;
  spec.account = core::AccountId("P1");
  spec.contract.symbol = symbol;
  spec.side = side == "buy" ? core::Side::buy : core::Side::sell;
  spec.ord_type = core::OrdType::limit;
  spec.terms.order_qty = core::Quantity::from_int(std::stoll(quantity));
  spec.terms.price = core::Price(*core::Decimal::parse(price));
  return spec;
}

}  // namespace

core::LaneSlots VenueBroker::lane_slots(base::Time) const {
  return up_ && reserved_ < slots ? slots - reserved_ : 0;
}

bool VenueBroker::place(const core::PlaceEffect& effect, base::Time) {
  unreserve();
  if (!up_) return false;
  const core::OrderSpec& spec = effect.spec;
  say(fmt::format("place {} {} {} {} {}", effect.broker_id.number, spec.contract.symbol,
                  spec.side == core::Side::buy ? "buy" : "sell", to_string(spec.terms.order_qty),
                  spec.terms.price->value().to_string()));
  return true;
}

bool VenueBroker::replace(const core::ReplaceEffect& effect, base::Time) {
  unreserve();
  const auto known = id_of_.find(effect.broker_id.number);
  if (!up_ || known == id_of_.end()) return false;
  say(fmt::format("change {} {} {}", known->second, to_string(effect.spec->terms.order_qty),
                  effect.spec->terms.price->value().to_string()));
  return true;
}

void VenueBroker::cancel(const core::CancelEffect& effect, base::Time) {
  const auto known = id_of_.find(effect.broker_id.number);
  if (up_ && known != id_of_.end()) say(fmt::format("cancel {}", known->second));
}

// Nobody else is at this venue in our name.
void VenueBroker::foreign_cancel(const core::ForeignCancelEffect& effect, base::Time) {
  refused_.push_back({effect.order, core::ForeignOutcome::refused, "there is one session here"});
}

void VenueBroker::global_cancel(base::Time) {
  for (const auto& [number, id] : id_of_) say(fmt::format("cancel {}", id));
}

void VenueBroker::snapshot(const core::SnapshotEffect& effect, base::Time now) {
  done_.wish = effect.wish;
  done_.reason = effect.reason;
  done_.dry_run = effect.dry_run;
  if (up_) ask_lists(now);
}

void VenueBroker::ask_lists(base::Time now) {
  if (std::exchange(listing_, true)) return;
  listed_.clear();
  done_.asked_at = now;
  say("list");
}

void VenueBroker::show(const char* phase) {
  core::LinkStatus link;
  link.phase = phase;
  link.connected = up_;
  link.endpoint = "venue";
  link.session = session;
  hooks_.link(link);
}

void VenueBroker::connected(base::Time now, broker::Channel) {
  up_ = true;
  show("syncing");
  hooks_.report(core::SessionUp{session, 1, {{core::AccountId("P1"), true}}});
  ask_lists(now);
}

void VenueBroker::closed(std::string_view why, base::Time now, broker::Channel) {
  retry_at_ = now + std::chrono::seconds(1);
  unread_.clear();
  listing_ = false;
  if (!std::exchange(up_, false)) return;
  show("down");
  hooks_.report(core::SessionDown{std::string(why)});
}

void VenueBroker::tick(base::Time now) {
  for (auto& done : std::exchange(refused_, {})) hooks_.report(std::move(done));
  if (now < retry_at_) return;
  retry_at_ = base::never;
  actions_.emplace_back(broker::Connect{});
}

base::Time VenueBroker::next_deadline(base::Time now) const {
  return refused_.empty() ? retry_at_ : now;
}

std::vector<broker::LinkAction> VenueBroker::take_actions(broker::Channel channel) {
  if (channel == broker::Channel::second) return {};
  return std::exchange(actions_, {});
}

void VenueBroker::bytes(std::string_view data, base::Time now, broker::Channel) {
  unread_ += data;
  for (std::string line; take_line(unread_, line);) hear(words_of(line), now);
}

core::BrokerNames VenueBroker::names(std::int64_t id) const {
  core::BrokerNames out;
  out.permanent_id = core::PermanentId(id);
  const auto ref = ref_of_.find(id);
  if (ref != ref_of_.end()) out.broker_id = core::BrokerOrderId{session, ref->second};
  return out;
}

void VenueBroker::hear(const std::vector<std::string>& words, base::Time) {
  const std::string& what = words.at(0);
  if (what == "listed") {
    listing_ = false;
    core::SnapshotDone done = std::exchange(done_, {});
    done.round = ++rounds_;
    for (const std::int64_t id : listed_) done.open_orders.push_back(names(id));
    show("ready");
    return hooks_.report(std::move(done));
  }
  const std::int64_t id = std::stoll(words.at(1));
  if (what == "working") {
    const std::int64_t ref = std::stoll(words.at(2));
    ref_of_[id] = ref;
    id_of_[ref] = id;
    core::BrokerOrder order;
    order.names = names(id);
    order.spec = spec_of(words.at(3), words.at(4), words.at(5), words.at(6));
    order.raw_ord_type = "limit";
    order.state = core::BrokerState::working;
    order.raw_status = what;
    order.listed = listing_;
    if (listing_) listed_.insert(id);
    return hooks_.report(std::move(order));
  }
  if (what == "ended") {
    return hooks_.report(
        core::BrokerStatus{names(id), core::BrokerState::canceled, what, "", std::nullopt});
  }
  core::BrokerExecution fill;
  fill.names = names(id);
  const core::OrderSpec spec = spec_of(words.at(3), words.at(4), words.at(5), words.at(6));
  fill.account = spec.account;
  fill.contract = spec.contract;
  fill.execution.id = {"venue-" + words.at(2), 1};
  fill.execution.last_qty = spec.terms.order_qty;
  fill.execution.last_px = spec.terms.price;
  fill.execution.side = spec.side;
  fill.execution.permanent_id = core::PermanentId(id);
  fill.listed = listing_;
  hooks_.report(std::move(fill));
}

}  // namespace belay::test
