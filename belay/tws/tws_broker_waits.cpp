// SPDX-License-Identifier: Apache-2.0
// What the adapter waits for, and what it does when that does not come: the steps of a connection,
// the lists, a first word about an order. The table is wait_table.cpp; nothing waits beside it.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "belay/base/defects.hpp"
#include "belay/tws/error_codes.hpp"
#include "belay/tws/translate.hpp"
#include "belay/tws/tws_broker.hpp"

namespace belay::tws {

namespace {

constexpr std::int32_t no_request = std::numeric_limits<std::int32_t>::max();  // IB's "none"
constexpr base::Duration clock_usual = std::chrono::seconds(5);

bool has(std::string_view text, std::string_view word) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  return std::search(text.begin(), text.end(), word.begin(), word.end(), same) != text.end();
}

// Which of the lists without a request id a refusal is about, by its words.
std::optional<List> named_list(std::string_view text) {
  if (has(text, "position") || has(text, "account")) return List::positions;
  if (has(text, "completed")) return List::completed;
  if (has(text, "open order")) return List::open_orders;
  return std::nullopt;
}

core::BrokerList told_list(List list) {
  switch (list) {
    case List::open_orders:
      return core::BrokerList::open_orders;
    case List::completed:
      return core::BrokerList::completed;
    case List::positions:
      return core::BrokerList::positions;
  }
  return core::BrokerList::open_orders;
}

}  // namespace

// After everything that the host brought. Never while the engine releases effects: it reports.
void TwsBroker::keep_waits(base::Time now) {
  note_step(now);
  await_orders(now);
  const auto clock = session_.clock_asked_at();
  if (clock && now - *clock >= clock_usual) waits_.begin(Awaited::clock, *clock);
  foreign_.waiting() > 0 ? waits_.begin(Awaited::foreign, now) : waits_.end(Awaited::foreign);
  await_contracts();
  for (core::Alarm& alarm : waits_.alarms(now)) hooks_.report(std::move(alarm));
  tell_more_unreadable(now);
  // Whoever asked was answered long before (core/contract_names.hpp): nothing of it has left.
  std::erase_if(contract_questions_, [&](const auto& question) {
    return now - question.second.asked_at >= row_of(Awaited::contract).incident_after;
  });
  await_contracts();
  publish();
}

void TwsBroker::await_orders(base::Time now) {
  await_oldest(Awaited::order, undecided_, late_order_, now);
  if (base::defect(base::Defect::cancel_silence_untold)) return;
  if (now >= cancels_from_) await_oldest(Awaited::cancel, cancels_, late_cancel_, now);
}

// One that waits longer than usual is told: the oldest.
void TwsBroker::await_oldest(Awaited what, const Unanswered& commands, std::int64_t& told,
                             base::Time now) {
  const auto oldest = commands.oldest();
  const bool late = oldest && now - oldest->at >= options_.answer_usual;
  if (!late || oldest->number != told) waits_.end(what);
  told = late ? oldest->number : 0;
  if (!late) return;
  waits_.begin(what, oldest->at,
               fmt::format("order {}, broker id {}", oldest->order.value(), oldest->number));
}

// The broker said something about an order, of whatever client. That it is being sent does not say
// that it was taken; that it is being canceled does not end it.
void TwsBroker::heard(std::int32_t client, std::int64_t number, std::string_view status,
                      core::BrokerState state) {
  if (client != options_.session.client_id) return;
  unanswered_.answered(number);
  if (!status.empty() && state != core::BrokerState::pending) undecided_.answered(number);
  const bool over = state == core::BrokerState::canceled || state == core::BrokerState::filled ||
                    state == core::BrokerState::rejected;
  if (over) cancels_.answered(number);
}

void TwsBroker::heard(const wire::ErrMsg& message) {
  using core::Verdict;
  unanswered_.answered(message.id);
  const Verdict verdict = verdict_of(message.error_code, message.error_string);
  const bool open = verdict == Verdict::information || verdict == Verdict::temporary ||
                    verdict == Verdict::unlisted;
  if (!open) undecided_.answered(message.id);
  const auto of_cancel = meaning_of(message.error_code, message.error_string).cancel;
  const bool refused = of_cancel == Verdict::cancel_too_late ||
                       of_cancel == Verdict::cancel_unknown ||
                       of_cancel == Verdict::request_refused;
  if (refused || of_cancel == Verdict::canceled) cancels_.answered(message.id);
}

void TwsBroker::await_contracts() {
  if (contract_questions_.empty()) return;
  const ContractQuestion& oldest = contract_questions_.begin()->second;
  waits_.begin(Awaited::contract, oldest.asked_at, std::to_string(oldest.answer.con_id));
}

void TwsBroker::on(const wire::NextValidId& message) {
  if (link_.phase == "connecting") return;  // it comes with SessionUp
  const std::int64_t next = next_id_of(message.order_id);
  if (next == 0)
    return unreadable(message.msg_name, fmt::format("nextValidId: {} is no id", message.order_id));
  waits_.end(Awaited::next_id);
  hooks_.report(core::NextIdSeen{options_.session.client_id, next});
}

