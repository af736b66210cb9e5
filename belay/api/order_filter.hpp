// SPDX-License-Identifier: Apache-2.0
// What callers name in a path or a query: one order, by any of its names, and the filters of the
// lists. A word that means nothing is refused, because an empty list would look like an answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/api/fields.hpp"
#include "belay/api/http_message.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::api {

/// 12, cid:<client_order_id>, perm:<permId> or tws:<client>:<orderId>.
struct OrderName {
  enum class By : std::uint8_t { id, client_order_id, permanent_id, broker_id };
  By by = By::id;
  std::string text;          ///< of a client order id
  std::int64_t number = 0;   ///< of the others
  std::int32_t session = 0;  ///< of a broker id
};
std::optional<OrderName> parse_order_name(std::string_view text);
inline constexpr std::string_view order_name_expected =
    "expected our order id (a whole number), cid:<client_order_id>, perm:<permId> or "
    "tws:<client>:<orderId>";

struct OrderFilter {
  std::vector<std::string> statuses;  ///< as we write them; empty: any
  std::string account;
  std::string symbol;
  bool external_too = false;

  bool keeps(const core::Order& order) const;
  /// An archived order may fit: it is done.
  bool done_too() const;
  /// The one status word that the history can look for; empty: none or several.
  std::string one_status() const;
};
/// Reads status (one or several with commas, in any case), account and symbol.
base::Result<OrderFilter, FieldErrors> read_order_filter(const HttpRequest& request,
                                                         bool external_too);

}  // namespace belay::api
