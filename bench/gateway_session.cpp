// SPDX-License-Identifier: Apache-2.0
#include "bench/gateway_session.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "belay/tws/tws_broker.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::bench {
namespace {

namespace wire = tws::wire;

// Marks of the templates: fields that stand nowhere else in the frame.
constexpr std::int64_t perm_id_mark = 1'900'000'002;
constexpr std::int32_t client_id_mark = 1'900'000'003;
constexpr std::string_view order_id_text = "1900000001";
constexpr std::string_view perm_id_text = "1900000002";
constexpr std::string_view client_id_text = "1900000003";
constexpr std::string_view quantity_text = "1900000004";
constexpr std::string_view limit_text = "1900000005.5";
constexpr std::string_view stop_text = "1900000006.5";

// Where placeOrder has its fields, the same for versions 176 to 200 (describe_place_order.hpp).
enum PlaceField : std::size_t {
  place_order_id = 1,
  place_symbol = 3,
  place_sec_type = 4,
  place_exchange = 9,
  place_currency = 11,
  place_action = 16,
  place_quantity = 17,
  place_order_type = 18,
  place_limit = 19,
  place_stop = 20,
  place_tif = 21,
  place_account = 23,
  place_order_ref = 26,
  place_fields = 27,
};

}  // namespace

broker::Maker unpaced_broker(std::int32_t client_id, std::string endpoint) {
  tws::TwsBrokerOptions options;
  options.endpoint = std::move(endpoint);
  options.session.client_id = client_id;
  options.session.message_rate_limit = 1'000'000'000;
  return tws::maker(std::move(options));
}

std::int32_t number(std::string_view text) {
  std::int32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool GatewaySession::receive(std::string_view bytes, std::string& out) {
  for (;;) {
    const auto step = reader_.next(bytes);
    if (step.status == wire::FrameReader::Status::need_more) return true;
    if (step.status == wire::FrameReader::Status::broken) return false;
    if (version_ == 0) {
      if (!greet(step.payload, out)) return false;
    } else {
      message(step.payload, out);
    }
  }
}

bool GatewaySession::greet(std::string_view payload, std::string& out) {
  const auto greeting = wire::parse_client_greeting(payload);
  if (!greeting) return false;
  const auto version = wire::agree_version(*greeting, wire::max_server_version);
  if (!version || *version < wire::min_server_version) return false;
  version_ = *version;
  make_templates();
  wire::append_server_hello(
      {version_, std::string("20261121 09:30:00 UTC").append(wire::simulated_mark)}, out);
  return true;
}

void GatewaySession::send(const wire::ServerMessage& message, std::string& out) const {
  wire::encode(message, version_, out);
}

void GatewaySession::make_templates() {
  wire::OpenOrder open;
  open.order_id = order_id_mark;
  open.contract.con_id = 265'598;
  open.contract.symbol = "@symbol";
  open.contract.sec_type = "@secType";
  open.contract.exchange = "@exchange";
  open.contract.currency = "@currency";
  open.order.action = "@action";
  open.order.total_quantity = *wire::Real::parse(quantity_text);
  open.order.order_type = "@orderType";
  open.order.lmt_price = *wire::Real::parse(limit_text);
  open.order.aux_price = *wire::Real::parse(stop_text);
  open.order.tif = "@tif";
  open.order.account = "@account";
  open.order.order_ref = "@orderRef";
  open.order.client_id = client_id_mark;
  open.order.perm_id = perm_id_mark;
  open.order_state.status = "@status";
  std::string frame;
  send(open, frame);
  open_order_ =
      FrameTemplate(frame, {order_id_text, perm_id_text, client_id_text, "@symbol", "@secType",
                            "@exchange", "@currency", "@action", quantity_text, "@orderType",
                            limit_text, stop_text, "@tif", "@account", "@orderRef", "@status"});

  wire::OrderStatus status;
  status.order_id = order_id_mark;
  status.status = "@status";
  status.remaining = *wire::Real::parse(quantity_text);
  status.perm_id = perm_id_mark;
  status.client_id = client_id_mark;
  frame.clear();
  send(status, frame);
  order_status_ =
      FrameTemplate(frame, {order_id_text, perm_id_text, client_id_text, quantity_text, "@status"});

  frame.clear();
  send(wire::ErrMsg{.id = order_id_mark,
                    .error_code = 202,
                    .error_string = "Order Canceled - reason:",
                    .advanced_order_reject_json = "",
                    .error_time = 0},
       frame);
  canceled_notice_ = FrameTemplate(frame, {order_id_text});
}

void GatewaySession::message(std::string_view payload, std::string& out) {
  std::array<std::string_view, 4> fields;
  split_fields(payload, fields);
  switch (number(fields[0])) {
    case wire::PlaceOrder::msg_id:
      return place(payload, out);
    case wire::CancelOrder::msg_id:
      return cancel(payload, out);
    case wire::StartApi::msg_id:
      return start(payload, out);
    case wire::ReqIds::msg_id:
      return send(wire::NextValidId{1}, out);
    case wire::ReqManagedAccts::msg_id:
      return send(wire::ManagedAccts{paper_account}, out);
    case wire::ReqCurrentTime::msg_id:
      return send(wire::CurrentTime{1'795'000'000}, out);
    case wire::ReqOpenOrders::msg_id:
    case wire::ReqAllOpenOrders::msg_id:
    case wire::ReqAutoOpenOrders::msg_id:
      if (lists_.open_orders) lists_.open_orders(out);
      return send(wire::OpenOrderEnd{}, out);
    case wire::ReqCompletedOrders::msg_id:
      return send(wire::CompletedOrdersEnd{}, out);
    case wire::ReqExecutions::msg_id:  // id, version, reqId
      if (lists_.executions) lists_.executions(number(fields[2]), out);
      return send(wire::ExecDetailsEnd{number(fields[2])}, out);
    case wire::ReqPositions::msg_id:
      if (lists_.positions) lists_.positions(out);
      return send(wire::PositionEnd{}, out);
    case wire::ReqAccountSummary::msg_id:
      return send(wire::AccountSummaryEnd{number(fields[2])}, out);
    default:
      return;  // nothing a measured client needs an answer to
  }
}

void GatewaySession::start(std::string_view payload, std::string& out) {
  std::array<std::string_view, 3> fields;
  split_fields(payload, fields);
  client_id_ = fields[2];
  send(wire::ManagedAccts{paper_account}, out);
  send(wire::NextValidId{1}, out);
}

void GatewaySession::place(std::string_view payload, std::string& out) {
  std::array<std::string_view, place_fields> f;
  if (split_fields(payload, f) < place_fields) return;
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, next_perm_id_++).ptr;
  const std::string_view perm_id(digits, static_cast<std::size_t>(end - digits));
  open_order_.append(out, {f[place_order_id], perm_id, client_id_, f[place_symbol],
                           f[place_sec_type], f[place_exchange], f[place_currency], f[place_action],
                           f[place_quantity], f[place_order_type], f[place_limit], f[place_stop],
                           f[place_tif], f[place_account], f[place_order_ref], "Submitted"});
  order_status_.append(out,
                       {f[place_order_id], perm_id, client_id_, f[place_quantity], "Submitted"});
}

void GatewaySession::cancel(std::string_view payload, std::string& out) {
  std::array<std::string_view, 3> f;
  split_fields(payload, f);
  const std::string_view order_id = version_ < 192 ? f[2] : f[1];
  order_status_.append(out, {order_id, "0", client_id_, "0", "Cancelled"});
  canceled_notice_.append(out, {order_id});
}

}  // namespace belay::bench
