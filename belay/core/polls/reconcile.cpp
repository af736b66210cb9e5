// SPDX-License-Identifier: Apache-2.0
#include "belay/core/polls/reconcile.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/core/facts/disputed_fills.hpp"
#include "belay/core/facts/fill_sums.hpp"

namespace belay::core {
namespace {

using base::Defect;
using Seen = RoundMemory::Seen;

class Reconciler {
 public:
  Reconciler(const Book& book, const RoundFacts& facts, const RoundMemory& before,
             const ReconcilePolicy& policy)
      : book_(book), facts_(facts), before_(before), policy_(policy) {}

  Decisions run() {
    if (!facts_.settled && !base::defect(Defect::unsettled_snapshot_trusted)) {
      out_.memory = before_;  // it says nothing, and what was seen before stands
    }
    out_.memory.told = before_.told;
    std::erase_if(out_.memory.told,
                  [this](const auto& told) { return book_.find(told.second.order) == nullptr; });
    for (const OrderId id : book_.live()) {
      const Order& order = *book_.find(id);
      if (order.status == OrdStatus::created) continue;
      bool unknown = order.unknown;
      if (facts_.open.contains(id)) {
        listed(order);
      } else if (facts_.completed.contains(id)) {
        ended(order);
      } else {
        unknown = absent(order);
      }
      if (unknown) ++out_.unknown_orders;
    }
    if (settled()) {
      for (const OrderId id : facts_.claimed) claimed(*book_.find(id));
      for (const auto& [id, shown] : facts_.working_though_done) contradicted(id, shown);
      if (facts_.full && facts_.positions_listed) {
        positions();
      } else {
        out_.memory.breaks = before_.breaks;
      }
    }
    return std::move(out_);
  }

 private:
  bool settled() const {
    return facts_.settled || base::defect(Defect::unsettled_snapshot_trusted);
  }
  // What changed after the lists were asked for is not in them. What lies behind now was recorded
  // before the clock was set back.
  bool is_past(base::Time changed, base::Duration age) const {
    if (base::defect(Defect::early_list_trusted) && changed > facts_.asked_at) return true;
    return changed > facts_.judged_at || facts_.asked_at - changed >= age;
  }
  bool is_quiet(base::Time changed) const { return is_past(changed, policy_.recency_guard); }
  template <class Key>
  Seen again(const std::map<Key, Seen>& known, const Key& key) const {
    const auto it = known.find(key);
    return again(it == known.end() ? Seen{0, facts_.round, facts_.asked_at, {}} : it->second);
  }
  Seen again(Seen seen) const {
    if (seen.rounds == 0 || is_quiet(seen.last_at)) {
      ++seen.rounds;
      seen.last_at = facts_.asked_at;
    }
    return seen;
  }
  bool enough(const Seen& seen) const { return seen.rounds >= policy_.absence_rounds; }
  /// `facts`: what it stands on; while they are the same, who closed it is not told again.
  void incident(const char* kind, OrderId order, std::string text, std::string subject,
                std::vector<std::string> candidates, const std::string& facts = "") {
    bool known = book_.find_incident(subject) != nullptr;
    if (!facts.empty()) {
      RoundMemory::Told& told = out_.memory.told[subject];
      known = known || told.facts == facts;
      told = {order, facts};
    }
    if (known) return;
    out_.events.push_back(
        IncidentOpened{kind, order, std::move(text), std::move(subject), std::move(candidates)});
  }

  // ---- orders that are listed as open ----
  void listed(const Order& order) {
    out_.memory.absent.erase(order.id);
    const bool quiet = is_quiet(order.updated_at);
    if (order.pending_cancel && (facts_.syncing || quiet)) {
      out_.cancel_again.push_back(order.id);
    }
    if (!settled() || facts_.unread.contains(order.id)) return;
    if (quiet && order.cancel_asked && !order.pending_cancel) cancel_refused(order);
    // It was refused after its first word, and is there all the same: that was about something
    // else.
    if (quiet && order.refused) {
      out_.events.push_back(BrokerStatusChanged{order.id, order.raw_status, order.why_held,
                                                order.filled_claim, std::nullopt, std::nullopt});
    }
    if (!order.replace_in_flight()) return;
    // Had the modification arrived, the list would show its terms and follow_terms had taken them.
    const Seen seen = again(before_.old_terms, order.id);
    const bool sent_before_this_link = order.unknown && facts_.fresh;
    if (sent_before_this_link || (quiet && (order.unknown || enough(seen)))) {
      out_.events.push_back(
          ReplaceRefused{order.id, 0, "the broker's settled list shows the old terms"});
    } else {
      out_.memory.old_terms[order.id] = seen;
      out_.look_again = true;
    }
  }

