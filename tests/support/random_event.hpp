// SPDX-License-Identifier: Apache-2.0
// Random content for every event, through the same field walk as the encoder, so that a field
// added there is filled here by itself. Texts hold any byte.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "belay/core/facts/event_fields.hpp"
#include "belay/core/facts/order_fields.hpp"

namespace belay::test {

class RandomFiller {
 public:
  explicit RandomFiller(base::Prng& prng) : prng_(prng) {}

  void operator()(int, const char*, bool& v) { v = prng_.chance(50); }
  void operator()(int, const char*, std::uint32_t& v) { v = static_cast<std::uint32_t>(bits()); }
  void operator()(int, const char*, std::uint64_t& v) { v = bits(); }
  void operator()(int, const char*, std::int32_t& v) { v = static_cast<std::int32_t>(bits()); }
  void operator()(int, const char*, std::int64_t& v) { v = static_cast<std::int64_t>(bits()); }
  void operator()(int, const char*, std::string& v) {
    v.assign(prng_.chance(30) ? 0 : static_cast<std::size_t>(prng_.below(20)), '\0');
    for (char& c : v) c = static_cast<char>(prng_.next());
  }
  void operator()(int n, const char* name, base::Text& v) {
    std::string text;
    (*this)(n, name, text);
    v = text;
  }
  void operator()(int n, const char* name, std::vector<std::string>& v) {
    v.resize(static_cast<std::size_t>(prng_.below(4)));
    for (auto& item : v) (*this)(n, name, item);
  }
  void operator()(int, const char*, std::vector<core::ComboLeg>& v) {
    v.resize(prng_.chance(80) ? 0 : static_cast<std::size_t>(prng_.below(4)));
    for (auto& item : v) core::fields::describe(*this, item);
  }
  void operator()(int, const char*, core::Decimal& v) {
    v = core::Decimal::from_units(static_cast<std::int64_t>(bits()));
  }
  void operator()(int, const char*, core::Quantity& v) {
    v = *core::Quantity::make(core::Decimal::from_units(static_cast<std::int64_t>(bits() >> 1U)));
  }
  void operator()(int, const char*, base::Time& v) {
    v = base::Time(static_cast<std::int64_t>(bits()));
  }
  template <class Tag, class Rep>
  void operator()(int n, const char* name, base::Strong<Tag, Rep>& v) {
    Rep value{};
    (*this)(n, name, value);
    v = base::Strong<Tag, Rep>(std::move(value));
  }
  template <class T>
  void operator()(int n, const char* name, std::optional<T>& v) {
    v.reset();
    if (prng_.chance(50)) (*this)(n, name, v.emplace());
  }
  template <class T>
  void operator()(int n, const char* name, base::Shared<T>& v) {
    (*this)(n, name, v.edit());
  }
  template <class T>
  void operator()(int n, const char* name, base::Boxed<T>& v) {
    v.reset();
    if (prng_.chance(50)) (*this)(n, name, v.emplace());
  }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(int, const char*, T& v) {
    const auto& names = model::names_of(T{});
    v = names[static_cast<std::size_t>(prng_.below(names.size()))].value;
  }
  template <class T>
  requires(std::is_class_v<T>) void operator()(int, const char*, T& v) {
    core::fields::describe(*this, v);
  }

 private:
  // Small, large and zero values, so that every length of a varint occurs.
  std::uint64_t bits() { return prng_.chance(15) ? 0 : prng_.next() >> prng_.below(64); }
  base::Prng& prng_;
};

template <std::size_t... I>
core::Event default_event(std::size_t index, std::index_sequence<I...>) {
  core::Event event;
  ((I == index ? static_cast<void>(event.emplace<I>()) : static_cast<void>(0)), ...);
  return event;
}
inline constexpr std::size_t event_count = core::Event::size;
inline core::Event default_event(std::size_t index) {
  return default_event(index, std::make_index_sequence<event_count>());
}

inline core::Event random_event(std::size_t index, base::Prng& prng) {
  core::Event event = default_event(index);
  RandomFiller filler(prng);
  std::visit([&](auto& e) { core::fields::describe(filler, e); }, event);
  return event;
}

/// Every field as text: what encoding must not lose.
inline std::string event_text(const core::Event& event) {
  base::JsonWriter json;
  json.begin_object().field("type", core::name(event));
  core::print_fields(event, json);
  json.end_object();
  return json.take();
}

}  // namespace belay::test
