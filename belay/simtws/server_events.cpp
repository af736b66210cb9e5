// SPDX-License-Identifier: Apache-2.0
// The events of a scenario: each is one of the doors, at its time.
#include <fmt/format.h>

#include <algorithm>

#include "belay/simtws/server.hpp"

namespace belay::simtws {
namespace {

using Do = ScenarioEvent::Do;

// The order of an event, as its client would send it.
tws::wire::Order order_in(const ScenarioEvent& event) {
  using tws::wire::Real;
  tws::wire::Order out;
  out.account = event.account;
  out.action = event.side;
  out.total_quantity = Real::from_decimal(event.quantity);
  out.order_type = event.order_type;
  out.tif = event.tif;
  out.order_ref = event.order_ref;
  if (event.limit) out.lmt_price = Real::from_decimal(*event.limit);
  if (event.stop) out.aux_price = Real::from_decimal(*event.stop);
  return out;
}

}  // namespace

void Server::run_events() {
  while (first_accept_ && events_done_ < options_.events.size() &&
         *first_accept_ + options_.events[events_done_].after <= now_) {
    const ScenarioEvent event = options_.events[events_done_++];
    run_event(event);
  }
}

// The newest live order with the reference, or of the client and id.
PermId Server::order_of(const ScenarioEvent& event) {
  if (event.order_ref.empty()) {
    const SimOrder* order = exchange_.book().find(OrderKey{event.client_id, event.order_id});
    return order == nullptr ? 0 : order->perm_id;
  }
  const auto& live = book().live();
  const auto found = std::find_if(live.rbegin(), live.rend(), [&](PermId id) {
    return book().find(id)->asked.order_ref == event.order_ref;
  });
  return found == live.rend() ? 0 : *found;
}

void Server::run_event(const ScenarioEvent& event) {
  switch (event.action) {
    case Do::restart:
      return restart_now(event.loss);
    case Do::notice:
      return notice_all(event.code, event.text);
    case Do::price:
      return prices_moved(market_.set_price(event.symbol, event.bid, event.ask));
    case Do::ids:
      return exchange_.set_next_order_id(event.client_id, event.next_id);
    case Do::outage:
      return outage_begins(event.code);
    case Do::outage_end:
      return outage_ends(event.code);
    case Do::daily_reset:
      return reset_day(event.reset_as);
    case Do::logout:
      logged_out_ = true;
      return close_all("logout");
    case Do::login:
      logged_out_ = false;
      return;
    case Do::silent:
    case Do::stall:
    case Do::cut:
    case Do::error:
      return run_link_event(event);
    case Do::manual:
    case Do::place:
      return run_order_event(event);
    case Do::transmit:
    case Do::cancel:
    case Do::person_cancel:
    case Do::person_change:
    case Do::fill:
    case Do::correct:
    case Do::bust:
      return run_hand_event(event);
  }
}

void Server::run_link_event(const ScenarioEvent& event) {
  if (event.action == Do::cut) {
    return link_faults_.cut(event.client_id,
                            {event.direction, event.nth, static_cast<std::size_t>(event.byte)});
  }
  Connection* conn = find_client(event.client_id);
  if (conn == nullptr) return did_nothing(event, "no such client is connected");
  if (event.action == Do::silent) {
    conn->silence = event.silence;
    log_event(conn, "silent", "");
  } else if (event.action == Do::stall) {
    conn->reads_after = now_ + event.lasting;
    log_event(conn, "stalled", "");
  } else {
    fail(*conn, event.order_id, event.code, event.text);
  }
}

// An order that a client or a person makes.
void Server::run_order_event(const ScenarioEvent& event) {
  tws::wire::Contract contract;
  contract.symbol = event.symbol;
  for (const Instrument* one : market_.resolve(contract)) {
    contract.con_id = one->con_id;
    contract.exchange = one->exchange;
  }
  tws::wire::Order order = order_in(event);
  if (order.account.empty() && !options_.accounts.empty()) order.account = options_.accounts[0];
  const bool done = event.action == Do::manual
                        ? manual_now(contract, order).has_value()
                        : place_as_now(event.client_id, contract, order).has_value();
  if (!done) did_nothing(event, "no order came of it: see what the account and the symbol are");
}

// What is done to an order.
void Server::run_hand_event(const ScenarioEvent& event) {
  const PermId perm_id = order_of(event);
  bool done = false;
  if (event.action == Do::transmit) {
    done = exchange_.transmit({event.client_id, event.order_id}, now_);
  } else if (event.action == Do::cancel) {
    done = perm_id != 0;
    exchange_.cancel(event.client_id, event.order_id, now_);
  } else if (event.action == Do::person_cancel) {
    done = exchange_.person_cancel(perm_id, now_);
  } else if (event.action == Do::person_change) {
    PersonChange change{event.limit, event.stop, std::nullopt};
    if (!event.quantity.is_zero()) change.quantity = event.quantity;
    done = exchange_.person_change(perm_id, change, now_);
  } else if (event.action == Do::fill) {
    done = exchange_.fill_by_hand(perm_id, event.quantity, event.trade_price, now_);
  } else if (const auto* last = book().last_execution({event.client_id, event.order_id})) {
    const base::Decimal shares = event.quantity.is_zero() ? last->shares : event.quantity;
    const bool is_bust = event.action == Do::bust;
    done = exchange_.correct(last->exec_id(), is_bust ? base::Decimal{} : shares,
                             event.trade_price.value_or(last->price), now_);
  }
  if (!done) did_nothing(event, "there is no such order, or its state does not allow it");
}

// Without this line a scenario that fits no order looks like one that was never read.
void Server::did_nothing(const ScenarioEvent& event, std::string_view why) {
  log_event(
      nullptr, "event_did_nothing",
      fmt::format("{} at {} ms: {}", action_word(event.action),
                  std::chrono::duration_cast<std::chrono::milliseconds>(event.after).count(), why));
}

}  // namespace belay::simtws
