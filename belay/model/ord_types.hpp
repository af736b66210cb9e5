// SPDX-License-Identifier: Apache-2.0
// Types of orders and times in force: a row each says its word and what may be asked with it.
// Validation, JSON, the command line, lanes, the broker's border and the tests of the documents
// read these rows; nothing else lists the types. A new type is a member of OrdType, its row here,
// the broker's word for it (tws/translate.cpp), and what the simulated market does with it.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "belay/model/enums.hpp"

namespace belay::model {

enum class OrdType : std::uint8_t {  // FIX 40
  market = 1,
  limit = 2,
  stop = 3,
  stop_limit = 4,
  trailing_stop = 5,
  trailing_stop_limit = 6,
  market_if_touched = 7,
  limit_if_touched = 8,
  other = 9,  ///< an external order of a type that we show but do not place
  market_to_limit = 10,
  market_on_close = 11,
  limit_on_close = 12,
  relative = 13,
  midprice = 14,
};
enum class TimeInForce : std::uint8_t {  // FIX 59
  day = 1,
  good_till_cancel = 2,
  immediate_or_cancel = 3,
  fill_or_kill = 4,
  good_till_date = 5,
  at_opening = 6,
  auction = 7,
  other = 9,  ///< external orders only
};

struct TifRow {
  TimeInForce value;
  std::string_view name;
  bool at_once = false;  ///< what does not trade at once is canceled
  bool rests = false;    ///< it can work for a day and more, as long as its date says
};
inline constexpr std::array tif_rows{
    TifRow{.value = TimeInForce::day, .name = "DAY", .rests = true},
    TifRow{.value = TimeInForce::good_till_cancel, .name = "GTC", .rests = true},
    TifRow{.value = TimeInForce::immediate_or_cancel, .name = "IOC", .at_once = true},
    TifRow{.value = TimeInForce::fill_or_kill, .name = "FOK", .at_once = true},
    TifRow{.value = TimeInForce::good_till_date, .name = "GTD", .rests = true},
    TifRow{.value = TimeInForce::at_opening, .name = "OPG"},
    TifRow{.value = TimeInForce::auction, .name = "AUC"},
    TifRow{.value = TimeInForce::other, .name = "OTHER"}};

class TifSet {
 public:
  constexpr TifSet(std::initializer_list<TimeInForce> all) {
    for (const TimeInForce each : all) bits_ |= bit(each);
  }
  constexpr bool contains(TimeInForce tif) const { return (bits_ & bit(tif)) != 0; }

 private:
  static constexpr std::uint32_t bit(TimeInForce tif) { return 1U << static_cast<unsigned>(tif); }
  std::uint32_t bits_ = 0;
};
inline constexpr TifSet resting_tifs{TimeInForce::day, TimeInForce::good_till_cancel,
                                     TimeInForce::good_till_date};
inline constexpr TifSet plain_tifs{TimeInForce::day, TimeInForce::good_till_cancel,
                                   TimeInForce::immediate_or_cancel, TimeInForce::fill_or_kill,
                                   TimeInForce::good_till_date};
inline constexpr TifSet opening_tifs{
    TimeInForce::day,          TimeInForce::good_till_cancel, TimeInForce::immediate_or_cancel,
    TimeInForce::fill_or_kill, TimeInForce::good_till_date,   TimeInForce::at_opening};
inline constexpr TifSet auction_tifs{TimeInForce::day, TimeInForce::good_till_cancel,
                                     TimeInForce::good_till_date, TimeInForce::auction};

/// Whether orders of a type have a number.
enum class Use : std::uint8_t {
  none,
  told,  ///< nobody asks for it, and what the broker tells is shown
  may,
  must,
};

struct OrdTypeRow {
  OrdType value;
  std::string_view name;
  Use price = Use::none;
  Use stop_px = Use::none;  ///< the trigger; of REL the distance from the best price
  Use trail = Use::none;    ///< trail_amount or trail_percent; the trigger then moves
  Use limit_offset = Use::none;
  Use percent_offset = Use::none;
  bool protects = false;  ///< it acts when the price goes against the position: a stop
  TifSet tifs = plain_tifs;

  constexpr bool trails() const { return trail != Use::none; }
};
inline constexpr std::array ord_type_rows{
    OrdTypeRow{.value = OrdType::market, .name = "MKT", .tifs = opening_tifs},
    OrdTypeRow{.value = OrdType::limit, .name = "LMT", .price = Use::must, .tifs = opening_tifs},
    OrdTypeRow{.value = OrdType::stop, .name = "STP", .stop_px = Use::must, .protects = true},
    OrdTypeRow{.value = OrdType::stop_limit,
               .name = "STP LMT",
               .price = Use::must,
               .stop_px = Use::must,
               .protects = true},
    OrdTypeRow{.value = OrdType::trailing_stop,
               .name = "TRAIL",
               .stop_px = Use::may,
               .trail = Use::must,
               .protects = true},
    OrdTypeRow{.value = OrdType::trailing_stop_limit,
               .name = "TRAIL LIMIT",
               .stop_px = Use::may,
               .trail = Use::must,
               .limit_offset = Use::must,
               .protects = true,
               .tifs = resting_tifs},
    OrdTypeRow{.value = OrdType::market_if_touched,
               .name = "MIT",
               .stop_px = Use::must,
               .tifs = resting_tifs},
    OrdTypeRow{.value = OrdType::limit_if_touched,
               .name = "LIT",
               .price = Use::must,
               .stop_px = Use::must,
               .tifs = resting_tifs},
    OrdTypeRow{
        .value = OrdType::market_to_limit, .name = "MTL", .price = Use::may, .tifs = auction_tifs},
    OrdTypeRow{.value = OrdType::market_on_close, .name = "MOC", .tifs = TifSet{TimeInForce::day}},
    OrdTypeRow{.value = OrdType::limit_on_close,
               .name = "LOC",
               .price = Use::must,
               .tifs = TifSet{TimeInForce::day}},
    OrdTypeRow{.value = OrdType::relative,
               .name = "REL",
               .price = Use::may,
               .stop_px = Use::may,
               .percent_offset = Use::may,
               .tifs = resting_tifs},
    OrdTypeRow{
        .value = OrdType::midprice, .name = "MIDPRICE", .price = Use::may, .tifs = resting_tifs},
    // Whatever the broker tells of a type without a row is shown.
    OrdTypeRow{.value = OrdType::other,
               .name = "OTHER",
               .price = Use::told,
               .stop_px = Use::told,
               .percent_offset = Use::told}};

constexpr const auto& names_of(OrdType) {
  return ord_type_rows;
}
constexpr const auto& names_of(TimeInForce) {
  return tif_rows;
}
constexpr bool is_at_once(TimeInForce tif) {
  return row_of(tif).at_once;
}

}  // namespace belay::model
