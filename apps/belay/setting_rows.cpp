// SPDX-License-Identifier: Apache-2.0
// The rows of the table of settings. A new setting is a member of Settings and its row here.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "apps/belay/alert_targets.hpp"
#include "apps/belay/config.hpp"
#include "apps/belay/settings_table.hpp"
#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

using enum SettingKind;

std::vector<std::string> split_commas(const std::string& text) {
  std::vector<std::string> out;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');) {
    part.erase(std::remove(part.begin(), part.end(), ' '), part.end());
    if (!part.empty()) out.push_back(part);
  }
  return out;
}

// The member at the end of the path takes the value, which the row has found good, by its own type.
template <auto... Path>
base::Status<> put(const SettingRow& row, const std::string& value, Settings& settings) {
  auto& out = (settings.*....*Path);
  using T = std::remove_reference_t<decltype(out)>;
  const auto number = [&] { return base::Decimal::parse(value)->units(); };
  if constexpr (std::is_same_v<T, std::string>) {
    out = value;
  } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
    out = split_commas(value);
  } else if constexpr (std::is_same_v<T, bool>) {
    out = value == "true";
  } else if constexpr (std::is_same_v<T, base::Duration>) {
    out = base::Duration(number() * 10);
  } else if constexpr (std::is_integral_v<T>) {
    out = static_cast<T>(number() / base::Decimal::one);
  } else {
    // A window or a day's end; "off" is none.
    if (value == "off") return base::ok();
    auto parsed = T::value_type::parse(value);
    if (!parsed) {
      return base::fail(std::string(row.key),
                        fmt::format("{} is \"{}\": {}", row.key, value, parsed.error().detail));
    }
    out = std::move(*parsed);
  }
  return base::ok();
}
template <auto Member>
base::Status<> put_host(const SettingRow&, const std::string& value, Settings& settings) {
  settings.*Member = bare_host(value);
  return base::ok();
}
template <auto Member>
base::Status<> put_mebibytes(const SettingRow& row, const std::string& value, Settings& settings) {
  auto done = put<Member>(row, value, settings);
  settings.*Member <<= 20U;
  return done;
}
base::Status<> put_debug(const SettingRow&, const std::string& value, Settings& settings) {
  if (value == "true") settings.log_level = "debug";
  return base::ok();
}
base::Status<> put_auth(const SettingRow& row, const std::string& value, Settings&) {
  if (value != "required") return base::ok();
  return base::fail(std::string(row.key),
                    "BELAY_AUTH is required, and tokens are not available yet; expected auto");
}
base::Status<> put_stale_hours(const SettingRow& row, const std::string& value,
                               Settings& settings) {
  auto done = put<&Settings::ids, &core::IdOptions::stale_after>(row, value, settings);
  settings.ids.stale_after *= 3600;
  return done;
}
base::Status<> put_id_ranges(const SettingRow& row, const std::string& value, Settings& settings) {
  auto ranges = core::parse_id_ranges(value);
  if (!ranges) {
    return base::fail(std::string(row.key), fmt::format("{}: {}", row.key, ranges.error().detail));
  }
  settings.ids.ranges = std::move(*ranges);
  return base::ok();
}
base::Status<> put_command(const SettingRow& row, const std::string& value, Settings& settings) {
  auto command = split_words(value);
  if (!command) {
    return base::fail(std::string(row.key), fmt::format("{}: {}", row.key, command.error().detail));
  }
  settings.alert_command = std::move(*command);
  return base::ok();
}
base::Status<> put_webhook(const SettingRow& row, const std::string& value, Settings& settings) {
  settings.alert_webhook = value;
  if (value.empty()) return base::ok();
  if (const auto url = parse_http_url(value); !url) {
    return base::fail(std::string(row.key),
                      fmt::format("{} is \"{}\"; {}", row.key, value, url.error().detail));
  }
  return base::ok();
}

