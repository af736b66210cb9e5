// SPDX-License-Identifier: Apache-2.0
// Field numbers of a whole IdBook, for snapshots (book_encoding.cpp). Everything that the IdBook
// remembers belongs here: a snapshot stands for all events before it.
#pragma once

#include "belay/core/facts/event_fields.hpp"
#include "belay/core/facts/id_book.hpp"

namespace belay::core::fields {

struct KeptSession {
  std::int32_t session = 0;
  IdBook::Session known;
};
struct KeptClash {
  BrokerOrderId id;
  OrderId other;
};
struct KeptRefusals {
  OrderId order;
  std::uint32_t times = 0;
};
struct KeptStale {
  OrderId order;
};
struct KeptIds {
  std::vector<KeptSession> sessions;
  std::vector<IdBook::Block> blocks;
  std::vector<IdBook::Gap> gaps;
  std::uint64_t gaps_total = 0;
  std::vector<IdBook::Count> counts;  ///< one for each purpose
  std::vector<KeptClash> clashes;
  std::vector<KeptRefusals> refusals;
  std::vector<KeptStale> stale;
  std::optional<IdsResetBegun> reset;
  std::optional<IdBook::ResetResult> last_reset;
};

template <class Io>
void describe(Io& io, KeptSession& s) {
  io(1, "session", s.session);
  io(2, "mark", s.known.mark);
  io(3, "sent", s.known.sent);
  io(4, "known", s.known.known);
  io(5, "source", s.known.source);
  io(6, "updated_at", s.known.updated_at);
}
template <class Io>
void describe(Io& io, IdBook::Block& b) {
  io(1, "reserved", b.reserved);
  io(2, "next", b.next);
  io(3, "at", b.at);
}
template <class Io>
void describe(Io& io, IdBook::Gap& g) {
  io(1, "seq", g.seq);
  io(2, "at", g.at);
  io(3, "session", g.session);
  io(4, "from", g.from);
  io(5, "to", g.to);
  io(6, "reason", g.reason);
}
template <class Io>
void describe(Io& io, IdBook::Count& c) {
  io(1, "sent", c.sent);
  io(2, "acknowledged", c.acknowledged);
}
template <class Io>
void describe(Io& io, KeptClash& c) {
  io(1, "id", c.id);
  io(2, "other", c.other);
}
template <class Io>
void describe(Io& io, KeptRefusals& r) {
  io(1, "order", r.order);
  io(2, "times", r.times);
}
template <class Io>
void describe(Io& io, KeptStale& s) {
  io(1, "order", s.order);
}
template <class Io>
void describe(Io& io, IdBook::ResetResult& r) {
  io(1, "at", r.at);
  io(2, "reset", r.reset);
}
template <class Io>
void describe(Io& io, KeptIds& k) {
  io(1, "sessions", k.sessions);
  io(2, "blocks", k.blocks);
  io(3, "gaps", k.gaps);
  io(4, "gaps_total", k.gaps_total);
  io(5, "counts", k.counts);
  io(6, "clashes", k.clashes);
  io(7, "refusals", k.refusals);
  io(8, "stale", k.stale);
  io(9, "reset", k.reset);
  io(10, "last_reset", k.last_reset);
}

}  // namespace belay::core::fields

namespace belay::core {

struct IdBookCodec {
  static fields::KeptIds kept(const IdBook& ids);
  /// False: they are those of a program with other purposes.
  static bool restore(IdBook& ids, fields::KeptIds kept);
};

}  // namespace belay::core
