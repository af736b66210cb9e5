// SPDX-License-Identifier: Apache-2.0
// Any bytes in any pieces: the frames found do not depend on the pieces, and never more is held
// back than one frame. The first byte of the input chooses the mode, the second the piece size.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/check.hpp"
#include "belay/tws/wire/frame.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace {

using belay::tws::wire::FrameReader;

struct Outcome {
  std::vector<std::string> frames;
  FrameReader::Damage damage = FrameReader::Damage::none;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view bytes, std::size_t piece_size, FrameReader::Start start) {
  constexpr std::uint32_t cap = 1024;
  FrameReader reader(start, cap);
  Outcome out;
  while (!bytes.empty() && out.damage == FrameReader::Damage::none) {
    std::string_view piece = bytes.substr(0, piece_size);
    bytes.remove_prefix(piece.size());
    for (;;) {
      const FrameReader::Step step = reader.next(piece);
      BELAY_CHECK(reader.buffered() <= cap + 4);
      if (step.status != FrameReader::Status::frame) break;
      out.frames.emplace_back(step.payload);
    }
    out.damage = reader.damage();
    if (out.damage == FrameReader::Damage::none) BELAY_CHECK(piece.empty());
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto start =
      (data[0] & 1U) != 0 ? FrameReader::Start::api_prefix : FrameReader::Start::frames;
  const std::string bytes(data + 2, data + size);
  const Outcome whole = read(bytes, bytes.size() + 1, start);
  const Outcome pieces = read(bytes, 1U + data[1], start);
  BELAY_CHECK(whole == pieces);
  for (const std::string& frame : whole.frames) {
    if (const auto greeting = belay::tws::wire::parse_client_greeting(frame)) {
      BELAY_CHECK(greeting->min_version <= greeting->max_version);
    }
    static_cast<void>(belay::tws::wire::parse_server_hello(frame).has_value());
  }
  return 0;
}
