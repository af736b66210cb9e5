// SPDX-License-Identifier: Apache-2.0
// Server: the simulated TWS as one object without sockets, threads or clock. The host brings bytes
// and times and carries away what take_output() gives; everything else follows from the options, so
// the same inputs give the same bytes. Handshake, client ids, requests for data, pacing and the log
// are here; what becomes of orders is the Exchange's.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "belay/simtws/connection.hpp"
#include "belay/simtws/exchange.hpp"
#include "belay/simtws/market.hpp"
#include "belay/simtws/options.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::simtws {

struct Write {
  ConnId conn = 0;
  std::string bytes;
  friend bool operator==(const Write&, const Write&) = default;
};
struct Close {
  ConnId conn = 0;
  friend bool operator==(const Close&, const Close&) = default;
};
using Action = std::variant<Write, Close>;

class Server {
 public:
  /// Receives one JSON object per message and event, without the line end. A message that came in
  /// is told before it is processed.
  using Log = std::function<void(std::string_view json_line)>;

  explicit Server(Options options, Log log = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void on_accept(ConnId conn, base::Time now);
  void on_bytes(ConnId conn, std::string_view bytes, base::Time now);
  void on_closed(ConnId conn, base::Time now);
  /// When advance() has something to do; `never` when nothing waits.
  base::Time next_deadline() const;
  void advance(base::Time now);
  std::vector<Action> take_output() { return std::exchange(output_, {}); }

  // ---- faults and facts, for tests and harnesses ----
  void disconnect(ConnId conn, base::Time now);
  void disconnect_client(ClientId client, base::Time now);
  /// Every connection breaks; orders, executions and ids stay.
  void restart(base::Time now);
  /// The n-th message from now on that this client sends (1: the next) never arrives.
  void lose_inbound(ClientId client, std::int32_t nth) { lost_in_[client].insert(nth); }
  /// The n-th message from now on that is meant for this client is never sent.
  void lose_outbound(ClientId client, std::int32_t nth) { lost_out_[client].insert(nth); }
  /// A system message (1100, 1102, 2110 ...) to every client.
  void notice(std::int32_t code, const std::string& text, base::Time now);
  void set_price(std::string_view symbol, base::Decimal bid, base::Decimal ask, base::Time now);
  bool correct_execution(std::string_view exec_id, base::Decimal shares, base::Decimal price,
                         base::Time now);
  bool late_fill(ClientId client, OrderId order_id, base::Decimal shares, base::Time now);
  /// The execution is taken back: a correction to no shares.
  bool bust_execution(std::string_view exec_id, base::Time now);
  bool transmit(ClientId client, OrderId order_id, base::Time now);
  std::optional<PermId> place_manual(const tws::wire::Contract& contract,
                                     const tws::wire::Order& order, base::Time now);
  /// The broker makes a second copy of a live order, with another perm id.
  std::optional<PermId> duplicate_order(ClientId client, OrderId order_id, base::Time now);
  /// What nextValidId will say; a lower one forgets that higher ids were used, as "Reset API order
  /// ID sequence" does.
  void set_next_valid_id(ClientId client, OrderId id) { exchange_.set_next_order_id(client, id); }
  OrderId next_valid_id(ClientId client) const { return exchange_.next_order_id(client); }
  void add_rule(Rule rule) { exchange_.add_rule(std::move(rule)); }
  void clear_rules() { exchange_.clear_rules(); }

  const Book& book() const { return exchange_.book(); }
  const Market& market() const { return market_; }
  const Options& options() const { return options_; }
  /// For switching habits while it runs.
  Options& options() { return options_; }

 private:
  // server.cpp
  void enter(base::Time now);
  void leave();
  void run_events();
  void take_frame(Connection& conn, std::string_view payload);
  void greet(Connection& conn, std::string_view payload);
  void take_message(Connection& conn, std::string_view payload);
  bool is_lost(std::map<ClientId, std::multiset<std::int32_t>>& lost, ClientId client) const;
  bool may_take(Connection& conn, std::string_view payload);
  void run_paced();
  void process(Connection& conn, std::string_view payload);
  void close(Connection& conn, std::string_view why);
  void send(Connection& conn, const tws::wire::ServerMessage& message);
  void fail(Connection& conn, std::int32_t id, std::int32_t code, std::string text);
  void deliver(const Outgoing& out);
  void flush();
  Connection* find(ConnId conn);
  Connection* find_client(ClientId client);
  void log_message(const Connection& conn, std::string_view dir, std::string_view name,
                   std::string_view fields);
  void log_event(const Connection* conn, std::string_view name, std::string_view detail);

  // server_session.cpp
  void handle(Connection& conn, const tws::wire::UnknownRequest& message);
  void handle(Connection& conn, const tws::wire::StartApi& message);
  void handle(Connection& conn, const tws::wire::ReqIds& message);
  void handle(Connection& conn, const tws::wire::ReqManagedAccts& message);
  void handle(Connection& conn, const tws::wire::ReqCurrentTime& message);
  void handle(Connection& conn, const tws::wire::ReqCurrentTimeInMillis& message);
  void handle(Connection& conn, const tws::wire::SetServerLogLevel& message);
  void handle(Connection& conn, const tws::wire::ReqUserInfo& message);
  std::string managed_accounts() const;

  // server_orders.cpp
  void handle(Connection& conn, const tws::wire::PlaceOrder& message);
  void handle(Connection& conn, const tws::wire::CancelOrder& message);
  void handle(Connection& conn, const tws::wire::ReqGlobalCancel& message);
  void handle(Connection& conn, const tws::wire::ReqOpenOrders& message);
  void handle(Connection& conn, const tws::wire::ReqAllOpenOrders& message);
  void handle(Connection& conn, const tws::wire::ReqAutoOpenOrders& message);
  void handle(Connection& conn, const tws::wire::ReqCompletedOrders& message);
  void handle(Connection& conn, const tws::wire::ReqExecutions& message);
  /// Orders of one client, or of all; returns how many.
  int send_open_orders(Connection& conn, std::optional<ClientId> client);

  // server_accounts.cpp
  void handle(Connection& conn, const tws::wire::ReqPositions& message);
  void handle(Connection& conn, const tws::wire::CancelPositions& message);
  void handle(Connection& conn, const tws::wire::ReqPositionsMulti& message);
  void handle(Connection& conn, const tws::wire::CancelPositionsMulti& message);
  void handle(Connection& conn, const tws::wire::ReqAccountSummary& message);
  void handle(Connection& conn, const tws::wire::CancelAccountSummary& message);
  void handle(Connection& conn, const tws::wire::ReqAccountUpdates& message);
  void handle(Connection& conn, const tws::wire::ReqAccountUpdatesMulti& message);
  void handle(Connection& conn, const tws::wire::CancelAccountUpdatesMulti& message);
  void handle(Connection& conn, const tws::wire::ReqPnl& message);
  void handle(Connection& conn, const tws::wire::CancelPnl& message);
  void handle(Connection& conn, const tws::wire::ReqPnlSingle& message);
  void handle(Connection& conn, const tws::wire::CancelPnlSingle& message);
  void send_summary(Connection& conn, std::int32_t req_id, const std::string& tags);
  void send_portfolio(Connection& conn, const std::string& account, std::int32_t con_id);
  void position_changed(Connection& conn, const PositionChanged& change);
  bool knows_account(const std::string& account) const;

  // server_market.cpp
  void handle(Connection& conn, const tws::wire::ReqContractDetails& message);
  void handle(Connection& conn, const tws::wire::ReqMarketRule& message);
  void handle(Connection& conn, const tws::wire::ReqMktData& message);
  void handle(Connection& conn, const tws::wire::CancelMktData& message);
  void handle(Connection& conn, const tws::wire::ReqMarketDataType& message);
  void send_quote(Connection& conn, std::int32_t req_id, std::int32_t con_id, bool whole);
  void send_ticks(const std::vector<std::int32_t>& moved);
  void prices_moved(const std::vector<std::int32_t>& moved);

  Options options_;
  Log log_;
  Market market_;
  Exchange exchange_;
  base::Time now_;
  std::optional<base::Time> first_accept_;
  std::size_t events_done_ = 0;
  std::map<ConnId, Connection> connections_;
  std::map<ClientId, ConnId> clients_;
  std::map<ClientId, std::multiset<std::int32_t>> lost_in_;
  std::map<ClientId, std::multiset<std::int32_t>> lost_out_;
  std::vector<Action> output_;
};

}  // namespace belay::simtws
