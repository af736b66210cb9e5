// SPDX-License-Identifier: Apache-2.0
// The two texts before any message: the client's greeting with the versions it speaks and the
// server's hello with the version it chose. Building and parsing for both sides; choosing when to
// send them, and what follows, is the session's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"

namespace belay::tws::wire {

/// "v100..200 +PACEAPI": versions first, free connect options after one blank.
struct ClientGreeting {
  std::int32_t min_version = 100;
  std::int32_t max_version = 200;
  std::string connect_options;
  friend bool operator==(const ClientGreeting&, const ClientGreeting&) = default;
};

/// Appends "API\0" and the framed greeting: the first bytes a client sends.
void append_client_greeting(const ClientGreeting& greeting, std::string& out);
/// `payload` is the first frame after "API\0" (FrameReader::Start::api_prefix skips that).
base::Result<ClientGreeting> parse_client_greeting(std::string_view payload);

/// How a simulated server's greeting ends, behind the zone. No gateway of the broker's says it.
inline constexpr std::string_view simulated_mark = " (simulated by Belay)";

/// The first frame from a server. A version of -1 is a redirect: `connection_time` then holds the
/// host to connect to instead.
struct ServerHello {
  std::int32_t server_version = 0;
  std::string connection_time;  // "20261121 09:30:00 US/Eastern"; the zone is free text
  bool is_redirect() const { return server_version == -1; }
  bool is_simulated() const { return connection_time.ends_with(simulated_mark); }
  friend bool operator==(const ServerHello&, const ServerHello&) = default;
};

/// Appends the framed hello.
void append_server_hello(const ServerHello& hello, std::string& out);
base::Result<ServerHello> parse_server_hello(std::string_view payload);

/// The version both speak: the smaller of the maxima. Nothing when the server's maximum is below
/// the client's minimum; the server then closes.
std::optional<std::int32_t> agree_version(const ClientGreeting& client, std::int32_t server_max);

}  // namespace belay::tws::wire
