// SPDX-License-Identifier: Apache-2.0
// /api/v1/reconcile: ask the broker for everything and say what that changed, or would change.
// /api/v1/orders/{id}/decide: a person ends an order whose fate no evidence shows.
#include <fmt/format.h>

#include "belay/api/fields.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/service.hpp"

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

}  // namespace

void Service::post_reconcile(Exchange& exchange) {
  const std::string_view dry = exchange.request.query_value("dry_run").value_or("false");
  if (dry != "true" && dry != "false") {
    return respond(exchange, {.code = ProblemCode::invalid_fields,
                              .detail = "dry_run: expected true or false",
                              .errors = {{"dry_run", "expected true or false"}},
                              .outcome = ""});
  }
  core::Reconcile command;
  command.correlation = next_correlation();
  command.principal = local_principal;
  command.dry_run = dry == "true";
  Wait wait;
  wait.command = Command::other;
  wait.reply_within = round_patience;
  wait.render = [this, dry_run = command.dry_run](const core::Reply& reply) {
    return round_json(reply, dry_run, view_.book().last_seq());
  };
  begin_wait(exchange, std::move(wait), std::move(command));
}

void Service::decide_order(Exchange& exchange) {
  const core::Order* order = resolve(exchange);
  if (order == nullptr) return;
  const auto json = body_json(exchange);
  if (!json) return;
  FieldErrors errors;
  const auto text = [&](const char* field) {
    const Json* member = json->find(field);
    const bool good = member != nullptr && is_line(*member, text_max);
    if (!good) {
      errors.push_back({field, fmt::format("expected one line of text, 1 to {} bytes", text_max)});
    }
    return good ? member->text() : std::string();
  };
  core::DecideOrder command;
  const std::string fate = text("fate");
  command.reason = text("reason");
  command.principal = text("operator");
  if (fate == "canceled") {
    command.fate = core::DecideOrder::Fate::canceled;
  } else if (fate != "not-accepted" && !fate.empty()) {
    errors.push_back({"fate", "expected not-accepted or canceled"});
  }
  for (const auto& [name, value] : json->members()) {
    if (name == "fate" || name == "reason" || name == "operator") continue;
    errors.push_back({name, "not known; expected fate, reason and operator"});
  }
  if (!errors.empty()) {
    return respond(exchange, {.code = ProblemCode::invalid_fields,
                              .detail = fmt::format("{}: {}", errors[0].field, errors[0].detail),
                              .errors = errors});
  }
  command.correlation = next_correlation();
  command.order = order->id;
  Wait wait;
  wait.command = Command::other;
  wait.render = [this](const core::Reply& reply) {
    const core::Order* decided = view_.book().find(reply.order);
    if (decided != nullptr) return order_json(*decided);
    return fmt::format(R"({{"order_id":"{}","archived":true}})", reply.order.value());
  };
  begin_wait(exchange, std::move(wait), std::move(command));
}

}  // namespace belay::api
