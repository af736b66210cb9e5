// SPDX-License-Identifier: Apache-2.0
// What is asked about archived orders: the request waits for the history's answer and is then
// handled again with it, or is refused when its time is up. Lists are made of what is in memory, as
// it was when the history was asked, and of what the history holds; the loop waits for nothing.
#include <fmt/format.h>

#include <algorithm>

#include "belay/api/order_json.hpp"
#include "belay/api/service.hpp"
#include "belay/core/order_encoding.hpp"

namespace belay::api {

void Service::ask_history(const Exchange& exchange, engine::HistoryQuery query, ListPart part) {
  if (reads_.size() >= options_.history_reads_max) {
    return respond(exchange, {.code = ProblemCode::queue_full,
                              .detail = "too many requests wait for the history",
                              .outcome = ""});
  }
  PendingRead read;
  read.connection = exchange.connection;
  read.number = exchange.number;
  read.request = exchange.request;
  read.correlation_id = exchange.correlation_id;
  read.id = exchange.id;
  read.handler = exchange.handler;
  read.part = std::move(part);
  read.deadline = exchange.now + options_.history_timeout;
  const std::uint64_t ticket = ++last_ticket_;
  reads_.emplace(ticket, std::move(read));
  history_->ask(ticket, std::move(query));
}

// A caller who waits for a command about an order that is archived by now.
void Service::ask_history(core::Correlation correlation, Wait& wait, base::Time now) {
  wait.asked_history = true;
  PendingRead read;
  read.wait = correlation;
  read.deadline = now + options_.history_timeout;
  const std::uint64_t ticket = ++last_ticket_;
  reads_.emplace(ticket, std::move(read));
  engine::HistoryQuery query;
  query.order = wait.order.value();
  history_->ask(ticket, std::move(query));
}

void Service::on_history(const engine::HistoryAnswer& answer, base::Time now) {
  const auto found = reads_.find(answer.ticket);
  if (found == reads_.end()) return;  // its time was up
  const PendingRead read = std::move(found->second);
  reads_.erase(found);
  Archived archived;
  archived.more = answer.more;
  archived.part = read.part;
  std::string error = answer.error;
  for (const std::string& state : answer.states) {
    auto order = core::decode_order(state);
    if (order) {
      archived.orders.push_back(std::move(*order));
    } else {
      error = order.error().detail;
    }
  }
  if (read.wait != 0) return finish_wait(read.wait, archived, now);
  Exchange exchange{read.connection, read.number, read.request, read.correlation_id,
                    read.id,         now,         read.handler, &archived};
  if (error.empty()) {
    (this->*read.handler)(exchange);
  } else {
    respond(exchange, {.code = ProblemCode::journal_stalled,
                       .detail = "the history cannot be read: " + error,
                       .outcome = ""});
  }
  receive(read.connection, "", now);  // held-back requests go on, and the answer leaves
}

void Service::finish_wait(core::Correlation correlation, const Archived& archived, base::Time now) {
  const auto found = waits_.find(correlation);
  if (found == waits_.end()) return;
  const ConnectionId connection = found->second.connection;
  const core::Order* order = view_.book().find(found->second.order);
  if (order == nullptr && !archived.orders.empty()) order = &archived.orders.front();
  settle_order(correlation, found->second, order, now, true);
  receive(connection, "", now);
}

void Service::end_late_reads(base::Time now) {
  // One timeout for all, so the oldest ticket is the first to be late.
  while (!reads_.empty() && reads_.begin()->second.deadline <= now) {
    const PendingRead read = std::move(reads_.begin()->second);
    reads_.erase(reads_.begin());
    if (read.wait != 0) {
      finish_wait(read.wait, {}, now);
      continue;
    }
    const Exchange exchange{read.connection, read.number, read.request, read.correlation_id,
                            read.id,         now,         read.handler, nullptr};
    respond(exchange, {.code = ProblemCode::journal_stalled,
                       .detail = "the history's disk did not answer in time",
                       .outcome = ""});
    receive(read.connection, "", now);
  }
}

bool Service::refuse_archived(const Exchange& exchange, const core::Order& order,
                              std::optional<std::uint64_t> version, std::string_view what) {
  if (view_.book().find(order.id) != nullptr) return false;
  Problem problem{.code = ProblemCode::order_wrong_state,
                  .detail = fmt::format("{}: {}", what, core::reported_ord_status(order)),
                  .order_id = std::to_string(order.id.value())};
  if (version && *version != order.version) {
    problem.code = ProblemCode::version_differs;
    problem.detail = fmt::format("the order is at version {}, not {}", order.version, *version);
  }
  respond(exchange, problem);
  return true;
}

void Service::serve_list(const Exchange& exchange, const Page& page, const ListPlan& plan) {
  const core::Book& book = view_.book();
  ListPart part;
  if (exchange.archived != nullptr) {
    part = exchange.archived->part;
  } else {
    std::size_t count = 0;
    auto at = book.in_memory().lower_bound(core::OrderId(page.before.value_or(UINT64_MAX)));
    while (at != book.in_memory().begin() && count < page.limit) {
      const core::Order& order = (--at)->second;
      part.floor = order.id.value();
      if (!plan.keeps(order)) continue;
      Shown shown = plan.render(order);
      count += shown.count;
      if (shown.count != 0) part.shown.push_back(std::move(shown));
    }
    part.more = at != book.in_memory().begin();
    if (!part.more) part.floor = 0;
    const bool above_all_archived =
        count >= page.limit && part.floor > book.highest_archived().value();
    if (plan.archived_too && book.archived() != 0 && history_ != nullptr && !above_all_archived) {
      engine::HistoryQuery query = plan.query;
      query.by = engine::HistoryQuery::By::list;
      query.limit = page.limit;
      if (page.before) {
        query.before = std::min<std::uint64_t>(*page.before, query.before);
      }
      return ask_history(exchange, std::move(query), std::move(part));
    }
  }
  std::vector<Shown> all = std::move(part.shown);
  std::uint64_t floor = part.floor;
  bool more = part.more;
  if (exchange.archived != nullptr) {
    more = more || exchange.archived->more;
    if (exchange.archived->more && !exchange.archived->orders.empty()) {
      floor = std::max(floor, exchange.archived->orders.back().id.value());
    }
    std::set<std::uint64_t> known;
    for (const Shown& shown : all) known.insert(shown.id);
    for (const core::Order& order : exchange.archived->orders) {
      // In memory again: the history's row is of before.
      if (known.contains(order.id.value()) || book.find(order.id) != nullptr) continue;
      if (!plan.keeps(order)) continue;
      Shown shown = plan.render(order);
      if (shown.count != 0) all.push_back(std::move(shown));
    }
    std::sort(all.begin(), all.end(), [](const Shown& a, const Shown& b) { return a.id > b.id; });
  }
  base::JsonWriter json;
  json.begin_object().key(plan.member).begin_array();
  std::size_t count = 0;
  std::uint64_t before = floor;
  for (const Shown& shown : all) {
    if (count >= page.limit || shown.id < floor) {
      more = true;
      break;
    }
    json.raw(shown.json);
    count += shown.count;
    before = shown.id;
  }
  json.end_array();
  json.field("count", static_cast<std::int64_t>(count));
  if (count < page.limit) before = floor;  // nothing that fits lies between
  Headers headers = write_next(json, exchange.request, more ? before : 0);
  json.field("seq", std::to_string(book.last_seq()));
  json.end_object();
  respond(exchange, 200, json.take(), std::move(headers));
}

}  // namespace belay::api
