// SPDX-License-Identifier: Apache-2.0
#include "belay/core/evidence/names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "belay/core/evidence/collisions.hpp"
#include "belay/core/facts/owner.hpp"

namespace belay::core {

namespace {

// Whether a Belay made the tag, whichever.
bool is_belay_tag(std::string_view tag) {
  constexpr std::string_view prefix = "b1.";
  if (tag.substr(0, prefix.size()) != prefix) return false;
  const std::string_view digits = tag.substr(prefix.size(), tag.find('.', prefix.size()) - 3);
  std::uint64_t number = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  return read.ec == std::errc() && parse_order_tag(InstanceId(number), tag).has_value();
}

// Without a tag, what is told of an order can still contradict that it is ours.
bool same_trade(const Order& known, const Described& described) {
  const Contract& ours = known.spec->contract;
  const Contract& theirs = described.contract;
  const std::int64_t con_id = known.con_id != 0 ? known.con_id : ours.con_id;
  const bool same_contract = con_id != 0 && theirs.con_id != 0
                                 ? con_id == theirs.con_id
                                 : ours.symbol == theirs.symbol && ours.sec_type == theirs.sec_type;
  return same_contract && known.spec->side == described.side;
}

// Under an id of ours, of which nothing else is known.
bool could_be(const Order& known, const Described& described, const Step& step) {
  if (known.external || !known.sent() || step.collisions().contains(known.id)) return false;
  if (!same_trade(known, described)) return false;
  if (described.whole == nullptr) return true;
  const Quantity shown = described.whole->terms.order_qty;
  return known.spec->ord_type == described.whole->ord_type &&
         known.spec->account == described.whole->account &&
         (shown == known.spec->terms.order_qty ||
          (known.replacing && shown == known.replacing->order_qty));
}

// The order of ours whose tag a person edited: its ids, and its contract and side where they are
// told, are its own. The tag of a Belay is never an edited one.
const Order* renamed_order(const BrokerNames& names, const Described* described, const Step& step) {
  if (!names.carries_tag || names.tag.empty() || !names.permanent_id) return nullptr;
  const Order* known = step.book().find(*names.permanent_id);
  if (known == nullptr || known->external) return nullptr;
  const bool same_id = !names.broker_id || known->broker_id == names.broker_id;
  const bool same = same_id && (described == nullptr || same_trade(*known, *described));
  return same && !is_belay_tag(names.tag) ? known : nullptr;
}

}  // namespace

// ... of an order of this session.
bool has_belay_tag(const BrokerNames& names, std::int32_t session) {
  return names.broker_id && names.broker_id->session == session && is_belay_tag(names.tag);
}

// The order of ours that the report's tag names, if we sent it.
const Order* tagged_order(const BrokerNames& names, const Step& step) {
  if (!step.book().instance()) return nullptr;
  const auto tagged = parse_order_tag(*step.book().instance(), names.tag);
  const Order* ours = tagged ? step.book().find(*tagged) : nullptr;
  return ours != nullptr && ours->sent() ? ours : nullptr;
}

// Which order a report is about (semantics c.4 step 5): our tag first, because no broker that was
// reset or restored can give it to another order; the permanent id next; the broker id last,
// because ids can be rolled back and reused.
Match match(const BrokerNames& names, const Described* described, const Step& step) {
  if (const Order* ours = tagged_order(names, step)) {
    // A journal that lost orders gives their numbers again: what was seen of one stays its own.
    const Order* named = names.permanent_id ? step.book().find(*names.permanent_id) : nullptr;
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
  if (const Order* renamed = renamed_order(names, described, step)) return {renamed->id, true};
  if (names.permanent_id) {
    const Order* known = step.book().find(*names.permanent_id);
    const bool is_it = known != nullptr && untagged &&
                       (known->external || !described || same_trade(*known, *described));
    // Nor does one that had none when it became known.
    const bool was_untagged = known != nullptr && known->external && known->tag.empty();
    if (is_it || was_untagged || (known != nullptr && tag_fits(*known))) return {known->id, true};
  }
  if (names.broker_id && names.broker_id->number != 0) {
    // Reports without a tag (status, notices) are named by the id alone. Other programs do reuse
    // ids, and a reset broker gives ours to others: another permanent id is another order.
    const Order* known = step.book().find(*names.broker_id);
    const bool named = known != nullptr &&
                       (tag_fits(*known) ||
                        (untagged && described != nullptr && could_be(*known, *described, step)));
    const bool fits = named && (!names.permanent_id || known->permanent_ids.empty());
    // Two orders have this id: words about the id alone are about the one that is there.
    const Order* rival = fits && !names.permanent_id ? rival_of(step.book(), *known) : nullptr;
    if (rival != nullptr) return known->unknown ? Match{rival->id, true} : Match{};
    if (fits) return {known->id, true};
  }
  return {};
}

// An id that could not be read, and no other name that is known: it may be that of any order of
// ours that nothing was heard of since it was sent.
std::set<OrderId> unaccounted_for(const BrokerNames& names, const Described* described,
                                  const Step& step) {
  std::set<OrderId> out;
  if (!names.id_unread || !names.tag.empty()) return out;
  for (const OrderId id : step.book().live()) {
    const Order& known = step.order(id);
    const bool ours = !known.external && known.sent() && known.permanent_ids.empty();
    if (ours && (described == nullptr || same_trade(known, *described))) out.insert(id);
  }
  return out;
}

// Whom a report may be about of which only the names are known.
std::set<OrderId> named_in(const BrokerNames& names, const Step& step) {
  std::set<OrderId> out;
  if (const Match found = match(names, nullptr, step); found.exists) out.insert(found.order);
  if (!names.tag.empty()) return out;
  const Order* by_permanent_id =
      names.permanent_id ? step.book().find(*names.permanent_id) : nullptr;
  const Order* by_id = names.broker_id ? step.book().find(*names.broker_id) : nullptr;
  for (const Order* named : {by_permanent_id, by_id}) {
    if (named != nullptr) out.insert(named->id);
  }
  return out.empty() ? unaccounted_for(names, nullptr, step) : out;
}

std::set<OrderId> shown_in(const BrokerOrder& report, const Step& step) {
  const bool ended = report.state == BrokerState::canceled ||
                     report.state == BrokerState::rejected || report.state == BrokerState::filled;
  return ended ? std::set<OrderId>() : shown_in(std::vector{report.names}, step);
}

// A copy under another id does not say that there is one under ours.
std::set<OrderId> shown_in(const std::vector<BrokerNames>& listed, const Step& step) {
  std::set<OrderId> out;
  for (const BrokerNames& names : listed) {
    const Match found = match(names, nullptr, step);
    if (!found.exists) continue;
    const Order& shown = step.order(found.order);
    if (shown.external || !shown.broker_id || names.broker_id != shown.broker_id) continue;
    out.insert(shown.id);
  }
  return out;
}

}  // namespace belay::core
