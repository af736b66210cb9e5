// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/field_reader.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "belay/base/defects.hpp"
#include "belay/base/line_text.hpp"
#include "belay/tws/wire/escape.hpp"
#include "belay/tws/wire/reports.hpp"

namespace belay::tws::wire {
namespace {

constexpr std::int32_t unset_i32 = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t unset_i64 = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t shown_max = 40;  // bytes of a damaged field

// Integers as clients write them: also "+5" and "10.0". Nothing when it is no whole number or does
// not fit.
template <class Int>
std::optional<Int> parse_int(std::string_view text) {
  Int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc() && stop == end) return value;
  const auto real = Real::parse(text);
  if (!real || !real->is_finite() || real->is_inexact()) return std::nullopt;
  std::int64_t whole = real->mantissa();
  if (real->exponent() > 0) return std::nullopt;
  for (int shift = real->exponent(); shift < 0 && whole != 0; ++shift) {
    if (whole % 10 != 0) return std::nullopt;
    whole /= 10;
  }
  if (whole < std::numeric_limits<Int>::min() || whole > std::numeric_limits<Int>::max()) {
    return std::nullopt;
  }
  return static_cast<Int>(whole);
}

bool is_nan(std::string_view text) {
  return !text.empty() && text.find_first_of("nN") != std::string_view::npos;
}

}  // namespace

FieldReader::FieldReader(std::string_view payload, int version, Reading reading)
    : payload_(payload), version_(version), reading_(reading) {
  fields_left_ = static_cast<std::size_t>(std::count(payload.begin(), payload.end(), '\0'));
}

void FieldReader::fail(std::string_view field, DecodeReason reason) {
  if (!error_) error_ = DecodeError{message_, field, std::max(index_, 0), reason};
}

std::optional<std::string_view> FieldReader::take(std::string_view field) {
  if (error_) return std::nullopt;
  ++index_;
  if (fields_left_ == 0) {
    // Bytes without their NUL are a field that was cut, not the end of the message.
    fail(field, pos_ == payload_.size() ? DecodeReason::under_run : DecodeReason::bad_text);
    return std::nullopt;
  }
  const std::size_t end = payload_.find('\0', pos_);
  const std::string_view value = payload_.substr(pos_, end - pos_);
  pos_ = end + 1;
  --fields_left_;
  taken_ = value;
  return value;
}

// A field that is there and cannot be read.
void FieldReader::bad(std::string_view field, std::string_view bytes, DecodeReason reason) {
  if (!tolerant()) return fail(field, reason);
  if (damaged_.size() >= max_damaged) return;
  damaged_.push_back({field, index_, reason, base::line_text(bytes, shown_max)});
}

// A whole number from 0 to `most` that decides what follows; nothing when there is none.
std::optional<int> FieldReader::decider(std::string_view field, int most) {
  const auto taken = take(field);
  const auto number = taken ? parse_int<std::int32_t>(*taken) : std::nullopt;
  return number && *number >= 0 && *number <= most ? number : std::nullopt;
}

// What a deciding field told, or what is assumed in its place. One that could not be read is named
// whatever else is wrong with the message: it is never a zero.
std::optional<int> FieldReader::decide(std::string_view field, std::optional<int> told) {
  if (failed()) return std::nullopt;
  const bool assumed = assumed_ && assumed_->first == index_;
  if (told && !assumed) return told;
  if (base::defect(base::Defect::unread_count_is_zero)) return 0;
  if (first_undecided_ < 0) first_undecided_ = index_;
  if (++undecided_ > static_cast<int>(max_damaged)) {
    fail(field, DecodeReason::bad_count);
    return std::nullopt;
  }
  damaged_.push_back({field, index_, DecodeReason::bad_count, base::line_text(taken_, shown_max)});
  if (end_at_ == index_) fail(field, DecodeReason::bad_count);
  return assumed ? std::optional(assumed_->second) : std::nullopt;
}

void FieldReader::take_damaged(std::vector<DamagedField>& out) {
  const bool told = error_ && !damaged_.empty() && error_->reason == DecodeReason::bad_count &&
                    damaged_.back().field_index == error_->field_index;
  if (error_ && !told) {
    damaged_.push_back(
        {error_->field, error_->field_index, error_->reason,
         error_->reason == DecodeReason::under_run ? "" : base::line_text(taken_, shown_max)});
  }
  out.swap(damaged_);
}

void FieldReader::constant(std::string_view field, int value) {
  static_cast<void>(value);
  take(field);
}

void FieldReader::filler(std::string_view field, std::string_view value) {
  static_cast<void>(value);
  take(field);
}

void FieldReader::text(std::string_view field, std::string& value) {
  const auto taken = take(field);
  if (!taken) return;
  if (!tolerant()) {
    value = *taken;
    return;
  }
  value = base::line_text(*taken, message_ == ManagedAccts::msg_name ? max_accounts : max_text);
}

void FieldReader::escaped(std::string_view field, std::string& value) {
  const auto taken = take(field);
  if (!taken) return;
  value = tolerant() ? base::line_text(unescape(taken->substr(0, 8 * max_text)), max_text)
                     : unescape(*taken);
}

void FieldReader::conjunction(std::string_view field, bool& value) {
  const auto taken = take(field);
  if (!taken) return;
  if (*taken != "a" && *taken != "o") return bad(field, *taken, DecodeReason::bad_text);
  value = *taken == "a";
}

void FieldReader::right(std::string_view field, std::string& value, std::string_view none) {
  static_cast<void>(none);
  const auto taken = take(field);
  if (!taken || *taken == "?" || *taken == "0") return;
  value = tolerant() ? base::line_text(*taken, max_text) : std::string(*taken);
}

