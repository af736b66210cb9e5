// SPDX-License-Identifier: Apache-2.0
// The state of the broker order ids as callers see it: made from the published book alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "belay/core/facts/book.hpp"
#include "belay/core/ids/id_rules.hpp"

namespace belay::api {

struct IdsShown {
  std::int32_t session = 0;  ///< of the broker link
  std::uint64_t reuse_attempts = 0;
  std::size_t gaps_shown = 100;  ///< the latest
};
std::string ids_json(const core::Book& book, const core::IdOptions& options, const IdsShown& shown);

}  // namespace belay::api
