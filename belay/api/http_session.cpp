// SPDX-License-Identifier: Apache-2.0
#include "belay/api/http_session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

namespace belay::api {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

HttpRequest to_request(const http::request<http::string_body>& message, Target target) {
  HttpRequest out;
  out.method = std::string(view(message.method_string()));
  out.path = std::move(target.path);
  out.query = std::move(target.query);
  for (const auto& field : message) {
    std::string name = to_lower(view(field.name_string()));
    const std::string_view value = view(field.value());
    const auto same = std::find_if(out.headers.begin(), out.headers.end(),
                                   [&](const auto& header) { return header.first == name; });
    if (same == out.headers.end()) {
      out.headers.emplace_back(std::move(name), std::string(value));
    } else {
      same->second += ", ";
      same->second += value;
    }
  }
  out.body = message.body();
  return out;
}

bool repeats(const http::request<http::string_body>& message, http::field field) {
  const auto range = message.equal_range(field);
  return range.first != range.second && std::next(range.first) != range.second;
}

// A length that two servers could read differently is where the next request begins: what is not
// exactly one chunked coding is refused (RFC 9112 6.1, 6.3).
template <class Message>
bool wrong_coding(const Message& message) {
  const auto range = message.equal_range(http::field::transfer_encoding);
  if (range.first == range.second) return false;
  return std::next(range.first) != range.second || message.version() < 11 ||
         to_lower(view(range.first->value())) != "chunked" ||
         message.count(http::field::content_length) != 0;
}

// A header's name and value must not end the line: our own values only, but paths are echoed.
void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) out.push_back(c == '\r' || c == '\n' ? ' ' : c);
  out.append("\r\n");
}

}  // namespace

struct HttpSession::Parser {
  explicit Parser(const HttpLimits& limits) {
    parser.header_limit(static_cast<std::uint32_t>(limits.header_max));
    parser.body_limit(limits.body_max);
    parser.eager(true);
  }
  http::request_parser<http::string_body> parser;
};

HttpSession::HttpSession(HttpLimits limits, std::string name)
    : limits_(limits), name_(std::move(name)) {}
HttpSession::HttpSession(HttpSession&&) noexcept = default;
HttpSession& HttpSession::operator=(HttpSession&&) noexcept = default;
HttpSession::~HttpSession() = default;

void HttpSession::on_bytes(std::string_view bytes, base::Time now) {
  // A stream's connection carries no further requests; what the peer still says is thrown away.
  if (phase_ == Phase::ended || streaming_) return;
  if (unparsed() + bytes.size() > limits_.input_max + limits_.header_max) {
    finished_ = true;
    phase_ = Phase::ended;
    return;
  }
  input_.append(bytes);
  parse(now);
}

void HttpSession::on_end(base::Time now) {
  if (has_input_ended()) return;
  ended_by_ = now + limits_.ended_timeout;
  parse(now);
  arm(now);
}

// Nothing more can be made of what came: half a head is nothing, and half a body is told.
void HttpSession::end_input(base::Time now) {
  if (phase_ == Phase::body) {
    return protocol_error(ProblemCode::malformed_request,
                          "the connection's input ended before the body was complete", now);
  }
  phase_ = Phase::ended;
  parsed_ = input_.size();
  coming_ = 0;
  parser_.reset();
  finish_if_answered();
}

// A stream, which has no end of its own, ends with its reader's direction.
void HttpSession::finish_if_answered() {
  if (has_input_ended() && pending_.empty() && unparsed() == 0) {
    finished_ = true;
    phase_ = Phase::ended;
  }
}

std::optional<HttpSession::Incoming> HttpSession::next(base::Time now) {
  parse(now);
  return std::exchange(incoming_, std::nullopt);
}

// Up to the end of one request.
void HttpSession::parse(base::Time now) {
  while (!incoming_ && phase_ != Phase::ended && unparsed() != 0 &&
         pending_.size() < limits_.pipeline_max && parse_some(now)) {
  }
  if (has_input_ended() && !incoming_ && pending_.size() < limits_.pipeline_max) end_input(now);
  if (parsed_ == input_.size()) {
    // An idle connection keeps no memory.
    std::string().swap(input_);
    parsed_ = 0;
  }
  if (continue_wanted_ && phase_ == Phase::body && pending_.empty()) {
    output_ += "HTTP/1.1 100 Continue\r\n\r\n";
    continue_wanted_ = false;
  }
}

// Empty lines before a request line are to be ignored (RFC 9112 2.2). They are no request, so from
// the first of them a request must come in the time that a head has.
bool HttpSession::skip_empty_lines(base::Time now) {
  const auto start = input_.find_first_not_of("\r\n", parsed_);
  const bool any = start != parsed_;
  parsed_ = start == std::string::npos ? input_.size() : start;
  if (any && pending_.empty()) deadline_ = std::min(deadline_, now + limits_.head_timeout);
  return parsed_ < input_.size();
}

