// SPDX-License-Identifier: Apache-2.0
// The table of figures: of each, which step measures it, which step is its floor, and what is asked
// of it. `scripts/dev bench --only` picks rows by their id. A new figure is one row here.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/figures.hpp"

namespace belay::bench {

/// The name of a step -> its figures, round by round.
using Steps = std::map<std::string, std::vector<Figures>>;

/// Where a figure comes from; without a step there is none.
struct Source {
  std::string_view step = {};
  std::string_view figure = {};
};

struct Row {
  enum class Asked : std::uint8_t { nothing, of_ratio, of_value };
  std::string_view id;
  std::string_view what;
  std::string_view unit;
  Source ours;
  Source floor = {};
  Asked asked = Asked::nothing;
  double must = 0;
  double aim = 0;
};

std::span<const Row> all_rows();

/// A row with the figures of a run, medians over the rounds.
struct Measured {
  const Row* row = nullptr;
  std::size_t rounds = 0;
  double ours = 0;
  double floor = 0;   ///< 0: it has none
  double others = 0;  ///< processors that everybody else used, in the loudest round of either side
  /// Within each round: what disturbed one side probably disturbed the other. Empty without a
  /// floor.
  std::vector<double> ratios;
};
/// The rows that this run has figures of.
std::vector<Measured> measured_rows(const Steps& steps);

}  // namespace belay::bench
