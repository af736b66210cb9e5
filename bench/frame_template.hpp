// SPDX-License-Identifier: Apache-2.0
// A frame that is encoded once and then copied with a few fields exchanged. It is how the floor
// client and the fake gateway keep encoding out of the figures. It knows no message; the real codec
// makes the frame that it starts from.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace belay::bench {

class FrameTemplate {
 public:
  FrameTemplate() = default;
  /// `frame` is one frame with its length prefix; each mark is a whole field that stands in it
  /// exactly once.
  FrameTemplate(std::string_view frame, std::initializer_list<std::string_view> marks);

  /// Appends the frame with values[i] in place of mark i.
  void append(std::string& out, std::span<const std::string_view> values) const;
  void append(std::string& out, std::initializer_list<std::string_view> values) const {
    append(out, std::span(values.begin(), values.size()));
  }

 private:
  struct Slot {
    std::string before;  // the bytes between the mark before and this one
    std::size_t mark = 0;
  };
  std::vector<Slot> slots_;
  std::string tail_;
  std::size_t fixed_size_ = 0;
};

/// The fields of a text message, as many as `fields` holds; the rest of `fields` is left empty.
/// Returns how many there were.
std::size_t split_fields(std::string_view payload, std::span<std::string_view> fields);

}  // namespace belay::bench
