// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "apps/belay/cli_json.hpp"
#include "apps/belay/cli_tables.hpp"
#include "apps/belay/cli_time.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::app {
namespace {

using api::Json;
using Count = std::optional<std::int64_t>;

template <class Which>
Count count(const Json& answer, std::string_view name, Which which) {
  if (!answer.is_object()) return std::nullopt;
  const auto& items = list(answer, name);
  return std::count_if(items.begin(), items.end(), which);
}
std::string shown(const Count& number) {
  return number ? std::to_string(*number) : "?";
}

bool is_ours(const Json& order) {
  return order.text_of("owner") == "ours";
}
bool is_unknown(const Json& order) {
  return order.text_of("outcome") == "unknown";
}
bool is_held(const Json& position) {
  return position.text_of("position") != "0";
}
// The broker has not told the list since this start: what is in it is known from the journal alone.
bool is_untold(const Json& answer) {
  const Json* as_of = answer.find("as_of");
  return as_of != nullptr && as_of->is_null();
}
Count open_orders(const Json& answer) {
  if (is_untold(answer)) return std::nullopt;
  return count(answer, "orders", [](const Json&) { return true; });
}
Count open_incidents(const Json& incidents) {
  const Json* open = incidents.find("open");
  return open == nullptr ? Count() : Count(std::strtoll(open->text().c_str(), nullptr, 10));
}

std::string broker_words(const Json& health) {
  const Json* link = health.find("tws");
  if (link == nullptr && health.truth_of("safe_mode")) {
    return fmt::format("{}, {}, client id {}: {}",
                       health.truth_of("tws_connected") ? "connected" : "not connected",
                       field(health, "endpoint"), field(health, "client_id"),
                       field(health, "detail"));
  }
  if (link == nullptr) return "?";
  std::string out = field(*link, "phase");
  if (!field(*link, "endpoint").empty()) out += ", " + field(*link, "endpoint");
  if (!field(*link, "client_id").empty()) out += ", client id " + field(*link, "client_id");
  const std::string since = field(*link, "since");
  if (!since.empty()) out += ", since " + shown_time(since);
  const std::string detail = field(*link, "detail");
  return detail.empty() ? out : out + ": " + detail;
}

// What a person can do about it, the most urgent first.
std::vector<std::string> advice(const StatusParts& parts) {
  std::vector<std::string> out;
  if (const Json* link = parts.health.find("tws"); link != nullptr) {
    if (const std::string action = field(*link, "action"); !action.empty()) out.push_back(action);
  }
  for (const Json& wait : list(parts.health, "waiting")) {
    const std::string look = field(wait, "look_at");
    if (!look.empty() && std::find(out.begin(), out.end(), look) == out.end()) out.push_back(look);
  }
  if (const std::string action = field(parts.health, "action"); !action.empty()) {
    out.push_back(action);
  }
  if (parts.health.truth_of("halted")) {
    const std::string why = field(parts.halt, "reason");
    const bool by_file = field(parts.halt, "by") == "operator" && why.substr(0, 9) == "the file ";
    out.push_back(by_file ? fmt::format("new risk is halted by {}: remove it first, then `belay "
                                        "resume` takes it again",
                                        why)
                          : "new risk is halted: `belay resume` takes it again");
  }
  if (count(parts.orders, "orders", is_unknown).value_or(0) > 0) {
    out.emplace_back("orders of unknown outcome are being found out: `belay orders --open`");
  }
  if (open_incidents(parts.incidents).value_or(0) > 0) {
    out.emplace_back("read them and close what is settled: `belay incidents`");
  }
  return out;
}

void add(std::string& out, std::string_view title, const std::string& text) {
  out += fmt::format("{:<10} {}\n", title, terminal_safe(text));
}

void add_waits(std::string& out, const Json& health) {
  std::string_view title = "waits for";
  for (const Json& wait : list(health, "waiting")) {
    std::string text = field(wait, "what");
    if (!field(wait, "detail").empty()) text += ": " + field(wait, "detail");
    if (!field(wait, "since").empty()) text += ", since " + shown_time(field(wait, "since"));
    if (wait.truth_of("overdue")) text += ", OVERDUE";
    add(out, title, text);
    title = "";
  }
}

}  // namespace

std::string status_screen(const StatusParts& parts) {
  const Json& health = parts.health;
  std::string out;
  add(out, "belay",
      fmt::format("{} at {}: {}", field(health, "version"), parts.address,
                  field(health, "status")));
  add(out, "broker", broker_words(health));
  const bool safe = health.truth_of("safe_mode");
  const std::string why =
      safe ? "safe mode: " + field(health, "reason") : field(health, "not_ready_because");
  add(out, "new risk",
      health.truth_of("ready") ? "is taken" : "orders that add any are refused: " + why);
  std::string accounts;
  for (const Json& each : list(parts.account, "accounts")) {
    accounts += (accounts.empty() ? "" : ", ") + each.text();
  }
  add(out, "accounts", accounts.empty() ? "?" : accounts);
  add(out, "orders",
      fmt::format("{}{} open, {} of them sent from here, {} of unknown outcome",
                  parts.orders.text_of("next").empty() ? "" : "at least ",
                  shown(open_orders(parts.orders)), shown(count(parts.orders, "orders", is_ours)),
                  shown(count(parts.orders, "orders", is_unknown))));
  add(out, "positions",
      shown(count(parts.positions, "positions", is_held)) +
          (parts.positions.truth_of("stale") ? " (may be old)" : ""));
  add(out, "incidents", shown(open_incidents(parts.incidents)) + " open");
  for (const Json& each : list(parts.incidents, "incidents")) {
    add(out, "",
        fmt::format("{} {} {}: {}", shown_time(field(each, "opened_at")), field(each, "level"),
                    field(each, "kind"), field(each, "text")));
  }
  add_waits(out, health);
  std::string_view title = "do";
  for (const std::string& line : advice(parts)) {
    add(out, title, line);
    title = "";
  }
  return out;
}

std::string status_json(const StatusParts& parts, const std::string& health) {
  base::JsonWriter json;
  const auto number = [&json](std::string_view name, const Count& value) {
    json.key(name);
    value ? json.integer(*value) : json.null();
  };
  json.begin_object();
  json.key("health").raw(health);
  json.key("accounts");
  if (parts.account.is_object()) {
    json.begin_array();
    for (const Json& each : list(parts.account, "accounts")) json.string(each.text());
    json.end_array();
  } else {
    json.null();
  }
  number("open_orders", open_orders(parts.orders));
  number("own_open_orders", count(parts.orders, "orders", is_ours));
  number("unknown_orders", count(parts.orders, "orders", is_unknown));
  number("positions", count(parts.positions, "positions", is_held));
  number("open_incidents", open_incidents(parts.incidents));
  json.key("actions").begin_array();
  for (const std::string& line : advice(parts)) json.string(line);
  json.end_array().end_object();
  return json.take();
}

}  // namespace belay::app
