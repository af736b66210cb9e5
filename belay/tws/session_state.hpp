// SPDX-License-Identifier: Apache-2.0
// What a person is told about the broker session: the state in one word, and what to do when
// trying again does not help. Words only; the decisions are TwsBroker's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belay::tws {

/// Why trying again does not help.
enum class Need : std::uint8_t {
  none,
  client_id,  ///< another program holds it (326), several times in a row
  version,    ///< no protocol version in common
  port,       ///< TWS listens on another port from now on (1300)
  read_only,  ///< the API setting "Read-Only" refuses orders (321)
  accounts,   ///< not the accounts that were expected
  live,       ///< only live accounts, and live is not allowed
};

struct NeedWords {
  std::string_view kind;    ///< of the alarm
  std::string_view detail;  ///< what is so
  std::string_view action;  ///< what to do
};
NeedWords words_of(Need need);

/// Code 321 that is about the Read-Only setting of the API.
bool is_read_only_notice(std::int32_t code, std::string_view text);

/// What is missing or too much among the accounts of the session; empty when they are as expected
/// or when nothing is expected.
std::string accounts_differ(const std::vector<std::string>& expected,
                            const std::vector<std::string>& seen);

}  // namespace belay::tws