  void cancel_refused(const Order& order) {
    incident("cancel_refused", order.id,
             fmt::format("order {} was to be canceled and works on; the broker says: {}",
                         order.id.value(), order.text.empty() ? "nothing" : order.text),
             fmt::format("cancel_refused/{}", order.id.value()), {},
             "the broker says " + order.text);
  }

  // ---- orders that are listed as done ----
  // Done there, and all that it filled is here, though it is less than was ordered: some of it was
  // taken back after the end, which made the order look open again.
  void ended(const Order& order) {
    if (!was_revised(order) || !settled() || !facts_.full) return;
    if (facts_.unread.contains(order.id)) return;
    const bool awaits_fills = order.filled_claim > order.cum_qty && !is_disputed(order);
    if (awaits_fills) return;
    if (!is_quiet(order.updated_at)) {
      out_.look_again = true;
      return;
    }
    out_.events.push_back(
        OrderCanceled{order.id, 0, "the broker lists it as done, and fills of it were corrected"});
  }

  // Its incident is open, or a person has closed it.
  bool is_disputed(const Order& order) const {
    const std::string subject = dispute_about(order);
    const auto told = out_.memory.told.find(subject);
    return book_.find_incident(subject) != nullptr ||
           (told != out_.memory.told.end() && told->second.facts == disputed_facts(order));
  }

