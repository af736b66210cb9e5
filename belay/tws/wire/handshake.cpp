// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/handshake.hpp"

#include <algorithm>
#include <charconv>

#include "belay/tws/wire/frame.hpp"

namespace belay::tws::wire {
namespace {

// A version is a small positive number; -1 is the historical redirect of a server.
std::optional<std::int32_t> parse_version(std::string_view text) {
  std::int32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || text.empty()) return std::nullopt;
  return value;
}

}  // namespace

void append_client_greeting(const ClientGreeting& greeting, std::string& out) {
  out.append("API\0", 4);
  std::string payload = "v";
  payload += std::to_string(greeting.min_version);
  payload += "..";
  payload += std::to_string(greeting.max_version);
  if (!greeting.connect_options.empty()) {
    payload.push_back(' ');
    payload += greeting.connect_options;
  }
  append_frame(payload, out);
}

base::Result<ClientGreeting> parse_client_greeting(std::string_view payload) {
  if (payload.empty() || payload.front() != 'v') {
    return base::fail("greeting", "does not begin with v");
  }
  payload.remove_prefix(1);
  ClientGreeting out;
  const std::size_t blank = payload.find(' ');
  std::string_view versions = payload.substr(0, blank);
  if (blank != std::string_view::npos) out.connect_options = payload.substr(blank + 1);
  const std::size_t dots = versions.find("..");
  const auto low = parse_version(versions.substr(0, dots));
  const auto high = dots == std::string_view::npos ? low : parse_version(versions.substr(dots + 2));
  if (!low || !high || *low < 1 || *low > *high) {
    return base::fail("greeting", "versions are not like v100..200");
  }
  out.min_version = *low;
  out.max_version = *high;
  return out;
}

void append_server_hello(const ServerHello& hello, std::string& out) {
  std::string payload = std::to_string(hello.server_version);
  payload.push_back('\0');
  payload += hello.connection_time;
  payload.push_back('\0');
  append_frame(payload, out);
}

base::Result<ServerHello> parse_server_hello(std::string_view payload) {
  const std::size_t end = payload.find('\0');
  if (end == std::string_view::npos) return base::fail("hello", "the version is not ended by NUL");
  const auto version = parse_version(payload.substr(0, end));
  if (!version || (*version < 1 && *version != -1)) {
    return base::fail("hello", "the version is not a number");
  }
  ServerHello out;
  out.server_version = *version;
  const std::string_view rest = payload.substr(end + 1);
  out.connection_time = rest.substr(0, rest.find('\0'));
  return out;
}

std::optional<std::int32_t> agree_version(const ClientGreeting& client, std::int32_t server_max) {
  if (server_max < client.min_version) return std::nullopt;
  return std::min(server_max, client.max_version);
}

}  // namespace belay::tws::wire
