// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/settings_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "belay/base/decimal.hpp"

namespace belay::app {
namespace {

using enum SettingKind;

constexpr std::array rows{
    SettingRow{"TWS_HOST", "IB_HOST", text, "127.0.0.1", "", "", "where TWS or IB Gateway listens"},
    SettingRow{"TWS_PORT", "IB_PORT", whole, "7497", "1", "65535",
               "7497 TWS paper, 4002 Gateway paper; 7496 and 4001 are live"},
    SettingRow{"CLIENT_ID", "IB_CLIENT_ID", whole, "0", "0", "999999999",
               "the client id of the broker session; one daemon per id"},
    SettingRow{"CONNECTION_TIMEOUT", "", decimal, "10", "0.1", "600",
               "seconds for each attempt to connect"},
    SettingRow{"API_HOST", "", text, "127.0.0.1", "", "", "address of the REST interface"},
    SettingRow{"API_PORT", "", whole, "8001", "0", "65535",
               "port of the REST interface; 0 takes any free one"},
    SettingRow{"API_ALLOWED_HOSTS", "", text, "", "", "",
               "more names that the Host header may carry, separated by commas"},
    SettingRow{
        "API_CONNECTIONS_MAX", "", whole, "4096", "8", "1000000",
        "connections of callers; fewer where the descriptor limit is lower; at the limit the "
        "longest idle gives way to a newcomer"},
    SettingRow{"API_BUFFERS_MAX", "", whole, "64", "1", "65536",
               "MiB of unsent answers and unfinished requests of all callers together"},
    SettingRow{"API_STALL_TIMEOUT", "", decimal, "10", "1", "600",
               "seconds for which a caller may take none of the bytes that wait for it"},
    SettingRow{"LOG_LEVEL", "", choice, "info", "debug|info|warning|error", "",
               "what is logged: this level and above"},
    SettingRow{"BELAY_LOG_FILE", "", text, "", "", "",
               "file that the log is appended to, opened again at SIGHUP; empty: standard error"},
    SettingRow{"DEBUG", "", flag, "false", "", "", "same as LOG_LEVEL=debug"},
    SettingRow{"RECONNECT_ATTEMPTS", "", whole, "3", "1", "1000",
               "failed attempts before an alarm; reconnecting never stops"},
    SettingRow{"RECONNECT_DELAY", "", decimal, "5", "0.01", "600",
               "seconds before the next attempt to connect; doubles, up to a minute"},
    SettingRow{"ORDER_ACKNOWLEDGMENT_TIMEOUT", "", decimal, "2.0", "0", "60",
               "seconds a placement waits for the broker before it answers 202"},
    SettingRow{
        "TWS_MESSAGE_RATE_LIMIT", "", whole, "45", "0", "1000",
        "messages per second to the broker; IB's own limit is 50; 0 is no limit, and then only the "
        "simulated TWS is connected to: any other server is left at its greeting"},
    SettingRow{"MAX_ORDERS_PER_CONTRACT", "", whole, "18", "0", "1000",
               "open orders per contract, side and account; 0 is no limit; IB's own is 20"},
    SettingRow{"RATE_LIMIT_QUEUE_SIZE", "", whole, "100", "1", "1000000",
               "orders of new risk that may wait for a send slot; more are refused with 429"},
    SettingRow{"RATE_LIMIT_QUEUE_SIZE_URGENT", "", whole, "1000", "1", "1000000",
               "the same for orders that protect or reduce a position, each"},
    SettingRow{"RATE_LIMIT_QUEUE_SIZE_PER_CALLER", "", whole, "100", "0", "1000000",
               "orders of one caller that may wait; 0 is no limit; protection is exempt"},
    SettingRow{"RATE_LIMIT_TIMEOUT", "", decimal, "30", "0.1", "86400",
               "seconds an order waits for a send slot before it is denied, unsent"},
    SettingRow{"TWS_RESERVE_CANCEL", "", whole, "5", "0", "1000",
               "of the message rate, kept for cancels; at most half of it"},
    SettingRow{"TWS_RESERVE_PROTECTIVE", "", whole, "5", "0", "1000",
               "kept for cancels and stops of a position; at most a quarter of the rest"},
    SettingRow{"TWS_RESERVE_REDUCING", "", whole, "3", "0", "1000",
               "kept for these and what reduces a position; at most a quarter of the rest"},
    SettingRow{
        "FOREIGN_HOLD", "", decimal, "5", "0.1", "5",
        "seconds for which another client's id may be used, on request, to cancel its order"},
    SettingRow{"FOREIGN_QUEUE_SIZE", "", whole, "1000", "1", "100000",
               "requests that may wait for other clients' ids"},
    SettingRow{"BELAY_DATA_DIR", "", text, "belay-data", "", "",
               "directory of everything durable; one daemon at a time"},
    SettingRow{"BELAY_ALLOW_LIVE", "", flag, "false", "", "",
               "let orders of live accounts leave, and connect to live ports"},
    SettingRow{"BELAY_BIND_MANUAL", "", flag, "false", "", "",
               "take over orders entered by hand in TWS, which cancels and sends them again; "
               "CLIENT_ID 0 only"},
    SettingRow{"BELAY_AUTH", "", choice, "auto", "auto|required", "",
               "required: every request needs a token"},
    SettingRow{"BELAY_FINISHED_KEPT_MAX", "", whole, "1000", "0", "1000000",
               "finished orders in memory; older ones are in the history on disk"},
    SettingRow{"BELAY_FINISHED_KEPT", "", decimal, "300", "0", "864000",
               "seconds after which a finished order moves to the history"},
    SettingRow{"BELAY_HISTORY_QUEUE", "", whole, "10000", "1", "1000000",
               "rows that may wait for the history's disk; more orders stay in memory then"},
    SettingRow{"BELAY_SNAPSHOT_EVERY", "", whole, "200000", "0", "1000000000",
               "events between two snapshots, which make starts short; 0 makes none by itself"},
    SettingRow{"BELAY_SAFE", "", flag, "false", "", "",
               "start without journal and core: see open orders and cancel by hand"},
    SettingRow{"BELAY_SAFE_AFTER_STARTS", "", whole, "3", "0", "1000",
               "starts in a row that ended badly at once, after which the next is in safe mode; 0 "
               "never"},
    SettingRow{"BELAY_SAFE_WINDOW", "", decimal, "300", "1", "86400",
               "seconds within which those starts count"},
    SettingRow{"DAILY_RESET_WINDOW", "", text, "23:45-00:45 America/New_York", "", "",
               "when the broker resets its servers each day: no new risk; off for none"},
    SettingRow{"WEEKLY_LOGIN_WINDOW", "", text, "off", "", "",
               "when the gateway wants a new log-in, as Sat 23:45-Sun 02:00 America/New_York"},
    SettingRow{"RESET_LEAD", "", decimal, "120", "0", "86400",
               "seconds before such a window in which new risk is no longer sent"},
    SettingRow{"TRADING_DAY_ENDS", "", text, "00:00 America/New_York", "", "",
               "when the broker's lists of the day begin anew: midnight where it runs; or off"},
    SettingRow{"DAY_END_LEAD", "", decimal, "1800", "0", "43200",
               "seconds before that end at which executions are asked for once more"},
    SettingRow{"SETTLE_TIME", "", decimal, "2", "0", "600",
               "seconds a link must be whole before what the broker does not list means anything"},
    SettingRow{"ABSENCE_ROUNDS", "", whole, "2", "1", "100",
               "settled lists that must agree before absence decides anything"},
    SettingRow{"ABSENCE_AGE", "", decimal, "10", "0", "86400",
               "seconds before an order can be proven never to have arrived"},
    SettingRow{"RECENCY_GUARD", "", decimal, "5", "0", "600",
               "seconds after an event about an order or position in which nothing is concluded"},
    SettingRow{"CLOCK_DIFFERENCE_MAX", "", decimal, "10", "1", "3600",
               "seconds the broker's clock and ours may differ; beyond, absence decides nothing"},
    SettingRow{"PROBE_AFTER", "", decimal, "2", "0.1", "600",
               "seconds without an answer after which an order is asked about; doubles, up to 300"},
    SettingRow{"RECONCILE_INTERVAL", "", decimal, "60", "0", "86400",
               "seconds between light reconciliations; 0 asks only when there is a reason"},
    SettingRow{"EXPECTED_ACCOUNTS", "", text, "", "", "",
               "accounts that the broker session must have, and no other; empty for any"},
    SettingRow{"ID_RANGES", "", text, "", "", "",
               "ids per purpose, such as manual=0-999,scanner=1000-1999, and again twice as far "
               "on; empty: "
               "one sequence"},
    SettingRow{"ID_VALIDATION_WINDOW", "", whole, "0", "0", "2147483647",
               "how far from the next id an id may be to be valid; 0: anywhere"},
    SettingRow{"ID_BLOCK_MAX", "", whole, "1000", "1", "100000", "ids in one reserved block"},
    SettingRow{"ID_BLOCKS_MAX", "", whole, "100", "1", "10000", "reserved blocks that are open"},
    SettingRow{"ID_SKIP_MAX", "", whole, "10000", "0", "100000000",
               "how far ahead of the next id a block may begin"},
    SettingRow{"ID_BLOCK_ROOM", "", whole, "100", "0", "10000",
               "ids left free below a reserved block, so that other orders do not pass it"},
    SettingRow{"ID_RESERVE_PER_HOUR", "", whole, "100000", "1", "2147483647",
               "ids that a caller may set aside or skip in an hour; more for a named operator"},
    SettingRow{"ID_RESERVE_PER_DAY", "", whole, "1000000", "1", "2147483647",
               "the same for all callers in a day, named operators too"},
    SettingRow{"ID_BLOCK_HOLD", "", decimal, "0", "0", "60",
               "seconds that other orders wait for an open block; 0: they pass it at once"},
    SettingRow{"ID_MONITOR_INTERVAL", "", decimal, "60", "0.1", "86400",
               "seconds between two looks for stale orders"},
    SettingRow{"STALE_ORDER_HOURS", "", decimal, "24", "0.0001", "8760",
               "an order that is open for longer is an incident, once"},
    SettingRow{"STALE_GTC_EXEMPT", "", flag, "true", "", "",
               "orders with time in force GTC or GTD are never stale"},
    SettingRow{"ID_RESET_TIMEOUT", "", decimal, "30", "1", "600",
               "seconds that a reset waits for its cancels before it lists them as failed"},
    SettingRow{"ID_COLLISION_RESENDS", "", whole, "2", "0", "10",
               "how often an order whose id was used is sent under a new id, once proven dead"},
    SettingRow{"ID_COLLISION_WINDOW", "", decimal, "10", "0", "600",
               "seconds after the refusal in which it may be sent again"},
    SettingRow{"INCIDENTS_MAX", "", whole, "1000", "10", "100000",
               "open incidents; the oldest give way"},
    SettingRow{"ALERT_LEVEL", "", choice, "warning", "info|warning|critical", "",
               "what goes to the alert command and webhook: this level and above"},
    SettingRow{"ALERT_COMMAND", "", text, "", "", "",
               "program that gets each alert as JSON on its standard input; no shell"},
    SettingRow{"ALERT_WEBHOOK", "", text, "", "", "",
               "http address that each alert is posted to as JSON"},
    SettingRow{"ALERT_TIMEOUT", "", decimal, "10", "0.1", "600",
               "seconds for one alert command or post"},
    SettingRow{"ALERT_QUEUE_MAX", "", whole, "1000", "1", "100000",
               "alerts that wait for a sink; the oldest give way"},
    SettingRow{"ALERT_ATTEMPTS", "", whole, "5", "1", "100",
               "attempts before an alert is given up"},
};

// One letter too many, too few, another, or two swapped.
bool is_slip(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty() && a.front() == b.front()) {
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    a.remove_suffix(1);
    b.remove_suffix(1);
  }
  const bool swapped = a.size() == 2 && b.size() == 2 && a[0] == b[1] && a[1] == b[0];
  return swapped || std::max(a.size(), b.size()) <= 1;
}

}  // namespace

