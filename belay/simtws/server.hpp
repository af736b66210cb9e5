// SPDX-License-Identifier: Apache-2.0
// Server: the simulated TWS as one object without sockets, threads or clock. The host brings bytes
// and times and carries away what take_output() gives; everything else follows from the options, so
// the same inputs give the same bytes. Handshake, client ids, requests for data, pacing and the log
// are here; what becomes of orders is the Exchange's.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/simtws/bars.hpp"
#include "belay/simtws/connection.hpp"
#include "belay/simtws/exchange.hpp"
#include "belay/simtws/link_faults.hpp"
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
  /// The host has ended the connection: the client did not read what it was sent.
  void on_overrun(ConnId conn, base::Time now);
  /// When advance() has something to do; `never` when nothing waits.
  base::Time next_deadline() const;
  void advance(base::Time now);
  std::vector<Action> take_output() { return std::exchange(output_, {}); }

  // ---- faults of links (server_links.cpp) ----
  void disconnect(ConnId conn, base::Time now);
  void disconnect_client(ClientId client, base::Time now);
  /// The n-th message from now on that this client sends (1: the next) never arrives.
  void lose_inbound(ClientId client, std::int32_t nth) {
    link_faults_.lose(Direction::inbound, client, nth);
  }
  /// The n-th message from now on that is meant for this client is never sent.
  void lose_outbound(ClientId client, std::int32_t nth) {
    link_faults_.lose(Direction::outbound, client, nth);
  }
  /// The n-th message from now on (1: the next) of this client, over reconnects, breaks off after
  /// so many bytes of its frame (fault.hpp).
  void cut_at_byte(ClientId client, Direction direction, std::int32_t nth, std::size_t byte) {
    link_faults_.cut(client, {direction, nth, byte});
  }
  /// The same for the connection that is accepted next; its greeting, startApi and the server's
  /// hello count.
  void cut_next_connection(Direction direction, std::int32_t nth, std::size_t byte) {
    next_cuts_.add({direction, nth, byte});
  }
  /// The client's connection is half-open from now on: it gets nothing more, no Close either. A
  /// close by the server (restart, disconnect_client) ends it for the server alone.
  bool go_silent(ClientId client, Silence how, base::Time now);
  /// What the client sends before `until` is read then, in its order; if the client hangs up, what
  /// it had sent is still read. Pacing counts it at the time it came.
  bool stall_reading(ClientId client, base::Time until, base::Time now);

  // ---- the broker's line and its day (server_outage.cpp, server_day.cpp) ----
  /// Every connection breaks; orders, executions and ids stay, but for what the gateway forgot.
  void restart(base::Time now, RestartLoss loss = RestartLoss::nothing);
  /// 1100 or 2110 to every client. Until the end orders live on, and nobody hears of it; what
  /// clients send goes as the options say. Requests TWS answers itself (ids, time, accounts) are
  /// answered.
  void begin_outage(std::int32_t code, base::Time now);
  /// 1101 (subscriptions are gone) or 1102. What happened meanwhile is not told again.
  void end_outage(std::int32_t code, base::Time now);
  bool is_out() const { return outage_.has_value(); }
  /// DAY orders end, executions and finished orders so far are of another day, positions stay.
  void daily_reset(base::Time now, ResetAs how = ResetAs::restart);
  /// The weekly end of the session: connections close, new ones are closed at once until login().
  void logout(base::Time now);
  void login(base::Time now);
  bool is_logged_out() const { return logged_out_; }
  /// When the day began of which executions and finished orders are listed.
  base::Time day_began() const;

  // ---- what happens to orders by other hands (server_hand.cpp) ----
  /// A system message (1100, 1102, 2110 ...) to every client.
  void notice(std::int32_t code, const std::string& text, base::Time now);
  /// An error about an order, of any code, to one client; nothing happens to the order.
  void say_error(ClientId client, OrderId order_id, std::int32_t code, const std::string& text,
                 base::Time now);
  void set_price(std::string_view symbol, base::Decimal bid, base::Decimal ask, base::Time now);
  bool correct_execution(std::string_view exec_id, base::Decimal shares, base::Decimal price,
                         base::Time now);
  bool late_fill(ClientId client, OrderId order_id, base::Decimal shares, base::Time now);
  /// Fills a working order whatever market and rules say; without a price at its own.
  bool fill_order(PermId perm_id, base::Decimal shares, std::optional<base::Decimal> price,
                  base::Time now);
  /// The execution is taken back: a correction to no shares.
  bool bust_execution(std::string_view exec_id, base::Time now);
  bool transmit(ClientId client, OrderId order_id, base::Time now);
  /// A person at the screen: an order of client 0 without an order id.
  std::optional<PermId> place_manual(const tws::wire::Contract& contract,
                                     const tws::wire::Order& order, base::Time now);
  /// The person ends or changes any live order, a client's too; false when it cannot be.
  bool person_cancel(PermId perm_id, base::Time now);
  bool person_change(PermId perm_id, const PersonChange& change, base::Time now);
  /// As if this client had sent it; it need not be connected. Gives the order id, its next one, or
  /// nothing when no order came of it.
  std::optional<OrderId> place_as(ClientId client, const tws::wire::Contract& contract,
                                  const tws::wire::Order& order, base::Time now);
  void change_as(ClientId client, OrderId order_id, const tws::wire::Contract& contract,
                 const tws::wire::Order& order, base::Time now);
  void cancel_as(ClientId client, OrderId order_id, base::Time now);
  /// The broker makes a second copy of a live order, with another perm id.
  std::optional<PermId> duplicate_order(ClientId client, OrderId order_id, base::Time now);
  /// What nextValidId will say; a lower one forgets that higher ids were used, as "Reset API order
  /// ID sequence" does.
  void set_next_valid_id(ClientId client, OrderId id) { exchange_.set_next_order_id(client, id); }
  OrderId next_valid_id(ClientId client) const { return exchange_.next_order_id(client); }
  void add_rule(Rule rule) { exchange_.add_rule(std::move(rule)); }
  void clear_rules() { exchange_.clear_rules(); }

  // ---- facts ----
  /// The most messages of this client that came in any sliding second; all kinds count.
  std::size_t pacing_peak(ClientId client) const;
  const Book& book() const { return exchange_.book(); }
  const Market& market() const { return market_; }
  const Options& options() const { return options_; }
  /// For switching habits while it runs.
  Options& options() { return options_; }

 private:
  // server.cpp
  void enter(base::Time now);
  void leave();
  void take_frame(Connection& conn, std::string_view payload);
  void greet(Connection& conn, std::string_view payload);
  void take_message(Connection& conn, std::string_view payload);
  void process(Connection& conn, std::string_view payload);
  void handle_any(Connection& conn, const tws::wire::ClientMessage& message);
  void close(Connection& conn, std::string_view why);
  void close_all(std::string_view why);
  void ended(Connection& conn, std::string_view why);
  void send(Connection& conn, const tws::wire::ServerMessage& message);
  void fail(Connection& conn, std::int32_t id, std::int32_t code, std::string text);
  void deliver(const Outgoing& out);
  void flush();
  Connection* find(ConnId conn);
  Connection* find_client(ClientId client);
  void log_message(const Connection& conn, std::string_view dir, std::string_view name,
                   std::string_view fields);
  void log_event(const Connection* conn, std::string_view name, std::string_view detail);

  // server_pacing.cpp
  void count_arrival(Connection& conn);
  bool may_take(Connection& conn, std::string_view payload);
  void run_paced();
  base::Time next_paced() const;

  // server_links.cpp
  void read(ConnId id, std::string_view bytes, base::Time at);
  void read_backlog();
  base::Time next_backlog() const;
  std::optional<std::size_t> cut_due(const Connection& conn, Direction direction) const;
  void count_message(Connection& conn, Direction direction);
  bool loses_end(std::string_view name);
  /// Adds a frame to the output, or the part of it that arrives.
  void put(Connection& conn, std::string_view frame);
  std::string& output_of(const Connection& conn);

  // server_events.cpp
  void run_events();
  void run_event(const ScenarioEvent& event);
  void run_link_event(const ScenarioEvent& event);
  void run_order_event(const ScenarioEvent& event);
  void run_hand_event(const ScenarioEvent& event);
  PermId order_of(const ScenarioEvent& event);
  void did_nothing(const ScenarioEvent& event, std::string_view why);

  // server_outage.cpp, server_day.cpp, server_hand.cpp: the doors without their entrance
  void notice_all(std::int32_t code, const std::string& text);
  void notice_one(Connection& conn, std::int32_t code);
  void outage_begins(std::int32_t code);
  void outage_ends(std::int32_t code);
  void take_in_outage(Connection& conn, const tws::wire::ClientMessage& message);
  void not_heard(const Outgoing& out);
  void restart_now(RestartLoss loss);
  void reset_day(ResetAs how);
  std::optional<PermId> manual_now(const tws::wire::Contract& contract,
                                   const tws::wire::Order& order);
  std::optional<OrderId> place_as_now(ClientId client, const tws::wire::Contract& contract,
                                      const tws::wire::Order& order);
  void replay_executions(Connection& conn);
  base::Time listed_since(std::int32_t days) const;

  // server_unserved.cpp
  void handle(Connection& conn, const tws::wire::UnknownRequest& message);

  // server_session.cpp
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
  void send_summary(Connection& conn, std::int32_t req_id, bool changed_only);
  void send_account_values(Connection& conn, bool changed_only);
  void send_account_time(Connection& conn);
  void tell_account(Connection& conn, const std::string& account);
  void start_accounts();
  void run_accounts();
  bool is_listed(const Book::PositionKey& key, const SimPosition& position) const;
  void send_portfolio(Connection& conn, const std::string& account, std::int32_t con_id);
  void position_changed(Connection& conn, const PositionChanged& change);
  bool knows_account(const std::string& account) const;

  // server_pnl.cpp
  void handle(Connection& conn, const tws::wire::ReqPnl& message);
  void handle(Connection& conn, const tws::wire::CancelPnl& message);
  void handle(Connection& conn, const tws::wire::ReqPnlSingle& message);
  void handle(Connection& conn, const tws::wire::CancelPnlSingle& message);
  tws::wire::Pnl pnl_of(std::int32_t req_id, const std::string& account) const;
  tws::wire::PnlSingle pnl_single_of(std::int32_t req_id, const Book::PositionKey& key) const;
  void tell_pnl(Connection& conn);

  // server_market.cpp
  void handle(Connection& conn, const tws::wire::ReqContractDetails& message);
  void handle(Connection& conn, const tws::wire::ReqMarketRule& message);
  void handle(Connection& conn, const tws::wire::ReqMktData& message);
  void handle(Connection& conn, const tws::wire::CancelMktData& message);
  void handle(Connection& conn, const tws::wire::ReqMarketDataType& message);
  const Instrument* wanted(Connection& conn, std::int32_t req_id,
                           const tws::wire::Contract& contract);
  void send_quote(Connection& conn, std::int32_t req_id, const Connection::MarketWatch& watch,
                  bool whole);
  void send_generic(Connection& conn, std::int32_t req_id, const Connection::MarketWatch& watch,
                    bool whole);
  void send_ticks(const std::vector<std::int32_t>& moved);
  void prices_moved(const std::vector<std::int32_t>& moved);

  // server_history.cpp
  void handle(Connection& conn, const tws::wire::ReqHistoricalData& message);
  void handle(Connection& conn, const tws::wire::CancelHistoricalData& message);
  void handle(Connection& conn, const tws::wire::ReqHeadTimestamp& message);
  void handle(Connection& conn, const tws::wire::CancelHeadTimestamp& message);
  void handle(Connection& conn, const tws::wire::ReqHistoricalTicks& message);
  void handle(Connection& conn, const tws::wire::ReqHistogramData& message);
  void handle(Connection& conn, const tws::wire::CancelHistogramData& message);
  bool may_show(Connection& conn, std::int32_t req_id, const Instrument& instrument,
                const std::string& what);
  std::optional<std::int64_t> asked_time(Connection& conn, std::int32_t req_id,
                                         const std::string& text);
  std::optional<tws::wire::Bar> bar_of(const tws::wire::ReqHistoricalData& asked,
                                       const Instrument& instrument,
                                       const std::vector<Session>& parts) const;
  void send_bars(Connection& conn, const tws::wire::ReqHistoricalData& asked,
                 const Instrument& instrument, const std::vector<BarFrame>& frames,
                 const Session& range);
  void send_schedule(Connection& conn, const tws::wire::ReqHistoricalData& asked,
                     const Instrument& instrument, std::int64_t from, std::int64_t to);
  std::vector<std::int64_t> tick_seconds(const tws::wire::ReqHistoricalTicks& asked,
                                         const Instrument& instrument, std::int64_t at) const;

  // server_streams.cpp
  void handle(Connection& conn, const tws::wire::ReqRealTimeBars& message);
  void handle(Connection& conn, const tws::wire::CancelRealTimeBars& message);
  void handle(Connection& conn, const tws::wire::ReqTickByTickData& message);
  void handle(Connection& conn, const tws::wire::CancelTickByTickData& message);
  void handle(Connection& conn, const tws::wire::ReqMktDepth& message);
  void handle(Connection& conn, const tws::wire::CancelMktDepth& message);
  void start_bars();
  void run_bars();
  void send_live_bars(Connection& conn, std::int64_t end);
  void update_bar(Connection& conn, Connection::BarWatch& watch);
  void send_tick(Connection& conn, std::int32_t req_id, std::int32_t con_id, std::int32_t type);
  void send_depth(Connection& conn, std::int32_t req_id, Connection::DepthWatch& watch);
  void send_streams(const std::vector<std::int32_t>& moved);

  // server_lookups.cpp
  void handle(Connection& conn, const tws::wire::ReqSecDefOptParams& message);
  void handle(Connection& conn, const tws::wire::ReqMatchingSymbols& message);
  void handle(Connection& conn, const tws::wire::ReqScannerParameters& message);
  void handle(Connection& conn, const tws::wire::ReqScannerSubscription& message);
  void handle(Connection& conn, const tws::wire::CancelScannerSubscription& message);
  void handle(Connection& conn, const tws::wire::ReqNewsProviders& message);
  void handle(Connection& conn, const tws::wire::ReqMktDepthExchanges& message);
  void handle(Connection& conn, const tws::wire::ReqSmartComponents& message);
  void handle(Connection& conn, const tws::wire::ReqFamilyCodes& message);
  void handle(Connection& conn, const tws::wire::ReqSoftDollarTiers& message);

  Options options_;
  Log log_;
  Market market_;
  Exchange exchange_;
  base::Time now_;
  std::optional<base::Time> first_accept_;
  std::size_t events_done_ = 0;
  std::map<ConnId, Connection> connections_;
  std::map<ClientId, ConnId> clients_;
  LinkFaults link_faults_;
  Cuts next_cuts_;
  std::map<std::string, std::int32_t, std::less<>> ends_lost_;
  std::map<ClientId, std::size_t> peaks_;
  struct Delayed {
    ConnId conn = 0;
    ClientId client = 0;
    bool twin = false;
    tws::wire::ClientMessage message;
  };
  struct Outage {
    std::int32_t code = 1100;
    std::vector<Delayed> delayed;
    std::deque<Outgoing> unheard;  ///< kept only when some of it may come late
  };
  std::optional<Outage> outage_;
  base::Prng late_;
  bool logged_out_ = false;
  base::Time last_reset_;
  base::Time next_bar_ = base::never;  ///< when five seconds are over, while somebody wants bars
  base::Time next_account_ = base::never;  ///< when accounts are told anew, while somebody asked
  std::vector<Action> output_;
};

}  // namespace belay::simtws
