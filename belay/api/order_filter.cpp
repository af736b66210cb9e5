// SPDX-License-Identifier: Apache-2.0
#include "belay/api/order_filter.hpp"

#include <algorithm>
#include <array>

#include "belay/api/fields.hpp"
#include "belay/api/order_json.hpp"

namespace belay::api {
namespace {

// The words of `status` and of `ord_status`, and three that sum them up.
constexpr std::array status_words{
    "open",   "done",        "all",           "PendingSubmit",   "PreSubmitted", "Submitted",
    "Filled", "Cancelled",   "PendingCancel", "PartiallyFilled", "Inactive",     "Created",
    "Denied", "PendingNew",  "New",           "Canceled",        "Rejected",     "Expired",
    "Held",   "NotAccepted", "PendingReplace"};

constexpr std::size_t symbol_max = 64;

std::optional<std::string> status_of(std::string_view text) {
  const std::string lower = to_lower(trim(text));
  for (const char* word : status_words) {
    if (to_lower(word) == lower) return word;
  }
  return std::nullopt;
}

bool has_status(const core::Order& order, std::string_view word) {
  const bool done = model::is_terminal(order.status);
  if (word == "all") return true;
  if (word == "open") return !done;
  if (word == "done") return done;
  return status_word(order) == word || model::name(order.status) == word ||
         core::reported_ord_status(order) == word;
}

std::optional<OrderName> numbered(OrderName::By by, std::string_view text) {
  const auto value = whole_number<std::int64_t>(text);
  if (!value || (by == OrderName::By::id && *value <= 0)) return std::nullopt;
  return OrderName{by, "", *value, 0};
}

}  // namespace

std::optional<OrderName> parse_order_name(std::string_view text) {
  const auto colon = text.find(':');
  const std::string_view prefix = text.substr(0, colon);
  if (colon == std::string_view::npos) return numbered(OrderName::By::id, text);
  const std::string_view rest = text.substr(colon + 1);
  if (prefix == "cid" && !rest.empty()) {
    return OrderName{OrderName::By::client_order_id, std::string(rest), 0, 0};
  }
  if (prefix == "perm") return numbered(OrderName::By::permanent_id, rest);
  if (prefix != "tws") return std::nullopt;
  const auto second = rest.find(':');
  const auto client = whole_number<std::int64_t>(rest.substr(0, second));
  if (second == std::string_view::npos || !client || *client < INT32_MIN || *client > INT32_MAX) {
    return std::nullopt;
  }
  auto name = numbered(OrderName::By::broker_id, rest.substr(second + 1));
  if (name) name->session = static_cast<std::int32_t>(*client);
  return name;
}

bool OrderFilter::keeps(const core::Order& order) const {
  if (order.external && !external_too) return false;
  if (!account.empty() && order.spec->account.value() != account) return false;
  if (!symbol.empty() && order.spec->contract.symbol != symbol) return false;
  return statuses.empty() ||
         std::any_of(statuses.begin(), statuses.end(),
                     [&](const std::string& word) { return has_status(order, word); });
}

bool OrderFilter::done_too() const {
  return statuses.empty() || std::any_of(statuses.begin(), statuses.end(),
                                         [](const auto& word) { return word != "open"; });
}

std::string OrderFilter::one_status() const {
  if (statuses.size() != 1) return "";
  const std::string& word = statuses.front();
  return word == "all" || word == "done" || word == "open" ? "" : word;
}

base::Result<OrderFilter, FieldErrors> read_order_filter(const HttpRequest& request,
                                                         bool external_too) {
  OrderFilter filter;
  filter.account = request.query_value("account").value_or("");
  const std::string_view symbol = trim(request.query_value("symbol").value_or(""));
  if (base::line_text(symbol, symbol_max) != symbol) {
    return base::Failure<FieldErrors>{
        {{"symbol",
          fmt::format("expected one line of at most {} bytes, such as AAPL", symbol_max)}}};
  }
  filter.symbol = to_upper(symbol);
  filter.external_too = external_too;
  std::optional<std::string_view> rest = request.query_value("status");
  while (rest) {
    const auto comma = rest->find(',');
    const std::string_view given = rest->substr(0, comma);
    const auto word = status_of(given);
    if (!word) {
      return base::Failure<FieldErrors>{
          {{"status", fmt::format("\"{}\" is no status; expected one of {}, or several with commas",
                                  given.substr(0, 64), fmt::join(status_words, ", "))}}};
    }
    filter.statuses.push_back(*word);
    rest = comma == std::string_view::npos ? std::nullopt : std::optional(rest->substr(comma + 1));
  }
  return filter;
}

}  // namespace belay::api
