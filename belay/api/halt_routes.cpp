// SPDX-License-Identifier: Apache-2.0
// /api/v1/halt and /api/v1/resume: the kill gate by hand. Asking twice is the same as asking once.
// The gate is closed when the request has been read; the answer says that it stays closed.
#include <fmt/format.h>

#include "belay/api/api.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/json.hpp"
#include "belay/api/request_parts.hpp"
#include "belay/api/routes.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::api {
namespace {

constexpr std::size_t reason_max = 500;

std::string halt_json(const views::LiveView& view) {
  const auto& halted = view.book().halted();
  base::JsonWriter json;
  json.begin_object().field("halted", halted.has_value());
  json.key("reason");
  halted ? json.string(halted->reason) : json.null();
  json.key("by");
  halted ? json.string(halted->principal) : json.null();
  json.field("seq", std::to_string(view.book().last_seq()));
  json.end_object();
  return json.take();
}

auto tells_halt(const Api& api) {
  return [&view = api.view](const core::Reply&) { return halt_json(view); };
}

// The body is an object with `reason` alone; where none is needed the body may be missing too.
std::optional<std::string> read_reason(const Exchange& exchange, bool needed) {
  if (exchange.request.body.empty() && !needed) return "";
  const auto json = body_json(exchange);
  if (!json) return std::nullopt;
  FieldErrors errors;
  if (!json->is_object()) errors.push_back({"body", "expected a JSON object"});
  for (const auto& [name, value] : json->members()) {
    if (name != "reason") errors.push_back({name, "unknown field; expected reason"});
  }
  const Json* reason = json->find("reason");
  const bool empty = reason == nullptr || (reason->is_string() && reason->text().empty());
  if (empty ? needed : !is_line(*reason, reason_max)) {
    errors.push_back({"reason", "expected a text that says why: one line of at most 500 bytes"});
  }
  if (errors.empty()) return reason == nullptr ? "" : std::string(reason->text());
  respond(exchange, blame(std::move(errors)));
  return std::nullopt;
}

void get_halt(Api& api, Exchange& exchange) {
  respond(exchange, 200, halt_json(api.view));
}

void post_halt(Api& api, Exchange& exchange) {
  const auto reason = read_reason(exchange, true);
  if (!reason) return;
  api.waits.begin(exchange, {.render = tells_halt(api)}, core::Halt{0, "", *reason});
}

void post_resume(Api& api, Exchange& exchange) {
  const auto reason = read_reason(exchange, false);
  if (!reason) return;
  // It would be halted again within a second.
  if (const std::string file = api.hooks.halt_file(); !file.empty()) {
    return respond(exchange,
                   {.code = ProblemCode::halted,
                    .detail = fmt::format("the file {} halts new risk for as long as it is there: "
                                          "remove it, then resume",
                                          file)});
  }
  api.waits.begin(exchange, {.render = tells_halt(api)}, core::Resume{0, "", *reason});
}

}  // namespace

std::span<const Route> halt_routes() {
  static constexpr Route table[] = {
      {"GET", "/api/v1/halt", Permission::look, get_halt, "",
       "whether new risk is halted, by whom and why"},
      {"POST", "/api/v1/halt", Permission::operate, post_halt, "",
       "stop new risk at once, through restarts; cancels and protection pass; reason"},
      {"POST", "/api/v1/resume", Permission::operate, post_resume, "",
       "take new risk again, while no file HALT is there; reason"},
  };
  return table;
}

}  // namespace belay::api
