// SPDX-License-Identifier: Apache-2.0
// What the broker says. Reports are facts about the world and may come late, twice, or in any
// order; each rule here makes no event when nothing is new.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/evidence/disputed_fills.hpp"
#include "belay/core/evidence/notice_reading.hpp"
#include "belay/core/facts/fill_sums.hpp"

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

// Whether a Belay made the tag, whichever.
bool is_belay_tag(std::string_view tag) {
  constexpr std::string_view prefix = "b1.";
  if (tag.substr(0, prefix.size()) != prefix) return false;
  const std::string_view digits = tag.substr(prefix.size(), tag.find('.', prefix.size()) - 3);
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return read.ec == std::errc() && parse_order_tag(InstanceId(number), tag).has_value();
}
// ... of an order of this session.
bool has_belay_tag(const BrokerNames& names, std::int32_t session) {
  return names.broker_id && names.broker_id->session == session && is_belay_tag(names.tag);
}

// Recorded: a FOK that cannot be filled ends by the word for a refusal, without a code or a text.
// It ended as ordered; should a refusal follow with a code, it is one (evidence/notices.cpp).
bool is_unfilled(const Order& order) {
  return order.spec.terms.time_in_force == TimeInForce::fill_or_kill && order.code == 0 &&
         order.broker_text.empty();
}

// The broker refused it with a code after its first word, and nobody here wanted its end.
bool is_refused_before_end(const Order& order) {
  return order.refused && !is_terminal(order.status) && !order.cancel_asked &&
         order.cum_qty.is_zero() && order.filled_claim.is_zero();
}

}  // namespace

// The order of ours that the report's tag names, if we sent it.
const Order* Core::tagged_order(const BrokerNames& names) const {
  if (!book_.instance()) return nullptr;
  const auto tagged = parse_order_tag(*book_.instance(), names.tag);
  const Order* ours = tagged ? book_.find(*tagged) : nullptr;
  return ours != nullptr && ours->sent() ? ours : nullptr;
}

// Another program's order that works under the id of this one.
const Order* Core::rival_of(const Order& ours) const {
  if (ours.external || !ours.broker_id) return nullptr;
  const auto holder = book_.ids().clash(*ours.broker_id);
  const Order* rival = holder ? book_.find(*holder) : nullptr;
  return rival != nullptr && !is_terminal(rival->status) ? rival : nullptr;
}

// The order of ours whose tag a person edited: its ids, and its contract and side where they are
// told, are its own. The tag of a Belay is never an edited one.
const Order* Core::renamed_order(const BrokerNames& names, const Described* described) const {
  if (!names.carries_tag || names.tag.empty() || !names.permanent_id) return nullptr;
  const Order* known = book_.find(*names.permanent_id);
  if (known == nullptr || known->external) return nullptr;
  const bool same_id = !names.broker_id || known->broker_id == names.broker_id;
  const bool same = same_id && (described == nullptr || same_trade(*known, *described));
  return same && !is_belay_tag(names.tag) ? known : nullptr;
}

// Which order a report is about (semantics c.4 step 5): our tag first, because no broker that was
// reset or restored can give it to another order; the permanent id next; the broker id last,
// because ids can be rolled back and reused.
Core::Match Core::match(const BrokerNames& names, const Described* described) const {
  if (const Order* ours = tagged_order(names)) {
    // A journal that lost orders gives their numbers again: what was seen of one stays its own.
    const Order* named = names.permanent_id ? book_.find(*names.permanent_id) : nullptr;
    const bool lost = named != nullptr && named->external && named->tag == names.tag;
    return {lost ? named->id : ours->id, true};
  }
  // A report that carries a tag and did not match by ours is about another order, whatever ids it
  // shows; orders of other programs are told apart by their own tags. A tag that is missing
  // contradicts nothing.
  const bool untagged = names.carries_tag && names.tag.empty();
  const auto tag_fits = [&](const Order& known) {
    return !names.carries_tag || (known.external && known.tag == names.tag);
  };
  if (const Order* renamed = renamed_order(names, described)) return {renamed->id, true};
  if (names.permanent_id) {
    const Order* known = book_.find(*names.permanent_id);
    const bool is_it = known != nullptr && untagged &&
                       (known->external || !described || same_trade(*known, *described));
    // Nor does one that had none when it became known.
    const bool was_untagged = known != nullptr && known->external && known->tag.empty();
    if (is_it || was_untagged || (known != nullptr && tag_fits(*known))) return {known->id, true};
  }
  if (names.broker_id && names.broker_id->number != 0) {
    // Reports without a tag (status, notices) are named by the id alone. Other programs do reuse
    // ids, and a reset broker gives ours to others: another permanent id is another order.
    const Order* known = book_.find(*names.broker_id);
    const bool named =
        known != nullptr &&
        (tag_fits(*known) || (untagged && described != nullptr && could_be(*known, *described)));
    const bool fits = named && (!names.permanent_id || known->permanent_ids.empty());
    // Two orders have this id: words about the id alone are about the one that is there.
    const Order* rival = fits && !names.permanent_id ? rival_of(*known) : nullptr;
    if (rival != nullptr) return known->unknown ? Match{rival->id, true} : Match{};
    if (fits) return {known->id, true};
  }
  return {};
}

