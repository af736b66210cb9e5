// SPDX-License-Identifier: Apache-2.0
// /api/v1/ids: the state of the broker order ids, blocks of them for a caller, the question whether
// an id could be used, and the emergency reset.
#include <fmt/format.h>

#include "belay/api/api.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/ids_json.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::api {
namespace {

constexpr std::size_t gaps_shown_default = 100;
constexpr std::size_t label_max = 32;

struct ReserveBody {
  std::optional<std::int64_t> count;
  std::optional<std::int64_t> from;
  std::string purpose;
  std::string operator_name;
  std::string reason;
};
constexpr Field<ReserveBody> reserve_table[] = {
    {"count", "a whole number of ids, such as 3", read_into<&ReserveBody::count>, true},
    {"purpose", "one of manual, scanner, bracket, algo, test, other",
     read_into<&ReserveBody::purpose>},
    {"from", "the id that the block should begin at", read_into<&ReserveBody::from>},
    {"operator", "the name of who answers for many ids, one line of at most 200 bytes",
     read_into<&ReserveBody::operator_name>},
    {"reason", "why many ids are needed, one line of at most 200 bytes",
     read_into<&ReserveBody::reason>},
};

constexpr Field<core::ReleaseIds> release_table[] = {
    {"from", "the first id of a block of yours", read_into<&core::ReleaseIds::from>, true},
};
constexpr Field<core::ResetIds> reset_table[] = {
    {"operator", "the name of who asks for it, one line of at most 200 bytes",
     read_into<&core::ResetIds::principal>, true},
    {"reason", "why, one line of at most 200 bytes", read_into<&core::ResetIds::reason>, true},
};

Problem bad_fields(FieldErrors errors) {
  return blame(std::move(errors), "");
}

// Null where nobody said it.
void write_text(base::JsonWriter& json, std::string_view name, const std::string& text) {
  json.key(name);
  text.empty() ? json.null() : json.string(text);
}

void get_ids(Api& api, Exchange& exchange) {
  std::size_t gaps = gaps_shown_default;
  if (const auto text = exchange.request.query_value("gaps")) {
    const auto wanted = whole_number<std::int64_t>(*text);
    if (!wanted || *wanted < 0) {
      return respond(exchange, bad_fields({{"gaps", "expected how many gaps to show, 0 or more"}}));
    }
    gaps = static_cast<std::size_t>(*wanted);
  }
  respond(
      exchange, 200,
      ids_json(api.view.book(), api.view.gauges().ids(),
               {.session = api.view.link().session,
                .reuse_attempts = api.view.book().id_reuse_total() + api.waits.id_reuse_attempts(),
                .gaps_shown = gaps}));
}

void validate_id(Api& api, Exchange& exchange) {
  const auto text = exchange.request.query_value("id");
  const auto number = text ? whole_number<std::int64_t>(*text) : std::nullopt;
  if (!number) {
    return respond(exchange, bad_fields({{"id", "expected a whole number, such as ?id=42"}}));
  }
  const std::string_view purpose = exchange.request.query_value("purpose").value_or("");
  if (base::line_text(purpose, label_max) != purpose) {
    return respond(exchange, bad_fields({{"purpose", fmt::format("expected a label of at most {} "
                                                                 "bytes, such as manual",
                                                                 label_max)}}));
  }
  const core::IdQuestion question{api.view.link().session, *number, purpose, exchange.principal};
  const auto broken = core::broken_id_rules(api.view.book(), api.view.gauges().ids(), question);
  // A question is no attempt: nothing is counted here.
  base::JsonWriter json;
  json.begin_object();
  json.field("id", std::to_string(*number));
  json.field("valid", broken.empty());
  json.key("failed_rules").begin_array();
  for (const auto& rule : broken) {
    json.begin_object().field("rule", rule.field).field("detail", rule.detail).end_object();
  }
  json.end_array().end_object();
  respond(exchange, 200, json.take());
}

// How many ids a block sets aside or skips before it; 0 when the core will refuse it.
std::int64_t reserve_cost(const Api& api, std::int64_t count, std::optional<std::int64_t> from,
                          std::string_view purpose) {
  const core::IdOptions& ids = api.view.gauges().ids();
  if (count < 1 || count > ids.block_max) return 0;
  const std::int64_t mark = api.view.book().id_mark(api.view.link().session);
  const std::int64_t above = std::max(mark, from.value_or(0) - 1);
  if (above > mark + ids.skip_max) return 0;
  const auto first = core::next_number(ids, above, purpose, count);
  return first ? count + (*first - mark - 1) : 0;
}

// Ids that are set aside or skipped are gone for good.
bool refuse_many_ids(Api& api, const Exchange& exchange, std::int64_t cost, bool named) {
  const auto refusal =
      api.id_budget.refuse(std::string(exchange.principal), named, cost, exchange.now);
  if (!refusal) return false;
  Problem problem{.code = ProblemCode::rate_limited, .detail = refusal->detail, .outcome = ""};
  problem.retry_after = refusal->retry_after;
  if (refusal->operator_helps) {
    problem.suggestions = {"add operator and reason: a person who is named may set aside more"};
  }
  respond(exchange, problem);
  return true;
}

void reserve_ids(Api& api, Exchange& exchange) {
  const auto body = read_body(exchange, reserve_table, "");
  if (!body) return;
  if (body->operator_name.empty() != body->reason.empty()) {
    const char* missing = body->reason.empty() ? "reason" : "operator";
    return respond(exchange, bad_fields({{missing, "operator and reason go together"}}));
  }
  const bool named = !body->operator_name.empty();
  const std::int64_t cost = reserve_cost(api, *body->count, body->from, body->purpose);
  if (refuse_many_ids(api, exchange, cost, named)) return;
  core::ReserveIds command;
  command.purpose = body->purpose;
  command.count = *body->count;
  command.from = body->from;
  const std::string purpose(model::purpose_label(body->purpose));
  api.waits.begin(
      exchange,
      {.render =
           [&api, principal = std::string(exchange.principal), count = *body->count, purpose,
            who = body->operator_name, why = body->reason, cost,
            now = exchange.now](const core::Reply& reply) {
             api.id_budget.charge(principal, !who.empty(), cost, now);
             const std::int64_t last = reply.first_id + count - 1;
             if (!who.empty()) {
               api.hooks.record(fmt::format("ids {} to {} are reserved for {} by {}: {}",
                                            reply.first_id, last, purpose, who, why));
             }
             base::JsonWriter out;
             out.begin_object();
             out.field("from", std::to_string(reply.first_id));
             out.field("to", std::to_string(last));
             out.field("count", count);
             out.field("purpose", purpose);
             write_text(out, "operator", who);
             write_text(out, "reason", why);
             out.key("ids").begin_array();
             for (std::int64_t i = 0; i < count; ++i) {
               out.string(std::to_string(reply.first_id + i));
             }
             out.end_array().end_object();
             return out.take();
           }},
      std::move(command));
}

void release_ids(Api& api, Exchange& exchange) {
  auto command = read_body(exchange, release_table, "");
  if (!command) return;
  api.waits.begin(exchange,
                  {.render =
                       [from = command->from](const core::Reply& reply) {
                         base::JsonWriter out;
                         out.begin_object();
                         out.field("from", std::to_string(from));
                         out.field("unused_from", std::to_string(reply.first_id));
                         out.field("released", true).end_object();
                         return out.take();
                       }},
                  std::move(*command));
}

void reset_ids(Api& api, Exchange& exchange) {
  auto command = read_body(exchange, reset_table, "");
  if (!command) return;
  api.waits.begin(exchange,
                  {.render =
                       [](const core::Reply& reply) {
                         base::JsonWriter out;
                         out.begin_object();
                         out.field("outcome", "pending");
                         out.field("resource", "/api/v1/ids");
                         out.key("canceling").begin_array();
                         for (const auto& item : reply.items) {
                           out.string(std::to_string(item.order.value()));
                         }
                         out.end_array().end_object();
                         return out.take();
                       },
                   .render_status = 202},
                  std::move(*command));
}

}  // namespace

std::span<const Route> id_routes() {
  static constexpr Route table[] = {
      {"GET", "/api/v1/ids", Permission::look, get_ids, "gaps",
       "broker order ids: mark, blocks, gaps, purposes; gaps=<how many>", Cost::long_answer},
      {"GET", "/api/v1/ids/validate", Permission::look, validate_id, "id purpose",
       "every rule that using ?id= would break"},
      {"POST", "/api/v1/ids/reserve", Permission::trade, reserve_ids, "",
       "keep consecutive ids: count, purpose, from"},
      {"POST", "/api/v1/ids/release", Permission::trade, release_ids, "",
       "give a block back: from"},
      {"POST", "/api/v1/ids/reset", Permission::operate, reset_ids, "",
       "cancel own orders and go on above every id: operator, reason"},
  };
  return table;
}

}  // namespace belay::api
