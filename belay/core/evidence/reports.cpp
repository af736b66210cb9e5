// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/reports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "belay/base/defects.hpp"
#include "belay/core/evidence/copies.hpp"
#include "belay/core/evidence/legs.hpp"
#include "belay/core/evidence/names.hpp"
#include "belay/core/evidence/sightings.hpp"
#include "belay/core/evidence/terms.hpp"
#include "belay/core/facts/disputed_fills.hpp"
#include "belay/core/facts/fill_sums.hpp"
#include "belay/core/orders/controls.hpp"

namespace belay::core {

using base::Defect;

namespace {

// Whose words the order shows when the broker has copies of it: the first that works, else the
// first.
bool speaks_for(const Order& order, std::optional<PermanentId> copy) {
  const auto& copies = order.incarnations;
  if (copies.size() < 2 || !copy) return true;
  const auto working =
      std::find_if(copies.begin(), copies.end(), [](const Incarnation& c) { return !c.done; });
  return (working == copies.end() ? copies.front() : *working).permanent_id == *copy;
}

// Recorded: a FOK that cannot be filled ends by the word for a refusal, without a code or a text.
// It ended as ordered; should a refusal follow with a code, it is one (evidence/notices.cpp).
bool is_unfilled(const Order& order) {
  return order.spec->terms.time_in_force == TimeInForce::fill_or_kill && order.code == 0 &&
         order.broker_text.empty();
}

// The broker refused it with a code after its first word, and nobody here wanted its end.
bool is_refused_before_end(const Order& order) {
  return order.refused && !is_terminal(order.status) && !order.cancel_asked &&
         order.cum_qty.is_zero() && order.filled_claim.is_zero();
}

}  // namespace

// The broker shows what this journal never sent under its own tag, or under another Belay's in our
// session: facts are lost or elsewhere, and with them keys that were used. A person who has looked
// at it resumes; the same tag halts once.
void Reports::note_lost_facts(const std::string& tag, Step& step) {
  if (!lost_tags_.insert(tag).second) return;
  stop_new_risk(
      fmt::format("the broker shows the order tag {}, which this journal never sent: an older copy "
                  "of the data directory, or another one, does not know orders and their keys, and "
                  "a repeated request would be sent again",
                  tag),
      "belay", step);
}

void Reports::note_lost_tag(const BrokerNames& names, Step& step) {
  if (!step.book().instance()) return;
  if (!parse_order_tag(*step.book().instance(), names.tag)) {
    if (!has_belay_tag(names, step.link().session)) return;
    step.incident(
        "other_instance", {},
        fmt::format("an order of this client id has the tag {}, of another Belay", names.tag),
        "other_instance/" + names.tag,
        {"this is not the data directory that sent it",
         "another Belay used this client id before"});
    return note_lost_facts(names.tag, step);
  }
  const std::string subject = fmt::format("unknown_tag/{}/{}", names.tag,
                                          names.permanent_id ? names.permanent_id->value() : 0);
  if (step.book().find_incident(subject) == nullptr) note_lost_facts(names.tag, step);
  step.incident("unknown_tag", {},
                fmt::format("the broker shows our tag {} on an order that this journal never sent",
                            names.tag),
                subject,
                {"this data directory is older than the order, or was copied",
                 "another program uses our tag"});
}

namespace {
bool is_end(BrokerState state) {
  return state == BrokerState::canceled || state == BrokerState::rejected ||
         state == BrokerState::filled;
}
// As large as it was: some lists of what is done tell of a filled order only how much that is.
Quantity size_of(const BrokerOrder& report) {
  const Quantity told = report.spec->terms.order_qty;
  const bool filled = report.state == BrokerState::filled;
  return told.is_zero() && filled ? report.filled.value_or(told) : told;
}
// Only of what is known from its fills alone nobody told a type.
std::string type_of(const BrokerOrder& report) {
  const bool untold = report.spec->ord_type == OrdType::other && report.raw_ord_type.empty();
  return untold ? std::string(name(OrdType::other)) : report.raw_ord_type;
}
// What the broker calls filled is filled to the whole of what was ordered in the end. Copies have
// sizes of their own, and a fill that was taken back lessens what is filled and nothing else.
bool was_lessened(const Order& known, const BrokerNames& names, Quantity filled) {
  if (base::defect(Defect::lessened_order_stays_open)) return false;
  const auto& ids = known.permanent_ids;
  const bool copy = names.permanent_id && !ids.empty() &&
                    std::find(ids.begin(), ids.end(), *names.permanent_id) == ids.end();
  return !is_terminal(known.status) && known.incarnations.size() < 2 && !copy &&
         !was_revised(known) && filled >= known.cum_qty && filled < known.spec->terms.order_qty;
}

// Of an order of others only fills were known. From now on it is as large as the broker says.
void describe_if_news(OrderId id, const BrokerOrder& report, Step& step) {
  if (report.partial) return;  // not all of it could be read
  const Order& known = step.order(id);
  const bool open_ended = known.external && known.spec->terms.order_qty.is_zero();
  OrderSpec spec = report.spec;
  spec.terms.order_qty = size_of(report);
  if (known.known_from_fills()) {
    describe(id, spec, type_of(report), step);
  } else if (!size_of(report).is_zero() &&
             (open_ended || (report.state == BrokerState::filled &&
                             was_lessened(known, report.names, size_of(report))))) {
    // Ordered for an amount of money, or the list of what is done did not tell the size, or it was
    // lessened while nobody listened: now it is known.
    OrderTerms sized = known.spec->terms;
    sized.order_qty = size_of(report);
    step.emit(OrderRestated{id, sized});
  }
}

// What the broker says the fills cost: kept while they do not say so themselves. Copies have
// averages of their own, and no one number is the order's.
bool needs_prices(const Order& known, Quantity claim, const ToldPrices& told) {
  if (told.of != claim || claim.is_zero() || known.incarnations.size() > 1) return false;
  const bool fills_tell = claim <= known.cum_qty && is_priced(known);
  return (told.average || told.last) && !fills_tell && prices_with(known.told, told) != known.told;
}

// An order for an amount of money has no quantity to reach until the broker calls it filled: then
// it is as large as that.
void end_open_ended(OrderId id, Step& step) {
  const Order& known = step.order(id);
  const bool open_ended =
      known.external && known.spec->terms.order_qty.is_zero() && !known.known_from_fills();
  if (!open_ended || known.filled_claim.is_zero()) return;
  OrderTerms terms = known.spec->terms;
  terms.order_qty = known.filled_claim;
  step.emit(OrderRestated{id, terms});
}
}  // namespace

// The list of what others have done today names orders that only their fills make news.
void Reports::keep_early_end(const BrokerOrder& report) {
  constexpr std::size_t early_max = 10'000;
  if (!report.names.permanent_id) return;
  if (early_ends_.size() >= early_max) early_ends_.erase(early_ends_.begin());
  early_ends_.insert_or_assign(*report.names.permanent_id, report);
}
void Reports::tell_early_end(const BrokerNames& names, Step& step) {
  if (!names.permanent_id) return;
  const auto early = early_ends_.find(*names.permanent_id);
  if (early == early_ends_.end()) return;
  const BrokerOrder report = early->second;
  early_ends_.erase(early);
  on(report, step);
}

void Reports::on(const BrokerOrder& report, Step& step) {
  raise_floor(report.names, step);
  const Described described{report.spec->contract, report.spec->side, &*report.spec};
  Match found = match(report.names, &described, step);
  if (!found.exists) {
    // That its id could not be read was told; a later list may show whose it is.
    if (!unaccounted_for(report.names, &described, step).empty()) return;
    note_lost_tag(report.names, step);
    note_id_clash(report.names, step);
    // A finished order of somebody else is not news; its fills, if any, come as executions.
    if (is_end(report.state)) return keep_early_end(report);
    found.order = adopt(report.names, report.spec, type_of(report), step);
  }
  describe_if_news(found.order, report, step);
  learn_names(found.order, report.names, step);
  learn_contract(found.order, report.spec->contract, step);
  // A change is there when any copy shows it; else the copy that speaks has the terms.
  const Order& seen = step.order(found.order);
  const bool speaks = seen.replacing || speaks_for(seen, report.names.permanent_id);
  // A report of which terms could not be read restates nothing and proves no modification.
  if (speaks && !report.partial) {
    follow_terms(found.order, report, step);
  }
  const OrdStatus before = step.order(found.order).status;
  const bool works = report.state == BrokerState::working || report.state == BrokerState::held ||
                     report.state == BrokerState::inactive;
  if (report.listed && works && is_terminal(before)) {
    working_though_done_[found.order] = {report.names.permanent_id.value_or(PermanentId()),
                                         report.raw_status};
  }
  follow_state(found.order, report.names.permanent_id, report.state, report.raw_status,
               std::nullopt, report.filled, report.text, report.spec->contract.con_id, {},
               report.listed, step);
  if (!found.exists) tell_early_end(report.names, step);
}

void Reports::on(const BrokerStatus& report, Step& step) {
  const Match found = match(report.names, nullptr, step);
  // A canceled order's status may name the client that canceled it beside the order's own number.
  const Order* named = found.exists ? &step.order(found.order) : nullptr;
  const bool own_words = named != nullptr ? named->broker_id == report.names.broker_id
                                          : report.state != BrokerState::canceled;
  if (own_words) raise_floor(report.names, step);
  // A status alone does not say what is ordered: its order report comes with it or is asked for.
  if (!found.exists) return;
  learn_names(found.order, report.names, step);
  follow_state(found.order, report.names.permanent_id, report.state, report.raw_status,
               report.why_held, report.filled, "", 0,
               {report.filled.value_or(Quantity()), report.avg_px, report.last_px}, false, step);
}

// It is there: working, filled, or on its way to be canceled.
void Reports::show_working(OrderId id, BrokerState state, const std::string& raw_status,
                           std::int64_t con_id, bool fills, bool listed, Step& step) {
  const OrdStatus now = step.order(id).status;
  const bool unproven = step.order(id).unknown && !step.order(id).replace_in_flight();
  // An order that is canceled before it works has not been taken, unless some of it is filled.
  if (state == BrokerState::canceling && now == OrdStatus::pending_new && !unproven && !fills) {
    return;
  }
  // Of an order that was refused only a list says that it is there all the same.
  if (step.order(id).refused && now == OrdStatus::rejected && !listed &&
      !base::defect(Defect::refusal_overruled)) {
    step.ask_soon();
    return;
  }
  if (transition(now, Trigger::acknowledge).to != now || unproven) {
    note_if_anomalous(id, Trigger::acknowledge, "shows it working", step);
    step.emit(BrokerAcknowledged{id, std::nullopt, raw_status, con_id});
  }
}

void Reports::show_dead(OrderId id, const std::string& raw_status, const std::string& text,
                        bool listed, Step& step) {
  // Held and dead have the same word: which it is, the lists tell.
  if (step.order(id).status == OrdStatus::held && !listed) return;
  if (is_unfilled(step.order(id)) && (text.empty() || text == raw_status)) {
    if (transition(step.order(id).status, Trigger::cancel).to != step.order(id).status) {
      step.emit(OrderCanceled{id, 0, ""});
      step.ask_soon();
    }
    return;
  }
  if (transition(step.order(id).status, Trigger::reject).to != step.order(id).status) {
    note_if_anomalous(id, Trigger::reject, "rejects it", step);
    const bool late = is_refused_before_end(step.order(id));
    step.emit(OrderRejected{id, late ? step.order(id).code : 0,
                            late ? step.order(id).broker_text : base::Text(text)});
    step.ask_soon();
  }
}

void Reports::follow_state(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                           const std::string& raw_status, std::optional<base::Text> why_held,
                           std::optional<Quantity> filled, const std::string& text,
                           std::int64_t con_id, const ToldPrices& told, bool listed, Step& step) {
  const bool copies = step.order(id).incarnations.size() > 1;  // they have sizes of their own
  // Filled without a number means all of it, and so does none while no fill was taken back.
  const bool untold = !filled || (filled->is_zero() && !was_revised(step.order(id)));
  if (state == BrokerState::filled && untold) {
    const Quantity known = copies ? Quantity() : step.order(id).filled_claim;
    filled = std::max(step.order(id).spec->terms.order_qty, known);
  }
  if (!follow_copy(id, copy, state, raw_status, filled, step)) state = BrokerState::unlisted;
  if (filled && !copies && proves_change(step.order(id), *filled)) {
    step.emit(ReplaceAccepted{id});
  }
  if (state == BrokerState::filled && filled && came_too_late(step.order(id), *filled)) {
    step.emit(ReplaceRefused{id, 0, "the order was filled before it was made larger"});
  }
  const bool speaks = speaks_for(step.order(id), copy);
  switch (state) {
    case BrokerState::working:
    case BrokerState::canceling:
    case BrokerState::filled:
      show_working(id, state, raw_status, con_id, filled && !filled->is_zero(), listed, step);
      break;
    case BrokerState::held:
      if (step.order(id).status != OrdStatus::held) {
        if (transition(step.order(id).status, Trigger::hold).to == OrdStatus::held) {
          step.emit(OrderHeld{id, why_held.value_or(step.order(id).why_held)});
        }
      }
      break;
    case BrokerState::inactive:
      // What the broker lists as open is there, and can be canceled, whatever it was called.
      if (listed && step.order(id).status != OrdStatus::held &&
          transition(step.order(id).status, Trigger::hold).to == OrdStatus::held) {
        step.emit(OrderHeld{id, ""});
      }
      break;
    case BrokerState::canceled:
      if (transition(step.order(id).status, Trigger::cancel).to != step.order(id).status) {
        if (is_refused_before_end(step.order(id))) {
          step.emit(OrderRejected{id, step.order(id).code, step.order(id).broker_text});
        } else {
          step.emit(OrderCanceled{id, 0, text});
        }
      }
      break;
    case BrokerState::rejected:
      show_dead(id, raw_status, text, listed, step);
      break;
    case BrokerState::pending:
    case BrokerState::unlisted:
      break;
  }
  const Order& now = step.order(id);
  const Quantity claim = filled.value_or(now.filled_claim);
  // Copies are listed one after the other, each with words of its own: one of them speaks.
  const base::Text word = speaks ? base::Text(raw_status) : now.raw_status;
  const base::Text held = speaks ? why_held.value_or(now.why_held) : now.why_held;
  const bool prices = needs_prices(now, claim, told);
  if (now.raw_status != word || now.why_held != held || claim != now.filled_claim || prices) {
    BrokerStatusChanged change{id, word, held, claim};
    if (prices) {
      change.avg_px = told.average;
      change.last_px = told.last;
    }
    step.emit(std::move(change));
  }
  if (state == BrokerState::filled) end_open_ended(id, step);
}

void Reports::follow(const Event& event) {
  const auto* changed = std::get_if<SessionChanged>(&event);
  if (changed != nullptr && changed->phase != "syncing") working_though_done_.clear();
}

}  // namespace belay::core
