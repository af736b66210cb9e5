// SPDX-License-Identifier: Apache-2.0
// Findings: what a round's answers changed, in the words of S1.62. A difference between our book
// and the broker's lists shows as the event that takes it away, so each is read off that event.
#pragma once

#include <optional>

#include "belay/core/asks/effect.hpp"
#include "belay/core/facts/book.hpp"

namespace belay::core {

/// `book` is as it was before the event. Nothing when the event takes no difference away.
std::optional<Finding> finding_of(const Book& book, const Event& event);

}  // namespace belay::core
