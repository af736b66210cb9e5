// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/recording.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/conformance/frames.hpp"

namespace belay::conformance {
namespace {

using Json = rapidjson::Value;
using Names = std::map<std::string, std::string, std::less<>>;

// Names of the protobuf messages and of the line transcripts, where they are not IB's.
const Names& message_names() {
  static const Names names = {
      {"OpenOrdersEnd", "openOrderEnd"},
      {"ManagedAccounts", "managedAccounts"},
      {"ExecutionDetails", "execDetails"},
      {"ExecutionDetailsEnd", "execDetailsEnd"},
      {"CommissionAndFeesReport", "commissionReport"},
      {"ErrorMessage", "errMsg"},
      {"PlaceOrderRequest", "placeOrder"},
      {"CancelOrderRequest", "cancelOrder"},
      {"GlobalCancelRequest", "reqGlobalCancel"},
      {"OpenOrdersRequest", "reqOpenOrders"},
      {"AllOpenOrdersRequest", "reqAllOpenOrders"},
      {"AutoOpenOrdersRequest", "reqAutoOpenOrders"},
      {"CompletedOrdersRequest", "reqCompletedOrders"},
      {"ExecutionRequest", "reqExecutions"},
      {"PositionsRequest", "reqPositions"},
      {"IdsRequest", "reqIds"},
      {"AccountDataRequest", "reqAccountUpdates"},
      {"execution_detail", "execDetails"},
      {"execution_detail_end", "execDetailsEnd"},
      {"executions_end", "execDetailsEnd"},
      {"api_error", "errMsg"},
      {"completed_order_end", "completedOrdersEnd"},
      {"global_cancel", "reqGlobalCancel"},
  };
  return names;
}

const Names& field_names() {
  static const Names names = {
      {"orderState.status", "status"},
      {"orderState.commission", "commission"},
      {"code", "errorCode"},
      {"message", "errorString"},
      {"errorMsg", "errorString"},
      {"errorTimeMs", "errorTime"},
      {"commissionAndFees", "commission"},
      {"realizedPnl", "realizedPNL"},
      {"avgCost", "averageCost"},
  };
  return names;
}

std::string renamed(const Names& names, const std::string& name) {
  const auto it = names.find(name);
  return it == names.end() ? name : it->second;
}

// "open_order" becomes "openOrder", "OpenOrder" too.
std::string camel(std::string_view name) {
  std::string out;
  bool up = false;
  for (const char c : name) {
    if (c == '_') {
      up = true;
      continue;
    }
    const auto letter = static_cast<unsigned char>(c);
    out.push_back(static_cast<char>(up            ? std::toupper(letter)
                                    : out.empty() ? std::tolower(letter)
                                                  : letter));
    up = false;
  }
  return out;
}

bool is_part(std::string_view name) {
  return name == "order" || name == "contract" || name == "orderState" || name == "execution" ||
         name == "executionFilter" || name == "orderCancel";
}

std::string value_text(const Json& value) {
  if (value.IsString()) return value.GetString();
  if (value.IsBool()) return value.GetBool() ? "1" : "0";
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  if (value.IsNumber()) return fmt::format("{}", value.GetDouble());
  return {};
}

void flatten(const Json& value, const std::string& path, Message& out) {
  if (value.IsObject()) {
    for (const auto& member : value.GetObject()) {
      const std::string key = camel(member.name.GetString());
      const std::string inner = path.empty() ? key : path + "." + key;
      flatten(member.value, is_part(key) && path.empty() ? std::string() : inner, out);
    }
  } else if (value.IsArray()) {
    for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
      flatten(value[i], fmt::format("{}.{}", path, i), out);
    }
  } else {
    out.fields[renamed(field_names(), path)] = value_text(value);
  }
}

// Errors of the line transcripts call their id req_id; the scope of a list is its name.
void settle(Message& message) {
  const auto move = [&](const char* from, const char* to) {
    const auto it = message.fields.find(from);
    if (it == message.fields.end()) return;
    message.fields[to] = it->second;
    message.fields.erase(from);
  };
  if (message.is("errMsg")) move("reqId", "id");
  if (message.is("openOrder") || message.is("completedOrder") || message.is("placeOrder")) {
    move("quantity", "totalQuantity");
  }
  if (message.is("reqOpenOrders") && message.text("scope") == "all") {
    message.name = "reqAllOpenOrders";
  }
}

base::Result<Message> recorded_message(std::string_view from, std::string_view name,
                                       const Json& fields) {
  Message out;
  out.from = from == "client"   ? Message::From::client
             : from == "server" ? Message::From::server
                                : Message::From::mark;
  out.name = renamed(message_names(), std::string(name));
  out.name = camel(out.name);
  flatten(fields, "", out);
  settle(out);
  return out;
}

Message mark(std::string_view name, std::string text) {
  Message out;
  out.name = name;
  out.fields["text"] = std::move(text);
  return out;
}

using Read = base::Result<std::optional<Message>>;

Read read_json_line(const std::string& line, Recording& out) {
  rapidjson::Document json;
  json.Parse(line.c_str());
  if (json.HasParseError() || !json.IsObject()) return base::fail("json", "is no JSON object");
  if (json.HasMember("source")) {
    out.messages.push_back(mark("source", json["source"].GetString()));
    return std::optional<Message>();
  }
  if (json.HasMember("note")) return std::optional(mark("note", value_text(json["note"])));
  if (!json.HasMember("from") || !json.HasMember("name") || !json.HasMember("fields")) {
    return base::fail("json", "has no from, name and fields");
  }
  auto made = recorded_message(json["from"].GetString(), json["name"].GetString(), json["fields"]);
  if (!made) return base::Failure<base::Error>{made.error()};
  return std::optional(*made);
}

// "server open_order {...}", "client BASE64", "raw server BASE64", "handshake {...}", "# source".
Read read_text_line(const std::string& line, Recording& out) {
  if (line.front() == '#') {
    out.messages.push_back(mark("source", line));
    return std::optional<Message>();
  }
  std::istringstream in(line);
  std::string first;
  std::string second;
  in >> first >> second;
  const std::size_t brace = line.find('{');
  const bool is_json = brace != std::string::npos;
  if (first == "raw") {
    std::string payload;
    in >> payload;
    return message_of_frame(second == "client", payload);
  }
  if ((first == "client" || first == "server") && !is_json) {
    return message_of_frame(first == "client", second);
  }
  if (!is_json) return std::optional(mark(first, line));
  rapidjson::Document json;
  json.Parse(line.c_str() + brace);
  if (json.HasParseError() || !json.IsObject()) return base::fail("json", "is no JSON object");
  if (first != "client" && first != "server") return std::optional(mark(first, line));
  auto made = recorded_message(first, second, json);
  if (!made) return base::Failure<base::Error>{made.error()};
  return std::optional(*made);
}

std::optional<base::Time> digits_time(std::string_view text) {
  // 20260824T210644Z
  if (text.size() < 15 || text[8] != 'T') return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t size) { return text.substr(at, size); };
  return base::parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 2), part(6, 2),
                                         part(9, 2), part(11, 2), part(13, 2)));
}

