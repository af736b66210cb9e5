// SPDX-License-Identifier: Apache-2.0
// /api/v1/reconcile: ask the broker for everything and say what that changed, or would change.
// /api/v1/orders/{id}/decide: a person ends an order whose fate no evidence shows.
#include <fmt/format.h>

#include "belay/api/api.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"

namespace belay::api {
namespace {

// A round asks twice before it gives a list up.
constexpr base::Duration round_patience = std::chrono::seconds(60);

std::string round_json(const core::Reply& reply, bool dry_run, std::uint64_t seq) {
  base::JsonWriter json;
  json.begin_object();
  json.field("round", std::to_string(reply.round));
  json.field("settled", reply.settled);
  json.field("dry_run", dry_run);
  json.key("findings").begin_array();
  for (const core::Finding& finding : reply.findings) {
    json.begin_object().field("kind", finding.kind).key("order_id");
    if (finding.order.value() == 0) {
      json.null();
    } else {
      json.string(std::to_string(finding.order.value()));
    }
    json.field("text", finding.text).end_object();
  }
  json.end_array();
  json.key("events").begin_array();
  for (const std::string& event : reply.events) json.raw(event);
  json.end_array();
  json.field("seq", std::to_string(seq));
  json.end_object();
  return json.take();
}

bool read_fate(const Json& value, core::DecideOrder& out, FieldErrors&) {
  if (!value.is_string()) return false;
  if (value.text() == "canceled") out.fate = core::DecideOrder::Fate::canceled;
  return value.text() == "canceled" || value.text() == "not-accepted";
}
constexpr Field<core::DecideOrder> decide_table[] = {
    {"fate", "not-accepted or canceled", read_fate, true},
    {"reason", "one line of text, 1 to 200 bytes", read_into<&core::DecideOrder::reason>, true},
    {"operator", "one line of text, 1 to 200 bytes", read_into<&core::DecideOrder::principal>,
     true},
};

void post_reconcile(Api& api, Exchange& exchange) {
  const auto dry_run = read_flag(exchange, "dry_run", "");
  if (!dry_run) return;
  core::Reconcile command;
  command.dry_run = *dry_run;
  Wait wait;
  wait.reply_within = round_patience;
  wait.render = [&view = api.view, dry_run = *dry_run](const core::Reply& reply) {
    return round_json(reply, dry_run, view.book().last_seq());
  };
  api.waits.begin(exchange, std::move(wait), std::move(command));
}

void decide_order(Api& api, Exchange& exchange) {
  const core::Order* order = resolve(api, exchange);
  if (order == nullptr) return;
  auto command = read_body(exchange, decide_table);
  if (!command) return;
  command->order = order->id;
  Wait wait;
  wait.render = [&view = api.view](const core::Reply& reply) {
    const core::Order* decided = view.book().find(reply.order);
    if (decided != nullptr) return order_json(*decided);
    return fmt::format(R"({{"order_id":"{}","archived":true}})", reply.order.value());
  };
  api.waits.begin(exchange, std::move(wait), std::move(*command));
}

}  // namespace

std::span<const Route> reconcile_routes() {
  static constexpr Route table[] = {
      {"POST", "/api/v1/orders/{id}/decide", Permission::operate, decide_order, "account",
       "end an order whose fate no evidence shows; fate, reason, operator"},
      {"POST", "/api/v1/reconcile", Permission::operate, post_reconcile, "dry_run",
       "ask the broker for everything and say what it changed; dry_run=true: would change"},
  };
  return table;
}

}  // namespace belay::api
