// SPDX-License-Identifier: Apache-2.0
// The whole book to bytes and back, for snapshots: the journal's events up to last_seq(), summed
// up. What follows from the orders (indexes, the live set, counters) is made anew; of the indexes
// only the exceptions are written, names that lead to another order than the one that carries them.
#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "belay/base/check.hpp"
#include "belay/core/facts/book.hpp"
#include "belay/core/facts/field_codec.hpp"
#include "belay/core/facts/id_fields.hpp"
#include "belay/core/facts/order_encoding.hpp"
#include "belay/core/facts/order_fields.hpp"

namespace belay::core {
namespace fields {

struct KeptIncident {
  std::uint64_t seq = 0;
  base::Time opened_at;
  IncidentOpened opened;
};
template <class Io>
void describe(Io& io, KeptIncident& i) {
  io(1, "seq", i.seq);
  io(2, "opened_at", i.opened_at);
  io(3, "opened", i.opened);
}
struct KeptPosition {
  AccountId account;
  std::int64_t con_id = 0;
  Contract contract;
  Decimal quantity;
  base::Time changed_at;
  Decimal unexplained;
};
template <class Io>
void describe(Io& io, KeptPosition& p) {
  io(1, "account", p.account);
  io(2, "con_id", p.con_id);
  io(3, "contract", p.contract);
  io(4, "quantity", p.quantity);
  io(5, "changed_at", p.changed_at);
  io(6, "unexplained", p.unexplained);
}
/// Names of an order that do not lead to it.
struct LostNames {
  OrderId order;
  bool broker_id = false;
  std::vector<PermanentId> permanent_ids;
  std::vector<std::string> executions;
  bool none() const { return !broker_id && permanent_ids.empty() && executions.empty(); }
};
template <class Io>
void describe(Io& io, LostNames& n) {
  io(1, "order", n.order);
  io(2, "broker_id", n.broker_id);
  io(3, "permanent_ids", n.permanent_ids);
  io(4, "executions", n.executions);
}

/// Everything but the orders.
struct BookState {
  std::uint64_t last_seq = 0;
  std::uint64_t epoch = 0;
  bool has_instance = false;
  InstanceId instance_id;
  std::uint64_t orders_total = 0;
  OrderId highest_archived;
  std::uint64_t recalls_total = 0;
  std::uint64_t last_archived_seq = 0;
  KeptIds ids;
  std::vector<std::string> accounts;
  std::string phase;
  std::vector<KeptIncident> incidents;
  std::optional<Halted> halted;
  std::string trading_day;
  base::Time trading_day_since;
  std::vector<KeptPosition> positions;
  std::vector<std::string> positions_agreed;
  std::uint64_t incidents_total = 0;
  std::uint64_t unlisted_codes_total = 0;
  std::uint64_t id_reuse_total = 0;
  std::uint64_t foreign_requests_total = 0;
  std::vector<LostNames> lost_names;
};
template <class Io>
void describe(Io& io, BookState& s) {
  io(1, "last_seq", s.last_seq);
  io(2, "epoch", s.epoch);
  io(3, "has_instance", s.has_instance);
  io(4, "instance", s.instance_id);
  io(5, "orders_total", s.orders_total);
  io(6, "highest_archived", s.highest_archived);
  io(7, "recalls_total", s.recalls_total);
  io(8, "last_archived_seq", s.last_archived_seq);
  io(9, "ids", s.ids);
  io(10, "accounts", s.accounts);
  io(11, "phase", s.phase);
  io(12, "incidents", s.incidents);
  io(13, "halted", s.halted);
  io(14, "trading_day", s.trading_day);
  io(15, "trading_day_since", s.trading_day_since);
  io(16, "positions", s.positions);
  io(17, "positions_agreed", s.positions_agreed);
  io(18, "incidents_total", s.incidents_total);
  io(19, "unlisted_codes_total", s.unlisted_codes_total);
  io(20, "id_reuse_total", s.id_reuse_total);
  io(21, "foreign_requests_total", s.foreign_requests_total);
  io(22, "lost_names", s.lost_names);
}

/// Writes down the numbers and names of a walk instead of values.
struct Shape {
  std::string text;
  template <class T>
  void operator()(int n, const char* name, T&) {
    text += std::to_string(n);
    text += name;
    add(static_cast<T*>(nullptr));
  }