  // ---- orders that are in no list ----
  /// True when the order is unknown after this.
  bool absent(const Order& order) {
    if (base::defect(Defect::absence_taken_as_cancel)) {
      out_.events.push_back(OrderCanceled{order.id, 0, "not listed"});
      return false;
    }
    const bool found_elsewhere =
        facts_.contested.contains(order.id) || facts_.unread.contains(order.id);
    if (!settled() || found_elsewhere) return order.unknown;
    if (!facts_.full) {
      // It may be among the completed orders, which were not asked.
      const auto known = before_.absent.find(order.id);
      if (known != before_.absent.end()) out_.memory.absent.insert(*known);
      if (!order.unknown) out_.look_again = true;
      return order.unknown;
    }
    const bool quiet = is_quiet(order.updated_at);
    if (!quiet && !facts_.fresh) {
      out_.look_again = true;
      const auto known = before_.absent.find(order.id);
      if (known != before_.absent.end()) out_.memory.absent.insert(*known);
      return order.unknown;
    }
    if (!order.unknown) {
      out_.events.push_back(
          OrderUnknown{order.id, "absent", "not among the broker's open or completed orders"});
    }
    if (order.external) return true;  // whose it is knows
    const Seen seen = again(before_.absent, order.id);
    out_.memory.absent[order.id] = seen;
    // The broker's last word was that it does not work, and now it is not there any more.
    if (order.status == OrdStatus::held && order.why_held.empty()) {
      if (!enough(seen)) return out_.look_again = true;
      out_.events.push_back(
          OrderRejected{order.id, 0, "it was inactive and is in no list of the broker any more"});
      return false;
    }
    const char* why = unprovable(order);
    // Its refusal came after its first word, and now no list shows it.
    const bool unfilled = order.cum_qty.is_zero() && order.filled_claim.is_zero();
    if (order.refused && unfilled && !order.cancel_asked && why == nullptr) {
      if (!enough(seen)) return out_.look_again = true;
      out_.events.push_back(OrderRejected{order.id, order.code, order.broker_text});
      return false;
    }
    if (may_have_grown(order) && order.filled_claim <= order.cum_qty && why == nullptr) {
      if (!enough(seen)) return out_.look_again = true;
      out_.events.push_back(
          ReplaceRefused{order.id, 0, "the order was filled before it was made larger"});
      return false;
    }
    // What cannot wait anywhere is over, and the lists told all that it filled.
    const bool over = ends_at_once(order) && why == nullptr && order.filled_claim <= order.cum_qty;
    if (was_shown(order) && !over) {
      if (!enough(seen)) return out_.look_again = true;
      vanished(order);
      return true;
    }
    if (why != nullptr) {
      if (!enough(seen)) return out_.look_again = true;
      unresolved(order, why);
      return true;
    }
    // Sent is younger than taken, when it waited; nothing is told of it since.
    const bool old_enough = is_past(order.updated_at, policy_.absence_age);
    if (!enough(seen) || !old_enough || !quiet) return out_.look_again = true;
    out_.events.push_back(end_of(order, seen));
    out_.memory.absent.erase(order.id);
    return false;
  }
  // It is nowhere. An answer of the broker that was in no table refused it then, or it worked for
  // as long as its time in force let it; without any word it never arrived. Of one that ends at
  // once nobody knows which of the two it was: it is over without a fill in either case.
  Event end_of(const Order& order, const Seen& seen) const {
    if (order.code != 0 && !order.worked) {
      return OrderRejected{order.id, order.code, order.broker_text};
    }
    if (!lasts(order)) {
      return OrderExpired{order.id, "its time in force is over: " + proof(order, seen)};
    }
    return OrderNotAccepted{order.id, proof(order, seen)};
  }
  static bool ends_at_once(const Order& order) {
    return is_at_once(order.spec->terms.time_in_force);
  }
  bool lasts(const Order& order) const {
    const OrderTerms& terms = order.spec->terms;
    const bool ended = terms.time_in_force == TimeInForce::good_till_date &&
                       (!terms.expire_time || *terms.expire_time <= facts_.asked_at);
    return row_of(terms.time_in_force).rests && !ended;
  }
  // The broker spoke of it once: then it did arrive.
  static bool was_shown(const Order& order) {
    return order.status != OrdStatus::pending_new || !order.permanent_ids.empty() ||
           !order.raw_status.empty() || !order.executions.empty();
  }
  // Why the lists would not show the order even if it had arrived; nothing when they would.
  const char* unprovable(const Order& order) const {
    if (!lasts(order) && !ends_at_once(order)) return "its time in force may have ended it";
    // Answered, and not by a fill, which would have come at once like the answer.
    if (order.code != 0 && ends_at_once(order)) return nullptr;
    if (!facts_.lists_from) {
      return "nobody told since when the broker's lists go back (TRADING_DAY_ENDS)";
    }
    if (facts_.clock_differs && !base::defect(Defect::clock_difference_ignored)) {
      return "the broker's clock and ours differ, so nobody knows since when its lists go back";
    }
    if (order.created_at > facts_.judged_at + policy_.clock_difference_max) {
      return "it was taken while this machine's clock was ahead, so nobody knows on which day";
    }
    const bool cut = order.created_at < *facts_.lists_from + policy_.clock_difference_max;
    return cut && !base::defect(Defect::day_end_ignored)
               ? "it was sent before the day of the broker's lists began, or its last daily reset"
               : nullptr;
  }
  std::string proof(const Order& order, const Seen& seen) const {
    return fmt::format(
        "{}its tag is not among the open orders, completed orders and executions of {} settled "
        "rounds: from round {} asked at {} to round {} asked at {}; it was to be sent as {}:{} and "
        "was taken at {}",
        order.status == OrdStatus::pending_new ? "never acknowledged, and " : "", seen.rounds,
        seen.first_round, base::to_rfc3339(seen.first_at), facts_.round,
        base::to_rfc3339(facts_.asked_at), order.broker_id ? order.broker_id->session : 0,
        order.broker_id ? order.broker_id->number : 0, base::to_rfc3339(order.created_at));
  }
  void vanished(const Order& order) {
    std::vector<std::string> candidates{
        "filled, and its executions are older than those that the broker still tells",
        "canceled at the broker while nobody listened, on an earlier day",
        "the broker lost it: it was restored from an older state"};
    const bool day_over = order.spec->terms.time_in_force == TimeInForce::day &&
                          order.created_at < book_.trading_day_since();
    if (day_over) candidates.insert(candidates.begin(), "expired: its trading day is over");
    incident("order_vanished", order.id,
             fmt::format("order {} was {} and is in no list of the broker any more",
                         order.id.value(), name(order.status)),
             fmt::format("order_vanished/{}", order.id.value()), std::move(candidates));
  }
  void unresolved(const Order& order, const char* why) {
    incident("order_unresolved", order.id,
             fmt::format("order {} was sent, never acknowledged, and is in no list of the broker; "
                         "that proves nothing: {}",
                         order.id.value(), why),
             fmt::format("order_unresolved/{}", order.id.value()),
             {"it never arrived", "it arrived and ended unseen", "it waits in TWS untransmitted"});
  }

