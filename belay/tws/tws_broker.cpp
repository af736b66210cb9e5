// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/tws_broker.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/tws/error_codes.hpp"
#include "belay/tws/translate.hpp"

namespace belay::tws {
namespace {

// Error messages name orders and requests in one number space: requests take the top of it, where
// no order id comes.
constexpr std::int32_t first_request_id = 2'147'000'000;
constexpr std::int32_t last_request_id = 2'147'483'646;
constexpr int unreadable_alarms_max = 100;
constexpr const char* summary_tags =
    "AccountType,NetLiquidation,TotalCashValue,SettledCash,BuyingPower,AvailableFunds,"
    "ExcessLiquidity,InitMarginReq,MaintMarginReq,GrossPositionValue,EquityWithLoanValue,Cushion";

}  // namespace

TwsBroker::TwsBroker(TwsBrokerOptions options, TwsBrokerHooks hooks)
    : options_(std::move(options)), hooks_(std::move(hooks)), session_(options_.session) {
  link_.endpoint = options_.endpoint;
  link_.session = options_.session.client_id;
}

void TwsBroker::set_phase(const char* phase, std::string detail, base::Time now) {
  link_.phase = phase;
  link_.detail = std::move(detail);
  link_.since = now;
  link_.protocol_version = session_.server_version();
  hooks_.link(link_);
}

// Carries out what the session wants: reports here, bytes and connections by the host.
void TwsBroker::pump(base::Time now) {
  now_ = now;
  while (session_.has_actions()) {
    for (session::Action& action : session_.take_actions()) {
      if (auto* deliver = std::get_if<session::Deliver>(&action)) {
        std::visit([this](const auto& message) { on(message); }, deliver->message);
      } else if (const auto* ready = std::get_if<session::Up>(&action)) {
        up(*ready, now);
      } else if (const auto* gone = std::get_if<session::Down>(&action)) {
        interrupted(gone->reason, now);
        failures_ = gone->was_up ? 1 : failures_ + 1;
        if (failures_ == options_.failures_before_alarm) {
          hooks_.report(core::Alarm{"broker_unreachable",
                                    fmt::format("{} attempts to reach the broker at {} failed: {}",
                                                failures_, options_.endpoint, gone->reason)});
        }
      } else if (const auto* unreadable = std::get_if<session::Unreadable>(&action)) {
        this->unreadable(unreadable->what);
      } else {
        if (std::holds_alternative<session::Connect>(action)) {
          server_lost_ = false;
          alarms_left_ = unreadable_alarms_max;
          set_phase("connecting", "", now);
        }
        host_actions_.push_back(std::move(action));
      }
    }
  }
}

void TwsBroker::up(const session::Up& ready, base::Time now) {
  accounts_ = ready.accounts;
  next_valid_id_ = ready.next_valid_id;
  failures_ = 0;
  // A gateway that said at start-up that it has no server is asked when it has one again.
  if (server_lost_) return set_phase("down", "the gateway has no connection to its server", now);
  begin_sync(now);
}

void TwsBroker::begin_sync(base::Time now) {
  sync_ = Sync();
  sync_.running = true;
  set_phase("syncing", "", now);
  hooks_.report(
      core::SessionUp{options_.session.client_id, next_valid_id_, accounts_seen(accounts_)});
  ask_missing(now);
  session_.send_query(
      wire::ReqAccountSummary{
          .req_id = next_request_id(), .group_name = "All", .tags = summary_tags},
      now);
}

void TwsBroker::ask_missing(base::Time now) {
  ++sync_.attempts;
  sync_.deadline = now + options_.sync_timeout;
  if (!sync_.open_orders) {
    sync_.listed.clear();
    session_.send_query(wire::ReqAllOpenOrders{}, now);
  }
  if (!sync_.completed) session_.send_query(wire::ReqCompletedOrders{.api_only = false}, now);
  if (!sync_.executions) query_executions(now);
  if (!sync_.positions) {
    hooks_.positions_begin();
    session_.send_query(wire::ReqPositions{}, now);
  }
}

void TwsBroker::query_executions(base::Time now) {
  executions_request_ = next_request_id();
  wire::ReqExecutions request;
  request.req_id = executions_request_;
  session_.send_query(request, now);
  now_ = now;
  collect_writes();
}

// Bytes that were written outside pump() (a send by the engine) go to the host in the same order.
void TwsBroker::collect_writes() {
  if (session_.has_actions()) pump(now_);
}

void TwsBroker::finish_sync_if_done(base::Time now) {
  if (!sync_.running || !sync_.done()) return;
  sync_.running = false;
  sync_.deadline = base::never;
  set_phase("ready", "", now);
  hooks_.report(core::SnapshotDone{std::move(sync_.listed)});
}

void TwsBroker::interrupted(const std::string& reason, base::Time now) {
  sync_ = Sync();
  set_phase("down", reason, now);
  hooks_.report(core::SessionDown{reason});
}

void TwsBroker::tick(base::Time now) {
  session_.tick(now);
  pump(now);
  if (!sync_.running || now < sync_.deadline) return;
  // The end of the executions and of the completed orders has been seen missing (section 8): what
  // they listed was taken, and their absence proves nothing anyway. Open orders must answer.
  if (sync_.attempts >= 2) sync_.completed = sync_.executions = true;
  if (!sync_.done()) {
    hooks_.log("the broker has not listed everything yet: asking again");
    ask_missing(now);
  }
  finish_sync_if_done(now);
  pump(now);
}

base::Time TwsBroker::next_deadline(base::Time now) const {
  return std::min(session_.next_deadline(now), sync_.deadline);
}

std::int32_t TwsBroker::next_request_id() {
  request_id_ = request_id_ < first_request_id || request_id_ >= last_request_id ? first_request_id
                                                                                 : request_id_ + 1;
  return request_id_;
}

core::LaneSlots TwsBroker::lane_slots(base::Time now) const {
  const session::OrderSlots free = session_.lane_slots(now);
  const session::OrderSlots most = session_.lane_capacity();
  return {{free.protective, free.reducing, free.entry},
          {most.protective, most.reducing, most.entry}};
}

engine::Pacing TwsBroker::pacing(base::Time now) const {
  const session::Pacer& pacer = session_.pacer();
  return {pacer.limit(), pacer.used(now), pacer.reserved(), session_.cancels_waiting(),
          session_.waiting() - session_.cancels_waiting()};
}

// Every order frame passes here last, whoever sends it. False: its slots are free again.
bool TwsBroker::may_write(std::optional<std::string> refusal, bool passes_halt,
                          std::size_t frames) {
  if (refusal) writer_alarm_ = std::move(refusal);
  // What a gateway without its server takes is lost or delayed: nothing is handed to it.
  const bool open = !writer_alarm_ && !server_lost_ && (!gate_closed_ || passes_halt);
  for (std::size_t i = 0; !open && i < frames; ++i) session_.unreserve();
  return open;
}

bool TwsBroker::place(const core::PlaceEffect& effect, base::Time now) {
  if (!may_write(ledger_.refusal(effect.broker_id), effect.passes_halt, 1)) return false;
  const wire::ClientMessage message = to_wire(effect);
  if (!send_orders({&message, 1}, now)) return false;
  ledger_.written(effect.broker_id);
  return true;
}

bool TwsBroker::replace(const core::ReplaceEffect& effect, base::Time now) {
  if (!may_write(ledger_.replace_refusal(effect.broker_id), effect.passes_halt, 1)) return false;
  const wire::ClientMessage message = to_wire(effect);
  return send_orders({&message, 1}, now);
}

bool TwsBroker::place_family(const core::PlaceFamilyEffect& effect, base::Time now) {
  std::optional<std::string> refusal;
  bool passes_halt = true;
  std::vector<wire::ClientMessage> messages;
  for (const core::PlaceEffect& each : effect.orders) {
    if (!refusal) refusal = ledger_.refusal(each.broker_id);
    passes_halt = passes_halt && each.passes_halt;
    messages.emplace_back(to_wire(each));
  }
  if (!may_write(std::move(refusal), passes_halt, messages.size())) return false;
  if (!send_orders(messages, now)) return false;
  for (const core::PlaceEffect& each : effect.orders) ledger_.written(each.broker_id);
  return true;
}

bool TwsBroker::send_orders(std::span<const wire::ClientMessage> messages, base::Time now) {
  const bool sent = session_.send_reserved(messages, now);
  now_ = now;
  collect_writes();
  return sent;
}

void TwsBroker::cancel(const core::CancelEffect& effect, base::Time now) {
  session_.send_cancel(to_wire(effect), now);
  now_ = now;
  collect_writes();
}

// What the broker said and we could not understand may be a fill: a person must know. Bounded, so
// that a peer that talks nonsense does not fill the journal.
void TwsBroker::unreadable(const std::string& what) {
  hooks_.log("a message could not be read: " + what);
  if (alarms_left_ <= 0) return;
  --alarms_left_;
  hooks_.report(core::Alarm{"unreadable_report", what});
}

template <class Message>
void TwsBroker::report(const Message& message) {
  auto translated = from_wire(message);
  if (!translated) {
    unreadable(fmt::format("{}: {}: {}", Message::msg_name, translated.error().field,
                           translated.error().detail));
    return;
  }
  hooks_.report(std::move(*translated));
}

void TwsBroker::on(const wire::OpenOrder& message) {
  if (sync_.running && !sync_.open_orders) {
    sync_.listed.push_back(names_of(message));
  }
  report(message);
}
void TwsBroker::on(const wire::OpenOrderEnd&) {
  if (!sync_.running) return;
  sync_.open_orders = true;
  finish_sync_if_done(now_);
}
void TwsBroker::on(const wire::CompletedOrder& message) {
  report(message);
}
void TwsBroker::on(const wire::CompletedOrdersEnd&) {
  if (!sync_.running) return;
  sync_.completed = true;
  finish_sync_if_done(now_);
}
void TwsBroker::on(const wire::OrderStatus& message) {
  report(message);
}
void TwsBroker::on(const wire::ExecDetails& message) {
  report(message);
}
void TwsBroker::on(const wire::ExecDetailsEnd& message) {
  if (!sync_.running || message.req_id != executions_request_) return;
  sync_.executions = true;
  finish_sync_if_done(now_);
}
void TwsBroker::on(const wire::CommissionReport& message) {
  if (message.commission.is_set()) report(message);
}
void TwsBroker::on(const wire::Position& message) {
  if (const auto position = from_wire(message)) hooks_.position(*position);
}
void TwsBroker::on(const wire::PositionEnd&) {
  if (!sync_.running) return;
  sync_.positions = true;
  finish_sync_if_done(now_);
}
void TwsBroker::on(const wire::AccountSummary& message) {
  hooks_.account_value(from_wire(message));
}

void TwsBroker::on(const wire::ErrMsg& message) {
  const std::int32_t code = message.error_code;
  const bool information = verdict_of(code) == core::Verdict::information;
  (information ? hooks_.debug : hooks_.log)(
      fmt::format("notice {} about {}: {}", code, message.id, message.error_string));
  // The gateway lost its own server: what is sent now is lost or delayed. It is as good as a lost
  // link until 1101 or 1102, and then everything is asked again.
  if (code == 1100 || code == 2110) {
    server_lost_ = true;
    if (session_.phase() != session::Phase::up) return;
    interrupted(fmt::format("{} {}", code, message.error_string), now_);
    return;
  }
  if (code == 1101 || code == 1102) {
    if (!server_lost_) return;
    server_lost_ = false;
    if (session_.phase() == session::Phase::up) begin_sync(now_);
    return;
  }
  if (message.id > 0 && message.id < first_request_id) {
    hooks_.report(from_wire(message, options_.session.client_id));
  }
}

}  // namespace belay::tws
