// SPDX-License-Identifier: Apache-2.0
#include "belay/api/callers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "belay/base/defects.hpp"

namespace belay::api {
namespace {

// A caller with this much unparsed is not read from until some of it is done.
constexpr std::size_t unparsed_enough = 16 * 1024;
constexpr base::Duration look_every = std::chrono::seconds(1);
constexpr base::Duration stall_when_crowded = std::chrono::seconds(1);
constexpr base::Duration tell_every = std::chrono::minutes(1);

}  // namespace

Callers::Callers(const CallerLimits& limits, const ServiceHooks& hooks,
                 std::function<void(ConnectionId)> gone)
    : limits_(limits), hooks_(hooks), gone_(std::move(gone)) {}

ConnectionId Callers::open(base::Time now, std::string_view name) {
  while (!callers_.empty() && callers_.size() >= limits_.connections_max) evict_one(now);
  const ConnectionId id = ++last_;
  Caller& caller =
      callers_.emplace(id, Caller(HttpSession(limits_.http, fmt::format("{}-{}", name, id))))
          .first->second;
  caller.session.opened(now);
  caller.useful_at = caller.progress_at = now;
  settle(id, caller, now);
  return id;
}

void Callers::receive(ConnectionId connection, std::string_view bytes, base::Time now) {
  const auto found = callers_.find(connection);
  if (found == callers_.end()) return;
  found->second.session.on_bytes(bytes, now);
  settle(connection, found->second, now);
}

void Callers::input_ended(ConnectionId connection, base::Time now) {
  const auto found = callers_.find(connection);
  if (found == callers_.end()) return;
  if (base::defect(base::Defect::half_close_drops_caller)) return end(connection, true);
  found->second.session.on_end(now);
  settle(connection, found->second, now);
}

std::optional<HttpSession::Incoming> Callers::next(ConnectionId connection, base::Time now) {
  const auto found = callers_.find(connection);
  if (found == callers_.end()) return std::nullopt;
  Caller& caller = found->second;
  if (caller.long_read || caller.session.is_finished()) return std::nullopt;
  if (caller.unsent != 0 && !base::defect(base::Defect::unread_answer_is_no_limit)) {
    return std::nullopt;
  }
  auto incoming = caller.session.next(now);
  if (incoming) caller.useful_at = now;
  settle(connection, caller, now);
  return incoming;
}

void Callers::begin_read(ConnectionId connection) {
  if (const auto found = callers_.find(connection); found != callers_.end()) {
    found->second.long_read = true;
  }
}

void Callers::respond(ConnectionId connection, HttpSession::Number number, HttpResponse response,
                      base::Time now) {
  const auto found = callers_.find(connection);
  if (found == callers_.end()) return;  // the caller left; what was done stays done
  found->second.long_read = false;
  found->second.session.respond(number, std::move(response), now);
  settle(connection, found->second, now);
}

HttpSession* Callers::find(ConnectionId connection) {
  const auto found = callers_.find(connection);
  return found == callers_.end() ? nullptr : &found->second.session;
}

void Callers::flush(ConnectionId connection, base::Time now) {
  const auto found = callers_.find(connection);
  if (found == callers_.end()) return;
  Caller& caller = found->second;
  HttpSession& session = caller.session;
  const std::size_t unsent = session.is_streaming() ? hooks_.unsent(connection) : 0;
  if (const auto pieces = session.take_pieces(unsent); !pieces.empty()) {
    const bool waited = caller.unsent != 0;
    send(connection, pieces);
    unsent_bytes_ -= caller.unsent;
    caller.unsent = hooks_.unsent(connection);
    unsent_bytes_ += caller.unsent;
    if (caller.unsent != 0) {
      if (!waited) caller.progress_at = now;
      sending_.insert(connection);
      look_at_ = std::min(look_at_, now + look_every);
    }
  }
  // What is unsent is still ours to bound: the peer is let go when it has taken it, or too long.
  const bool sent = caller.unsent == 0 || session.is_cut();
  if (session.is_finished() && sent) return end(connection, session.is_cut());
  settle(connection, caller, now);
  if (bytes_ > limits_.buffers_max) make_room(now);
}

void Callers::send(ConnectionId connection, const std::vector<SharedText>& pieces) {
  if (pieces.size() == 1) return hooks_.send(connection, *pieces.front());
  if (hooks_.send_pieces) return hooks_.send_pieces(connection, pieces);
  std::string bytes;
  for (const SharedText& piece : pieces) bytes += *piece;
  hooks_.send(connection, bytes);
}

void Callers::closed(ConnectionId connection) {
  const auto found = callers_.find(connection);
  if (found == callers_.end()) return;
  bytes_ -= found->second.counted;
  unsent_bytes_ -= found->second.unsent;
  deadlines_.erase({found->second.deadline, connection});
  sending_.erase(connection);
  if (sending_.empty()) look_at_ = base::never;
  callers_.erase(found);
  gone_(connection);
}

void Callers::end(ConnectionId connection, bool cut) {
  closed(connection);
  hooks_.finish(connection, cut);
}

void Callers::drained(ConnectionId connection, base::Time now) {
  const auto found = callers_.find(connection);
  if (found == callers_.end()) return;
  unsent_bytes_ -= std::exchange(found->second.unsent, 0);
  found->second.progress_at = now;
  sending_.erase(connection);
  if (found->second.session.is_finished()) return end(connection, false);
  settle(connection, found->second, now);
}

// After anything happened to a caller: its deadline, what it holds, whether it is read from.
void Callers::settle(ConnectionId connection, Caller& caller, base::Time) {
  const base::Time deadline = caller.session.deadline();
  if (deadline != caller.deadline) {
    deadlines_.erase({caller.deadline, connection});
    caller.deadline = deadline;
    if (deadline != base::never) deadlines_.insert({deadline, connection});
  }
  const std::size_t held = caller.session.kept() + caller.unsent;
  bytes_ += held - caller.counted;
  caller.counted = held;
  const bool paused = caller.session.unparsed() >= unparsed_enough;
  if (paused == caller.paused) return;
  caller.paused = paused;
  hooks_.reading(connection, !paused);
}

// How much of what was sent has been taken since the last look.
void Callers::look(base::Time now) {
  look_at_ = now + look_every;
  // While others wait for the room, all who take nothing go at once: one by one they would let an
  // answer in for each look.
  const base::Duration patience =
      is_crowded() ? std::min(limits_.stall_max, stall_when_crowded) : limits_.stall_max;
  std::vector<ConnectionId> stalled;
  for (auto it = sending_.begin(); it != sending_.end();) {
    const ConnectionId connection = *it++;
    Caller& caller = callers_.at(connection);
    const std::size_t unsent = hooks_.unsent(connection);
    if (unsent < caller.unsent) caller.progress_at = now;
    unsent_bytes_ -= caller.unsent;
    unsent_bytes_ += caller.unsent = unsent;
    if (unsent == 0) sending_.erase(connection);
    settle(connection, caller, now);
    if (unsent != 0 && caller.progress_at + patience <= now) stalled.push_back(connection);
  }
  for (const ConnectionId connection : stalled) {
    ++stalled_total_;
    end(connection, true);
  }
  if (is_crowded()) make_room(now);
  if (sending_.empty()) look_at_ = base::never;
  tell(now);
}

// The one that moved nothing for the longest; end() when fewer than two hold anything, so that one
// very long answer can be told.
Callers::Map::iterator Callers::longest_still(bool unsent_only) {
  auto longest = callers_.end();
  std::size_t holders = 0;
  for (auto it = callers_.begin(); it != callers_.end(); ++it) {
    const Caller& caller = it->second;
    if ((unsent_only ? caller.unsent : caller.counted) == 0) continue;
    ++holders;
    const bool longer = longest == callers_.end() || caller.moved_at() < longest->second.moved_at();
    if (longer) longest = it;
  }
  return holders < 2 && !unsent_only ? callers_.end() : longest;
}

// Beyond the bound it gives way whoever it is; below it, only when it takes nothing and others wait
// for the room.
void Callers::make_room(base::Time now) {
  while (bytes_ > limits_.buffers_max) {
    const auto victim = longest_still(false);
    if (victim == callers_.end()) break;
    ++stalled_total_;
    end(victim->first, true);
  }
  while (is_crowded()) {
    const auto victim = longest_still(true);
    if (victim == callers_.end() || victim->second.moved_at() + stall_when_crowded > now) break;
    ++stalled_total_;
    end(victim->first, true);
  }
  tell(now);
}

Worth Callers::worth(const Caller& caller) const {
  if (caller.session.is_streaming()) return caller.unsent != 0 ? Worth::unread : Worth::stream;
  // Who has ended its direction may have left for good.
  if (caller.unsent != 0 || caller.session.has_input_ended()) return Worth::unread;
  if (caller.long_read) return Worth::read;
  return caller.session.is_idle() ? Worth::idle : Worth::command;
}

void Callers::evict_one(base::Time now) {
  const auto less = [this](const Map::value_type& a, const Map::value_type& b) {
    return std::tuple(worth(a.second), a.second.useful_at, a.first) <
           std::tuple(worth(b.second), b.second.useful_at, b.first);
  };
  const auto victim = std::min_element(callers_.begin(), callers_.end(), less);
  ++evicted_total_;
  end(victim->first, true);
  tell(now);
}

void Callers::tell(base::Time now) {
  const std::uint64_t total = evicted_total_ + stalled_total_;
  if (total == told_total_ || (told_total_ != 0 && now < told_at_ + tell_every)) return;
  hooks_.warn(fmt::format(
      "{} connections of callers were closed to make room or because they read nothing: {} are "
      "open of at most {} (API_CONNECTIONS_MAX and the descriptor limit), {} KiB wait of at most "
      "{} (API_BUFFERS_MAX)",
      total - told_total_, callers_.size(), limits_.connections_max, bytes_ / 1024,
      limits_.buffers_max / 1024));
  told_total_ = total;
  told_at_ = now;
}

void Callers::turn(base::Time now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const ConnectionId connection = deadlines_.begin()->second;
    Caller& caller = callers_.at(connection);
    caller.session.on_time(now);
    settle(connection, caller, now);
    flush(connection, now);
  }
  if (look_at_ <= now) look(now);
}

base::Time Callers::next_deadline() const {
  return deadlines_.empty() ? look_at_ : std::min(look_at_, deadlines_.begin()->first);
}

}  // namespace belay::api
