// SPDX-License-Identifier: Apache-2.0
// ?fresh=true: the broker is asked for its lists before the answer. Bounded: one round serves all
// who wait for one, no more than one begins in a second, few wait, and none for long. A caller that
// gets no fresh list gets the one that is there, with the reason.
#include <algorithm>

#include "belay/api/service.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::api {
namespace {

constexpr std::size_t fresh_max = 64;
constexpr base::Duration fresh_patience = std::chrono::seconds(5);
constexpr base::Duration fresh_interval = std::chrono::seconds(1);

}  // namespace

// True: the answer can be made. False: it was, or will be when the broker has told its list.
bool Service::await_fresh(Exchange& exchange, model::BrokerList list, bool always) {
  const auto wanted = exchange.request.query_value("fresh").value_or(always ? "true" : "false");
  if (wanted == "false" || exchange.fresh) return true;
  if (wanted != "true") {
    respond(exchange, blame({{"fresh", "expected true or false"}}, ""));
    return false;
  }
  const views::ListState& state = view_.list(list);
  const bool is_new = state.told == views::Told::now && exchange.now - state.as_of < fresh_interval;
  if (is_new && !always) {
    exchange.fresh = "";
  } else if (!engine_.core().ready() || !view_.synced() || view_.link().doubtful) {
    exchange.fresh = "the broker cannot be asked now: the link is " + view_.link().phase +
                     (view_.link().doubtful ? " and in doubt" : "");
  } else if (fresh_.size() >= fresh_max) {
    exchange.fresh = "too many callers wait for fresh lists already";
  }
  if (exchange.fresh) return true;
  FreshRead waits{{}, list, exchange.now, exchange.now + fresh_patience};
  waits.read.connection = exchange.connection;
  waits.read.number = exchange.number;
  waits.read.request = exchange.request;
  waits.read.correlation_id = exchange.correlation_id;
  waits.read.id = exchange.id;
  waits.read.handler = exchange.handler;
  fresh_.push_back(std::move(waits));
  ask_fresh(exchange.now);
  return false;
}

// Who came after the last round began needs another one.
base::Time Service::fresh_due() const {
  base::Time due = base::never;
  for (const FreshRead& read : fresh_) {
    due = std::min(due, read.deadline);
    const bool unasked = !fresh_asked_at_ || read.since > *fresh_asked_at_;
    if (unasked) {
      due = std::min(due, fresh_asked_at_ ? *fresh_asked_at_ + fresh_interval : base::Time());
    }
  }
  return due;
}

void Service::ask_fresh(base::Time now) {
  if (fresh_asked_at_ && now - *fresh_asked_at_ < fresh_interval) return;
  fresh_asked_at_ = now;
  core::Reconcile command;
  command.correlation = next_correlation();  // nobody waits for this reply
  command.principal = local_principal;
  engine_.submit(command, now);
}

// What has its list goes on as the long answer that it is.
void Service::serve_fresh(base::Time now) {
  if (fresh_.empty()) return;
  const auto ends = [&](FreshRead& waits) {
    const views::ListState& state = view_.list(waits.list);
    const bool told = state.told == views::Told::now && state.as_of >= waits.since;
    if (!told && now < waits.deadline) return false;
    waits.read.fresh = told ? "" : "the broker did not tell the list in time";
    long_reads_.push_back(std::move(waits.read));
    return true;
  };
  std::erase_if(fresh_, ends);
  const bool unasked = std::any_of(fresh_.begin(), fresh_.end(), [&](const FreshRead& read) {
    return fresh_asked_at_ && read.since > *fresh_asked_at_;
  });
  if (unasked) ask_fresh(now);
}

// As of when a list is, and how far it can be trusted.
void Service::write_told(base::JsonWriter& json, const Exchange& exchange,
                         model::BrokerList list) const {
  const bool whole =
      exchange.archived == nullptr || (exchange.archived->whole && exchange.archived->part.whole);
  write_told(json, list, whole, exchange.fresh);
}

void Service::write_told(base::JsonWriter& json, model::BrokerList list, bool whole,
                         const std::optional<std::string>& fresh) const {
  const views::ListState& state = view_.list(list);
  json.key("as_of");
  state.as_of == base::Time() ? json.null()
                              : json.string(base::to_rfc3339(engine_.core().civil(state.as_of)));
  json.field("stale", state.told != views::Told::now || view_.link().doubtful);
  json.field("complete", state.complete && whole);
  if (!fresh) return;
  json.field("fresh", fresh->empty());
  if (!fresh->empty()) json.field("not_fresh_because", *fresh);
}

}  // namespace belay::api
