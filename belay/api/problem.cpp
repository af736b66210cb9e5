// SPDX-License-Identifier: Apache-2.0
#include "belay/api/problem.hpp"

#include <algorithm>
#include <array>

#include "belay/base/json_writer.hpp"

namespace belay::api {
namespace {

using enum ProblemCode;

constexpr std::array problem_table{
    ProblemRow{malformed_request, 400, "MALFORMED_REQUEST", "The request is not understood",
               "BadRequest", "unsafe"},
    ProblemRow{malformed_json, 400, "MALFORMED_JSON", "The body is not valid JSON", "BadRequest",
               "unsafe"},
    ProblemRow{no_modifications, 400, "NO_MODIFICATIONS", "No modifications provided", "BadRequest",
               "unsafe"},
    ProblemRow{cross_origin, 403, "CROSS_ORIGIN", "Requests from this origin are refused",
               "Forbidden", "unsafe"},
    ProblemRow{not_found, 404, "NOT_FOUND", "There is nothing at this path", "NotFound", "unsafe"},
    ProblemRow{order_not_found, 404, "ORDER_NOT_FOUND", "There is no such order", "OrderNotFound",
               "unsafe"},
    ProblemRow{method_not_allowed, 405, "METHOD_NOT_ALLOWED", "The path has no such method",
               "MethodNotAllowed", "unsafe"},
    ProblemRow{request_timeout, 408, "REQUEST_TIMEOUT", "The body did not arrive in time",
               "RequestTimeout", "safe"},
    ProblemRow{order_wrong_state, 409, "ORDER_WRONG_STATE", "The order's state does not allow this",
               "Conflict", "unsafe"},
    ProblemRow{version_differs, 412, "VERSION_DIFFERS", "The order has changed since",
               "PreconditionFailed", "unsafe"},
    ProblemRow{body_too_large, 413, "BODY_TOO_LARGE", "The body is too large", "PayloadTooLarge",
               "unsafe"},
    ProblemRow{unsupported_media_type, 415, "UNSUPPORTED_MEDIA_TYPE",
               "The body must be application/json", "UnsupportedMediaType", "unsafe"},
    ProblemRow{misdirected_host, 421, "MISDIRECTED_HOST", "The Host header names another server",
               "MisdirectedRequest", "unsafe"},
    ProblemRow{invalid_fields, 422, "INVALID_FIELDS", "Some fields are not as expected",
               "ValidationError", "unsafe"},
    ProblemRow{order_refused, 422, "ORDER_REFUSED", "The order was refused", "OrderRefused",
               "unsafe"},
    ProblemRow{key_reused, 422, "KEY_REUSED", "The key was used for another request",
               "IdempotencyKeyReused", "unsafe"},
    ProblemRow{version_required, 428, "VERSION_REQUIRED", "If-Match is required",
               "PreconditionRequired", "unsafe"},
    ProblemRow{queue_full, 429, "QUEUE_FULL", "Too many orders wait to be sent",
               "RateLimitExceeded", "after"},
    ProblemRow{headers_too_large, 431, "HEADERS_TOO_LARGE", "The request's head is too large",
               "BadRequest", "unsafe"},
    ProblemRow{internal_error, 500, "INTERNAL_ERROR", "Something is wrong on our side",
               "InternalError", "unsafe"},
    ProblemRow{not_ready, 503, "NOT_READY", "The broker's state is not known yet",
               "ServiceUnavailable", "after"},
    ProblemRow{journal_stalled, 503, "JOURNAL_STALLED", "The disk does not answer in time",
               "ServiceUnavailable", "after"},
    ProblemRow{disk_unfit, 503, "DISK_UNFIT", "The journal's disk takes no new risk now",
               "ServiceUnavailable", "after"},
    ProblemRow{halted, 503, "HALTED", "New risk is halted", "EmergencyBreakerActive", "after"},
    ProblemRow{ids_exhausted, 409, "RANGE_EXHAUSTED", "No broker order ids are left", "Conflict",
               "unsafe"},
    ProblemRow{scope_required, 400, "SCOPE_REQUIRED", "A scope is required", "BadRequest",
               "unsafe"},
    ProblemRow{incident_closed, 409, "INCIDENT_CLOSED", "The incident is closed already",
               "Conflict", "unsafe"},
    ProblemRow{superseded, 409, "SUPERSEDED", "A later modification took its place", "Conflict",
               "unsafe"},
    ProblemRow{rate_limited, 429, "RATE_LIMITED", "More is asked for than is given in this time",
               "RateLimitExceeded", "after"},
};

}  // namespace

std::span<const ProblemRow> problem_rows() {
  return problem_table;
}

const ProblemRow& row_of(ProblemCode code) {
  const auto row = std::find_if(problem_table.begin(), problem_table.end(),
                                [code](const ProblemRow& each) { return each.code == code; });
  BELAY_CHECK(row != problem_table.end());
  return *row;
}

Problem blame(std::vector<base::Error> errors, std::string outcome) {
  std::string detail = errors.front().field + ": " + errors.front().detail;
  return {.code = invalid_fields,
          .detail = std::move(detail),
          .errors = std::move(errors),
          .outcome = std::move(outcome)};
}

std::string_view problem_detail(const Problem& problem) {
  return problem.detail.empty() ? row_of(problem.code).title : std::string_view(problem.detail);
}

namespace {

// Whole seconds, rounded up.
std::string retry_after_seconds(const Problem& problem) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(problem.retry_after).count();
  return std::to_string(std::max<std::int64_t>(1, seconds));
}

std::string problem_json(const Problem& problem, const ProblemRow& row,
                         const ProblemContext& context) {
  const std::string_view detail = problem_detail(problem);
  base::JsonWriter json;
  json.begin_object();
  json.field("type", "urn:belay:problem:" + std::string(row.name));
  json.field("title", row.title);
  json.field("status", static_cast<std::int64_t>(row.status));
  json.field("detail", detail);
  json.field("instance", context.instance);
  json.field("code", row.name);
  json.field("retry", row.retry);
  if (!problem.outcome.empty()) json.field("outcome", problem.outcome);
  if (!problem.order_id.empty()) json.field("order_id", problem.order_id);
  if (problem.broker_code != 0) {
    json.field("broker_code", static_cast<std::int64_t>(problem.broker_code));
  }
  if (problem.broker_code != 0 || !problem.broker_text.empty()) {
    json.field("broker_text", problem.broker_text);
  }
  if (!problem.order.empty()) json.key("order").raw(problem.order);
  json.key("errors").begin_array();
  for (const auto& error : problem.errors) {
    json.begin_object().field("field", error.field).field("detail", error.detail).end_object();
  }
  json.end_array();
  json.field("error", true);
  json.field("correlation_id", context.correlation_id);
  json.field("timestamp", base::to_rfc3339(context.now));
  json.field("error_type", row.error_type);
  json.field("message", detail);
  json.key("suggestions").begin_array();
  for (const auto& suggestion : problem.suggestions) json.string(suggestion);
  json.end_array().end_object();
  return json.take();
}

}  // namespace

HttpResponse problem_response(const Problem& problem, const ProblemContext& context, Headers more) {
  const ProblemRow& row = row_of(problem.code);
  more.insert(more.begin(), {"Content-Type", "application/problem+json"});
  if (row.status == 503 || row.status == 429) {
    more.emplace_back("Retry-After", retry_after_seconds(problem));
  }
  return {row.status, std::move(more), problem_json(problem, row, context)};
}

}  // namespace belay::api
