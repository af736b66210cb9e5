// SPDX-License-Identifier: Apache-2.0
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include "belay/simtws/scenario.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <optional>
#include <set>
#include <string>
#include <utility>

namespace belay::simtws {
namespace {

using base::Decimal;
using base::Duration;
using std::chrono::milliseconds;

// The first complaint of a file; later ones are kept quiet.
struct Complaint {
  std::optional<base::Error> error;
  void raise(std::string field, std::string detail) {
    if (!error) error = base::Error{std::move(field), std::move(detail)};
  }
};

// One table, read key by key. What is left unread at the end is a key nobody knows.
class Table {
 public:
  Table(const toml::table& table, std::string where, Complaint& complaint)
      : table_(table), where_(std::move(where)), complaint_(complaint) {}
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;
  ~Table() {
    for (const auto& [key, node] : table_) {
      if (read_.count(key.str()) == 0) complaint_.raise(place(key.str()), "is not a known key");
    }
  }

  template <class T>
  void integer(std::string_view key, T& out, std::int64_t low, std::int64_t high) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const auto value = node->is_integer() ? node->value<std::int64_t>() : std::nullopt;
    if (!value || *value < low || *value > high) {
      return complaint_.raise(place(key), fmt::format("must be an integer, {} to {}", low, high));
    }
    out = static_cast<T>(*value);
  }
  template <class T>
  void optional_integer(std::string_view key, std::optional<T>& out, std::int64_t low,
                        std::int64_t high) {
    T value = static_cast<T>(low);
    if (!table_.contains(key)) return;
    integer(key, value, low, high);
    out = value;
  }
  void millis(std::string_view key, Duration& out) {
    std::int64_t value = -1;
    integer(key, value, 0, 86'400'000);
    if (value >= 0) out = milliseconds(value);
  }
  void flag(std::string_view key, bool& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (!node->is_boolean()) return complaint_.raise(place(key), "must be true or false");
    out = node->value<bool>().value_or(out);
  }
  void text(std::string_view key, std::string& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    if (!node->is_string()) return complaint_.raise(place(key), "must be a text in quotes");
    out = node->value<std::string>().value_or(out);
  }
  // Exact decimals are texts, or whole numbers: a TOML float is a binary one.
  bool decimal(std::string_view key, Decimal& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return false;
    std::string words;
    if (node->is_integer()) words = std::to_string(node->value<std::int64_t>().value_or(0));
    if (node->is_string()) words = node->value<std::string>().value_or("");
    const auto value = Decimal::parse(words);
    if (!value) {
      complaint_.raise(place(key), "must be a whole number or a decimal in quotes (\"190.50\")");
      return false;
    }
    out = *value;
    return true;
  }
  template <class Enum, std::size_t N>
  void word(std::string_view key, Enum& out, const std::pair<std::string_view, Enum> (&words)[N]) {
    if (!table_.contains(key)) return;
    std::string given;
    text(key, given);
    std::string known;
    for (const auto& [name, value] : words) {
      if (given == name) {
        out = value;
        return;
      }
      known += known.empty() ? "" : ", ";
      known += name;
    }
    complaint_.raise(place(key), "must be one of: " + known);
  }
  /// Each table of an array of tables.
  template <class Each>
  void tables(std::string_view key, Each each) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) return complaint_.raise(place(key), "must be an array of tables");
    int number = 0;
    for (const toml::node& element : *array) {
      const std::string name = place(fmt::format("{} {}", key, ++number));
      if (const toml::table* table = element.as_table(); table != nullptr) {
        Table inner(*table, name, complaint_);
        each(inner);
      } else {
        complaint_.raise(name, "must be a table");
      }
    }
  }
  void texts(std::string_view key, std::vector<std::string>& out) {
    const toml::node* node = take(key);
    if (node == nullptr) return;
    std::vector<std::string> values;
    const toml::array* array = node->as_array();
    bool good = array != nullptr && !array->empty();
    for (std::size_t i = 0; good && i < array->size(); ++i) {
      const auto value = array->get(i)->value<std::string>();
      good = value.has_value() && array->get(i)->is_string();
      if (good) values.push_back(*value);
    }
    if (!good) return complaint_.raise(place(key), "must be a list of texts");
    out = std::move(values);
  }
  const toml::table* table(std::string_view key) {
    const toml::node* node = take(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) complaint_.raise(place(key), "must be a table");
    return node->as_table();
  }
  std::string place(std::string_view key) const {
    return where_.empty() ? std::string(key) : fmt::format("{}: {}", where_, key);
  }
  Complaint& complaint() { return complaint_; }

 private:
  const toml::node* take(std::string_view key) {
    read_.emplace(key);
    return table_.get(key);
  }

  const toml::table& table_;
  std::string where_;
  Complaint& complaint_;
  std::set<std::string, std::less<>> read_;
};

void read_delay(Table& in, const char* low, const char* high, DelayRange& out) {
  in.millis(low, out.low);
  if (out.high < out.low) out.high = out.low;
  in.millis(high, out.high);
  if (out.high < out.low) in.complaint().raise(in.place(high), "must not be below the minimum");
}

