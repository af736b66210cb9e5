// SPDX-License-Identifier: Apache-2.0
// The floor of the ids: what the broker says of its next id at the begin of a session and later,
// and what its marks are worth. Ids never go back, whatever the broker says (semantics c.1).
#pragma once

#include "belay/core/step.hpp"

namespace belay::core {

/// `same_link`: the link held while the broker behind it was away.
void on(const SessionUp& up, bool same_link, Step& step);
void on(const NextIdSeen& seen, Step& step);
/// At a start: a mark that stands above all ids goes back to what really was used.
void heal_marks(Step& step);
/// Says once that the ids come to their end: when this step made the mark pass nine tenths of them.
void watch_mark(std::int64_t before, Step& step);

}  // namespace belay::core
