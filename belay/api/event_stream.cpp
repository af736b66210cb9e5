// SPDX-License-Identifier: Apache-2.0
#include "belay/api/event_stream.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/api/api.hpp"
#include "belay/api/fields.hpp"
#include "belay/api/routes.hpp"

namespace belay::api {
namespace {

// What one stream, and all of them together, are given in one turn; the rest comes in the next.
constexpr std::size_t stream_piece = 32 * 1024;
constexpr std::size_t streams_piece = 256 * 1024;

std::string heartbeat(std::uint64_t head, base::Time now) {
  return fmt::format("event: heartbeat\ndata: {{\"head\":\"{}\",\"time\":\"{}\"}}\n\n", head,
                     base::to_rfc3339(now));
}
std::string gap(std::uint64_t asked, std::uint64_t first, std::uint64_t head) {
  return fmt::format("event: gap\ndata: {{\"asked\":\"{}\",\"first\":\"{}\",\"head\":\"{}\"}}\n\n",
                     asked, first, head);
}

}  // namespace

void Streams::open(const Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  const std::uint64_t head = view_.book().last_seq();
  std::uint64_t next = head + 1;
  // After a reconnect the browser repeats the first URL and adds Last-Event-ID, so that one wins.
  const auto last = request.header("last-event-id");
  const auto from = request.query_value("from");
  if (last || from) {
    const auto value = whole_number<std::uint64_t>(trim(last ? *last : *from));
    if (!value || *value == UINT64_MAX) {
      const std::string field = last ? "Last-Event-ID" : "from";
      return respond(exchange, blame({{field, "expected a sequence number such as 42"}}, ""));
    }
    next = std::max<std::uint64_t>(1, last ? *value + 1 : *value);
  }
  if (streams_.size() >= options_.streams_max) {
    return respond(exchange, {.code = ProblemCode::queue_full,
                              .detail = "too many event streams are open",
                              .outcome = ""});
  }
  HttpSession* session = front_.callers().find(exchange.connection);
  if (session == nullptr) return;
  std::string opening = ": belay events\nretry: 1000\n\n";
  const std::uint64_t first = view_.events().empty() ? head + 1 : view_.events().front().seq();
  const bool forgotten = next < first;
  const bool ahead = next > head + 1;  // the reader saw another history than this one
  if (forgotten || ahead) {
    opening += gap(next, first, head);
    next = forgotten ? first : head + 1;
  }
  opening += heartbeat(head, exchange.now);
  HttpResponse response{200,
                        {{"Content-Type", "text/event-stream"}, {"X-Accel-Buffering", "no"}},
                        request.method == "HEAD" ? "" : std::move(opening)};
  if (request.method == "HEAD") {
    return front_.callers().respond(exchange.connection, exchange.number, std::move(response),
                                    exchange.now);
  }
  session->start_stream(exchange.number, std::move(response), exchange.now);
  streams_[exchange.connection] = {next, exchange.now + options_.heartbeat};
  pump(exchange.connection, streams_[exchange.connection], exchange.now);
}

// Moves the stream on as far as its reader's buffer and one piece allow; how many bytes it was
// given. The caller flushes.
std::size_t Streams::pump(ConnectionId connection, Stream& stream, base::Time now) {
  HttpSession* session = front_.callers().find(connection);
  if (session == nullptr) return 0;
  const std::uint64_t head = view_.book().last_seq();
  const std::size_t unsent = unsent_(connection);
  std::size_t room = unsent < options_.stream_buffer_max ? options_.stream_buffer_max - unsent : 0;
  if (stream.heartbeat_at <= now) {
    stream.heartbeat_at = now + options_.heartbeat;
    if (room > 0) session->chunk(heartbeat(head, now));
  }
  std::size_t given = 0;
  while (stream.next_seq <= head) {
    const views::EventLine* line = view_.event(stream.next_seq);
    if (line == nullptr) {
      // Too slow: what comes next is no longer kept. Said once, then the connection ends.
      const std::uint64_t first = view_.events().empty() ? head + 1 : view_.events().front().seq();
      session->chunk(gap(stream.next_seq, first, head));
      session->end_stream();
      streams_.erase(connection);
      return given;
    }
    if (room == 0) return given;
    if (given >= stream_piece) {
      more_ = true;
      return given;
    }
    const std::string text = fmt::format("id: {}\ndata: {}\n\n", line->seq(), line->json());
    room -= std::min(room, text.size());
    given += text.size();
    session->chunk(text);
    ++stream.next_seq;
  }
  return given;
}

// Each that has something to be told, beginning behind the one that was last: what one turn gives
// to all of them together is bounded.
void Streams::turn(base::Time now) {
  std::vector<ConnectionId> due;
  std::vector<ConnectionId> first_half;
  const std::uint64_t head = view_.book().last_seq();
  for (const auto& [id, stream] : streams_) {
    if (stream.next_seq > head && stream.heartbeat_at > now) continue;
    (id > last_pumped_ ? due : first_half).push_back(id);
  }
  due.insert(due.end(), first_half.begin(), first_half.end());
  std::size_t given = 0;
  for (const ConnectionId id : due) {
    if (given >= streams_piece) {
      more_ = true;
      return;
    }
    const auto stream = streams_.find(id);
    if (stream == streams_.end()) continue;
    last_pumped_ = id;
    given += pump(id, stream->second, now);
    front_.callers().flush(id, now);
  }
}

base::Time Streams::next_deadline() const {
  base::Time next = base::never;
  for (const auto& [id, stream] : streams_) next = std::min(next, stream.heartbeat_at);
  return next;
}

std::span<const Route> event_routes() {
  static constexpr Route table[] = {
      {"GET", "/api/v1/events", Permission::look,
       [](Api& api, Exchange& exchange) { api.streams.open(exchange); }, "from",
       "server-sent events; Last-Event-ID or from=<seq> to resume"},
  };
  return table;
}

}  // namespace belay::api
