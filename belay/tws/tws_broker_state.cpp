// SPDX-License-Identifier: Apache-2.0
// The word for the state of the link: what was lost, what could not be read, and what only a person
// can change.
#include <fmt/format.h>

#include <algorithm>

#include "belay/tws/session_state.hpp"
#include "belay/tws/tws_broker.hpp"

namespace belay::tws {

namespace {

constexpr std::size_t unreadable_told_max = 100;  // of each message, on a connection
constexpr base::Duration more_unreadable_interval = std::chrono::seconds(10);

}  // namespace

void TwsBroker::interrupted(const std::string& reason, base::Time now, bool degraded) {
  rounds_.link_lost();
  waits_.link_lost(now);
  unanswered_.clear();
  undecided_.clear();
  cancels_from_ = base::never;  // the orders may end meanwhile, and the next lists tell
  contract_questions_.clear();
  doubt_.clear();
  positions_told_ = account_told_ = false;
  account_due_ = base::never;
  set_phase(need_ != Need::none ? "needs_person" : degraded ? "degraded" : "down", reason, now);
  hooks_.report(core::SessionDown{reason, degraded});
}

void TwsBroker::lost(const session::Down& gone, base::Time now) {
  failures_ = gone.was_up ? 1 : failures_ + 1;
  last_failure_ = gone.reason;
  // What an earlier attempt got to is not what is waited for now.
  if (waits_.waits(Awaited::connection)) {
    for (const Awaited later : {Awaited::greeting, Awaited::accounts, Awaited::next_valid_id}) {
      waits_.end(later);
    }
  }
  in_use_ = gone.code == 326 ? in_use_ + 1 : 0;
  Need need = Need::none;
  if (gone.version_refused) {
    need = Need::version;
  } else if (in_use_ >= options_.failures_before_alarm) {
    need = Need::client_id;
  } else if (need_ == Need::port) {
    need = Need::port;  // the old port stays silent
  }
  if (need == need_ || need == Need::none) need_ = need;
  for (const wire::ClientMessage& cancel : gone.cancels_unsent) {
    if (!std::holds_alternative<wire::ReqGlobalCancel>(cancel)) continue;  // the core repeats it
    hooks_.log("the link was lost before the global cancel left: it goes first on the next one");
    global_cancel_waits_ = true;
  }
  server_lost_ = false;
  interrupted(gone.reason, now);
  if (need != need_) needs(need, gone.reason, now);
  const auto waiting = waits_.waiting();
  const bool told = std::any_of(waiting.begin(), waiting.end(),
                                [&](const model::Waiting& wait) { return wait.until <= now; });
  if (failures_ == options_.failures_before_alarm && !told) {
    hooks_.report(core::Alarm{"broker_unreachable",
                              fmt::format("{} attempts to reach the broker at {} failed: {}",
                                          failures_, options_.endpoint, gone.reason),
                              "broker_unreachable"});
    waits_.told_already();
  }
}

// Trying again does not help: a person is told once, and the state stays until it is otherwise.
void TwsBroker::needs(Need need, const std::string& detail, base::Time now) {
  const NeedWords words = words_of(need);
  const bool news = need != need_;
  need_ = need;
  set_phase("needs_person", fmt::format("{}: {}", words.detail, detail), now);
  if (!news) return;
  // The others are not over when the session is ready: each time is told.
  const bool ends_when_ready = need != Need::read_only && need != Need::live;
  hooks_.report(core::Alarm{std::string(words.kind),
                            fmt::format("{}: {}; {}", words.detail, detail, words.action),
                            ends_when_ready ? std::string(words.kind) : ""});
}

// What the broker said and we could not understand may be a fill: a person must know. Bounded, so
// that a peer that talks nonsense fills neither the journal nor the log: each is told once, the
// first hundred of each message on a connection as incidents of their own. The others share one
// incident, which follows the latest of them.
void TwsBroker::unreadable(std::string_view kind, const std::string& what) {
  UnreadableKind& known = unreadable_[std::string(kind)];
  if (known.told.contains(what)) return;
  if (known.told.size() >= unreadable_told_max) {
    ++known.more;
    known.latest = what;
    known.news = true;
    return;
  }
  known.told.insert(what);
  hooks_.log("could not be read: " + what);
  hooks_.report(core::Alarm{"unreadable_report", what, "unreadable_report/" + what});
}

// News of a list could not be read: it is not complete until it was read whole.
void TwsBroker::unread(core::BrokerList list) {
  hooks_.told({list, false, {}, false, ""});
}
// A message that does not even say what it is may be news of any list.
void TwsBroker::anything_unread() {
  if (Round* round = rounds_.running()) {
    round->unreadable_position = true;
  }
  positions_whole_ = account_whole_ = false;
  for (const core::BrokerList list :
       {core::BrokerList::open_orders, core::BrokerList::completed, core::BrokerList::executions,
        core::BrokerList::positions, core::BrokerList::account}) {
    unread(list);
  }
}
void TwsBroker::execution_unread() {
  if (Round* round = rounds_.running()) round->is_damaged(core::BrokerList::executions) = true;
  unread(core::BrokerList::executions);
}

// Beside the hundred: a lost fill is never without a word, however much else could not be read.
void TwsBroker::tell_more_unreadable(base::Time now) {
  if (now < more_unreadable_at_) return;
  for (auto& [kind, known] : unreadable_) {
    if (!std::exchange(known.news, false)) continue;
    more_unreadable_at_ = now + more_unreadable_interval;
    const std::string subject = "unreadable_report/more " + kind;
    const std::string text = fmt::format(
        "{} more of {} could not be read since the connection "
        "began; the latest: {}",
        known.more, kind, known.latest);
    hooks_.log(text);
    // An open incident keeps its words: it is made anew.
    hooks_.report(core::Alarm{"unreadable_report", "a later one follows", subject, true});
    hooks_.report(core::Alarm{"unreadable_report", text, subject});
  }
}

void TwsBroker::connected(base::Time now, Channel channel) {
  if (channel == Channel::second) return foreign_.connected(now);
  session_.connected(now);
  brought(now);
}

void TwsBroker::closed(std::string_view why, base::Time now, Channel channel) {
  if (channel == Channel::second) return foreign_.closed(why, now);
  session_.closed(why, now);
  brought(now);
}

std::vector<broker::LinkAction> TwsBroker::take_actions(Channel channel) {
  if (channel == Channel::second) return foreign_.take_actions();
  return std::exchange(host_actions_, {});
}

}  // namespace belay::tws
