// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/frame.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "belay/base/prng.hpp"

namespace belay::tws::wire {
namespace {

std::string bytes_of(const std::vector<std::string>& payloads) {
  std::string out;
  for (const std::string& payload : payloads) append_frame(payload, out);
  return out;
}

std::vector<std::string> read_in_pieces(FrameReader& reader, std::string_view bytes,
                                        base::Prng& prng) {
  std::vector<std::string> found;
  while (!bytes.empty()) {
    const std::size_t size = 1 + prng.below(bytes.size());
    std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(size);
    for (;;) {
      const FrameReader::Step step = reader.next(piece);
      if (step.status != FrameReader::Status::frame) break;
      found.emplace_back(step.payload);
    }
  }
  return found;
}

TEST_CASE("frame reader: any split of the stream gives the same frames") {
  const std::vector<std::string> payloads{"", "9", std::string("9\0001\00017\0", 7),
                                          std::string(300, 'x'), ""};
  const std::string bytes = bytes_of(payloads);
  base::Prng prng(3);
  for (int i = 0; i < 500; ++i) {
    FrameReader reader;
    CHECK(read_in_pieces(reader, bytes, prng) == payloads);
    CHECK(reader.damage() == FrameReader::Damage::none);
  }
}

TEST_CASE("frame reader: an incomplete frame asks for more and consumes all input") {
  FrameReader reader;
  std::string bytes = bytes_of({"hello"});
  std::string_view input = std::string_view(bytes).substr(0, 7);
  CHECK(reader.next(input).status == FrameReader::Status::need_more);
  CHECK(input.empty());
  CHECK(reader.buffered() == 7);
  input = std::string_view(bytes).substr(7);
  const FrameReader::Step step = reader.next(input);
  CHECK(step.status == FrameReader::Status::frame);
  CHECK(step.payload == "hello");
  CHECK(reader.next(input).status == FrameReader::Status::need_more);
  CHECK(reader.buffered() == 0);
}

TEST_CASE("frame reader: a length above 16 MiB breaks the stream for good") {
  FrameReader reader;
  const std::string bytes("\x01\x00\x00\x00", 4);
  std::string_view input = bytes;
  CHECK(reader.next(input).status == FrameReader::Status::broken);
  CHECK(reader.damage() == FrameReader::Damage::too_long);
  const std::string good = bytes_of({"9"});
  input = good;
  CHECK(reader.next(input).status == FrameReader::Status::broken);
}

TEST_CASE("frame reader: the cap is a setting and the largest frame passes") {
  const std::string bytes = bytes_of({"12345678"});
  FrameReader fits(FrameReader::Start::frames, 8);
  std::string_view input = bytes;
  CHECK(fits.next(input).status == FrameReader::Status::frame);
  FrameReader small(FrameReader::Start::frames, 7);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    input = std::string_view(bytes).substr(i, 1);
    const auto status = small.next(input).status;
    CHECK((status == FrameReader::Status::broken) == (i >= 3));
  }
}

TEST_CASE("frame reader: a promised length reserves nothing") {
  FrameReader reader;
  const std::string bytes("\x00\xff\xff\xffz", 5);
  std::string_view input = bytes;
  CHECK(reader.next(input).status == FrameReader::Status::need_more);
  CHECK(reader.buffered() == 5);
}

TEST_CASE("frame reader: a server expects API and NUL before the first frame") {
  const std::string bytes = std::string("API\0", 4) + bytes_of({"v100..200"});
  base::Prng prng(5);
  for (int i = 0; i < 50; ++i) {
    FrameReader reader(FrameReader::Start::api_prefix);
    CHECK(read_in_pieces(reader, bytes, prng) == std::vector<std::string>{"v100..200"});
  }
  FrameReader other(FrameReader::Start::api_prefix);
  std::string_view input = "GET / HTTP/1.1";
  CHECK(other.next(input).status == FrameReader::Status::broken);
  CHECK(other.damage() == FrameReader::Damage::bad_prefix);
}

}  // namespace
}  // namespace belay::tws::wire
