// SPDX-License-Identifier: Apache-2.0
// FieldReader: the visitor that fills a message from NUL-ended fields. Reading exactly, the first
// bad field is remembered with its name and index and every later call does nothing. Reading
// tolerantly, a bad field is noted and reads as "not given", and only the end of the message stops
// the reading. Counts are bounded by the fields that are left, and by a limit of our own, before an
// element is made. Internal to tws/wire.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/field_io.hpp"
#include "belay/tws/wire/real.hpp"

namespace belay::tws::wire {

/// A message as it was read last, and where its stretches (field_io.hpp) lay.
struct Stretches {
  std::string payload;
  std::vector<std::pair<std::size_t, std::size_t>> places;  // first byte, size
  std::size_t next = 0;
  bool whole = false;  ///< all of it could be read
};

class FieldReader {
 public:
  /// No list of a real message comes near; it bounds the memory a hostile frame can claim.
  static constexpr std::size_t max_list = 10'000;
  /// As many fields are kept of an unknown message or behind a known one.
  static constexpr std::size_t max_rest = 65'536;

  /// Longer texts are cut when reading tolerantly; the list of accounts may be longer.
  static constexpr std::size_t max_text = 2'000;
  static constexpr std::size_t max_accounts = 65'536;
  /// More damaged fields than these are not told one by one.
  static constexpr std::size_t max_damaged = 20;

  FieldReader(std::string_view payload, int version, Reading reading = Reading::exact);

  int version() const { return version_; }
  bool failed() const { return error_.has_value(); }
  const std::optional<DecodeError>& error() const { return error_; }
  void set_message(std::string_view name) { message_ = name; }
  bool tolerant() const { return reading_ == Reading::tolerant; }
  /// Tolerant: the fields that decide what follows.
  struct Deciding {
    int undecided = 0;         // that could not be read
    int first_undecided = -1;  // the first of them by index; -1 when there is none
    int not_given = -1;        // one that decides by being given, and was not
  };
  const Deciding& deciding() const { return deciding_; }
  /// Reads the deciding field at `index` as if `value` stood there, and notes it as damaged.
  /// Without a value the message ends there.
  void assume(int index, std::optional<int> value) { assumed_ = {index, value}; }
  /// Notes in `known` what is read. When it holds a whole message, the one that is read now goes
  /// into the struct which that one filled: a stretch of the same bytes is passed over, and another
  /// one is a failure, as is an i32 that is not given, whose default nobody knows here.
  void go_by(Stretches& known);
  /// Tolerant: what was wrong, the end that came too early last.
  void take_damaged(std::vector<DamagedField>& out);

  void constant(std::string_view field, int value);
  void filler(std::string_view field, std::string_view value);
  void text(std::string_view field, std::string& value);
  void escaped(std::string_view field, std::string& value);
  void conjunction(std::string_view field, bool& value);
  void right(std::string_view field, std::string& value, std::string_view none);
  void id(std::string_view field, std::int32_t& value);
  void i32(std::string_view field, std::int32_t& value);
  void i64(std::string_view field, std::int64_t& value);
  void opt(std::string_view field, std::optional<std::int32_t>& value, Unset unset);
  void opt_nz(std::string_view field, std::optional<std::int32_t>& value, Unset unset);
  void opt64(std::string_view field, std::optional<std::int64_t>& value);
  void tri(std::string_view field, std::optional<bool>& value);
  void flag(std::string_view field, bool& value);
  void real(std::string_view field, Real& value, Unset unset);
  void real_nz(std::string_view field, Real& value, Unset unset);
  void quantity(std::string_view field, Real& value, Unset unset);
  void deciding_real(std::string_view field, Real& value);
  void deciding_kind(std::string_view field, std::int32_t& value, bool (*known)(std::int32_t));

  template <class T>
  bool present(std::string_view field, std::optional<T>& value) {
    value.reset();
    const auto given = tolerant() ? decide(field, decider(field, 1)) : exact_flag(field);
    if (given.value_or(0) != 0 && !failed()) value.emplace();
    return value.has_value();
  }

  template <class T, class Walk>
  void list(std::string_view field, std::vector<T>& values, std::size_t fields_each, Walk walk) {
    values.clear();
    const std::size_t count = read_count(field, fields_each);
    for (std::size_t i = 0; i < count && !failed(); ++i) walk(*this, values.emplace_back());
  }

  template <class Walk>
  void stretch(Walk walk) {
    if (pass_over()) return;
    const std::size_t begin = pos_;
    walk();
    if (stretches_ != nullptr) stretches_->places.emplace_back(begin, pos_ - begin);
  }

  /// Marks the field just read as wrong.
  void fail(std::string_view field, DecodeReason reason);
  /// Moves all fields that are left into `out`.
  void rest(std::vector<std::string>& out);

 private:
  bool pass_over();
  bool take(std::string_view field);
  bool ended(std::string_view field);
  std::size_t fields_left() const;
  template <class Int>
  void integer(std::string_view field, Int& value, Int unset);
  void number(std::string_view field, Real& value, std::optional<Real> (*parse)(std::string_view));
  void bad(std::string_view field, DecodeReason reason);
  std::optional<int> exact_flag(std::string_view field);
  std::optional<int> decider(std::string_view field, int most);
  std::optional<int> decide(std::string_view field, std::optional<int> told);
  std::size_t read_count(std::string_view field, std::size_t fields_each);

  std::string_view payload_;
  std::size_t pos_ = 0;
  int index_ = -1;  // of the field read last
  int version_;
  Reading reading_;
  std::string_view taken_;  // the field read last
  Deciding deciding_;
  std::optional<std::pair<int, std::optional<int>>> assumed_;
  Stretches* stretches_ = nullptr;
  std::vector<DamagedField> damaged_;
  std::string_view message_ = "message";
  std::optional<DecodeError> error_;
};

}  // namespace belay::tws::wire
