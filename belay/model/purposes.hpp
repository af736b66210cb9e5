// SPDX-License-Identifier: Apache-2.0
// The labels that say what an order is for. A label never decides what happens to an order: it is
// counted, and it may have a range of broker ids (core/id_rules.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace belay::model {

inline constexpr std::array<std::string_view, 6> purposes{"manual", "scanner", "bracket",
                                                          "algo",   "test",    "other"};

/// The place in `purposes` of what a caller wrote; every word that is none of them, and no word,
/// is "other".
constexpr std::size_t purpose_index(std::string_view text) {
  for (std::size_t i = 0; i < purposes.size(); ++i) {
    if (purposes[i] == text) return i;
  }
  return purposes.size() - 1;
}
constexpr std::string_view purpose_label(std::string_view text) {
  return purposes[purpose_index(text)];
}

}  // namespace belay::model
