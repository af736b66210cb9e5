// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>

#include "belay/simtws/server.hpp"
#include "tests/conformance/answers.hpp"
#include "tests/conformance/compare.hpp"
#include "tests/conformance/derive.hpp"
#include "tests/conformance/frames.hpp"
#include "tests/conformance/link.hpp"
#include "tests/conformance/requests.hpp"

namespace belay::conformance {
namespace {

using From = Message::From;
using What = Row::What;

// Takes repeats together. In a list each order counts once more.
class Repeats {
 public:
  void begin_list() { last_.clear(); }
  void forget(int order) {
    last_.erase({"openOrder", order});
    last_.erase({"orderStatus", order});
  }
  /// True when the message says again what was last said of its order.
  bool is_repeat(const Message& message, int order, const std::string& print) {
    if (!message.is("openOrder") && !message.is("orderStatus")) return false;
    std::string& last = last_[{message.name, order}];
    if (last == print) return true;
    last = print;
    return false;
  }

 private:
  std::map<std::pair<std::string, int>, std::string> last_;
};

class Replay {
 public:
  explicit Replay(const Recording& recording)
      : recording_(recording),
        derived_(derive(recording)),
        compare_(recording),
        server_(derived_.options),
        now_(derived_.began) {}

  Outcome run() {
    server_.advance(now_);
    for (const Leg& leg : derived_.legs) run_leg(leg);
    return std::move(outcome_);
  }

 private:
  struct Ours {
    Message message;
    int order = 0;
    bool in_list = false;  // in an answer that lists orders, or the burst at connecting
  };

  void run_leg(const Leg& leg);
  void begin_leg(const Leg& leg);
  void take(const Message& message, std::size_t at);
  void expect(const Message& message, std::size_t at);
  void settle(const Message& recorded, int order, std::deque<Ours>::iterator found);
  void give_up(const Message& recorded, int order);
  std::deque<Ours>::iterator front(const Message& recorded, int order);
  bool may_be_left_out(const Ours& ours, const Message& recorded) const;
  bool make_progress(const Message& recorded, bool& filled);
  bool is_answered(const Message& recorded) const;
  void send_until_answered(const Message& recorded);
  void send_all();
  void send(std::size_t at);
  void place_unread(std::size_t shown, std::size_t at);
  void prepare(std::size_t at, const Message& message, int order);
  bool fill(const Message& recorded);
  bool pass_time();
  void pump(bool in_list = false);
  void leave_out_all();
  void note(const Message& message, std::size_t at);
  void set_clock(const Message& recorded);
  bool is_told_late(std::size_t at) const;
  void leftover(const Leg& leg);
  void row(What what, const Message* recorded, const Ours* ours, int order);

