// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/session/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/base/defects.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::tws::session {

using base::Defect;

Session::Session(SessionOptions options)
    : options_(options),
      lanes_({options.message_rate_limit, options.cancel_reserve, options.protective_reserve,
              options.reducing_reserve}),
      jitter_(options.jitter_seed),
      reader_(wire::FrameReader::Start::frames) {}

void Session::start(base::Time now) {
  BELAY_CHECK(phase_ == Phase::idle);
  phase_ = Phase::connecting;
  last_notice_.clear();  // of an earlier attempt
  last_code_ = 0;
  deadline_ = now + options_.connect_timeout;
  actions_.push_back(Connect{});
}

void Session::connected(base::Time now) {
  if (phase_ != Phase::connecting) return;
  phase_ = Phase::greeting;
  reader_ = wire::FrameReader(wire::FrameReader::Start::frames);
  std::string bytes;
  wire::append_client_greeting({.min_version = wire::min_server_version,
                                .max_version = options_.max_version,
                                .connect_options = ""},
                               bytes);
  last_heard_ = now;
  actions_.push_back(Write{std::move(bytes)});
}

bool Session::read(std::string_view& data, base::Time now) {
  last_heard_ = now;
  if (phase_ != Phase::greeting && phase_ != Phase::starting && phase_ != Phase::up) return false;
  const auto step = reader_.next(data);
  if (step.status == wire::FrameReader::Status::need_more) return false;
  if (step.status == wire::FrameReader::Status::broken) {
    fail("the server sent a frame that is too long: not a TWS, or a broken stream", now);
  } else {
    frame(step.payload, now);
  }
  return true;
}

void Session::frame(std::string_view payload, base::Time now) {
  if (phase_ == Phase::greeting) return hello(payload, now);
  const auto read = messages_.read(payload, server_version_);
  if (!read) {
    // One unreadable message must not cost the link: what it said is asked again at the next sync.
    actions_.push_back(Unreadable{wire::to_string(read.error())});
    return;
  }
  const wire::ServerMessage& message = (*read)->message;
  // Only what answers a question of ours proves that it is listened to. The clock's is asked after
  // a while without any.
  if (const auto* clock = std::get_if<wire::CurrentTime>(&message)) {
    if (!asked_at_) return;
    last_answer_ = now;
    probe_due_ = base::never;
    actions_.emplace_back(ClockTold{clock->time, *std::exchange(asked_at_, std::nullopt)});
    return;
  }
  // While starting, too: whatever comes then (this client's open orders among it) is true.
  actions_.emplace_back(Deliver{*read});
  if (phase_ == Phase::starting) starting(message, now);
}

void Session::hello(std::string_view payload, base::Time now) {
  const auto hello = wire::parse_server_hello(payload);
  if (!hello) return fail("the server's greeting cannot be read: " + hello.error().detail, now);
  if (hello->is_redirect()) {
    return fail("the server redirects to " + hello->connection_time + ": connect there instead",
                now);
  }
  if (hello->server_version < wire::min_server_version ||
      hello->server_version > options_.max_version) {
    return fail(fmt::format("the server speaks version {}; needed is {} to {}",
                            hello->server_version, wire::min_server_version, options_.max_version),
                now, true);
  }
  if (lanes_.is_unlimited() && !hello->is_simulated()) {
    return fail(
        "TWS_MESSAGE_RATE_LIMIT is 0, which is for the simulated TWS, and this server does "
        "not greet as one",
        now);
  }
  server_version_ = hello->server_version;
  phase_ = Phase::starting;
  next_valid_id_.reset();
  accounts_known_ = false;
  last_notice_.clear();
  write(wire::StartApi{.client_id = options_.client_id, .optional_capabilities = ""}, now);
}

// Up when the next id and the accounts are known.
void Session::starting(const wire::ServerMessage& message, base::Time now) {
  if (const auto* next = std::get_if<wire::NextValidId>(&message)) {
    next_valid_id_ = next->order_id;
  } else if (const auto* managed = std::get_if<wire::ManagedAccts>(&message)) {
    accounts_.clear();
    std::string_view list = managed->accounts_list;
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      if (comma > 0) accounts_.emplace_back(list.substr(0, comma));
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
    // A session without accounts is no session yet: the names may still come.
    accounts_known_ = !accounts_.empty();
  } else if (const auto* error = std::get_if<wire::ErrMsg>(&message)) {
    if (error->error_code < 2100 || error->error_code > 2199) {
      last_notice_ = fmt::format("{} {}", error->error_code, error->error_string);
      last_code_ = error->error_code;
    }
  }
  if (!next_valid_id_ || !accounts_known_) return;
  phase_ = Phase::up;
  failures_ = 0;
  deadline_ = base::never;
  last_answer_ = now;
  actions_.push_back(Up{*next_valid_id_, accounts_});
}

void Session::fail(std::string reason, base::Time now, bool version_refused) {
  actions_.push_back(Close{reason});
  down(std::move(reason), now, version_refused);
}

void Session::closed(std::string_view reason, base::Time now) {
  if (phase_ == Phase::idle || phase_ == Phase::waiting) return;
  std::string why(reason);
  if (phase_ == Phase::starting && !last_notice_.empty()) {
    why = last_notice_;
  } else if (phase_ == Phase::starting) {
    why += " right after start-up: the client id may be in use";
  }
  down(std::move(why), now);
}

