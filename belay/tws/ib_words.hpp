// SPDX-License-Identifier: Apache-2.0
// IB's words for what our closed sets name, apart from our own words: renaming one of ours changes
// nothing on the wire. The first row of a value is what we send; the gateway also writes the
// others.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "belay/model/order.hpp"

namespace belay::tws {

using model::OrdType;
using model::SecurityType;
using model::Side;
using model::TimeInForce;

template <class Enum>
struct Word {
  Enum value;
  std::string_view word;
};
inline constexpr Word<OrdType> ord_type_words[] = {
    {OrdType::market, "MKT"},
    {OrdType::limit, "LMT"},
    {OrdType::stop, "STP"},
    {OrdType::stop_limit, "STP LMT"},
    {OrdType::trailing_stop, "TRAIL"},
    {OrdType::trailing_stop_limit, "TRAIL LIMIT"},
    {OrdType::trailing_stop_limit, "TRAILLMT"},
    {OrdType::market_if_touched, "MIT"},
    {OrdType::limit_if_touched, "LIT"},
    {OrdType::market_to_limit, "MTL"},
    {OrdType::market_on_close, "MOC"},
    {OrdType::limit_on_close, "LOC"},
    {OrdType::relative, "REL"},
    {OrdType::midprice, "MIDPRICE"},
};
inline constexpr Word<TimeInForce> tif_words[] = {
    {TimeInForce::day, "DAY"},
    {TimeInForce::good_till_cancel, "GTC"},
    {TimeInForce::immediate_or_cancel, "IOC"},
    {TimeInForce::fill_or_kill, "FOK"},
    {TimeInForce::good_till_date, "GTD"},
    {TimeInForce::at_opening, "OPG"},
    {TimeInForce::auction, "AUC"},
};
inline constexpr Word<SecurityType> sec_type_words[] = {
    {SecurityType::stock, "STK"},       {SecurityType::cash, "CASH"},
    {SecurityType::future, "FUT"},      {SecurityType::option, "OPT"},
    {SecurityType::combination, "BAG"}, {SecurityType::crypto, "CRYPTO"},
    {SecurityType::cfd, "CFD"},         {SecurityType::bond, "BOND"},
    {SecurityType::index, "IND"},
};
inline constexpr Word<Side> side_words[] = {
    {Side::buy, "BUY"},  {Side::sell, "SELL"},   {Side::buy, "BOT"},
    {Side::sell, "SLD"}, {Side::sell, "SSHORT"}, {Side::sell, "SSHORTX"},
};

template <class Enum, std::size_t N>
std::string word_of(const Word<Enum> (&words)[N], Enum value) {
  for (const auto& each : words) {
    if (each.value == value) return std::string(each.word);
  }
  return {};
}
template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Word<Enum> (&words)[N], std::string_view word) {
  for (const auto& each : words) {
    if (each.word == word) return each.value;
  }
  return std::nullopt;
}

}  // namespace belay::tws
