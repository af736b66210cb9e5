// SPDX-License-Identifier: Apache-2.0
#include "belay/api/guard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace belay::api {
namespace {

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// 127.a.b.c and nothing that only begins like it ("127.evil.example").
bool is_loopback_v4(std::string_view host) {
  if (host.substr(0, 4) != "127.") return false;
  int dots = 0;
  std::size_t run = 0;
  for (const char c : host) {
    if (c == '.') {
      if (run == 0) return false;
      ++dots;
      run = 0;
    } else if (c < '0' || c > '9' || ++run > 3) {
      return false;
    }
  }
  return dots == 3 && run > 0;
}

bool is_ours(const std::string& host, const GuardOptions& options) {
  if (host == "localhost" || host == "::1" || is_loopback_v4(host)) return true;
  return std::find(options.hosts.begin(), options.hosts.end(), host) != options.hosts.end();
}

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

}  // namespace

std::optional<std::string> host_name(std::string_view text) {
  text = trim(text);
  std::string_view port;
  std::string_view host = text;
  if (!text.empty() && text.front() == '[') {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return std::nullopt;
    if (!rest.empty()) port = rest.substr(1);
  } else if (const auto colon = text.find(':'); colon != std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  if (host.empty() || !is_digits(port)) return std::nullopt;
  if (host.back() == '.') host.remove_suffix(1);  // the root label: the same name
  return to_lower(host);
}

std::optional<Problem> guard(const HttpRequest& request, const GuardOptions& options) {
  const auto host_header = request.header("host");
  const auto host = host_header ? host_name(*host_header) : std::nullopt;
  if (!host || !is_ours(*host, options)) {
    return Problem{.code = ProblemCode::misdirected_host,
                   .detail = fmt::format("the Host header is \"{}\"; expected localhost, a "
                                         "loopback address or a configured name",
                                         host_header.value_or("")),
                   .outcome = ""};
  }
  if (const auto origin = request.header("origin")) {
    const auto scheme = origin->find("://");
    const auto from =
        scheme == std::string_view::npos ? std::nullopt : host_name(origin->substr(scheme + 3));
    // Host and port must be the very ones the request was sent to: another program on the loopback
    // is another origin.
    const bool same = from && origin->substr(scheme + 3) == trim(*host_header);
    if (!same) {
      return Problem{.code = ProblemCode::cross_origin,
                     .detail = fmt::format("requests from the origin \"{}\" are refused", *origin),
                     .outcome = ""};
    }
  }
  // A page of another site can send a GET that brings no Origin. It learns nothing from the answer,
  // but the answer costs work; a browser says where the request comes from (Fetch Metadata).
  const std::string_view site = request.header("sec-fetch-site").value_or("none");
  if (site != "none" && site != "same-origin") {
    return Problem{.code = ProblemCode::cross_origin,
                   .detail = fmt::format("requests of other sites are refused; Sec-Fetch-Site is "
                                         "\"{}\"",
                                         site),
                   .outcome = ""};
  }
  if (changes_something(request.method) && !request.body.empty()) {
    const std::string_view type = request.header("content-type").value_or("");
    const std::string essence = to_lower(trim(type.substr(0, type.find(';'))));
    if (essence != "application/json" && essence != "application/merge-patch+json") {
      return Problem{
          .code = ProblemCode::unsupported_media_type,
          .detail = fmt::format("the content type is \"{}\"; expected application/json", type)};
    }
  }
  return std::nullopt;
}

}  // namespace belay::api
