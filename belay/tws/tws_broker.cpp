// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/tws_broker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/defects.hpp"
#include "belay/tws/about.hpp"
#include "belay/tws/error_codes.hpp"
#include "belay/tws/translate.hpp"

namespace belay::tws {

using base::Defect;

namespace {

// Error messages name orders and requests in one number space: requests take the top of it, where
// no order id comes.
constexpr std::int32_t first_request_id = 2'147'000'000;
constexpr std::int32_t last_request_id = 2'147'483'646;
constexpr base::Duration first_lists_usual = std::chrono::seconds(30);

}  // namespace

broker::Maker maker(TwsBrokerOptions options) {
  return [options = std::move(options)](broker::Hooks hooks) {
    return std::make_unique<TwsBroker>(options, std::move(hooks));
  };
}

TwsBroker::TwsBroker(TwsBrokerOptions options, broker::Hooks hooks)
    : options_(std::move(options)),
      hooks_(std::move(hooks)),
      session_(options_.session),
      binding_(options_.bind_manual, options_.session.client_id),
      foreign_({options_.session, options_.foreign_hold, options_.foreign_queue_max},
               {[this](const core::Input& input) { hooks_.report(input); },
                [this](const std::string& line) { hooks_.log(line); }}),
      rounds_(options_.rounds) {
  link_.endpoint = options_.endpoint;
  link_.session = options_.session.client_id;
}

void TwsBroker::set_phase(const char* phase, std::string detail, base::Time now) {
  const auto away = [](std::string_view word) { return word == "down" || word == "connecting"; };
  // Attempts to connect come and go; there has been no link since the first of them.
  const bool same = link_.phase == phase || (away(link_.phase) && away(phase));
  if (!same || link_.since == base::Time()) link_.since = now;
  link_.phase = phase;
  link_.detail = std::move(detail);
  link_.action = std::string(words_of(need_).action);
  if (need_ == Need::none && failures_ >= options_.failures_before_alarm) {
    link_.action = std::string(row_of(step_).look_at);
  }
  link_.connected = session_.phase() == session::Phase::up && !server_lost_;
  link_.protocol_version = session_.server_version();
  link_.doubtful = is_doubtful();
  link_.waiting = waits_.waiting();
  hooks_.link(link_);
}

void TwsBroker::bytes(std::string_view data, base::Time now, Channel channel) {
  if (channel == Channel::second) return foreign_.bytes(data, now);
  while (session_.read(data, now)) pump(now);
  brought(now);
}

// Carries out what the session wants: reports here, bytes and connections by the host.
void TwsBroker::pump(base::Time now) {
  now_ = now;
  while (session_.has_actions()) {
    // Not the member itself: what a message brings about may call this again.
    std::vector<session::Action> actions = std::exchange(spare_actions_, {});
    session_.take_actions(actions);
    for (session::Action& action : actions) {
      if (const auto* told = std::get_if<session::Deliver>(&action)) {
        deliver(*told->read);
      } else if (const auto* clock = std::get_if<session::ClockTold>(&action)) {
        read_clock(*clock, now);
      } else if (const auto* ready = std::get_if<session::Up>(&action)) {
        up(*ready, now);
      } else if (const auto* gone = std::get_if<session::Down>(&action)) {
        lost(*gone, now);
      } else if (const auto* unreadable = std::get_if<session::Unreadable>(&action)) {
        rounds_.unreadable();
        anything_unread();
        this->unreadable("message", unreadable->what);
      } else if (auto link = session::link_action(action)) {
        if (std::holds_alternative<session::Connect>(*link)) {
          server_lost_ = wrong_accounts_ = false;
          binding_.connected();
          rounds_.connected();
          account_request_ = 0;
          more_unreadable_at_ = {};
          tell_more_unreadable(now);
          unreadable_.clear();
        }
        host_actions_.push_back(std::move(*link));
      }
    }
    actions.clear();
    spare_actions_ = std::move(actions);
  }
}

void TwsBroker::up(const session::Up& ready, base::Time now) {
  accounts_ = ready.accounts;
  next_valid_id_ = next_id_of(ready.next_valid_id);
  failures_ = 0;
  in_use_ = 0;
  need_ = Need::none;
  last_failure_.clear();
  steps_done();
  if (const std::string differ = accounts_differ(options_.expected_accounts, accounts_);
      !differ.empty()) {
    // Nothing is asked and nothing is sent: it may be somebody else's money.
    wrong_accounts_ = true;
    return needs(Need::accounts, differ, now);
  }
  // A gateway that said at start-up that it has no server is asked when it has one again.
  if (server_lost_) {
    server_gone_at_ = now;
    return set_phase("degraded", "the gateway has no connection to its server", now);
  }
  begin_sync(was_up_ ? "reconnect" : "start", now);
}

void TwsBroker::begin_sync(const char* reason, base::Time now) {
  was_up_ = true;
  // What was asked for on another link is waited for no longer.
  for (const Awaited what : {Awaited::server, Awaited::contract, Awaited::next_id}) {
    waits_.end(what);
  }
  set_phase("syncing", "", now);
  hooks_.report(
      core::SessionUp{options_.session.client_id, next_valid_id_, accounts_seen(accounts_)});
  if (next_valid_id_ == 0) {
    waits_.begin(Awaited::next_id, now);
    session_.send_query(wire::ReqIds{.num_ids = 1}, now);
  }
  cancels_from_ = now + first_lists_usual;
  rounds_.link_up(now, reason);
  if (std::exchange(global_cancel_waits_, false)) global_cancel(now);
  account_told_ = account_refused_ = false;
  begin_round(now);
}

void TwsBroker::begin_round(base::Time now) {
  if (Round* round = rounds_.begin(now)) ask_missing(*round, now);
}

void TwsBroker::ask_missing(Round& round, base::Time now) {
  const bool again = round.attempts > 0;
  rounds_.asked(now);
  // Before the lists: what they do not hold means something only when the clocks agree.
  if (round.full && !again) session_.ask_clock(now);
  // What came before a question is repeated belongs to the list all the same: its end may be on the
  // way.
  const auto ask = [&](List list, Awaited what, const wire::ClientMessage& question) {
    waits_.begin(what, now);
    if (session_.send_query(question, now)) rounds_.asked_for(list, now);
  };
  if (!round.open_orders) ask(List::open_orders, Awaited::open_orders, wire::ReqAllOpenOrders{});
  if (round.full && !round.completed) {
    ask(List::completed, Awaited::completed, wire::ReqCompletedOrders{.api_only = false});
  }
  if (!round.executions) {
    waits_.begin(Awaited::executions, now);
    round.executions_request = ask_executions(now);
  }
  if (round.full && !round.positions) {
    ask(List::positions, Awaited::positions, wire::ReqPositions{});
  }
  // No round waits for it.
  if (round.full && !again && !account_refused_) ask_account(now);
}

std::int32_t TwsBroker::ask_executions(base::Time now) {
  wire::ReqExecutions request;
  request.req_id = next_request_id();
  session_.send_query(request, now);
  return request.req_id;
}

void TwsBroker::snapshot(const core::SnapshotEffect& effect, base::Time now) {
  rounds_.wish(effect);
  begin_round(now);
  now_ = now;
  collect_writes();
}

// Bytes that were written outside pump() (a send by the engine) go to the host in the same order.
void TwsBroker::collect_writes() {
  if (session_.has_actions()) pump(now_);
}

void TwsBroker::finish_round_if_done(base::Time now) {
  const Round* round = rounds_.running();
  if (round == nullptr || !round->done()) return;
  const bool first = round->first;
  if (first) {
    const auto seen = accounts_seen(accounts_);
    const bool live = !options_.allow_live &&
                      std::none_of(seen.begin(), seen.end(), [](const auto& a) { return a.paper; });
    if (live && need_ == Need::none) {
      needs(Need::live, fmt::format("{}", fmt::join(accounts_, ", ")), now);
    } else {
      set_phase(need_ == Need::none ? "ready" : "needs_person", std::string(words_of(need_).detail),
                now);
    }
  }
  Round heard;  // what is told of it afterwards: the lists themselves are the core's
  heard.came = round->came;
  heard.asked_at = round->asked_at;
  heard.unreadable = round->unreadable;
  heard.damaged = round->damaged;
  core::SnapshotDone done = rounds_.finish();
  // What the lists do not hold is the core's to judge, and no wait any more.
  if (done.settled) {
    std::set<std::int64_t> listed;
    for (const core::BrokerNames& names : done.open_orders) {
      const bool ours = names.broker_id && names.broker_id->session == options_.session.client_id;
      if (ours) listed.insert(names.broker_id->number);
    }
    unanswered_.decided(done.asked_at, {});
    undecided_.decided(done.asked_at, listed);
    cancels_.decided(done.asked_at, listed);
    cancels_from_ = now;
  }
  hooks_.report(std::move(done));
  tell_lists(heard);
  if (first && binding_.ask(session_, now)) rounds_.asked_for(List::open_orders, now, true);
  begin_round(now);
}

void TwsBroker::tick(base::Time now) {
  session_.tick(now);
  pump(now);
  foreign_.tick(now);
  look_at_lists(now);
  look_at_orders(now);
  keep_account(now);
  begin_round(now);
  brought(now);
}

base::Time TwsBroker::next_deadline(base::Time now) const {
  return std::min({session_.next_deadline(now), rounds_.next_deadline(),
                   foreign_.next_deadline(now), waits_deadline(now)});
}

std::int32_t TwsBroker::next_request_id() {
  request_id_ = request_id_ < first_request_id || request_id_ >= last_request_id ? first_request_id
                                                                                 : request_id_ + 1;
  return request_id_;
}

// A message as far as it could be read; what could not is told before it.
void TwsBroker::deliver(const wire::Decoded<wire::ServerMessage>& read) {
  std::visit(
      [&](const auto& message) {
        for (const wire::DamagedField& field : read.damaged) {
          const std::string_view name = wire::name(read.message);
          unreadable(name, with_subject(wire::to_string(name, field), message));
          count_unread_ = count_unread_ || field.reason == wire::DecodeReason::bad_count;
        }
        damaged_ = !read.damaged.empty();
        on(message);
        damaged_ = false;
        count_unread_ = false;
      },
      read.message);
}

template <class Message>
void TwsBroker::left_out(const Message& message, const LeftOut& field) {
  if (damaged_ && field.value.empty()) return;  // it follows from what was told already
  unreadable(Message::msg_name,
             with_subject(fmt::format("{}: {} \"{}\" cannot be taken", Message::msg_name,
                                      field.field, field.value),
                          message));
}

template void TwsBroker::left_out(const wire::Position&, const LeftOut&);
template void TwsBroker::left_out(const wire::AccountSummary&, const LeftOut&);

// What a message says in our words; nothing when it says nothing that can be taken.
template <class Message>
auto TwsBroker::translated(const Message& message) {
  auto out = from_wire(message);
  for (const LeftOut& field : out.left_out) left_out(message, field);
  return out;
}

// An entry that cannot be taken is missing from its list: nothing follows for its order from what
// the lists of this round do not hold, and for no order when nobody can say whose it is.
template <class Message>
void TwsBroker::entry_unread(const Message& message, core::BrokerList list, bool listed,
                             bool corrects) {
  Round* round = rounds_.running();
  if (round == nullptr) return;
  if (listed) round->is_damaged(list) = true;
  if (!tells_whom(message, options_.session.client_id)) return rounds_.unreadable();
  round->unread.push_back({names_of(message), corrects});
}

// News are reported at once, and so is what a question brought, unless it is asked for a dry run.
template <class Report>
void TwsBroker::give(Round* round, bool listed, Report&& report) {
  if (listed && round->dry_run) {
    round->withheld.emplace_back(std::forward<Report>(report));
  } else {
    hooks_.report(std::forward<Report>(report));
  }
}

void TwsBroker::on(const wire::OpenOrder& message) {
  Round* round = rounds_.running();
  // An order of ours was taken: the Read-Only setting is off again.
  if (need_ == Need::read_only && message.order.client_id == options_.session.client_id &&
      round == nullptr) {
    need_ = Need::none;
    set_phase("ready", "", now_);
  }
  Round* list = rounds_.listing(List::open_orders);
  const bool listed = list != nullptr;
  core::BrokerNames names = names_of(message);
  names.id_unread = damaged_ && !tells_whom(message, options_.session.client_id);
  if (listed && !names_nothing(names)) list->listed.push_back(names);
  if (listed && (count_unread_ || names.id_unread))
    list->is_damaged(core::BrokerList::open_orders) = true;
  // Of an inactive one the status that follows says whether it is over.
  const std::string& status = message.order_state.status;
  heard(message.order.client_id, message.order_id, status,
        status == "Inactive" ? core::BrokerState::inactive : state_of(status, ""));
  auto order = translated(message);
  if (!order) {
    unread(core::BrokerList::open_orders);
    return entry_unread(message, core::BrokerList::open_orders, listed);
  }
  order->names.id_unread = names.id_unread;
  order->listed = listed;
  order->partial = damaged_ || !order.left_out.empty();
  // It shows neither old terms nor new ones.
  if (listed && (order->partial || lacks_terms(order->spec))) {
    list->unread.push_back({names, false});
  }
  hooks_.report(std::move(*order));
}
void TwsBroker::on(const wire::OpenOrderEnd&) {
  if (Round* round = rounds_.end_of(List::open_orders)) {
    round->open_orders = true;
    list_came(*round, core::BrokerList::open_orders);
    // Read-Only refuses this list too: it is off.
    if (need_ == Need::read_only && round->first) need_ = Need::none;
  }
  finish_round_if_done(now_);
}
void TwsBroker::on(const wire::CompletedOrder& message) {
  Round* round = rounds_.listing(List::completed);
  const bool listed = round != nullptr;
  if (listed && count_unread_) round->is_damaged(core::BrokerList::completed) = true;
  const core::BrokerNames names = names_of(message);
  if (listed && !names_nothing(names)) round->done_names.push_back(names);
  auto order = translated(message);
  if (!order) return entry_unread(message, core::BrokerList::completed, listed);
  order->listed = listed;
  order->partial = damaged_ || !order.left_out.empty();
  give(round, listed, std::move(*order));
}
void TwsBroker::on(const wire::CompletedOrdersEnd&) {
  if (Round* round = rounds_.end_of(List::completed)) {
    round->completed = true;
    list_came(*round, core::BrokerList::completed);
  }
  finish_round_if_done(now_);
}
void TwsBroker::on(const wire::OrderStatus& message) {
  heard(message.client_id, message.order_id, message.status,
        state_of(message.status, message.why_held));
  if (auto status = translated(message)) {
    hooks_.report(std::move(*status));
  } else if (damaged_ || !status.left_out.empty()) {
    unread(core::BrokerList::open_orders);
  }
}
void TwsBroker::on(const wire::OrderBound& message) {
  if (auto bound = translated(message)) hooks_.report(std::move(*bound));
}
void TwsBroker::on(const wire::ExecDetails& message) {
  Round* round = rounds_.running();
  const bool listed = round != nullptr && message.req_id == round->executions_request;
  // What was bought or sold changes the account's values, whoever did it.
  if (!listed) account_due_ = std::min(account_due_, now_ + options_.account_after_fill);
  // What fills was taken.
  const bool ours = message.execution.client_id == options_.session.client_id;
  if (ours && !damaged_) undecided_.answered(message.order_id);
  auto execution = translated(message);
  if (damaged_ || !execution.left_out.empty()) execution_unread();
  if (!execution) {
    uncounted(core::AccountId(message.execution.acct_number), from_wire(message.contract));
    const bool corrects = core::split_exec_id(message.execution.exec_id).revision > 1;
    return entry_unread(message, core::BrokerList::executions, listed, corrects);
  }
  // It counts, and nobody can say where.
  const bool placed = execution->contract.con_id != 0 && !execution->account.value().empty();
  if (!placed) uncounted(execution->account, execution->contract);
  execution->names.id_unread = damaged_ && !tells_whom(message, options_.session.client_id);
  // Whose fill it is may not be known.
  if (round != nullptr && execution->names.id_unread && execution->names.tag.empty()) {
    round->unread.push_back({execution->names, execution->execution.id.revision > 1});
  }
  execution->listed = listed;
  give(round, listed, std::move(*execution));
}
void TwsBroker::on(const wire::ExecDetailsEnd& message) {
  Round* round = rounds_.running();
  if (round == nullptr || message.req_id != round->executions_request) return;
  round->executions = true;
  list_came(*round, core::BrokerList::executions);
  finish_round_if_done(now_);
}
void TwsBroker::on(const wire::CommissionReport& message) {
  Round* round = rounds_.running();
  auto commission = translated(message);
  // Of a fill it is a part that nobody can see.
  if (damaged_ || !commission.left_out.empty()) execution_unread();
  if (!commission) return;
  commission->listed = round != nullptr && !round->executions;
  // Whether it is an answer or news cannot be told; of a dry run it is both.
  if (commission->listed && round->dry_run) round->withheld.emplace_back(*commission);
  hooks_.report(std::move(*commission));
}
void TwsBroker::on(const wire::ErrMsg& message) {
  const std::int32_t code = message.error_code;
  const bool information = verdict_of(code) == core::Verdict::information;
  (information ? hooks_.debug : hooks_.log)(
      fmt::format("notice {} about {}: {}", code, message.id, message.error_string));
  // The gateway lost its own server: what is sent now is lost or delayed. It is as good as a lost
  // link until 1101 or 1102, and then everything is asked again.
  if (code == 1100 || code == 2110) {
    // Some gateways repeat it for as long as it lasts: it began with the first.
    const bool again = std::exchange(server_lost_, true);
    const std::string words = fmt::format("{} {}", code, message.error_string);
    if (!again && session_.phase() == session::Phase::up && !wrong_accounts_) {
      server_gone_at_ = now_;
      interrupted(words, now_, true);
    }
    // After what was waited for on the link that is of no use now.
    waits_.begin(Awaited::server, now_);
    waits_.said(Awaited::server, words);
    return;
  }
  if (code == 1101 || code == 1102) {
    const bool was_lost = std::exchange(server_lost_, false);
    waits_.end(Awaited::server);
    if (session_.phase() != session::Phase::up || wrong_accounts_) return;
    if (base::defect(Defect::restored_link_not_reconciled) && was_lost) {
      set_phase("ready", "", now_);
      hooks_.report(
          core::SessionUp{options_.session.client_id, next_valid_id_, accounts_seen(accounts_)});
      hooks_.report(core::SnapshotDone{});
    } else if (was_lost) {
      begin_sync("restored", now_);
    } else {
      // The loss was not told: nothing was marked, but the lists may know more, and later.
      rounds_.restored(now_);
      begin_round(now_);
    }
    return;
  }
  if (auto question = contract_questions_.extract(message.id); !question.empty()) {
    question.mapped().answer.why = fmt::format("{} {}", code, message.error_string);
    return contract_told(std::move(question.mapped().answer));
  }
  if (code == 1300) needs(Need::port, message.error_string, now_);
  const bool about_order = message.id > 0 && message.id < first_request_id;
  if (refused_list(message)) return;
  if (about_order || binding_.concerns(message)) {
    if (about_order) heard(message);
    if (about_order && is_read_only_notice(code, message.error_string)) {
      needs(Need::read_only, message.error_string, now_);
    }
    hooks_.report(from_wire(message, options_.session.client_id));
  }
}

}  // namespace belay::tws