  const Recording& recording_;
  Derived derived_;
  Comparer compare_;
  simtws::Server server_;
  base::Time now_;
  Outcome outcome_;
  std::optional<Link> link_;
  simtws::ConnId last_conn_ = 0;
  const Leg* leg_ = nullptr;
  bool burst_ends_ = false;
  std::deque<Ours> ours_;
  std::deque<std::size_t> waiting_;  // messages of the client that are not sent yet
  std::set<int> clients_;
  std::set<int> placed_;
  std::set<int> unread_warned_;  // ... in that part
  std::set<int> unread_;         // placed in a part that was not read, and not yet found
  int last_paid_ = 0;            // the order of which a commission was recorded last
  Repeats repeats_recorded_;
  Repeats repeats_ours_;
  std::map<std::string, int> executions_recorded_;
  std::map<std::string, int> executions_ours_;
  bool any_order_ = false;  // the order of different orders says nothing now
};

void Replay::row(What what, const Message* recorded, const Ours* ours, int order) {
  Row out;
  out.what = what;
  out.order = order;
  if (recorded != nullptr) {
    out.line = recorded->line;
    out.recorded = compare_.describe(*recorded, false);
  }
  if (ours != nullptr) out.ours = compare_.describe(ours->message, true);
  outcome_.rows.push_back(std::move(out));
}

void Replay::pump(bool in_list) {
  for (const auto& one : link_->receive()) {
    Ours ours{message_of(one), 0, in_list};
    const Message& message = ours.message;
    if (!is_compared(message)) continue;
    compare_.learn(message, true);
    if (message.is("execDetails")) {
      executions_ours_[message.text("execId")] = message.number("orderId");
    }
    ours.order = order_of_message(message, executions_ours_);
    if (derived_.foreign.count(ours.order) != 0) continue;
    // The warning of an order that was placed in a part that was not read came there.
    if (unread_warned_.count(ours.order) != 0 && message.text("errorCode") == "399") continue;
    if (repeats_ours_.is_repeat(message, ours.order, compare_.print(message))) continue;
    ours_.push_back(std::move(ours));
  }
}

void Replay::place_unread(std::size_t shown, std::size_t at) {
  const Message& message = recording_.messages[shown];
  const int id = message.number("orderId");
  const int owner = message.has("clientId") ? message.number("clientId") : leg_->client;
  prepare(at, message, id);
  server_.set_next_valid_id(owner, id);
  server_.place_as(owner, contract_of(message, server_.market()), order_of(message, true), now_);
  placed_.insert(id);
  unread_.insert(id);
  const bool is_warned =
      std::any_of(recording_.messages.begin(), recording_.messages.end(), [&](const Message& one) {
        return one.is("errMsg") && one.number("id") == id && one.text("errorCode") == "399";
      });
  if (!is_warned) unread_warned_.insert(id);
}

void Replay::prepare(std::size_t at, const Message& message, int order) {
  if (const auto price = derived_.prices.find(at); price != derived_.prices.end()) {
    const auto bid = base::Decimal::parse(price->second);
    const std::string symbol = message.has("symbol") ? message.text("symbol") : "AAPL";
    if (bid) server_.set_price(symbol, *bid, *bid, now_);
  }
  server_.clear_rules();
  const auto rule = derived_.rules.find(at);
  if (placed_.count(order) == 0 && rule != derived_.rules.end()) server_.add_rule(rule->second);
}

void Replay::begin_leg(const Leg& leg) {
  leg_ = &leg;
  for (const std::size_t shown : leg.waiting) {
    if (placed_.count(recording_.messages[shown].number("orderId")) == 0) {
      place_unread(shown, shown);
    }
  }
  server_.take_output();
  if (leg.next_id && clients_.count(leg.client) == 0) {
    server_.set_next_valid_id(leg.client, *leg.next_id);
  }
  clients_.insert(leg.client);
  repeats_recorded_.begin_list();
  repeats_ours_.begin_list();
  link_.emplace(server_, ++last_conn_);
  link_->connect(leg.client, now_);
  // A recording that begins in the middle of a session ends subscriptions that it does not begin.
  const bool subscribed =
      !leg.next_id &&
      std::any_of(recording_.messages.begin() + static_cast<std::ptrdiff_t>(leg.begin),
                  recording_.messages.begin() + static_cast<std::ptrdiff_t>(leg.end),
                  [](const Message& one) { return one.is("reqAccountUpdates"); });
  if (subscribed) link_->send(tws::wire::ReqAccountUpdates{true, ""}, now_);
  pump(true);
  unread_.clear();
  if (!leg.next_id) ours_.clear();
  any_order_ = leg.next_id.has_value();
  burst_ends_ = !leg.next_id;
}

void Replay::run_leg(const Leg& leg) {
  begin_leg(leg);
  for (std::size_t at = leg.begin; at < leg.end; ++at) take(recording_.messages[at], at);
  send_all();
  leftover(leg);
  link_->hang_up(now_);
  ours_.clear();
}

void Replay::take(const Message& message, std::size_t at) {
  if (message.from == From::mark) {
    if (message.is("note")) note(message, at);
    return;
  }
  if (message.from == From::client) {
    const bool names_order = message.is("cancelOrder") || message.is("placeOrder");
    if (names_order && derived_.foreign.count(message.number("orderId")) != 0) return;
    waiting_.push_back(at);
    if (is_list_request(message)) repeats_recorded_.begin_list();
    any_order_ = message.is("reqGlobalCancel") || is_list_request(message) ||
                 message.is("reqCompletedOrders");
    return;
  }
  if (const auto unread = derived_.unread.find(at); unread != derived_.unread.end()) {
    send_all();
    place_unread(unread->second, at);
    pump();
  }
  if (!is_compared(message)) return;
  expect(message, at);
  if (message.is("openOrderEnd")) any_order_ = any_order_ && !burst_ends_;
  if (message.is("nextValidId") && !burst_ends_) {
    burst_ends_ = true;
    any_order_ = false;
  }
}

// What our side says next where the recorded message should stand; the end when it is silent.
std::deque<Replay::Ours>::iterator Replay::front(const Message& recorded, int order) {
  for (auto it = ours_.begin(); it != ours_.end(); ++it) {
    if (any_order_ && it->order != order) continue;
    if (compare_.same(recorded, it->message)) return it;
    if (!may_be_left_out(*it, recorded)) return it;
  }
  return ours_.end();
}

void Replay::leave_out_all() {
  for (const Ours& ours : ours_) row(What::left_out, nullptr, &ours, ours.order);
  ours_.clear();
}

// Something was not read here: time has passed, what was said meanwhile is not compared, and nor is
// an order that the rest does not name any more.
void Replay::note(const Message& message, std::size_t at) {
  outcome_.rows.push_back({What::note, message.line, 0, "(" + message.text("text") + ")", {}});
  leave_out_all();
  const base::Time end = now_ + std::chrono::seconds(15);
  while (server_.next_deadline() <= end) {
    now_ = std::max(now_, server_.next_deadline());
    server_.advance(now_);
  }
  now_ = end;
  server_.advance(now_);
  pump();
  leave_out_all();
  for (const int order : placed_) {
    const bool named =
        std::any_of(recording_.messages.begin() + static_cast<std::ptrdiff_t>(at),
                    recording_.messages.end(), [&](const Message& one) {
                      return one.number(one.is("errMsg") ? "id" : "orderId") == order;
                    });
    if (!named) derived_.foreign.insert(order);
  }
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    const Message& asked = recording_.messages[*it];
    const bool is_placement = asked.is("placeOrder");
    it = is_placement && derived_.foreign.count(asked.number("orderId")) != 0 ? waiting_.erase(it)
                                                                              : std::next(it);
  }
}

// The clock follows the times that errors tell, as far as nothing is due before.
void Replay::set_clock(const Message& recorded) {
  if (recorded.text("errorTime").size() != 13) return;
  const base::Time told(std::stoll(recorded.text("errorTime")) * 1'000'000);
  if (told <= now_ || told > now_ + std::chrono::hours(1) || server_.next_deadline() <= told)
    return;
  now_ = told;
  server_.advance(now_);
}

// True when a later message of the client was answered before this one.
bool Replay::is_told_late(std::size_t at) const {
  const Message& asked = recording_.messages[at];
  std::vector<std::size_t> later;
  for (std::size_t i = at + 1; i < leg_->end; ++i) {
    const Message& message = recording_.messages[i];
    if (message.from == From::mark) continue;
    if (message.from == From::client) {
      later.push_back(i);
      continue;
    }
    if (answers(message, asked)) return false;
    const bool other = std::any_of(later.begin(), later.end(), [&](std::size_t one) {
      return answers(message, recording_.messages[one]);
    });
    if (other && message.text("commission").empty()) return true;
  }
  return false;
}

bool Replay::may_be_left_out(const Ours& ours, const Message& recorded) const {
  if (unread_.count(ours.order) != 0) return true;
  if (!recording_.curated) return false;
  if (ours.message.is("commissionReport")) return true;
  if (ours.message.is("openOrder")) {
    // Its status stands beside it, or says nothing new.
    return !recorded.is("openOrder") || ours.order != recorded.number("orderId") ||
           !ours.message.text("commission").empty() ||
           recorded.text("status") != ours.message.text("status");
  }
  return ours.in_list && (ours.message.is("orderStatus") || ours.message.is("openOrderEnd"));
}

void Replay::settle(const Message& recorded, int order, std::deque<Ours>::iterator found) {
  for (auto it = ours_.begin(); it != found;) {
    if (any_order_ && it->order != order) {
      ++it;
      continue;
    }
    row(What::left_out, nullptr, &*it, it->order);
    if (unread_.count(it->order) != 0) repeats_ours_.forget(it->order);
    const auto place = found - it;
    it = ours_.erase(it);
    found = it + (place - 1);
  }
  const bool same = compare_.same(recorded, found->message);
  if (!same) {
    const auto later = std::find_if(
        found, ours_.end(), [&](const Ours& one) { return compare_.same(recorded, one.message); });
    if (later == ours_.end() && found->message.name != recorded.name) {
      return row(What::missing, &recorded, nullptr, order);
    }
    while (later != ours_.end() && !compare_.same(recorded, found->message)) {
      row(What::unexpected, nullptr, &*found, found->order);
      found = ours_.erase(found);
    }
  }
  row(compare_.same(recorded, found->message) ? What::same : What::differs, &recorded, &*found,
      order);
  ours_.erase(found);
  unread_.erase(order);
}

void Replay::expect(const Message& message, std::size_t) {
  compare_.learn(message, false);
  if (message.is("execDetails")) {
    executions_recorded_[message.text("execId")] = message.number("orderId");
  }
  int order = order_of_message(message, executions_recorded_);
  if (message.is("openOrder") && !message.text("commission").empty()) last_paid_ = order;
  // Its execution may be told without its name; the pair before it names the order.
  if (message.is("commissionReport") && order == 0) order = last_paid_;
  if (derived_.foreign.count(order) != 0) return;
  if (repeats_recorded_.is_repeat(message, order, compare_.print(message))) return;
  bool filled = false;
  for (int tries = 0; tries < 1000; ++tries) {
    if (const auto found = front(message, order); found != ours_.end()) {
      return settle(message, order, found);
    }
    if (!make_progress(message, filled)) break;
  }
  row(What::missing, &message, nullptr, order);
}

bool Replay::is_answered(const Message& recorded) const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [&](std::size_t at) { return answers(recorded, recording_.messages[at]); });
}

