// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/error_codes.hpp"

#include <algorithm>
#include <array>

namespace belay::tws {
namespace {

using core::Verdict;

struct Range {
  std::int32_t first;
  std::int32_t last;
  Verdict verdict;
};

// Codes that mean one thing to a placement and another to a modification or a cancel. Every other
// refusal refuses a placement or a modification alike and never a cancel.
struct Special {
  std::int32_t code;
  core::VerdictByRequest meaning;
};
constexpr std::nullopt_t never = std::nullopt;
constexpr std::array specials{
    // The id was used before: another order lives, or lived, under it.
    Special{103, {Verdict::duplicate_id, Verdict::replace_refused, never}},
    Special{104, {Verdict::duplicate_id, Verdict::replace_refused, never}},  // it is filled
    Special{105, {Verdict::duplicate_id, Verdict::replace_refused, never}},  // another order's
    Special{133, {Verdict::temporary, Verdict::temporary, never}},           // submit failed
    Special{134, {never, Verdict::temporary, never}},                        // modify failed
    // Of a placement: the parent is not known. Of the others: the order itself.
    Special{135, {Verdict::request_refused, Verdict::replace_refused, Verdict::cancel_unknown}},
    // What cannot be parsed or validated can be any request.
    Special{320, {Verdict::request_refused, Verdict::replace_refused, Verdict::request_refused}},
    Special{321, {Verdict::request_refused, Verdict::replace_refused, Verdict::request_refused}},
    Special{322, {Verdict::request_refused, Verdict::replace_refused, Verdict::request_refused}},
    Special{323, {Verdict::request_refused, Verdict::replace_refused, Verdict::request_refused}},
};

// A cancel that is refused because another one is under way: ours is on its way, whoever asked.
bool is_being_canceled(std::int32_t code, std::string_view text) {
  return code == 10148 && text.find("state: PendingCancel") != std::string_view::npos;
}
// 202 confirms a cancel. With a reason it is the answer to what nobody canceled: a price that the
// broker does not take, for example.
bool gives_reason(std::int32_t code, std::string_view text) {
  constexpr std::string_view mark = "reason:";
  const auto at = text.find(mark);
  return code == 202 && at != std::string_view::npos &&
         text.find_first_not_of(" \n\r\t", at + mark.size()) != std::string_view::npos;
}

// The broker's documented codes, ascending and disjoint, so that the last range that begins at or
// before a code decides. Refusals are those that are documented or were recorded for an order.
constexpr std::array table{
    Range{100, 100, Verdict::temporary},  // message rate exceeded
    Range{103, 103, Verdict::duplicate_id},
    Range{104, 105, Verdict::replace_refused},  // filled; does not match the original
    Range{106, 107, Verdict::request_refused},  // cannot transmit; incomplete
    Range{109, 111, Verdict::request_refused},  // price settings; tick; TIF and type
    Range{113, 121, Verdict::request_refused},  // TIF, routing and VWAP
    Range{125, 126, Verdict::request_refused},
    Range{129, 129, Verdict::request_refused},
    Range{131, 131, Verdict::information},  // flags ignored
    Range{132, 132, Verdict::request_refused},
    Range{133, 134, Verdict::temporary},        // submit or modify failed: the lists decide
    Range{135, 135, Verdict::request_refused},  // parent or modify target unknown
    Range{136, 137, Verdict::cancel_too_late},
    Range{140, 142, Verdict::request_refused},
    Range{144, 148, Verdict::request_refused},  // allocation, validation, conditions
    Range{151, 160, Verdict::request_refused},  // user, attributes, halts, sizes
    Range{161, 161, Verdict::cancel_too_late},
    Range{162, 164, Verdict::request_refused},
    Range{165, 165, Verdict::information},      // a warning in every client that was read
    Range{166, 168, Verdict::request_refused},  // expired contract, VWAP, discretionary amount
    Range{200, 201, Verdict::request_refused},  // no such contract; rejected by IB
    Range{202, 202, Verdict::canceled},
    Range{203, 203, Verdict::request_refused},
    Range{312, 315, Verdict::request_refused},  // legs of a combination
    Range{320, 323, Verdict::request_refused},  // cannot parse, validate or process
    Range{325, 325, Verdict::request_refused},
    Range{328, 328, Verdict::request_refused},  // a trailing stop under this parent
    Range{329, 329, Verdict::replace_refused},  // type change
    Range{332, 353, Verdict::request_refused},  // accounts, times, short sales, combinations
    Range{355, 356, Verdict::request_refused},  // size; combination and OCA
    Range{358, 364, Verdict::request_refused},  // combinations; adjusted stops
    Range{367, 383, Verdict::request_refused},  // volatility, delta and precautions
    Range{387, 398, Verdict::request_refused},  // type, size, route, hedge; system limits
    Range{399, 399, Verdict::information},      // order message: at the open, odd lot ...
    Range{400, 403, Verdict::request_refused},  // algo; length; conditions; stop price
    Range{404, 404, Verdict::information},      // held: locating shares
    Range{405, 413, Verdict::request_refused},  // child size; currency; scale; trading
    Range{417, 419, Verdict::request_refused},
    Range{421, 429, Verdict::request_refused},  // route, account, allocation, funds
    Range{432, 439, Verdict::request_refused},  // size, account, algorithm
    Range{440, 440, Verdict::replace_refused},  // algorithm cannot be changed
    Range{441, 443, Verdict::request_refused},
    Range{444, 444, Verdict::replace_refused},  // not acknowledged yet
    Range{445, 449, Verdict::request_refused},
    Range{451, 451, Verdict::request_refused},
    Range{460, 463, Verdict::request_refused},  // permissions
    Range{492, 492, Verdict::information},
    Range{1100, 1102, Verdict::temporary},
    Range{2100, 2199, Verdict::information},        // always informational
    Range{10000, 10003, Verdict::request_refused},  // combinations
    Range{10005, 10013, Verdict::request_refused},  // models; hedges; parents
    Range{10015, 10016, Verdict::request_refused},
    Range{10020, 10027, Verdict::request_refused},  // display size; legs
    Range{10032, 10032, Verdict::request_refused},
    Range{10052, 10052, Verdict::request_refused},  // invalid time in force
    Range{10058, 10058, Verdict::request_refused},
    Range{10063, 10063, Verdict::request_refused},
    Range{10089, 10091, Verdict::information},  // market data
    Range{10147, 10147, Verdict::cancel_unknown},
    Range{10148, 10148, Verdict::cancel_too_late},
    Range{10149, 10149, Verdict::information},
    Range{10167, 10167, Verdict::information},
    Range{10186, 10186, Verdict::information},
    Range{10197, 10197, Verdict::information},
    Range{10242, 10243, Verdict::request_refused},
    Range{10250, 10250, Verdict::request_refused},
    Range{10255, 10256, Verdict::request_refused},  // display size; minimum quantity
    Range{10268, 10270, Verdict::request_refused},
    Range{10286, 10286, Verdict::request_refused},
    Range{10289, 10289, Verdict::request_refused},
    Range{10293, 10293, Verdict::request_refused},
    Range{10311, 10311, Verdict::request_refused},
    Range{10315, 10315, Verdict::request_refused},
    Range{10318, 10318, Verdict::request_refused},
    Range{10326, 10327, Verdict::request_refused},
    Range{10328, 10328, Verdict::temporary},  // connection lost, order data unresolved
    Range{10329, 10329, Verdict::request_refused},
    Range{10331, 10335, Verdict::information},
    Range{10340, 10341, Verdict::replace_refused},
    Range{10342, 10342, Verdict::request_refused},
    Range{10349, 10349, Verdict::information},  // TIF set to DAY by preset; not a cancel
    Range{10355, 10355, Verdict::request_refused},
    Range{10371, 10372, Verdict::request_refused},
};

constexpr bool is_sorted_and_disjoint() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].first > table[i].last) return false;
    if (i > 0 && table[i - 1].last >= table[i].first) return false;
  }
  return true;
}
static_assert(is_sorted_and_disjoint());

}  // namespace

