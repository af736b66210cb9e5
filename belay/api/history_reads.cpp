// SPDX-License-Identifier: Apache-2.0
// What is asked about archived orders: the request waits for the history's answer and is then
// handled again with it, or is refused when its time is up. Lists are made of what is in memory, as
// it was when the history was asked, and of what the history holds; the loop waits for nothing.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "belay/api/order_json.hpp"
#include "belay/api/service.hpp"
#include "belay/base/check.hpp"
#include "belay/core/facts/order_encoding.hpp"

namespace belay::api {
namespace {

// One piece of a list: so many orders are looked at, so many bytes are made anew, so many states of
// archived orders are read. Each takes a fraction of a millisecond.
constexpr std::size_t orders_looked_at = 2'000;
constexpr std::size_t bytes_made = 64 * 1024;
constexpr std::size_t states_at_once = 32;

void add_row(SharedText row, std::vector<SharedText>& out) {
  static const SharedText comma = std::make_shared<const std::string>(",");
  if (!out.empty()) out.push_back(comma);
  out.push_back(std::move(row));
}

}  // namespace

std::size_t Service::Shown::bytes() const {
  return std::accumulate(
      fills.begin(), fills.end(), json ? json->size() : 0,
      [](std::size_t sum, const ShownFill& fill) { return sum + fill.json->size(); });
}

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
  read.fresh = exchange.fresh;
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
  PendingRead read = std::move(found->second);
  reads_.erase(found);
  Archived archived;
  archived.more = answer.more;
  archived.whole = answer.whole;
  archived.error = answer.error;
  archived.part = std::move(read.part);
  archived.states.assign(answer.states.rbegin(), answer.states.rend());
  if (archived.states.size() > states_at_once) {
    // A long list goes on in pieces, before those that were not begun.
    read.archived = std::move(archived);
    long_reads_.push_front(std::move(read));
    return;
  }
  decode_some(archived);
  if (read.wait != 0) return finish_wait(read.wait, archived, now);
  Exchange exchange{read.connection, read.number, read.request, read.correlation_id,
                    read.id,         now,         read.handler, &archived};
  exchange.fresh = read.fresh;
  (this->*read.handler)(exchange);
  BELAY_CHECK(!exchange.unfinished);
  callers_.flush(read.connection, now);
  later(read.connection);
}

