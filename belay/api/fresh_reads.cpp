// SPDX-License-Identifier: Apache-2.0
#include "belay/api/fresh_reads.hpp"

#include <algorithm>

#include "belay/views/gauges.hpp"

namespace belay::api {
namespace {

constexpr std::size_t fresh_max = 64;
constexpr base::Duration fresh_patience = std::chrono::seconds(5);
constexpr base::Duration fresh_interval = std::chrono::seconds(1);

}  // namespace

// True: the answer can be made. False: it was, or will be when the broker has told its list.
bool FreshReads::await(Exchange& exchange, model::BrokerList list, bool always) {
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
  } else if (!view_.gauges().conditions(exchange.now).ready || !view_.synced() ||
             view_.link().doubtful) {
    exchange.fresh = "the broker cannot be asked now: the link is " + view_.link().phase +
                     (view_.link().doubtful ? " and in doubt" : "");
  } else if (fresh_.size() >= fresh_max) {
    exchange.fresh = "too many callers wait for fresh lists already";
  }
  if (exchange.fresh) return true;
  fresh_.push_back({PendingRead(exchange), list, exchange.now, exchange.now + fresh_patience});
  ask(exchange.now);
  return false;
}

// Who came after the last round began needs another one.
base::Time FreshReads::next_deadline() const {
  base::Time due = base::never;
  for (const FreshRead& read : fresh_) {
    due = std::min(due, read.deadline);
    const bool unasked = !asked_at_ || read.since > *asked_at_;
    if (unasked) {
      due = std::min(due, asked_at_ ? *asked_at_ + fresh_interval : base::Time());
    }
  }
  return due;
}

void FreshReads::ask(base::Time now) {
  if (asked_at_ && now - *asked_at_ < fresh_interval) return;
  asked_at_ = now;
  waits_.ask_lists(now);
}

// What has its list goes on as the long answer that it is.
void FreshReads::turn(base::Time now) {
  if (fresh_.empty()) return;
  const auto ends = [&](FreshRead& waits) {
    const views::ListState& state = view_.list(waits.list);
    const bool told = state.told == views::Told::now && state.as_of >= waits.since;
    if (!told && now < waits.deadline) return false;
    waits.read.key.fresh = told ? "" : "the broker did not tell the list in time";
    reads_.begin_long(std::move(waits.read));
    return true;
  };
  std::erase_if(fresh_, ends);
  const bool unasked = std::any_of(fresh_.begin(), fresh_.end(), [&](const FreshRead& read) {
    return asked_at_ && read.since > *asked_at_;
  });
  if (unasked) ask(now);
}

void write_told(base::JsonWriter& json, const views::LiveView& view, const Exchange& exchange,
                model::BrokerList list) {
  const bool whole =
      exchange.archived == nullptr || (exchange.archived->whole && exchange.archived->part.whole);
  write_told(json, view, list, whole, exchange.fresh);
}

void write_told(base::JsonWriter& json, const views::LiveView& view, model::BrokerList list,
                bool whole, const std::optional<std::string>& fresh) {
  const views::ListState& state = view.list(list);
  json.key("as_of");
  state.as_of == base::Time() ? json.null()
                              : json.string(base::to_rfc3339(view.gauges().civil(state.as_of)));
  json.field("stale", state.told != views::Told::now || view.link().doubtful);
  json.field("complete", state.complete && whole);
  if (!fresh) return;
  json.field("fresh", fresh->empty());
  if (!fresh->empty()) json.field("not_fresh_because", *fresh);
}

}  // namespace belay::api
