// SPDX-License-Identifier: Apache-2.0
// The list of generic ticks that a client asks for beside the quote (reqMktData): which numbers the
// gateway takes, and the words with which it refuses a list.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace belay::simtws {

/// A list that was read. Numbers are the gateway's own: 221 is the older name of 232, 220 of 221,
/// 47 of 258, 59 of 456, 104 of 512.
struct GenericTicks {
  std::set<std::int32_t> asked;
  bool quotes_off = false;  ///< "mdoff": the ticks of the quote are not wanted
  friend bool operator==(const GenericTicks&, const GenericTicks&) = default;
};

/// Numbers between commas, each with a parameter behind a colon or without; blanks and empty
/// entries are skipped. None when one entry is no number that is legal for the security type, or
/// when "mdoff" is all there is. An empty list is no list: nothing is asked. News (292) is not
/// subscribed, so it is no legal number here.
std::optional<GenericTicks> parse_generic_ticks(std::string_view list, std::string_view sec_type);

/// The text of the 321 that refuses `list`: it names what would have been legal.
std::string incorrect_generic_ticks(std::string_view list, std::string_view sec_type);

}  // namespace belay::simtws
