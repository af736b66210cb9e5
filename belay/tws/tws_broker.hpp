// SPDX-License-Identifier: Apache-2.0
// TwsBroker: the Broker over one TWS session. It sends what the core wants in IB's words,
// turns what comes back into reports, and after every connect asks for the whole truth (open
// orders of all clients, completed orders, executions, positions, account) before it says that the
// snapshot is done. Sans-I/O like its session: the host carries out the actions.
//
// Connecting touches nobody's orders: reqAllOpenOrders only; reqOpenOrders and reqAutoOpenOrders
// from client 0 would bind (cancel and resubmit) manual orders, and go out only with bind_manual.
// What is asked in the name of another client goes over a connection of its own (foreign_session).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "belay/broker/broker.hpp"
#include "belay/model/account.hpp"
#include "belay/tws/binding.hpp"
#include "belay/tws/border.hpp"
#include "belay/tws/foreign_session.hpp"
#include "belay/tws/rounds.hpp"
#include "belay/tws/session/session.hpp"
#include "belay/tws/session_state.hpp"
#include "belay/tws/unanswered.hpp"
#include "belay/tws/wait_book.hpp"

namespace belay::tws {

struct TwsBrokerOptions {
  session::SessionOptions session;
  std::string endpoint;  ///< host:port, for people
  RoundOptions rounds = {};
  /// Failed attempts in a row before an alarm; reconnecting never stops.
  int failures_before_alarm = 3;
  /// An order that waits longer than this for a first word makes the link doubtful: it is tested at
  /// once, and given up when the test has no answer within `probe_wait`.
  base::Duration answer_usual = std::chrono::seconds(2);
  base::Duration probe_wait = std::chrono::seconds(5);
  /// A gateway that is away from its server for longer than this is connected to anew.
  base::Duration server_wait = std::chrono::minutes(5);
  base::Duration account_interval = std::chrono::minutes(5);  ///< between questions for the values
  base::Duration account_after_fill = std::chrono::seconds(2);
  /// What the session must show, all and no other; empty: whatever it shows.
  std::vector<std::string> expected_accounts = {};
  bool allow_live = false;   ///< for the words only: the core lets no live order leave
  bool bind_manual = false;  ///< take over manual orders; client id 0 only
  base::Duration foreign_hold = std::chrono::seconds(5);  ///< another client's id, at most
  std::size_t foreign_queue_max = 1000;
};

/// Makes such a broker once its hooks are known.
broker::Maker maker(TwsBrokerOptions options);

class TwsBroker final : public broker::Broker {
 public:
  using Channel = broker::Channel;  // the second is the one in another client's name

  TwsBroker(TwsBrokerOptions options, broker::Hooks hooks);

  broker::Capabilities capabilities() const override;

  // ---- the host ----
  void sent_before(base::Time at) override { session_.sent_before(at); }
  void start(base::Time now) override { session_.start(now), brought(now); }
  void connected(base::Time now, Channel channel = Channel::main) override;
  void bytes(std::string_view data, base::Time now, Channel channel = Channel::main) override;
  void closed(std::string_view why, base::Time now, Channel channel = Channel::main) override;
  void tick(base::Time now) override;
  base::Time next_deadline(base::Time now) const override;
  std::vector<broker::LinkAction> take_actions(Channel channel = Channel::main) override;
  const core::LinkStatus& link() const { return link_; }
  void ask_clock(base::Time now) override { session_.ask_clock(now), brought(now); }
  bool time_may_leap(base::Time now) const override;

  core::LaneSlots lane_slots(base::Time now) const override;
  broker::Pacing pacing(base::Time now) const override;
  base::Time next_slot(base::Time now) const override { return session_.next_slot(now); }
  void reserve() override { session_.reserve(); }
  void unreserve() override { session_.unreserve(); }
  bool place(const core::PlaceEffect& effect, base::Time now) override;
  bool replace(const core::ReplaceEffect& effect, base::Time now) override;
  bool place_family(const core::PlaceFamilyEffect& effect, base::Time now) override;
  void cancel(const core::CancelEffect& effect, base::Time now) override;
  void query_executions(base::Time now) override;
  void snapshot(const core::SnapshotEffect& effect, base::Time now) override;
  void foreign_cancel(const core::ForeignCancelEffect& effect, base::Time now) override;
  void global_cancel(base::Time now) override;
  void query_next_id(base::Time now) override;
  void ask_contract(std::int64_t con_id, base::Time now) override;

