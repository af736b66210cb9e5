// SPDX-License-Identifier: Apache-2.0
#include "belay/api/list_page.hpp"

#include <algorithm>
#include <numeric>

#include "belay/api/request_parts.hpp"

namespace belay::api {

std::size_t Shown::bytes() const {
  return std::accumulate(
      fills.begin(), fills.end(), json ? json->size() : 0,
      [](std::size_t sum, const ShownFill& fill) { return sum + fill.json->size(); });
}

namespace {

// One piece of a list: so many orders are looked at, so many bytes are made anew. Each
// takes a fraction of a millisecond.
constexpr std::size_t orders_looked_at = 2'000;
constexpr std::size_t bytes_made = 64 * 1024;

void add_row(SharedText row, std::vector<SharedText>& out) {
  static const SharedText comma = std::make_shared<const std::string>(",");
  if (!out.empty()) out.push_back(comma);
  out.push_back(std::move(row));
}

// A piece of what is in memory, from the newest to the oldest; true when the page needs no more of
// it. The book may have changed since the piece before: what left memory meanwhile is found in the
// history, which is asked afterwards, and what is newer than the page's `seq` follows as events.
bool look_in_memory(const Api& api, const Page& page, const ListPlan& plan, ListPart& part) {
  const auto& orders = api.view.book().in_memory();
  const std::uint64_t from = std::min(part.floor, page.before.value_or(UINT64_MAX));
  auto at = orders.lower_bound(core::OrderId(from));
  std::size_t looked = 0;
  std::size_t made = 0;
  while (at != orders.begin() && part.count < page.limit &&
         part.bytes < api.options.page_bytes_max) {
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
bool show_archived(const Api& api, Archived& archived, const ListPlan& plan) {
  std::vector<Shown>& all = archived.part.shown;
  std::set<std::uint64_t> known;
  for (const Shown& shown : all) known.insert(shown.id);
  std::size_t made = 0;
  for (; archived.shown < archived.orders.size(); ++archived.shown) {
    if (made >= bytes_made) return false;
    const core::Order& old = archived.orders[archived.shown];
    // In memory again: the history's row is of before.
    const core::Order* again = api.view.book().find(old.id);
    const core::Order& order = again == nullptr ? old : *again;
    if (known.contains(order.id.value()) || !plan.keeps(order)) continue;
    Shown shown = plan.render(order, made);
    if (shown.count != 0) all.push_back(std::move(shown));
  }
  std::sort(all.begin(), all.end(), [](const Shown& a, const Shown& b) { return a.id > b.id; });
  return true;
}

// The history is asked for what fits and is older than all it has told for the page.
void ask_page(Api& api, const Exchange& exchange, const Page& page, const ListPlan& plan,
              ListPart part) {
  if (api.front.callers().find(exchange.connection) == nullptr) return;  // the caller is gone
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
  api.reads.ask_history(exchange, std::move(query), std::move(part));
}

// The history's rows do not say all that a list may be asked for. Where too little of what it told
// fits, it is asked for older ones; for a caller who asks for very rare ones the page ends early.
bool reads_on(const Api& api, const Exchange& exchange, const Page& page) {
  const Archived& archived = *exchange.archived;
  const ListPart& part = archived.part;
  if (!archived.more || archived.orders.empty()) return false;
  if (part.questions >= api.options.history_questions_max) return false;
  const std::uint64_t lowest = archived.orders.back().id.value();
  if (lowest <= part.floor) return false;  // the page ends with what is in memory
  std::size_t count = 0;
  std::size_t bytes = 0;
  for (const Shown& shown : part.shown) {
    if (shown.id < lowest) break;
    count += shown.count;
    bytes += shown.bytes();
  }
  return count < page.limit && bytes < api.options.page_bytes_max;
}

// Nothing of the account that is asked for fits. What has orders is an account, whatever the
// session of now shows, and also when all of them are archived and of another kind. False when it
// is answered or being asked.
bool has_orders(Api& api, const Exchange& exchange, ListPart& part) {
  if (knows_account(api, exchange, true)) return true;
  if (part.account_asked && !exchange.archived->orders.empty()) return true;
  if (part.account_asked || api.reads.history() == nullptr || api.view.book().archived() == 0) {
    return check_account(api, exchange, true);
  }
  part.account_asked = true;
  engine::HistoryQuery query;
  query.by = engine::HistoryQuery::By::list;
  query.limit = 1;
  query.account = exchange.request.query_value("account").value_or("");
  query.external_too = true;
  api.reads.ask_history(exchange, std::move(query), std::move(part));
  return false;
}

void answer_list(Api& api, const Exchange& exchange, const Page& page, const ListPlan& plan,
                 ListPart& part) {
  const Archived* archived = part.account_asked ? nullptr : exchange.archived;
  std::uint64_t floor = part.floor;
  bool more = part.more || (archived != nullptr && archived->more);
  if (part.shown.empty() && !page.before && !more && !has_orders(api, exchange, part)) return;
  if (archived != nullptr && archived->more && !archived->orders.empty()) {
    floor = std::max(floor, archived->orders.back().id.value());
  }
  base::JsonWriter head;
  head.begin_object().key(plan.member).begin_array();
  HttpResponse response = json_response(200, head.take());
  response.more.reserve(2 * part.shown.size() + 1);
  std::vector<ShownFill> fills;
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::uint64_t before = floor;
  for (Shown& shown : part.shown) {
    if (count >= page.limit || bytes >= api.options.page_bytes_max || shown.id < floor) {
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
  if (count < page.limit && bytes < api.options.page_bytes_max) before = floor;
  base::JsonWriter tail;
  tail.begin_object().field("count", static_cast<std::int64_t>(count));
  Headers headers = write_next(tail, exchange.request, more ? before : 0);
  tail.field("seq", std::to_string(part.seq.value_or(api.view.book().last_seq())));
  write_told(tail, api.view, exchange, plan.told);
  tail.end_object();
  response.more.push_back(std::make_shared<const std::string>("]," + tail.str().substr(1)));
  for (auto& header : headers) response.headers.push_back(std::move(header));
  respond(exchange, std::move(response));
}

}  // namespace

void serve_list(Api& api, Exchange& exchange, const Page& page, const ListPlan& plan) {
  if (!check_history(exchange)) return;
  const core::Book& book = api.view.book();
  if (exchange.archived != nullptr) {
    ListPart& whole = exchange.archived->part;
    if (whole.account_asked) return answer_list(api, exchange, page, plan, whole);
    exchange.unfinished = !show_archived(api, *exchange.archived, plan);
    if (exchange.unfinished) return;
    if (reads_on(api, exchange, page)) return ask_page(api, exchange, page, plan, std::move(whole));
    return answer_list(api, exchange, page, plan, whole);
  }
  ListPart& part = *exchange.part;
  if (!part.seq) part.seq = book.last_seq();
  if (!look_in_memory(api, page, plan, part)) {
    exchange.unfinished = true;
    return;
  }
  const bool full = part.count >= page.limit || part.bytes >= api.options.page_bytes_max;
  const bool above_all_archived = full && part.floor > book.highest_archived().value();
  if (plan.archived_too && book.archived() != 0 && api.reads.history() != nullptr &&
      !above_all_archived) {
    return ask_page(api, exchange, page, plan, std::move(part));
  }
  answer_list(api, exchange, page, plan, part);
}

}  // namespace belay::api
