// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/archived_facts.hpp"

#include <fmt/format.h>

#include "belay/base/check.hpp"
#include "belay/base/hash.hpp"
#include "belay/base/proto.hpp"
#include "belay/core/facts/field_codec.hpp"

namespace belay::core {
namespace {

constexpr unsigned order_bits = 39;
constexpr std::uint32_t revision_max = 0xff;  // this one and all above

// One number space for three kinds of names.
std::uint64_t key_of(char kind, std::string_view name) {
  std::string text(1, kind);
  text += name;
  const std::uint64_t hash = base::hash128(text).low;
  return hash == 0 ? 1 : hash;
}
std::uint64_t order_key(OrderId id) {
  return key_of('o', std::to_string(id.value()));
}
std::uint64_t permanent_key(PermanentId id) {
  return key_of('p', std::to_string(id.value()));
}
std::uint64_t execution_key(std::string_view base) {
  return key_of('x', base);
}

std::uint64_t pack(const Order& order, const Execution& execution) {
  BELAY_CHECK(order.id.value() < (std::uint64_t{1} << order_bits));
  const std::uint32_t digest =
      commission_digest(execution.commission, execution.commission_currency);
  return order.id.value() | std::uint64_t{order.external ? 1U : 0U} << order_bits |
         std::uint64_t{std::min(execution.id.revision, revision_max)} << 40U |
         std::uint64_t{digest} << 48U;
}

}  // namespace

std::uint32_t commission_digest(const std::optional<Decimal>& amount, std::string_view currency) {
  if (!amount) return 0;
  const auto hash = base::hash128(fmt::format("{} {}", amount->units(), currency)).low & 0xffffU;
  return hash == 0 ? 1 : static_cast<std::uint32_t>(hash);
}

template <class Visit>
void ArchivedFacts::visit_facts(const Order& order, Visit visit) {
  // One that was proven to be nowhere has no such fact: whatever the broker lists of it is news.
  if (order.status != OrdStatus::not_accepted && order.status != OrdStatus::denied) {
    visit(Fact{order_key(order.id), static_cast<std::uint64_t>(order.cum_qty.value().units())});
  }
  for (const Execution& execution : order.executions) {
    visit(Fact{execution_key(execution.id.base), pack(order, execution)});
  }
  if (!order.external) return;
  for (const PermanentId id : order.permanent_ids) {
    visit(Fact{permanent_key(id), order.id.value()});
  }
}

void ArchivedFacts::remember(const Order& order) {
  visit_facts(order, [this](const Fact& fact) { days_.back().put(fact); });
}
void ArchivedFacts::forget(const Order& order) {
  visit_facts(order, [this](const Fact& fact) {
    for (Day& day : days_) {
      const Fact* known = day.find(fact.key);
      // An id that the broker used twice may belong to another order by now.
      if (known != nullptr && known->value == fact.value) day.erase(fact.key);
    }
  });
}
void ArchivedFacts::roll() {
  days_.emplace_back();
  if (days_.size() > days_kept) days_.pop_front();
}

std::optional<std::uint64_t> ArchivedFacts::find(std::uint64_t key) const {
  for (auto day = days_.rbegin(); day != days_.rend(); ++day) {
    if (const Fact* found = day->find(key)) return found->value;
  }
  return std::nullopt;
}
std::optional<ArchivedExecution> ArchivedFacts::execution(std::string_view exec_base) const {
  const auto found = find(execution_key(exec_base));
  if (!found) return std::nullopt;
  ArchivedExecution out;
  out.order = OrderId(*found & ((std::uint64_t{1} << order_bits) - 1));
  out.external = ((*found >> order_bits) & 1U) != 0;
  out.revision = static_cast<std::uint32_t>(*found >> 40U) & 0xffU;
  out.revision_known = out.revision < revision_max;
  out.commission = static_cast<std::uint32_t>(*found >> 48U);
  return out;
}
std::optional<OrderId> ArchivedFacts::external(PermanentId id) const {
  const auto found = find(permanent_key(id));
  if (!found) return std::nullopt;
  return OrderId(*found);
}
std::optional<Quantity> ArchivedFacts::filled(OrderId id) const {
  const auto found = find(order_key(id));
  if (!found) return std::nullopt;
  return Quantity::make(Decimal::from_units(static_cast<std::int64_t>(*found)));
}

std::size_t ArchivedFacts::bytes() const {
  std::size_t total = 0;
  for (const Day& day : days_) total += day.bytes();
  return total;
}

std::string ArchivedFacts::encode() const {
  base::ProtoWriter out;
  for (const Day& day : days_) {
    std::string words;
    words.reserve(day.size() * sizeof(Fact));
    day.for_each([&](const Fact& fact) {
      fields::put_word(words, fact.key);
      fields::put_word(words, fact.value);
    });
    out.bytes(1, words);
  }
  return out.take();
}

bool ArchivedFacts::decode(std::string_view bytes) {
  days_.clear();
  base::ProtoReader reader(bytes);
  while (const auto field = reader.next()) {
    if (field->number != 1) continue;
    if (field->bytes.size() % sizeof(Fact) != 0) return false;
    Day& day = days_.emplace_back();
    // They come in key order, and a table that grows from one end probes ever longer runs: taken
    // in steps of a prime they are spread over it at any moment.
    constexpr std::size_t step = 1'000'003;
    const std::size_t count = field->bytes.size() / sizeof(Fact);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = (count % step == 0 ? i : i * step % count) * sizeof(Fact);
      const Fact fact{fields::get_word(field->bytes, at), fields::get_word(field->bytes, at + 8)};
      if (!fact.vacant()) day.put(fact);
    }
  }
  return !reader.broken() && !days_.empty() && days_.size() <= days_kept;
}

}  // namespace belay::core