constexpr std::array rows{
    SettingRow{"TWS_HOST", "IB_HOST", text, "127.0.0.1", "", "", "where TWS or IB Gateway listens",
               put_host<&Settings::tws_host>},
    SettingRow{"TWS_PORT", "IB_PORT", whole, "7497", "1", "65535",
               "7497 TWS paper, 4002 Gateway paper; 7496 and 4001 are live",
               put<&Settings::tws_port>},
    SettingRow{"CLIENT_ID", "IB_CLIENT_ID", whole, "0", "0", "999999999",
               "the client id of the broker session; one daemon per id", put<&Settings::client_id>},
    SettingRow{"CONNECTION_TIMEOUT", "", decimal, "10", "0.1", "600",
               "seconds for each attempt to connect", put<&Settings::connection_timeout>},
    SettingRow{"API_HOST", "", text, "127.0.0.1", "", "", "address of the REST interface",
               put_host<&Settings::api_host>},
    SettingRow{"API_PORT", "", whole, "8001", "0", "65535",
               "port of the REST interface; 0 takes any free one", put<&Settings::api_port>},
    SettingRow{"API_ALLOWED_HOSTS", "", text, "", "", "",
               "more names that the Host header may carry, separated by commas",
               put<&Settings::api_allowed_hosts>},
    SettingRow{
        "API_CONNECTIONS_MAX", "", whole, "4096", "8", "1000000",
        "connections of callers; fewer where the descriptor limit is lower; at the limit the "
        "longest idle gives way to a newcomer",
        put<&Settings::api_connections_max>},
    SettingRow{"API_BUFFERS_MAX", "", whole, "64", "1", "65536",
               "MiB of unsent answers and unfinished requests of all callers together",
               put_mebibytes<&Settings::api_buffers_max>},
    SettingRow{"API_STALL_TIMEOUT", "", decimal, "10", "1", "600",
               "seconds for which a caller may take none of the bytes that wait for it",
               put<&Settings::api_stall_timeout>},
    SettingRow{"LOG_LEVEL", "", choice, "info", "debug|info|warning|error", "",
               "what is logged: this level and above", put<&Settings::log_level>},
    SettingRow{"BELAY_LOG_FILE", "", text, "", "", "",
               "file that the log is appended to, opened again at SIGHUP; empty: standard error",
               put<&Settings::log_file>},
    SettingRow{"DEBUG", "", flag, "false", "", "", "same as LOG_LEVEL=debug", put_debug},
    SettingRow{"RECONNECT_ATTEMPTS", "", whole, "3", "1", "1000",
               "failed attempts before an alarm; reconnecting never stops",
               put<&Settings::reconnect_attempts>},
    SettingRow{"RECONNECT_DELAY", "", decimal, "5", "0.01", "600",
               "seconds before the next attempt to connect; doubles, up to a minute",
               put<&Settings::reconnect_delay>},
    SettingRow{"ORDER_ACKNOWLEDGMENT_TIMEOUT", "", decimal, "2.0", "0", "60",
               "seconds a placement waits for the broker before it answers 202",
               put<&Settings::order_acknowledgment_timeout>},
    SettingRow{
        "TWS_MESSAGE_RATE_LIMIT", "", whole, "45", "0", "1000",
        "messages per second to the broker; IB's own limit is 50; 0 is no limit, and then only the "
        "simulated TWS is connected to: any other server is left at its greeting",
        put<&Settings::tws_message_rate_limit>},
    SettingRow{"MAX_ORDERS_PER_CONTRACT", "", whole, "18", "0", "1000",
               "open orders per contract, side and account; 0 is no limit; IB's own is 20",
               put<&Settings::max_orders_per_contract>},
    SettingRow{"RATE_LIMIT_QUEUE_SIZE", "", whole, "100", "1", "1000000",
               "orders of new risk that may wait for a send slot; more are refused with 429",
               put<&Settings::rate_limit_queue_size>},
    SettingRow{"RATE_LIMIT_QUEUE_SIZE_URGENT", "", whole, "1000", "1", "1000000",
               "the same for orders that protect or reduce a position, each",
               put<&Settings::rate_limit_queue_size_urgent>},
    SettingRow{"RATE_LIMIT_QUEUE_SIZE_PER_CALLER", "", whole, "100", "0", "1000000",
               "orders of one caller that may wait; 0 is no limit; protection is exempt",
               put<&Settings::rate_limit_queue_size_per_caller>},
    SettingRow{"RATE_LIMIT_TIMEOUT", "", decimal, "30", "0.1", "86400",
               "seconds an order waits for a send slot before it is denied, unsent",
               put<&Settings::rate_limit_timeout>},
    SettingRow{"TWS_RESERVE_CANCEL", "", whole, "5", "0", "1000",
               "of the message rate, kept for cancels; at most half of it",
               put<&Settings::tws_reserve_cancel>},
    SettingRow{"TWS_RESERVE_PROTECTIVE", "", whole, "5", "0", "1000",
               "kept for cancels and stops of a position; at most a quarter of the rest",
               put<&Settings::tws_reserve_protective>},
    SettingRow{"TWS_RESERVE_REDUCING", "", whole, "3", "0", "1000",
               "kept for these and what reduces a position; at most a quarter of the rest",
               put<&Settings::tws_reserve_reducing>},
    SettingRow{"FOREIGN_HOLD", "", decimal, "5", "0.1", "5",
               "seconds for which another client's id may be used, on request, to cancel its order",
               put<&Settings::foreign_hold>},
    SettingRow{"FOREIGN_QUEUE_SIZE", "", whole, "1000", "1", "100000",
               "requests that may wait for other clients' ids", put<&Settings::foreign_queue_size>},
    SettingRow{"BELAY_DATA_DIR", "", text, "belay-data", "", "",
               "directory of everything durable; one daemon at a time", put<&Settings::data_dir>},
    SettingRow{"BELAY_ALLOW_LIVE", "", flag, "false", "", "",
               "let orders of live accounts leave, and connect to live ports",
               put<&Settings::allow_live>},
    SettingRow{"BELAY_BIND_MANUAL", "", flag, "false", "", "",
               "take over orders entered by hand in TWS, which cancels and sends them again; "
               "CLIENT_ID 0 only",
               put<&Settings::bind_manual>},
    SettingRow{"BELAY_AUTH", "", choice, "auto", "auto|required", "",
               "required: every request needs a token", put_auth},
    SettingRow{"BELAY_FINISHED_KEPT_MAX", "", whole, "1000", "0", "1000000",
               "finished orders in memory; older ones are in the history on disk",
               put<&Settings::finished_kept_max>},
    SettingRow{"BELAY_FINISHED_KEPT", "", decimal, "300", "0", "864000",
               "seconds after which a finished order moves to the history",
               put<&Settings::finished_kept>},
    SettingRow{"BELAY_HISTORY_QUEUE", "", whole, "10000", "1", "1000000",
               "rows that may wait for the history's disk; more orders stay in memory then",
               put<&Settings::history_queue>},
    SettingRow{"BELAY_SNAPSHOT_EVERY", "", whole, "200000", "0", "1000000000",
               "events between two snapshots, which make starts short; 0 makes none by itself",
               put<&Settings::snapshot_every>},
    SettingRow{"BELAY_SAFE", "", flag, "false", "", "",
               "start without journal and core: see open orders and cancel by hand",
               put<&Settings::safe_mode>},
    SettingRow{"BELAY_SAFE_AFTER_STARTS", "", whole, "3", "0", "1000",
               "starts in a row that ended badly at once, after which the next is in safe mode; 0 "
               "never",
               put<&Settings::safe_after_starts>},
    SettingRow{"BELAY_SAFE_WINDOW", "", decimal, "300", "1", "86400",
               "seconds within which those starts count", put<&Settings::safe_window>},
    SettingRow{"DAILY_RESET_WINDOW", "", text, "23:45-00:45 America/New_York", "", "",
               "when the broker resets its servers each day: no new risk; off for none",
               put<&Settings::calendar, &core::CalendarOptions::daily_reset>},
    SettingRow{"WEEKLY_LOGIN_WINDOW", "", text, "off", "", "",
               "when the gateway wants a new log-in, as Sat 23:45-Sun 02:00 America/New_York",
               put<&Settings::calendar, &core::CalendarOptions::weekly_login>},
    SettingRow{"RESET_LEAD", "", decimal, "120", "0", "86400",
               "seconds before such a window in which new risk is no longer sent",
               put<&Settings::calendar, &core::CalendarOptions::reset_lead>},
    SettingRow{"TRADING_DAY_ENDS", "", text, "00:00 America/New_York", "", "",
               "when the broker's lists of the day begin anew: midnight where it runs; or off",
               put<&Settings::calendar, &core::CalendarOptions::day_end>},
    SettingRow{"DAY_END_LEAD", "", decimal, "1800", "0", "43200",
               "seconds before that end at which executions are asked for once more",
               put<&Settings::calendar, &core::CalendarOptions::day_end_lead>},
    SettingRow{"SETTLE_TIME", "", decimal, "2", "0", "600",
               "seconds a link must be whole before what the broker does not list means anything",
               put<&Settings::settle_time>},
    SettingRow{"ABSENCE_ROUNDS", "", whole, "2", "1", "100",
               "settled lists that must agree before absence decides anything",
               put<&Settings::reconcile, &core::ReconcileOptions::policy,
                   &core::ReconcilePolicy::absence_rounds>},
    SettingRow{"ABSENCE_AGE", "", decimal, "10", "0", "86400",
               "seconds before an order can be proven never to have arrived",
               put<&Settings::reconcile, &core::ReconcileOptions::policy,
                   &core::ReconcilePolicy::absence_age>},
    SettingRow{"RECENCY_GUARD", "", decimal, "5", "0", "600",
               "seconds after an event about an order or position in which nothing is concluded",
               put<&Settings::reconcile, &core::ReconcileOptions::policy,
                   &core::ReconcilePolicy::recency_guard>},
    SettingRow{"CLOCK_DIFFERENCE_MAX", "", decimal, "10", "1", "3600",
               "seconds the broker's clock and ours may differ; beyond, absence decides nothing",
               put<&Settings::reconcile, &core::ReconcileOptions::policy,
                   &core::ReconcilePolicy::clock_difference_max>},
    SettingRow{"PROBE_AFTER", "", decimal, "2", "0.1", "600",
               "seconds without an answer after which an order is asked about; doubles, up to 300",
               put<&Settings::reconcile, &core::ReconcileOptions::probe_after>},
    SettingRow{"RECONCILE_INTERVAL", "", decimal, "60", "0", "86400",
               "seconds between light reconciliations; 0 asks only when there is a reason",
               put<&Settings::reconcile, &core::ReconcileOptions::interval>},
    SettingRow{"EXPECTED_ACCOUNTS", "", text, "", "", "",
               "accounts that the broker session must have, and no other; empty for any",
               put<&Settings::expected_accounts>},
    SettingRow{"ID_RANGES", "", text, "", "", "",
               "ids per purpose, such as manual=0-999,scanner=1000-1999, and again twice as far "
               "on; empty: "
               "one sequence",
               put_id_ranges},
    SettingRow{"ID_VALIDATION_WINDOW", "", whole, "0", "0", "2147483647",
               "how far from the next id an id may be to be valid; 0: anywhere",
               put<&Settings::ids, &core::IdOptions::window>},
    SettingRow{"ID_BLOCK_MAX", "", whole, "1000", "1", "100000", "ids in one reserved block",
               put<&Settings::ids, &core::IdOptions::block_max>},
    SettingRow{"ID_BLOCKS_MAX", "", whole, "100", "1", "10000", "reserved blocks that are open",
               put<&Settings::ids, &core::IdOptions::blocks_max>},
    SettingRow{"ID_SKIP_MAX", "", whole, "10000", "0", "100000000",
               "how far ahead of the next id a block may begin",
               put<&Settings::ids, &core::IdOptions::skip_max>},
    SettingRow{"ID_BLOCK_ROOM", "", whole, "100", "0", "10000",
               "ids left free below a reserved block, so that other orders do not pass it",
               put<&Settings::ids, &core::IdOptions::block_room>},
    SettingRow{"ID_RESERVE_PER_HOUR", "", whole, "100000", "1", "2147483647",
               "ids that a caller may set aside or skip in an hour; more for a named operator",
               put<&Settings::id_reserve_per_hour>},
    SettingRow{"ID_RESERVE_PER_DAY", "", whole, "1000000", "1", "2147483647",
               "the same for all callers in a day, named operators too",
               put<&Settings::id_reserve_per_day>},
    SettingRow{"ID_BLOCK_HOLD", "", decimal, "0", "0", "60",
               "seconds that other orders wait for an open block; 0: they pass it at once",
               put<&Settings::ids, &core::IdOptions::block_hold>},
    SettingRow{"ID_MONITOR_INTERVAL", "", decimal, "60", "0.1", "86400",
               "seconds between two looks for stale orders",
               put<&Settings::ids, &core::IdOptions::monitor_interval>},
    SettingRow{"STALE_ORDER_HOURS", "", decimal, "24", "0.0001", "8760",
               "an order that is open for longer is an incident, once", put_stale_hours},
    SettingRow{"STALE_GTC_EXEMPT", "", flag, "true", "", "",
               "orders with time in force GTC or GTD are never stale",
               put<&Settings::ids, &core::IdOptions::stale_gtc_exempt>},
    SettingRow{"ID_RESET_TIMEOUT", "", decimal, "30", "1", "600",
               "seconds that a reset waits for its cancels before it lists them as failed",
               put<&Settings::ids, &core::IdOptions::reset_timeout>},
    SettingRow{"ID_COLLISION_RESENDS", "", whole, "2", "0", "10",
               "how often an order whose id was used is sent under a new id, once proven dead",
               put<&Settings::ids, &core::IdOptions::collision_resends>},
    SettingRow{"ID_COLLISION_WINDOW", "", decimal, "10", "0", "600",
               "seconds after the refusal in which it may be sent again",
               put<&Settings::ids, &core::IdOptions::collision_window>},
    SettingRow{"INCIDENTS_MAX", "", whole, "1000", "10", "100000",
               "open incidents; the oldest give way", put<&Settings::incidents_max>},
    SettingRow{"ALERT_LEVEL", "", choice, "warning", "info|warning|critical", "",
               "what goes to the alert command and webhook: this level and above",
               put<&Settings::alert_level>},
    SettingRow{"ALERT_COMMAND", "", text, "", "", "",
               "program that gets each alert as JSON on its standard input; no shell", put_command},
    SettingRow{"ALERT_WEBHOOK", "", text, "", "", "",
               "http address that each alert is posted to as JSON", put_webhook},
    SettingRow{"ALERT_TIMEOUT", "", decimal, "10", "0.1", "600",
               "seconds for one alert command or post", put<&Settings::alert_timeout>},
    SettingRow{"ALERT_QUEUE_MAX", "", whole, "1000", "1", "100000",
               "alerts that wait for a sink; the oldest give way", put<&Settings::alert_queue_max>},
    SettingRow{"ALERT_ATTEMPTS", "", whole, "5", "1", "100", "attempts before an alert is given up",
               put<&Settings::alert_attempts>},
};

}  // namespace

std::span<const SettingRow> setting_rows() {
  return rows;
}

}  // namespace belay::app
