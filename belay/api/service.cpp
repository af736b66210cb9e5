// SPDX-License-Identifier: Apache-2.0
#include "belay/api/service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/api/routes.hpp"

namespace belay::api {

namespace {
constexpr unsigned kinds_of_work = 3;
}  // namespace

Service::Service(ServiceOptions options, engine::Engine& engine, const views::LiveView& view,
                 ServiceHooks hooks)
    : options_(std::move(options)),
      engine_(engine),
      view_(view),
      hooks_(std::move(hooks)),
      callers_(options_.callers, hooks_,
               [this](ConnectionId connection) { streams_.erase(connection); }),
      id_budget_(options_.id_budget) {}

ConnectionId Service::open(base::Time now) {
  return callers_.open(now, std::to_string(view_.book().epoch()));
}

void Service::receive(ConnectionId connection, std::string_view bytes, base::Time now) {
  callers_.receive(connection, bytes, now);
  serve_next(connection, now);
}

void Service::input_ended(ConnectionId connection, base::Time now) {
  callers_.input_ended(connection, now);
  serve_next(connection, now);
}

// One request of this caller. What came behind it waits for work(), so that the length of a packet
// is never the length of a turn.
void Service::serve_next(ConnectionId connection, base::Time now) {
  if (auto incoming = callers_.next(connection, now)) {
    Exchange exchange{
        connection, incoming->number, incoming->request, incoming->correlation_id, "", now,
        nullptr,    nullptr};
    dispatch(exchange);
    later(connection);
  }
  callers_.flush(connection, now);
}

void Service::later(ConnectionId connection) {
  const HttpSession* session = callers_.find(connection);
  if (session == nullptr || session->unparsed() == 0) return;
  if (is_later_.insert(connection).second) later_.push_back(connection);
}

void Service::drained(ConnectionId connection, base::Time now) {
  callers_.drained(connection, now);
  later(connection);
}

bool Service::has_work() const {
  return !later_.empty() || streams_wait_ || (!long_reads_.empty() && !callers_.is_crowded());
}

// Each kind in its turn, so that none waits for the end of another.
bool Service::work(base::Time now) {
  for (unsigned tried = 0; tried < kinds_of_work; ++tried) {
    switch (next_work_++ % kinds_of_work) {
      case 0:
        if (serve_later(now)) return true;
        break;
      case 1:
        if (std::exchange(streams_wait_, false)) return pump_streams(now), true;
        break;
      default:
        if (read_piece(now)) return true;
    }
  }
  return false;
}

bool Service::serve_later(base::Time now) {
  if (later_.empty()) return false;
  const ConnectionId connection = later_.front();
  later_.pop_front();
  is_later_.erase(connection);
  serve_next(connection, now);
  return true;
}

// The oldest long answer is made to its end before the next is begun: one at a time takes memory.
bool Service::read_piece(base::Time now) {
  if (long_reads_.empty() || callers_.is_crowded()) return false;
  PendingRead& read = long_reads_.front();
  const ConnectionId connection = read.connection;
  if (callers_.find(connection) == nullptr) {
    long_reads_.pop_front();
    return true;
  }
  if (read.archived && !read.archived->states.empty()) {
    decode_some(*read.archived);
    return true;
  }
  Exchange exchange{
      connection, read.number, read.request, read.correlation_id,
      read.id,    now,         read.handler, read.archived ? &*read.archived : nullptr,
      &read.part};
  exchange.fresh = read.fresh;
  (this->*read.handler)(exchange);
  read.fresh = exchange.fresh;
  if (exchange.unfinished) return true;
  long_reads_.pop_front();
  callers_.flush(connection, now);
  later(connection);
  return true;
}

void Service::dispatch(Exchange& exchange) {
  const HttpRequest& request = exchange.request;
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
  if (match.route->cost == Cost::short_answer) return (this->*match.route->handler)(exchange);
  PendingRead read;
  read.connection = exchange.connection;
  read.number = exchange.number;
  read.request = request;
  read.correlation_id = exchange.correlation_id;
  read.id = exchange.id;
  read.handler = exchange.handler;
  long_reads_.push_back(std::move(read));
  callers_.begin_read(exchange.connection);
}

void Service::respond(const Exchange& exchange, unsigned status, std::string json, Headers more) {
  HttpResponse response{status, {{"Content-Type", "application/json"}}, std::move(json)};
  for (auto& header : more) response.headers.push_back(std::move(header));
  send_response(exchange.connection, exchange.number, std::move(response), exchange.now);
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
  send_response(exchange.connection, exchange.number, std::move(response), exchange.now);
}

void Service::send_response(ConnectionId connection, HttpSession::Number number,
                            HttpResponse response, base::Time now) {
  ++answers_by_status_[response.status];
  callers_.respond(connection, number, std::move(response), now);
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
    callers_.flush(connection, now);
    later(connection);  // held-back requests go on
  }
  end_late_reads(now);
  serve_fresh(now);
  callers_.turn(now);
  pump_streams(now);
  if (options_.in_pieces) return;
  while (work(now)) {
  }
}

base::Time Service::next_deadline() const {
  // Something happened since the last turn: now.
  if (!touched_.empty() || (!options_.in_pieces && has_work())) return base::Time();
  base::Time next = std::min(callers_.next_deadline(), fresh_due());
  if (!waits_by_deadline_.empty()) next = std::min(next, waits_by_deadline_.begin()->first);
  if (!reads_.empty()) next = std::min(next, reads_.begin()->second.deadline);
  for (const auto& [id, stream] : streams_) next = std::min(next, stream.heartbeat_at);
  return next;
}

void Service::on_event(const views::EventLine& line) {
  if (line.order().value() != 0 && waits_by_order_.count(line.order()) != 0) {
    touched_.push_back(line.order());
  }
}

}  // namespace belay::api
