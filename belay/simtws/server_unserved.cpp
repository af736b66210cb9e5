// SPDX-License-Identifier: Apache-2.0
// Requests that this server does not serve: each is answered with its own request id and the code
// that a gateway without the subscription or the feature gives, so that no caller waits in vain.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "belay/simtws/server.hpp"

namespace belay::simtws {
namespace {

struct Unserved {
  std::int32_t msg_id;
  int id_field;  ///< where the request id stands, the message id not counted; -1: it has none
  std::int32_t code;
  std::string_view text;
};

constexpr std::string_view not_subscribed =
    "Requested market data requires additional subscription for API. See link in 'Market Data "
    "Connections' dialog for more details.";
constexpr std::string_view no_advisor =
    "Error validating request.-'bN' : cause - FA data operations ignored for non FA customers.";
constexpr std::string_view no_display_group =
    "Error validating request.-'bN' : cause - Display groups are not supported";
constexpr std::string_view no_news = "News feed is not allowed.";
constexpr std::string_view nothing_to_cancel = "Can't find EId with tickerId:";

// News bulletins (12, 13) are not here: there are none, and the real server answers nothing then.
constexpr Unserved unserved[] = {
    {18, -1, 321, no_advisor},
    {19, 3, 321, no_advisor},
    {21, 1, 322, "Error processing request.Exercise/Lapse failed due to server rejection."},
    {52, 1, 10358, "Fundamentals data is not allowed"},
    {53, 1, 300, nothing_to_cancel},
    {54, 1, 10089, not_subscribed},
    {55, 1, 10089, not_subscribed},
    {56, 1, 300, nothing_to_cancel},
    {57, 1, 300, nothing_to_cancel},
    {67, 1, 321, no_display_group},
    {68, 1, 321, no_display_group},
    {69, 1, 321, no_display_group},
    {70, 1, 321, no_display_group},
    {84, 0, 10172, "Failed to request news article:No data available"},
    {86, 0, 10276, no_news},
    {100, 0, 10276, no_news},
    {101, 0, 300, nothing_to_cancel},
    {102, 0, 10276, no_news},
    {103, 0, 300, nothing_to_cancel},
};

std::optional<std::int32_t> number(const std::string& text) {
  std::int32_t out = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return out;
}

}  // namespace

void Server::handle(Connection& conn, const tws::wire::UnknownRequest& message) {
  constexpr std::array<std::int32_t, 2> silent{12, 13};
  if (std::find(silent.begin(), silent.end(), message.id) != silent.end()) return;
  const auto* known = std::find_if(std::begin(unserved), std::end(unserved),
                                   [&](const auto& one) { return one.msg_id == message.id; });
  if (known == std::end(unserved)) {
    return fail(
        conn, -1, 321,
        fmt::format("Error validating request.-'bN' : cause - Message type {} is not supported",
                    message.id));
  }
  const auto field = static_cast<std::size_t>(std::max(known->id_field, 0));
  const bool has_id = known->id_field >= 0 && field < message.fields.size();
  const auto req_id = has_id ? number(message.fields[field]) : std::nullopt;
  std::string text(known->text);
  if (known->code == 300) text += std::to_string(req_id.value_or(-1));
  fail(conn, req_id.value_or(-1), known->code, std::move(text));
}

}  // namespace belay::simtws
