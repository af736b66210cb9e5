// SPDX-License-Identifier: Apache-2.0
// DELETE /api/v1/orders/cancel-all: cancels what is open in a scope that the caller names. Nothing
// is canceled without a scope; a dry run lists what would be done; every order gets its own
// outcome.
#include <fmt/format.h>

#include "belay/api/api.hpp"
#include "belay/api/cancel_wish.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"
#include "belay/core/facts/owner.hpp"

namespace belay::api {
namespace {

constexpr std::string_view exact_call =
    "DELETE /api/v1/orders/cancel-all?scope=own&dry_run=true lists what would be canceled; scope "
    "is own (orders sent by this daemon), account (with account=NAME: all that can be canceled "
    "from "
    "here) or all (every open order of every client, by the broker's global cancel)";

std::optional<core::CancelScope> scope_of(std::string_view word) {
  if (word == "own") return core::CancelScope::own;
  if (word == "account") return core::CancelScope::account;
  if (word == "all") return core::CancelScope::all;
  return std::nullopt;
}

std::string_view outcome_of(const core::ReplyItem& item, const core::Order* order, bool dry_run) {
  if (item.code != core::ReplyCode::accepted) return "refused";
  if (dry_run) return "would_cancel";
  return order != nullptr && model::is_terminal(order->status) ? "canceled" : "requested";
}

}  // namespace

CancelWish read_cancel_wish(const HttpRequest& request) {
  CancelWish wish;
  wish.scope = request.query_value("scope").value_or("");
  const auto scope = scope_of(wish.scope);
  if (!scope) wish.errors.push_back({"scope", "expected own, account or all"});
  wish.command.scope = scope.value_or(core::CancelScope::own);
  for (const auto& [field, target] :
       {std::pair{"dry_run", &wish.command.dry_run}, std::pair{"foreign", &wish.command.foreign}}) {
    const std::string_view text = request.query_value(field).value_or("false");
    if (text != "true" && text != "false") {
      wish.errors.push_back({field, "expected true or false"});
    }
    *target = text == "true";
  }
  const bool by_account = wish.command.scope == core::CancelScope::account;
  const std::string_view account = request.query_value("account").value_or("");
  if (!account.empty()) wish.command.account = core::AccountId(std::string(account));
  // Which account is meant is said, also where there is only one today.
  if (by_account && account.empty()) {
    wish.errors.push_back({"account", "is needed: scope=account goes with account=NAME"});
  }
  if (!by_account && request.query_value("account")) {
    wish.errors.push_back({"account", "goes with scope=account only"});
  }
  if (wish.command.foreign && !by_account) {
    wish.errors.push_back({"foreign", "goes with scope=account only"});
  }
  return wish;
}

void write_cancel_item(base::JsonWriter& json, std::string_view name, const core::Order* order,
                       std::string_view outcome, std::string_view text) {
  json.begin_object();
  json.field("order_id", name);
  if (order != nullptr) {
    json.field("client_order_id", order->cl_ord_id.value());
    json.field("client_id", static_cast<std::int64_t>(core::owner_session(*order)));
    json.field("owner", core::owner_word(*order));
    json.field("account", order->spec->account.value());
    json.field("symbol", order->spec->contract.symbol);
    json.field("status", status_word(*order));
  }
  json.field("outcome", outcome);
  json.field("text", text);
  json.end_object();
}

Problem cancel_scope_needed() {
  return {.code = ProblemCode::scope_required,
          .detail = "cancel-all needs a scope; nothing was canceled",
          .suggestions = {std::string(exact_call)}};
}

namespace {

// Orders of others are known as the broker last listed them. No cancel waits for a list, so the
// answer to one says as of when its list is and what became of orders that are too young for it.
std::string cancel_all_json(const views::LiveView& view, const core::Reply& reply,
                            const CancelWish& wish, const std::optional<std::string>& fresh,
                            bool others_known) {
  const core::Book& book = view.book();
  base::JsonWriter json;
  json.begin_object();
  json.field("scope", wish.scope);
  json.field("dry_run", wish.command.dry_run);
  json.field("count", static_cast<std::int64_t>(reply.items.size()));
  const views::ListState& list = view.list(model::BrokerList::open_orders);
  write_told(json, view, model::BrokerList::open_orders, view.synced() && others_known, fresh);
  json.key("not_complete_because");
  if (!view.synced()) {
    json.string(list.as_of == base::Time()
                    ? "the broker's list has not been read yet"
                    : "the broker cannot be asked for its list now, and this one may be old");
  } else if (others_known && list.complete) {
    json.null();
  } else if (others_known) {
    json.string("something in the broker's list could not be read");
  } else {
    std::string why =
        fmt::format("orders that other programs or people placed since {} are not here",
                    base::to_rfc3339(view.gauges().civil(list.as_of)));
    if (!wish.command.dry_run) {
      why += wish.command.scope == core::CancelScope::all
                 ? ", and are meant by the global cancel too"
                 : ", and are not canceled: look with dry_run=true";
    }
    json.string(why);
  }
  json.key("orders").begin_array();
  for (const core::ReplyItem& item : reply.items) {
    const core::Order* order = book.find(item.order);
    write_cancel_item(json, std::to_string(item.order.value()), order,
                      outcome_of(item, order, wish.command.dry_run), item.text);
  }
  json.end_array();
  json.field("seq", std::to_string(book.last_seq()));
  json.end_object();
  return json.take();
}

void cancel_all(Api& api, Exchange& exchange) {
  if (!exchange.request.query_value("scope")) {
    return respond(exchange, cancel_scope_needed());
  }
  CancelWish wish = read_cancel_wish(exchange.request);
  if (!wish.errors.empty()) {
    Problem problem = blame(wish.errors);
    problem.suggestions = {std::string(exact_call)};
    return respond(exchange, problem);
  }
  // A dry run is to list all that a cancel would end.
  const auto list = model::BrokerList::open_orders;
  const bool of_others = wish.command.scope != core::CancelScope::own;
  if (wish.command.dry_run && of_others && !api.fresh.await(exchange, list, true)) return;
  const bool others_known = !of_others || (exchange.fresh && exchange.fresh->empty());
  core::CancelMany command = wish.command;
  Wait wait;
  wait.render = [&view = api.view, wish, fresh = exchange.fresh,
                 others_known](const core::Reply& reply) {
    return cancel_all_json(view, reply, wish, fresh, others_known);
  };
  api.waits.begin(exchange, std::move(wait), std::move(command));
}

}  // namespace

std::span<const Route> cancel_all_routes() {
  static constexpr Route table[] = {
      {"DELETE", "/api/v1/orders/cancel-all", Permission::trade, cancel_all,
       "scope account dry_run foreign", "cancel what is open; scope is own, account or all"},
  };
  return table;
}

}  // namespace belay::api
