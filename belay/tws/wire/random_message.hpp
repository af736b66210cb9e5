// SPDX-License-Identifier: Apache-2.0
// Messages with seeded random values for tests, fuzz seeds and golden files. Each is made by the
// same field walk that reads and writes it, so conditional sections are filled exactly when they
// are on the wire, and every value is one that survives the wire. Nothing else uses this.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::tws::wire {

/// `alternative` indexes the variant; 0 is the unknown message.
ServerMessage random_server_message(std::size_t alternative, int server_version, base::Prng& prng);
ClientMessage random_client_message(std::size_t alternative, int server_version, base::Prng& prng);

enum class FieldKind : std::uint8_t {
  text,
  number,
  deciding,  ///< a number that says how many fields follow, or which
};
struct FieldPlace {
  std::string_view name;  // static storage
  FieldKind kind = FieldKind::text;
};
/// The fields behind the message's id, in wire order; none for the unknown message.
std::vector<FieldPlace> field_places(const ServerMessage& message, int server_version);

}  // namespace belay::tws::wire
