// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/field_reader.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
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

bool is_one_digit(std::string_view text) {
  return text.size() == 1 && text[0] >= '0' && text[0] <= '9';
}

// Integers as clients write them: also "+5" and "10.0". Nothing when it is no whole number or does
// not fit.
template <class Int>
std::optional<Int> parse_int(std::string_view text) {
  if (is_one_digit(text)) return text[0] - '0';
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

// Most fields are empty or a few bytes long: eight bytes are looked at in one go.
constexpr std::size_t long_field = sizeof(std::uint64_t);

std::size_t length_in_word(const char* begin) {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t ones = 0x0101'0101'0101'0101;
  std::uint64_t word = 0;
  std::memcpy(&word, begin, sizeof word);
  const std::uint64_t zeros = (word - ones) & ~word & (ones << 7U);
  return static_cast<std::size_t>(std::countr_zero(zeros)) / 8;  // 64 when there is no zero
}

bool is_nan(std::string_view text) {
  return !text.empty() && text.find_first_of("nN") != std::string_view::npos;
}

}  // namespace

FieldReader::FieldReader(std::string_view payload, int version, Reading reading)
    : payload_(payload), version_(version), reading_(reading) {}

void FieldReader::go_by(Stretches& known) {
  stretches_ = &known;
  known.next = 0;
  if (known.whole) return;
  known.payload = payload_;
  known.places.clear();
}

// False: there is nothing to go by.
bool FieldReader::pass_over() {
  if (stretches_ == nullptr || !stretches_->whole) return false;
  if (error_) return true;
  const auto [begin, size] = stretches_->places[stretches_->next++];
  const std::string_view known = std::string_view(stretches_->payload).substr(begin, size);
  if (payload_.substr(pos_).starts_with(known)) {
    pos_ += size;
  } else {
    fail("stretch", DecodeReason::bad_text);
  }
  return true;
}

std::size_t FieldReader::fields_left() const {
  const std::string_view rest = payload_.substr(pos_);
  return static_cast<std::size_t>(std::count(rest.begin(), rest.end(), '\0'));
}

void FieldReader::fail(std::string_view field, DecodeReason reason) {
  if (!error_) error_ = DecodeError{message_, field, std::max(index_, 0), reason};
}

// The field that ends in the bytes at hand is the field read last.
inline bool FieldReader::take(std::string_view field) {
  if (error_) return false;
  ++index_;
  const char* const begin = payload_.data() + pos_;
  const std::size_t left = payload_.size() - pos_;
  std::size_t size = left < sizeof(std::uint64_t) ? long_field : length_in_word(begin);
  if (size == long_field) {
    const void* const end = left > 0 ? std::memchr(begin, '\0', left) : nullptr;
    if (end == nullptr) return ended(field);
    size = static_cast<std::size_t>(static_cast<const char*>(end) - begin);
  }
  pos_ += size + 1;
  taken_ = {begin, size};
  return true;
}

// Bytes without their NUL are a field that was cut, not the end of the message.
bool FieldReader::ended(std::string_view field) {
  fail(field, pos_ == payload_.size() ? DecodeReason::under_run : DecodeReason::bad_text);
  return false;
}

// A field that is there and cannot be read.
void FieldReader::bad(std::string_view field, DecodeReason reason) {
  if (!tolerant()) return fail(field, reason);
  if (damaged_.size() >= max_damaged) return;
  damaged_.push_back({field, index_, reason, base::line_text(taken_, shown_max)});
}

// A whole number from 0 to `most` that decides what follows; nothing when there is none.
std::optional<int> FieldReader::decider(std::string_view field, int most) {
  const auto number = take(field) ? parse_int<std::int32_t>(taken_) : std::nullopt;
  return number && *number >= 0 && *number <= most ? number : std::nullopt;
}

// What a deciding field told, or what is assumed in its place. One that could not be read is named
// whatever else is wrong with the message: it is never a zero.
std::optional<int> FieldReader::decide(std::string_view field, std::optional<int> told) {
  if (failed()) return std::nullopt;
  const bool assumed = assumed_ && assumed_->first == index_;
  if (told && !assumed) return told;
  if (base::defect(base::Defect::unread_count_is_zero)) return 0;
  if (deciding_.first_undecided < 0) deciding_.first_undecided = index_;
  if (++deciding_.undecided > static_cast<int>(max_damaged)) {
    fail(field, DecodeReason::bad_count);
    return std::nullopt;
  }
  damaged_.push_back({field, index_, DecodeReason::bad_count, base::line_text(taken_, shown_max)});
  if (assumed && !assumed_->second) fail(field, DecodeReason::bad_count);
  return assumed ? assumed_->second : std::nullopt;
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
  if (!take(field)) return;
  if (taken_.empty()) return value.clear();
  if (!tolerant() || (taken_.size() < max_text && base::is_line_text(taken_))) {
    value = taken_;
    return;
  }
  value = base::line_text(taken_, message_ == ManagedAccts::msg_name ? max_accounts : max_text);
}

