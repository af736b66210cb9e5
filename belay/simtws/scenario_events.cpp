// SPDX-License-Identifier: Apache-2.0
// The `[[event]]` tables of a scenario: which keys an action needs, and what is said when they are
// missing.
#include "belay/simtws/scenario_table.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;
using Do = ScenarioEvent::Do;

constexpr std::pair<std::string_view, Do> actions[] = {
    {"restart", Do::restart},
    {"notice", Do::notice},
    {"price", Do::price},
    {"transmit", Do::transmit},
    {"ids", Do::ids},
    {"outage", Do::outage},
    {"outage_end", Do::outage_end},
    {"manual", Do::manual},
    {"place", Do::place},
    {"cancel", Do::cancel},
    {"person_cancel", Do::person_cancel},
    {"person_change", Do::person_change},
    {"fill", Do::fill},
    {"correct", Do::correct},
    {"bust", Do::bust},
    {"daily_reset", Do::daily_reset},
    {"logout", Do::logout},
    {"login", Do::login},
    {"silent", Do::silent},
    {"stall", Do::stall},
    {"cut", Do::cut},
    {"error", Do::error},
};
constexpr std::pair<std::string_view, RestartLoss> losses[] = {
    {"nothing", RestartLoss::nothing},
    {"unacknowledged", RestartLoss::unacknowledged},
    {"unacknowledged_ids_burnt", RestartLoss::unacknowledged_ids_burnt},
};
constexpr std::pair<std::string_view, Direction> directions[] = {{"in", Direction::inbound},
                                                                 {"out", Direction::outbound}};

void optional_decimal(Table& in, std::string_view key, std::optional<Decimal>& out) {
  if (Decimal value; in.decimal(key, value)) out = value;
}

void read_fields(Table& in, ScenarioEvent& out) {
  in.integer("code", out.code, 1, 99'999);
  in.text("text", out.text);
  in.text("symbol", out.symbol);
  in.decimal("bid", out.bid);
  in.decimal("ask", out.ask);
  in.integer("client_id", out.client_id, 0, INT32_MAX);
  in.integer("order_id", out.order_id, INT32_MIN, INT32_MAX);
  in.text("order_ref", out.order_ref);
  in.text("account", out.account);
  in.text("side", out.side);
  in.text("order_type", out.order_type);
  in.text("tif", out.tif);
  optional_decimal(in, "limit", out.limit);
  optional_decimal(in, "stop", out.stop);
  in.decimal("quantity", out.quantity);
  optional_decimal(in, "fill_price", out.trade_price);
  in.word<RestartLoss>("lose", out.loss, losses);
  in.flag("processes", out.silence.processes);
  in.flag("hears_close", out.silence.hears_close);
  in.millis("for_ms", out.lasting);
  in.word<Direction>("direction", out.direction, directions);
  in.integer("next_id", out.next_id, 1, INT32_MAX);
  in.integer("nth", out.nth, 1, INT32_MAX);
  in.integer("byte", out.byte, 0, 0xFFFFFF);
}

bool is_one_of(std::int32_t code, std::int32_t one, std::int32_t other) {
  return code == one || code == other;
}

// The first thing that is missing or wrong: key and what is right.
std::optional<std::pair<std::string_view, std::string_view>> missing(const ScenarioEvent& event) {
  using Found = std::pair<std::string_view, std::string_view>;
  const bool names_order = event.order_id != 0 || !event.order_ref.empty();
  switch (event.action) {
    case Do::price:
      if (event.symbol.empty() || event.bid <= Decimal{} || event.ask < event.bid) {
        return Found{"price", "needs symbol, bid and ask, bid <= ask"};
      }
      return std::nullopt;
    case Do::notice:
    case Do::error:
      if (event.code == 0) return Found{"code", "a notice needs one"};
      return std::nullopt;
    case Do::outage:
      if (!is_one_of(event.code, 1100, 2110)) return Found{"code", "must be 1100 or 2110"};
      return std::nullopt;
    case Do::outage_end:
      if (!is_one_of(event.code, 1101, 1102)) return Found{"code", "must be 1101 or 1102"};
      return std::nullopt;
    case Do::manual:
    case Do::place:
      if (event.symbol.empty()) return Found{"symbol", "an order needs one"};
      if (event.side != "BUY" && event.side != "SELL") {
        return Found{"side", "must be one of: BUY, SELL"};
      }
      if (event.quantity <= Decimal{}) return Found{"quantity", "must be a positive quantity"};
      return std::nullopt;
    case Do::transmit:
    case Do::cancel:
    case Do::correct:
    case Do::bust:
      if (event.order_id == 0) return Found{"order_id", "names the order of client_id"};
      return std::nullopt;
    case Do::person_cancel:
    case Do::person_change:
    case Do::fill:
      if (!names_order) return Found{"order_ref", "or order_id must name an order"};
      if (event.action == Do::fill && event.quantity <= Decimal{}) {
        return Found{"quantity", "must be a positive quantity"};
      }
      return std::nullopt;
    case Do::stall:
      if (event.lasting.count() <= 0) return Found{"for_ms", "a stall needs its length"};
      return std::nullopt;
    case Do::restart:
    case Do::ids:
    case Do::daily_reset:
    case Do::logout:
    case Do::login:
    case Do::silent:
    case Do::cut:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string_view action_word(ScenarioEvent::Do action) {
  for (const auto& [word, known] : actions) {
    if (known == action) return word;
  }
  return "";
}

std::vector<ScenarioEvent> read_event(Table& in) {
  ScenarioEvent out;
  in.millis("after_ms", out.after);
  in.word<Do>("do", out.action, actions);
  if (out.action == Do::outage) out.code = 1100;
  if (out.action == Do::outage_end) out.code = 1102;
  read_fields(in, out);
  if (out.action == Do::daily_reset && out.lasting.count() > 0) out.reset_as = ResetAs::outage;
  if (const auto bad = missing(out)) {
    in.complaint().raise(in.place(bad->first), std::string(bad->second));
  }
  std::vector<ScenarioEvent> all{out};
  const bool is_outage = out.action == Do::outage || out.action == Do::daily_reset;
  if (is_outage && out.lasting.count() > 0) {
    ScenarioEvent end;
    end.after = out.after + out.lasting;
    end.action = Do::outage_end;
    end.code = 1102;
    all.push_back(std::move(end));
  }
  return all;
}

}  // namespace belay::simtws
