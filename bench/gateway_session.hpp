// SPDX-License-Identifier: Apache-2.0
// The gateway side of one connection as bytes in, bytes out: the least of a TWS that an order
// client can be measured against. It acknowledges every order and keeps none; it is no judge of
// correctness (simtws is), only fast enough never to be the limit.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "belay/broker/broker.hpp"
#include "belay/tws/wire/frame.hpp"
#include "belay/tws/wire/messages.hpp"
#include "bench/frame_template.hpp"

namespace belay::bench {

inline constexpr const char* paper_account = "DU1234567";
/// A mark of the templates: a number that stands nowhere else in the frame.
inline constexpr std::int32_t order_id_mark = 1'900'000'001;

/// Makes the broker that is measured over such a gateway: the limit of messages is none.
broker::Maker unpaced_broker(std::int32_t client_id, std::string endpoint = "");

/// Zero when it is none.
std::int32_t number(std::string_view text);

/// What is listed when a client asks, each with its end marker; absent: nothing, and the end.
struct Lists {
  std::function<void(std::string& out)> open_orders;
  std::function<void(std::int32_t req_id, std::string& out)> executions;
  std::function<void(std::string& out)> positions;
};

class GatewaySession {
 public:
  void set_lists(Lists lists) { lists_ = std::move(lists); }
  /// Appends the answers to `out`. False: the peer does not speak a version of ours; close.
  bool receive(std::string_view bytes, std::string& out);

 private:
  bool greet(std::string_view payload, std::string& out);
  void message(std::string_view payload, std::string& out);
  void place(std::string_view payload, std::string& out);
  void cancel(std::string_view payload, std::string& out);
  void start(std::string_view payload, std::string& out);
  void send(const tws::wire::ServerMessage& message, std::string& out) const;
  void make_templates();

  tws::wire::FrameReader reader_{tws::wire::FrameReader::Start::api_prefix};
  int version_ = 0;
  std::string client_id_;
  std::int64_t next_perm_id_ = 1'000'000'000;
  FrameTemplate open_order_;
  FrameTemplate order_status_;
  FrameTemplate canceled_notice_;
  Lists lists_;
};

}  // namespace belay::bench
