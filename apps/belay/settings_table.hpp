// SPDX-License-Identifier: Apache-2.0
// The one table of settings: key, kind, default, range, help. The flags, the names in the
// environment, the keys of files, `.env.example`, the messages of errors and the settings
// themselves are all made from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"

namespace belay::app {

/// It sets our own keys apart in an environment; a flag of belay needs no such prefix.
constexpr std::string_view key_prefix = "BELAY_";

struct Settings;

enum class SettingKind : std::uint8_t { text, whole, decimal, flag, choice };

struct SettingRow {
  std::string_view key;    ///< TWS_HOST; the flag is --tws-host, the file key tws_host
  std::string_view alias;  ///< IB_HOST, or empty
  SettingKind kind;
  std::string_view fallback;
  std::string_view low;  ///< whole and decimal: inclusive; choice: the words, "a|b"
  std::string_view high;
  std::string_view help;
  /// Gives the settings a value that the row takes. The error names the key and what is wrong.
  base::Status<> (*set)(const SettingRow& row, const std::string& value, Settings& settings);
};
std::span<const SettingRow> setting_rows();
/// [::1] as ::1: with a port behind it an address has brackets, and people leave them.
std::string bare_host(const std::string& host);
/// The row whose key or alias this is; nullptr when it is no setting.
const SettingRow* find_setting(std::string_view key);
/// API_PORT of BELAY_API_PORT: in an environment any setting may have the prefix that sets ours
/// apart there. Every other key as it is.
std::string_view bare_key(std::string_view key);
/// What the row takes, in words: "a whole number from 1 to 65535".
std::string expectation(const SettingRow& row);
/// True when the row takes this value.
bool takes(const SettingRow& row, const std::string& value);
/// The key of ours that is one slip of the hand away.
std::optional<std::string> nearest_setting(std::string_view key);
/// The key that was probably meant: ours by its prefix, or one slip of the hand away from one.
/// Nothing for a key that belongs to another program.
std::optional<std::string> meant_setting(std::string_view key);

}  // namespace belay::app
