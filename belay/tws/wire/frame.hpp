// SPDX-License-Identifier: Apache-2.0
// The length prefix of the TWS socket: four bytes, big-endian, not counting themselves. FrameReader
// finds frames in a byte stream cut anywhere, keeping at most the one frame that is incomplete; it
// never reserves what a length only promises. It does not look into payloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace belay::tws::wire {

/// The largest payload official clients accept (16 MiB - 1).
inline constexpr std::uint32_t max_frame_size = 0xFFFFFF;

class FrameReader {
 public:
  enum class Start : std::uint8_t {
    frames,     // a client reading from a server
    api_prefix  // a server reading from a client: "API\0" comes before the first frame
  };
  enum class Status : std::uint8_t { need_more, frame, broken };
  enum class Damage : std::uint8_t { none, too_long, bad_prefix };
  struct Step {
    Status status;
    std::string_view payload;  // of a frame; valid until the next call and while the input lives
  };

  explicit FrameReader(Start start = Start::frames, std::uint32_t max_size = max_frame_size)
      : max_size_(max_size), prefix_left_(start == Start::api_prefix ? 4 : 0) {}

  /// Consumes bytes from the front of `input` up to the end of the next frame. Call again until
  /// need_more (then `input` is empty). Broken is final.
  Step next(std::string_view& input);

  Damage damage() const { return damage_; }
  /// Bytes of an incomplete frame held back.
  std::size_t buffered() const { return buffer_.size(); }

 private:
  Step broken(Damage damage);
  bool skip_prefix(std::string_view& input);

  std::string buffer_;  // an incomplete frame with its length prefix
  std::uint32_t max_size_;
  std::uint32_t prefix_left_;
  Damage damage_ = Damage::none;
  bool clear_on_next_ = false;
};

/// Appends the length prefix and the payload.
void append_frame(std::string_view payload, std::string& out);

}  // namespace belay::tws::wire
