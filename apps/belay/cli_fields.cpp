// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <sstream>

#include "belay/base/json_writer.hpp"
#include "belay/model/order_terms.hpp"

namespace belay::app {
namespace {

constexpr std::array short_terms{
    TextOption{"--limit", "limit_price", "limit price", true},
    TextOption{"--stop", "aux_price", "stop price", true},
    TextOption{"--trail", "trail_amount", "trailing amount", true},
    TextOption{"--trail-percent", "trail_percent", "trailing percent", true},
    TextOption{"--tif", "time_in_force", model::choice<model::TimeInForce>.text.data()},
    TextOption{"--good-after", "good_after_time", "not active before (RFC 3339)"},
    TextOption{"--good-till", "good_till_date", "end of a GTD order (RFC 3339)"}};

// Nothing for what is no leg; the daemon judges the numbers.
std::vector<std::string> parts_of_leg(const std::string& text) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ':');) parts.push_back(part);
  const bool counted = parts.size() == 3 || parts.size() == 4;
  const bool whole = std::none_of(parts.begin(), parts.end(),
                                  [](const std::string& part) { return part.empty(); });
  if (!counted || !whole) parts.clear();
  return parts;
}

template <class Options>
const char* flag_in(const Options& options, std::string_view field) {
  for (const TextOption& option : options) {
    if (option.field == field) return option.flag;
  }
  return nullptr;
}

}  // namespace

const std::vector<TextOption>& term_options() {
  static std::list<std::string> flags;  // what the options point to
  static const auto options = [] {
    std::vector<TextOption> out(short_terms.begin(), short_terms.end());
    model::for_each_term([&](const auto& term) {
      const bool named = flag_in(out, term.field) != nullptr || term.rules.use == nullptr;
      if (named || !term.rules.asked) return;
      std::string& flag = flags.emplace_back(fmt::format("--{}", term.field));
      std::replace(flag.begin(), flag.end(), '_', '-');
      out.push_back({flag.c_str(), term.field, term.field, true});
    });
    return out;
  }();
  return options;
}

std::string type_of_numbers(const std::map<std::string, std::string>& given_texts) {
  std::string_view best;
  int most = -1;
  for (const model::OrdTypeRow& row : model::ord_type_rows) {
    if (row.value == model::OrdType::other) continue;
    int taken = 0;
    bool fits = true;
    bool trail = false;
    model::for_each_term([&](const auto& term) {
      if (term.rules.use == nullptr) return;
      const bool given = given_texts.count(term.field) != 0;
      const model::Use use = row.*term.rules.use;
      if (given && use != model::Use::none) ++taken;
      const bool either = term.rules.use == &model::OrdTypeRow::trail;
      if (either) trail = trail || given;
      fits = fits && (given ? use != model::Use::none : use != model::Use::must || either);
    });
    if (fits && (trail || !row.trails())) return std::string(row.name);
    if (taken > most) best = row.name;
    most = std::max(most, taken);
  }
  return std::string(best);
}

std::string not_a_leg(const std::string& text) {
  if (!parts_of_leg(text).empty()) return "";
  return fmt::format(
      "\"{}\": expected ACTION:RATIO:CON_ID or ACTION:RATIO:CON_ID:EXCHANGE, such as BUY:1:265598",
      text);
}

std::string legs_json(const std::vector<std::string>& legs) {
  base::JsonWriter json;
  json.begin_array();
  for (const std::string& leg : legs) {
    const auto parts = parts_of_leg(leg);
    json.begin_object();
    json.field("action", parts.at(0)).field("ratio", parts.at(1)).field("con_id", parts.at(2));
    if (parts.size() > 3) json.field("exchange", parts.at(3));
    json.end_object();
  }
  json.end_array();
  return json.take();
}

std::string typed_name(std::string_view field) {
  constexpr std::string_view contract = "contract.";
  const bool inner = field.substr(0, contract.size()) == contract;
  const std::string_view bare = inner ? field.substr(contract.size()) : field;
  const char* flag = flag_in(contract_options, bare);
  if (flag == nullptr) flag = flag_in(typed_elsewhere, bare);
  if (flag == nullptr && !inner) flag = flag_in(term_options(), bare);
  if (flag == nullptr && !inner) flag = flag_in(order_options, bare);
  if (flag == nullptr) return std::string(field);
  std::string as_flag = fmt::format("--{}", field);
  std::replace(as_flag.begin(), as_flag.end(), '_', '-');
  return as_flag == flag ? as_flag : fmt::format("{} ({})", flag, field);
}

}  // namespace belay::app
