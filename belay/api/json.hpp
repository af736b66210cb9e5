// SPDX-License-Identifier: Apache-2.0
// Json: one immutable value tree read from outside. Numbers keep their text, so a price never
// passes through a double. Strict: one value, no duplicate keys, valid UTF-8, at most 32 levels.
// It reads only; base::JsonWriter writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/base/result.hpp"

namespace belay::api {

class Json {
 public:
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  using Member = std::pair<std::string, Json>;

  static constexpr std::size_t depth_max = 32;

  /// Reads exactly one JSON text. The error says what was wrong and at which byte.
  static base::Result<Json> parse(std::string_view text);

  Json() = default;
  static Json boolean(bool value);
  static Json number(std::string text);
  static Json string(std::string text);
  static Json array(std::vector<Json> items);
  static Json object(std::vector<Member> members);

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::null; }
  bool is_object() const { return kind_ == Kind::object; }
  bool is_array() const { return kind_ == Kind::array; }
  bool is_string() const { return kind_ == Kind::string; }
  bool is_number() const { return kind_ == Kind::number; }
  bool is_boolean() const { return kind_ == Kind::boolean; }

  bool as_bool() const { return truth_; }
  /// The text of a string, or of a number as it was written; empty for other kinds.
  const std::string& text() const { return text_; }
  const std::vector<Json>& items() const { return items_; }
  const std::vector<Member>& members() const { return members_; }
  /// The member of an object, nullptr when absent (or when this is no object).
  const Json* find(std::string_view name) const;
  /// For people who only look: the text of a string or number member, else empty.
  std::string_view text_of(std::string_view name) const;
  bool truth_of(std::string_view name) const;

 private:
  Kind kind_ = Kind::null;
  bool truth_ = false;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

}  // namespace belay::api
