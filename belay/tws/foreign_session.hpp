// SPDX-License-Identifier: Apache-2.0
// ForeignSession: a second connection that cancels orders in the name of another client
// id, because TWS takes that from nobody else. Only on request; one id at a time; the id is given
// back as soon as the last answer has come and after `hold` at the latest. It never connects again
// by itself, never takes another id, and asks for nothing that would bind manual orders. When the
// id is not free the request is refused with the owner's name.
//
// Before anything is sent the server must show the order to its owner, with the permanent id that
// we know: a number alone can mean another order by now. What the server says on this connection
// about orders is reported like everything else. Its messages are paced on their own: the server
// counts per connection.
//
// Sans-I/O. Calls that come from the engine only queue; the work is done in tick(), so that no
// report leaves while the engine releases effects.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/asks/effect.hpp"
#include "belay/core/asks/input.hpp"
#include "belay/tws/session/session.hpp"

namespace belay::tws {

struct ForeignOptions {
  session::SessionOptions session;                ///< the client id in it is not used
  base::Duration hold = std::chrono::seconds(5);  ///< from the attempt to connect to the end
  std::size_t queue_max = 1000;                   ///< requests that may wait
};

struct ForeignHooks {
  std::function<void(const core::Input&)> report;
  std::function<void(const std::string&)> log;
};

class ForeignSession {
 public:
  ForeignSession(ForeignOptions options, ForeignHooks hooks);

  void cancel(const core::ForeignCancelEffect& effect);

  // ---- the host, for the second channel ----
  void connected(base::Time now);
  void bytes(std::string_view data, base::Time now);
  void closed(std::string_view reason, base::Time now);
  void tick(base::Time now);
  base::Time next_deadline(base::Time now) const;
  std::vector<broker::LinkAction> take_actions() { return std::exchange(host_actions_, {}); }

  /// Requests that have no outcome yet.
  std::size_t waiting() const { return queue_.size() + active_.size() + refused_.size(); }

 private:
  struct Job {
    core::OrderId order;
    core::BrokerOrderId target;
    std::optional<core::PermanentId> permanent_id;
    bool sent = false;
  };

  void queue(Job job);
  void begin(base::Time now);
  void join(base::Time now);
  void hear();
  void pump(base::Time now);
  void send_ready(base::Time now);
  bool send(Job& job, base::Time now);
  void refuse(const Job& job, std::string why);
  void finish(const Job& job, core::ForeignOutcome outcome, std::string text);
  /// Ends the jobs with this broker number that were sent.
  void answered(std::int32_t number, const std::string& text);
  void end(const std::string& why);
  std::string owner_words(const Job& job, const std::string& why) const;

  void on(const wire::OpenOrder& message);
  void on(const wire::OpenOrderEnd& message);
  void on(const wire::OrderStatus& message);
  void on(const wire::ExecDetails& message);
  void on(const wire::CommissionReport& message);
  void on(const wire::ErrMsg& message);
  template <class Other>
  void on(const Other&) {}
  template <class Message>
  void report(const Message& message);

  ForeignOptions options_;
  ForeignHooks hooks_;
  std::deque<Job> queue_;
  std::vector<std::pair<Job, std::string>> refused_;  // to be told in the next tick

  // The connection, while there is one.
  std::optional<session::Session> session_;
  std::int32_t owner_ = 0;
  base::Time started_;
  base::Time ends_at_ = base::never;
  std::vector<Job> active_;
  std::map<std::int32_t, std::int64_t> shown_;  // the owner's open orders: number, permanent id
  bool listing_ = false;                        // reqOpenOrders is out
  bool listed_ = false;                         // ... and was answered
  std::string in_use_;                          // the server's words with 326
  bool silent_ = false;                         // closed right after startApi, without a word
  bool damaged_ = false;  // something of the message under way could not be read
  std::vector<broker::LinkAction> host_actions_;
};

}  // namespace belay::tws