// Without a tag, what is told of an order can still contradict that it is ours.
bool Core::same_trade(const Order& known, const Described& described) {
  const Contract& ours = known.spec.contract;
  const Contract& theirs = described.contract;
  const std::int64_t con_id = known.con_id != 0 ? known.con_id : ours.con_id;
  const bool same_contract = con_id != 0 && theirs.con_id != 0
                                 ? con_id == theirs.con_id
                                 : ours.symbol == theirs.symbol && ours.sec_type == theirs.sec_type;
  return same_contract && known.spec.side == described.side;
}
// Under an id of ours, of which nothing else is known.
bool Core::could_be(const Order& known, const Described& described) const {
  if (known.external || !known.sent() || collisions_.contains(known.id)) return false;
  if (!same_trade(known, described)) return false;
  if (described.whole == nullptr) return true;
  const Quantity shown = described.whole->terms.order_qty;
  return known.spec.ord_type == described.whole->ord_type &&
         known.spec.account == described.whole->account &&
         (shown == known.spec.terms.order_qty ||
          (known.replacing && shown == known.replacing->order_qty));
}

// Ids that the broker shows under our session are taken, whoever used them: the floor goes above
// (product.md, id floor). It matters when our marks are lost and the broker's own were reset.
void Core::raise_floor(const BrokerNames& names) {
  if (!names.broker_id || names.broker_id->session != session_ || phase_ == Phase::down) return;
  lift_floor(names.broker_id->number + 1,
             "the broker shows an order of this session with a higher id");
}

void Core::note_lost_tag(const BrokerNames& names) {
  if (!book_.instance()) return;
  if (!parse_order_tag(*book_.instance(), names.tag)) {
    if (!has_belay_tag(names, session_)) return;
    incident("other_instance", {},
             fmt::format("an order of this client id has the tag {}, of another Belay", names.tag),
             "other_instance/" + names.tag,
             {"this is not the data directory that sent it",
              "another Belay used this client id before"});
    return note_lost_facts(names.tag);
  }
  const std::string subject = fmt::format("unknown_tag/{}/{}", names.tag,
                                          names.permanent_id ? names.permanent_id->value() : 0);
  if (book_.find_incident(subject) == nullptr) note_lost_facts(names.tag);
  incident("unknown_tag", {},
           fmt::format("the broker shows our tag {} on an order that this journal never sent",
                       names.tag),
           subject,
           {"this data directory is older than the order, or was copied",
            "another program uses our tag"});
}

OrderId Core::adopt(const BrokerNames& names, const OrderSpec& spec,
                    const std::string& raw_ord_type) {
  const OrderId id = book_.next_order_id();
  emit(ExternalOrderSeen{id, names.broker_id.value_or(BrokerOrderId{}), names.permanent_id, spec,
                         raw_ord_type, names.tag});
  return id;
}

