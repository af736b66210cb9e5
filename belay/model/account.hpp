// SPDX-License-Identifier: Apache-2.0
// What the broker says about accounts and the link, mirrored for callers. None of it is history:
// it is asked again after every connect and is never journaled.
#pragma once

#include <cstdint>
#include <string>

#include "belay/base/time.hpp"
#include "belay/model/order.hpp"

namespace belay::model {

struct Position {
  AccountId account;
  Contract contract;
  Decimal quantity;      ///< negative when short
  std::string avg_cost;  ///< the broker's number, as text
};

struct AccountValue {
  AccountId account;
  std::string tag;
  std::string value;
  std::string currency;
};

struct LinkStatus {
  std::string phase = "down";  ///< down, connecting, syncing, ready
  std::string detail;          ///< why it is down, or the last notice
  std::string endpoint;        ///< host:port
  std::int32_t session = 0;    ///< client id
  int protocol_version = 0;
  base::Time since;
};

}  // namespace belay::model
