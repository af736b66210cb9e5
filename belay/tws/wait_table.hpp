// SPDX-License-Identifier: Apache-2.0
// Everything that the broker side of the daemon ever waits for, one row for each, with the time
// after which the wait is an incident and what a person should look at then. Nothing waits without
// a row here; WaitBook keeps since when.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "belay/base/time.hpp"
#include "belay/model/account.hpp"

namespace belay::tws {

enum class Awaited : std::uint8_t {
  // ---- the steps of a connection ----
  connection,  ///< TCP
  greeting,    ///< the server's version
  accounts,    ///< managedAccounts
  next_valid_id,
  server,  ///< the gateway's own link, after 1100 or 2110
  // ---- lists ----
  open_orders,
  completed,
  executions,
  positions,
  account_values,
  // ---- single questions ----
  clock,
  next_id,
  contract,  ///< what a contract number means
  order,     ///< whether a command that was sent was taken
  cancel,    ///< the end of an order that was to be canceled
  foreign,   ///< a request in another client's name
};
inline constexpr std::size_t awaited_count = 16;

/// What the daemon does by itself when the answer does not come.
enum class Then : std::uint8_t {
  connects_again,  ///< nothing can be sent without it: a new connection
  goes_on,         ///< nothing that trades needs it; it is asked for again from time to time
  gives_up,        ///< the wait ends with its incident, which the next answer closes
  is_decided,      ///< by what bounds it: settled lists, the time for which an id is held
};

struct WaitRow {
  Awaited what;
  std::string_view word;  ///< in /health
  std::string_view text;
  base::Duration incident_after;
  std::string_view incident;  ///< its kind
  Then then;
  std::string_view look_at;
};

/// By Awaited.
const std::array<WaitRow, awaited_count>& wait_table();
const WaitRow& row_of(Awaited what);
Awaited awaited(model::BrokerList list);

}  // namespace belay::tws
