// SPDX-License-Identifier: Apache-2.0
// Which message of a server is the first that a client waits for after a request.
#pragma once

#include "tests/conformance/recording.hpp"

namespace belay::conformance {

bool answers(const Message& told, const Message& asked);
bool is_list_request(const Message& message);

}  // namespace belay::conformance
