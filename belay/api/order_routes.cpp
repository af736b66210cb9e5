// SPDX-License-Identifier: Apache-2.0
// /api/v1/orders: place, list, look at, change and cancel.
#include <fmt/format.h>

#include <algorithm>

#include "belay/api/api.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/list_page.hpp"
#include "belay/api/order_filter.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/order_request.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"

namespace belay::api {
namespace {

base::Error date_passed() {
  return {"good_till_date", "has passed; expected a time in the future"};
}

bool key_is_used(const views::LiveView& view, const core::AccountId& account,
                 const std::string& key) {
  std::vector<std::string> accounts = view.book().accounts();
  if (!account.value().empty()) accounts = {account.value()};
  return std::any_of(accounts.begin(), accounts.end(), [&](const std::string& each) {
    return view.gauges().order_of(core::AccountId(each), core::ClOrdId(key)).has_value();
  });
}

void place_order(Api& api, Exchange& exchange) {
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
      !(key && key_is_used(api.view, request->spec.account, *key))) {
    return respond(exchange, blame({date_passed()}));
  }
  // Protection is taken all the same: it leaves as soon as the disk can.
  if (api.view.gauges().conditions(exchange.now).stalled &&
      !api.view.gauges().protects(request->spec)) {
    return respond(exchange, {.code = ProblemCode::journal_stalled,
                              .detail = "the disk is slow: new orders wait, cancels are taken"});
  }
  core::PlaceOrder command;
  if (key) command.cl_ord_id = core::ClOrdId(*key);
  command.spec = request->spec;
  api.waits.begin(exchange, {.command = Wait::Command::place}, std::move(command));
}

void get_order(Api& api, Exchange& exchange) {
  const core::Order* order = resolve(api, exchange);
  if (order == nullptr) return;
  const std::string tag = etag(*order);
  if (exchange.request.header("if-none-match") == std::string_view(tag)) {
    return respond(exchange, 304, "", {{"ETag", tag}});
  }
  std::size_t made = 0;
  respond(exchange, 200, *api.rows.order(*order, made), {{"ETag", tag}});
}

void modify(Api& api, Exchange& exchange, bool version_needed) {
  const core::Order* order = resolve(api, exchange);
  if (order == nullptr) return;
  if (version_needed && !exchange.request.header("if-match")) {
    return respond(exchange, {.code = ProblemCode::version_required,
                              .detail = "PATCH needs If-Match with the ETag of the order; PUT "
                                        "does not"});
  }
  std::optional<std::uint64_t> version;
  if (!read_if_match(exchange, version)) return;
  if (refuse_archived(api, exchange, *order, version, "the order is done")) return;
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
  command.order = order->id;
  command.if_version = version;
  command.patch = *patch;
  api.waits.begin(exchange, {.command = Wait::Command::modify, .patch = *patch},
                  std::move(command));
}

void put_order(Api& api, Exchange& exchange) {
  modify(api, exchange, false);
}
void patch_order(Api& api, Exchange& exchange) {
  modify(api, exchange, true);
}

void delete_order(Api& api, Exchange& exchange) {
  const core::Order* order = resolve(api, exchange);
  if (order == nullptr) return;
  std::optional<std::uint64_t> version;
  if (!read_if_match(exchange, version)) return;
  if (refuse_archived(api, exchange, *order, version, "too late to cancel: the order is done"))
    return;
  core::CancelOrder command;
  command.order = order->id;
  command.if_version = version;
  const auto foreign = read_flag(exchange, "foreign");
  if (!foreign) return;
  command.foreign = *foreign;
  api.waits.begin(exchange, {.command = Wait::Command::cancel, .foreign = *foreign},
                  std::move(command));
}

void list(Api& api, Exchange& exchange, bool external_too) {
  const auto page = read_page(exchange.request);
  if (!page) return respond(exchange, blame(page.error(), ""));
  const auto filter = read_order_filter(exchange.request, external_too);
  if (!filter) return respond(exchange, blame(filter.error(), ""));
  if (!api.fresh.await(exchange, model::BrokerList::open_orders)) return;
  // Newest first; ids only grow, so a page never shifts under the reader.
  ListPlan plan;
  plan.member = "orders";
  plan.query.account = filter->account;
  plan.query.symbol = filter->symbol;
  plan.query.external_too = external_too;
  plan.query.status = filter->one_status();
  plan.archived_too = filter->done_too();
  plan.keeps = [&filter](const core::Order& order) { return filter->keeps(order); };
  plan.render = [&api](const core::Order& order, std::size_t& made) {
    return Shown{order.id.value(), api.rows.order(order, made), 1};
  };
  serve_list(api, exchange, *page, plan);
}

void list_orders(Api& api, Exchange& exchange) {
  list(api, exchange, false);
}
void list_all_orders(Api& api, Exchange& exchange) {
  list(api, exchange, true);
}

}  // namespace

std::span<const Route> order_routes() {
  static constexpr Route table[] = {
      {"GET", "/api/v1/orders/all", Permission::look, list_all_orders,
       "status account symbol limit page_token fresh",
       "orders of all clients: ours, other programs', manual ones", Cost::long_answer},
      {"GET", "/api/v1/orders", Permission::look, list_orders,
       "status account symbol limit page_token fresh",
       "our orders, newest first; fresh=true: the broker is asked first", Cost::long_answer},
      {"POST", "/api/v1/orders", Permission::trade, place_order, "", "place an order"},
      {"GET", "/api/v1/orders/{id}", Permission::look, get_order, "account",
       "one order: our id, cid:<client_order_id>, perm:<permId> or tws:<client>:<orderId>"},
      {"PUT", "/api/v1/orders/{id}", Permission::trade, put_order, "account",
       "change the given fields"},
      {"PATCH", "/api/v1/orders/{id}", Permission::trade, patch_order, "account",
       "change the given fields; If-Match required"},
      {"DELETE", "/api/v1/orders/{id}", Permission::trade, delete_order, "account foreign",
       "cancel the order; foreign=true: also another client's, in its name"},
  };
  return table;
}

}  // namespace belay::api
