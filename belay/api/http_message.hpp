// SPDX-License-Identifier: Apache-2.0
// One HTTP request and one answer as plain values, between the session that speaks the protocol
// and the routes that give it meaning. No parsing here beyond splitting a query.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace belay::api {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;                                      ///< as sent: methods are case-sensitive
  std::string path;                                        ///< percent-decoded; "/api/v1/orders"
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
  Headers headers;  ///< names in lower case, repeated ones joined by ", "
  std::string body;

  /// The value of a header; nothing when absent. `name` in lower case.
  std::optional<std::string_view> header(std::string_view name) const;
  std::optional<std::string_view> query_value(std::string_view name) const;
};

/// Bytes that several answers share, and that nobody changes.
using SharedText = std::shared_ptr<const std::string>;

struct HttpResponse {
  unsigned status = 200;
  Headers headers;
  std::string body;
  std::vector<SharedText> more = {};  ///< of the body, behind `body`
};
HttpResponse json_response(unsigned status, std::string body, Headers more = {});

/// Splits "path?query" and decodes both. Nothing when an escape is broken, the path does not begin
/// with '/', or it holds a NUL.
struct Target {
  std::string path;
  std::vector<std::pair<std::string, std::string>> query;
};
std::optional<Target> parse_target(std::string_view target);
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
std::string_view trim(std::string_view text);
std::string_view reason_phrase(unsigned status);

}  // namespace belay::api
