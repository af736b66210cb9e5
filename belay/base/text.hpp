// SPDX-License-Identifier: Apache-2.0
// Text: a short text that never changes, in 8 bytes. Up to 7 bytes lie in the value itself; longer
// ones lie in a block that all copies share. Texts that come again (accounts, exchanges, the
// broker's words) mostly find the block of their last time, so a million orders of one account name
// it once. A copy costs a counter at most, and may live on another thread.
#pragma once

#include <fmt/core.h>

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace belay::base {

// size: it stands where a std::string stood, so it has what is used of one
class Text {
 public:
  constexpr Text() = default;
  template <class T>
  requires(std::convertible_to<const T&, std::string_view> && !std::same_as<T, Text>)
      Text(const T& text)
      : Text(std::string_view(text), Tag()) {}
  Text(const Text& other) : bits_(other.bits_) { retain(); }
  Text(Text&& other) noexcept : bits_(other.bits_) { other.bits_ = 0; }
  Text& operator=(Text other) noexcept {
    const std::uint64_t mine = bits_;
    bits_ = other.bits_;
    other.bits_ = mine;
    return *this;
  }
  ~Text() {
    if (is_shared()) release();
  }

  /// Valid while this value is and is not assigned to.
  std::string_view view() const {
    if (is_shared()) return shared();
    return {reinterpret_cast<const char*>(&bits_), static_cast<std::size_t>(bits_ >> 56U) & 7U};
  }
  operator std::string_view() const { return view(); }
  operator std::string() const { return std::string(view()); }
  std::string str() const { return std::string(view()); }

  bool empty() const { return bits_ == 0; }
  std::size_t size() const { return view().size(); }
  char front() const { return view().front(); }
  char back() const { return view().back(); }
  auto begin() const { return view().begin(); }
  auto end() const { return view().end(); }
  auto find(std::string_view what, std::size_t from = 0) const { return view().find(what, from); }
  bool starts_with(std::string_view what) const { return view().starts_with(what); }
  std::string_view substr(std::size_t from, std::size_t count = std::string_view::npos) const {
    return view().substr(from, count);
  }
  void clear() { *this = Text(); }
  /// How many bytes of its own a text of this size takes beside the value: 0 while it fits.
  static std::size_t block_bytes(std::size_t size);

  friend bool operator==(const Text& a, const Text& b) {
    return a.bits_ == b.bits_ || (a.is_shared() && b.is_shared() && a.view() == b.view());
  }
  friend std::strong_ordering operator<=>(const Text& a, const Text& b) {
    return a.view() <=> b.view();
  }
  template <class T>
  requires(std::convertible_to<const T&, std::string_view> && !std::same_as<T, Text>) friend bool
  operator==(const Text& a, const T& b) {
    return a.view() == std::string_view(b);
  }
  template <class T>
  requires(std::convertible_to<const T&, std::string_view> &&
           !std::same_as<T, Text>) friend std::strong_ordering
  operator<=>(const Text& a, const T& b) {
    return a.view() <=> std::string_view(b);
  }
  template <class T>
  requires(std::convertible_to<const T&, std::string_view>) friend std::string operator+(
      const Text& a, const T& b) {
    return a.str().append(std::string_view(b));
  }
  friend std::string operator+(const Text& a, char b) { return a.str() + b; }
  friend std::string operator+(std::string a, const Text& b) { return a.append(b.view()); }

 private:
  struct Tag {};
  struct Block;
  Text(std::string_view text, Tag) : bits_(make(text)) {}
  static std::uint64_t make(std::string_view text);
  // The top byte of a text that lies in the value is 0x80 + its size; that of an address is 0.
  bool is_shared() const { return bits_ != 0 && bits_ >> 63U == 0; }
  void retain() const {
    if (is_shared()) retain_block();
  }
  std::string_view shared() const;
  void retain_block() const;
  void release() const;

  std::uint64_t bits_ = 0;
};
static_assert(sizeof(Text) == 8);

}  // namespace belay::base

template <>
struct fmt::formatter<belay::base::Text> : fmt::formatter<std::string_view> {
  auto format(const belay::base::Text& text, format_context& to) const {
    return fmt::formatter<std::string_view>::format(text.view(), to);
  }
};
