// SPDX-License-Identifier: Apache-2.0
// Service: what callers talk to. It keeps the HTTP sessions, sends each request through the guard
// and the table of routes, and turns commands into inputs of the engine. It answers a command when
// the durable view shows what became of it, or when its time is up. No I/O and no clock: bytes,
// replies and times come in, bytes go out through hooks, so the simulation runs it unchanged.
//
// Invariants: 1. orders, fills, ids and incidents are answered from the published view only; the
// core is asked for keys, what waits to be sent, the calendar and the clock; 2. every command is
// answered once, at the latest at its deadline, and silence of the broker is 202, never a failure;
// 3. sessions, waits and stream buffers are bounded; 4. no call makes more than a piece of a long
// answer: a command waits for pieces, never for answers.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "belay/api/callers.hpp"
#include "belay/api/cancel_wish.hpp"
#include "belay/api/correlations.hpp"
#include "belay/api/guard.hpp"
#include "belay/api/http_session.hpp"
#include "belay/api/id_budget.hpp"
#include "belay/api/json.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/problem.hpp"
#include "belay/api/row_cache.hpp"
#include "belay/base/time.hpp"
#include "belay/engine/engine.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

/// In whose name commands are given, until callers have names of their own.
inline constexpr std::string_view local_principal = "local";

struct ServiceOptions {
  std::string version = "dev";
  GuardOptions guard;
  CallerLimits callers;
  IdBudgetOptions id_budget;
  /// True: the host calls work() when nothing else is to be done. False: turn() does it all.
  bool in_pieces = false;
  base::Duration acknowledgment_timeout = std::chrono::milliseconds(2000);
  base::Duration heartbeat = std::chrono::seconds(15);
  std::size_t streams_max = 128;
  std::size_t history_reads_max = 256;  ///< requests that may wait for the history
  base::Duration history_timeout = std::chrono::seconds(5);
  /// For one page: it reads on while what the history found does not fill it.
  std::size_t history_questions_max = 100;
  /// A page of a list ends when it is this long, whatever its limit; `next` goes on.
  std::size_t page_bytes_max = 4 * 1024 * 1024;
  std::size_t stream_buffer_max = 256 * 1024;  ///< unsent bytes per stream before it must read
};

class Service {
 public:
  Service(ServiceOptions options, engine::Engine& engine, const views::LiveView& view,
          ServiceHooks hooks);

  /// Where archived orders are; without one there are none.
  void attach(engine::History& history) { history_ = &history; }
  /// Takes the history's answers to the questions of this service.
  void on_history(const engine::HistoryAnswer& answer, base::Time now);

  /// A new connection. It is always taken; another may have to give way.
  ConnectionId open(base::Time now);
  void receive(ConnectionId connection, std::string_view bytes, base::Time now);
  /// The peer has ended its direction, and may read what it asked for.
  void input_ended(ConnectionId connection, base::Time now);
  /// The peer is gone; finish() is not called for it any more.
  void closed(ConnectionId connection) { callers_.closed(connection); }
  /// The peer has taken all of its bytes.
  void drained(ConnectionId connection, base::Time now);

  /// Takes what the engine's reply hook gives.
  void on_reply(const core::Reply& reply, base::Time now);
  /// Takes what the view's event listener gives, from the replay of the journal on. Answers follow
  /// in turn().
  void on_event(const views::EventLine& line);
  /// After engine.turn(): answers waiting callers, moves streams on, ends what is late.
  void turn(base::Time now);
  base::Time next_deadline() const;
  /// One piece of what waits behind commands: a request that came behind another, a part of a long
  /// answer or of streams. False when there was nothing to do. turn() follows before the loop
  /// waits.
  bool work(base::Time now);

  /// The requests that made an order what it is.
  const Correlations& correlations() const { return correlations_; }
  std::size_t connections() const { return callers_.size(); }
  std::size_t streams() const { return streams_.size(); }
  std::size_t waiting() const { return waits_.size(); }

