// SPDX-License-Identifier: Apache-2.0
// What a broker adapter wants done with its connections. It has no sockets: whoever hosts it
// carries these out and tells it what came of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

namespace belay::broker {

/// Which connection of an adapter is meant. Most of what is said goes over the main one; the second
/// lives for moments, for what the main one may not do.
enum class Channel : std::uint8_t { main, second };
inline constexpr Channel all_channels[] = {Channel::main, Channel::second};
inline constexpr std::size_t channel_count = 2;
constexpr std::size_t index(Channel channel) {
  return static_cast<std::size_t>(channel);
}

struct Connect {};
struct Write {
  std::string bytes;
};
struct Close {
  std::string reason;
};
using LinkAction = std::variant<Connect, Write, Close>;

}  // namespace belay::broker