void Service::decode_some(Archived& archived) {
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

// False, and answered, when the history could not be read.
bool Service::check_history(const Exchange& exchange) {
  if (exchange.archived == nullptr || exchange.archived->error.empty()) return true;
  respond(exchange, {.code = ProblemCode::journal_stalled,
                     .detail = "the history cannot be read: " + exchange.archived->error,
                     .outcome = ""});
  return false;
}

void Service::finish_wait(core::Correlation correlation, const Archived& archived, base::Time now) {
  const auto found = waits_.find(correlation);
  if (found == waits_.end()) return;
  const ConnectionId connection = found->second.connection;
  const core::Order* order = view_.book().find(found->second.order);
  if (order == nullptr && !archived.orders.empty()) order = &archived.orders.front();
  settle_order(correlation, found->second, order, now, true);
  callers_.flush(connection, now);
  later(connection);
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
    callers_.flush(read.connection, now);
    later(read.connection);
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

// A piece of what is in memory, from the newest to the oldest; true when the page needs no more of
// it. The book may have changed since the piece before: what left memory meanwhile is found in the
// history, which is asked afterwards, and what is newer than the page's `seq` follows as events.
bool Service::look_in_memory(const Page& page, const ListPlan& plan, ListPart& part) const {
  const auto& orders = view_.book().in_memory();
  const std::uint64_t from = std::min(part.floor, page.before.value_or(UINT64_MAX));
  auto at = orders.lower_bound(core::OrderId(from));
  std::size_t looked = 0;
  std::size_t made = 0;
  while (at != orders.begin() && part.count < page.limit && part.bytes < options_.page_bytes_max) {
    if (looked++ == orders_looked_at || made >= bytes_made) return false;
    const core::Order& order = (--at)->second;
    part.floor = order.id.value();
    if (!plan.keeps(order)) continue;
    Shown shown = plan.render(order, made);
    if (shown.count == 0) continue;
    part.count += shown.count;
    part.bytes += shown.bytes();
    part.shown.push_back(std::move(shown));
  }
  part.more = at != orders.begin();
  if (!part.more) part.floor = 0;
  return true;
}

// Adds a piece of the archived orders to the page; true when all are there.
bool Service::show_archived(Archived& archived, const ListPlan& plan) const {
  std::vector<Shown>& all = archived.part.shown;
  std::set<std::uint64_t> known;
  for (const Shown& shown : all) known.insert(shown.id);
  std::size_t made = 0;
  for (; archived.shown < archived.orders.size(); ++archived.shown) {
    if (made >= bytes_made) return false;
    const core::Order& old = archived.orders[archived.shown];
    // In memory again: the history's row is of before.
    const core::Order* again = view_.book().find(old.id);
    const core::Order& order = again == nullptr ? old : *again;
    if (known.contains(order.id.value()) || !plan.keeps(order)) continue;
    Shown shown = plan.render(order, made);
    if (shown.count != 0) all.push_back(std::move(shown));
  }
  std::sort(all.begin(), all.end(), [](const Shown& a, const Shown& b) { return a.id > b.id; });
  return true;
}

// The history is asked for what fits and is older than all it has told for the page.
void Service::ask_page(const Exchange& exchange, const Page& page, const ListPlan& plan,
                       ListPart part) {
  if (callers_.find(exchange.connection) == nullptr) return;  // the caller is gone
  engine::HistoryQuery query = plan.query;
  query.by = engine::HistoryQuery::By::list;
  query.limit = page.limit;
  if (page.before) query.before = std::min<std::uint64_t>(*page.before, query.before);
  if (exchange.archived != nullptr) {
    query.limit = page_limit_max;
    query.before = exchange.archived->orders.back().id.value();
    part.whole = part.whole && exchange.archived->whole;
  }
  ++part.questions;
  ask_history(exchange, std::move(query), std::move(part));
}

// The history's rows do not say all that a list may be asked for. Where too little of what it told
// fits, it is asked for older ones; for a caller who asks for very rare ones the page ends early.
bool Service::reads_on(const Exchange& exchange, const Page& page) const {
  const Archived& archived = *exchange.archived;
  const ListPart& part = archived.part;
  if (!archived.more || archived.orders.empty()) return false;
  if (part.questions >= options_.history_questions_max) return false;
  const std::uint64_t lowest = archived.orders.back().id.value();
  if (lowest <= part.floor) return false;  // the page ends with what is in memory
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const Shown& shown : part.shown) {
    if (shown.id < lowest) break;
    count += shown.count;
    bytes += shown.bytes();
  }
  return count < page.limit && bytes < options_.page_bytes_max;
}

void Service::serve_list(Exchange& exchange, const Page& page, const ListPlan& plan) {
  if (!check_history(exchange)) return;
  const core::Book& book = view_.book();
  if (exchange.archived != nullptr) {
    ListPart& whole = exchange.archived->part;
    if (whole.account_asked) return answer_list(exchange, page, plan, whole);
    exchange.unfinished = !show_archived(*exchange.archived, plan);
    if (exchange.unfinished) return;
    if (reads_on(exchange, page)) return ask_page(exchange, page, plan, std::move(whole));
    return answer_list(exchange, page, plan, whole);
  }
  ListPart& part = *exchange.part;
  if (!part.seq) part.seq = book.last_seq();
  if (!look_in_memory(page, plan, part)) {
    exchange.unfinished = true;
    return;
  }
  const bool full = part.count >= page.limit || part.bytes >= options_.page_bytes_max;
  const bool above_all_archived = full && part.floor > book.highest_archived().value();
  if (plan.archived_too && book.archived() != 0 && history_ != nullptr && !above_all_archived) {
    return ask_page(exchange, page, plan, std::move(part));
  }
  answer_list(exchange, page, plan, part);
}

// Nothing of the account that is asked for fits. What has orders is an account, whatever the
// session of now shows, and also when all of them are archived and of another kind. False when it
// is answered or being asked.
bool Service::has_orders(const Exchange& exchange, ListPart& part) {
  if (knows_account(exchange, true)) return true;
  if (part.account_asked && !exchange.archived->orders.empty()) return true;
  if (part.account_asked || history_ == nullptr || view_.book().archived() == 0) {
    return check_account(exchange, true);
  }
  part.account_asked = true;
  engine::HistoryQuery query;
  query.by = engine::HistoryQuery::By::list;
  query.limit = 1;
  query.account = exchange.request.query_value("account").value_or("");
  query.external_too = true;
  ask_history(exchange, std::move(query), std::move(part));
  return false;
}

void Service::answer_list(const Exchange& exchange, const Page& page, const ListPlan& plan,
                          ListPart& part) {
  const Archived* archived = part.account_asked ? nullptr : exchange.archived;
  std::uint64_t floor = part.floor;
  bool more = part.more || (archived != nullptr && archived->more);
  if (part.shown.empty() && !page.before && !more && !has_orders(exchange, part)) return;
  if (archived != nullptr && archived->more && !archived->orders.empty()) {
    floor = std::max(floor, archived->orders.back().id.value());
  }
  base::JsonWriter head;
  head.begin_object().key(plan.member).begin_array();
  HttpResponse response{200, {{"Content-Type", "application/json"}}, head.take()};
  response.more.reserve(2 * part.shown.size() + 1);
  std::vector<ShownFill> fills;
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::uint64_t before = floor;
  for (Shown& shown : part.shown) {
    if (count >= page.limit || bytes >= options_.page_bytes_max || shown.id < floor) {
      more = true;
      break;
    }
    if (shown.json) add_row(shown.json, response.more);
    count += shown.count;
    bytes += shown.bytes();
    for (ShownFill& fill : shown.fills) fills.push_back(std::move(fill));
    before = shown.id;
  }
  sort_fills(fills);
  for (ShownFill& fill : fills) add_row(std::move(fill.json), response.more);
  // Nothing that fits lies between.
  if (count < page.limit && bytes < options_.page_bytes_max) before = floor;
  base::JsonWriter tail;
  tail.begin_object().field("count", static_cast<std::int64_t>(count));
  Headers headers = write_next(tail, exchange.request, more ? before : 0);
  tail.field("seq", std::to_string(part.seq.value_or(view_.book().last_seq())));
  write_told(tail, exchange, plan.told);
  tail.end_object();
  response.more.push_back(std::make_shared<const std::string>("]," + tail.str().substr(1)));
  for (auto& header : headers) response.headers.push_back(std::move(header));
  send_response(exchange.connection, exchange.number, std::move(response), exchange.now);
}

}  // namespace belay::api
