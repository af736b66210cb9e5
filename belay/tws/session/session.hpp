// SPDX-License-Identifier: Apache-2.0
// Session: one client connection to TWS or IB Gateway as a machine without sockets or clock. Bytes
// and times go in; what to do comes out (connect, write, close, deliver). It knows the handshake,
// start-up, keep-alive, back-off and pacing lanes; it does not know what an order is.
//
// Invariants: (1) nothing but the handshake leaves before nextValidId and managedAccounts came,
// because TWS may drop earlier requests in silence; (2) cancels go before everything else that
// waits; (3) the pacing limit holds for every byte that leaves; (4) what is kept for a higher lane
// is never taken by a lower one, and no lane starves: queries and new risk share what is left.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/base/time.hpp"
#include "belay/broker/lanes.hpp"
#include "belay/broker/link.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/frame.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::tws::session {

struct SessionOptions {
  std::int32_t client_id = 0;
  int max_version = wire::max_server_version;
  base::Duration connect_timeout = std::chrono::seconds(10);  ///< each attempt, to nextValidId
  base::Duration keepalive_after = std::chrono::seconds(30);  ///< no answer before a question
  /// No answer to it and not a byte: the link is dead. While others come the answer may be behind
  /// a long list: three times as long.
  base::Duration keepalive_wait = std::chrono::seconds(15);
  base::Duration reconnect_delay = std::chrono::seconds(5);  ///< first back-off, doubles
  base::Duration reconnect_delay_max = std::chrono::seconds(60);
  /// Messages in any second; the broker's own limit is 50. 0 is no limit: a server that does not
  /// greet as the simulated one is then left at its greeting, before anything is asked of it.
  unsigned message_rate_limit = 45;
  unsigned cancel_reserve = 5;      ///< of these, slots that only cancels may take
  unsigned protective_reserve = 5;  ///< ... only cancels and protection
  unsigned reducing_reserve = 3;    ///< ... only these and what reduces a position
  std::size_t query_queue_max = 1000;
  std::uint64_t jitter_seed = 1;
};

// ---- what the owner must do, in this order ----
using broker::Close;
using broker::Connect;
using broker::Write;
/// Ready: requests may be sent from now on.
struct Up {
  std::int32_t next_valid_id = 0;  ///< as told, whatever it is
  std::vector<std::string> accounts;
};
/// The connection is gone (or could not be made); another attempt follows by itself.
struct Down {
  std::string reason;
  bool was_up = false;
  base::Time retry_at;
  std::int32_t code = 0;         ///< the server's own word before it closed, such as 326; 0 is none
  bool version_refused = false;  ///< the two have no protocol version in common
  /// Cancels that waited for a slot: not a byte of them left.
  std::vector<wire::ClientMessage> cancels_unsent = {};
};
/// A message of the server's: it lies in the session and is valid until the next call of read().
/// What is damaged of it reads as "not given".
struct Deliver {
  const wire::Decoded<wire::ServerMessage>* read = nullptr;
};
/// The server's answer to the question for its clock. An answer that nobody asked for is none.
struct ClockTold {
  std::int64_t seconds = 0;  ///< since 1970
  base::Time asked_at;       ///< by our clock
};
/// Bytes that could not be read as the message they claim to be; the stream goes on.
struct Unreadable {
  std::string what;
};
struct Actions {
  using Variant = std::variant<Connect, Write, Close, Up, Down, Deliver, Unreadable, ClockTold>;
};
using Action = base::OneOf<Actions>;
/// The action as far as it is one for the host; nothing when it is the owner's.
std::optional<broker::LinkAction> link_action(Action& action);

enum class Phase : std::uint8_t { idle, waiting, connecting, greeting, starting, up };

class Session {
 public:
  explicit Session(SessionOptions options);

  void start(base::Time now);
  void connected(base::Time now);
  /// Takes the next frame from the front of `data`. True: carry out what there is to do, then call
  /// again. False: the rest is kept, or nothing is listened to. Messages are handed over one by one
  /// because the largest of them take longer to move than to read.
  bool read(std::string_view& data, base::Time now);
  /// The connection ended or an attempt failed.
  void closed(std::string_view reason, base::Time now);
  void tick(base::Time now);
  base::Time next_deadline(base::Time now) const;

