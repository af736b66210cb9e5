// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/frames.hpp"

#include <fmt/format.h>

#include <bit>
#include <map>

#include "belay/base/proto.hpp"
#include "belay/tws/wire/codec.hpp"

namespace belay::conformance {
namespace {

using base::ProtoReader;

std::optional<std::string> decode_base64(std::string_view text) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    const std::size_t at = alphabet.find(c);
    if (at == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<unsigned>(at);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU));
  }
  return out;
}

enum class As : std::uint8_t { text, integer, real, message };
struct Rule {
  const char* name;
  As as;
};
using Table = std::map<int, Rule>;

// The numbers are those of the published protobuf schema.
const Table contract_fields = {
    {1, {"conId", As::integer}},      {2, {"symbol", As::text}},    {3, {"secType", As::text}},
    {8, {"exchange", As::text}},      {10, {"currency", As::text}}, {11, {"localSymbol", As::text}},
    {12, {"tradingClass", As::text}},
};
const Table order_fields = {
    {1, {"clientId", As::integer}},        {3, {"permId", As::integer}},
    {4, {"parentId", As::integer}},        {5, {"action", As::text}},
    {6, {"totalQuantity", As::text}},      {7, {"displaySize", As::integer}},
    {8, {"orderType", As::text}},          {9, {"lmtPrice", As::real}},
    {10, {"auxPrice", As::real}},          {11, {"tif", As::text}},
    {12, {"account", As::text}},           {21, {"percentOffset", As::real}},
    {22, {"trailingPercent", As::real}},   {23, {"trailStopPrice", As::real}},
    {24, {"minQty", As::integer}},         {25, {"goodAfterTime", As::text}},
    {27, {"ocaGroup", As::text}},          {28, {"orderRef", As::text}},
    {30, {"ocaType", As::integer}},        {32, {"activeStartTime", As::text}},
    {33, {"activeStopTime", As::text}},    {61, {"algoStrategy", As::text}},
    {65, {"whatIf", As::integer}},         {66, {"transmit", As::integer}},
    {93, {"adjustedOrderType", As::text}}, {99, {"lmtPriceOffset", As::real}},
};
const Table order_state_fields = {
    {1, {"status", As::text}}, {11, {"commission", As::real}}, {30, {"completedStatus", As::text}}};
const Table execution_fields = {
    {2, {"execId", As::text}},     {6, {"side", As::text}},      {7, {"shares", As::text}},
    {8, {"price", As::real}},      {9, {"permId", As::integer}}, {10, {"clientId", As::integer}},
    {1, {"orderId", As::integer}}, {12, {"cumQty", As::text}},   {13, {"avgPrice", As::real}},
};

struct Kind {
  const char* name;
  Table fields;
  std::map<int, const Table*> parts;
};

const std::map<int, Kind>& server_kinds() {
  static const std::map<int, Kind> kinds = {
      {3,
       {"orderStatus",
        {{1, {"orderId", As::integer}},
         {2, {"status", As::text}},
         {3, {"filled", As::text}},
         {4, {"remaining", As::text}},
         {5, {"avgFillPrice", As::real}},
         {6, {"permId", As::integer}},
         {7, {"parentId", As::integer}},
         {8, {"lastFillPrice", As::real}},
         {9, {"clientId", As::integer}},
         {10, {"whyHeld", As::text}}},
        {}}},
      {4,
       {"errMsg",
        {{1, {"id", As::integer}},
         {2, {"errorTime", As::integer}},
         {3, {"errorCode", As::integer}},
         {4, {"errorString", As::text}}},
        {}}},
      {5,
       {"openOrder",
        {{1, {"orderId", As::integer}}},
        {{2, &contract_fields}, {3, &order_fields}, {4, &order_state_fields}}}},
      {9, {"nextValidId", {{1, {"orderId", As::integer}}}, {}}},
      {11,
       {"execDetails",
        {{1, {"reqId", As::integer}}},
        {{2, &contract_fields}, {3, &execution_fields}}}},
      {15, {"managedAccounts", {}, {}}},
      {53, {"openOrderEnd", {}, {}}},
      {55, {"execDetailsEnd", {}, {}}},
      {59,
       {"commissionReport",
        {{1, {"execId", As::text}}, {2, {"commission", As::real}}, {4, {"realizedPNL", As::real}}},
        {}}},
      {101,
       {"completedOrder",
        {},
        {{1, &contract_fields}, {2, &order_fields}, {3, &order_state_fields}}}},
      {102, {"completedOrdersEnd", {}, {}}},
  };
  return kinds;
}

const std::map<int, Kind>& client_kinds() {
  static const std::map<int, Kind> kinds = {
      {3,
       {"placeOrder",
        {{1, {"orderId", As::integer}}},
        {{2, &contract_fields}, {3, &order_fields}}}},
      {4, {"cancelOrder", {{1, {"orderId", As::integer}}}, {}}},
      {5, {"reqOpenOrders", {}, {}}},
      {16, {"reqAllOpenOrders", {}, {}}},
      {58, {"reqGlobalCancel", {}, {}}},
  };
  return kinds;
}