// False when more bytes are needed, or after an error.
bool HttpSession::parse_some(base::Time now) {
  if (phase_ == Phase::idle) {
    if (!skip_empty_lines(now)) return false;
    parser_ = std::make_unique<Parser>(limits_);
    phase_ = Phase::head;
    arm(now);
  }
  auto& parser = parser_->parser;
  error_code error;
  const std::size_t used =
      parser.put(boost::asio::buffer(input_.data() + parsed_, unparsed()), error);
  parsed_ += used;
  coming_ += used;
  if (error == http::error::need_more) error = {};
  const auto refuse = [&](ProblemCode code, std::string detail) {
    protocol_error(code, std::move(detail), now);
    return false;
  };
  if (parser.is_header_done() && wrong_coding(parser.get())) {
    return refuse(
        ProblemCode::malformed_request,
        "expected no Transfer-Encoding, or chunked alone and no Content-Length beside it");
  }
  if (error == http::error::header_limit) {
    return refuse(ProblemCode::headers_too_large,
                  fmt::format("expected at most {} bytes before the body", limits_.header_max));
  }
  if (error == http::error::body_limit) {
    return refuse(ProblemCode::body_too_large,
                  fmt::format("expected at most {} bytes", limits_.body_max));
  }
  if (error) return refuse(ProblemCode::malformed_request, error.message());
  if (parser.is_done()) {
    if (repeats(parser.get(), http::field::host)) {
      return refuse(ProblemCode::malformed_request, "more than one Host header");
    }
    if (finish_request()) return arm(now), true;
    return refuse(ProblemCode::malformed_request,
                  "expected a path that begins with / and has valid escapes");
  }
  if (parser.is_header_done() && phase_ == Phase::head) {
    phase_ = Phase::body;
    const auto expect = view(parser.get()[http::field::expect]);
    continue_wanted_ = to_lower(expect) == "100-continue" && parser.get().version() >= 11;
    arm(now);
  }
  return used != 0;
}

std::string HttpSession::correlation_of(std::optional<std::string_view> given,
                                        Number number) const {
  const bool usable =
      given && !given->empty() && given->size() <= 128 &&
      std::all_of(given->begin(), given->end(), [](char c) { return c > 32 && c < 127; });
  return usable ? std::string(*given) : fmt::format("{}-{}", name_, number);
}

// Takes the parsed request out; false when its target makes no sense.
bool HttpSession::finish_request() {
  auto target = parse_target(view(parser_->parser.get().target()));
  if (!target) return false;
  auto message = parser_->parser.release();
  parser_.reset();
  continue_wanted_ = false;
  const Number number = ++last_;
  HttpRequest request = to_request(message, std::move(*target));
  Pending& pending = pending_[number];
  pending.keep_alive = message.keep_alive();
  pending.head_only = message.method() == http::verb::head;
  pending.old = message.version() < 11;
  pending.correlation_id = correlation_of(request.header("x-correlation-id"), number);
  pending.size = std::exchange(coming_, 0);
  unanswered_ += pending.size;
  phase_ = pending.keep_alive ? Phase::idle : Phase::ended;
  if (!pending.keep_alive) parsed_ = input_.size();
  incoming_ = Incoming{number, std::move(request), pending.correlation_id};
  return true;
}

void HttpSession::protocol_error(ProblemCode code, std::string detail, base::Time now) {
  const Number number = ++last_;
  std::optional<std::string_view> given;
  if (parser_ && parser_->parser.is_header_done()) {
    given = view(parser_->parser.get()["X-Correlation-Id"]);
  }
  Pending& pending = pending_[number];
  pending.keep_alive = false;
  pending.correlation_id = correlation_of(given, number);
  phase_ = Phase::ended;
  parsed_ = input_.size();
  coming_ = 0;
  parser_.reset();
  continue_wanted_ = false;
  HttpResponse response =
      problem_response({.code = code, .detail = std::move(detail)},
                       {.instance = "", .correlation_id = pending.correlation_id, .now = now});
  respond(number, std::move(response), now);
}

// The status line and the headers, without the end of them.
std::string HttpSession::head(Number number, const HttpResponse& response, base::Time now) const {
  std::string bytes =
      fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status));
  append_header(bytes, "Date", http_date(now));
  for (const auto& [name, value] : response.headers) append_header(bytes, name, value);
  append_header(bytes, "X-Correlation-Id", pending_.at(number).correlation_id);
  append_header(bytes, "Cache-Control", "no-store");
  append_header(bytes, "X-Content-Type-Options", "nosniff");
  return bytes;
}

void HttpSession::respond(Number number, HttpResponse response, base::Time now) {
  const auto found = pending_.find(number);
  if (found == pending_.end() || found->second.ready) return;
  const Pending& pending = found->second;
  std::string bytes = head(number, response, now);
  std::size_t length = response.body.size();
  for (const SharedText& piece : response.more) length += piece->size();
  append_header(bytes, "Content-Length", std::to_string(length));
  if (!pending.keep_alive) {
    append_header(bytes, "Connection", "close");
  } else if (pending.old) {
    append_header(bytes, "Connection", "keep-alive");
  }
  bytes += "\r\n";
  if (pending.head_only) response.more.clear();
  if (!pending.head_only) bytes += response.body;
  queue(number, std::move(bytes), std::move(response.more));
  if (deadline_ == base::never) arm(now);
}

