// SPDX-License-Identifier: Apache-2.0
// Reads: requests whose answer is not made at once. Some wait for the history and are then handled
// again with what it told, or are refused when their time is up. Long answers are made in pieces,
// one after the other, when nothing else is to be done. The loop waits for nothing.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>

#include "belay/api/front.hpp"
#include "belay/api/options.hpp"
#include "belay/api/waits.hpp"
#include "belay/engine/history_port.hpp"

namespace belay::api {

/// A request, or a waiting command, that waits.
struct PendingRead {
  PendingRead() = default;
  explicit PendingRead(const Exchange& exchange) : key(exchange), request(exchange.request) {}
  core::Correlation wait = 0;  ///< of a command; else the request:
  ExchangeKey key = {};
  HttpRequest request = {};
  ListPart part = {};
  std::optional<Archived> archived = {};
  base::Time deadline = {};
};

class Reads {
 public:
  /// All outlive this. `run` handles an exchange that has its handler.
  Reads(const ServiceOptions& options, Front& front, Waits& waits,
        std::function<void(Exchange&)> run)
      : options_(options), front_(front), waits_(waits), run_(std::move(run)) {}

  /// Where archived orders are; without one there are none.
  void attach(engine::History& history) { history_ = &history; }
  const engine::History* history() const { return history_; }

  /// The request is handled again when the history has answered.
  void ask_history(const Exchange& exchange, engine::HistoryQuery query, ListPart part = {});
  /// For a caller who waits for a command about an order that is archived by now.
  bool ask_history(core::Correlation wait, core::OrderId order, base::Time now);
  void on_history(const engine::HistoryAnswer& answer, base::Time now);
  void end_late(base::Time now);
  base::Time next_deadline() const;

  /// The answer is made in pieces when its turn comes.
  void begin_long(PendingRead read) { long_.push_back(std::move(read)); }
  /// One piece of the oldest; false: there is nothing to do, or no room for it.
  bool make_piece(base::Time now);
  bool has_pieces() const { return !long_.empty() && !front_.callers().is_crowded(); }

  std::size_t waiting() const { return asked_.size(); }
  std::size_t long_reads() const { return long_.size(); }

 private:
  void put(PendingRead read, engine::HistoryQuery query, base::Time now);

  const ServiceOptions& options_;
  Front& front_;
  Waits& waits_;
  std::function<void(Exchange&)> run_;
  engine::History* history_ = nullptr;
  std::map<std::uint64_t, PendingRead> asked_;  // by ticket, so by deadline
  std::uint64_t last_ticket_ = 0;
  std::deque<PendingRead> long_;  // the first one is being made
};

/// False, and answered, when the history could not be read.
bool check_history(const Exchange& exchange);

}  // namespace belay::api
