// SPDX-License-Identifier: Apache-2.0
// What the two decoder fuzzers share. Inputs are a version byte and a payload. A custom mutator
// makes a random message of every kind now and then and changes single fields of it, so that every
// message id is decoded over and over; the counts per id are printed at exit. Every decoded message
// is written and decoded again and must then be written the same.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "belay/base/check.hpp"
#include "belay/base/prng.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/random_message.hpp"

namespace belay::fuzz {

struct Counts {
  std::uint64_t decoded = 0;
  std::uint64_t failed = 0;  // known id, bad field
};

inline std::map<std::string, Counts>& counts() {
  static std::map<std::string, Counts> all;
  return all;
}

/// How many kinds of messages there are; one that was never decoded has no count of its own.
inline std::size_t& kinds_expected() {
  static std::size_t kinds = 0;
  return kinds;
}

inline void print_counts() {
  std::uint64_t least = UINT64_MAX;
  for (const auto& [name, count] : counts()) {
    std::fprintf(stderr, "%12llu decoded %12llu refused  %s\n",
                 static_cast<unsigned long long>(count.decoded),
                 static_cast<unsigned long long>(count.failed), name.c_str());
    least = std::min(least, count.decoded);
  }
  std::fprintf(stderr, "%zu of %zu kinds, the least decoded one %llu times\n", counts().size(),
               kinds_expected(), static_cast<unsigned long long>(least));
}

inline int version_of(std::uint8_t byte) {
  return 174 + byte % 29;
}

template <class Message>
std::string payload_of(const Message& message, int version) {
  std::string frame;
  tws::wire::encode(message, version, frame);
  return frame.substr(4);
}

/// Decodes, counts, and checks that what was understood survives being written.
template <class Decode>
void check_decode(std::string_view input, Decode decode) {
  if (input.empty()) return;
  const int version = version_of(static_cast<std::uint8_t>(input[0]));
  const auto first = decode(input.substr(1), version);
  if (!first) {
    // A payload whose id is no number has no kind to count under.
    if (first.error().field_index > 0) ++counts()[std::string(first.error().message)].failed;
    static_cast<void>(to_string(first.error()));
    return;
  }
  ++counts()[std::string(name(first->message))].decoded;
  base::JsonWriter json;
  print_json(first->message, json, version);
  const std::string once = payload_of(first->message, version);
  const auto second = decode(once, version);
  BELAY_CHECK(second.has_value());
  BELAY_CHECK(second->trailing.empty());
  BELAY_CHECK(payload_of(second->message, version) == once);
}

/// Replaces, drops or doubles one field, or cuts the payload.
inline void change_field(std::string& payload, base::Prng& prng) {
  constexpr std::array<std::string_view, 12> values{"",
                                                    "0",
                                                    "1",
                                                    "-1",
                                                    "2147483647",
                                                    "9223372036854775807",
                                                    "1.7976931348623157E308",
                                                    "Infinity",
                                                    "1e-9",
                                                    "None",
                                                    "2147483646",
                                                    "\\ud83d\\ude00"};
  if (payload.empty()) return;
  std::size_t begin = prng.below(payload.size());
  while (begin > 0 && payload[begin - 1] != '\0') --begin;
  std::size_t end = payload.find('\0', begin);
  if (end == std::string::npos) end = payload.size();
  switch (prng.below(8)) {
    case 0:
      payload.erase(begin, end + 1 - begin);
      break;
    case 1:
      payload.insert(begin, payload.substr(begin, end + 1 - begin));
      break;
    case 2:
      payload.resize(begin);
      break;
    default:
      payload.replace(begin, end - begin, values.at(prng.below(values.size())));
  }
}

/// Writes `version` and `payload` into libFuzzer's buffer; 0 when they do not fit.
inline std::size_t put(std::uint8_t version, const std::string& payload, std::uint8_t* data,
                       std::size_t max_size) {
  if (payload.size() + 1 > max_size) return 0;
  data[0] = version;
  if (!payload.empty()) std::memcpy(data + 1, payload.data(), payload.size());
  return payload.size() + 1;
}

/// `make(alternative, version, prng)` gives a random message; `kinds` counts the alternatives.
template <class Make, class Mutate>
std::size_t mutate(std::uint8_t* data, std::size_t size, std::size_t max_size, unsigned seed,
                   std::size_t kinds, Make make, Mutate fallback) {
  base::Prng prng(seed);
  if (prng.chance(50)) {
    const auto version = static_cast<std::uint8_t>(prng.below(256));
    std::string payload =
        payload_of(make(prng.below(kinds), version_of(version), prng), version_of(version));
    for (auto changes = prng.below(3); changes > 0; --changes) change_field(payload, prng);
    if (const std::size_t written = put(version, payload, data, max_size)) return written;
  } else if (size > 1 && prng.chance(60)) {
    std::string payload(data + 1, data + size);
    change_field(payload, prng);
    if (const std::size_t written = put(data[0], payload, data, max_size)) return written;
  }
  return fallback(data, size, max_size);
}

}  // namespace belay::fuzz