std::string text_of(const ProtoReader::Field& field, As as) {
  switch (as) {
    case As::integer:
      return std::to_string(static_cast<std::int64_t>(field.value));
    case As::real:
      return fmt::format("{}", std::bit_cast<double>(field.value));
    case As::text:
    case As::message:
      return std::string(field.bytes);
  }
  return {};
}

void read_fields(std::string_view bytes, const Kind& kind, Message& out) {
  ProtoReader reader(bytes);
  while (const auto field = reader.next()) {
    if (const auto part = kind.parts.find(field->number); part != kind.parts.end()) {
      read_fields(field->bytes, {kind.name, *part->second, {}}, out);
    } else if (const auto rule = kind.fields.find(field->number); rule != kind.fields.end()) {
      out.fields[rule->second.name] = text_of(*field, rule->second.as);
    }
  }
}

std::string number(const tws::wire::Real& value) {
  return value.to_string();
}

void put_order(const tws::wire::Order& from, Message& out) {
  out.fields["action"] = from.action;
  out.fields["orderType"] = from.order_type;
  out.fields["totalQuantity"] = number(from.total_quantity);
  out.fields["lmtPrice"] = number(from.lmt_price);
  out.fields["auxPrice"] = number(from.aux_price);
  // Clients read the second of the two fields of this name.
  out.fields["trailStopPrice"] = number(from.adjusted_trail_stop_price);
  out.fields["tif"] = from.tif;
  out.fields["ocaGroup"] = from.oca_group;
  out.fields["parentId"] = std::to_string(from.parent_id);
  out.fields["clientId"] = std::to_string(from.client_id);
  out.fields["permId"] = std::to_string(from.perm_id);
}

struct Put {
  Message& out;
  void set(const char* name, std::string value) const { out.fields[name] = std::move(value); }
  void set(const char* name, std::int64_t value) const { set(name, std::to_string(value)); }

  void operator()(const tws::wire::OpenOrder& m) const {
    put_order(m.order, out);
    set("orderId", m.order_id);
    set("status", m.order_state.status);
    set("commission", number(m.order_state.commission));
    set("symbol", m.contract.symbol);
  }
  void operator()(const tws::wire::CompletedOrder& m) const {
    put_order(m.order, out);
    set("trailStopPrice", number(m.order.trail_stop_price));
    set("status", m.order_state.status);
    set("completedStatus", m.order_state.completed_status);
  }
  void operator()(const tws::wire::OrderStatus& m) const {
    set("orderId", m.order_id);
    set("status", m.status);
    set("filled", number(m.filled));
    set("remaining", number(m.remaining));
    set("avgFillPrice", number(m.avg_fill_price));
    set("lastFillPrice", number(m.last_fill_price));
    set("permId", m.perm_id);
    set("parentId", m.parent_id);
    set("clientId", m.client_id);
    set("whyHeld", m.why_held);
  }
  void operator()(const tws::wire::ExecDetails& m) const {
    set("reqId", m.req_id);
    set("orderId", m.order_id);
    set("execId", m.execution.exec_id);
    set("side", m.execution.side);
    set("shares", number(m.execution.shares));
    set("price", number(m.execution.price));
    set("cumQty", number(m.execution.cum_qty));
    set("avgPrice", number(m.execution.avg_price));
  }
  void operator()(const tws::wire::CommissionReport& m) const {
    set("execId", m.exec_id);
    set("commission", number(m.commission));
    set("realizedPNL", number(m.realized_pnl));
  }
  void operator()(const tws::wire::ErrMsg& m) const {
    set("id", m.id);
    set("errorCode", m.error_code);
    set("errorString", m.error_string);
  }
  void operator()(const tws::wire::NextValidId& m) const { set("orderId", m.order_id); }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

Message message_of(const tws::wire::ServerMessage& message) {
  Message out;
  out.from = Message::From::server;
  out.name = std::visit([](const auto& one) { return std::string(one.msg_name); }, message);
  std::visit(Put{out}, message);
  return out;
}

base::Result<std::optional<Message>> message_of_frame(bool from_client, std::string_view base64) {
  const auto bytes = decode_base64(base64);
  if (!bytes || bytes->size() < 5) return base::fail("frame", "is no frame in base64");
  const std::string_view payload = std::string_view(*bytes).substr(4);
  if (payload.front() != '\0') {
    auto decoded = tws::wire::decode_server(payload, tws::wire::max_server_version);
    if (from_client || !decoded) return std::optional<Message>();
    return std::optional(message_of(decoded->message));
  }
  int id = 0;
  for (const char c : payload.substr(0, 4)) id = id * 256 + static_cast<unsigned char>(c);
  const auto& kinds = from_client ? client_kinds() : server_kinds();
  const auto kind = kinds.find(id - 200);
  if (kind == kinds.end()) return std::optional<Message>();
  Message out;
  out.from = from_client ? Message::From::client : Message::From::server;
  out.name = kind->second.name;
  read_fields(payload.substr(4), kind->second, out);
  return std::optional(out);
}

}  // namespace belay::conformance
