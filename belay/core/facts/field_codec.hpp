// SPDX-License-Identifier: Apache-2.0
// Field walks to bytes and back: the Encoder and Decoder that describe() of event_fields.hpp and
// order_fields.hpp are called with. The bytes are those of docs/formats/events.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "belay/base/boxed.hpp"
#include "belay/base/proto.hpp"
#include "belay/base/shared.hpp"
#include "belay/base/strong.hpp"
#include "belay/base/time.hpp"
#include "belay/model/order.hpp"

namespace belay::core::fields {

using namespace belay::model;

template <class T>
concept Enumeration = std::is_enum_v<T>;
struct Probe {};
/// A struct with a field walk: describe() is found beside this codec, whichever header has it.
template <class T>
concept Described = std::is_class_v<T> && requires(T& value, Probe& probe) {
  describe(probe, value);
};

// Eight bytes, the lowest first: what lies packed in a field of bytes.
inline void put_word(std::string& out, std::uint64_t word) {
  for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<char>((word >> (8 * i)) & 0xffU));
}
/// `bytes` holds at least at + 8.
inline std::uint64_t get_word(std::string_view bytes, std::size_t at) {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) {
    word |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return word;
}

// Signed values travel as zigzag, so that negative prices stay short.
// size: a function for each kind of field
struct Encoder {
  base::ProtoWriter out;

  void operator()(int n, const char*, bool v) {
    if (v) out.boolean(n, true);
  }
  void operator()(int n, const char*, std::uint32_t v) { u64(n, v); }
  void operator()(int n, const char*, std::uint64_t v) { u64(n, v); }
  void operator()(int n, const char*, std::int32_t v) { i64(n, v); }
  void operator()(int n, const char*, std::int64_t v) { i64(n, v); }
  void operator()(int n, const char*, const std::string& v) {
    if (!v.empty()) out.bytes(n, v);
  }
  void operator()(int n, const char*, const base::Text& v) {
    if (!v.empty()) out.bytes(n, v);
  }
  void operator()(int n, const char*, const std::vector<std::string>& v) {
    for (const auto& item : v) out.bytes(n, item);
  }
  template <Described T>
  void operator()(int n, const char*, const std::vector<T>& v) {
    for (const auto& item : v) out.bytes(n, nested(item));
  }
  void operator()(int n, const char*, const std::vector<PermanentId>& v) {
    for (const auto& item : v) out.sint(n, item.value());
  }
  void operator()(int n, const char*, Decimal v) { i64(n, v.units()); }
  void operator()(int n, const char*, Quantity v) { i64(n, v.value().units()); }
  void operator()(int n, const char*, base::Time v) { i64(n, v.unix_ns()); }
  template <class Tag, class Rep>
  void operator()(int n, const char* name, const base::Strong<Tag, Rep>& v) {
    (*this)(n, name, v.value());
  }
  template <Enumeration T>
  void operator()(int n, const char*, T v) {
    u64(n, static_cast<std::uint64_t>(v));
  }
  // A present optional is written even when it is zero.
  template <class T>
  void operator()(int n, const char*, const std::optional<T>& v) {
    if (v) out.sint(n, scalar(*v));
  }
  template <Enumeration T>
  void operator()(int n, const char*, const std::optional<T>& v) {
    if (v) u64(n, static_cast<std::uint64_t>(*v));
  }
  template <Described T>
  void operator()(int n, const char*, const std::optional<T>& v) {
    if (v) out.bytes(n, nested(*v));
  }
  template <Described T>
  void operator()(int n, const char*, const base::Boxed<T>& v) {
    if (v) out.bytes(n, nested(*v));
  }
  template <class T>
  void operator()(int n, const char* name, const base::Shared<T>& v) {
    (*this)(n, name, *v);
  }
  template <Described T>
  void operator()(int n, const char*, const T& v) {
    const std::string bytes = nested(v);
    if (!bytes.empty()) out.bytes(n, bytes);
  }

 private:
  template <class T>
  static std::string nested(const T& v) {
    Encoder inner;
    describe(inner, const_cast<T&>(v));  // describe() is shared with the decoder
    return inner.out.take();
  }
  void u64(int n, std::uint64_t v) {
    if (v != 0) out.varint(n, v);
  }
  void i64(int n, std::int64_t v) {
    if (v != 0) out.sint(n, v);
  }
  static std::int64_t scalar(Decimal v) { return v.units(); }
  static std::int64_t scalar(base::Time v) { return v.unix_ns(); }
  static std::int64_t scalar(std::int64_t v) { return v; }
  template <class Tag, class Rep>
  static std::int64_t scalar(const base::Strong<Tag, Rep>& v) {
    return scalar(v.value());
  }
};

