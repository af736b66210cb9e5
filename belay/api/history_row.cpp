// SPDX-License-Identifier: Apache-2.0
#include "belay/api/history_row.hpp"

#include "belay/api/order_json.hpp"
#include "belay/core/facts/order_encoding.hpp"

namespace belay::api {

engine::HistoryRow history_row(const core::Order& order, std::uint64_t seq) {
  engine::HistoryRow row;
  row.seq = seq;
  row.order = order.id.value();
  row.account = order.spec->account.value();
  row.symbol = order.spec->contract.symbol;
  row.status = std::string(status_word(order));
  row.ord_status = std::string(model::name(order.status));
  row.external = order.external;
  row.has_executions = !order.executions.empty();
  row.finished = order.updated_at;
  for (const auto id : order.permanent_ids) row.permanent_ids.push_back(id.value());
  if (order.broker_id) {
    row.session = order.broker_id->session;
    row.number = order.broker_id->number;
  }
  row.state = core::encode_order(order);
  return row;
}

}  // namespace belay::api
