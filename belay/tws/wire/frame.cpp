// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/frame.hpp"

#include <algorithm>

namespace belay::tws::wire {
namespace {

constexpr std::size_t prefix_size = 4;
constexpr std::string_view api_prefix{"API\0", 4};

std::uint32_t read_length(std::string_view bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = 0; i < prefix_size; ++i) {
    length = (length << 8U) | static_cast<unsigned char>(bytes[i]);
  }
  return length;
}

}  // namespace

FrameReader::Step FrameReader::broken(Damage damage) {
  damage_ = damage;
  buffer_.clear();
  return {Status::broken, {}};
}

// True while the prefix matches; consumes what there is of it.
bool FrameReader::skip_prefix(std::string_view& input) {
  while (prefix_left_ > 0 && !input.empty()) {
    if (input.front() != api_prefix[api_prefix.size() - prefix_left_]) return false;
    input.remove_prefix(1);
    --prefix_left_;
  }
  return true;
}

FrameReader::Step FrameReader::next(std::string_view& input) {
  if (damage_ != Damage::none) return {Status::broken, {}};
  if (clear_on_next_) {
    buffer_.clear();
    clear_on_next_ = false;
  }
  if (!skip_prefix(input)) return broken(Damage::bad_prefix);

  if (buffer_.empty() && input.size() >= prefix_size) {
    const std::uint32_t length = read_length(input);
    if (length > max_size_) return broken(Damage::too_long);
    if (input.size() - prefix_size >= length) {  // whole frame at hand: no copy
      const std::string_view payload = input.substr(prefix_size, length);
      input.remove_prefix(prefix_size + length);
      return {Status::frame, payload};
    }
  }
  if (buffer_.size() < prefix_size) {
    const std::size_t take = std::min(prefix_size - buffer_.size(), input.size());
    buffer_.append(input.substr(0, take));
    input.remove_prefix(take);
    if (buffer_.size() < prefix_size) return {Status::need_more, {}};
  }
  const std::uint32_t length = read_length(buffer_);
  if (length > max_size_) return broken(Damage::too_long);
  const std::size_t missing = prefix_size + length - buffer_.size();
  const std::size_t take = std::min(missing, input.size());
  buffer_.append(input.substr(0, take));
  input.remove_prefix(take);
  if (take < missing) return {Status::need_more, {}};
  clear_on_next_ = true;
  return {Status::frame, std::string_view(buffer_).substr(prefix_size)};
}

void append_frame(std::string_view payload, std::string& out) {
  const auto length = static_cast<std::uint32_t>(payload.size());
  for (unsigned shift = 32; shift > 0;) {
    shift -= 8;
    out.push_back(static_cast<char>((length >> shift) & 0xFFU));
  }
  out.append(payload);
}

}  // namespace belay::tws::wire
