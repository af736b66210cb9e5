// SPDX-License-Identifier: Apache-2.0
// JsonWriter: appends one JSON text to a string. Numbers are given as text, so a price never
// passes through a double. It writes; reading JSON is api's, with a library.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace belay::base {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  /// `text` must already be a JSON number.
  JsonWriter& number(std::string_view text);
  JsonWriter& integer(std::int64_t value) { return number(std::to_string(value)); }
  JsonWriter& boolean(bool value) { return number(value ? "true" : "false"); }
  JsonWriter& null() { return number("null"); }
  /// `text` must already be JSON.
  JsonWriter& raw(std::string_view text) { return number(text); }

  JsonWriter& field(std::string_view name, std::string_view value) {
    return key(name).string(value);
  }
  JsonWriter& field(std::string_view name, const char* value) { return key(name).string(value); }
  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonWriter& field(std::string_view name, std::int64_t value) { return key(name).integer(value); }

  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& open(char c);
  JsonWriter& close(char c);
  void separate();
  std::string out_;
  bool need_comma_ = false;
};

/// The JSON string literal of `value`, with quotes. Bytes that are not valid UTF-8 become U+FFFD.
std::string json_quote(std::string_view value);

}  // namespace belay::base
