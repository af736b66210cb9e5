// SPDX-License-Identifier: Apache-2.0
#include "belay/api/service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/api/routes.hpp"

namespace belay::api {

Service::Service(ServiceOptions options, engine::Engine& engine, const views::LiveView& view,
                 ServiceHooks hooks)
    : options_(std::move(options)), engine_(engine), view_(view), hooks_(std::move(hooks)) {}

std::optional<ConnectionId> Service::open(base::Time) {
  if (connections_.size() >= options_.connections_max) return std::nullopt;
  const ConnectionId id = ++last_connection_;
  connections_.emplace(id, HttpSession(options_.http));
  return id;
}

void Service::receive(ConnectionId connection, std::string_view bytes, base::Time now) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  found->second.on_bytes(bytes, now);
  // An answer may let further pipelined requests in, so ask again until there are none.
  for (;;) {
    const auto session = connections_.find(connection);
    if (session == connections_.end()) return;
    const auto requests = session->second.take_requests();
    if (requests.empty()) break;
    for (const auto& [number, request] : requests) {
      Exchange exchange{connection, number, request, "", "", now, nullptr, nullptr};
      dispatch(exchange);
    }
  }
  flush(connection);
}

void Service::closed(ConnectionId connection) {
  connections_.erase(connection);
  streams_.erase(connection);
}

void Service::drop(ConnectionId connection) {
  closed(connection);
}

void Service::dispatch(Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  // The caller's own id of the request, when it is fit for a header and a log line.
  const auto given = request.header("x-correlation-id");
  const bool usable =
      given && !given->empty() && given->size() <= 128 &&
      std::all_of(given->begin(), given->end(), [](char c) { return c > 32 && c < 127; });
  exchange.correlation_id =
      usable ? std::string(*given)
             : fmt::format("{}-{}-{}", view_.book().epoch(), exchange.connection, exchange.number);
  if (const auto problem = guard(request, options_.guard)) return respond(exchange, *problem);
  RouteMatch match = match_route(request.method, request.path);
  if (match.route == nullptr && match.allow.empty()) {
    return respond(exchange, {.code = ProblemCode::not_found,
                              .detail = fmt::format("there is nothing at {}", request.path),
                              .suggestions = {"GET /api/v1 lists the endpoints"},
                              .outcome = ""});
  }
  if (match.route == nullptr) {
    return respond(exchange,
                   {.code = ProblemCode::method_not_allowed,
                    .detail = fmt::format("{} takes {}", request.path, match.allow),
                    .outcome = ""},
                   {{"Allow", match.allow}});
  }
  if (const auto problem = refuse_parameters(request, *match.route)) {
    return respond(exchange, *problem);
  }
  exchange.id = std::move(match.id);
  exchange.handler = match.route->handler;
  (this->*match.route->handler)(exchange);
}

void Service::respond(const Exchange& exchange, unsigned status, std::string json, Headers more) {
  HttpResponse response{status, {{"Content-Type", "application/json"}}, std::move(json)};
  for (auto& header : more) response.headers.push_back(std::move(header));
  send_response(exchange.connection, exchange.number, exchange.correlation_id, std::move(response),
                exchange.now);
}

void Service::respond(const Exchange& exchange, const Problem& problem, Headers more) {
  const ProblemRow& row = row_of(problem.code);
  HttpResponse response{
      row.status,
      {{"Content-Type", "application/problem+json"}},
      problem_json(problem, {exchange.request.path, exchange.correlation_id, exchange.now})};
  for (auto& header : more) response.headers.push_back(std::move(header));
  if (row.status == 503 || row.status == 429) {
    response.headers.emplace_back("Retry-After", retry_after_seconds(problem));
  }
  send_response(exchange.connection, exchange.number, exchange.correlation_id, std::move(response),
                exchange.now);
}

void Service::send_response(ConnectionId connection, HttpSession::Number number,
                            std::string_view correlation_id, HttpResponse response,
                            base::Time now) {
  const auto session = connections_.find(connection);
  if (session == connections_.end()) return;  // the caller left; what was done stays done
  ++answers_by_status_[response.status];
  response.headers.emplace_back("X-Correlation-Id", std::string(correlation_id));
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  session->second.respond(number, std::move(response), now);
}

void Service::flush(ConnectionId connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  HttpSession& session = found->second;
  const std::size_t unsent = session.is_streaming() ? hooks_.unsent(connection) : 0;
  if (const std::string bytes = session.take_output(unsent); !bytes.empty()) {
    hooks_.send(connection, bytes);
  }
  if (!session.is_finished()) return;
  const bool cut = session.is_cut();
  drop(connection);
  hooks_.finish(connection, cut);
}

void Service::turn(base::Time now) {
  std::set<core::Correlation> due;
  for (const core::OrderId order : touched_) {
    const auto found = waits_by_order_.find(order);
    if (found != waits_by_order_.end()) due.insert(found->second.begin(), found->second.end());
  }
  touched_.clear();
  for (const auto& [deadline, correlation] : waits_by_deadline_) {
    if (deadline > now) break;
    due.insert(correlation);
  }
  for (const core::Correlation correlation : due) {
    const auto wait = waits_.find(correlation);
    if (wait == waits_.end()) continue;
    const ConnectionId connection = wait->second.connection;
    settle(correlation, wait->second, now, wait->second.deadline <= now);
    receive(connection, "", now);  // held-back requests go on, and the answer leaves
  }
  end_late_reads(now);
  for (const ConnectionId connection : std::exchange(resumed_, {})) receive(connection, "", now);
  std::vector<ConnectionId> late;
  for (const auto& [id, session] : connections_) {
    if (session.deadline() <= now) late.push_back(id);
  }
  for (const ConnectionId id : late) {
    connections_.at(id).on_time(now);
    flush(id);
  }
  pump_streams(now);
}

base::Time Service::next_deadline() const {
  // Something happened since the last turn: now.
  if (!resumed_.empty() || !touched_.empty()) return base::Time();
  base::Time next = base::never;
  if (!waits_by_deadline_.empty()) next = waits_by_deadline_.begin()->first;
  if (!reads_.empty()) next = std::min(next, reads_.begin()->second.deadline);
  for (const auto& [id, session] : connections_) next = std::min(next, session.deadline());
  for (const auto& [id, stream] : streams_) next = std::min(next, stream.heartbeat_at);
  return next;
}

void Service::on_event(const views::EventLine& line) {
  if (line.order().value() != 0 && waits_by_order_.count(line.order()) != 0) {
    touched_.push_back(line.order());
  }
}

}  // namespace belay::api