std::span<const SettingRow> setting_rows() {
  return rows;
}

const SettingRow* find_setting(std::string_view key) {
  const auto found = std::find_if(rows.begin(), rows.end(), [key](const SettingRow& row) {
    return row.key == key || (!row.alias.empty() && row.alias == key);
  });
  return found == rows.end() ? nullptr : &*found;
}

std::string_view bare_key(std::string_view key) {
  if (key.substr(0, key_prefix.size()) != key_prefix || find_setting(key) != nullptr) return key;
  const std::string_view bare = key.substr(key_prefix.size());
  return find_setting(bare) != nullptr ? bare : key;
}

std::string expectation(const SettingRow& row) {
  switch (row.kind) {
    case text:
      return "text";
    case whole:
      return fmt::format("a whole number from {} to {}", row.low, row.high);
    case decimal:
      return fmt::format("a number from {} to {}", row.low, row.high);
    case flag:
      return "true or false";
    case choice: {
      std::string words(row.low);
      std::replace(words.begin(), words.end(), '|', ' ');
      return "one of " + words;
    }
  }
  return "";
}

bool takes(const SettingRow& row, const std::string& value) {
  switch (row.kind) {
    case text:
      return value.find_first_of("\r\n") == std::string::npos;
    case whole:
    case decimal: {
      const auto number = base::Decimal::parse(value);
      if (!number) return false;
      if (row.kind == whole && number->units() % base::Decimal::one != 0) return false;
      return *number >= *base::Decimal::parse(row.low) &&
             *number <= *base::Decimal::parse(row.high);
    }
    case flag:
      return value == "true" || value == "false";
    case choice: {
      const std::string words = fmt::format("|{}|", row.low);
      return !value.empty() && words.find("|" + value + "|") != std::string::npos;
    }
  }
  return false;
}

