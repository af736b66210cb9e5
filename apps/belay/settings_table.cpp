// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/settings_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

using enum SettingKind;

// One letter too many, too few, another, or two swapped.
bool is_slip(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  const bool swapped = a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0];
  return swapped || std::max(a.size(), b.size()) <= 1;
}

}  // namespace

std::string bare_host(const std::string& host) {
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  return brackets ? host.substr(1, host.size() - 2) : host;
}

const SettingRow* find_setting(std::string_view key) {
  for (const SettingRow& row : setting_rows()) {
    if (row.key == key || (!row.alias.empty() && row.alias == key)) return &row;
  }
  return nullptr;
}

std::string_view bare_key(std::string_view key) {
  if (key.substr(0, key_prefix.size()) != key_prefix || find_setting(key) != nullptr) return key;
  const std::string_view bare = key.substr(key_prefix.size());
  return find_setting(bare) != nullptr ? bare : key;
}

std::string expectation(const SettingRow& row) {
  switch (row.kind) {
    case text:
      return "text";
    case whole:
      return fmt::format("a whole number from {} to {}", row.low, row.high);
    case decimal:
      return fmt::format("a number from {} to {}", row.low, row.high);
    case flag:
      return "true or false";
    case choice: {
      std::string words(row.low);
      std::replace(words.begin(), words.end(), '|', ' ');
      return "one of " + words;
    }
  }
  return "";
}

bool takes(const SettingRow& row, const std::string& value) {
  switch (row.kind) {
    case text:
      return value.find_first_of("\r\n") == std::string::npos;
    case whole:
    case decimal: {
      const auto number = base::Decimal::parse(value);
      if (!number) return false;
      if (row.kind == whole && number->units() % base::Decimal::one != 0) return false;
      return *number >= *base::Decimal::parse(row.low) &&
             *number <= *base::Decimal::parse(row.high);
    }
    case flag:
      return value == "true" || value == "false";
    case choice: {
      const std::string words = fmt::format("|{}|", row.low);
      return !value.empty() && words.find("|" + value + "|") != std::string::npos;
    }
  }
  return false;
}

namespace {

// A key without what people leave out or write otherwise: TWSPORT and tws-port are TWS_PORT.
std::string bones(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c >= 'a' && c <= 'z')
      out.push_back(static_cast<char>(c - 'a' + 'A'));
    else if (c != '_' && c != '-')
      out.push_back(c);
  }
  return out;
}

bool same_bones(const SettingRow& row, const std::string& key) {
  std::string_view bare = row.key;
  if (bare.substr(0, key_prefix.size()) == key_prefix) bare.remove_prefix(key_prefix.size());
  return bones(row.key) == key || bones(bare) == key ||
         (!row.alias.empty() && bones(row.alias) == key);
}

}  // namespace

std::optional<std::string> nearest_setting(std::string_view key) {
  const bool prefixed = key.substr(0, key_prefix.size()) == key_prefix;
  const std::string_view bare = prefixed ? key.substr(key_prefix.size()) : key;
  // APP_PORT is one letter away from API_PORT and another program's: the first word must be right.
  const std::string_view word = key.substr(0, key.find('_') + 1);
  const std::string all = bones(key);
  for (const auto& row : setting_rows()) {
    if (same_bones(row, all)) return std::string(row.key);
    if (prefixed && is_slip(bare, row.key)) return std::string(row.key);
    if (!word.empty() && row.key.substr(0, word.size()) == word && is_slip(key, row.key)) {
      return std::string(row.key);
    }
  }
  return std::nullopt;
}

std::optional<std::string> meant_setting(std::string_view key) {
  const bool prefixed = key.substr(0, key_prefix.size()) == key_prefix;
  const auto nearest = nearest_setting(key);
  return nearest || !prefixed ? nearest : std::optional<std::string>("a setting of belay");
}

}  // namespace belay::app