void FieldReader::escaped(std::string_view field, std::string& value) {
  if (!take(field)) return;
  value = tolerant() ? base::line_text(unescape(taken_.substr(0, 8 * max_text)), max_text)
                     : unescape(taken_);
}

void FieldReader::conjunction(std::string_view field, bool& value) {
  if (!take(field)) return;
  if (taken_ != "a" && taken_ != "o") return bad(field, DecodeReason::bad_text);
  value = taken_ == "a";
}

void FieldReader::right(std::string_view field, std::string& value, std::string_view none) {
  static_cast<void>(none);
  if (!take(field)) return;
  if (taken_ == "?" || taken_ == "0") return value.clear();
  value = tolerant() ? base::line_text(taken_, max_text) : std::string(taken_);
}

// Tolerantly, what is empty, cut off or unreadable is the unset value; and so is each spelling of
// "not given" that numbers with a point have.
template <class Int>
inline void FieldReader::integer(std::string_view field, Int& value, Int unset) {
  const bool taken = take(field);
  if (taken && is_one_digit(taken_)) {
    value = taken_[0] - '0';
    return;
  }
  if (tolerant()) value = unset;
  if (!taken || taken_.empty()) return;
  if (const auto number = parse_int<Int>(taken_)) {
    value = *number;
    return;
  }
  const auto real = tolerant() ? Real::parse(taken_) : std::nullopt;
  if (!real || real->is_finite()) bad(field, DecodeReason::bad_number);
}

void FieldReader::id(std::string_view field, std::int32_t& value) {
  integer(field, value, unset_i32);
}

void FieldReader::i32(std::string_view field, std::int32_t& value) {
  std::int32_t number = unset_i32;
  id(field, number);
  if (number != unset_i32) {
    value = number;
  } else if (stretches_ != nullptr && stretches_->whole) {
    fail(field, DecodeReason::bad_number);
  }
}

void FieldReader::i64(std::string_view field, std::int64_t& value) {
  integer(field, value, unset_i64);
}

void FieldReader::opt(std::string_view field, std::optional<std::int32_t>& value, Unset unset) {
  static_cast<void>(unset);
  std::int32_t number = unset_i32;
  id(field, number);
  value = number == unset_i32 ? std::nullopt : std::optional(number);
}

void FieldReader::opt_nz(std::string_view field, std::optional<std::int32_t>& value, Unset unset) {
  opt(field, value, unset);
  if (value == 0) value.reset();
}

void FieldReader::opt64(std::string_view field, std::optional<std::int64_t>& value) {
  std::int64_t number = unset_i64;
  i64(field, number);
  value = number == unset_i64 ? std::nullopt : std::optional(number);
}

void FieldReader::tri(std::string_view field, std::optional<bool>& value) {
  std::optional<std::int32_t> number;
  opt(field, number, Unset::empty);
  value = number ? std::optional(*number != 0) : std::nullopt;
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

// Most are "not given" in the two spellings of gateways.
void FieldReader::number(std::string_view field, Real& value,
                         std::optional<Real> (*parse)(std::string_view)) {
  if (!take(field)) return;
  if (taken_.empty() || taken_ == Real::maximum_text) {
    value = Real();
    return;
  }
  const auto parsed = parse(taken_);
  if (!parsed) return bad(field, DecodeReason::bad_number);
  value = *parsed;
}

// More fields follow a number above zero. Of the spellings of "not given" NaN is none here: no
// sender of a price that is not given writes it.
void FieldReader::deciding_real(std::string_view field, Real& value) {
  if (!tolerant()) return number(field, value, Real::parse);
  if (!take(field)) return;
  const auto parsed = Real::parse_quantity(taken_);
  std::optional<int> given;
  if (parsed && parsed->is_finite()) {
    const auto rounded = parsed->rounded();
    const bool above = !parsed->is_zero() && !parsed->is_negative();
    if (!above || (rounded && !rounded->is_zero())) given = above ? 1 : 0;
  } else if (parsed && !parsed->is_set() && !is_nan(taken_)) {
    given = 0;
  }
  if (given == 0) deciding_.not_given = index_;
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
    if (told == 0 && !assumed_) return 0;
    const std::size_t left = fields_left();
    if (told && static_cast<std::size_t>(*told) * fields_each > left) told.reset();
    const auto count = static_cast<std::size_t>(decide(field, told).value_or(0));
    if (count * fields_each <= left) return count;
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
  if (wanted == 0) return 0;
  if (wanted > max_list || wanted * fields_each > fields_left()) {
    fail(field, DecodeReason::too_many);
    return 0;
  }
  return wanted;
}

void FieldReader::rest(std::vector<std::string>& out) {
  if (error_ || pos_ == payload_.size()) return;
  std::size_t left = fields_left();
  if (left > max_rest) return fail("trailing", DecodeReason::too_many);
  out.reserve(out.size() + left);
  for (; left > 0; --left) {
    if (take("trailing")) out.emplace_back(taken_);
  }
  if (pos_ != payload_.size()) {
    ++index_;
    fail("trailing", DecodeReason::bad_text);
  }
}

}  // namespace belay::tws::wire
