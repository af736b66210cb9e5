// SPDX-License-Identifier: Apache-2.0
// The word for the state of the link: what was lost, and what only a person can change.
#include <fmt/format.h>

#include <algorithm>

#include "belay/tws/session_state.hpp"
#include "belay/tws/tws_broker.hpp"

namespace belay::tws {

void TwsBroker::interrupted(const std::string& reason, base::Time now, bool degraded) {
  rounds_.link_lost();
  waits_.link_lost(now);
  unanswered_.clear();
  contract_questions_.clear();
  doubt_.clear();
  positions_told_ = account_told_ = false;
  account_due_ = base::never;
  drop_changes("the link was lost before the change was sent");
  foreign_.drop_changes("the link was lost before the change was sent");
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

}  // namespace belay::tws
