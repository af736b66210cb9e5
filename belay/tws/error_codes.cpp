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
};

// Ascending and disjoint (tested), so that the last range beginning at or before a code decides.
constexpr std::array table{
    Range{100, 100, Verdict::temporary},  // message rate exceeded
    Range{103, 103, Verdict::duplicate_id},
    Range{104, 105, Verdict::replace_refused},  // filled; does not match the original
    Range{106, 107, Verdict::request_refused},  // cannot transmit; incomplete
    Range{109, 111, Verdict::request_refused},  // price settings; tick; TIF and type
    Range{113, 113, Verdict::request_refused},
    Range{116, 117, Verdict::request_refused},
    Range{131, 131, Verdict::information},  // flags ignored
    Range{132, 132, Verdict::request_refused},
    Range{133, 134, Verdict::temporary},        // submit or modify failed: the lists decide
    Range{135, 135, Verdict::request_refused},  // parent or modify target unknown
    Range{136, 136, Verdict::cancel_too_late},
    Range{140, 141, Verdict::request_refused},
    Range{144, 147, Verdict::request_refused},
    Range{151, 160, Verdict::request_refused},
    Range{161, 161, Verdict::cancel_too_late},
    Range{162, 164, Verdict::request_refused},
    Range{165, 165, Verdict::information},  // a warning in every client that was read
    Range{166, 168, Verdict::request_refused},
    Range{200, 201, Verdict::request_refused},  // no such contract; rejected by IB
    Range{202, 202, Verdict::canceled},
    Range{203, 203, Verdict::request_refused},
    Range{320, 321, Verdict::request_refused},  // cannot parse; validation
    Range{329, 329, Verdict::replace_refused},
    Range{347, 347, Verdict::request_refused},
    Range{388, 388, Verdict::request_refused},
    Range{392, 392, Verdict::request_refused},
    Range{399, 399, Verdict::information},  // order message: at the open, odd lot ...
    Range{404, 404, Verdict::information},  // held: locating shares
    Range{412, 413, Verdict::request_refused},
    Range{434, 434, Verdict::request_refused},
    Range{436, 436, Verdict::request_refused},
    Range{460, 463, Verdict::request_refused},
    Range{492, 492, Verdict::information},
    Range{1100, 1102, Verdict::temporary},
    Range{2100, 2199, Verdict::information},  // always informational
    Range{10052, 10052, Verdict::cancel_unknown},
    Range{10089, 10091, Verdict::information},  // market data
    Range{10147, 10147, Verdict::cancel_unknown},
    Range{10148, 10148, Verdict::cancel_too_late},
    Range{10149, 10149, Verdict::information},
    Range{10167, 10167, Verdict::information},
    Range{10186, 10186, Verdict::information},
    Range{10197, 10197, Verdict::information},
    Range{10242, 10243, Verdict::request_refused},
    Range{10250, 10250, Verdict::request_refused},
    Range{10255, 10255, Verdict::request_refused},
    Range{10268, 10270, Verdict::request_refused},
    Range{10286, 10286, Verdict::request_refused},
    Range{10289, 10289, Verdict::request_refused},
    Range{10293, 10293, Verdict::request_refused},
    Range{10318, 10318, Verdict::request_refused},
    Range{10326, 10327, Verdict::replace_refused},
    Range{10328, 10328, Verdict::temporary},  // connection lost, order data unresolved
    Range{10331, 10335, Verdict::information},
    Range{10340, 10341, Verdict::replace_refused},
    Range{10349, 10349, Verdict::information},  // TIF set to DAY by preset; not a cancel
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

core::Verdict verdict_of(std::int32_t code) {
  const auto after = std::upper_bound(table.begin(), table.end(), code,
                                      [](std::int32_t c, const Range& r) { return c < r.first; });
  if (after == table.begin()) return Verdict::unlisted;
  const Range& range = *(after - 1);
  return code <= range.last ? range.verdict : Verdict::unlisted;
}

core::VerdictByRequest meaning_of(std::int32_t code) {
  for (const Special& special : specials) {
    if (special.code == code) return special.meaning;
  }
  const Verdict verdict = verdict_of(code);
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
