// SPDX-License-Identifier: Apache-2.0
// Recorded TWS bytes as JSON lines, the library behind `belay tws decode`. Input is either the raw
// stream of one direction (frames, with or without the handshake) or text: one message a line with
// NUL shown as \0. Damage in one message is a line of its own; the rest is still decoded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "belay/tws/wire/messages.hpp"

namespace belay::tws::wire {

enum class Side : std::uint8_t { server, client };

struct DecodeLogOptions {
  int server_version = max_server_version;  // a server hello in the stream changes it
  Side from = Side::server;
};

/// How many messages were decoded and how many could not be.
struct DecodeLogResult {
  int decoded = 0;
  int failed = 0;
};

/// Appends one JSON object a line to `out`: {"from","name","id","fields"[,"trailing"]}, or
/// {"from","error",...} for what cannot be read.
DecodeLogResult decode_log(std::string_view input, const DecodeLogOptions& options,
                           std::string& out);

}  // namespace belay::tws::wire
