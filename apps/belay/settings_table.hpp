// SPDX-License-Identifier: Apache-2.0
// The one table of settings: key, kind, default, range, help. The flags, the environment names, the
// keys of files, `.env.example` and the messages of errors are all made from it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace belay::app {

enum class SettingKind : std::uint8_t { text, whole, decimal, flag, choice };

struct SettingRow {
  std::string_view key;    ///< TWS_HOST; the flag is --tws-host, the file key tws_host
  std::string_view alias;  ///< IB_HOST, or empty
  SettingKind kind;
  std::string_view fallback;
  std::string_view low;  ///< whole and decimal: inclusive; choice: the words, "a|b"
  std::string_view high;
  std::string_view help;
};
std::span<const SettingRow> setting_rows();

}  // namespace belay::app
