// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/demo_evidence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>

#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

using api::Json;
using base::Decimal;

const std::vector<Json>& items(const Json& json, std::string_view name) {
  static const std::vector<Json> none;
  const Json* found = json.find(name);
  return found == nullptr ? none : found->items();
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// A tag is b1.<instance>.<our order id>.
std::string_view own_id(std::string_view tag) {
  return tag.substr(tag.rfind('.') + 1);
}

std::string one_order_each(const DemoEvidence& evidence, const std::vector<DemoOrder>& placed) {
  for (const DemoOrder& one : placed) {
    const Json* order = find_order(evidence.orders, one.key);
    if (order == nullptr) return fmt::format("{} is unknown to the daemon", one.key);
    const auto frames = std::count_if(
        evidence.broker.frames.begin(), evidence.broker.frames.end(),
        [&](const BrokerLog::Frame& f) { return own_id(f.tag) == order->text_of("order_id"); });
    if (frames != 1) return fmt::format("{} arrived {} times", one.key, frames);
  }
  if (evidence.broker.frames.size() == placed.size()) return "";
  return fmt::format("{} orders at the broker, {} keys", evidence.broker.frames.size(),
                     placed.size());
}

std::string ids_increase(const BrokerLog& broker) {
  std::int64_t last = 0;
  for (const auto& frame : broker.frames) {
    if (frame.id <= last) return fmt::format("id {} came after {}", frame.id, last);
    last = frame.id;
  }
  return broker.frames.empty() ? "no order arrived" : "";
}

std::string fills_agree(const DemoEvidence& evidence) {
  std::map<std::string, std::string> ours;
  for (const Json& execution : items(evidence.executions, "executions")) {
    const std::string id(execution.text_of("exec_id"));
    if (!ours.emplace(id, execution.text_of("shares")).second) return id + " is listed twice";
  }
  if (ours.empty()) return "there are no fills";
  if (ours != evidence.broker.executions) {
    return fmt::format("{} fills at the broker, {} here, or of another quantity",
                       evidence.broker.executions.size(), ours.size());
  }
  return "";
}

std::string sums_agree(const DemoEvidence& evidence) {
  Decimal at_broker;
  Decimal here;
  const auto add = [](Decimal& sum, std::string_view text) {
    const auto value = Decimal::parse(text);
    const auto total = value ? Decimal::add(sum, *value) : std::nullopt;
    if (total) sum = *total;
  };
  for (const auto& [id, shares] : evidence.broker.executions) add(at_broker, shares);
  for (const Json& order : items(evidence.orders, "orders")) add(here, order.text_of("filled"));
  if (at_broker == here) return "";
  return fmt::format("{} filled at the broker, {} here", at_broker.to_string(), here.to_string());
}

std::string nothing_lost(const DemoEvidence& evidence, const std::vector<DemoOrder>& placed) {
  for (const DemoOrder& one : placed) {
    if (one.order_id.empty()) continue;
    const Json* order = find_order(evidence.orders, one.key);
    if (order == nullptr) return fmt::format("{} is gone", one.key);
    if (order->text_of("order_id") != one.order_id) {
      return fmt::format("{} was order {} and is order {}", one.key, one.order_id,
                         order->text_of("order_id"));
    }
  }
  return "";
}

std::string nothing_unknown(const Json& orders) {
  for (const Json& order : items(orders, "orders")) {
    if (order.text_of("outcome") != "acknowledged") {
      return fmt::format("{} is {}", order.text_of("client_order_id"), order.text_of("outcome"));
    }
  }
  return "";
}

}  // namespace

BrokerLog read_broker_log(const std::string& path) {
  BrokerLog out;
  std::ifstream file(path, std::ios::binary);
  std::string line;
  // The last line may be half written; the simulator ends each with a newline.
  while (std::getline(file, line) && !file.eof()) {
    const bool frame = line.find("\"dir\":\"in\",\"name\":\"placeOrder\"") != std::string::npos;
    const bool fill = line.find("\"dir\":\"out\",\"name\":\"execDetails\"") != std::string::npos;
    if (!frame && !fill) continue;
    const auto json = Json::parse(line);
    const Json* fields = json ? json->find("fields") : nullptr;
    if (fields == nullptr) continue;
    if (frame) {
      out.frames.push_back(
          {number(fields->text_of("orderId")), std::string(fields->text_of("orderRef"))});
    } else {
      out.executions[std::string(fields->text_of("execId"))] = fields->text_of("shares");
    }
  }
  return out;
}

const Json* find_order(const Json& orders, std::string_view key) {
  for (const Json& order : items(orders, "orders")) {
    if (order.text_of("client_order_id") == key) return &order;
  }
  return nullptr;
}

std::vector<DemoCheck> judge(const DemoEvidence& evidence, const std::vector<DemoOrder>& placed) {
  return {
      {"every key is one order at the broker", one_order_each(evidence, placed)},
      {"broker ids are used once each and increase", ids_increase(evidence.broker)},
      {"the fills are the broker's, each once", fills_agree(evidence)},
      {"what is filled is the sum of the broker's fills", sums_agree(evidence)},
      {"nothing that was acknowledged is lost", nothing_lost(evidence, placed)},
      {"no order is left unknown", nothing_unknown(evidence.orders)},
  };
}

}  // namespace belay::app
