// SPDX-License-Identifier: Apache-2.0
// The text exposition of /metrics: counters and gauges read from the view and the parts of the
// service at the moment of asking. It keeps no numbers of its own.
#pragma once

#include <string>

#include "belay/api/api.hpp"

namespace belay::api {

std::string metrics_text(const Api& api, bool ready, base::Time now);

}  // namespace belay::api
