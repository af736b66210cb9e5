// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/session_state.hpp"

#include <algorithm>

namespace belay::tws {

NeedWords words_of(Need need) {
  switch (need) {
    case Need::none:
      return {"", "", ""};
    case Need::client_id:
      return {"client_id_in_use", "another program holds our client id",
              "end the other program, or start this daemon with another CLIENT_ID; it never takes "
              "another id by itself"};
    case Need::version:
      return {"version_refused", "the gateway and this daemon have no protocol version in common",
              "update TWS or IB Gateway"};
    case Need::port:
      return {"port_changed", "TWS was told to listen on another port", "set TWS_PORT to it"};
    case Need::read_only:
      return {"read_only_api", "the API of TWS is in Read-Only mode: it refuses orders",
              "untick Read-Only API in the API settings of TWS or IB Gateway"};
    case Need::accounts:
      return {"accounts_differ", "the session has not the accounts of EXPECTED_ACCOUNTS",
              "log in with the user of these accounts, or correct EXPECTED_ACCOUNTS"};
    case Need::live:
      return {"live_accounts", "all accounts are live and BELAY_ALLOW_LIVE is not true",
              "log in to paper trading, or set BELAY_ALLOW_LIVE=true if real money is meant"};
  }
  return {"", "", ""};
}

bool is_read_only_notice(std::int32_t code, std::string_view text) {
  if (code != 321) return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower.find("read-only") != std::string::npos ||
         lower.find("read only") != std::string::npos;
}

std::string accounts_differ(const std::vector<std::string>& expected,
                            const std::vector<std::string>& seen) {
  if (expected.empty()) return "";
  const auto list_missing = [](const std::vector<std::string>& of,
                               const std::vector<std::string>& in, std::string_view what) {
    std::string out;
    for (const std::string& name : of) {
      if (std::find(in.begin(), in.end(), name) != in.end()) continue;
      out += (out.empty() ? std::string(what) : std::string(", ")) + name;
    }
    return out;
  };
  const std::string missing = list_missing(expected, seen, "missing ");
  const std::string more = list_missing(seen, expected, "not expected ");
  return missing.empty() || more.empty() ? missing + more : missing + "; " + more;
}

}  // namespace belay::tws
