// SPDX-License-Identifier: Apache-2.0
// SafeDaemon: what is left when the journal cannot be read: the session with the broker, the
// broker's list of open orders, and a person who cancels. It has no core and no journal, and never
// sends an order. It has no sockets and no clock; safe_command.cpp carries its bytes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "belay/api/callers.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/guard.hpp"
#include "belay/api/http_session.hpp"
#include "belay/core/facts/order.hpp"
#include "belay/tws/session/session.hpp"

namespace belay::app {

struct SafeOptions {
  tws::session::SessionOptions session;
  std::string endpoint;  ///< host:port of the broker, for people
  std::string version = "dev";
  std::string reason;  ///< why safe mode
  api::GuardOptions guard;
  api::CallerLimits callers;
  std::size_t orders_max = 10'000;  ///< of the broker's list; further ones are not shown
  base::Duration list_every = std::chrono::seconds(5);
};

/// One line for the log, /health and every refusal.
inline constexpr std::string_view how_to_leave =
    "To leave safe mode: mend what the log of the earlier starts says, stop this process with "
    "SIGTERM and start it again as usual";

class SafeDaemon {
 public:
  SafeDaemon(SafeOptions options, api::ServiceHooks hooks,
             std::function<void(const std::string&)> log);

  void start(base::Time now) { session_.start(now), pump(now); }
  void turn(base::Time now);
  base::Time next_deadline(base::Time now) const;

  // ---- the connection to the broker ----
  void broker_connected(base::Time now) { session_.connected(now), pump(now); }
  void broker_bytes(std::string_view bytes, base::Time now) {
    while (session_.read(bytes, now)) pump(now);
  }
  void broker_closed(std::string_view why, base::Time now) { session_.closed(why, now), pump(now); }
  std::vector<broker::LinkAction> take_broker_actions() { return std::exchange(actions_, {}); }

  // ---- callers ----
  api::ConnectionId open(base::Time now) { return callers_.open(now, "safe"); }
  void receive(api::ConnectionId connection, std::string_view bytes, base::Time now);
  void closed(api::ConnectionId connection) { callers_.closed(connection); }
  void drained(api::ConnectionId connection, base::Time now);
  void input_ended(api::ConnectionId connection, base::Time now);

 private:
  /// Client id and order id, or 0 and the permanent id of a manual order.
  using Name = std::pair<std::int32_t, std::int64_t>;

  void pump(base::Time now);
  void ask_list(base::Time now);
  void on(const tws::wire::OpenOrder& message);
  void on(const tws::wire::OrderStatus& message);
  void on(const tws::wire::OpenOrderEnd& message);
  void on(const tws::wire::ErrMsg& message);
  template <class Other>
  void on(const Other&) {}

  void serve_next(api::ConnectionId connection, base::Time now);
  api::HttpResponse handle(const api::HttpRequest& request, base::Time now);
  api::HttpResponse health(base::Time now) const;
  api::HttpResponse list(const api::HttpRequest& request, base::Time now) const;
  api::HttpResponse cancel_one(const api::HttpRequest& request, const std::string& id,
                               base::Time now);
  api::HttpResponse cancel_all(const api::HttpRequest& request, base::Time now);
  const core::Order* find(const std::string& id) const;
  api::HttpResponse problem(const api::HttpRequest& request, api::Problem what,
                            base::Time now) const;
  api::FieldErrors wrong_in_list(const api::HttpRequest& request) const;
  /// Why it is not known what is open; nothing once the broker has listed it on this link.
  std::optional<api::Problem> not_listed() const;
  api::Problem not_connected() const;
  bool connected() const { return session_.phase() == tws::session::Phase::up; }

  SafeOptions options_;
  api::ServiceHooks hooks_;
  std::function<void(const std::string&)> log_;
  tws::session::Session session_;
  std::vector<broker::LinkAction> actions_;
  std::string link_detail_;
  std::vector<std::string> accounts_;    // of the latest link
  std::map<Name, core::Order> orders_;   // as last listed, and changed since
  std::map<Name, core::Order> listing_;  // of the list that is coming
  bool listing_now_ = false;
  bool listed_once_ = false;
  base::Time list_at_ = base::never;
  api::Callers callers_;
  std::set<api::ConnectionId> later_;  // callers that may hold a further request
  std::string correlation_id_;         // of the request that is being answered
};

}  // namespace belay::app