  // ---- fills that are claimed and never told ----
  void claimed(const Order& order) {
    if (order.filled_claim <= order.cum_qty) return;
    const auto known = before_.claims.find(order.id);
    const bool same = known != before_.claims.end() && known->second.claim == order.filled_claim &&
                      known->second.cum == order.cum_qty;
    const Seen seen = again(same ? known->second.seen : Seen{0, facts_.round, facts_.asked_at, {}});
    out_.memory.claims[order.id] = {order.filled_claim, order.cum_qty, seen};
    const Book::PositionKey key{order.spec->account, order.con_id};
    moving_.insert(key);
    if (!enough(seen) || !is_quiet(order.updated_at)) {
      out_.look_again = true;
      return;
    }
    const bool revised = was_revised(order) || facts_.unread_corrections.contains(order.id);
    const bool too_much = order.filled_claim > order.spec->terms.order_qty && !order.external;
    if (revised || too_much || order.incarnations.size() > 1) {
      moving_.erase(key);  // no fill will come of it
      incident(
          "fills_disputed", order.id,
          fmt::format("the broker's status says that {} of order {} are filled, its executions "
                      "sum up to {}",
                      to_string(order.filled_claim), order.id.value(), to_string(order.cum_qty)),
          dispute_about(order),
          {"an execution was busted or corrected after the status",
           "an execution is older than those that the broker still tells",
           "the status counts copies of the order together"},
          disputed_facts(order));
      return;
    }
    out_.events.push_back(ExecutionInferred{
        order.id, infer_execution(order, order.cum_qty, order.filled_claim - order.cum_qty),
        fmt::format("the broker says filled {}, executions up to round {} sum up to {}",
                    to_string(order.filled_claim), facts_.round, to_string(order.cum_qty))});
    out_.memory.claims.erase(order.id);
  }

  // ---- orders that are done here and work there ----
  void contradicted(OrderId id, const std::pair<PermanentId, std::string>& shown) {
    const Order& order = *book_.find(id);
    if (!is_terminal(order.status) || order.status == OrdStatus::filled) return;
    const Seen seen = again(before_.contradicted, id);
    if (!enough(seen) || !is_quiet(order.updated_at)) {
      out_.memory.contradicted[id] = seen;
      out_.look_again = true;
      return;
    }
    incident("contradiction", id,
             fmt::format("order {} was {} and settled lists show it working", id.value(),
                         name(order.status)),
             fmt::format("contradiction/{}", id.value()),
             {"its end was told by mistake, or decided by a person",
              "the broker made another copy of it"});
    out_.events.push_back(
        IncarnationChanged{id, shown.first, shown.second, false, order.filled_claim});
  }

