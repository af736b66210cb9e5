// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/codec.hpp"

#include <fmt/format.h>

namespace belay::tws::wire {

std::string_view name(DecodeReason reason) {
  switch (reason) {
    case DecodeReason::under_run:
      return "under_run";
    case DecodeReason::bad_number:
      return "bad_number";
    case DecodeReason::too_many:
      return "too_many";
    case DecodeReason::bad_text:
      return "bad_text";
    case DecodeReason::bad_count:
      return "bad_count";
  }
  return "";
}

namespace {

std::string_view words(DecodeReason reason) {
  switch (reason) {
    case DecodeReason::under_run:
      return "the message ends before this field";
    case DecodeReason::bad_number:
      return "not a number that can stand here";
    case DecodeReason::too_many:
      return "more elements than the message can hold";
    case DecodeReason::bad_text:
      return "a text that cannot stand here";
    case DecodeReason::bad_count:
      return "how much follows cannot be told from it";
  }
  return "";
}

}  // namespace

std::string to_string(const DecodeError& error) {
  return fmt::format("{}: field {} ({}): {}", error.message, error.field_index, error.field,
                     words(error.reason));
}

std::string to_string(std::string_view message, const DamagedField& damaged) {
  if (damaged.reason == DecodeReason::under_run) {
    return fmt::format("{}: field {} ({}): {}", message, damaged.field_index, damaged.field,
                       words(damaged.reason));
  }
  return fmt::format("{}: field {} ({}) holds \"{}\": {}", message, damaged.field_index,
                     damaged.field, damaged.bytes, words(damaged.reason));
}

}  // namespace belay::tws::wire
