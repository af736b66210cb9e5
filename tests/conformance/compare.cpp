// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace belay::conformance {
namespace {

using Fields = std::vector<std::string>;

const std::map<std::string, Fields>& table() {
  static const Fields order = {"action", "orderType", "totalQuantity", "lmtPrice",       "auxPrice",
                               "tif",    "ocaGroup",  "parentId",      "trailStopPrice", "status"};
  static const auto plus = [](Fields first, const Fields& more) {
    first.insert(first.end(), more.begin(), more.end());
    return first;
  };
  static const std::map<std::string, Fields> fields = {
      {"openOrder", plus({"orderId"}, plus(order, {"clientId", "commission"}))},
      {"completedOrder", plus(order, {"completedStatus"})},
      {"orderStatus",
       {"orderId", "status", "filled", "remaining", "avgFillPrice", "lastFillPrice", "parentId",
        "clientId", "whyHeld"}},
      {"execDetails", {"reqId", "orderId", "side", "shares", "price", "cumQty", "avgPrice"}},
      {"commissionReport", {"commission"}},
      {"errMsg", {"id", "errorCode", "errorString"}},
      {"nextValidId", {"orderId"}},
      {"openOrderEnd", {}},
      {"managedAccounts", {}},
      {"execDetailsEnd", {}},
      {"completedOrdersEnd", {}},
      {"orderBound", {}},
  };
  return fields;
}

bool is_number(const std::string& text) {
  if (text.empty()) return false;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return *end == '\0';
}

bool same_value(const std::string& a, const std::string& b) {
  if (a == b) return true;
  if (!is_number(a) || !is_number(b)) return false;
  return std::fabs(std::strtod(a.c_str(), nullptr) - std::strtod(b.c_str(), nullptr)) < 1e-6;
}

// "-'bC' :" is a place in the code of one build; permanent ids stand in one text.
std::string normal_text(std::string text, bool joins_lines) {
  if (const auto at = text.find(".-'"); at != std::string::npos) {
    const auto end = text.find('\'', at + 3);
    if (end != std::string::npos) text.replace(at + 3, end - at - 3, "#");
  }
  if (const auto at = text.find("permId ="); at != std::string::npos) {
    auto end = at + 8;
    while (end < text.size() && (std::isdigit(static_cast<unsigned char>(text[end])) != 0)) ++end;
    text.replace(at + 8, end - at - 8, "#");
  }
  // The line transcripts write a text on one line.
  if (joins_lines) std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

bool zero_is_none(const std::string& field) {
  return field == "lmtPrice" || field == "auxPrice" || field == "avgFillPrice" ||
         field == "lastFillPrice" || field == "parentId" || field == "clientId" ||
         field == "totalQuantity" || field == "filled" || field == "remaining";
}

}  // namespace

bool is_farm_notice(const Message& message) {
  if (!message.is("errMsg")) return false;
  const int code = message.number("errorCode");
  return code == 2104 || code == 2106 || code == 2107 || code == 2108 || code == 2119 ||
         code == 2158;
}

bool is_compared(const Message& message) {
  return message.from == Message::From::server && table().count(message.name) != 0 &&
         !is_farm_notice(message);
}

Comparer::Comparer(const Recording& recording) : curated_(recording.curated) {
  for (const Message& message : recording.messages) {
    if (message.from != Message::From::server) continue;
    for (const auto& [name, value] : message.fields) recorded_[message.name][name] = true;
  }
}

Fields Comparer::fields(const Message& message) const {
  const auto known = table().find(message.name);
  const auto occurs = recorded_.find(message.name);
  Fields out;
  if (known == table().end()) return out;
  for (const std::string& field : known->second) {
    if (occurs != recorded_.end() && occurs->second.count(field) != 0) out.push_back(field);
  }
  return out;
}

void Comparer::learn(const Message& message, bool is_ours) {
  const std::string& perm = message.text("permId");
  const std::string& order = message.text("orderId");
  if (perm.empty() || perm == "0" || order.empty()) return;
  (is_ours ? ours_ : theirs_).try_emplace(perm, "order " + order);
}

std::string Comparer::value(const Message& message, const std::string& field, bool is_ours) const {
  const std::string& text = message.text(field);
  if (field == "ocaGroup") {
    const auto& known = is_ours ? ours_ : theirs_;
    const auto it = known.find(text);
    return it == known.end() ? text : it->second;
  }
  if (field == "errorString" || field == "completedStatus") return normal_text(text, curated_);
  // A market order shows where the market stood when it came.
  const std::string& type = message.text("orderType");
  if (field == "trailStopPrice" && (type == "MKT" || type == "MTL")) return "";
  if (zero_is_none(field) && is_number(text) && std::strtod(text.c_str(), nullptr) == 0.0) {
    return "";
  }
  return text;
}

bool Comparer::same(const Message& recorded, const Message& ours) const {
  if (recorded.name != ours.name) return false;
  for (const std::string& field : fields(recorded)) {
    if (curated_ && !recorded.has(field)) continue;
    if (!same_value(value(recorded, field, false), value(ours, field, true))) return false;
  }
  return true;
}

std::string Comparer::print(const Message& message) const {
  std::string out = message.name;
  for (const std::string& field : fields(message)) {
    const std::string text = value(message, field, false);
    out +=
        is_number(text) ? fmt::format("|{:.6f}", std::strtod(text.c_str(), nullptr)) : "|" + text;
  }
  return out;
}

std::string Comparer::describe(const Message& message, bool is_ours) const {
  std::string out = message.name;
  for (const std::string& field : fields(message)) {
    std::string text = value(message, field, is_ours);
    if (text.empty()) continue;
    std::replace(text.begin(), text.end(), '\n', ' ');
    out += fmt::format(" {}={}", field, text);
  }
  return out;
}

}  // namespace belay::conformance
