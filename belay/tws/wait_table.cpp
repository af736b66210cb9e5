// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wait_table.hpp"

namespace belay::tws {

namespace {

using std::chrono::seconds;

constexpr std::string_view unreachable = "broker_unreachable";
constexpr std::string_view silent = "broker_silent";
constexpr std::string_view unanswered = "list_unanswered";
constexpr std::string_view order_unanswered = "order_unanswered";
constexpr std::string_view cancel_unanswered = "cancel_unanswered";
constexpr std::string_view clock_unanswered = "clock_unanswered";

constexpr std::array<WaitRow, awaited_count> rows{{
    {Awaited::connection, "connection", "a connection to the gateway", seconds(60), unreachable,
     Then::connects_again,
     "does TWS or IB Gateway run, is its API enabled, and are TWS_HOST and TWS_PORT its address?"},
    {Awaited::greeting, "greeting", "the gateway's greeting (it took the connection)", seconds(60),
     unreachable, Then::connects_again,
     "does TWS or IB Gateway ask on its screen whether the connection may be accepted, is it "
     "frozen, or does another program listen on TWS_PORT?"},
    {Awaited::accounts, "accounts", "the accounts of the session (managedAccounts)", seconds(60),
     unreachable, Then::connects_again,
     "is the gateway logged in, and does another program hold this client id?"},
    {Awaited::next_valid_id, "next_valid_id", "the first order id of the session (nextValidId)",
     seconds(60), unreachable, Then::connects_again,
     "is the gateway logged in, and does another program hold this client id?"},
    {Awaited::server, "server", "the gateway's own connection to the broker (1101 or 1102)",
     seconds(60), unreachable, Then::connects_again,
     "is this machine's network up, and does the status page of the broker tell of an outage? "
     "Restart the gateway when others are connected"},
    {Awaited::open_orders, "open_orders", "the list of open orders (reqAllOpenOrders)", seconds(20),
     silent, Then::connects_again,
     "is TWS or IB Gateway frozen, or its API in Read-Only mode? Restart it; look there at the "
     "orders that are open"},
    {Awaited::completed, "completed", "the list of completed orders (reqCompletedOrders)",
     seconds(25), unanswered, Then::goes_on,
     "orders that vanished are not decided without it; look for them in the trade log of TWS"},
    {Awaited::executions, "executions", "the list of executions (reqExecutions)", seconds(25),
     unanswered, Then::goes_on,
     "fills of a time without a link are not told without it; compare with the trade log of TWS"},
    {Awaited::positions, "positions", "the list of positions (reqPositions)", seconds(25),
     unanswered, Then::goes_on,
     "the positions shown are old or missing; look at them in TWS. A login with more than 50 sub "
     "accounts is refused this list"},
    {Awaited::account_values, "account_values", "the account values (reqAccountSummary)",
     seconds(25), unanswered, Then::goes_on,
     "the account values shown are old or missing; look at them in TWS"},
    {Awaited::clock, "clock", "the broker's clock (reqCurrentTime)", seconds(60), clock_unanswered,
     Then::connects_again, "is TWS or IB Gateway frozen? Restart it"},
    {Awaited::next_id, "next_id", "the broker's next order id (reqIds)", seconds(30), unanswered,
     Then::gives_up, "belay ids shows what is known of the ids; ask again, or restart the gateway"},
    {Awaited::contract, "contract", "what a contract number means (reqContractDetails)",
     seconds(30), unanswered, Then::gives_up,
     "is the broker's contract server up (2157, 2158 in the log)? Leave out the number or the "
     "symbol"},
    {Awaited::order, "order", "an answer to an order that was sent", seconds(60), order_unanswered,
     Then::is_decided,
     "does TWS show a window that asks to confirm the order? Look for the order there; `belay "
     "orders` shows what is known of it"},
    {Awaited::cancel, "cancel", "the end of an order that was to be canceled, or a refusal",
     seconds(60), cancel_unanswered, Then::is_decided,
     "it may work still, and fill: look for it in TWS, and cancel it there"},
    {Awaited::foreign, "foreign", "an answer to a request in another client's name", seconds(600),
     unanswered, Then::is_decided, "is that client connected, and does it still have the order?"},
}};

}  // namespace

const std::array<WaitRow, awaited_count>& wait_table() {
  return rows;
}

const WaitRow& row_of(Awaited what) {
  return rows.at(static_cast<std::size_t>(what));
}

Awaited awaited(model::BrokerList list) {
  switch (list) {
    case model::BrokerList::open_orders:
      return Awaited::open_orders;
    case model::BrokerList::completed:
      return Awaited::completed;
    case model::BrokerList::executions:
      return Awaited::executions;
    case model::BrokerList::positions:
      return Awaited::positions;
    case model::BrokerList::account:
      return Awaited::account_values;
  }
  return Awaited::open_orders;
}

}  // namespace belay::tws