void Session::down(std::string reason, base::Time now, bool version_refused) {
  const bool was_up = phase_ == Phase::up;
  phase_ = Phase::waiting;
  asked_at_.reset();
  probe_due_ = base::never;
  queries_.clear();
  // Exponential, with up to a quarter of jitter so that many clients do not come back together.
  base::Duration delay = options_.reconnect_delay;
  for (int i = 0; i < failures_ && delay < options_.reconnect_delay_max; ++i) delay *= 2;
  delay = std::min(delay, options_.reconnect_delay_max);
  delay += base::Duration(jitter_.between(0, delay.count() / 4));
  if (!was_up) ++failures_;
  deadline_ = now + delay;
  const std::int32_t code = was_up ? 0 : last_code_;
  std::vector<wire::ClientMessage> unsent(cancels_.begin(), cancels_.end());
  cancels_.clear();
  actions_.push_back(
      Down{std::move(reason), was_up, deadline_, code, version_refused, std::move(unsent)});
}

void Session::tick(base::Time now) {
  switch (phase_) {
    case Phase::idle:
      return;
    case Phase::waiting:
      if (now >= deadline_) {
        phase_ = Phase::idle;
        start(now);
      }
      return;
    case Phase::connecting:
    case Phase::greeting:
    case Phase::starting:
      if (now >= deadline_) {
        fail(
            fmt::format("timed out {}{}{}", step(), last_notice_.empty() ? "" : ": ", last_notice_),
            now);
      }
      return;
    case Phase::up:
      break;
  }
  if (asked_at_ && now >= answer_due()) {
    return fail(fmt::format("no answer to the question for the clock since {}",
                            base::to_rfc3339(*asked_at_)),
                now);
  }
  if (!asked_at_ && now - last_answer_ >= options_.keepalive_after) ask_clock(now);
  flush(now);
}

// What an attempt waits for.
const char* Session::step() const {
  if (phase_ == Phase::connecting) return "connecting";
  if (phase_ == Phase::greeting) return "waiting for the gateway's greeting";
  if (!next_valid_id_) return "waiting for nextValidId";
  return "waiting for managedAccounts";
}

bool Session::may_ask_clock(base::Time now) const {
  return phase_ == Phase::up && lanes_.probe_may_go(now);
}

void Session::ask_clock(base::Time now, std::optional<base::Duration> within) {
  if (!asked_at_) {
    if (!may_ask_clock(now)) return;
    asked_at_ = now;  // its time runs from when it left
    write(wire::ReqCurrentTime{}, now);
  }
  if (within) probe_due_ = std::min(probe_due_, now + *within);
}

base::Time Session::answer_due() const {
  const bool others_come = last_heard_ > *asked_at_;
  return std::min(probe_due_, *asked_at_ + (others_come ? 3 : 1) * options_.keepalive_wait);
}

void Session::drop(std::string reason, base::Time now) {
  if (phase_ == Phase::idle || phase_ == Phase::waiting) return;
  fail(std::move(reason), now);
}

base::Time Session::next_deadline(base::Time now) const {
  if (phase_ != Phase::up) return deadline_;
  base::Time next = last_answer_ + options_.keepalive_after;
  if (asked_at_) {
    next = answer_due();
  } else if (next <= now && !may_ask_clock(now)) {
    next = lanes_.next_change(now);
  }
  return std::min(next, lanes_.next_waiting(now, in_lanes()));
}

void Session::write(const wire::ClientMessage& message, base::Time now) {
  Write out;
  wire::encode(message, server_version_, out.bytes);
  lanes_.sent(now);
  actions_.push_back(std::move(out));
}

bool Session::send_reserved(std::span<const wire::PlaceOrder> messages, base::Time now) {
  for (std::size_t i = 0; i < messages.size(); ++i) lanes_.unreserve();
  if (phase_ != Phase::up) return false;
  Write out;
  for (const auto& message : messages) {
    wire::encode(message, server_version_, out.bytes);
    lanes_.sent(now);
  }
  actions_.push_back(std::move(out));
  return true;
}

bool Session::send_cancel(const wire::ClientMessage& message, base::Time now) {
  if (phase_ != Phase::up) return false;
  cancels_.push_back(message);
  flush(now);
  return true;
}

bool Session::send_query(const wire::ClientMessage& message, base::Time now) {
  if (phase_ != Phase::up || queries_.size() >= options_.query_queue_max) return false;
  queries_.push_back(message);
  flush(now);
  return true;
}

void Session::flush(base::Time now) {
  while (!cancels_.empty() && lanes_.cancel_may_go(now)) {
    write(cancels_.front(), now);
    cancels_.pop_front();
  }
  while (!queries_.empty() && lanes_.query_may_go(now, in_lanes())) {
    lanes_.sent_query(now);
    write(queries_.front(), now);
    queries_.pop_front();
  }
}

std::optional<broker::LinkAction> link_action(Action& action) {
  if (std::holds_alternative<Connect>(action)) return Connect{};
  if (auto* write = std::get_if<Write>(&action)) return broker::LinkAction(std::move(*write));
  if (auto* close = std::get_if<Close>(&action)) return broker::LinkAction(std::move(*close));
  return std::nullopt;
}

broker::OrderSlots Session::lane_slots(base::Time now) const {
  if (phase_ != Phase::up) return {};
  return lanes_.slots(now, in_lanes());
}

}  // namespace belay::tws::session

template class belay::base::OneOf<belay::tws::session::Actions>;