  // ---- positions ----
  void positions() {
    std::map<Book::PositionKey, const Contract*> keys;
    for (const auto& [key, held] : book_.expected_positions()) keys[key] = &held.contract;
    for (const auto& [key, told] : facts_.positions) keys[key] = &told.contract;
    bool all_compared = true;
    for (const auto& [key, contract] : keys) {
      // Money has no position in lots, and summary executions of combinations are none either.
      const bool counted = key.second != 0 && row_of(contract->sec_type).in_lots;
      if (counted && !compare(key, *contract)) all_compared = false;
    }
    const auto& accounts = book_.accounts();
    const bool some_new = std::any_of(accounts.begin(), accounts.end(), [&](const auto& account) {
      return !book_.positions_agreed(AccountId(account));
    });
    out_.positions_agreed = all_compared && some_new;
  }
  // An entry without a quantity: how much is held could not be read. Contract 0 stands for all of
  // the account, no account for all accounts.
  bool is_unread(const AccountId& account, std::int64_t con_id) const {
    const auto told = facts_.positions.find({account, con_id});
    return told != facts_.positions.end() && !told->second.quantity;
  }
  /// Something about it could not be read: how much is held, or a fill that changes it.
  bool is_unread(const Book::PositionKey& key) const {
    return is_unread(key.first, key.second) || is_unread(key.first, 0) ||
           is_unread(AccountId(), key.second);
  }
  /// A fill of it may have been listed that counts for no order yet: its order id could not be
  /// read, and an order of ours of which nothing is known yet is of this contract.
  bool may_have_filled(const Book::PositionKey& key, const Contract& contract) const {
    return std::any_of(facts_.unread.begin(), facts_.unread.end(), [&](OrderId id) {
      const Order& order = *book_.find(id);
      if (order.external || !order.sent() || !order.permanent_ids.empty()) return false;
      const Contract& ours = order.spec->contract;
      return order.con_id != 0
                 ? order.con_id == key.second
                 : ours.symbol == contract.symbol && ours.sec_type == contract.sec_type;
    });
  }
  /// False: too early to compare.
  bool compare(const Book::PositionKey& key, const Contract& contract) {
    const auto held = book_.expected_positions().find(key);
    const bool known = held != book_.expected_positions().end();
    const auto told = facts_.positions.find(key);
    const Decimal ours = known ? held->second.quantity : Decimal();
    const Decimal theirs =
        told != facts_.positions.end() ? told->second.quantity.value_or(Decimal()) : Decimal();
    const bool early = may_have_filled(key, contract);
    if (early || is_unread(key)) {
      keep_break(key);
      return !early;
    }
    if (ours == theirs) return true;
    // A fill may stand between the two lists.
    if (moving_.contains(key) || (known && !is_quiet(held->second.changed_at))) {
      out_.look_again = true;
      keep_break(key);
      return false;
    }
    const auto adjust = [&](std::string reason) {
      out_.events.push_back(PositionAdjusted{key.first, contract, ours, theirs, std::move(reason)});
    };
    if (!book_.positions_agreed(key.first)) {
      adjust("first sight");
      return true;
    }
    const auto it = before_.breaks.find(key);
    const bool same =
        it != before_.breaks.end() && it->second.ours == ours && it->second.theirs == theirs;
    const Seen seen = again(same ? it->second.seen : Seen{0, facts_.round, facts_.asked_at, {}});
    if (!enough(seen)) {
      out_.memory.breaks[key] = {ours, theirs, seen};
      out_.look_again = true;
      return true;
    }
    settle_break(key, ours, theirs, known ? held->second.unexplained : Decimal(), adjust);
    return true;
  }
  void keep_break(const Book::PositionKey& key) {
    const auto it = before_.breaks.find(key);
    if (it != before_.breaks.end()) out_.memory.breaks.insert(*it);
  }
  template <class Adjust>
  void settle_break(const Book::PositionKey& key, Decimal ours, Decimal theirs, Decimal unexplained,
                    const Adjust& adjust) {
    const std::string subject = fmt::format("position_break/{}/{}", key.first.value(), key.second);
    const Int128 change = Int128(theirs.units()) - ours.units();
    const Int128 open = unexplained.units();
    // Executions that came after an adjustment moved what it had moved already.
    const bool explains =
        (open > 0 && change < 0 && -change <= open) || (open < 0 && change > 0 && change <= -open);
    if (explains) {
      adjust("executions that were told later explain an adjustment");
      const Book::Incident* incident = book_.find_incident(subject);
      if (incident != nullptr && open + change == 0) {
        out_.events.push_back(
            IncidentClosed{incident->seq, "executions that were told later explain it", ""});
      }
      return;
    }
    incident("position_break", OrderId(),
             fmt::format("account {} should hold {} of contract {} and the broker says {}",
                         key.first.value(), ours.to_string(), key.second, theirs.to_string()),
             subject,
             {"executions of an earlier day that the broker no longer tells",
              "a trade by hand or of another program that was not reported",
              "a corporate action, an assignment or an exercise",
              "it could not be read when the positions were first compared",
              "a transfer from or to another account"});
    adjust("the broker's settled list says so");
  }

  const Book& book_;
  const RoundFacts& facts_;
  const RoundMemory& before_;
  const ReconcilePolicy& policy_;
  std::set<Book::PositionKey> moving_;  // fills of these may be inferred now or soon
  Decisions out_;
};

}  // namespace

Decisions reconcile(const Book& book, const RoundFacts& facts, const RoundMemory& before,
                    const ReconcilePolicy& policy) {
  return Reconciler(book, facts, before, policy).run();
}

}  // namespace belay::core