void TwsBroker::on(const wire::ContractData& message) {
  const auto question = contract_questions_.find(message.req_id);
  if (question == contract_questions_.end()) return;
  question->second.answer.meanings.push_back(
      {from_wire(message.contract), message.details.valid_exchanges});
}
void TwsBroker::on(const wire::ContractDataEnd& message) {
  auto question = contract_questions_.extract(message.req_id);
  if (!question.empty()) contract_told(std::move(question.mapped().answer));
}
void TwsBroker::contract_told(core::ContractTold told) {
  waits_.end(Awaited::contract);
  hooks_.report(std::move(told));
}

bool TwsBroker::time_may_leap(base::Time now) const {
  const broker::Pacer& pacer = session_.pacer();
  // What waits and was told becomes no later.
  const bool timed = (undecided_.oldest() && !waits_.waits(Awaited::order)) ||
                     (cancels_.oldest() && !waits_.waits(Awaited::cancel));
  return !waits_.any_pending() && !timed && !unanswered_.oldest() && !session_.clock_asked_at() &&
         foreign_.waiting() == 0 && pacer.used(now) == 0 && pacer.reserved() == 0;
}

// The step that an attempt to connect has come to.
void TwsBroker::note_step(base::Time now) {
  Awaited step = Awaited::connection;
  switch (session_.phase()) {
    case session::Phase::idle:
    case session::Phase::waiting:
    case session::Phase::up:
      return;
    case session::Phase::connecting:
      break;
    case session::Phase::greeting:
      step = Awaited::greeting;
      break;
    case session::Phase::starting:
      step = session_.has_next_id() ? Awaited::accounts : Awaited::next_valid_id;
      break;
  }
  if (waits_.waits(step) && step_ == step && link_.phase != "down") return;
  step_ = step;
  for (const Awaited earlier : {Awaited::connection, Awaited::greeting}) {
    if (earlier < step) waits_.end(earlier);
  }
  if (step == Awaited::accounts) waits_.end(Awaited::next_valid_id);
  waits_.begin(step, now, options_.endpoint);
  // What needs a person is so until an attempt succeeds.
  if (need_ != Need::none) return;
  std::string detail = fmt::format("waiting for {}", row_of(step).text);
  if (!last_failure_.empty()) detail += "; the last attempt: " + last_failure_;
  set_phase("connecting", std::move(detail), now);
}

void TwsBroker::steps_done() {
  for (const Awaited step :
       {Awaited::connection, Awaited::greeting, Awaited::accounts, Awaited::next_valid_id}) {
    waits_.end(step);
  }
  step_ = Awaited::connection;
}

bool TwsBroker::is_doubtful() const {
  return !doubt_.empty() || rounds_.list_is_late();
}

// The words of the link follow what is waited for.
void TwsBroker::publish() {
  const bool doubtful = is_doubtful();
  const bool changed = waits_.take_changed();
  if (!changed && doubtful == link_.doubtful) return;
  link_.doubtful = doubtful;
  link_.waiting = waits_.waiting();
  if (link_.phase == "syncing") {
    const bool any = !link_.waiting.empty();
    const bool late = any && link_.waiting.front().until <= now_;
    link_.detail = any ? "waiting for " + link_.waiting.front().detail : "";
    link_.action = late ? link_.waiting.front().look_at : "";
  } else if (link_.phase == "ready") {
    const char* lists = "the list of open orders is late: the link is in doubt";
    link_.detail = !doubt_.empty() ? doubt_ : doubtful ? lists : "";
  }
  hooks_.link(link_);
}

// A command that waits longer than usual for a first word: does anybody listen at all? Each is
// tested for once.
void TwsBroker::look_at_orders(base::Time now) {
  if (session_.phase() != session::Phase::up || server_lost_) return;
  const auto late = unanswered_.oldest(probed_until_);
  if (!late || now - late->at < options_.answer_usual) return;
  if (base::defect(base::Defect::half_open_link_trusted)) return;
  session_.ask_clock(now, options_.probe_wait);
  if (!session_.clock_asked_at()) return;  // no slot: later
  probed_until_ = now;
  doubt_ =
      fmt::format("order {} has had no answer since {}: the link is being tested, new orders wait",
                  late->order.value(), base::to_rfc3339(late->at));
}

void TwsBroker::look_at_lists(base::Time now) {
  switch (rounds_.late(now)) {
    case Rounds::Late::no:
      break;
    case Rounds::Late::again:
      hooks_.log("the broker has not listed everything yet: asking again");
      ask_missing(*rounds_.running(), now);
      break;
    case Rounds::Late::gave_up:
      hooks_.log("the broker did not end all of its lists: nothing follows from what is missing");
      finish_round_if_done(now);
      break;
    case Rounds::Late::silent:
      silent(now);
      break;
  }
  if (server_lost_ && session_.phase() == session::Phase::up &&
      now - server_gone_at_ >= options_.server_wait) {
    session_.drop("the gateway does not get its connection to the broker back", now);
  }
}

