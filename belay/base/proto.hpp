// SPDX-License-Identifier: Apache-2.0
// Protocol Buffers wire format, by hand and without schema files: tagged fields, varints and
// length-delimited bytes (protobuf.dev/programming-guides/encoding). The journal's payloads use it
// because unknown fields are skipped by old readers and `protoc --decode_raw` can read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace belay::base {

class ProtoWriter {
 public:
  void varint(int field, std::uint64_t value);
  /// Zigzag (sint64): small negative numbers stay short.
  void sint(int field, std::int64_t value);
  void bytes(int field, std::string_view value);
  void boolean(int field, bool value) { varint(field, value ? 1 : 0); }
  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

 private:
  void raw(std::uint64_t value);
  void tag(int field, unsigned wire_type);
  std::string out_;
};

/// Walks the fields of one message. `next()` gives the next field or nothing at the end; broken()
/// tells an end from damage. Values of other wire types than asked for read as zero or empty.
class ProtoReader {
 public:
  struct Field {
    int number;
    unsigned wire_type;
    std::uint64_t value;     // wire types 0, 1, 5
    std::string_view bytes;  // wire type 2
    std::int64_t sint() const {
      return static_cast<std::int64_t>(value >> 1U) ^ -static_cast<std::int64_t>(value & 1U);
    }
  };
  explicit ProtoReader(std::string_view data) : rest_(data) {}
  std::optional<Field> next();
  bool broken() const { return broken_; }

 private:
  std::optional<std::uint64_t> raw();
  std::string_view rest_;
  bool broken_ = false;
};

}  // namespace belay::base
