// SPDX-License-Identifier: Apache-2.0
// What the core wants done outside. The engine releases an effect only when the events of its step
// are durable. Cancels alone may go at once, and only for orders whose place frame has left.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/one_of.hpp"
#include "belay/base/result.hpp"
#include "belay/base/shared.hpp"
#include "belay/core/asks/input.hpp"

namespace belay::core {

/// Send a new order, once.
struct PlaceEffect {
  OrderId order;
  BrokerOrderId broker_id;
  std::string tag;
  base::Shared<OrderSpec> spec;
  bool passes_halt = false;  ///< protection: a closed gate lets it through
};
/// Send several orders that belong together: in one write, all of them or none.
struct PlaceFamilyEffect {
  std::vector<PlaceEffect> orders;
};
/// Send the whole order again with new terms, under the same broker id.
struct ReplaceEffect {
  OrderId order;
  BrokerOrderId broker_id;
  std::string tag;
  base::Shared<OrderSpec> spec;  ///< with the wanted terms
  bool passes_halt = false;
};
/// Ask for a cancel. Idempotent: may be repeated.
struct CancelEffect {
  OrderId order;
  BrokerOrderId broker_id;
};
/// Ask the broker for today's executions again: a status claims more than we have seen.
struct QueryExecutionsEffect {};
/// Ask the broker for everything, or lightly: open orders and executions. SnapshotDone answers.
/// Harmless to repeat.
struct SnapshotEffect {
  std::string reason;
  bool full = true;
  std::uint64_t wish = 0;  ///< comes back in SnapshotDone
  bool dry_run = false;    ///< what the questions bring is kept back
};
/// Cancel an order of another session under that session's own name, through a second connection
/// that lives for moments. ForeignDone answers.
struct ForeignCancelEffect {
  OrderId order;
  BrokerOrderId broker_id;
  std::optional<PermanentId> permanent_id = {};  ///< what the broker must show under that id
};
/// Ask the broker for its next id; NextIdSeen answers. Harmless to repeat.
struct QueryNextIdEffect {};
/// Ask the broker what a contract number means; ContractTold answers. Harmless to repeat.
struct ContractEffect {
  std::int64_t con_id = 0;
};
/// Cancel everything that the broker session can reach, of all clients and made by hand. Never by
/// itself: a person asked for it.
struct GlobalCancelEffect {};

/// Read an archived order from the history; ArchivedOrder answers.
struct RecallEffect {
  OrderId order;
};

enum class ReplyCode : std::uint8_t {
  accepted,    ///< durable and ours
  replayed,    ///< the same request came before; `order` is what it made
  key_reused,  ///< the key was used for another request
  refused,     ///< a risk rule said no (the order exists, rejected); see errors
  invalid,     ///< errors name the fields; nothing was recorded
  not_ready,   ///< no broker, or syncing; nothing was recorded
  queue_full,  ///< too many orders wait for a send slot; nothing was recorded
  not_found,
  wrong_state,  ///< the order is done, or not ours to change
  version_differs,
  halted,     ///< the gate for new risk is closed; nothing was recorded
  exhausted,  ///< no ids are left (RANGE_EXHAUSTED)
  disk,       ///< the journal's disk is full or stalled; nothing was recorded
};

/// One of several things that a command was about.
struct ReplyItem {
  OrderId order;
  ReplyCode code = ReplyCode::accepted;
  std::string text;
};

/// A difference between our book and the broker's lists, by the words of S1.62: MISSING_LOCAL,
/// MISSING_IBKR, QUANTITY_MISMATCH, PRICE_MISMATCH, COMMISSION_MISMATCH; and STATUS_MISMATCH.
struct Finding {
  std::string kind;
  OrderId order;
  std::string text;
};

struct Reply {
  Correlation correlation = 0;
  ReplyCode code = ReplyCode::accepted;
  OrderId order;
  std::string text;
  std::vector<base::Error> errors;
  std::vector<ReplyItem> items = {};
  std::int64_t first_id = 0;             ///< of a reserved block
  std::vector<std::string> events = {};  ///< what a dry run would record, as JSON lines
  base::Duration retry_after = {};       ///< of not_ready: when it can be otherwise
  std::uint64_t round = 0;               ///< of a reconciliation, with what follows
  bool settled = false;
  std::vector<Finding> findings = {};
};

struct EffectList {
  using Variant = std::variant<PlaceEffect, ReplaceEffect, CancelEffect, QueryExecutionsEffect,
                               SnapshotEffect, ForeignCancelEffect, GlobalCancelEffect, Reply,
                               QueryNextIdEffect, PlaceFamilyEffect, RecallEffect, ContractEffect>;
};
using Effect = base::OneOf<EffectList>;

}  // namespace belay::core

extern template class belay::base::OneOf<belay::core::EffectList>;