// Tolerantly, what is empty, cut off or unreadable is the unset value; and so is each spelling of
// "not given" that numbers with a point have.
template <class Int>
void FieldReader::integer(std::string_view field, Int& value, Int unset) {
  const auto taken = take(field);
  if (tolerant()) value = unset;
  if (!taken || taken->empty()) return;
  if (const auto number = parse_int<Int>(*taken)) {
    value = *number;
    return;
  }
  const auto real = tolerant() ? Real::parse(*taken) : std::nullopt;
  if (!real || real->is_finite()) bad(field, *taken, DecodeReason::bad_number);
}

void FieldReader::id(std::string_view field, std::int32_t& value) {
  integer(field, value, unset_i32);
}

void FieldReader::i32(std::string_view field, std::int32_t& value) {
  std::int32_t number = unset_i32;
  id(field, number);
  if (number != unset_i32) value = number;
}

void FieldReader::i64(std::string_view field, std::int64_t& value) {
  integer(field, value, unset_i64);
}

void FieldReader::opt(std::string_view field, std::optional<std::int32_t>& value, Unset unset) {
  static_cast<void>(unset);
  std::int32_t number = unset_i32;
  id(field, number);
  if (number != unset_i32) value = number;
}

void FieldReader::opt_nz(std::string_view field, std::optional<std::int32_t>& value, Unset unset) {
  opt(field, value, unset);
  if (value == 0) value.reset();
}

void FieldReader::opt64(std::string_view field, std::optional<std::int64_t>& value) {
  std::int64_t number = unset_i64;
  i64(field, number);
  if (number != unset_i64) value = number;
}

void FieldReader::tri(std::string_view field, std::optional<bool>& value) {
  std::optional<std::int32_t> number;
  opt(field, number, Unset::empty);
  if (number) value = *number != 0;
}

std::optional<int> FieldReader::exact_flag(std::string_view field) {
  bool given = false;
  flag(field, given);
  return given ? 1 : 0;
}

void FieldReader::flag(std::string_view field, bool& value) {
  std::int32_t number = 0;
  id(field, number);
  value = number != 0 && !(tolerant() && number == unset_i32);
}

void FieldReader::real(std::string_view field, Real& value, Unset unset) {
  static_cast<void>(unset);
  number(field, value, Real::parse);
}

void FieldReader::number(std::string_view field, Real& value,
                         std::optional<Real> (*parse)(std::string_view)) {
  const auto taken = take(field);
  if (!taken) return;
  const auto parsed = parse(*taken);
  if (!parsed) return bad(field, *taken, DecodeReason::bad_number);
  value = *parsed;
}

// More fields follow a number above zero. Of the spellings of "not given" NaN is none here: no
// sender of a price that is not given writes it.
void FieldReader::deciding_real(std::string_view field, Real& value) {
  if (!tolerant()) return number(field, value, Real::parse);
  const auto taken = take(field);
  if (!taken) return;
  const auto parsed = Real::parse_quantity(*taken);
  std::optional<int> given;
  if (parsed && parsed->is_finite()) {
    const auto rounded = parsed->rounded();
    const bool above = !parsed->is_zero() && !parsed->is_negative();
    if (!above || (rounded && !rounded->is_zero())) given = above ? 1 : 0;
  } else if (parsed && !parsed->is_set() && !is_nan(*taken)) {
    given = 0;
  }
  if (given == 0) not_given_ = index_;
  const auto decided = decide(field, given);
  if (given && decided == given) value = *parsed;
  if (decided == 1 && given != 1) value = Real::from_int(1);
}

// How long one of a kind that is not known is cannot be told.
void FieldReader::deciding_kind(std::string_view field, std::int32_t& value,
                                bool (*known)(std::int32_t)) {
  if (!tolerant()) return i32(field, value);
  auto told = decider(field, std::numeric_limits<std::int32_t>::max());
  if (told && !known(*told)) told.reset();
  value = decide(field, told).value_or(0);
}

void FieldReader::real_nz(std::string_view field, Real& value, Unset unset) {
  real(field, value, unset);
  if (value.is_zero()) value = Real();
}

void FieldReader::quantity(std::string_view field, Real& value, Unset unset) {
  static_cast<void>(unset);
  number(field, value, Real::parse_quantity);
}

std::size_t FieldReader::read_count(std::string_view field, std::size_t fields_each) {
  if (tolerant()) {
    auto told = decider(field, static_cast<int>(max_list));
    if (told && static_cast<std::size_t>(*told) * fields_each > fields_left_) told.reset();
    const auto count = static_cast<std::size_t>(decide(field, told).value_or(0));
    if (count * fields_each <= fields_left_) return count;
    fail(field, DecodeReason::under_run);  // what was assumed does not fit
    return 0;
  }
  std::int32_t count = 0;
  i32(field, count);
  if (error_) return 0;
  if (count < 0) {
    fail(field, DecodeReason::bad_number);
    return 0;
  }
  const auto wanted = static_cast<std::size_t>(count);
  if (wanted > max_list || wanted * fields_each > fields_left_) {
    fail(field, DecodeReason::too_many);
    return 0;
  }
  return wanted;
}

void FieldReader::rest(std::vector<std::string>& out) {
  if (error_) return;
  if (fields_left_ > max_rest) return fail("trailing", DecodeReason::too_many);
  out.reserve(out.size() + fields_left_);
  while (fields_left_ > 0) {
    if (const auto taken = take("trailing")) out.emplace_back(*taken);
  }
  if (pos_ != payload_.size()) {
    ++index_;
    fail("trailing", DecodeReason::bad_text);
  }
}

}  // namespace belay::tws::wire
