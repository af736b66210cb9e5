// SPDX-License-Identifier: Apache-2.0
// HttpSession: the server's end of one HTTP/1.1 connection without any I/O: bytes in, requests
// out; answers in, bytes out. It keeps alive, takes pipelined requests (answers leave in the order
// of the requests), bounds everything, and asks for no time: `now` comes with each call. What a
// request means is the routes' business.
//
// Invariants: 1. every request is answered once, in order; 2. after a protocol error one problem is
// answered and the session ends; 3. buffers never pass their limits; 4. 408 is said only to a body
// that is too slow, an idle or half-sent head is closed in silence; 5. one call parses one request
// at most; 6. every answer, of whatever kind, carries the request's correlation id, no-store and
// nosniff; 7. bytes that complete nothing prolong nothing; 8. a peer that has ended its direction
// is answered what it had asked, within a time, and the session ends.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "belay/api/http_message.hpp"
#include "belay/api/problem.hpp"
#include "belay/base/time.hpp"

namespace belay::api {

struct HttpLimits {
  std::size_t header_max = 16 * 1024;
  std::size_t body_max = 64 * 1024;
  std::size_t pipeline_max = 32;         ///< requests without an answer on one connection
  std::size_t input_max = 256 * 1024;    ///< unparsed bytes
  std::size_t output_max = 1024 * 1024;  ///< bytes that a slow reader of a stream may leave
  base::Duration body_timeout = std::chrono::seconds(10);
  base::Duration head_timeout = std::chrono::seconds(20);
  base::Duration idle_timeout = std::chrono::seconds(120);
  /// How long answers are made for a peer that has ended its direction; above the longest wait.
  base::Duration ended_timeout = std::chrono::seconds(75);
};

// size: one connection is one state machine over one buffer, and its limits belong together.
class HttpSession {
 public:
  /// Counts the requests of this connection from 1; the handle for the answer.
  using Number = std::uint64_t;
  struct Incoming {
    Number number = 0;
    HttpRequest request;
    /// The caller's own, when it is fit for a header and a log line, else one of ours.
    std::string correlation_id;
  };

  /// `name` begins the correlation ids that are made here.
  explicit HttpSession(HttpLimits limits = {}, std::string name = "session");
  HttpSession(HttpSession&&) noexcept;
  HttpSession& operator=(HttpSession&&) noexcept;
  ~HttpSession();

  /// From here on a silent connection is idle.
  void opened(base::Time now) { arm(now); }
  void on_bytes(std::string_view bytes, base::Time now);
  /// The peer has ended its direction: its requests are answered, then the session ends.
  void on_end(base::Time now);
  bool has_input_ended() const { return ended_by_ != base::never; }
  /// The next request that is complete; a further call gives the one after it. A session that is
  /// not to be served now is not asked, and costs nothing.
  std::optional<Incoming> next(base::Time now);
  std::size_t unparsed() const { return input_.size() - parsed_; }
  /// Bytes of the peer that are kept: unparsed ones, those of the request that is coming in, and
  /// those of requests without an answer.
  std::size_t kept() const { return unparsed() + coming_ + unanswered_; }
  /// No request of this connection waits for its answer, or for being handed out.
  bool is_idle() const { return pending_.empty() && !incoming_; }

  void respond(Number number, HttpResponse response, base::Time now);
  /// Begins an answer without an end (server-sent events); `chunk` appends to it. No later request
  /// of this connection is answered.
  void start_stream(Number number, HttpResponse head, base::Time now);
  void chunk(std::string_view bytes);
  /// Ends the stream: what was given is delivered, then the connection closes.
  void end_stream();
  bool is_streaming() const { return streaming_; }

  /// Bytes for the peer. `unsent` is what an earlier take has not delivered yet: together with a
  /// stream's new bytes it must stay below output_max, else the session ends.
  std::vector<SharedText> take_pieces(std::size_t unsent = 0);
  /// The same as one text.
  std::string take_output(std::size_t unsent = 0);
  bool has_output() const { return !output_.empty() || !pieces_.empty(); }
  /// After the output has been delivered the connection is to be closed.
  bool is_finished() const { return finished_; }
  /// The reader was too slow for its stream: close without waiting for delivery.
  bool is_cut() const { return cut_; }

  /// When on_time() is wanted; base::never when nothing is pending.
  base::Time deadline() const { return deadline_; }
  void on_time(base::Time now);

 private:
  struct Parser;
  enum class Phase : std::uint8_t { idle, head, body, ended };

  void parse(base::Time now);
  void end_input(base::Time now);
  void finish_if_answered();
  void protocol_error(ProblemCode code, std::string detail, base::Time now);
  bool parse_some(base::Time now);
  bool skip_empty_lines(base::Time now);
  std::string correlation_of(std::optional<std::string_view> given, Number number) const;
  bool finish_request();
  std::string head(Number number, const HttpResponse& response, base::Time now) const;
  void queue(Number number, std::string bytes, std::vector<SharedText> more = {});
  void flush();
  void arm(base::Time now);

  struct Pending {
    bool keep_alive = true;
    bool head_only = false;  // HEAD: the answer has no body
    bool old = false;        // HTTP/1.0
    bool is_stream = false;
    std::string correlation_id;
    std::size_t size = 0;
    std::optional<std::string> ready;
    std::vector<SharedText> more = {};  // of it, behind `ready`
  };

  HttpLimits limits_;
  std::string name_;
  std::unique_ptr<Parser> parser_;
  std::string input_;
  std::size_t parsed_ = 0;          // bytes at the front of `input_` that are done with
  std::size_t coming_ = 0;          // bytes of the request that the parser has
  std::size_t unanswered_ = 0;      // bytes of the requests in pending_
  std::vector<SharedText> pieces_;  // output before `output_`
  std::string output_;
  std::optional<Incoming> incoming_;
  std::map<Number, Pending> pending_;  // without an answer, or waiting for an earlier one
  Number last_ = 0;
  Phase phase_ = Phase::idle;
  bool continue_wanted_ = false;  // Expect: 100-continue, not yet said
  bool streaming_ = false;
  bool finished_ = false;
  bool cut_ = false;
  base::Time deadline_ = base::never;
  base::Time ended_by_ = base::never;  // the deadline of a peer that has ended its direction
};

/// "Sat, 21 Nov 2026 04:00:22 GMT" (RFC 9110 5.6.7).
std::string http_date(base::Time time);

}  // namespace belay::api
