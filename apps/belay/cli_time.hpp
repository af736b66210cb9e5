// SPDX-License-Identifier: Apache-2.0
// Times as a person reads them: in the zone of the terminal, or in UTC when that was asked for. The
// API and --json speak UTC always.
#pragma once

#include <string>
#include <string_view>

namespace belay::app {

/// From here on times are shown in UTC. Called once, before anything is shown.
void show_times_in_utc();

/// If this machine does not know the zone in TZ, times are shown in UTC and say so.
void show_times_in_a_known_zone();

/// "2026-11-30 04:12:45 CET" of an RFC 3339 text; "?" of the first instant of 1970, which stands
/// for a time that nobody told; any other text as it is.
std::string shown_time(std::string_view text);
/// The same without date and zone: "04:12:45".
std::string shown_clock(std::string_view text);
/// An execution's time as the broker writes it ("20261130 09:30:00 US/Eastern"), as shown_time; as
/// it is where the zone is not known.
std::string shown_broker_time(std::string_view text);

}  // namespace belay::app
