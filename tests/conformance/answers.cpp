// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/answers.hpp"

namespace belay::conformance {
namespace {

bool is_cancelled(const std::string& status) {
  return status == "Cancelled" || status == "PendingCancel";
}

}  // namespace

bool answers(const Message& told, const Message& asked) {
  const bool is_pair = told.is("openOrder") || told.is("orderStatus");
  const bool same_order =
      told.number(told.is("errMsg") ? "id" : "orderId") == asked.number("orderId");
  if (asked.is("placeOrder")) {
    return same_order && (is_pair || told.is("errMsg") || told.is("execDetails"));
  }
  if (asked.is("cancelOrder")) {
    const bool refuses = told.is("errMsg") && told.text("errorCode") != "161";
    return same_order && (refuses || (is_pair && is_cancelled(told.text("status"))));
  }
  if (asked.is("reqGlobalCancel")) {
    const int code = told.number("errorCode");
    return (is_pair && is_cancelled(told.text("status"))) || code == 161 || code == 202;
  }
  if (asked.is("reqOpenOrders") || asked.is("reqAllOpenOrders")) {
    return is_pair || told.is("openOrderEnd");
  }
  if (asked.is("reqExecutions")) {
    return told.is("execDetailsEnd") || (told.is("execDetails") && told.number("reqId") >= 0);
  }
  if (asked.is("reqCompletedOrders")) {
    return told.is("completedOrder") || told.is("completedOrdersEnd");
  }
  if (asked.is("reqIds")) return told.is("nextValidId");
  if (asked.is("reqAccountUpdates")) return told.number("errorCode") == 2100;
  return false;
}

bool is_list_request(const Message& message) {
  return message.is("reqOpenOrders") || message.is("reqAllOpenOrders");
}

}  // namespace belay::conformance