namespace {
bool is_end(BrokerState state) {
  return state == BrokerState::canceled || state == BrokerState::rejected ||
         state == BrokerState::filled;
}
// As large as it was: some lists of what is done tell of a filled order only how much that is.
Quantity size_of(const BrokerOrder& report) {
  const Quantity told = report.spec.terms.order_qty;
  const bool filled = report.state == BrokerState::filled;
  return told.is_zero() && filled ? report.filled.value_or(told) : told;
}
// Only of what is known from its fills alone nobody told a type.
std::string type_of(const BrokerOrder& report) {
  const bool untold = report.spec.ord_type == OrdType::other && report.raw_ord_type.empty();
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
         !was_revised(known) && filled >= known.cum_qty && filled < known.spec.terms.order_qty;
}
}  // namespace

// Of an order of others only fills were known. From now on it is as large as the broker says.
void Core::describe_if_news(OrderId id, const BrokerOrder& report) {
  if (report.partial) return;  // not all of it could be read
  const Order& known = order(id);
  const bool open_ended = known.external && known.spec.terms.order_qty.is_zero();
  OrderSpec spec = report.spec;
  spec.terms.order_qty = size_of(report);
  if (known.known_from_fills()) {
    describe(id, spec, type_of(report));
  } else if (!size_of(report).is_zero() &&
             (open_ended || (report.state == BrokerState::filled &&
                             was_lessened(known, report.names, size_of(report))))) {
    // Ordered for an amount of money, or the list of what is done did not tell the size, or it was
    // lessened while nobody listened: now it is known.
    OrderTerms sized = known.spec.terms;
    sized.order_qty = size_of(report);
    emit(OrderRestated{id, sized});
  }
}

// The list of what others have done today names orders that only their fills make news.
void Core::keep_early_end(const BrokerOrder& report) {
  constexpr std::size_t early_max = 10'000;
  if (!report.names.permanent_id) return;
  if (early_ends_.size() >= early_max) early_ends_.erase(early_ends_.begin());
  early_ends_.insert_or_assign(*report.names.permanent_id, report);
}
void Core::tell_early_end(const BrokerNames& names) {
  if (!names.permanent_id) return;
  const auto early = early_ends_.find(*names.permanent_id);
  if (early == early_ends_.end()) return;
  const BrokerOrder report = early->second;
  early_ends_.erase(early);
  on(report);
}

void Core::learn_names(OrderId id, const BrokerNames& names) {
  bind(id, names);
  if (!names.permanent_id) return;
  const Order* named = book_.find(*names.permanent_id);
  if (named != nullptr && named->id == id) return;
  const auto& known = order(id).permanent_ids;
  if (std::find(known.begin(), known.end(), *names.permanent_id) != known.end()) return;
  if (named != nullptr) {
    incident("permanent_id_reused", id,
             fmt::format("the broker shows permanent id {} of order {} on order {} too",
                         names.permanent_id->value(), named->id.value(), id.value()),
             fmt::format("permanent_id_reused/{}/{}", id.value(), names.permanent_id->value()),
             {"the broker was reset and gives its permanent ids again",
              "a person gave a copy of an order our tag"});
  }
  const bool twin = !known.empty();
  const bool own_id = twin && names.broker_id && names.broker_id->number > 0 &&
                      names.broker_id != order(id).broker_id;
  emit(IncarnationAdded{id, *names.permanent_id, own_id ? names.broker_id : std::nullopt});
  if (twin) {
    // One matter for each copy, as long as a person could look at each.
    constexpr std::size_t told_max = 8;
    const bool many = order(id).permanent_ids.size() > told_max;
    incident("second_copy", id,
             fmt::format("the broker shows order {} under another permanent id, {}{}", id.value(),
                         names.permanent_id->value(), many ? ", and under many more" : ""),
             fmt::format("second_copy/{}/{}", id.value(),
                         many ? "more" : std::to_string(names.permanent_id->value())),
             {"the broker made a second order of one modification while a link was down",
              "a person or another program sent an order with our tag"});
  }
}

void Core::note_if_anomalous(OrderId id, Trigger trigger, const char* what) {
  if (is_anomalous(order(id), trigger)) {
    incident(
        "contradiction", id,
        fmt::format("order {} was {} and the broker {}", id.value(), name(order(id).status), what));
  }
}

