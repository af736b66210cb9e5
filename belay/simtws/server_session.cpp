// SPDX-License-Identifier: Apache-2.0
// Requests about the session itself: startApi with its burst, ids, accounts, time.
#include "belay/simtws/server.hpp"

namespace belay::simtws {

std::string Server::managed_accounts() const {
  std::string out;
  for (const std::string& account : options_.accounts) {
    if (!out.empty()) out.push_back(',');
    out += account;
  }
  return out;
}

// Recorded bursts: the client's live orders come before managedAccounts and nextValidId, the farm
// notices after them.
void Server::handle(Connection& conn, const tws::wire::StartApi& message) {
  if (conn.has_client()) return;
  if (clients_.count(message.client_id) != 0) {
    if (!options_.close_without_326) {
      fail(conn, -1, 326,
           "Unable to connect as the client id is already in use. Retry with a unique client id.");
    }
    return close(conn, "client id in use");
  }
  conn.client = message.client_id;
  conn.phase = Connection::Phase::ready;
  clients_[conn.client] = conn.id;
  log_event(&conn, "started", "");
  // Without its line the gateway knows no order and no farm.
  const bool lists = options_.download_open_orders && !outage_;
  if (lists && send_open_orders(conn, conn.client) > 0) {
    send(conn, tws::wire::OpenOrderEnd{});
  }
  send(conn, tws::wire::ManagedAccts{managed_accounts()});
  send(conn, tws::wire::NextValidId{exchange_.next_order_id(conn.client)});
  if (outage_) return notice_one(conn, outage_->code);
  fail(conn, -1, 2104, "Market data farm connection is OK:usfarm");
  fail(conn, -1, 2104, "Market data farm connection is OK:usfuture");
  fail(conn, -1, 2106, "HMDS data farm connection is OK:ushmds");
  fail(conn, -1, 2158, "Sec-def data farm connection is OK:secdefnj");
  if (options_.replay_executions) replay_executions(conn);
}

void Server::handle(Connection& conn, const tws::wire::ReqIds&) {
  send(conn, tws::wire::NextValidId{exchange_.next_order_id(conn.client)});
}

void Server::handle(Connection& conn, const tws::wire::ReqManagedAccts&) {
  send(conn, tws::wire::ManagedAccts{managed_accounts()});
}

void Server::handle(Connection& conn, const tws::wire::ReqCurrentTime&) {
  send(conn, tws::wire::CurrentTime{now_.unix_ns() / 1'000'000'000});
}

void Server::handle(Connection& conn, const tws::wire::ReqCurrentTimeInMillis&) {
  send(conn, tws::wire::CurrentTimeInMillis{now_.unix_ns() / 1'000'000});
}

// The real server changes its own log and answers nothing.
void Server::handle(Connection&, const tws::wire::SetServerLogLevel&) {}

void Server::handle(Connection& conn, const tws::wire::ReqUserInfo& message) {
  send(conn, tws::wire::UserInfo{message.req_id, ""});
}

}  // namespace belay::simtws
