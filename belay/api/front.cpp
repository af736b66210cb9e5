// SPDX-License-Identifier: Apache-2.0
#include "belay/api/front.hpp"

namespace belay::api {

void Front::receive(ConnectionId connection, std::string_view bytes, base::Time now) {
  callers_.receive(connection, bytes, now);
  serve_next(connection, now);
}

void Front::input_ended(ConnectionId connection, base::Time now) {
  callers_.input_ended(connection, now);
  serve_next(connection, now);
}

void Front::serve_next(ConnectionId connection, base::Time now) {
  if (const auto incoming = callers_.next(connection, now)) {
    Exchange exchange(*this, {connection, incoming->number, incoming->correlation_id},
                      incoming->request, now);
    dispatch_(exchange);
    later(connection);
  }
  callers_.flush(connection, now);
}

void Front::later(ConnectionId connection) {
  const HttpSession* session = callers_.find(connection);
  if (session == nullptr || session->unparsed() == 0) return;
  if (is_later_.insert(connection).second) later_.push_back(connection);
}

void Front::drained(ConnectionId connection, base::Time now) {
  callers_.drained(connection, now);
  later(connection);
}

bool Front::serve_later(base::Time now) {
  if (later_.empty()) return false;
  const ConnectionId connection = later_.front();
  later_.pop_front();
  is_later_.erase(connection);
  serve_next(connection, now);
  return true;
}

void Front::respond(const ExchangeKey& to, HttpResponse response, base::Time now) {
  ++answers_by_status_[response.status];
  callers_.respond(to.connection, to.number, std::move(response), now);
}

void Front::go_on(ConnectionId connection, base::Time now) {
  callers_.flush(connection, now);
  later(connection);
}

void respond(const Exchange& exchange, HttpResponse response) {
  exchange.front.respond(exchange, std::move(response), exchange.now);
}

void respond(const Exchange& exchange, unsigned status, std::string json, Headers more) {
  respond(exchange, json_response(status, std::move(json), std::move(more)));
}

void respond(const Exchange& exchange, const Problem& problem, Headers more) {
  respond(exchange,
          problem_response(problem, {exchange.request.path, exchange.correlation_id, exchange.now},
                           std::move(more)));
}

}  // namespace belay::api