 private:
  template <class T>
  void add(T*) {
    if constexpr (Described<T>) {
      text += '{';
      T value{};
      describe(*this, value);
      text += '}';
    } else {
      text += std::is_enum_v<T> ? 'e' : std::is_class_v<T> ? 'c' : 'n';
    }
    text += ' ';
  }
  template <class T>
  void add(std::vector<T>*) {
    text += '*';
    add(static_cast<T*>(nullptr));
  }
  template <class T>
  void add(base::Boxed<T>*) {
    text += '?';
    add(static_cast<T*>(nullptr));
  }
  template <class T>
  void add(std::optional<T>*) {
    text += '?';
    add(static_cast<T*>(nullptr));
  }
};

}  // namespace fields

namespace {

enum Part : int { part_state = 1, part_order = 2, part_keys = 3, part_facts = 4 };

}  // namespace

struct BookCodec {
  static void know_all_members(const Book& book);
  static fields::BookState state_of(const Book& book);
  static fields::LostNames lost_names(const Book& book, const Order& order);
  static bool restore(Book& book, fields::BookState state);
  static void add_order(Book& book, Order order);
};

fields::LostNames BookCodec::lost_names(const Book& book, const Order& order) {
  fields::LostNames lost;
  lost.order = order.id;
  if (order.broker_id && order.broker_id->number != 0) {
    const OrderId* holder = book.by_broker_id_.find(*order.broker_id);
    lost.broker_id = holder == nullptr || *holder != order.id;
  }
  for (const PermanentId id : order.permanent_ids) {
    const OrderId* leads_to = book.by_permanent_id_.find(id);
    if (leads_to == nullptr || *leads_to != order.id) {
      lost.permanent_ids.push_back(id);
    }
  }
  for (const Execution& execution : order.executions) {
    const auto* holder = book.by_execution_.find(execution.id.base);
    if (holder == nullptr || holder->order != order.id) {
      lost.executions.push_back(execution.id.base);
    }
  }
  return lost;
}

// A member that is added to Book stops the compiler here: it is part of BookState, or is made anew
// by restore() or add_order(). (Snapshots are of the core's book, never of a reader's.)
void BookCodec::know_all_members(const Book& book) {
  [[maybe_unused]] const auto& [for_readers, last_seq, epoch, instance, orders, orders_total,
                                highest_archived, finished, facts, incidents_by_order,
                                recalls_total, last_archived_seq, id_reuse_total, foreign_requests,
                                live, open, by_broker_id, by_permanent_id, keys, by_execution, ids,
                                accounts, phase, incidents, open_subjects, halted, trading_day,
                                trading_day_since, positions, positions_agreed, incidents_total,
                                unlisted_codes_total] = book;
}

fields::BookState BookCodec::state_of(const Book& book) {
  know_all_members(book);
  fields::BookState s;
  s.last_seq = book.last_seq_;
  s.epoch = book.epoch_;
  s.has_instance = book.instance_.has_value();
  s.instance_id = book.instance_.value_or(InstanceId());
  s.orders_total = book.orders_total_;
  s.highest_archived = book.highest_archived_;
  s.recalls_total = book.recalls_total_;
  s.ids = IdBookCodec::kept(book.ids_);
  s.accounts = book.accounts_;
  s.phase = book.phase_;
  for (const auto& [seq, i] : book.incidents_) {
    s.incidents.push_back({i.seq, i.opened_at, i.opened});
  }
  s.halted = book.halted_;
  s.trading_day = book.trading_day_;
  s.trading_day_since = book.trading_day_since_;
  for (const auto& [key, held] : book.positions_) {
    s.positions.push_back(
        {key.first, key.second, held.contract, held.quantity, held.changed_at, held.unexplained});
  }
  for (const AccountId& account : book.positions_agreed_) {
    s.positions_agreed.push_back(account.value());
  }
  s.incidents_total = book.incidents_total_;
  s.unlisted_codes_total = book.unlisted_codes_total_;
  s.last_archived_seq = book.last_archived_seq_;
  s.id_reuse_total = book.id_reuse_total_;
  s.foreign_requests_total = book.foreign_requests_total_;
  for (const auto& [id, order] : book.orders_) {
    auto lost = lost_names(book, order);
    if (!lost.none()) s.lost_names.push_back(std::move(lost));
  }
  return s;
}

void BookCodec::add_order(Book& book, Order order) {
  const OrderId id = order.id;
  const Order& kept = book.orders_.put(id, std::move(order));
  if (kept.counted_open) book.note_open(kept, true);
  if (!is_terminal(kept.status)) book.live_.insert(id);
}

bool BookCodec::restore(Book& book, fields::BookState s) {
  book.last_seq_ = s.last_seq;
  book.epoch_ = s.epoch;
  if (s.has_instance) book.instance_ = s.instance_id;
  book.orders_total_ = s.orders_total;
  book.highest_archived_ = s.highest_archived;
  book.recalls_total_ = s.recalls_total;
  if (!IdBookCodec::restore(book.ids_, std::move(s.ids))) return false;
  book.accounts_ = std::move(s.accounts);
  book.phase_ = std::move(s.phase);
  for (auto& i : s.incidents) {
    if (!i.opened.subject.empty()) book.open_subjects_.insert_or_assign(i.opened.subject, i.seq);
    if (i.opened.order.value() != 0) ++book.incidents_by_order_[i.opened.order];
    book.incidents_.emplace(i.seq, Book::Incident{i.seq, i.opened_at, std::move(i.opened)});
  }
  book.halted_ = std::move(s.halted);
  book.trading_day_ = std::move(s.trading_day);
  book.trading_day_since_ = s.trading_day_since;
  for (auto& p : s.positions) {
    book.positions_.emplace(
        Book::PositionKey{p.account, p.con_id},
        Book::Expected{std::move(p.contract), p.quantity, p.changed_at, p.unexplained});
  }
  for (auto& account : s.positions_agreed) book.positions_agreed_.emplace(std::move(account));
  book.incidents_total_ = s.incidents_total;
  book.unlisted_codes_total_ = s.unlisted_codes_total;
  book.last_archived_seq_ = s.last_archived_seq;
  book.id_reuse_total_ = s.id_reuse_total;
  book.foreign_requests_total_ = s.foreign_requests_total;

  // Whoever does not carry a name by exception is the one it leads to.
  std::map<OrderId, fields::LostNames> lost;
  for (auto& names : s.lost_names) lost.emplace(names.order, std::move(names));
  for (const auto& [id, order] : book.orders_) {
    book.enlist(order);
    const auto exception = lost.find(id);
    if (exception == lost.end()) {
      book.index(order);
      continue;
    }
    const fields::LostNames& names = exception->second;
    Order carrier;
    carrier.id = id;
    if (!names.broker_id) carrier.broker_id = order.broker_id;
    for (const PermanentId permanent : order.permanent_ids) {
      if (std::find(names.permanent_ids.begin(), names.permanent_ids.end(), permanent) ==
          names.permanent_ids.end()) {
        carrier.permanent_ids.push_back(permanent);
      }
    }
    for (const Execution& execution : order.executions) {
      if (std::find(names.executions.begin(), names.executions.end(), execution.id.base) ==
          names.executions.end()) {
        carrier.executions.push_back(execution);
      }
    }
    book.index(carrier);
  }
  return book.orders_.size() <= book.orders_total_;
}

std::uint64_t Book::format() {
  fields::Shape shape;
  fields::BookState state;
  describe(shape, state);
  fields::KeptOrder order;
  describe(shape, order);
  // The parts that no walk describes.
  shape.text += "keys 1 facts 1";
  return base::hash128(shape.text).low;
}

std::string Book::encode() const {
  base::ProtoWriter out;
  fields::BookState state = BookCodec::state_of(*this);
  fields::Encoder encoder;
  describe(encoder, state);
  out.bytes(part_state, encoder.out.str());
  for (const auto& [id, order] : orders_) out.bytes(part_order, encode_order(order));
  std::string words;
  words.reserve(keys_.size() * sizeof(KeyEntry));
  keys_.for_each([&](const KeyEntry& entry) {
    for (const std::uint64_t word :
         {entry.key.low, entry.key.high, entry.use.order.value(), entry.use.fingerprint}) {
      fields::put_word(words, word);
    }
  });
  out.bytes(part_keys, words);
  out.bytes(part_facts, facts_.encode());
  return out.take();
}

base::Result<Book> Book::decode(std::string_view bytes) {
  const auto damaged = [] { return base::fail("book", "damaged bytes of a book"); };
  Book book;
  fields::BookState state;
  base::ProtoReader reader(bytes);
  bool whole = false;
  while (const auto field = reader.next()) {
    if (field->number == part_state) {
      fields::Decoder decoder(field->bytes);
      describe(decoder, state);
      if (!decoder.good()) return damaged();
    } else if (field->number == part_order) {
      auto order = decode_order(field->bytes);
      if (!order || order->id.value() > state.orders_total) return damaged();
      if (book.orders_.contains(order->id)) return damaged();
      BookCodec::add_order(book, std::move(*order));
    } else if (field->number == part_keys) {
      if (field->bytes.size() % sizeof(KeyEntry) != 0) return damaged();
      for (std::size_t at = 0; at < field->bytes.size(); at += sizeof(KeyEntry)) {
        const auto word = [&](std::size_t n) { return fields::get_word(field->bytes, at + 8 * n); };
        const KeyEntry entry{{word(0), word(1)}, {OrderId(word(2)), word(3)}};
        if (!entry.vacant()) book.keys_.put(entry);
      }
    } else if (field->number == part_facts) {
      if (!book.facts_.decode(field->bytes)) return damaged();
      whole = true;
    }
  }
  if (reader.broken() || !whole || !BookCodec::restore(book, std::move(state))) return damaged();
  return book;
}

}  // namespace belay::core
