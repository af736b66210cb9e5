// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apps/belay/cli_fields.hpp"
#include "apps/belay/cli_json.hpp"
#include "apps/belay/cli_time.hpp"

namespace belay::app {
namespace {

using api::Json;
using Rows = std::vector<std::vector<std::string>>;

std::string safe(std::string text) {
  return terminal_safe(std::move(text));
}
std::string known(const Json& json, std::string_view name) {
  return known_text(json, name);
}
std::string quantity_of(const Json& order) {
  const std::string money = field(order, "cash_qty");
  const std::string pieces = field(order, "total_quantity");
  return pieces.empty() && !money.empty() ? money + " in money" : known(order, "total_quantity");
}
std::string outcome_of(const Json& order) {
  return is_unsent(order) ? "not sent yet" : field(order, "outcome");
}
// Of an order without a fill there is no price to know.
std::string average_of(const Json& order) {
  const std::string filled = field(order, "filled");
  return filled == "0" ? "" : known(order, "avg_fill_price");
}
std::string price_of(const Json& order) {
  std::string limit = field(order, "limit_price");
  // Another client's order may have been told without its price.
  const auto type = model::row_of(
      model::parse<model::OrdType>(field(order, "order_type")).value_or(model::OrdType::other));
  if (limit.empty() && type.price == model::Use::must) limit = known(order, "limit_price");
  std::string stop = field(order, "aux_price");
  if (stop.empty() && type.stop_px == model::Use::must) stop = known(order, "aux_price");
  std::string trail = field(order, "trail_amount");
  if (trail.empty() && !field(order, "trail_percent").empty()) {
    trail = field(order, "trail_percent") + "%";
  }
  std::string out = limit;
  if (!stop.empty()) out += (out.empty() ? "" : "@") + stop;
  if (!trail.empty()) out += (out.empty() ? "trail " : " trail ") + trail;
  return out;
}
std::string value_text(const Json& value) {
  switch (value.kind()) {
    case Json::Kind::null:
      return "-";
    case Json::Kind::boolean:
      return value.as_bool() ? "yes" : "no";
    case Json::Kind::number:
      return value.text();
    case Json::Kind::string:
      return shown_time(value.text());
    case Json::Kind::array: {
      std::string out;
      for (const auto& item : value.items()) {
        out += (out.empty() ? "" : ", ") + value_text(item);
      }
      return out.empty() ? "-" : out;
    }
    case Json::Kind::object: {
      std::string out;
      for (const auto& [name, member] : value.members()) {
        if (!member.is_null()) out += (out.empty() ? "" : " ") + name + "=" + value_text(member);
      }
      return out;
    }
  }
  return "";
}

}  // namespace

std::string terminal_safe(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 32 || c == 127) c = '?';
  }
  return text;
}

bool is_unsent(const Json& order) {
  const Json* id = order.find("broker_order_id");
  return field(order, "outcome") == "pending" && field(order, "owner") == "ours" && id != nullptr &&
         id->is_null();
}

std::string known_text(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  return found != nullptr && found->is_null() ? "?" : field(json, name);
}

std::string table(const std::vector<Column>& columns, const Rows& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::size_t width = columns[i].title.size();
    for (const auto& row : rows) width = std::max(width, row.at(i).size());
    widths.push_back(width);
  }
  const auto line = [&](const auto& cell_of) {
    std::string out;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const std::string cell = safe(std::string(cell_of(i)));
      out += i == 0 ? "" : "  ";
      out += columns[i].right ? fmt::format("{:>{}}", cell, widths[i])
                              : fmt::format("{:<{}}", cell, widths[i]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
  };
  std::string out = line([&](std::size_t i) { return columns[i].title; });
  for (const auto& row : rows) out += line([&](std::size_t i) { return row[i]; });
  return out;
}

std::string orders_table(const Json& answer) {
  Rows rows;
  for (const auto& order : list(answer, "orders")) {
    rows.push_back({field(order, "order_id"), shown_time(field(order, "created_at")),
                    field(order, "client_order_id"), field(order, "owner"), field(order, "account"),
                    inside(order, "contract", "symbol"), field(order, "action"),
                    field(order, "order_type"), quantity_of(order), price_of(order),
                    known(order, "filled"), average_of(order), field(order, "status"),
                    outcome_of(order)});
  }
  return table({{"ID"},
                {"TIME"},
                {"CLIENT ID"},
                {"OWNER"},
                {"ACCOUNT"},
                {"SYMBOL"},
                {"SIDE"},
                {"TYPE"},
                {"QUANTITY", true},
                {"PRICE", true},
                {"FILLED", true},
                {"AVERAGE", true},
                {"STATUS"},
                {"OUTCOME"}},
               rows);
}

std::string cancels_table(const Json& answer) {
  Rows rows;
  for (const auto& each : list(answer, "orders")) {
    rows.push_back({field(each, "order_id"), field(each, "client_order_id"), field(each, "owner"),
                    field(each, "account"), field(each, "symbol"), field(each, "status"),
                    field(each, "outcome"), field(each, "text")});
  }
  return table({{"ID"},
                {"CLIENT ID"},
                {"OWNER"},
                {"ACCOUNT"},
                {"SYMBOL"},
                {"STATUS"},
                {"OUTCOME"},
                {"TEXT"}},
               rows);
}

std::string executions_table(const Json& answer) {
  Rows rows;
  for (const auto& each : list(answer, "executions")) {
    rows.push_back({shown_broker_time(field(each, "time")), field(each, "order_id"),
                    field(each, "account"), field(each, "symbol"), field(each, "side"),
                    known(each, "shares"), known(each, "price"), known(each, "commission"),
                    field(each, "exec_id")});
  }
  return table({{"TIME"},
                {"ORDER"},
                {"ACCOUNT"},
                {"SYMBOL"},
                {"SIDE"},
                {"QUANTITY", true},
                {"PRICE", true},
                {"COMMISSION", true},
                {"EXECUTION"}},
               rows);
}