core::Verdict verdict_of(std::int32_t code, std::string_view text) {
  if (is_being_canceled(code, text)) return Verdict::information;
  const auto after = std::upper_bound(table.begin(), table.end(), code,
                                      [](std::int32_t c, const Range& r) { return c < r.first; });
  if (after == table.begin()) return Verdict::unlisted;
  const Range& range = *(after - 1);
  return code <= range.last ? range.verdict : Verdict::unlisted;
}

core::VerdictByRequest meaning_of(std::int32_t code, std::string_view text) {
  if (gives_reason(code, text)) {
    return {Verdict::request_refused, Verdict::canceled, Verdict::canceled};
  }
  for (const Special& special : specials) {
    if (special.code == code) return special.meaning;
  }
  const Verdict verdict = verdict_of(code, text);
  switch (verdict) {
    case Verdict::request_refused:
      return {Verdict::request_refused, Verdict::replace_refused, std::nullopt};
    case Verdict::replace_refused:
      return {std::nullopt, Verdict::replace_refused, std::nullopt};
    case Verdict::cancel_too_late:
    case Verdict::cancel_unknown:
      return {std::nullopt, std::nullopt, verdict};
    case Verdict::duplicate_id:
    case Verdict::information:
    case Verdict::canceled:
    case Verdict::temporary:
    case Verdict::unlisted:
      break;
  }
  return {verdict, verdict, verdict};
}

}  // namespace belay::tws
