// SPDX-License-Identifier: Apache-2.0
// FieldFiller: the visitor that gives every field of a message a seeded random value. A text is
// often the name of its field, which makes a message in a file readable; words that open
// conditional sections are drawn often. Internal to random_message.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/tws/wire/field_io.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

class FieldFiller {
 public:
  FieldFiller(base::Prng& prng, int version) : prng_(prng), version_(version) {}

  int version() const { return version_; }
  static constexpr bool failed() { return false; }
  static constexpr void fail(std::string_view, DecodeReason) {}
  static constexpr void constant(std::string_view, int) {}
  static constexpr void filler(std::string_view, std::string_view) {}

  void text(std::string_view field, std::string& value) {
    if (field == "secType") {
      value = pick({"STK", "BAG", "FUND", "OPT"});
    } else if (field == "orderType") {
      value = pick({"LMT", "PEG BENCH", "PEG BEST", "PEG MID", "STP LMT", "PEGBEST"});
    } else if (field == "exchange") {
      value = pick({"SMART", "IBKRATS", "ISLAND"});
    } else if (field == "symbol") {
      value = pick({"AAPL", "SPY", "ES"});
    } else {
      value = prng_.chance(30) ? "" : std::string(field);
      if (prng_.chance(20)) value += " ~!\\\n" + std::to_string(prng_.below(100));
    }
  }
  void escaped(std::string_view field, std::string& value) {
    text(field, value);
    if (prng_.chance(50)) value += "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
  }
  void conjunction(std::string_view, bool& value) { value = prng_.chance(50); }
  void right(std::string_view, std::string& value, std::string_view) {
    value = pick({"", "C", "P"});
  }
  void id(std::string_view, std::int32_t& value) { value = integer(); }
  void i32(std::string_view field, std::int32_t& value) {
    constexpr std::array<std::int32_t, 6> condition_types{1, 3, 4, 5, 6, 7};
    value = field == "type" ? condition_types.at(prng_.below(6)) : integer();
  }
  void i64(std::string_view, std::int64_t& value) {
    value = prng_.chance(50) ? integer() : prng_.between(-900'000'000'000'000, 900'000'000'000'000);
  }
  void opt(std::string_view, std::optional<std::int32_t>& value, Unset) {
    value.reset();
    if (prng_.chance(60)) value = integer();
  }
  void opt_nz(std::string_view field, std::optional<std::int32_t>& value, Unset unset) {
    opt(field, value, unset);
    if (value == 0) value.reset();
  }
  void opt64(std::string_view, std::optional<std::int64_t>& value) {
    value.reset();
    if (prng_.chance(60)) value = integer();
  }
  void tri(std::string_view, std::optional<bool>& value) {
    value.reset();
    if (prng_.chance(60)) value = prng_.chance(50);
  }
  void flag(std::string_view, bool& value) { value = prng_.chance(50); }
  void real(std::string_view field, Real& value, Unset unset) {
    value = Real();
    // An unset value spelled 0 would come back as zero.
    const bool can_be_unset = unset != Unset::zero && unset != Unset::zero_point;
    if (can_be_unset && prng_.chance(30)) return;
    if (field == "competeAgainstBestOffset" && prng_.chance(50)) {
      value = Real::infinity();
      return;
    }
    value = *Real::parse(number());
  }
  void real_nz(std::string_view field, Real& value, Unset) {
    real(field, value, Unset::empty);
    if (value.is_zero()) value = Real();
  }
  void quantity(std::string_view field, Real& value, Unset unset) { real(field, value, unset); }

  template <class T>
  bool present(std::string_view, std::optional<T>& value) {
    value.reset();
    if (prng_.chance(30)) value.emplace();
    return value.has_value();
  }

  template <class T, class Walk>
  void list(std::string_view, std::vector<T>& values, std::size_t, Walk walk) {
    values.clear();
    for (auto count = prng_.chance(60) ? 0 : prng_.below(4); count > 0; --count) {
      walk(*this, values.emplace_back());
    }
  }

 private:
  std::string pick(std::initializer_list<const char*> words) {
    return *(words.begin() + prng_.below(words.size()));
  }
  std::int32_t integer() {
    if (prng_.chance(60)) return static_cast<std::int32_t>(prng_.between(-1, 2000));
    constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(prng_.between(-most, most - 1));
  }
  std::string number() {
    std::string out = prng_.chance(15) ? "-" : "";
    out += std::to_string(prng_.below(prng_.chance(80) ? 1000 : 1'000'000'000));
    if (prng_.chance(70)) out += "." + std::to_string(prng_.below(10'000));
    return out;
  }

  base::Prng& prng_;
  int version_;
};

}  // namespace belay::tws::wire
