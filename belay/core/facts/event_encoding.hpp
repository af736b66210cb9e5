// SPDX-License-Identifier: Apache-2.0
// Events to bytes and back (docs/formats/events.md), and to JSON for people. Old payloads decode
// for ever: absent fields are defaults, unknown fields are skipped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "belay/base/json_writer.hpp"
#include "belay/base/result.hpp"
#include "belay/core/facts/event.hpp"

namespace belay::core {

/// The version written today; decode() reads every version up to it.
inline constexpr std::uint16_t event_version = 1;

std::string encode(const Event& event);
/// Error: unknown type, a newer version, or damaged bytes. Never throws on any input.
base::Result<Event> decode(std::uint16_t type, std::uint16_t version, std::string_view payload);

/// Appends the event's fields (without braces) to an object that is being written.
void print_fields(const Event& event, base::JsonWriter& json);

/// The event as callers see it: {"seq","time","type","order"?, ...fields}.
std::string event_json(const StampedEvent& event);

/// The canonical bytes of an order request; equal requests have equal bytes.
std::string encode(const OrderSpec& spec);

}  // namespace belay::core