void HttpSession::start_stream(Number number, HttpResponse response, base::Time now) {
  const auto found = pending_.find(number);
  if (found == pending_.end() || found->second.ready) return;
  std::string bytes = head(number, response, now);
  // Without a length the end of the connection is the end of the body, in 1.0 and 1.1 alike.
  append_header(bytes, "Connection", "close");
  bytes += "\r\n";
  bytes += response.body;
  found->second.is_stream = true;
  found->second.keep_alive = false;
  streaming_ = true;
  std::string().swap(input_);
  parsed_ = 0;
  coming_ = 0;
  incoming_.reset();
  parser_.reset();
  phase_ = Phase::ended;
  deadline_ = ended_by_;
  queue(number, std::move(bytes));
}

void HttpSession::chunk(std::string_view bytes) {
  if (!streaming_ || finished_) return;
  // The head may still wait for an earlier answer; then the events wait behind it.
  if (pending_.empty()) {
    output_.append(bytes);
  } else {
    for (auto& [number, pending] : pending_) {
      if (pending.is_stream && pending.ready) pending.ready->append(bytes);
    }
  }
  if (output_.size() > limits_.output_max) cut_ = finished_ = true;
}

void HttpSession::end_stream() {
  if (streaming_) finished_ = true;
}

void HttpSession::queue(Number number, std::string bytes, std::vector<SharedText> more) {
  Pending& pending = pending_[number];
  pending.ready = std::move(bytes);
  pending.more = std::move(more);
  flush();
}

void HttpSession::flush() {
  while (!pending_.empty() && pending_.begin()->second.ready && !finished_) {
    Pending& first = pending_.begin()->second;
    if (output_.empty()) {
      output_ = std::move(*first.ready);
    } else {
      output_ += *first.ready;
    }
    if (!first.more.empty()) {
      pieces_.push_back(std::make_shared<const std::string>(std::exchange(output_, {})));
      pieces_.insert(pieces_.end(), first.more.begin(), first.more.end());
    }
    const bool last = !first.keep_alive && !first.is_stream;
    const bool stream = first.is_stream;
    unanswered_ -= first.size;
    pending_.erase(pending_.begin());
    if (last) {
      finished_ = true;
      phase_ = Phase::ended;
    }
    if (last || stream) {
      pending_.clear();
      unanswered_ = 0;
    }
  }
  finish_if_answered();
}

std::vector<SharedText> HttpSession::take_pieces(std::size_t unsent) {
  if (streaming_ && unsent + output_.size() > limits_.output_max) {
    cut_ = finished_ = true;
    output_.clear();
    pieces_.clear();
  }
  std::vector<SharedText> out = std::exchange(pieces_, {});
  if (!output_.empty()) {
    out.push_back(std::make_shared<const std::string>(std::exchange(output_, {})));
  }
  return out;
}

std::string HttpSession::take_output(std::size_t unsent) {
  std::string out;
  for (const SharedText& piece : take_pieces(unsent)) out += *piece;
  return out;
}

void HttpSession::arm(base::Time now) {
  if (has_input_ended()) {
    deadline_ = ended_by_;
    return;
  }
  switch (phase_) {
    case Phase::idle:
      deadline_ = pending_.empty() ? now + limits_.idle_timeout : base::never;
      return;
    case Phase::head:
      deadline_ = now + limits_.head_timeout;
      return;
    case Phase::body:
      deadline_ = now + limits_.body_timeout;
      return;
    case Phase::ended:
      deadline_ = base::never;
      return;
  }
}

void HttpSession::on_time(base::Time now) {
  if (now < deadline_) return;
  deadline_ = base::never;
  if (has_input_ended()) {
    cut_ = finished_ = true;
    phase_ = Phase::ended;
    return;
  }
  if (phase_ == Phase::body) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limits_.body_timeout);
    return protocol_error(ProblemCode::request_timeout,
                          fmt::format("the body was not complete after {} s", seconds.count()),
                          now);
  }
  if (phase_ != Phase::ended && pending_.empty()) {
    finished_ = true;
    phase_ = Phase::ended;
  }
}

std::string http_date(base::Time time) {
  static constexpr std::array days{"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  const std::int64_t ns = time.unix_ns();
  const std::int64_t day = ns / day_ns - (ns % day_ns < 0 ? 1 : 0);  // 1970-01-01 was a Thursday
  const auto weekday = static_cast<std::size_t>(((day % 7) + 7) % 7);
  const auto c = base::to_civil(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days.at(weekday), c.day,
                     months.at(static_cast<std::size_t>(c.month - 1)), c.year, c.hour, c.minute,
                     c.second);
}

}  // namespace belay::api
