// SPDX-License-Identifier: Apache-2.0
#include "belay/api/reads.hpp"

#include "belay/base/check.hpp"
#include "belay/core/facts/order_encoding.hpp"

namespace belay::api {
namespace {

// So many states of archived orders are read in one piece: a fraction of a millisecond.
constexpr std::size_t states_at_once = 32;

void decode_some(Archived& archived) {
  for (std::size_t i = 0; i < states_at_once && !archived.states.empty(); ++i) {
    auto order = core::decode_order(archived.states.back());
    archived.states.pop_back();
    if (order) {
      archived.orders.push_back(std::move(*order));
    } else {
      archived.error = order.error().detail;
    }
  }
}

const core::Order* first_of(const Archived& archived) {
  return archived.orders.empty() ? nullptr : &archived.orders.front();
}

}  // namespace

void Reads::put(PendingRead read, engine::HistoryQuery query, base::Time now) {
  read.deadline = now + options_.history_timeout;
  asked_.emplace(++last_ticket_, std::move(read));
  history_->ask(last_ticket_, std::move(query));
}

void Reads::ask_history(const Exchange& exchange, engine::HistoryQuery query, ListPart part) {
  if (asked_.size() >= options_.history_reads_max) {
    return respond(exchange, {.code = ProblemCode::queue_full,
                              .detail = "too many requests wait for the history",
                              .outcome = ""});
  }
  PendingRead read(exchange);
  read.part = std::move(part);
  put(std::move(read), std::move(query), exchange.now);
}

bool Reads::ask_history(core::Correlation wait, core::OrderId order, base::Time now) {
  if (history_ == nullptr) return false;
  PendingRead read;
  read.wait = wait;
  engine::HistoryQuery query;
  query.order = order.value();
  put(std::move(read), std::move(query), now);
  return true;
}

void Reads::on_history(const engine::HistoryAnswer& answer, base::Time now) {
  const auto found = asked_.find(answer.ticket);
  if (found == asked_.end()) return;  // its time was up
  PendingRead read = std::move(found->second);
  asked_.erase(found);
  Archived archived;
  archived.more = answer.more;
  archived.whole = answer.whole;
  archived.error = answer.error;
  archived.part = std::move(read.part);
  archived.states.assign(answer.states.rbegin(), answer.states.rend());
  if (archived.states.size() > states_at_once) {
    // A long list goes on in pieces, before those that were not begun.
    read.archived = std::move(archived);
    long_.push_front(std::move(read));
    return;
  }
  decode_some(archived);
  if (read.wait != 0) return waits_.finish(read.wait, first_of(archived), now);
  Exchange exchange(front_, read.key, read.request, now);
  exchange.archived = &archived;
  run_(exchange);
  BELAY_CHECK(!exchange.unfinished);
  front_.go_on(read.key.connection, now);
}

void Reads::end_late(base::Time now) {
  // One timeout for all, so the oldest ticket is the first to be late.
  while (!asked_.empty() && asked_.begin()->second.deadline <= now) {
    const PendingRead read = std::move(asked_.begin()->second);
    asked_.erase(asked_.begin());
    if (read.wait != 0) {
      waits_.finish(read.wait, nullptr, now);
      continue;
    }
    respond(Exchange(front_, read.key, read.request, now),
            {.code = ProblemCode::journal_stalled,
             .detail = "the history's disk did not answer in time",
             .outcome = ""});
    front_.go_on(read.key.connection, now);
  }
}

base::Time Reads::next_deadline() const {
  return asked_.empty() ? base::never : asked_.begin()->second.deadline;
}

// The oldest long answer is made to its end before the next is begun: one at a time takes memory.
bool Reads::make_piece(base::Time now) {
  if (!has_pieces()) return false;
  PendingRead& read = long_.front();
  const ConnectionId connection = read.key.connection;
  if (front_.callers().find(connection) == nullptr) {
    long_.pop_front();
    return true;
  }
  if (read.archived && !read.archived->states.empty()) {
    decode_some(*read.archived);
    return true;
  }
  Exchange exchange(front_, read.key, read.request, now);
  exchange.archived = read.archived ? &*read.archived : nullptr;
  exchange.part = &read.part;
  run_(exchange);
  read.key.fresh = exchange.fresh;
  if (exchange.unfinished) return true;
  long_.pop_front();
  front_.go_on(connection, now);
  return true;
}

bool check_history(const Exchange& exchange) {
  if (exchange.archived == nullptr || exchange.archived->error.empty()) return true;
  respond(exchange, {.code = ProblemCode::journal_stalled,
                     .detail = "the history cannot be read: " + exchange.archived->error,
                     .outcome = ""});
  return false;
}

}  // namespace belay::api
