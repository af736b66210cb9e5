// SPDX-License-Identifier: Apache-2.0
// Messages with seeded random values for tests, fuzz seeds and golden files. Each is made by the
// same field walk that reads and writes it, so conditional sections are filled exactly when they
// are on the wire, and every value is one that survives the wire. Nothing else uses this.
#pragma once

#include <cstddef>

#include "belay/base/prng.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::tws::wire {

/// `alternative` indexes the variant; 0 is the unknown message.
ServerMessage random_server_message(std::size_t alternative, int server_version, base::Prng& prng);
ClientMessage random_client_message(std::size_t alternative, int server_version, base::Prng& prng);

}  // namespace belay::tws::wire
