// SPDX-License-Identifier: Apache-2.0
#include "belay/base/proto.hpp"

#include <doctest/doctest.h>

#include "belay/base/prng.hpp"

using belay::base::Prng;
using belay::base::ProtoReader;
using belay::base::ProtoWriter;

namespace {
/// Walks everything; the number of fields, or -1 when the bytes are broken.
int walk(std::string_view bytes) {
  ProtoReader reader(bytes);
  int count = 0;
  while (reader.next()) ++count;
  return reader.broken() ? -1 : count;
}
}  // namespace

TEST_CASE("proto: the bytes are those of the published encoding") {
  ProtoWriter w;
  w.varint(1, 150);       // protobuf.dev/programming-guides/encoding: 08 96 01
  w.bytes(2, "testing");  // 12 07 74 65 ...
  w.sint(3, -1);          // zigzag: 18 01
  w.boolean(4, true);
  CHECK(w.str() == std::string("\x08\x96\x01\x12\x07testing\x18\x01\x20\x01", 16));
}

TEST_CASE("proto: what is written is read back, at the ends of the range too") {
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63},
                                   std::int64_t{-64}, INT64_MAX, INT64_MIN}) {
    ProtoWriter w;
    w.sint(536'870'911, value);
    ProtoReader reader(w.str());
    const auto field = reader.next();
    REQUIRE(field.has_value());
    CHECK(field->number == 536'870'911);
    CHECK(field->sint() == value);
    CHECK_FALSE(reader.next().has_value());
    CHECK_FALSE(reader.broken());
  }
}

TEST_CASE("proto: fixed widths of other writers are skipped over") {
  const std::string bytes("\x09\x01\x02\x03\x04\x05\x06\x07\x08\x15\x0a\x00\x00\x00\x08\x05", 16);
  ProtoReader reader(bytes);
  CHECK(reader.next()->value == 0x0807060504030201ULL);
  CHECK(reader.next()->value == 10);
  CHECK(reader.next()->value == 5);
  CHECK_FALSE(reader.next().has_value());
  CHECK_FALSE(reader.broken());
}

TEST_CASE("proto: damage is told from an end") {
  using namespace std::string_literals;
  const std::string rows[] = {
      "\x08"s,                                          // a key without a value
      "\x08\x80"s,                                      // a varint that does not end
      "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s,  // a varint of eleven bytes
      "\x12\x05ghi"s,                                   // fewer bytes than promised
      "\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,  // a length of 2^64 - 1
      "\x09\x01\x02"s,                                  // half a fixed64
      "\x0b"s,                                          // a group, which nobody writes
      "\x00\x01"s,                                      // field number 0
      "\x88\x80\x80\x80\x80\x01\x01"s,                  // field number 2^32: not 0, not 1
      "\x88\x80\x80\x80\x10\x01"s};                     // field number 2^29, above the maximum
  for (const std::string& row : rows) {
    CAPTURE(row.size());
    CHECK(walk(row) == -1);
  }
  CHECK(walk("") == 0);
}

TEST_CASE("proto: random bytes and truncations never read out of bounds") {
  Prng prng(11);
  for (int i = 0; i < 5'000; ++i) {
    std::string bytes(static_cast<std::size_t>(prng.below(40)), '\0');
    for (char& c : bytes) c = static_cast<char>(prng.next());
    // An exact allocation, so that the sanitizer sees a read past the end.
    const std::string exact(bytes.data(), bytes.size());
    walk(exact);
  }
  ProtoWriter w;
  w.varint(1, 300);
  w.bytes(2, "abc");
  for (std::size_t size = 0; size < w.str().size(); ++size) walk(w.str().substr(0, size));
}