// The first time that an error message tells; else that in a name like 20260824T210644Z.
base::Time time_of(const Recording& recording) {
  std::optional<base::Time> out;
  for (const Message& message : recording.messages) {
    if (message.is("source") && !out) {
      const std::string& text = message.text("text");
      for (std::size_t at = text.find("20"); at != std::string::npos && !out;
           at = text.find("20", at + 1)) {
        out = digits_time(std::string_view(text).substr(at));
      }
    }
    if (message.is("errMsg") && message.text("errorTime").size() == 13) {
      const std::int64_t ms = std::stoll(message.text("errorTime"));
      const base::Time told(ms * 1'000'000);
      if (!out || told > *out + std::chrono::hours(1) || told < *out - std::chrono::hours(1)) {
        out = told;
      }
      break;
    }
  }
  return out.value_or(base::Time{});
}

}  // namespace

const std::string& Message::text(const std::string& field) const {
  static const std::string none;
  const auto it = fields.find(field);
  return it == fields.end() ? none : it->second;
}

int Message::number(const std::string& field) const {
  int out = 0;
  const std::string& value = text(field);
  std::from_chars(value.data(), value.data() + value.size(), out);
  return out;
}

base::Result<Recording> read_recording(const std::string& path) {
  Recording out;
  out.file = std::filesystem::path(path).filename().string();
  std::ifstream in(path);
  if (!in) return base::fail(path, "cannot be read");
  const bool is_json = path.size() > 6 && path.compare(path.size() - 6, 6, ".jsonl") == 0;
  int number = 0;
  bool has_lines = false;
  for (std::string line; std::getline(in, line);) {
    ++number;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty()) continue;
    auto read = is_json ? read_json_line(line, out) : read_text_line(line, out);
    if (!read) return base::fail(fmt::format("{}:{}", out.file, number), read.error().detail);
    if (!*read) continue;
    (*read)->line = number;
    has_lines = has_lines || line.find("{\"") != std::string::npos;
    out.messages.push_back(std::move(**read));
  }
  out.curated = !is_json && has_lines;
  out.began = time_of(out);
  return out;
}

}  // namespace belay::conformance
