// SPDX-License-Identifier: Apache-2.0
#include "belay/api/rows.hpp"

#include <algorithm>

#include "belay/api/order_json.hpp"
#include "belay/views/gauges.hpp"

namespace belay::api {
namespace {

// An order's fills may be of other accounts than the order: parts of an allocation.
bool is_of(const core::Order& order, const model::Execution& fill, std::string_view account) {
  const auto& whose = fill.account.value();
  return account.empty() || (whose.empty() ? order.spec->account.value() : whose) == account;
}
// The broker writes times as 20261121 15:00:22 or with other separators, in one zone for all.
std::string digits_of(std::string_view time) {
  std::string out;
  for (const char c : time) {
    if (c >= '0' && c <= '9' && out.size() < 14) out += c;
  }
  return out;
}

}  // namespace

// What waits for a slot is shown with its lane, which moves without an event of the order; and what
// was archived is not looked at often.
RowCache::Row Rows::order(const core::Order& order, std::size_t& made) {
  const std::string_view lane = view_.gauges().lane_of(order.id);
  const bool keep = lane.empty() && view_.book().find(order.id) == &order;
  if (keep) {
    if (auto row = orders_.find(order)) return row;
  }
  std::string text = order_json(order, lane);
  made += text.size();
  if (!keep) return std::make_shared<const std::string>(std::move(text));
  return orders_.keep(order, std::move(text));
}

std::vector<ShownFill> Rows::fills(const core::Order& order, std::string_view account,
                                   std::size_t& made) {
  std::vector<ShownFill> out;
  for (auto i = order.executions.size(); i > 0; --i) {
    const model::Execution& fill = order.executions[i - 1];
    if (!is_of(order, fill, account)) continue;
    RowCache::Row row = fills_.find(order, i - 1);
    if (!row) {
      base::JsonWriter json;
      write_execution(json, order, fill);
      row = fills_.keep(order, json.take(), i - 1);
      made += row->size();
    }
    out.push_back({digits_of(fill.transact_time), std::move(row)});
  }
  return out;
}

void sort_fills(std::vector<ShownFill>& fills) {
  std::stable_sort(fills.begin(), fills.end(), [](const ShownFill& a, const ShownFill& b) {
    return a.time.empty() != b.time.empty() ? a.time.empty() : a.time > b.time;
  });
}

}  // namespace belay::api
