// SPDX-License-Identifier: Apache-2.0
// One event of the stream as a line that a person reads: what happened, to which order, in words.
#include <fmt/format.h>

#include <algorithm>

#include "apps/belay/cli_json.hpp"
#include "apps/belay/cli_tables.hpp"
#include "apps/belay/cli_time.hpp"

namespace belay::app {
namespace {

using api::Json;

// "OrderAccepted" as "order accepted".
std::string words_of(std::string_view type) {
  std::string out;
  for (const char c : type) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty()) out += ' ';
    out += upper ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

// What an order is, as a person would say it: "BUY 100 AAPL LMT 190.5 GTC in DU1".
std::string spec_words(const Json& spec) {
  const Json* terms = spec.find("terms");
  const Json& t = terms == nullptr ? spec : *terms;
  std::string out = field(spec, "side");
  const auto add = [&out](const std::string& word, const char* before = "") {
    if (!word.empty()) out += (out.empty() ? "" : " ") + (before + word);
  };
  const std::string symbol = inside(spec, "contract", "symbol");
  add(field(t, "order_qty"));
  add(symbol.empty() ? "#" + inside(spec, "contract", "con_id") : symbol);
  add(field(spec, "ord_type"));
  add(field(t, "price"));
  add(field(t, "stop_px"), "stop ");
  add(field(t, "trail_amount"), "trail ");
  add(field(t, "trail_percent"), "trail % ");
  add(field(t, "limit_offset"), "limit offset ");
  add(field(t, "percent_offset"), "offset % ");
  add(field(t, "time_in_force"));
  add(field(spec, "account"), "in ");
  return out;
}

std::string fill_words(const Json& execution) {
  std::string out =
      fmt::format("{} {} at {}", field(execution, "side"), known_text(execution, "last_qty"),
                  known_text(execution, "last_px"));
  for (const char* name : {"busted", "inferred"}) {
    if (execution.truth_of(name)) out += fmt::format(" ({})", name);
  }
  return out;
}

std::string name_words(const std::string& name) {
  if (name == "cl_ord_id") return "client order id";
  if (name == "raw_status") return "the broker says";
  if (name == "principal") return "by";
  std::string out = name;
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

// A member of an event in words; empty for what says nothing.
std::string member_words(const std::string& name, const Json& value) {
  if (name == "spec") return spec_words(value);
  if (name == "execution" && value.find("last_qty") != nullptr) return fill_words(value);
  if (name == "order") return value.text() == "0" ? "" : "order " + value.text();
  if (name == "broker_id") {
    return fmt::format("tws:{}:{}", field(value, "session"), field(value, "number"));
  }
  if (value.is_object()) {
    std::string out;
    for (const auto& [inner, each] : value.members()) {
      const std::string words = member_words(inner, each);
      if (!words.empty()) out += (out.empty() ? "" : " ") + words;
    }
    return out;
  }
  if (value.is_array()) {
    std::string out;
    for (const Json& each : value.items()) {
      const std::string words = each.is_object() ? member_words("", each) : each.text();
      if (!words.empty()) out += (out.empty() ? "" : ", ") + words;
    }
    return out.empty() ? "" : name_words(name) + " " + out;
  }
  if (value.is_boolean()) return value.as_bool() ? name_words(name) : "";
  const std::string text = shown_time(value.text());
  if (text.empty() || text == "0") return "";
  return name == "text" || name == "reason" || name == "kind" ? text
                                                              : name_words(name) + " " + text;
}

}  // namespace

std::string event_line(const Json& event) {
  std::string out = fmt::format("{} {:>6} {}", shown_clock(field(event, "time")),
                                field(event, "seq"), words_of(event.text_of("type")));
  const char* separator = ": ";
  for (const auto& [name, value] : event.members()) {
    if (name == "seq" || name == "time" || name == "type") continue;
    const std::string words = member_words(name, value);
    if (words.empty()) continue;
    out += separator + words;
    separator = ", ";
  }
  return terminal_safe(out);
}

}  // namespace belay::app