void Core::on(const BrokerOrder& report) {
  raise_floor(report.names);
  const Described described{report.spec.contract, report.spec.side, &report.spec};
  Match found = match(report.names, &described);
  if (!found.exists) {
    // That its id could not be read was told; a later list may show whose it is.
    if (!unaccounted_for(report.names, &described).empty()) return;
    note_lost_tag(report.names);
    note_id_clash(report.names);
    // A finished order of somebody else is not news; its fills, if any, come as executions.
    if (is_end(report.state)) return keep_early_end(report);
    found.order = adopt(report.names, report.spec, type_of(report));
  }
  describe_if_news(found.order, report);
  learn_names(found.order, report.names);
  learn_contract(found.order, report.spec.contract);
  // A change is there when any copy shows it; else the copy that speaks has the terms.
  const Order& seen = order(found.order);
  const bool speaks = seen.replacing || speaks_for(seen, report.names.permanent_id);
  // A report of which terms could not be read restates nothing and proves no modification.
  if (speaks && !report.partial) {
    follow_terms(found.order, report);
  }
  const OrdStatus before = order(found.order).status;
  const bool works = report.state == BrokerState::working || report.state == BrokerState::held ||
                     report.state == BrokerState::inactive;
  if (report.listed && works && is_terminal(before)) {
    rounds_.working_though_done[found.order] = {report.names.permanent_id.value_or(PermanentId()),
                                                report.raw_status};
  }
  follow_state(found.order, report.names.permanent_id, report.state, report.raw_status,
               order(found.order).why_held, report.filled, report.text, report.spec.contract.con_id,
               {}, report.listed);
  if (!found.exists) tell_early_end(report.names);
}

void Core::on(const BrokerStatus& report) {
  const Match found = match(report.names);
  // A canceled order's status may name the client that canceled it beside the order's own number.
  const Order* named = found.exists ? &order(found.order) : nullptr;
  const bool own_words = named != nullptr ? named->broker_id == report.names.broker_id
                                          : report.state != BrokerState::canceled;
  if (own_words) raise_floor(report.names);
  // A status alone does not say what is ordered: its order report comes with it or is asked for.
  if (!found.exists) return;
  learn_names(found.order, report.names);
  follow_state(found.order, report.names.permanent_id, report.state, report.raw_status,
               report.why_held, report.filled, "", 0,
               {report.filled.value_or(Quantity()), report.avg_px, report.last_px});
}

// What the broker says the fills cost: kept while they do not say so themselves. Copies have
// averages of their own, and no one number is the order's.
bool Core::needs_prices(const Order& known, Quantity claim, const ToldPrices& told) const {
  if (told.of != claim || claim.is_zero() || known.incarnations.size() > 1) return false;
  const bool fills_tell = claim <= known.cum_qty && is_priced(known);
  return (told.average || told.last) && !fills_tell && prices_with(known.told, told) != known.told;
}

