// SPDX-License-Identifier: Apache-2.0
// Reconciliation: what one round of the broker's lists says about our book (semantics c.4, steps 5
// to 7). Pure: the book, the round, what earlier rounds showed and the policy go in; decisions come
// out. It is the only place that concludes something from what is not listed.
//
// Invariants: (1) a round that is not settled proves no absence; (2) absence ends an order only
// when the broker never spoke of it, twice, and nothing could have hidden it; every other order
// that is gone is unknown, with an incident; (3) the same round again decides nothing new.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "belay/core/facts/book.hpp"
#include "belay/core/facts/inferred_fills.hpp"
#include "belay/core/polls/poll_options.hpp"
#include "belay/model/account.hpp"

namespace belay::core {

/// One finished round, matched to our orders.
struct RoundFacts {
  std::uint64_t round = 0;
  bool settled = false;
  bool full = false;   ///< completed orders were listed too
  bool fresh = false;  ///< first lists of this link: nothing was sent since it came up
  bool syncing =
      false;  ///< first lists after the broker was away, on a link that held or a new one
  base::Time asked_at;
  base::Time judged_at;  ///< now
  /// The lists hold what was done since then; nothing: nobody knows (calendar.hpp).
  std::optional<base::Time> lists_from;
  bool clock_differs = false;  ///< from the broker's: `lists_from` and our times mean nothing
  std::set<OrderId> open;
  std::set<OrderId> completed;
  /// Orders whose status claims more fills than we have executions of.
  std::set<OrderId> claimed;
  /// Orders that are done here and were listed as working.
  std::map<OrderId, std::pair<PermanentId, std::string>> working_though_done;
  /// Their id was refused as used: what became of them is found out by itself
  /// (ids/collisions.cpp).
  std::set<OrderId> contested;
  /// Something of theirs was listed that could not be read: it may be what is missing.
  std::set<OrderId> unread;
  std::set<OrderId> unread_corrections;  ///< ... and may change a fill that is counted
  bool positions_listed = false;
  std::map<Book::PositionKey, Position> positions;
};

/// What must be seen more than once, and how often it was. Lives as long as the link, but for what
/// people were told.
struct RoundMemory {
  struct Seen {
    unsigned rounds = 0;
    std::uint64_t first_round = 0;
    base::Time first_at;
    base::Time last_at;
  };
  struct Claim {
    Quantity claim;
    Quantity cum;
    Seen seen;
  };
  struct Break {
    Decimal ours;
    Decimal theirs;
    Seen seen;
  };
  std::map<OrderId, Seen> absent;
  std::map<OrderId, Seen> old_terms;  ///< a modification under way and the old terms listed
  std::map<OrderId, Seen> contradicted;
  std::map<OrderId, Claim> claims;
  std::map<Book::PositionKey, Break> breaks;
  /// On which facts an order's incident was opened, by its subject. A person who closed it knows
  /// them: only other ones open it again.
  struct Told {
    OrderId order;
    std::string facts;
  };
  std::map<std::string, Told> told;
};

struct Decisions {
  std::vector<Event> events;
  std::vector<OrderId> cancel_again;  ///< still listed though a cancel is wanted
  RoundMemory memory;
  bool look_again = false;  ///< something was seen too few times, or too recently, to decide
  bool positions_agreed = false;
  std::uint64_t unknown_orders = 0;
};

Decisions reconcile(const Book& book, const RoundFacts& facts, const RoundMemory& before,
                    const ReconcilePolicy& policy);

}  // namespace belay::core
