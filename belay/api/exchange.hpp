// SPDX-License-Identifier: Apache-2.0
// Exchange: one request on its way through its route, and what is kept of it while it waits for the
// history, for the broker's list, or for its turn among the long answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/api/callers.hpp"
#include "belay/api/row_cache.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::api {

/// In whose name commands are given, until callers have names of their own.
inline constexpr std::string_view local_principal = "local";

class Front;
struct Api;
struct Exchange;
using Handler = void (*)(Api&, Exchange&);

struct ShownFill {
  std::string time;  ///< digits, to be sorted by; empty: nobody told it
  RowCache::Row json;
};
/// What is shown of one order on a page: itself, or its fills.
struct Shown {
  std::uint64_t id = 0;
  RowCache::Row json = {};
  std::size_t count = 1;  ///< against the page's limit
  std::vector<ShownFill> fills = {};
  std::size_t bytes() const;
};
/// The part of a page that is in memory, as far as it has been looked at.
struct ListPart {
  std::vector<Shown> shown;
  std::size_t count = 0;
  std::size_t bytes = 0;
  std::optional<std::uint64_t> seq;  ///< of the view when it was begun
  bool more = false;
  std::uint64_t floor = UINT64_MAX;  ///< ids below it were not looked at
  std::size_t questions = 0;         ///< to the history, for this page
  bool whole = true;                 ///< so were the answers to all but the latest of them
  /// Nothing fits, and the history was asked whether the account has any order at all.
  bool account_asked = false;
};
/// What the history answered to an exchange.
struct Archived {
  std::vector<std::string> states = {};  ///< not decoded yet, the next one last
  std::vector<core::Order> orders = {};
  std::size_t shown = 0;  ///< of the orders: added to the part
  std::string error = {};
  bool more = false;
  bool whole = true;  ///< false: some that fit may be missing
  ListPart part = {};
};

/// Whom the answer is for, and what makes it.
struct ExchangeKey {
  ConnectionId connection = 0;
  HttpSession::Number number = 0;
  std::string correlation_id = {};
  std::string id = {};  ///< what stood for {id} in the path
  Handler handler = nullptr;
  /// With fresh=true, once the broker was asked: empty, or why the list is not fresh.
  std::optional<std::string> fresh = {};
};
struct Exchange : ExchangeKey {
  Exchange(Front& its_front, ExchangeKey key, const HttpRequest& asked, base::Time at)
      : ExchangeKey(std::move(key)), front(its_front), request(asked), now(at) {}
  Front& front;
  const HttpRequest& request;
  base::Time now;
  std::string_view principal = local_principal;
  Archived* archived = nullptr;  ///< the second time, when the history had to be asked
  ListPart* part = nullptr;      ///< of a long answer: what the pieces before have made
  bool unfinished = false;       ///< set by the handler: it is to be called again
};

}  // namespace belay::api
