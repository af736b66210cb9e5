// SPDX-License-Identifier: Apache-2.0
// Answers of the daemon as tables and lines for people. Text in, text out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "belay/api/json.hpp"

namespace belay::app {

/// Columns as wide as their longest cell; `right` marks those that are aligned to the right.
/// Text from outside may hold control characters; a terminal must not obey them.
std::string terminal_safe(std::string text);
/// The text of a member; "?" for null, because what nobody told is neither zero nor empty.
std::string known_text(const api::Json& json, std::string_view name);

struct Column {
  std::string_view title;
  bool right = false;
};
std::string table(const std::vector<Column>& columns,
                  const std::vector<std::vector<std::string>>& rows);

std::string orders_table(const api::Json& answer);
std::string executions_table(const api::Json& answer);
/// What a cancel of many did about each order.
std::string cancels_table(const api::Json& answer);
std::string positions_table(const api::Json& answer);
std::string account_table(const api::Json& answer);
/// One order in full, a name and a value per line.
std::string order_card(const api::Json& order);
/// What a reconciliation found and recorded.
std::string findings_table(const api::Json& result);
/// One order in one line: "order 12 BUY 100 AAPL LMT 190.5: Submitted".
/// The order is ours and waits to be sent.
bool is_unsent(const api::Json& order);
std::string order_line(const api::Json& order);
/// The reason of a problem answer, with the fields at fault, one per line.
std::string problem_text(const api::Json& problem);
/// "the broker says: 201 ..."; empty when it said nothing. `beside` was printed already.
std::string broker_words(const api::Json& said, std::string_view beside);
/// One event of the stream: clock, seq, what happened, the order and the rest in words.
std::string event_line(const api::Json& event);

}  // namespace belay::app
