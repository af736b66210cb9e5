// SPDX-License-Identifier: Apache-2.0
// What the broker says about accounts and the link, mirrored for callers. None of it is history:
// it is asked again after every connect and is never journaled.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

/// The lists that the broker is asked for.
enum class BrokerList : std::uint8_t { open_orders, completed, executions, positions, account };
inline constexpr std::size_t broker_lists = 5;

/// What the broker's last answer to the question for a list was worth.
struct ListTold {
  BrokerList list = BrokerList::open_orders;
  bool ended = true;     ///< false: refused, never ended, or only news; what was known stays
  base::Time as_of;      ///< when it was asked for: all that was so then is in it
  bool complete = true;  ///< false: something in it, or news of it, could not be read
  std::string words;     ///< the broker's, of a refusal
};

/// Something that is waited for.
struct Waiting {
  std::string what;     ///< one word of tws/wait_table.hpp
  std::string detail;   ///< for people: what it is, and what the broker said of it
  base::Time since;     ///< since the first time, however often it was tried again
  base::Time until;     ///< from then on it is an incident
  std::string look_at;  ///< what a person should look at
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
  base::Time since;  ///< since when there is no link, or it is as it is; tries do not count anew
  bool doubtful = false;  ///< something is late and the link is being tested: no new risk leaves
  std::vector<Waiting> waiting = {};  ///< what is waited for, the oldest first
};

}  // namespace belay::model
