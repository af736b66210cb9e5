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
  }
  return "";
}

std::string to_string(const DecodeError& error) {
  std::string_view what;
  switch (error.reason) {
    case DecodeReason::under_run:
      what = "the message ends before this field";
      break;
    case DecodeReason::bad_number:
      what = "not a number that can stand here";
      break;
    case DecodeReason::too_many:
      what = "more elements than the message can hold";
      break;
    case DecodeReason::bad_text:
      what = "a text that cannot stand here";
      break;
  }
  return fmt::format("{}: field {} ({}): {}", error.message, error.field_index, error.field, what);
}

}  // namespace belay::tws::wire
