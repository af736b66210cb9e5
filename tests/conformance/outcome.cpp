// SPDX-License-Identifier: Apache-2.0
// What a replay found, for people.
#include <fmt/format.h>

#include <algorithm>

#include "tests/conformance/replay.hpp"

namespace belay::conformance {
namespace {

constexpr std::size_t column = 72;

std::vector<std::string> wrapped(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t size = std::min(column, text.size() - at);
    if (at + size < text.size()) {
      const std::size_t blank = text.rfind(' ', at + size);
      if (blank != std::string::npos && blank > at) size = blank - at;
    }
    out.push_back(text.substr(at, size));
    at += size;
    while (at < text.size() && text[at] == ' ') ++at;
  }
  if (out.empty()) out.emplace_back();
  return out;
}

std::string_view sign(Row::What what) {
  switch (what) {
    case Row::What::same:
      return "=";
    case Row::What::left_out:
      return ".";
    case Row::What::client:
      return ">";
    case Row::What::note:
      return " ";
    case Row::What::differs:
      return "!";
    case Row::What::missing:
      return "-";
    case Row::What::unexpected:
      return "+";
  }
  return "?";
}

void append(const Row& row, std::string& out) {
  const auto left = wrapped(row.recorded);
  const auto right = wrapped(row.ours);
  for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
    const std::string number = i == 0 && row.line != 0 ? std::to_string(row.line) : "";
    out += fmt::format("{} {:>4} {:<72} | {}\n", i == 0 ? sign(row.what) : " ", number,
                       i < left.size() ? left[i] : "", i < right.size() ? right[i] : "");
  }
}

bool counts(const Row& row, int first, int last) {
  const bool inside = last == 0 || (row.order >= first && row.order <= last);
  return row.is_difference() && inside;
}

std::string heading() {
  return fmt::format("  line {:<72} | {}\n", "recorded", "the simulated TWS");
}

}  // namespace

int Outcome::differences(int first, int last) const {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(),
                                        [&](const Row& row) { return counts(row, first, last); }));
}

int Outcome::same() const {
  return static_cast<int>(std::count_if(
      rows.begin(), rows.end(), [](const Row& row) { return row.what == Row::What::same; }));
}

std::string diff_text(const Outcome& outcome, int first, int last) {
  constexpr std::size_t context = 4;
  const std::vector<Row>& rows = outcome.rows;
  std::string out;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!counts(rows[i], first, last)) continue;
    const std::size_t begin = std::max(shown, i < context ? 0 : i - context);
    const std::size_t end = std::min(rows.size(), i + context + 1);
    if (out.empty()) out = heading();
    if (begin > shown) out += "  ...\n";
    for (std::size_t at = begin; at < end; ++at) append(rows[at], out);
    shown = std::max(shown, end);
  }
  return out;
}

std::string whole_text(const Outcome& outcome) {
  std::string out = heading();
  for (const Row& row : outcome.rows) append(row, out);
  return out;
}

}  // namespace belay::conformance