void Core::follow_state(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                        const std::string& raw_status, const std::string& why_held,
                        std::optional<Quantity> filled, const std::string& text,
                        std::int64_t con_id, const ToldPrices& told, bool listed) {
  const bool copies = order(id).incarnations.size() > 1;  // they have sizes of their own
  // Filled without a number means all of it, and so does none while no fill was taken back.
  const bool untold = !filled || (filled->is_zero() && !was_revised(order(id)));
  if (state == BrokerState::filled && untold) {
    const Quantity known = copies ? Quantity() : order(id).filled_claim;
    filled = std::max(order(id).spec.terms.order_qty, known);
  }
  if (!follow_copy(id, copy, state, raw_status, filled)) state = BrokerState::unlisted;
  if (filled && !copies && proves_change(order(id), *filled)) {
    emit(ReplaceAccepted{id});
    queue_replace(id);
  }
  if (state == BrokerState::filled && filled && came_too_late(order(id), *filled)) {
    emit(ReplaceRefused{id, 0, "the order was filled before it was made larger"});
  }
  const bool speaks = speaks_for(order(id), copy);
  switch (state) {
    case BrokerState::working:
    case BrokerState::canceling:
    case BrokerState::filled: {
      const OrdStatus now = order(id).status;
      const bool unproven = order(id).unknown && !order(id).replace_in_flight();
      // An order that is canceled before it works has not been taken, unless some of it is filled.
      const bool fills = filled && !filled->is_zero();
      if (state == BrokerState::canceling && now == OrdStatus::pending_new && !unproven && !fills) {
        break;
      }
      // Of an order that was refused only a list says that it is there all the same.
      if (order(id).refused && now == OrdStatus::rejected && !listed &&
          !base::defect(Defect::refusal_overruled)) {
        rounds_.ask_soon = true;
        break;
      }
      if (transition(now, Trigger::acknowledge).to != now || unproven) {
        note_if_anomalous(id, Trigger::acknowledge, "shows it working");
        emit(BrokerAcknowledged{id, std::nullopt, raw_status, con_id});
      }
      break;
    }
    case BrokerState::held:
      if (order(id).status != OrdStatus::held) {
        if (transition(order(id).status, Trigger::hold).to == OrdStatus::held) {
          emit(OrderHeld{id, why_held});
        }
      }
      break;
    case BrokerState::inactive:
      // What the broker lists as open is there, and can be canceled, whatever it was called.
      if (listed && order(id).status != OrdStatus::held &&
          transition(order(id).status, Trigger::hold).to == OrdStatus::held) {
        emit(OrderHeld{id, ""});
      }
      break;
    case BrokerState::canceled:
      if (transition(order(id).status, Trigger::cancel).to != order(id).status) {
        if (is_refused_before_end(order(id))) {
          emit(OrderRejected{id, order(id).code, order(id).broker_text});
        } else {
          emit(OrderCanceled{id, 0, text});
        }
      }
      break;
    case BrokerState::rejected:
      // Held and dead have the same word: which it is, the lists tell.
      if (order(id).status == OrdStatus::held && !listed) break;
      if (is_unfilled(order(id)) && (text.empty() || text == raw_status)) {
        if (transition(order(id).status, Trigger::cancel).to != order(id).status) {
          emit(OrderCanceled{id, 0, ""});
          rounds_.ask_soon = true;
        }
        break;
      }
      if (transition(order(id).status, Trigger::reject).to != order(id).status) {
        note_if_anomalous(id, Trigger::reject, "rejects it");
        const bool late = is_refused_before_end(order(id));
        emit(OrderRejected{id, late ? order(id).code : 0, late ? order(id).broker_text : text});
        rounds_.ask_soon = true;
      }
      break;
    case BrokerState::pending:
    case BrokerState::unlisted:
      break;
  }
  const Order& now = order(id);
  const Quantity claim = filled.value_or(now.filled_claim);
  // Copies are listed one after the other, each with words of its own: one of them speaks.
  const std::string word = speaks ? raw_status : now.raw_status;
  const std::string held = speaks ? why_held : now.why_held;
  const bool prices = needs_prices(now, claim, told);
  if (now.raw_status != word || now.why_held != held || claim != now.filled_claim || prices) {
    BrokerStatusChanged change{id, word, held, claim};
    if (prices) {
      change.avg_px = told.average;
      change.last_px = told.last;
    }
    emit(std::move(change));
  }
  if (state == BrokerState::filled) end_open_ended(id);
  watch_claim(id);
}

// The broker says that more is filled than executions tell.
void Core::watch_claim(OrderId id) {
  if (order(id).filled_claim > order(id).cum_qty) {
    claims_.add(id, context_.now, options_.claim_wait);
  } else {
    claims_.remove(id);
  }
}

// What the caller named by the number alone, or differently, has the broker's description; without
// a number nothing could be compared with positions.
void Core::learn_contract(OrderId id, const Contract& shown) {
  const Order& known = order(id);
  if (known.external || shown.con_id == 0 || shown.symbol.empty()) return;
  const Contract& named = known.spec.contract;
  const bool differs = !named.symbol.empty() && named.con_id != 0 &&
                       (named.symbol != shown.symbol || named.con_id != shown.con_id);
  const bool acknowledged = known.status != OrdStatus::pending_new;
  if (named.symbol.empty() || differs || (known.con_id == 0 && acknowledged)) {
    if (differs) {
      incident("contract_differs", id,
               fmt::format("order {} names {} with contract number {}; the broker shows {} with {}",
                           id.value(), named.symbol, named.con_id, shown.symbol, shown.con_id));
    }
    emit(ContractIdentified{id, shown});
  }
}

}  // namespace belay::core
