// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <thread>

#include "belay/base/json_writer.hpp"
#include "bench/suite.hpp"

namespace belay::bench {
namespace {

std::string shown(double value) {
  return value >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.3g}", value);
}

std::string asked_of(const Row& row) {
  if (row.asked == Row::Asked::nothing) return "";
  return fmt::format("{} {}, aim {}", row.asked == Row::Asked::of_ratio ? "ratio" : "ours",
                     shown(row.must), shown(row.aim));
}

void print_table(const std::vector<Measured>& table) {
  fmt::print("{:<18}{:<40}{:>4}{:>8}{:>9}{:>8}  {:<15}{:>7}  {}\n", "id", "figure", "", "ours",
             "floor", "ratio", "min..max", "others", "asked for");
  for (const Measured& one : table) {
    const Row& row = *one.row;
    std::string floor = "-";
    std::string ratio = "-";
    std::string range = "-";
    if (!one.ratios.empty()) {
      const auto [low, high] = std::minmax_element(one.ratios.begin(), one.ratios.end());
      floor = shown(one.floor);
      ratio = shown(median(one.ratios));
      range = shown(*low) + ".." + shown(*high);
    }
    fmt::print("{:<18}{:<40}{:>4}{:>8}{:>9}{:>8}  {:<15}{:>7.2f}  {}\n", row.id, row.what, row.unit,
               shown(one.ours), floor, ratio, range, one.others, asked_of(row));
  }
}

// Every figure of every step, medians of its rounds.
void print_steps(const Steps& steps) {
  for (const auto& [name, rounds] : steps) {
    Figures medians;
    for (const auto& [key, first] : rounds.front()) {
      std::vector<double> values;
      for (const Figures& figures : rounds) {
        if (const auto value = figures.find(key); value != figures.end()) {
          values.push_back(value->second);
        }
      }
      medians[key] = median(std::move(values));
    }
    fmt::print("{}\n", to_line(name, medians));
  }
}

void number(base::JsonWriter& json, std::string_view key, double value) {
  json.key(key).number(fmt::format("{:.3f}", value));
}

void write_table(base::JsonWriter& json, const std::vector<Measured>& table) {
  json.key("table").begin_array();
  for (const Measured& one : table) {
    const Row& row = *one.row;
    json.begin_object().field("id", row.id).field("what", row.what).field("unit", row.unit);
    json.field("rounds", static_cast<std::int64_t>(one.rounds));
    number(json, "used_by_others", one.others);
    number(json, "ours", one.ours);
    if (!one.ratios.empty()) {
      const auto [low, high] = std::minmax_element(one.ratios.begin(), one.ratios.end());
      number(json, "floor", one.floor);
      number(json, "ratio", median(one.ratios));
      number(json, "ratio_min", *low);
      number(json, "ratio_max", *high);
    }
    if (row.asked != Row::Asked::nothing) {
      json.field("asked_of", row.asked == Row::Asked::of_ratio ? "ratio" : "ours");
      number(json, "must", row.must);
      number(json, "aim", row.aim);
    }
    json.end_object();
  }
  json.end_array();
}

void write_steps(base::JsonWriter& json, const Steps& steps) {
  json.key("steps").begin_object();
  for (const auto& [name, rounds] : steps) {
    json.key(name).begin_array();
    for (const Figures& figures : rounds) {
      json.begin_object();
      for (const auto& [key, value] : figures) number(json, key, value);
      json.end_object();
    }
    json.end_array();
  }
  json.end_object();
}

}  // namespace

void print_report(const SuiteResult& result) {
  fmt::print(
      "medians of the rounds, ratios within each round; `others` is how many of the {} "
      "processors\neverybody else used meanwhile: with more than 0.1 quote nothing\n\n",
      std::thread::hardware_concurrency());
  print_table(measured_rows(result.steps));
  fmt::print("\n");
  print_steps(result.steps);
}

std::string to_json(const SuiteResult& result) {
  base::JsonWriter json;
  json.begin_object();
  json.field("processors", static_cast<std::int64_t>(std::thread::hardware_concurrency()));
  write_table(json, measured_rows(result.steps));
  write_steps(json, result.steps);
  json.end_object();
  return json.take();
}

}  // namespace belay::bench