  struct ShownFill {
    std::string time;  ///< digits, to be sorted by; empty: nobody told it
    RowCache::Row json;
  };
  /// What is shown of one order on a page: itself, or its fills.
  struct Shown {
    std::uint64_t id = 0;
    RowCache::Row json = {};
    std::size_t count = 1;  ///< against the page's limit
    std::vector<ShownFill> fills = {};
    std::size_t bytes() const;
  };
  /// The part of a page that is in memory, as far as it has been looked at.
  struct ListPart {
    std::vector<Shown> shown;
    std::size_t count = 0;
    std::size_t bytes = 0;
    std::optional<std::uint64_t> seq;  ///< of the view when it was begun
    bool looked = false;               ///< at everything in memory that the page needs
    bool more = false;
    std::uint64_t floor = UINT64_MAX;  ///< ids below it were not looked at
    std::size_t questions = 0;         ///< to the history, for this page
    bool whole = true;                 ///< so were the answers to all but the latest of them
    /// Nothing fits, and the history was asked whether the account has any order at all.
    bool account_asked = false;
  };
  /// What the history answered to an exchange.
  struct Archived {
    std::vector<std::string> states = {};  ///< not decoded yet, the next one last
    std::vector<core::Order> orders = {};
    std::size_t shown = 0;  ///< of the orders: added to the part
    std::string error = {};
    bool more = false;
    bool whole = true;  ///< false: some that fit may be missing
    ListPart part = {};
  };
  struct Exchange;
  using Handler = void (Service::*)(Exchange&);
  /// One request on its way through a route.
  struct Exchange {
    ConnectionId connection = 0;
    HttpSession::Number number = 0;
    const HttpRequest& request;
    std::string correlation_id;
    std::string id;  ///< what stood for {id} in the path
    base::Time now;
    Handler handler = nullptr;
    Archived* archived = nullptr;  ///< the second time, when the history had to be asked
    ListPart* part = nullptr;      ///< of a long answer: what the pieces before have made
    bool unfinished = false;       ///< set by the handler: it is to be called again
    /// With fresh=true, once the broker was asked: empty, or why the list is not fresh.
    std::optional<std::string> fresh = {};
  };

  // order_routes.cpp
  void place_order(Exchange& exchange);
  void list_orders(Exchange& exchange);
  void list_all_orders(Exchange& exchange);
  void get_order(Exchange& exchange);
  void put_order(Exchange& exchange);
  void patch_order(Exchange& exchange);
  void delete_order(Exchange& exchange);
  // cancel_all_route.cpp
  void cancel_all(Exchange& exchange);
  std::string cancel_all_json(const core::Reply& reply, const CancelWish& wish,
                              const std::optional<std::string>& fresh, bool others_known) const;
  // execution_routes.cpp
  void get_executions(Exchange& exchange);
  void get_positions(Exchange& exchange);
  void get_account(Exchange& exchange);
  void get_health(Exchange& exchange);
  void get_ready(Exchange& exchange);
  void get_metrics(Exchange& exchange);
  void get_root(Exchange& exchange);
  // reconcile_routes.cpp
  void post_reconcile(Exchange& exchange);
  void decide_order(Exchange& exchange);
  // event_stream.cpp
  void get_events(Exchange& exchange);
  // halt_routes.cpp
  void get_halt(Exchange& exchange);
  void post_halt(Exchange& exchange);
  void post_resume(Exchange& exchange);
  // ids_routes.cpp
  void get_ids(Exchange& exchange);
  void validate_id(Exchange& exchange);
  void reserve_ids(Exchange& exchange);
  void release_ids(Exchange& exchange);
  void reset_ids(Exchange& exchange);
  // incident_routes.cpp
  void list_incidents(Exchange& exchange);
  void get_incident(Exchange& exchange);
  void close_incident(Exchange& exchange);

