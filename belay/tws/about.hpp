// SPDX-License-Identifier: Apache-2.0
// Which order, fill or contract a message of the broker is about, in words for people.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

#include "belay/tws/wire/messages.hpp"

namespace belay::tws {

// Who a message is about, for people.
inline std::string about(const wire::OpenOrder& m) {
  return fmt::format("order {} of client {}, permId {}, {}", m.order_id, m.order.client_id,
                     m.order.perm_id, m.contract.symbol);
}
inline std::string about(const wire::CompletedOrder& m) {
  return fmt::format("permId {}, {}", m.order.perm_id, m.contract.symbol);
}
inline std::string about(const wire::OrderStatus& m) {
  return fmt::format("order {} of client {}, permId {}, {}", m.order_id, m.client_id, m.perm_id,
                     m.status);
}
inline std::string about(const wire::ExecDetails& m) {
  return fmt::format("execution {} of order {} of client {}, permId {}, {}", m.execution.exec_id,
                     m.order_id, m.execution.client_id, m.execution.perm_id, m.contract.symbol);
}
inline std::string about(const wire::CommissionReport& m) {
  return "execution " + m.exec_id;
}
inline std::string about(const wire::Position& m) {
  return fmt::format("account {}, {} {}", m.account, m.contract.symbol, m.contract.con_id);
}
inline std::string about(const wire::AccountSummary& m) {
  return fmt::format("account {}, {} {}", m.account, m.tag, m.currency);
}
inline std::string about(const wire::ErrMsg& m) {
  return fmt::format("code {}: {}", m.error_code, m.error_string);
}
template <class Message>
std::string about(const Message&) {
  return "";
}

template <class Message>
std::string with_subject(std::string what, const Message& message) {
  const std::string whom = about(message);
  return whom.empty() ? what : fmt::format("{} ({})", what, whom);
}

}  // namespace belay::tws
