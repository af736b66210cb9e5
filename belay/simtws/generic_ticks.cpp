// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/generic_ticks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace belay::simtws {
namespace {

/// For which security types a number is legal.
enum class Types : std::uint8_t { all, dividends, index, short_term_volume };

struct Series {
  std::int32_t number;
  std::int32_t older;  // 0: it has no older number
  std::string_view name;
  Types types;
};

// As a gateway of 2026 lists them in its 321, by number.
constexpr Series legal_series[] = {
    {100, 0, "Option Volume", Types::all},
    {101, 0, "Option Open Interest", Types::all},
    {105, 0, "Average Opt Volume", Types::all},
    {106, 0, "impvolat", Types::all},
    {162, 0, "Index Future Premium", Types::index},
    {165, 0, "Misc. Stats", Types::all},
    {221, 220, "Creditman Mark Price", Types::all},
    {225, 0, "Auction", Types::all},
    {232, 221, "Pl Price", Types::all},
    {233, 0, "RTVolume", Types::all},
    {236, 0, "inventory", Types::all},
    {258, 47, "Fundamentals", Types::all},
    {293, 0, "TradeCount", Types::all},
    {294, 0, "TradeRate", Types::all},
    {295, 0, "VolumeRate", Types::all},
    {318, 0, "LastRTHTrade", Types::all},
    {375, 0, "RTTrdVolume", Types::all},
    {411, 0, "rthistvol", Types::all},
    {456, 59, "IBDividends", Types::dividends},
    {460, 0, "Bond Factor Multiplier", Types::all},
    {577, 0, "EtfNavLast(navlast)", Types::all},
    {586, 0, "IPOHLMPRC", Types::all},
    {587, 0, "Pl Price Delayed", Types::all},
    {588, 0, "Futures Open Interest", Types::all},
    {595, 0, "Short-Term Volume X Mins", Types::short_term_volume},
    {614, 0, "EtfNavMisc(high/low)", Types::all},
    {619, 0, "Creditman Slow Mark Price", Types::all},
    {623, 0, "EtfFrozenNavLast(fznavlast)", Types::all},
};

bool is_legal(Types types, std::string_view sec_type) {
  const auto is = [&](std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), sec_type) != words.end();
  };
  switch (types) {
    case Types::all:
      return true;
    case Types::dividends:
      return is({"STK", "CFD", "OPT", "FOP", "FUT", "IND", "SLB"});
    case Types::index:
      return is({"IND"});
    case Types::short_term_volume:
      return is({"STK", "CFD", "OPT", "FOP", "WAR", "IOPT", "FUT", "FWD", "BOND", "BILL", "SLB",
                 "CRYPTO"});
  }
  return false;
}

// The gateway's own number of what a client names; none for a number that is not legal.
std::optional<std::int32_t> own_number(std::int32_t number, std::string_view sec_type) {
  if (number == 104) return 512;  // historical volatility: taken, though the 321 does not name it
  const auto find = [](std::int32_t wanted, auto member) {
    return std::find_if(std::begin(legal_series), std::end(legal_series),
                        [&](const Series& one) { return wanted == one.*member; });
  };
  auto found = number == 221 ? std::end(legal_series) : find(number, &Series::number);
  if (found == std::end(legal_series) && number != 0) found = find(number, &Series::older);
  if (found == std::end(legal_series) || !is_legal(found->types, sec_type)) return std::nullopt;
  return found->number;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_quotes_off(std::string_view entry) {
  constexpr std::string_view word = "mdoff";
  return std::equal(entry.begin(), entry.end(), word.begin(), word.end(),
                    [](char a, char b) { return (a | 0x20) == b; });
}

std::optional<std::int32_t> read_entry(std::string_view entry, std::string_view sec_type) {
  const std::size_t colon = entry.find(':');
  if (colon != std::string_view::npos) {
    if (entry.find_first_not_of(':', colon) == std::string_view::npos) return std::nullopt;
    entry = entry.substr(0, colon);
  }
  std::int32_t number = 0;
  const char* const end = entry.data() + entry.size();
  const auto [read, bad] = std::from_chars(entry.data(), end, number);
  if (bad != std::errc{} || read != end) return std::nullopt;
  return own_number(number, sec_type);
}

}  // namespace

std::optional<GenericTicks> parse_generic_ticks(std::string_view list, std::string_view sec_type) {
  GenericTicks out;
  if (list.empty()) return out;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view word = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (word.empty()) continue;
    const std::string_view entry = trimmed(word);
    if (is_quotes_off(entry)) {
      out.quotes_off = true;
      continue;
    }
    const auto number = read_entry(entry, sec_type);
    if (!number) return std::nullopt;
    out.asked.insert(*number);
  }
  if (out.asked.empty()) return std::nullopt;
  return out;
}

std::string incorrect_generic_ticks(std::string_view list, std::string_view sec_type) {
  std::string legal;
  for (const Series& one : legal_series) {
    if (!is_legal(one.types, sec_type)) continue;
    if (!legal.empty()) legal += ',';
    legal += std::to_string(one.number);
    if (one.older != 0) legal += fmt::format("/{}", one.older);
    legal += fmt::format("({})", one.name);
  }
  return fmt::format(
      "Error validating request.-'bN' : cause - Incorrect generic tick list of {}.  Legal ones for "
      "({}) are: {}",
      list, sec_type, legal);
}

}  // namespace belay::simtws
