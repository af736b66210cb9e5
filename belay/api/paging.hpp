// SPDX-License-Identifier: Apache-2.0
// Paging: the two query parameters of every list, and the member and header that lead to the next
// page. The token is opaque to callers; for us it is the id before which the next page begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "belay/api/fields.hpp"
#include "belay/api/http_message.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::api {

inline constexpr std::size_t page_limit_default = 100;
inline constexpr std::size_t page_limit_max = 1000;

struct Page {
  std::size_t limit = page_limit_default;
  std::optional<std::uint64_t> before;  ///< at least 1
};
base::Result<Page, FieldErrors> read_page(const HttpRequest& request);
/// Writes "next" (null when `before` is 0) and returns the Link header.
Headers write_next(base::JsonWriter& json, const HttpRequest& request, std::uint64_t before);

}  // namespace belay::api