// A link on which the open orders never come is of no use, whatever else comes on it.
void TwsBroker::silent(base::Time now) {
  if (need_ == Need::read_only) return ask_missing(*rounds_.running(), now);
  keep_waits(now);
  session_.drop("no answer to the question for the open orders", now);
}

base::Time TwsBroker::waits_deadline(base::Time now) const {
  base::Time next = std::min(waits_.next_deadline(), account_due_);
  const auto at = [&next](base::Time time) { next = std::min(next, time); };
  const auto news = [](const auto& kind) { return kind.second.news; };
  if (std::any_of(unreadable_.begin(), unreadable_.end(), news)) at(more_unreadable_at_);
  if (session_.phase() != session::Phase::up) return next;
  const auto begins = [&](Awaited what, const Unanswered& commands, base::Time from) {
    const auto oldest = commands.oldest();
    if (!oldest || waits_.waits(what)) return;
    at(std::max({oldest->at + options_.answer_usual, from, now}));
  };
  begins(Awaited::order, undecided_, now);
  begins(Awaited::cancel, cancels_, cancels_from_);
  if (server_lost_) {
    at(server_gone_at_ + options_.server_wait);
  } else if (const auto late = unanswered_.oldest(probed_until_)) {
    const base::Time due = late->at + options_.answer_usual;
    const bool no_slot = due <= now && !session_.clock_asked_at();
    at(no_slot ? session_.next_slot(now) : std::max(due, now));
  }
  const auto clock = session_.clock_asked_at();
  if (clock && !waits_.waits(Awaited::clock)) at(*clock + clock_usual);
  return next;
}

void TwsBroker::read_clock(const session::ClockTold& told, base::Time now) {
  doubt_.clear();
  waits_.end(Awaited::clock);
  constexpr std::int64_t seconds_max = 7'258'118'400;  // the year 2200
  if (told.seconds <= 0 || told.seconds >= seconds_max) return;
  now_ = now;
  hooks_.report(core::BrokerClock{base::Time(told.seconds * 1'000'000'000), told.asked_at});
}

void TwsBroker::list_came(Round& round, core::BrokerList list) {
  round.came.at(static_cast<std::size_t>(list)) = true;
  waits_.end(awaited(list));
}

// The positions are told when they end: callers see each list whole.
void TwsBroker::tell_lists(const Round& round) {
  for (const core::BrokerList list :
       {core::BrokerList::open_orders, core::BrokerList::completed, core::BrokerList::executions}) {
    if (!round.came.at(static_cast<std::size_t>(list))) continue;
    const bool complete = !round.unreadable && !round.damaged.at(static_cast<std::size_t>(list));
    hooks_.told({list, true, round.asked_at, complete, ""});
  }
}

// An error that says that a list will not come. True: it was one.
bool TwsBroker::refused_list(const wire::ErrMsg& message) {
  const std::int32_t code = message.error_code;
  if (verdict_of(code) == core::Verdict::information) return false;
  const std::string words = fmt::format("{} {}", code, message.error_string);
  const auto over = [&](core::BrokerList list) {
    waits_.refused(awaited(list), words, now_);
    hooks_.told({list, false, {}, true, words});
  };
  Round* round = rounds_.running();
  if (account_request_ != 0 && message.id == account_request_) {
    account_refused_ = true;
    over(core::BrokerList::account);
    return true;
  }
  if (round != nullptr && message.id == round->executions_request && !round->executions) {
    round->executions = round->gave_up = true;
    over(core::BrokerList::executions);
    finish_round_if_done(now_);
    return true;
  }
  // The other lists have no request id, and their refusal has none.
  const bool of_nothing = message.id == -1 || message.id == 0 || message.id == no_request;
  if (!of_nothing || code < 320 || code > 323) return false;
  std::vector<List> asked;
  for (const List list : {List::open_orders, List::completed, List::positions}) {
    if (rounds_.asks(list)) asked.push_back(list);
  }
  if (is_read_only_notice(code, message.error_string)) {
    if (asked.empty()) return false;
    waits_.said(Awaited::open_orders, words);
    needs(Need::read_only, message.error_string, now_);
    return true;
  }
  auto list = named_list(message.error_string);
  if (!list && asked.size() == 1) list = asked.front();
  if (!list || !rounds_.asks(*list)) {
    for (const List each : asked) waits_.said(awaited(told_list(each)), words);
    return false;
  }
  if (*list == List::open_orders) {
    waits_.said(Awaited::open_orders, words);
    return true;
  }
  rounds_.refused(*list);
  over(told_list(*list));
  finish_round_if_done(now_);
  return true;
}

}  // namespace belay::tws