 private:
  void pump(base::Time now);
  void brought(base::Time now) { pump(now), keep_waits(now); }
  void collect_writes();
  bool is_shut() const;
  // tws_broker_waits.cpp
  void note_step(base::Time now);
  void steps_done();
  void look_at_orders(base::Time now);
  void look_at_lists(base::Time now);
  void keep_waits(base::Time now);
  void await_orders(base::Time now);
  void await_oldest(Awaited what, const Unanswered& commands, std::int64_t& told, base::Time now);
  void heard(std::int32_t client, std::int64_t number, std::string_view status,
             core::BrokerState state);
  void heard(const wire::ErrMsg& message);
  void await_contracts();
  void contract_told(core::ContractTold told);
  void publish();
  base::Time waits_deadline(base::Time now) const;
  bool is_doubtful() const;
  void keep_account(base::Time now);
  void silent(base::Time now);
  void read_clock(const session::ClockTold& told, base::Time now);
  bool refused_list(const wire::ErrMsg& message);
  void list_came(Round& round, core::BrokerList list);
  void tell_lists(const Round& round);
  bool send_orders(std::span<const wire::PlaceOrder> messages, base::Time now);
  void order_sent(core::OrderId order, const core::BrokerOrderId& id, base::Time now);
  void up(const session::Up& up, base::Time now);
  void begin_sync(const char* reason, base::Time now);
  void begin_round(base::Time now);
  void ask_missing(Round& round, base::Time now);
  void finish_round_if_done(base::Time now);
  void ask_account(base::Time now);
  std::int32_t ask_executions(base::Time now);
  void interrupted(const std::string& reason, base::Time now, bool degraded = false);
  void lost(const session::Down& gone, base::Time now);
  void needs(Need need, const std::string& detail, base::Time now);
  void set_phase(const char* phase, std::string detail, base::Time now);
  std::int32_t next_request_id();

  void on(const wire::OpenOrder& message);
  void on(const wire::OpenOrderEnd& message);
  void on(const wire::CompletedOrder& message);
  void on(const wire::CompletedOrdersEnd& message);
  void on(const wire::OrderStatus& message);
  void on(const wire::OrderBound& message);
  void on(const wire::ExecDetails& message);
  void on(const wire::ExecDetailsEnd& message);
  void on(const wire::CommissionReport& message);
  void on(const wire::Position& message);
  void on(const wire::PositionEnd& message);
  void on(const wire::AccountSummary& message);
  void on(const wire::AccountSummaryEnd& message);
  void on(const wire::NextValidId& message);
  void on(const wire::ContractData& message);
  void on(const wire::ContractDataEnd& message);
  void on(const wire::ErrMsg& message);
  template <class Other>
  void on(const Other&) {}  // not for an order manager

  void deliver(const wire::Decoded<wire::ServerMessage>& read);
  template <class Message>
  auto translated(const Message& message);
  template <class Message>
  void entry_unread(const Message& message, core::BrokerList list, bool listed,
                    bool corrects = false);
  template <class Report>
  void give(Round* round, bool listed, Report&& report);
  void unreadable(std::string_view kind, const std::string& what);
  void unread(core::BrokerList list);
  void anything_unread();
  void execution_unread();
  void uncounted(core::AccountId account, core::Contract contract);
  void tell_more_unreadable(base::Time now);
  template <class Message>
  void left_out(const Message& message, const LeftOut& field);

  TwsBrokerOptions options_;
  broker::Hooks hooks_;
  session::Session session_;
  Binding binding_;
  ForeignSession foreign_;
  core::LinkStatus link_;
  Rounds rounds_;
  bool was_up_ = false;
  std::vector<std::string> accounts_;
  std::int64_t next_valid_id_ = 0;    // 0: not told
  std::int32_t account_request_ = 0;  // of this connection; 0: not asked yet
  base::Time account_asked_at_;
  base::Time account_due_ = base::never;  // it is asked for again then
  bool account_told_ = false;             // on the link of now
  bool account_whole_ = true;             // all of it could be read
  bool account_refused_ = false;          // ... it will not be
  bool positions_told_ = false;           // on the link of now
  bool positions_whole_ = true;           // all of them could be read
  WaitBook waits_;
  Unanswered unanswered_;  // not a word has come: does anybody listen?
  Unanswered undecided_;   // no word that says whether the order, or its change, was taken
  Unanswered cancels_;     // the order has not ended, and the cancel was not refused
  base::Time cancels_from_ = base::never;  // they are old news until a list was read again
  std::int64_t late_order_ = 0;            // the one that is told
  std::int64_t late_cancel_ = 0;
  std::string doubt_;                   // why the link is being tested; empty: it is not
  base::Time probed_until_;             // what was sent before then has been tested for
  Awaited step_ = Awaited::connection;  // of the attempt to connect
  std::string last_failure_;            // of the attempts, since there was a link
  base::Time server_gone_at_;           // on the link of now
  std::int32_t request_id_ = 0;
  struct ContractQuestion {
    core::ContractTold answer;  // so far
    base::Time asked_at;
  };
  std::map<std::int32_t, ContractQuestion> contract_questions_;  // by request, so by time
  int failures_ = 0;
  struct UnreadableKind {
    std::set<std::string> told;  // each once, up to the cap
    std::uint64_t more = 0;      // reports beyond it
    std::string latest;          // ... and the latest of them
    bool news = false;           // ... which the incident does not name yet
  };
  std::map<std::string, UnreadableKind, std::less<>> unreadable_;  // of this connection, by message
  base::Time more_unreadable_at_;  // what is beyond the cap is told then, at the earliest
  bool damaged_ = false;           // something of the message under way could not be read
  bool count_unread_ = false;      // ... a count, which may have cost what follows it
  int in_use_ = 0;                 // attempts in a row that ended with 326
  Need need_ = Need::none;
  bool server_lost_ = false;          // 1100 or 2110: the gateway itself has no server
  bool wrong_accounts_ = false;       // of this connection, whatever else needs a person
  bool global_cancel_waits_ = false;  // for a link: not a byte of it has left
  base::Time now_;
  std::vector<broker::LinkAction> host_actions_;
  std::vector<session::Action> spare_actions_;  // room for what the session wants next
};

}  // namespace belay::tws
