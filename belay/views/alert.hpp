// SPDX-License-Identifier: Apache-2.0
// Alert: an incident as it is told to people and to programs outside. One table has the kinds and
// how serious each is; a kind that is not in it is a warning. tools/runbook.py checks that the
// table has every kind that the code opens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/time.hpp"
#include "belay/core/facts/event.hpp"

namespace belay::views {

enum class AlertLevel : std::uint8_t { info, warning, critical };
std::string_view name(AlertLevel level);
std::optional<AlertLevel> parse_alert_level(std::string_view text);
AlertLevel level_of(std::string_view incident_kind);
/// By alphabet; a journal of another version may hold others.
std::vector<std::string_view> incident_kinds();

struct Alert {
  std::uint64_t seq = 0;
  AlertLevel level = AlertLevel::warning;
  std::string kind;
  std::string json;  ///< one line, at most `alert_json_max` bytes
};
/// Small enough for one write into a pipe.
inline constexpr std::size_t alert_json_max = 16 * 1024;

/// Of an event that people are told of: an incident that was opened.
std::optional<Alert> alert_of(std::uint64_t seq, base::Time time, const core::Event& event);

}  // namespace belay::views
