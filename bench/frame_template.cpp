// SPDX-License-Identifier: Apache-2.0
#include "bench/frame_template.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "belay/base/check.hpp"

namespace belay::bench {

FrameTemplate::FrameTemplate(std::string_view frame,
                             std::initializer_list<std::string_view> marks) {
  BELAY_CHECK(frame.size() > 4);
  const std::string_view payload = frame.substr(4);
  std::vector<std::pair<std::size_t, std::size_t>> found;  // position, mark
  for (const std::string_view mark : marks) {
    std::string field(1, '\0');
    field.append(mark).push_back('\0');
    const std::size_t at = payload.find(field);
    BELAY_CHECK(at != std::string_view::npos);
    BELAY_CHECK(payload.find(field, at + 1) == std::string_view::npos);
    found.emplace_back(at + 1, found.size());
  }
  std::sort(found.begin(), found.end());
  std::size_t from = 0;
  for (const auto& [at, mark] : found) {
    slots_.push_back({std::string(payload.substr(from, at - from)), mark});
    fixed_size_ += at - from;
    from = at + (marks.begin() + mark)->size();
  }
  tail_ = payload.substr(from);
  fixed_size_ += tail_.size();
}

void FrameTemplate::append(std::string& out, std::span<const std::string_view> values) const {
  std::size_t size = fixed_size_;
  for (const Slot& slot : slots_) size += values[slot.mark].size();
  const auto length = static_cast<std::uint32_t>(size);
  const char prefix[4] = {
      static_cast<char>(length >> 24U & 0xFFU), static_cast<char>(length >> 16U & 0xFFU),
      static_cast<char>(length >> 8U & 0xFFU), static_cast<char>(length & 0xFFU)};
  out.append(prefix, sizeof prefix);
  for (const Slot& slot : slots_) out.append(slot.before).append(values[slot.mark]);
  out.append(tail_);
}

std::size_t split_fields(std::string_view payload, std::span<std::string_view> fields) {
  std::size_t count = 0;
  std::fill(fields.begin(), fields.end(), std::string_view());
  while (count < fields.size() && !payload.empty()) {
    const void* nul = std::memchr(payload.data(), '\0', payload.size());
    if (nul == nullptr) break;
    const auto size = static_cast<std::size_t>(static_cast<const char*>(nul) - payload.data());
    fields[count++] = payload.substr(0, size);
    payload.remove_prefix(size + 1);
  }
  return count;
}

}  // namespace belay::bench
