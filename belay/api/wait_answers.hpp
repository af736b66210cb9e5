// SPDX-License-Identifier: Apache-2.0
// What a caller who waits for a command is told: pure functions of the wait, the core's reply and
// the published order.
#pragma once

#include <optional>

#include "belay/api/waits.hpp"
#include "belay/model/account.hpp"

namespace belay::api {

struct WaitAnswer {
  unsigned status = 0;
  std::optional<Problem> problem = {};  ///< instead of the order
  Headers more = {};
};

/// What the request's Prefer header asks for (RFC 7240): "respond-async, wait=10".
struct Preference {
  bool respond_async = false;
  std::optional<base::Duration> wait;
};
Preference preference_of(const HttpRequest& request);

/// The refusal that this reply is; nothing when it is none. `link` tells why nothing is ready.
std::optional<Problem> refusal_of(const core::Reply& reply, const Wait& wait,
                                  const model::LinkStatus& link);

/// Nothing: it is too early to say. `session` is ours; `late`: no more time is left.
std::optional<WaitAnswer> answer_of(const Wait& wait, const core::Order& order,
                                    std::int32_t session, bool late);

}  // namespace belay::api
