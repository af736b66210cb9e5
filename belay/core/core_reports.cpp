// SPDX-License-Identifier: Apache-2.0
// What the broker says. Reports are facts about the world and may come late, twice, or in any
// order; each rule here makes no event when nothing is new.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "belay/base/defects.hpp"
#include "belay/core/core.hpp"
#include "belay/core/notice_reading.hpp"

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

// Whether an order of this session has a tag that a Belay made, whichever.
bool has_belay_tag(const BrokerNames& names, std::int32_t session) {
  if (!names.broker_id || names.broker_id->session != session) return false;
  constexpr std::string_view prefix = "b1.";
  const std::string_view tag = names.tag;
  if (tag.substr(0, prefix.size()) != prefix) return false;
  const std::string_view digits = tag.substr(prefix.size(), tag.find('.', prefix.size()) - 3);
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return read.ec == std::errc() && parse_order_tag(InstanceId(number), tag).has_value();
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

// Which order a report is about (semantics c.4 step 5): our tag first, because no broker that was
// reset or restored can give it to another order; the permanent id next; the broker id last,
// because ids can be rolled back and reused.
Core::Match Core::match(const BrokerNames& names) const {
  if (const Order* ours = tagged_order(names)) {
    // A journal that lost orders gives their numbers again: what was seen of one stays its own.
    const Order* named = names.permanent_id ? book_.find(*names.permanent_id) : nullptr;
    const bool lost = named != nullptr && named->external && named->tag == names.tag;
    return {lost ? named->id : ours->id, true};
  }
  // A report that carries a tag and did not match by ours is about another order, whatever ids it
  // shows; orders of other programs are told apart by their own tags.
  const auto tag_fits = [&](const Order& known) {
    return !names.carries_tag || (known.external && known.tag == names.tag);
  };
  if (names.permanent_id) {
    const Order* known = book_.find(*names.permanent_id);
    if (known != nullptr && tag_fits(*known)) return {known->id, true};
  }
  if (names.broker_id && names.broker_id->number != 0) {
    // Reports without a tag (status, notices) are named by the id alone. Other programs do reuse
    // ids, and a reset broker gives ours to others: another permanent id is another order.
    const Order* known = book_.find(*names.broker_id);
    const bool fits = known != nullptr && tag_fits(*known) &&
                      (!names.permanent_id || known->permanent_ids.empty());
    // Two orders have this id: words about the id alone are about the one that is there.
    const Order* rival = fits && !names.permanent_id ? rival_of(*known) : nullptr;
    if (rival != nullptr) return known->unknown ? Match{rival->id, true} : Match{};
    if (fits) return {known->id, true};
  }
  return {};
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

// An order of others that was known from its fills alone, and looked as large as they are.
void Core::describe(OrderId id, const BrokerOrder& report) {
  const Order& known = order(id);
  const bool from_fills =
      known.external && known.spec.ord_type == OrdType::other && known.raw_ord_type.empty();
  const bool works = report.state == BrokerState::working || report.state == BrokerState::held;
  if (!from_fills || !works || report.spec.terms.order_qty < known.cum_qty) return;
  emit(ExternalOrderSeen{id, known.broker_id.value_or(BrokerOrderId{}), std::nullopt, report.spec,
                         report.raw_ord_type, known.tag});
}

void Core::learn_names(OrderId id, const BrokerNames& names) {
  bind(id, names);
  if (!names.permanent_id) return;
  const auto& known = order(id).permanent_ids;
  if (std::find(known.begin(), known.end(), *names.permanent_id) != known.end()) return;
  const Order* holder = book_.find(*names.permanent_id);
  if (holder != nullptr && holder->id != id) {
    incident("permanent_id_reused", id,
             fmt::format("the broker shows permanent id {} of order {} on order {} too",
                         names.permanent_id->value(), holder->id.value(), id.value()),
             fmt::format("permanent_id_reused/{}/{}", id.value(), names.permanent_id->value()),
             {"the broker was reset and gives its permanent ids again",
              "a person gave a copy of an order our tag"});
  }
  const bool twin = !known.empty();
  const bool own_id = twin && names.broker_id && names.broker_id->number > 0 &&
                      names.broker_id != order(id).broker_id;
  emit(IncarnationAdded{id, *names.permanent_id, own_id ? names.broker_id : std::nullopt});
  if (twin) {
    incident("second_copy", id,
             fmt::format("the broker shows order {} under another permanent id, {}", id.value(),
                         names.permanent_id->value()),
             fmt::format("second_copy/{}/{}", id.value(), names.permanent_id->value()),
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
  Match found = match(report.names);
  if (!found.exists) {
    note_lost_tag(report.names);
    note_id_clash(report.names);
    // A finished order of somebody else is not news; its fills, if any, come as executions.
    if (report.state == BrokerState::canceled || report.state == BrokerState::rejected ||
        report.state == BrokerState::filled) {
      return;
    }
    found.order = adopt(report.names, report.spec, report.raw_ord_type);
  }
  describe(found.order, report);
  learn_names(found.order, report.names);
  learn_contract(found.order, report.spec.contract);
  // A change is there when any copy shows it; else the copy that speaks has the terms.
  const Order& seen = order(found.order);
  const bool speaks = seen.replacing || speaks_for(seen, report.names.permanent_id);
  // A report of which terms could not be read restates nothing and proves no modification.
  if (speaks && !report.partial) {
    follow_terms(found.order, report.spec);
  }
  const OrdStatus before = order(found.order).status;
  if (report.listed && report.state == BrokerState::working && is_terminal(before)) {
    rounds_.working_though_done[found.order] = {report.names.permanent_id.value_or(PermanentId()),
                                                report.raw_status};
  }
  follow_state(found.order, report.names.permanent_id, report.state, report.raw_status,
               order(found.order).why_held, report.filled, report.text,
               report.spec.contract.con_id);
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
  return (told.average || told.last) && !fills_tell && told != known.told;
}

void Core::follow_state(OrderId id, std::optional<PermanentId> copy, BrokerState state,
                        const std::string& raw_status, const std::string& why_held,
                        std::optional<Quantity> filled, const std::string& text,
                        std::int64_t con_id, const ToldPrices& told) {
  // Filled without a number means all of it.
  if (state == BrokerState::filled && !filled) filled = order(id).spec.terms.order_qty;
  if (!follow_copy(id, copy, state, raw_status, filled)) state = BrokerState::unlisted;
  const bool speaks = speaks_for(order(id), copy);
  switch (state) {
    case BrokerState::working:
    case BrokerState::canceling:
    case BrokerState::filled: {
      const OrdStatus now = order(id).status;
      const bool unproven = order(id).unknown && !order(id).replace_in_flight();
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
    case BrokerState::canceled:
      if (transition(order(id).status, Trigger::cancel).to != order(id).status) {
        emit(OrderCanceled{id, order(id).code, text});
      }
      break;
    case BrokerState::rejected:
      if (transition(order(id).status, Trigger::reject).to != order(id).status) {
        note_if_anomalous(id, Trigger::reject, "rejects it");
        emit(OrderRejected{id, order(id).code, text});
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
  end_open_ended(id);
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

// True while a report shows the old value of a field that the modification changes. Fields that the
// broker does not show prove something only on the link that took the modification.
bool Core::shows_old_terms(const Order& known, const OrderTerms& shown) {
  const OrderTerms& old = known.spec.terms;
  const OrderTerms& wanted = *known.replacing;
  const auto is_old = [](const auto& was, const auto& want, const auto& now) {
    return was != want && now == was;
  };
  const bool unseen = old.expire_time != wanted.expire_time ||
                      old.good_after_time != wanted.good_after_time ||
                      old.trail_percent != wanted.trail_percent;
  return is_old(old.time_in_force, wanted.time_in_force, shown.time_in_force) ||
         is_old(old.outside_rth, wanted.outside_rth, shown.outside_rth) ||
         is_old(old.hidden, wanted.hidden, shown.hidden) || (unseen && known.unknown);
}

void Core::follow_terms(OrderId id, const OrderSpec& shown) {
  const Order& known = order(id);
  if (is_terminal(known.status)) return;
  // What the broker echoes is compared where it means something; times and flags that it
  // normalises are not taken from it.
  OrderTerms echoed = known.spec.terms;
  echoed.order_qty = shown.terms.order_qty;
  if (known.spec.ord_type == shown.ord_type) {
    if (shown.terms.price) echoed.price = shown.terms.price;
    if (shown.ord_type == OrdType::stop || shown.ord_type == OrdType::stop_limit) {
      if (shown.terms.stop_px) echoed.stop_px = shown.terms.stop_px;
    }
  }
  if (known.replacing) {
    const OrderTerms& wanted = *known.replacing;
    const bool trailing = known.spec.ord_type == OrdType::trailing_stop;
    const bool trail_differs = trailing && wanted.trail_amount && shown.terms.trail_amount &&
                               wanted.trail_amount != shown.terms.trail_amount;
    const bool matches = echoed.order_qty == wanted.order_qty && echoed.price == wanted.price &&
                         (trailing || echoed.stop_px == wanted.stop_px) && !trail_differs &&
                         !shows_old_terms(known, shown.terms);
    if (matches) {
      emit(ReplaceAccepted{id});
      queue_replace(id);
    }
    return;
  }
  // A finished fill is reported with quantity 0 by some messages; that restates nothing.
  if (echoed.order_qty.is_zero() || echoed == known.spec.terms) return;
  emit(OrderRestated{id, echoed});
}

void Core::on(const BrokerNotice& notice) {
  const Match found = match(notice.names);
  if (!found.exists) {
    // About no order of ours; the session shows it. Of two orders with this id the lists will tell.
    if (notice.names.broker_id && book_.find(*notice.names.broker_id) != nullptr) {
      rounds_.ask_soon = true;
    }
    return;
  }
  const OrderId id = found.order;
  const NoticeReading reading = read_notice(order(id), notice);
  Verdict verdict = reading.verdict;
  if (verdict == Verdict::unlisted && base::defect(Defect::unlisted_code_ends_order)) {
    emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  const Order& known = order(id);
  if (is_terminal(known.status) && verdict != Verdict::unlisted) {
    verdict = Verdict::information;
  }
  const bool replacing = known.replace_in_flight();
  if (base::defect(Defect::refused_modify_kills_order) && replacing) {
    emit(OrderRejected{id, notice.code, notice.text});
    return;
  }
  const auto note = [&](bool unlisted) {
    if (known.code == notice.code && known.text == notice.text) return;  // repeated
    emit(BrokerNoted{id, notice.code, notice.text, unlisted});
  };
  const bool under_way =
      replacing || known.pending_cancel || known.status == OrdStatus::pending_new;
  if (reading.doubtful && !is_terminal(known.status)) rounds_.ask_soon = true;
  switch (verdict) {
    case Verdict::request_refused:
      if (replacing) {
        emit(ReplaceRefused{id, notice.code, notice.text});
        queue_replace(id);
      } else if (known.status == OrdStatus::pending_new) {
        emit(OrderRejected{id, notice.code, notice.text});
      } else {
        note(false);  // an acknowledged order: its status word follows and decides
      }
      break;
    case Verdict::replace_refused:
      if (replacing) {
        emit(ReplaceRefused{id, notice.code, notice.text});
        queue_replace(id);
      } else {
        note(false);
      }
      break;
    case Verdict::canceled:
      if (known.copy_works() && !base::defect(Defect::twin_ends_order)) {
        // A code names the order and not the copy that ended.
        note(false);
        rounds_.ask_soon = true;
      } else {
        emit(OrderCanceled{id, notice.code, notice.text});
      }
      break;
    case Verdict::cancel_too_late:
      // It says that the cancel did nothing, not what became of the order.
      if (known.pending_cancel) {
        emit(CancelRefused{id, notice.code, notice.text});
        queue_replace(id);
        rounds_.ask_soon = true;
      } else {
        note(false);
      }
      break;
    case Verdict::cancel_unknown:
      // The wish stands: should the order turn up, it is canceled then.
      note(false);
      if (known.pending_cancel) {
        if (!known.unknown) {
          emit(OrderUnknown{id, "cancel", "the broker does not know the id of its cancel"});
        }
        rounds_.ask_soon = true;
      }
      break;
    case Verdict::duplicate_id:
      if (known.status == OrdStatus::pending_new) {
        note_collision(id, notice);
      } else {
        note(false);
      }
      break;
    case Verdict::temporary:
      // What is under way is asked about in time; without that nothing else would ask.
      if (!under_way) rounds_.ask_soon = true;
      note(false);
      break;
    case Verdict::information:
      note(false);
      break;
    case Verdict::unlisted:
      note(true);
      if (is_terminal(known.status)) break;
      rounds_.ask_soon = true;
      if (under_way && !known.unknown) {
        emit(OrderUnknown{id, replacing ? "replace" : "place",
                          fmt::format("the broker's code {} is in no table", notice.code)});
      }
      break;
  }
}

}  // namespace belay::core
