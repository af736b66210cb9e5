// SPDX-License-Identifier: Apache-2.0
// /api/v1/halt and /api/v1/resume: the kill gate by hand. Asking twice is the same as asking once.
// The gate is closed when the request has been read; the answer says that it stays closed.
#include <fmt/format.h>

#include "belay/api/fields.hpp"
#include "belay/api/json.hpp"
#include "belay/api/service.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::api {
namespace {

constexpr std::size_t reason_max = 500;

}  // namespace

std::string Service::halt_json() const {
  const auto& halted = view_.book().halted();
  base::JsonWriter json;
  json.begin_object().field("halted", halted.has_value());
  json.key("reason");
  halted ? json.string(halted->reason) : json.null();
  json.key("by");
  halted ? json.string(halted->principal) : json.null();
  json.field("seq", std::to_string(view_.book().last_seq()));
  json.end_object();
  return json.take();
}

// The body is an object with `reason` alone; where none is needed the body may be missing too.
std::optional<std::string> Service::read_reason(Exchange& exchange, bool needed) {
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
  respond(exchange, {.code = ProblemCode::invalid_fields,
                     .detail = errors[0].field + ": " + errors[0].detail,
                     .errors = errors});
  return std::nullopt;
}

void Service::get_halt(Exchange& exchange) {
  respond(exchange, 200, halt_json());
}

void Service::post_halt(Exchange& exchange) {
  const auto reason = read_reason(exchange, true);
  if (!reason) return;
  begin_wait(
      exchange,
      {.command = Command::other, .render = [this](const core::Reply&) { return halt_json(); }},
      core::Halt{next_correlation(), std::string(local_principal), *reason});
}

void Service::post_resume(Exchange& exchange) {
  const auto reason = read_reason(exchange, false);
  if (!reason) return;
  // It would be halted again within a second.
  if (const std::string file = hooks_.halt_file(); !file.empty()) {
    return respond(exchange,
                   {.code = ProblemCode::halted,
                    .detail = fmt::format("the file {} halts new risk for as long as it is there: "
                                          "remove it, then resume",
                                          file)});
  }
  begin_wait(
      exchange,
      {.command = Command::other, .render = [this](const core::Reply&) { return halt_json(); }},
      core::Resume{next_correlation(), std::string(local_principal), *reason});
}

}  // namespace belay::api