 private:
  enum class Command : std::uint8_t { place, modify, cancel, other };
  /// A caller who waits for a command: first for the core's reply, then for the broker's word.
  struct Wait {
    Command command = Command::place;
    ConnectionId connection = 0;
    HttpSession::Number number = 0;
    std::string path = {};
    std::string correlation_id = {};
    bool replied = false;
    bool answer_at_once = false;
    bool wait_until_done = false;  ///< cancel with Prefer: wait
    bool foreign = false;          ///< in another client's name: its refusal is the answer
    core::OrderId order = {};
    core::TermsPatch patch = {};
    /// Of command `other`: the body of the answer once the core's reply is durable.
    std::function<std::string(const core::Reply&)> render = {};
    bool replayed = false;       ///< the request came before
    bool superseded = false;     ///< a modification that another one came after
    bool asked_history = false;  ///< the order is archived by now
    unsigned render_status = 200;
    std::optional<base::Duration> reply_within = {};  ///< where the core's reply takes a while
    base::Duration patience{};
    base::Time deadline = {};
  };
  struct Stream {
    std::uint64_t next_seq = 1;
    base::Time heartbeat_at;
  };
  /// A request, or a waiting command, that needs an archived order.
  struct PendingRead {
    core::Correlation wait = 0;  ///< of a command; else the request:
    ConnectionId connection = 0;
    HttpSession::Number number = 0;
    HttpRequest request;
    std::string correlation_id;
    std::string id;
    Handler handler = nullptr;
    ListPart part = {};
    std::optional<Archived> archived = {};
    base::Time deadline = {};
    std::optional<std::string> fresh = {};  ///< see Exchange
  };
  /// A request that waits for the broker's own list.
  struct FreshRead {
    PendingRead read;
    model::BrokerList list = model::BrokerList::open_orders;
    base::Time since;
    base::Time deadline;
  };
  struct ListPlan {
    std::string_view member;
    engine::HistoryQuery query;  ///< what fits of the archived ones
    bool archived_too = true;
    /// What the broker told of it, in its last list.
    model::BrokerList told = model::BrokerList::open_orders;
    std::function<bool(const core::Order&)> keeps;
    /// Adds to `made` the bytes that were made anew.
    std::function<Shown(const core::Order&, std::size_t& made)> render;
  };
  struct Preference {
    bool respond_async = false;
    std::optional<base::Duration> wait;
  };

  // service.cpp
  void dispatch(Exchange& exchange);
  void serve_next(ConnectionId connection, base::Time now);
  void later(ConnectionId connection);
  bool serve_later(base::Time now);
  bool read_piece(base::Time now);
  bool has_work() const;
  void respond(const Exchange& exchange, unsigned status, std::string json, Headers more = {});
  void respond(const Exchange& exchange, const Problem& problem, Headers more = {});
  void send_response(ConnectionId connection, HttpSession::Number number, HttpResponse response,
                     base::Time now);

  // waits.cpp
  void begin_wait(const Exchange& exchange, Wait wait, core::Input input);
  core::Correlation next_correlation() { return ++last_correlation_; }
  void settle(core::Correlation correlation, Wait& wait, base::Time now, bool late);
  void settle_order(core::Correlation correlation, Wait& wait, const core::Order* order,
                    base::Time now, bool late);
  bool settle_place(const Wait& wait, const core::Order& order, base::Time now, bool over);
  bool settle_modify(const Wait& wait, const core::Order& order, base::Time now, bool over);
  static Problem problem_of(ProblemCode code, const core::Order& order, const char* otherwise);
  void answer(const Wait& wait, unsigned status, const core::Order* order, base::Time now,
              Headers more = {});
  void answer(const Wait& wait, const Problem& problem, base::Time now);
  void end_wait(core::Correlation correlation);
  void set_deadline(core::Correlation correlation, Wait& wait, base::Time deadline);
  bool refuse(const core::Reply& reply, const Wait& wait, base::Time now);
  Preference preference(const HttpRequest& request) const;

  // history_reads.cpp
  void ask_history(const Exchange& exchange, engine::HistoryQuery query, ListPart part);
  void ask_history(core::Correlation correlation, Wait& wait, base::Time now);
  void finish_wait(core::Correlation correlation, const Archived& archived, base::Time now);
  void end_late_reads(base::Time now);
  void serve_list(Exchange& exchange, const Page& page, const ListPlan& plan);
  bool look_in_memory(const Page& page, const ListPlan& plan, ListPart& part) const;
  bool show_archived(Archived& archived, const ListPlan& plan) const;
  void ask_page(const Exchange& exchange, const Page& page, const ListPlan& plan, ListPart part);
  bool reads_on(const Exchange& exchange, const Page& page) const;
  bool has_orders(const Exchange& exchange, ListPart& part);
  void answer_list(const Exchange& exchange, const Page& page, const ListPlan& plan,
                   ListPart& part);
  static void decode_some(Archived& archived);
  bool check_history(const Exchange& exchange);
  RowCache::Row order_row(const core::Order& order, std::size_t& made);
  bool refuse_archived(const Exchange& exchange, const core::Order& order,
                       std::optional<std::uint64_t> version, std::string_view what);