bool Replay::make_progress(const Message& recorded, bool& filled) {
  const bool carries_commission = !recorded.text("commission").empty();
  if (!carries_commission && is_answered(recorded)) {
    set_clock(recorded);
    send_until_answered(recorded);
    return true;
  }
  if (recorded.is("execDetails") && recorded.number("reqId") < 0 && !filled) {
    filled = true;
    if (fill(recorded)) return true;
  }
  if (pass_time()) return true;
  if (waiting_.empty()) return false;
  send_all();
  filled = false;
  return true;
}

void Replay::send_until_answered(const Message& recorded) {
  while (!waiting_.empty()) {
    const std::size_t at = waiting_.front();
    waiting_.pop_front();
    send(at);
    if (answers(recorded, recording_.messages[at])) return;
  }
}

void Replay::send_all() {
  while (!waiting_.empty()) {
    const std::size_t at = waiting_.front();
    waiting_.pop_front();
    send(at);
  }
}

void Replay::send(std::size_t at) {
  const Message& message = recording_.messages[at];
  const auto transmit = derived_.transmits.find(at);
  const auto request = request_of(message, transmit == derived_.transmits.end() || transmit->second,
                                  server_.market());
  Row out{What::client, message.line, message.number("orderId"), {}, {}};
  out.recorded = message.name;
  for (const char* field : {"orderId", "action", "totalQuantity", "orderType", "lmtPrice",
                            "auxPrice", "trailStopPrice", "tif", "parentId"}) {
    const std::string& text = message.text(field);
    if (!text.empty() && text != "0") out.recorded += fmt::format(" {}={}", field, text);
  }
  if (!request) out.recorded += " (not sent)";
  outcome_.rows.push_back(std::move(out));
  if (!request) return;
  if (message.is("placeOrder")) {
    prepare(at, message, message.number("orderId"));
    placed_.insert(message.number("orderId"));
  }
  if (is_list_request(message)) {
    pump();
    repeats_ours_.begin_list();
  }
  if (is_told_late(at)) {
    server_.options().ack_delay = {std::chrono::seconds(1), std::chrono::seconds(1)};
  }
  link_->send(*request, now_);
  server_.options().ack_delay = {};
  pump(is_list_request(message));
}

bool Replay::fill(const Message& recorded) {
  const auto copies = server_.book().copies({leg_->client, recorded.number("orderId")});
  const auto shares = base::Decimal::parse(recorded.text("shares"));
  const auto price = base::Decimal::parse(recorded.text("price"));
  if (copies.empty() || !shares || !price) return false;
  const bool done = server_.fill_order(copies.front(), *shares, *price, now_);
  now_ = now_ + std::chrono::milliseconds(1);
  pump();
  return done;
}

bool Replay::pass_time() {
  const base::Time next = server_.next_deadline();
  if (next > now_ + std::chrono::seconds(10)) return false;
  now_ = std::max(now_, next);
  server_.advance(now_);
  pump();
  return true;
}

// A recording that breaks off proves nothing about what came after.
void Replay::leftover(const Leg& leg) {
  const bool breaks_off = recording_.curated || recording_.messages[leg.end - 1].is("note");
  for (const Ours& ours : ours_) {
    row(breaks_off ? What::left_out : What::unexpected, nullptr, &ours, ours.order);
  }
}

}  // namespace

Outcome replay(const Recording& recording) {
  return Replay(recording).run();
}

}  // namespace belay::conformance