void read_server(Table& in, Options& out) {
  in.integer("max_version", out.max_server_version, 176, 200);
  in.texts("accounts", out.accounts);
  in.integer("seed", out.seed, 0, INT64_MAX);
  in.flag("download_open_orders", out.download_open_orders);
  in.flag("duplicate_status", out.duplicate_status);
  in.flag("pending_cancel", out.pending_cancel);
  in.flag("cancel_error_first", out.cancel_error_first);
  in.flag("cross_client_cancel", out.cross_client_cancel);
  in.flag("extra_trailing_field", out.extra_trailing_field);
  in.flag("filled_status", out.filled_status);
  in.flag("modify_filled_error", out.modify_filled_error);
  in.flag("close_without_326", out.close_without_326);
  in.flag("respect_hours", out.respect_hours);
  in.flag("live_market_data", out.live_market_data);
  in.word<Options::Pacing>("pacing", out.pacing,
                           {{"off", Options::Pacing::off},
                            {"error", Options::Pacing::error},
                            {"pace", Options::Pacing::pace}});
  in.integer("pacing_per_second", out.pacing_per_second, 1, 100'000);
  read_delay(in, "ack_delay_min_ms", "ack_delay_max_ms", out.ack_delay);
  read_delay(in, "fill_delay_min_ms", "fill_delay_max_ms", out.fill_delay);
  in.millis("market_step_ms", out.market_step);
  in.integer("open_orders_max", out.open_orders_max, 1, 1'000'000);
  in.integer("clients_max", out.clients_max, 1, 1'000);
  in.optional_integer("master_client_id", out.master_client_id, 0, INT32_MAX);
  in.integer("first_order_id", out.first_order_id, 1, INT32_MAX);
}

Rule read_rule(Table& in) {
  Rule out;
  in.text("symbol", out.symbol);
  in.text("order_ref_prefix", out.order_ref_prefix);
  in.text("order_type", out.order_type);
  in.text("side", out.side);
  in.optional_integer("nth", out.nth, 1, INT32_MAX);
  in.optional_integer("times", out.times, 1, INT32_MAX);
  in.word<Rule::Do>("do", out.action,
                    {{"market", Rule::Do::market},
                     {"rest", Rule::Do::rest},
                     {"fill", Rule::Do::fill},
                     {"reject", Rule::Do::reject},
                     {"drop", Rule::Do::drop}});
  in.tables("parts", [&](Table& part) {
    FillPart one;
    part.millis("after_ms", one.after);
    if (!part.decimal("quantity", one.quantity) || one.quantity <= Decimal{}) {
      in.complaint().raise(part.place("quantity"), "must be a positive quantity");
    }
    out.parts.push_back(one);
  });
  if (Decimal price; in.decimal("price", price)) out.price = price;
  in.integer("code", out.code, 1, 99'999);
  in.text("text", out.text);
  in.word<Rule::Ack>("ack", out.ack, {{"normal", Rule::Ack::normal}, {"none", Rule::Ack::none}});
  in.millis("ack_delay_ms", out.ack_delay);
  in.word<Rule::Disconnect>("disconnect", out.disconnect,
                            {{"no", Rule::Disconnect::no},
                             {"before_ack", Rule::Disconnect::before_ack},
                             {"after_ack", Rule::Disconnect::after_ack}});
  in.integer("duplicates", out.duplicates, 0, 100);
  if (out.action == Rule::Do::reject && out.text.empty()) {
    out.text = "Order rejected - reason:Rejected by the scenario.";
  }
  if (out.action != Rule::Do::fill && (!out.parts.empty() || out.price)) {
    in.complaint().raise(in.place("do"), "parts and price go with do = \"fill\"");
  }
  return out;
}

ScenarioEvent read_event(Table& in) {
  ScenarioEvent out;
  in.millis("after_ms", out.after);
  in.word<ScenarioEvent::Do>("do", out.action,
                             {{"restart", ScenarioEvent::Do::restart},
                              {"notice", ScenarioEvent::Do::notice},
                              {"price", ScenarioEvent::Do::price},
                              {"transmit", ScenarioEvent::Do::transmit}});
  in.integer("code", out.code, 1, 99'999);
  in.text("text", out.text);
  in.text("symbol", out.symbol);
  in.decimal("bid", out.bid);
  in.decimal("ask", out.ask);
  in.integer("client_id", out.client_id, 0, INT32_MAX);
  in.integer("order_id", out.order_id, 1, INT32_MAX);
  const bool bad_price = out.action == ScenarioEvent::Do::price &&
                         (out.symbol.empty() || out.bid <= Decimal{} || out.ask < out.bid);
  if (bad_price) in.complaint().raise(in.place("price"), "needs symbol, bid and ask, bid <= ask");
  if (out.action == ScenarioEvent::Do::notice && out.code == 0) {
    in.complaint().raise(in.place("code"), "a notice needs one");
  }
  return out;
}

}  // namespace

base::Result<Options> parse_scenario(std::string_view text, Options base) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const auto& begin = parsed.error().source().begin;
    return base::fail(fmt::format("line {}", begin.line),
                      std::string(parsed.error().description()));
  }
  Options out = std::move(base);
  Complaint complaint;
  {
    Table root(parsed.table(), "", complaint);
    if (const toml::table* server = root.table("server"); server != nullptr) {
      Table in(*server, "server", complaint);
      read_server(in, out);
    }
    root.tables("rule", [&](Table& in) { out.rules.push_back(read_rule(in)); });
    root.tables("event", [&](Table& in) { out.events.push_back(read_event(in)); });
  }
  if (complaint.error) return base::Failure<base::Error>{*complaint.error};
  return out;
}

}  // namespace belay::simtws
