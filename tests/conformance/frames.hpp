// SPDX-License-Identifier: Apache-2.0
// Messages as bytes in the shape of a recording: frames in base64 (text fields, or protobuf from
// server version 201 on), and what the simulated TWS sent. Only the fields that a comparison or a
// request needs are taken.
#pragma once

#include <optional>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/tws/wire/messages.hpp"
#include "tests/conformance/recording.hpp"

namespace belay::conformance {

/// A frame with its length prefix. Nothing for a kind of message that is not compared.
base::Result<std::optional<Message>> message_of_frame(bool from_client, std::string_view base64);

Message message_of(const tws::wire::ServerMessage& message);

}  // namespace belay::conformance
