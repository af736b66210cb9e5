// SPDX-License-Identifier: Apache-2.0
// What the broker says about accounts and the link, mirrored for callers. None of it is history:
// it is asked again after every connect and is never journaled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "belay/base/time.hpp"
#include "belay/model/order.hpp"

namespace belay::model {

struct Position {
  AccountId account;
  Contract contract;
  std::optional<Decimal> quantity;  ///< negative when short; nothing: it could not be read
  std::string avg_cost;             ///< the broker's number, as text; empty: not told
};

struct AccountValue {
  AccountId account;
  std::string tag;
  std::string value;
  std::string currency;
};

struct LinkStatus {
  /// down, connecting, syncing, ready; degraded: the link holds and the broker behind it is away;
  /// needs_person: trying again does not help.
  std::string phase = "down";
  std::string detail;        ///< why it is so, or the last notice
  std::string action;        ///< what a person can do about it
  bool connected = false;    ///< the broker can be asked
  std::string endpoint;      ///< host:port
  std::int32_t session = 0;  ///< client id
  int protocol_version = 0;
  base::Time since;
};

}  // namespace belay::model
