// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/scenario.hpp"

#include <algorithm>
#include <iterator>

#include "belay/simtws/scenario_table.hpp"

namespace belay::simtws {
namespace {

using base::Decimal;

void read_delay(Table& in, const char* low, const char* high, DelayRange& out) {
  in.millis(low, out.low);
  if (out.high < out.low) out.high = out.low;
  in.millis(high, out.high);
  if (out.high < out.low) in.complaint().raise(in.place(high), "must not be below the minimum");
}

constexpr std::pair<std::string_view, Options::InOutage> in_outage[] = {
    {"lost", Options::InOutage::lost}, {"delayed", Options::InOutage::delayed}};

constexpr std::string_view end_markers[] = {
    "openOrderEnd",     "completedOrdersEnd", "execDetailsEnd",  "positionEnd",
    "positionMultiEnd", "accountSummaryEnd",  "acctDownloadEnd", "accountUpdateMultiEnd",
    "contractDataEnd",  "tickSnapshotEnd"};

void read_lost_ends(Table& in, Options& out) {
  std::vector<std::string> names;
  in.texts("lose_end_of", names);
  for (const std::string& name : names) {
    if (std::find(std::begin(end_markers), std::end(end_markers), name) == std::end(end_markers)) {
      in.complaint().raise(in.place("lose_end_of"),
                           fmt::format("{} is no end marker, as execDetailsEnd is", name));
    }
    out.lose_end_of.insert(name);
  }
  in.integer("lose_end_times", out.lose_end_times, 0, 1'000'000);
}

void read_server(Table& in, Options& out) {
  in.integer("max_version", out.max_server_version, 176, 200);
  in.texts("accounts", out.accounts);
  in.integer("seed", out.seed, 0, INT64_MAX);
  in.flag("download_open_orders", out.download_open_orders);
  in.flag("duplicate_status", out.duplicate_status);
  in.flag("pending_cancel", out.pending_cancel);
  in.flag("cancel_error_first", out.cancel_error_first);
  in.flag("cross_client_cancel", out.cross_client_cancel);
  in.flag("extra_trailing_field", out.extra_trailing_field);
  in.flag("filled_status", out.filled_status);
  in.flag("modify_filled_error", out.modify_filled_error);
  in.flag("close_without_326", out.close_without_326);
  in.flag("respect_hours", out.respect_hours);
  in.flag("price_band", out.price_band);
  in.flag("older_words", out.older_words);
  in.flag("live_market_data", out.live_market_data);
  in.flag("instant_fill_status", out.instant_fill_status);
  in.word<Options::RejectOrder>("reject_order", out.reject_order,
                                {{"error_first", Options::RejectOrder::error_first},
                                 {"status_first", Options::RejectOrder::status_first},
                                 {"then_cancelled", Options::RejectOrder::then_cancelled}});
  in.flag("newest_copy_only", out.newest_copy_only);
  in.flag("bind_resubmits", out.bind_resubmits);
  read_lost_ends(in, out);
  in.word<Options::InOutage>("outage_requests", out.outage_requests, in_outage);
  in.word<Options::InOutage>("outage_orders", out.outage_orders, in_outage);
  in.flag("twin_on_outage_modify", out.twin_on_outage_modify);
  in.integer("late_reports_percent", out.late_reports_percent, 0, 100);
  in.flag("replay_executions", out.replay_executions);
  in.flag("all_revisions", out.all_revisions);
  in.integer("days_listed", out.days_listed, 0, 365);
  in.integer("day_begins_minute", out.day_begins_minute, 0, 1439);
  in.flag("expired_listed", out.expired_listed);
  in.integer("history_max", out.history_max, 1, 10'000'000);
  in.word<Options::Pacing>("pacing", out.pacing,
                           {{"off", Options::Pacing::off},
                            {"error", Options::Pacing::error},
                            {"pace", Options::Pacing::pace}});
  in.integer("pacing_per_second", out.pacing_per_second, 1, 100'000);
  read_delay(in, "ack_delay_min_ms", "ack_delay_max_ms", out.ack_delay);
  read_delay(in, "fill_delay_min_ms", "fill_delay_max_ms", out.fill_delay);
  read_delay(in, "commission_delay_min_ms", "commission_delay_max_ms", out.commission_delay);
  in.millis("retell_after_ms", out.retell_after);
  in.millis("market_step_ms", out.market_step);
  in.integer("open_orders_max", out.open_orders_max, 1, 1'000'000);
  in.integer("clients_max", out.clients_max, 1, 1'000);
  in.optional_integer("master_client_id", out.master_client_id, 0, INT32_MAX);
  in.integer("first_order_id", out.first_order_id, 1, INT32_MAX);
}

Rule read_rule(Table& in) {
  Rule out;
  in.text("symbol", out.symbol);
  in.text("order_ref_prefix", out.order_ref_prefix);
  in.text("order_type", out.order_type);
  in.text("side", out.side);
  in.optional_integer("nth", out.nth, 1, INT32_MAX);
  in.optional_integer("times", out.times, 1, INT32_MAX);
  in.word<Rule::Do>("do", out.action,
                    {{"market", Rule::Do::market},
                     {"rest", Rule::Do::rest},
                     {"fill", Rule::Do::fill},
                     {"reject", Rule::Do::reject},
                     {"drop", Rule::Do::drop}});
  in.tables("parts", [&](Table& part) {
    FillPart one;
    part.millis("after_ms", one.after);
    if (!part.decimal("quantity", one.quantity) || one.quantity <= Decimal{}) {
      in.complaint().raise(part.place("quantity"), "must be a positive quantity");
    }
    out.parts.push_back(one);
  });
  if (Decimal price; in.decimal("price", price)) out.price = price;
  in.integer("code", out.code, 0, 99'999);
  in.text("text", out.text);
  in.integer("warning_code", out.warning_code, 0, 99'999);
  in.text("warning_text", out.warning_text);
  in.word<Rule::Ack>("ack", out.ack, {{"normal", Rule::Ack::normal}, {"none", Rule::Ack::none}});
  in.word<Rule::First>("first", out.first,
                       {{"by_market", Rule::First::by_market},
                        {"pre_submitted", Rule::First::pre_submitted},
                        {"both", Rule::First::both}});
  in.flag("tells_election", out.tells_election);
  in.millis("confirm_after_ms", out.confirm_after);
  in.millis("ack_delay_ms", out.ack_delay);
  in.word<Rule::Disconnect>("disconnect", out.disconnect,
                            {{"no", Rule::Disconnect::no},
                             {"before_ack", Rule::Disconnect::before_ack},
                             {"after_ack", Rule::Disconnect::after_ack}});
  in.integer("duplicates", out.duplicates, 0, 100);
  if (out.action == Rule::Do::reject && out.text.empty()) {
    out.text = "Order rejected - reason:Rejected by the scenario.";
  }
  if (out.action != Rule::Do::fill && (!out.parts.empty() || out.price)) {
    in.complaint().raise(in.place("do"), "parts and price go with do = \"fill\"");
  }
  return out;
}

}  // namespace

base::Result<Options> parse_scenario(std::string_view text, Options base) {
  const auto parsed = base::parse_toml(text);
  if (!parsed) return base::Failure<base::Error>{parsed.error()};
  Options out = std::move(base);
  Complaint complaint;
  {
    Table root(*parsed, "", complaint);
    if (const toml::table* server = root.table("server"); server != nullptr) {
      Table in(*server, "server", complaint);
      read_server(in, out);
    }
    root.tables("rule", [&](Table& in) { out.rules.push_back(read_rule(in)); });
    root.tables("event", [&](Table& in) {
      for (ScenarioEvent& event : read_event(in)) out.events.push_back(std::move(event));
    });
  }
  if (complaint.error) return base::Failure<base::Error>{*complaint.error};
  return out;
}

}  // namespace belay::simtws
