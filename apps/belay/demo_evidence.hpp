// SPDX-License-Identifier: Apache-2.0
// What the demo is judged by: the simulated broker's log on one side, the daemon's lists on the
// other. Only reads and compares; tests/kill9/check.py is the judge that shares nothing with us.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "belay/api/json.hpp"

namespace belay::app {

/// What arrived at the broker and what it reported.
struct BrokerLog {
  struct Frame {
    std::int64_t id = 0;  ///< the broker order id
    std::string tag;
  };
  std::vector<Frame> frames;                      ///< placeOrder, in order of arrival
  std::map<std::string, std::string> executions;  ///< execution id -> quantity
};
BrokerLog read_broker_log(const std::string& path);

/// A check of the demo; without a fault it held.
struct DemoCheck {
  std::string name;
  std::string fault;
};

/// What the demo knows of an order that it placed.
struct DemoOrder {
  std::string key;
  std::string body;
  std::string order_id;  ///< as the first answer named it; empty while none came
};

struct DemoEvidence {
  BrokerLog broker;
  api::Json orders;      ///< GET /api/v1/orders
  api::Json executions;  ///< GET /api/v1/executions
};

const api::Json* find_order(const api::Json& orders, std::string_view key);
std::vector<DemoCheck> judge(const DemoEvidence& evidence, const std::vector<DemoOrder>& placed);

}  // namespace belay::app
