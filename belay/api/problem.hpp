// SPDX-License-Identifier: Apache-2.0
// Problem: why a request was not done, as RFC 9457 problem+json, with the older envelope's names
// (error, correlation_id, timestamp, error_type, message, suggestions) as extension members. One
// table gives each code its status, title, error_type and whether a retry is safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "belay/api/http_message.hpp"
#include "belay/base/result.hpp"
#include "belay/base/time.hpp"

namespace belay::api {

/// Each is one row of the table in problem.cpp; the wire code is its name in upper case.
enum class ProblemCode : std::uint8_t {
  malformed_request,
  malformed_json,
  no_modifications,
  cross_origin,
  not_found,
  order_not_found,
  method_not_allowed,
  request_timeout,
  order_wrong_state,
  version_differs,
  body_too_large,
  unsupported_media_type,
  misdirected_host,
  invalid_fields,
  order_refused,
  key_reused,
  version_required,
  queue_full,
  headers_too_large,
  internal_error,
  not_ready,
  journal_stalled,
  disk_unfit,
  halted,
  ids_exhausted,
  scope_required,
  incident_closed,
  superseded,
  rate_limited,
};

struct ProblemRow {
  ProblemCode code;
  unsigned status;
  std::string_view name;  ///< the wire code: "ORDER_NOT_FOUND"
  std::string_view title;
  std::string_view error_type;  ///< S4's word
  std::string_view retry;       ///< safe: the same request may be sent again; unsafe; after: wait
};
const ProblemRow& row_of(ProblemCode code);
std::span<const ProblemRow> problem_rows();

struct Problem {
  ProblemCode code = ProblemCode::internal_error;
  std::string detail = {};               ///< what happened and what was expected, for people
  std::vector<base::Error> errors = {};  ///< fields at fault
  std::vector<std::string> suggestions = {};
  std::string outcome = "not_sent";  ///< not_sent, rejected or unknown; empty: no order is meant
  std::string order_id = {};         ///< the order that the problem is about
  base::Duration retry_after = {};   ///< of 503 and 429: when to ask again; at least a second
  std::int32_t broker_code = 0;      ///< the broker's own code and words, beside ours
  std::string broker_text = {};
  std::string order = {};  ///< the order as it is in force, as JSON, where that is the answer
};

/// The refusal that names fields at fault; `errors` is not empty.
Problem blame(std::vector<base::Error> errors, std::string outcome = "not_sent");

/// Its detail, or the title of its code.
std::string_view problem_detail(const Problem& problem);

struct ProblemContext {
  std::string_view instance;  ///< the request's path
  std::string_view correlation_id;
  base::Time now;
};
/// With Retry-After where a later request may be taken.
HttpResponse problem_response(const Problem& problem, const ProblemContext& context,
                              Headers more = {});

}  // namespace belay::api