  // order_routes.cpp
  /// The order that {id} names. nullptr: it was answered, or will be when the history has.
  const core::Order* resolve(Exchange& exchange);
  const core::Order* find_order(Exchange& exchange);
  bool key_is_used(const core::AccountId& account, const std::string& key) const;
  void modify(Exchange& exchange, bool version_needed);
  void list(Exchange& exchange, bool external_too);
  std::optional<Json> body_json(Exchange& exchange);
  /// The version in If-Match; refuses and returns false when it is no version of ours.
  bool read_if_match(Exchange& exchange, std::optional<std::uint64_t>& version);
  /// foreign=true; refuses and returns false when it is neither true nor false.
  bool read_foreign(Exchange& exchange, bool& foreign);

  // read_routes.cpp
  /// Why a new order would be refused now; nothing: it is taken.
  std::optional<Problem> closed_to_new_risk(base::Time now) const;
  /// False, and answered, while the broker has not told `what` since the start.
  bool check_told(Exchange& exchange, model::BrokerList list, std::string_view what);
  bool ids_used_up() const;
  /// No `account`, or one of the session's; `or_of_orders`: or that of an order in memory or of a
  /// fill of one.
  bool knows_account(const Exchange& exchange, bool or_of_orders) const;
  /// False, and answered, when it is not known.
  bool check_account(const Exchange& exchange, bool or_of_orders = false);

  // fresh_reads.cpp
  /// `always`: as if fresh=true were asked for, and however new the list is.
  bool await_fresh(Exchange& exchange, model::BrokerList list, bool always = false);
  void ask_fresh(base::Time now);
  void serve_fresh(base::Time now);
  base::Time fresh_due() const;
  void write_told(base::JsonWriter& json, const Exchange& exchange, model::BrokerList list) const;
  /// `whole`: as far as what else the list was made from tells.
  void write_told(base::JsonWriter& json, model::BrokerList list, bool whole,
                  const std::optional<std::string>& fresh) const;

  // execution_routes.cpp
  std::vector<ShownFill> fills_shown(const core::Order& order, std::string_view account,
                                     std::size_t& made);
  /// The newest first; those that came without a time before all.
  static void sort_fills(std::vector<ShownFill>& fills);
  void list_executions_of_order(Exchange& exchange, const Page& page);

  // ids_routes.cpp
  std::int64_t reserve_cost(std::int64_t count, std::optional<std::int64_t> from,
                            std::string_view purpose) const;
  /// True, and answered, when so many ids may not be set aside now.
  bool refuse_many_ids(const Exchange& exchange, std::int64_t cost, bool named);

  // halt_routes.cpp
  std::string halt_json() const;
  std::optional<std::string> read_reason(Exchange& exchange, bool needed);

  // event_stream.cpp
  std::size_t pump(ConnectionId connection, Stream& stream, base::Time now);
  void pump_streams(base::Time now);

  ServiceOptions options_;
  engine::Engine& engine_;
  const views::LiveView& view_;
  ServiceHooks hooks_;
  engine::History* history_ = nullptr;
  std::map<std::uint64_t, PendingRead> reads_;  // by ticket, so by deadline
  std::uint64_t last_ticket_ = 0;
  std::vector<FreshRead> fresh_;
  std::optional<base::Time> fresh_asked_at_;
  std::map<ConnectionId, Stream> streams_;
  ConnectionId last_pumped_ = 0;
  bool streams_wait_ = false;  // there was more for them than one turn gives
  Callers callers_;            // after what it tells of connections that end
  std::map<core::Correlation, Wait> waits_;
  std::map<core::OrderId, std::set<core::Correlation>> waits_by_order_;
  std::set<std::pair<base::Time, core::Correlation>> waits_by_deadline_;
  std::vector<core::OrderId> touched_;  // orders with new events since the last turn
  Correlations correlations_;
  std::deque<ConnectionId> later_;  // callers that may hold a further request
  std::set<ConnectionId> is_later_;
  std::deque<PendingRead> long_reads_;  // the first one is being made
  unsigned next_work_ = 0;
  RowCache order_rows_;
  RowCache execution_rows_;
  core::Correlation last_correlation_ = 0;
  std::map<unsigned, std::uint64_t> answers_by_status_;
  IdBudget id_budget_;
  std::uint64_t id_reuse_attempts_ = 0;  // refused here, since the start; the book has the broker's
};

}  // namespace belay::api