  /// Sends an order frame on a slot that was reserved before. False: not up, not one byte left.
  bool send_reserved(const wire::PlaceOrder& message, base::Time now) {
    return send_reserved(std::span(&message, 1), now);
  }
  /// Several, each on a slot of its own, in one write with nothing between them.
  bool send_reserved(std::span<const wire::PlaceOrder> messages, base::Time now);
  /// Before everything that waits; at once while slots are free. False: not up.
  bool send_cancel(const wire::ClientMessage& message, base::Time now);
  /// Asks for the server's clock, which is also the proof that the link lives: what answers lives,
  /// not what sends. One question at a time. `within`: no answer by then and the link is dropped.
  void ask_clock(base::Time now, std::optional<base::Duration> within = std::nullopt);
  /// Since when the clock's question is out.
  std::optional<base::Time> clock_asked_at() const { return asked_at_; }
  /// Ends the connection, for what its owner found; another attempt follows by itself.
  void drop(std::string reason, base::Time now);
  /// In turn. False: not up, or too many wait.
  bool send_query(const wire::ClientMessage& message, base::Time now);

  /// Slots for orders: what the limit allows, less what is kept for higher lanes and what waits.
  broker::OrderSlots lane_slots(base::Time now) const;
  broker::OrderSlots lane_capacity() const { return lanes_.capacity(); }
  /// ... for those of the lowest lane.
  unsigned order_slots(base::Time now) const { return lane_slots(now).entry; }
  base::Time next_slot(base::Time now) const { return lanes_.next_change(now); }
  void reserve() { lanes_.reserve(); }
  void unreserve() { lanes_.unreserve(); }
  /// A message that an earlier life of this program sent at `at`; in rising order, before start().
  void sent_before(base::Time at) { lanes_.sent(at); }

  std::vector<Action> take_actions() { return std::exchange(actions_, {}); }
  /// ... into `out`, whose room is used for those to come.
  void take_actions(std::vector<Action>& out) { out.clear(), out.swap(actions_); }
  bool has_actions() const { return !actions_.empty(); }
  Phase phase() const { return phase_; }
  /// While starting: the other half is what is waited for.
  bool has_next_id() const { return next_valid_id_.has_value(); }
  int server_version() const { return server_version_; }
  std::size_t waiting() const { return cancels_.size() + queries_.size(); }
  std::size_t cancels_waiting() const { return cancels_.size(); }
  const broker::Pacer& pacer() const { return lanes_.pacer(); }
  const SessionOptions& options() const { return options_; }

 private:
  void frame(std::string_view payload, base::Time now);
  void hello(std::string_view payload, base::Time now);
  void starting(const wire::ServerMessage& message, base::Time now);
  void fail(std::string reason, base::Time now, bool version_refused = false);
  void down(std::string reason, base::Time now, bool version_refused = false);
  void write(const wire::ClientMessage& message, base::Time now);
  void flush(base::Time now);
  bool may_ask_clock(base::Time now) const;
  base::Time answer_due() const;
  const char* step() const;
  broker::Lanes::Waiting in_lanes() const { return {cancels_.size(), queries_.size()}; }

  SessionOptions options_;
  broker::Lanes lanes_;
  base::Prng jitter_;
  Phase phase_ = Phase::idle;
  wire::FrameReader reader_;
  wire::ServerReader messages_;
  int server_version_ = 0;
  std::optional<std::int32_t> next_valid_id_;
  std::vector<std::string> accounts_;
  bool accounts_known_ = false;
  std::string last_notice_;  // the server's words before it closed, such as 326
  std::int32_t last_code_ = 0;
  int failures_ = 0;
  base::Time deadline_ = base::never;   // of the attempt, or of the back-off
  base::Time last_heard_;               // any byte
  base::Time last_answer_;              // to a question of ours
  std::optional<base::Time> asked_at_;  // the question for the clock is out
  base::Time probe_due_ = base::never;  // ... and its answer is needed by then
  std::deque<wire::ClientMessage> cancels_;
  std::deque<wire::ClientMessage> queries_;
  std::vector<Action> actions_;
};

}  // namespace belay::tws::session

extern template class belay::base::OneOf<belay::tws::session::Actions>;