std::string positions_table(const Json& answer) {
  Rows rows;
  for (const auto& each : list(answer, "positions")) {
    rows.push_back({field(each, "account"), inside(each, "contract", "symbol"),
                    inside(each, "contract", "sec_type"), inside(each, "contract", "currency"),
                    known(each, "position"), known(each, "avg_cost")});
  }
  return table(
      {{"ACCOUNT"}, {"SYMBOL"}, {"TYPE"}, {"CURRENCY"}, {"POSITION", true}, {"AVERAGE COST", true}},
      rows);
}

std::string account_table(const Json& answer) {
  Rows rows;
  for (const auto& each : list(answer, "values")) {
    rows.push_back({field(each, "account"), field(each, "tag"), known(each, "value"),
                    field(each, "currency")});
  }
  return table({{"ACCOUNT"}, {"TAG"}, {"VALUE", true}, {"CURRENCY"}}, rows);
}

std::string order_card(const Json& order) {
  std::string out;
  for (const auto& [name, value] : order.members()) {
    if (name == "fills") continue;
    const bool unsent = name == "outcome" && is_unsent(order);
    out += fmt::format("{:<18} {}{}\n", name, safe(value_text(value)),
                       unsent ? " (not sent yet)" : "");
  }
  for (const auto& fill : list(order, "fills")) {
    out += fmt::format("{:<18} {}\n", "fill", safe(value_text(fill)));
  }
  return out;
}

std::string findings_table(const Json& result) {
  std::string out = fmt::format("round {}{}{}: {} findings, {} events\n", field(result, "round"),
                                result.truth_of("settled") ? "" : " (not settled)",
                                result.truth_of("dry_run") ? ", nothing recorded" : "",
                                list(result, "findings").size(), list(result, "events").size());
  for (const auto& finding : list(result, "findings")) {
    const std::string order = field(finding, "order_id");
    out += fmt::format("{:<20} {:<12} {}\n", field(finding, "kind"),
                       order.empty() ? "" : "order " + order, safe(field(finding, "text")));
  }
  for (const auto& event : list(result, "events")) out += "  " + event_line(event) + "\n";
  return out;
}

std::string order_line(const Json& order) {
  std::string out = fmt::format("order {}", field(order, "order_id"));
  for (const auto& part :
       {field(order, "action"), field(order, "total_quantity"), inside(order, "contract", "symbol"),
        field(order, "order_type"), price_of(order)}) {
    if (!part.empty()) out += " " + part;
  }
  out += ": " + field(order, "status");
  if (field(order, "outcome") == "unknown") out += " (outcome unknown)";
  if (is_unsent(order)) {
    out += " (not sent yet)";
  } else if (field(order, "outcome") == "pending") {
    out += " (not yet acknowledged by the broker)";
  }
  for (const auto& flag : list(order, "flags")) {
    if (flag.text() == "pending_replace") out += " (a modification is under way)";
  }
  const std::string filled = field(order, "filled");
  if (order.find("filled") != nullptr && filled != "0") {
    out += fmt::format(", filled {} at {}", known(order, "filled"), average_of(order));
  }
  return safe(out);
}

// The broker's own words, where they are not what was said already.
std::string broker_words(const Json& said, std::string_view beside) {
  const std::string code = field(said, "broker_code");
  const std::string text = safe(field(said, "broker_text"));
  const bool said_already = text.empty() || text == beside;
  if (code.empty() && said_already) return "";
  if (code.empty()) return "the broker says: " + text;
  return fmt::format("the broker says: {}{}", code, said_already ? "" : " " + text);
}

namespace {

// What a person can do about it here.
std::string what_to_do(const Json& problem) {
  const std::string code = field(problem, "code");
  if (code == "KEY_REUSED") {
    const std::string id = field(problem, "order_id");
    return fmt::format(
        "nothing was sent: give this order another --client-order-id{}",
        id.empty() ? "" : fmt::format("; `belay order {}` shows the one that has it", id));
  }
  // The refusal of a resume says itself what is in its way.
  if (code == "HALTED" && field(problem, "instance").find("/resume") == std::string::npos) {
    return "nothing was sent: `belay resume` takes new risk again (`belay status` says what else "
           "is in its way)";
  }
  return "";
}

}  // namespace

std::string problem_text(const Json& problem) {
  std::string out = safe(field(problem, "detail"));
  if (out.empty()) out = field(problem, "title");
  const auto& errors = list(problem, "errors");
  const auto line_of = [](const Json& error, const std::string& name) {
    return fmt::format("{}: {}", safe(name), safe(field(error, "detail")));
  };
  // Where a field is at fault the detail often is the line of the first.
  const bool first_said = !errors.empty() && out == line_of(errors[0], field(errors[0], "field"));
  if (first_said) out = line_of(errors[0], typed_name(field(errors[0], "field")));
  if (const auto words = broker_words(problem, out); !words.empty()) out += "\n  " + words;
  for (std::size_t i = first_said ? 1 : 0; i < errors.size(); ++i) {
    out += "\n  " + line_of(errors[i], typed_name(field(errors[i], "field")));
  }
  if (const auto words = what_to_do(problem); !words.empty()) out += "\n  " + words;
  for (const auto& hint : list(problem, "suggestions")) out += "\n  hint: " + safe(hint.text());
  return out;
}

}  // namespace belay::app
