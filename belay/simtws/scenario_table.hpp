// SPDX-License-Identifier: Apache-2.0
// One table of a scenario file, read key by key with its complaints. For the readers of scenarios
// only: nothing else includes the TOML parser.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/base/decimal.hpp"
#include "belay/base/result.hpp"
#include "belay/base/time.hpp"
#include "belay/base/toml.hpp"
#include "belay/simtws/scenario_event.hpp"

namespace belay::simtws {

// The first complaint of a file; later ones are kept quiet.
struct Complaint {
  std::optional<base::Error> error;
  void raise(std::string field, std::string detail) {
    if (!error) error = base::Error{std::move(field), std::move(detail)};
  }
};

// One table, read key by key. What is left unread at the end is a key nobody knows.
class Table {
 public:
  Table(const toml::table& table, std::string where, Complaint& complaint)
      : table_(table), where_(std::move(where)), complaint_(complaint) {}
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() {
    for (const auto& [key, node] : table_) {
      if (read_.count(key.str()) == 0) complaint_.raise(place(key.str()), "is not a known key");
    }
  }

  template <class T>
  void integer(std::string_view key, T& out, std::int64_t low, std::int64_t high) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const auto value = node->is_integer() ? node->value<std::int64_t>() : std::nullopt;
    if (!value || *value < low || *value > high) {
      return complaint_.raise(place(key), fmt::format("must be an integer, {} to {}", low, high));
    }
    out = static_cast<T>(*value);
  }
  template <class T>
  void optional_integer(std::string_view key, std::optional<T>& out, std::int64_t low,
                        std::int64_t high) {
    T value = static_cast<T>(low);
    if (!table_.contains(key)) return;
    integer(key, value, low, high);
    out = value;
  }
  void millis(std::string_view key, base::Duration& out) {
    std::int64_t value = -1;
    integer(key, value, 0, 86'400'000);
    if (value >= 0) out = std::chrono::milliseconds(value);
  }
  void flag(std::string_view key, bool& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (!node->is_boolean()) return complaint_.raise(place(key), "must be true or false");
    out = node->value<bool>().value_or(out);
  }
  void text(std::string_view key, std::string& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (!node->is_string()) return complaint_.raise(place(key), "must be a text in quotes");
    out = node->value<std::string>().value_or(out);
  }
  // Exact decimals are texts, or whole numbers: a TOML float is a binary one.
  bool decimal(std::string_view key, base::Decimal& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return false;
    std::string words;
    if (node->is_integer()) words = std::to_string(node->value<std::int64_t>().value_or(0));
    if (node->is_string()) words = node->value<std::string>().value_or("");
    const auto value = base::Decimal::parse(words);
    if (!value) {
      complaint_.raise(place(key), "must be a whole number or a decimal in quotes (\"190.50\")");
      return false;
    }
    out = *value;
    return true;
  }
  template <class Enum, std::size_t N>
  void word(std::string_view key, Enum& out, const std::pair<std::string_view, Enum> (&words)[N]) {
    if (!table_.contains(key)) return;
    std::string given;
    text(key, given);
    std::string known;
    for (const auto& [name, value] : words) {
      if (given == name) {
        out = value;
        return;
      }
      known += known.empty() ? "" : ", ";
      known += name;
    }
    complaint_.raise(place(key), "must be one of: " + known);
  }
  /// Each table of an array of tables.
  template <class Each>
  void tables(std::string_view key, Each each) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) return complaint_.raise(place(key), "must be an array of tables");
    int number = 0;
    for (const toml::node& element : *array) {
      const std::string name = place(fmt::format("{} {}", key, ++number));
      if (const toml::table* table = element.as_table(); table != nullptr) {
        Table inner(*table, name, complaint_);
        each(inner);
      } else {
        complaint_.raise(name, "must be a table");
      }
    }
  }
  void texts(std::string_view key, std::vector<std::string>& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    std::vector<std::string> values;
    const toml::array* array = node->as_array();
    bool good = array != nullptr && !array->empty();
    for (std::size_t i = 0; good && i < array->size(); ++i) {
      const auto value = array->get(i)->value<std::string>();
      good = value.has_value() && array->get(i)->is_string();
      if (good) values.push_back(*value);
    }
    if (!good) return complaint_.raise(place(key), "must be a list of texts");
    out = std::move(values);
  }
  const toml::table* table(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) complaint_.raise(place(key), "must be a table");
    return node->as_table();
  }
  std::string place(std::string_view key) const {
    return where_.empty() ? std::string(key) : fmt::format("{}: {}", where_, key);
  }
  Complaint& complaint() { return complaint_; }

 private:
  const toml::node* take(std::string_view key) {
    read_.emplace(key);
    return table_.get(key);
  }

  const toml::table& table_;
  std::string where_;
  Complaint& complaint_;
  std::set<std::string, std::less<>> read_;
};

/// One `[[event]]`; what follows by itself (the end of an outage) comes behind it.
std::vector<ScenarioEvent> read_event(Table& in);

}  // namespace belay::simtws
