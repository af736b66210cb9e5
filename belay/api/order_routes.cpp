// SPDX-License-Identifier: Apache-2.0
// /api/v1/orders: place, list, look at, change and cancel.
#include <fmt/format.h>

#include <algorithm>

#include "belay/api/fields.hpp"
#include "belay/api/order_filter.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/order_request.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/service.hpp"

namespace belay::api {
namespace {

base::Error date_passed() {
  return {"good_till_date", "has passed; expected a time in the future"};
}

// An order of somebody else may work and have come after the list that is known.
std::string_view unlisted_of_others(const std::optional<OrderName>& name) {
  using By = OrderName::By;
  const bool of_broker = name && (name->by == By::broker_id || name->by == By::permanent_id);
  return of_broker ? " that is ours or in the broker's last list; a reconcile reads a new one" : "";
}

}  // namespace

std::optional<Json> Service::body_json(Exchange& exchange) {
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

void Service::place_order(Exchange& exchange) {
  const auto json = body_json(exchange);
  if (!json) return;
  auto request = read_place(*json);
  FieldErrors errors = request ? FieldErrors{} : request.error();
  std::optional<std::string> key = request ? request->client_order_id : std::nullopt;
  if (const auto header = exchange.request.header("idempotency-key")) {
    // The same name space as client_order_id, so both at once must agree.
    if (auto error = check_client_order_id(*header, "Idempotency-Key")) errors.push_back(*error);
    if (key && *key != *header) {
      errors.push_back(
          {"client_order_id", "expected the same value as the Idempotency-Key header"});
    }
    key = std::string(*header);
  }
  if (!errors.empty()) {
    return respond(exchange, blame(std::move(errors)));
  }
  // A repeated request has its answer already, also when the date has passed meanwhile.
  if (request->spec.terms.expire_time && *request->spec.terms.expire_time <= exchange.now &&
      !(key && key_is_used(request->spec.account, *key))) {
    return respond(exchange, blame({date_passed()}));
  }
  // Protection is taken all the same: it leaves as soon as the disk can.
  if (engine_.stalled(exchange.now) &&
      core::lane_of(view_.book(), request->spec) != core::Lane::protective) {
    return respond(exchange, {.code = ProblemCode::journal_stalled,
                              .detail = "the disk is slow: new orders wait, cancels are taken"});
  }
  core::PlaceOrder command;
  command.correlation = next_correlation();
  command.principal = local_principal;
  if (key) command.cl_ord_id = core::ClOrdId(*key);
  command.spec = request->spec;
  begin_wait(exchange, {.command = Command::place}, std::move(command));
}

bool Service::key_is_used(const core::AccountId& account, const std::string& key) const {
  std::vector<std::string> accounts = view_.book().accounts();
  if (!account.value().empty()) accounts = {account.value()};
  return std::any_of(accounts.begin(), accounts.end(), [&](const std::string& each) {
    return engine_.core().book().find_key(
               core::key_hash(core::AccountId(each), core::ClOrdId(key))) != nullptr;
  });
}

const core::Order* Service::resolve(Exchange& exchange) {
  const auto name = parse_order_name(exchange.id);
  const bool by_key = name && name->by == OrderName::By::client_order_id;
  if (name && !by_key && exchange.request.query_value("account")) {
    respond(exchange, blame({{"account", "goes with cid:<client_order_id> only"}}));
    return nullptr;
  }
  return find_order(exchange);
}

const core::Order* Service::find_order(Exchange& exchange) {
  using By = OrderName::By;
  const core::Book& book = view_.book();
  const auto name = parse_order_name(exchange.id);
  const core::Order* found = nullptr;
  // What the history is asked when the order is not in memory.
  std::optional<engine::HistoryQuery> query;
  const auto archived_by_id = [&](core::OrderId order) {
    if (!book.is_archived(order)) return;
    query.emplace();
    query->order = order.value();
  };
  std::vector<std::string> elsewhere;  // the same number of other clients
  if (name && name->by == By::client_order_id) {
    // The key is (account, client order id); without an account every known one is tried.
    std::vector<std::string> accounts = book.accounts();
    if (const auto account = exchange.request.query_value("account")) {
      accounts = {std::string(*account)};
    }
    std::vector<std::string> owners;
    for (const auto& account : accounts) {
      const auto* use = engine_.core().book().find_key(
          core::key_hash(core::AccountId(account), core::ClOrdId(name->text)));
      // A key leads to one id for ever; whether the id can be seen is for the view to say.
      if (use == nullptr || use->order >= book.next_order_id()) continue;
      found = book.find(use->order);
      if (found == nullptr) archived_by_id(use->order);
      owners.push_back(account);
    }
    if (owners.size() > 1) {
      respond(exchange, {.code = ProblemCode::order_wrong_state,
                         .detail = fmt::format("the accounts {} have this client order id: say "
                                               "whose is meant (?account=, --account)",
                                               fmt::join(owners, ", "))});
      return nullptr;
    }
  } else if (name && name->by == By::permanent_id) {
    found = book.find(core::PermanentId(name->number));
    query.emplace();
    query->by = engine::HistoryQuery::By::permanent_id;
    query->permanent_id = name->number;
  } else if (name && name->by == By::broker_id) {
    found = book.find(core::BrokerOrderId{name->session, name->number});
    query.emplace();
    query->by = engine::HistoryQuery::By::broker_id;
    query->session = name->session;
    query->number = name->number;
    for (const core::OrderId live : book.live()) {
      const auto& known = book.find(live)->broker_id;
      if (found != nullptr || !known || known->number != name->number) continue;
      elsewhere.push_back(fmt::format("number {0} is an open order of client {1}: tws:{1}:{0}",
                                      name->number, known->session));
    }
  } else if (name) {
    const core::OrderId order(static_cast<std::uint64_t>(name->number));
    found = book.find(order);
    archived_by_id(order);
  }
  if (found != nullptr) return found;
  if (!check_history(exchange)) return nullptr;
  if (exchange.archived != nullptr) {
    if (!exchange.archived->orders.empty()) return &exchange.archived->orders.front();
  } else if (query && history_ != nullptr && book.archived() != 0) {
    ask_history(exchange, std::move(*query), ListPart());
    return nullptr;
  }
  const bool by_key = name && name->by == By::client_order_id;
  if (by_key && !book.accounts().empty() && !check_account(exchange, true)) return nullptr;
  respond(
      exchange,
      {.code = ProblemCode::order_not_found,
       .detail = fmt::format("there is no order {}{}", exchange.id, unlisted_of_others(name)),
       .suggestions = name ? elsewhere : std::vector<std::string>{std::string(order_name_expected)},
       .outcome = ""});
  return nullptr;
}

void Service::get_order(Exchange& exchange) {
  const core::Order* order = resolve(exchange);
  if (order == nullptr) return;
  const std::string tag = etag(*order);
  if (exchange.request.header("if-none-match") == std::string_view(tag)) {
    return respond(exchange, 304, "", {{"ETag", tag}});
  }
  std::size_t made = 0;
  respond(exchange, 200, *order_row(*order, made), {{"ETag", tag}});
}

// What waits in the outbox is shown with its lane, which moves without an event of the order; and
// what was archived is not looked at often.
RowCache::Row Service::order_row(const core::Order& order, std::size_t& made) {
  const core::Outbox& outbox = engine_.core().outbox();
  const bool keep = outbox.find(order.id, core::Outbox::Kind::place) == nullptr &&
                    view_.book().find(order.id) == &order;
  if (keep) {
    if (auto row = order_rows_.find(order)) return row;
  }
  std::string text = order_json(order, &outbox);
  made += text.size();
  if (!keep) return std::make_shared<const std::string>(std::move(text));
  return order_rows_.keep(order, std::move(text));
}

bool Service::read_if_match(Exchange& exchange, std::optional<std::uint64_t>& version) {
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

void Service::put_order(Exchange& exchange) {
  modify(exchange, false);
}
void Service::patch_order(Exchange& exchange) {
  modify(exchange, true);
}

void Service::modify(Exchange& exchange, bool version_needed) {
  const core::Order* order = resolve(exchange);
  if (order == nullptr) return;
  if (version_needed && !exchange.request.header("if-match")) {
    return respond(exchange, {.code = ProblemCode::version_required,
                              .detail = "PATCH needs If-Match with the ETag of the order; PUT "
                                        "does not"});
  }
  std::optional<std::uint64_t> version;
  if (!read_if_match(exchange, version)) return;
  if (refuse_archived(exchange, *order, version, "the order is done")) return;
  const auto json = body_json(exchange);
  if (!json) return;
  auto patch = read_patch(*json);
  if (!patch) {
    return respond(exchange, blame(patch.error()));
  }
  if (patch->expire_time && *patch->expire_time <= exchange.now) {
    return respond(exchange, blame({date_passed()}));
  }
  if (patch->is_empty()) {
    return respond(exchange,
                   {.code = ProblemCode::no_modifications, .detail = "No modifications provided"});
  }
  core::ReplaceOrder command;
  command.correlation = next_correlation();
  command.principal = local_principal;
  command.order = order->id;
  command.if_version = version;
  command.patch = *patch;
  begin_wait(exchange, {.command = Command::modify, .patch = *patch}, std::move(command));
}

void Service::delete_order(Exchange& exchange) {
  const core::Order* order = resolve(exchange);
  if (order == nullptr) return;
  std::optional<std::uint64_t> version;
  if (!read_if_match(exchange, version)) return;
  if (refuse_archived(exchange, *order, version, "too late to cancel: the order is done")) return;
  core::CancelOrder command;
  command.correlation = next_correlation();
  command.principal = local_principal;
  command.order = order->id;
  command.if_version = version;
  if (!read_foreign(exchange, command.foreign)) return;
  begin_wait(exchange, {.command = Command::cancel, .foreign = command.foreign},
             std::move(command));
}

void Service::list_orders(Exchange& exchange) {
  list(exchange, false);
}
void Service::list_all_orders(Exchange& exchange) {
  list(exchange, true);
}

void Service::list(Exchange& exchange, bool external_too) {
  const auto page = read_page(exchange.request);
  if (!page) return respond(exchange, blame(page.error(), ""));
  const auto filter = read_order_filter(exchange.request, external_too);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  if (!await_fresh(exchange, model::BrokerList::open_orders)) return;
  // Newest first; ids only grow, so a page never shifts under the reader.
  ListPlan plan;
  plan.member = "orders";
  plan.query.account = filter->account;
  plan.query.symbol = filter->symbol;
  plan.query.external_too = external_too;
  plan.query.status = filter->one_status();
  plan.archived_too = filter->done_too();
  plan.keeps = [&filter](const core::Order& order) { return filter->keeps(order); };
  plan.render = [this](const core::Order& order, std::size_t& made) {
    return Shown{order.id.value(), order_row(order, made), 1};
  };
  serve_list(exchange, *page, plan);
}

}  // namespace belay::api