namespace {

// A key without what people leave out or write otherwise: TWSPORT and tws-port are TWS_PORT.
std::string bones(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c >= 'a' && c <= 'z')
      out.push_back(static_cast<char>(c - 'a' + 'A'));
    else if (c != '_' && c != '-')
      out.push_back(c);
  }
  return out;
}

bool same_bones(const SettingRow& row, const std::string& key) {
  std::string_view bare = row.key;
  if (bare.substr(0, key_prefix.size()) == key_prefix) bare.remove_prefix(key_prefix.size());
  return bones(row.key) == key || bones(bare) == key ||
         (!row.alias.empty() && bones(row.alias) == key);
}

}  // namespace

std::optional<std::string> nearest_setting(std::string_view key) {
  const bool prefixed = key.substr(0, key_prefix.size()) == key_prefix;
  const std::string_view bare = prefixed ? key.substr(key_prefix.size()) : key;
  // APP_PORT is one letter away from API_PORT and another program's: the first word must be right.
  const std::string_view word = key.substr(0, key.find('_') + 1);
  const std::string all = bones(key);
  for (const auto& row : rows) {
    if (same_bones(row, all)) return std::string(row.key);
    if (prefixed && is_slip(bare, row.key)) return std::string(row.key);
    if (!word.empty() && row.key.substr(0, word.size()) == word && is_slip(key, row.key)) {
      return std::string(row.key);
    }
  }
  return std::nullopt;
}

std::optional<std::string> meant_setting(std::string_view key) {
  const bool prefixed = key.substr(0, key_prefix.size()) == key_prefix;
  const auto nearest = nearest_setting(key);
  return nearest || !prefixed ? nearest : std::optional<std::string>("a setting of belay");
}

}  // namespace belay::app
