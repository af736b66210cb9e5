// SPDX-License-Identifier: Apache-2.0
// The closed table of IB error codes for an order manager: what a code about an order means. A code
// that is not here ends nothing. Two codes mean one of two things, and their text says which.
#pragma once

#include <cstdint>
#include <string_view>

#include "belay/core/asks/input.hpp"

namespace belay::tws {

/// What it means when no request is under way, and by and large.
core::Verdict verdict_of(std::int32_t code, std::string_view text = {});
/// What it means to each kind of request; nothing: it never answers such one.
core::VerdictByRequest meaning_of(std::int32_t code, std::string_view text = {});

}  // namespace belay::tws