// Fields arrive in ascending order and describe() asks in ascending order, so one pass suffices.
// size: a function for each kind of field
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : reader_(bytes), field_(reader_.next()) {}

  void operator()(int n, const char*, bool& v) {
    if (at(n)) v = field_->value != 0;
  }
  void operator()(int n, const char*, std::uint32_t& v) {
    if (at(n)) v = narrow<std::uint32_t>(field_->value);
  }
  void operator()(int n, const char*, std::uint64_t& v) {
    if (at(n)) v = field_->value;
  }
  void operator()(int n, const char*, std::int32_t& v) {
    if (at(n)) v = narrow<std::int32_t>(field_->sint());
  }
  void operator()(int n, const char*, std::int64_t& v) {
    if (at(n)) v = field_->sint();
  }
  void operator()(int n, const char*, std::string& v) {
    // Absent is empty, also where the struct's default is not (Contract's exchange and currency).
    v = at(n) ? std::string(field_->bytes) : std::string();
  }
  void operator()(int n, const char*, base::Text& v) {
    v = at(n) ? base::Text(field_->bytes) : base::Text();
  }
  void operator()(int n, const char*, std::vector<std::string>& v) {
    for (; at(n); field_ = reader_.next()) v.emplace_back(field_->bytes);
  }
  template <Described T>
  void operator()(int n, const char*, std::vector<T>& v) {
    for (; at(n); field_ = reader_.next()) read_nested(field_->bytes, v.emplace_back());
  }
  void operator()(int n, const char*, std::vector<PermanentId>& v) {
    for (; at(n); field_ = reader_.next()) v.emplace_back(field_->sint());
  }
  void operator()(int n, const char*, Decimal& v) {
    if (at(n)) v = Decimal::from_units(field_->sint());
  }
  void operator()(int n, const char*, Quantity& v) {
    if (!at(n)) return;
    const auto quantity = Quantity::make(Decimal::from_units(field_->sint()));
    good_ = good_ && quantity.has_value();
    v = quantity.value_or(Quantity());
  }
  void operator()(int n, const char*, base::Time& v) {
    if (at(n)) v = base::Time(field_->sint());
  }
  template <class Tag, class Rep>
  void operator()(int n, const char* name, base::Strong<Tag, Rep>& v) {
    Rep value{};
    (*this)(n, name, value);
    v = base::Strong<Tag, Rep>(std::move(value));
  }
  template <Enumeration T>
  void operator()(int n, const char*, T& v) {
    if (!at(n)) return;
    const auto value = from_number<T>(field_->value);
    good_ = good_ && value.has_value();
    if (value) v = *value;
  }
  template <class T>
  void operator()(int n, const char*, std::optional<T>& v) {
    if (at(n)) v = scalar<T>(field_->sint());
  }
  template <Enumeration T>
  void operator()(int n, const char*, std::optional<T>& v) {
    if (!at(n)) return;
    v = from_number<T>(field_->value);
    good_ = good_ && v.has_value();
  }
  template <Described T>
  void operator()(int n, const char*, std::optional<T>& v) {
    if (at(n)) read_nested(field_->bytes, v.emplace());
  }
  template <Described T>
  void operator()(int n, const char*, base::Boxed<T>& v) {
    if (at(n)) read_nested(field_->bytes, v.emplace());
  }
  template <class T>
  void operator()(int n, const char* name, base::Shared<T>& v) {
    (*this)(n, name, v.edit());
  }
  template <Described T>
  void operator()(int n, const char*, T& v) {
    // An absent nested message is one with only defaults, and is read as such.
    read_nested(at(n) ? field_->bytes : std::string_view(), v);
  }

  bool good() const { return good_ && !reader_.broken(); }

 private:
  template <class T>
  void read_nested(std::string_view bytes, T& v) {
    Decoder inner(bytes);
    describe(inner, v);
    good_ = good_ && inner.good();
  }
  bool at(int n) {
    while (field_ && field_->number < n) field_ = reader_.next();
    return field_ && field_->number == n;
  }
  template <class To, class From>
  To narrow(From value) {
    good_ = good_ && std::in_range<To>(value);
    return static_cast<To>(value);
  }
  template <class T>
  static T scalar(std::int64_t value) {
    if constexpr (std::is_same_v<T, Decimal>) {
      return Decimal::from_units(value);
    } else if constexpr (std::is_same_v<T, base::Time>) {
      return base::Time(value);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      return value;
    } else {
      return T(scalar<typename T::rep>(value));
    }
  }

  base::ProtoReader reader_;
  std::optional<base::ProtoReader::Field> field_;
  bool good_ = true;
};

}  // namespace belay::core::fields
