// SPDX-License-Identifier: Apache-2.0
#include "belay/api/request_parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/api/order_filter.hpp"
#include "belay/core/facts/account_words.hpp"

namespace belay::api {
namespace {

// An order of somebody else may work and have come after the list that is known.
std::string_view unlisted_of_others(const std::optional<OrderName>& name) {
  using By = OrderName::By;
  const bool of_broker = name && (name->by == By::broker_id || name->by == By::permanent_id);
  return of_broker ? " that is ours or in the broker's last list; a reconcile reads a new one" : "";
}

struct Sought {
  const core::Order* found = nullptr;
  /// What the history is asked when the order is not in memory.
  std::optional<engine::HistoryQuery> query = {};
  std::vector<std::string> elsewhere = {};  ///< the same number of other clients
};

Sought seek_id(const core::Book& book, core::OrderId order) {
  Sought sought;
  sought.found = book.find(order);
  if (sought.found != nullptr || !book.is_archived(order)) return sought;
  sought.query.emplace();
  sought.query->order = order.value();
  return sought;
}

// The key is (account, client order id); without an account every known one is tried. A key leads
// to one id for ever; whether the id can be seen is for the view to say.
std::optional<Sought> seek_key(const Api& api, const Exchange& exchange, const OrderName& name) {
  const core::Book& book = api.view.book();
  std::vector<std::string> accounts = book.accounts();
  if (const auto account = exchange.request.query_value("account")) {
    accounts = {std::string(*account)};
  }
  Sought sought;
  std::vector<std::string> owners;
  for (const auto& account : accounts) {
    const auto order =
        api.view.gauges().order_of(core::AccountId(account), core::ClOrdId(name.text));
    if (!order || *order >= book.next_order_id()) continue;
    sought = seek_id(book, *order);
    owners.push_back(account);
  }
  if (owners.size() <= 1) return sought;
  respond(exchange, {.code = ProblemCode::order_wrong_state,
                     .detail = fmt::format("the accounts {} have this client order id: say "
                                           "whose is meant (?account=, --account)",
                                           fmt::join(owners, ", "))});
  return std::nullopt;
}

Sought seek_broker_id(const core::Book& book, const OrderName& name) {
  Sought sought;
  sought.found = book.find(core::BrokerOrderId{name.session, name.number});
  sought.query.emplace();
  sought.query->by = engine::HistoryQuery::By::broker_id;
  sought.query->session = name.session;
  sought.query->number = name.number;
  for (const core::OrderId live : book.live()) {
    const auto& known = book.find(live)->broker_id;
    if (sought.found != nullptr || !known || known->number != name.number) continue;
    sought.elsewhere.push_back(fmt::format("number {0} is an open order of client {1}: tws:{1}:{0}",
                                           name.number, known->session));
  }
  return sought;
}

std::optional<Sought> seek(const Api& api, const Exchange& exchange, const OrderName& name) {
  const core::Book& book = api.view.book();
  switch (name.by) {
    case OrderName::By::client_order_id:
      return seek_key(api, exchange, name);
    case OrderName::By::broker_id:
      return seek_broker_id(book, name);
    case OrderName::By::permanent_id: {
      Sought sought;
      sought.found = book.find(core::PermanentId(name.number));
      sought.query.emplace();
      sought.query->by = engine::HistoryQuery::By::permanent_id;
      sought.query->permanent_id = name.number;
      return sought;
    }
    case OrderName::By::id:
      break;
  }
  return seek_id(book, core::OrderId(static_cast<std::uint64_t>(name.number)));
}

}  // namespace

std::optional<Json> body_json(const Exchange& exchange) {
  if (exchange.request.body.empty()) {
    respond(exchange, {.code = ProblemCode::malformed_json,
                       .detail = "the body is empty; expected a JSON object"});
    return std::nullopt;
  }
  auto json = Json::parse(exchange.request.body);
  if (!json) {
    respond(exchange, {.code = ProblemCode::malformed_json, .detail = json.error().detail});
    return std::nullopt;
  }
  return std::move(*json);
}

std::optional<bool> read_flag(const Exchange& exchange, std::string_view name,
                              std::string outcome) {
  const std::string_view text = exchange.request.query_value(name).value_or("false");
  if (text == "true" || text == "false") return text == "true";
  respond(exchange, blame({{std::string(name), "expected true or false"}}, std::move(outcome)));
  return std::nullopt;
}

const core::Order* resolve(Api& api, Exchange& exchange) {
  const auto name = parse_order_name(exchange.id);
  const bool by_key = name && name->by == OrderName::By::client_order_id;
  if (name && !by_key && exchange.request.query_value("account")) {
    respond(exchange, blame({{"account", "goes with cid:<client_order_id> only"}}));
    return nullptr;
  }
  return find_order(api, exchange);
}

const core::Order* find_order(Api& api, Exchange& exchange) {
  const core::Book& book = api.view.book();
  const auto name = parse_order_name(exchange.id);
  auto sought = name ? seek(api, exchange, *name) : Sought();
  if (!sought) return nullptr;
  if (sought->found != nullptr) return sought->found;
  if (!check_history(exchange)) return nullptr;
  if (exchange.archived != nullptr) {
    if (!exchange.archived->orders.empty()) return &exchange.archived->orders.front();
  } else if (sought->query && api.reads.history() != nullptr && book.archived() != 0) {
    api.reads.ask_history(exchange, std::move(*sought->query));
    return nullptr;
  }
  const bool by_key = name && name->by == OrderName::By::client_order_id;
  if (by_key && !book.accounts().empty() && !check_account(api, exchange, true)) return nullptr;
  if (!name) sought->elsewhere = {std::string(order_name_expected)};
  respond(exchange,
          {.code = ProblemCode::order_not_found,
           .detail = fmt::format("there is no order {}{}", exchange.id, unlisted_of_others(name)),
           .suggestions = std::move(sought->elsewhere),
           .outcome = ""});
  return nullptr;
}

bool refuse_archived(const Api& api, const Exchange& exchange, const core::Order& order,
                     std::optional<std::uint64_t> version, std::string_view what) {
  if (api.view.book().find(order.id) != nullptr) return false;
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

bool read_if_match(const Exchange& exchange, std::optional<std::uint64_t>& version) {
  const auto header = exchange.request.header("if-match");
  if (!header || trim(*header) == "*") return true;
  std::string_view text = trim(*header);
  const bool shaped = text.size() >= 4 && text.substr(0, 2) == "\"v" && text.back() == '"';
  if (shaped) {
    text = text.substr(2, text.size() - 3);
    version = whole_number<std::uint64_t>(text);
    if (version) return true;
  }
  respond(exchange, {.code = ProblemCode::version_differs,
                     .detail = fmt::format("If-Match is {}; expected the ETag of the order, such "
                                           "as \"v3\"",
                                           *header)});
  return false;
}

// A list of nothing would read as "this account has none".
bool knows_account(const Api& api, const Exchange& exchange, bool or_of_orders) {
  const auto account = exchange.request.query_value("account");
  const auto& known = api.view.book().accounts();
  if (!account || std::find(known.begin(), known.end(), *account) != known.end()) return true;
  // An account of earlier sessions, or of a part of an allocation.
  const auto& orders = api.view.book().in_memory();
  const auto has_account = [&](const auto& each) {
    const auto& fills = each.second.executions;
    return each.second.spec->account.value() == *account ||
           std::any_of(fills.begin(), fills.end(),
                       [&](const auto& fill) { return fill.account.value() == *account; });
  };
  return or_of_orders && std::any_of(orders.begin(), orders.end(), has_account);
}

bool check_account(const Api& api, const Exchange& exchange, bool or_of_orders) {
  if (knows_account(api, exchange, or_of_orders)) return true;
  const auto& known = api.view.book().accounts();
  const base::Error wrong =
      core::unknown_account(known, exchange.request.query_value("account").value_or(""));
  const std::string outcome = exchange.request.method == "GET" ? "" : "not_sent";
  if (known.empty()) {
    respond(exchange, Problem{.code = ProblemCode::not_ready,
                              .detail = fmt::format("account: {}: the link is {}", wrong.detail,
                                                    api.view.link().phase),
                              .outcome = outcome});
  } else {
    respond(exchange, blame({wrong}, outcome));
  }
  return false;
}

}  // namespace belay::api
