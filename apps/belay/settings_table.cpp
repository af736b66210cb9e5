// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/settings_table.hpp"

#include <array>

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
    SettingRow{"LOG_LEVEL", "", choice, "info", "debug|info|warning|error", "",
               "what is logged: this level and above"},
    SettingRow{"DEBUG", "", flag, "false", "", "", "same as LOG_LEVEL=debug"},
    SettingRow{"RECONNECT_ATTEMPTS", "", whole, "3", "1", "1000",
               "failed attempts before an alarm; reconnecting never stops"},
    SettingRow{"RECONNECT_DELAY", "", decimal, "5", "0.01", "600",
               "seconds before the next attempt to connect; doubles, up to a minute"},
    SettingRow{"ORDER_ACKNOWLEDGMENT_TIMEOUT", "", decimal, "2.0", "0", "60",
               "seconds a placement waits for the broker before it answers 202"},
    SettingRow{"TWS_MESSAGE_RATE_LIMIT", "", whole, "45", "1", "1000",
               "messages per second to the broker; IB's own limit is 50"},
    SettingRow{"MAX_ORDERS_PER_CONTRACT", "", whole, "18", "0", "1000",
               "open orders per contract, side and account; 0 is no limit; IB's own is 20"},
    SettingRow{"RATE_LIMIT_QUEUE_SIZE", "", whole, "100", "1", "1000000",
               "orders that may wait for a send slot; more are refused with 429"},
    SettingRow{"FOREIGN_HOLD", "", decimal, "5", "0.1", "5",
               "seconds for which another client's id may be used, on request, to cancel or change "
               "its order"},
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
    SettingRow{"PROBE_AFTER", "", decimal, "2", "0.1", "600",
               "seconds without an answer after which an order is asked about; doubles, up to 300"},
    SettingRow{"RECONCILE_INTERVAL", "", decimal, "60", "0", "86400",
               "seconds between light reconciliations; 0 asks only when there is a reason"},
    SettingRow{"EXPECTED_ACCOUNTS", "", text, "", "", "",
               "accounts that the broker session must have, and no other; empty for any"},
};

}  // namespace

std::span<const SettingRow> setting_rows() {
  return rows;
}

}  // namespace belay::app
