// SPDX-License-Identifier: Apache-2.0
#include "belay/api/http_session.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/support/service_fixture.hpp"

using namespace belay;
using namespace belay::api;

namespace {

const base::Time the_second = *base::parse_rfc3339("2026-11-21T04:00:22Z");

HttpResponse text(std::string body, unsigned status = 200) {
  return {status, {{"Content-Type", "text/plain"}}, std::move(body)};
}
std::string get_request(std::string_view target, std::string_view more = "") {
  return fmt::format("GET {} HTTP/1.1\r\nHost: localhost\r\n{}\r\n", target, more);
}
std::string post(std::string_view body, std::string_view more = "") {
  return fmt::format("POST /o HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n{}\r\n{}",
                     body.size(), more, body);
}
/// The output after `bytes`, which must be a protocol error that ends the session.
std::string refusal(std::string_view bytes) {
  HttpSession session;
  session.on_bytes(bytes, the_second);
  CHECK_FALSE(session.next(the_second).has_value());
  CHECK(session.is_finished());
  return session.take_output();
}
std::vector<HttpSession::Incoming> take(HttpSession& session) {
  std::vector<HttpSession::Incoming> out;
  while (auto incoming = session.next(the_second)) out.push_back(std::move(*incoming));
  return out;
}

}  // namespace

TEST_CASE("http session: a request is read whole, with decoded path, query and joined headers") {
  HttpSession session;
  session.on_bytes(get_request("/api/v1/orders/cid%3Aa%20b?status=a%2Cb&x", "X-A: 1\r\nx-a: 2\r\n"),
                   the_second);
  const auto requests = take(session);
  REQUIRE(requests.size() == 1);
  const HttpRequest& request = requests[0].request;
  CHECK(request.method == "GET");
  CHECK(request.path == "/api/v1/orders/cid:a b");
  CHECK(request.query_value("status") == "a,b");
  CHECK(request.query_value("x") == "");
  CHECK_FALSE(request.query_value("y").has_value());
  CHECK(request.header("x-a") == "1, 2");
}

TEST_CASE("http session: an answer has date, length and the caller's headers, and keeps alive") {
  HttpSession session;
  session.on_bytes(get_request("/"), the_second);
  session.respond(1, text("hi"), the_second);
  CHECK(session.take_output() ==
        "HTTP/1.1 200 OK\r\nDate: Sat, 21 Nov 2026 04:00:22 GMT\r\nContent-Type: text/plain\r\n"
        "X-Correlation-Id: session-1\r\nCache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\nContent-Length: 2\r\n\r\nhi");
  CHECK_FALSE(session.is_finished());
}

TEST_CASE("http session: bytes may arrive one at a time") {
  HttpSession session;
  const std::string all = post("{\"a\":1}") + get_request("/x");
  for (const char c : all) session.on_bytes({&c, 1}, the_second);
  const auto requests = take(session);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].request.body == "{\"a\":1}");
  CHECK(requests[1].request.path == "/x");
}

TEST_CASE("http session: pipelined answers leave in the order of their requests") {
  HttpSession session;
  session.on_bytes(get_request("/1") + get_request("/2") + get_request("/3"), the_second);
  REQUIRE(take(session).size() == 3);
  session.respond(3, text("third"), the_second);
  session.respond(2, text("second"), the_second);
  CHECK_FALSE(session.has_output());
  session.respond(1, text("first"), the_second);
  const std::string out = session.take_output();
  CHECK(out.find("first") < out.find("second"));
  CHECK(out.find("second") < out.find("third"));
  CHECK(has(out, "third"));
}

TEST_CASE("http session: a full pipeline holds requests back and goes on after an answer") {
  HttpLimits limits;
  limits.pipeline_max = 2;
  HttpSession session(limits);
  session.on_bytes(get_request("/1") + get_request("/2") + get_request("/3"), the_second);
  CHECK(take(session).size() == 2);
  session.respond(1, text(""), the_second);
  const auto more = take(session);
  REQUIRE(more.size() == 1);
  CHECK(more[0].request.path == "/3");
}

TEST_CASE("http session: an answer given twice is sent once") {
  HttpSession session;
  session.on_bytes(get_request("/1"), the_second);
  session.respond(1, text("a"), the_second);
  session.take_output();
  session.respond(1, text("b"), the_second);
  session.respond(7, text("c"), the_second);
  CHECK_FALSE(session.has_output());
}

TEST_CASE("http session: connection close and HTTP/1.0 end after the answer") {
  for (const std::string& bytes :
       {get_request("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
    HttpSession session;
    session.on_bytes(bytes + get_request("/never"), the_second);
    CHECK(take(session).size() == 1);
    CHECK_FALSE(session.is_finished());
    session.respond(1, text("x"), the_second);
    CHECK(has(session.take_output(), "Connection: close"));
    CHECK(session.is_finished());
  }
}

TEST_CASE("http session: HEAD is answered with the length and without the body") {
  HttpSession session;
  session.on_bytes("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", the_second);
  session.respond(1, text("hello"), the_second);
  const std::string out = session.take_output();
  CHECK(has(out, "Content-Length: 5\r\n"));
  CHECK_FALSE(has(out, "hello"));
}

TEST_CASE("http session: a malformed request is a 400 problem and the end") {
  for (const char* bytes :
       {"garbage\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n",
        "GET / HTTP/1.1\r\nBad Name: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(bytes);
    const std::string out = refusal(bytes);
    CHECK(has(out, "HTTP/1.1 400 Bad Request"));
    CHECK(has(out, "application/problem+json"));
    CHECK(has(out, "Connection: close"));
  }
}

TEST_CASE("http session: a body above 64 KiB is 413, by its length or when chunks pass the limit") {
  CHECK(has(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n"), " 413 "));
  CHECK(has(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" +
                    std::string(0x20000, 'x')),
            " 413 "));
  HttpSession session;
  session.on_bytes(post(std::string(65536, 'x')), the_second);
  CHECK(take(session).size() == 1);
}

TEST_CASE("http session: a head above 16 KiB is 431, even when it never ends") {
  CHECK(has(refusal(get_request("/", "X: " + std::string(17'000, 'x') + "\r\n")), " 431 "));
  CHECK(has(refusal("GET /" + std::string(20'000, 'x')), " 431 "));
}

TEST_CASE("http session: earlier requests are answered before a protocol error") {
  HttpSession session;
  session.on_bytes(get_request("/ok") + "garbage\r\n\r\n", the_second);
  REQUIRE(take(session).size() == 1);
  CHECK_FALSE(session.has_output());
  session.respond(1, text("fine"), the_second);
  const std::string out = session.take_output();
  CHECK(out.find("fine") < out.find(" 400 "));
  CHECK(has(out, " 400 "));
  CHECK(session.is_finished());
}

TEST_CASE("http session: a client that expects 100-continue gets it before it sends the body") {
  HttpSession session;
  session.on_bytes(
      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
      the_second);
  CHECK(session.take_output() == "HTTP/1.1 100 Continue\r\n\r\n");
  session.on_bytes("{}", the_second);
  CHECK(session.take_output().empty());
  REQUIRE(take(session).size() == 1);
}

TEST_CASE("http session: 408 only for a body that does not arrive in time") {
  HttpSession session;
  session.on_bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{", the_second);
  CHECK(session.deadline() == the_second + std::chrono::seconds(10));
  session.on_time(the_second + std::chrono::seconds(9));
  CHECK_FALSE(session.is_finished());
  session.on_time(the_second + std::chrono::seconds(10));
  CHECK(has(session.take_output(), " 408 "));
  CHECK(session.is_finished());
}

TEST_CASE("http session: a trickle of body bytes does not move the deadline") {
  HttpSession session;
  session.on_bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n{", the_second);
  for (int i = 1; i < 9; ++i) session.on_bytes(" ", the_second + std::chrono::seconds(i));
  CHECK(session.deadline() == the_second + std::chrono::seconds(10));
}

TEST_CASE("http session: an idle connection and a half-sent head are closed in silence") {
  HttpSession idle;
  idle.on_bytes(get_request("/"), the_second);
  CHECK(idle.deadline() == base::never);  // the answer is our turn
  idle.respond(1, text(""), the_second);
  idle.take_output();
  idle.on_time(idle.deadline());
  CHECK(idle.is_finished());
  CHECK_FALSE(idle.has_output());

  HttpSession half;
  half.on_bytes("GET / HT", the_second);
  CHECK(half.deadline() == the_second + std::chrono::seconds(20));
  half.on_time(half.deadline());
  CHECK(half.is_finished());
  CHECK_FALSE(half.has_output());
}

TEST_CASE("http session: a stream has no end, later requests are not answered") {
  HttpSession session;
  session.on_bytes(get_request("/events") + get_request("/2"), the_second);
  take(session);
  session.start_stream(1, {200, {{"Content-Type", "text/event-stream"}}, ""}, the_second);
  session.chunk("id: 1\n\n");
  const std::string out = session.take_output();
  CHECK(has(out, "text/event-stream"));
  CHECK_FALSE(has(out, "Content-Length"));
  CHECK(has(out, "\r\n\r\nid: 1\n\n"));
  session.respond(2, text("x"), the_second);
  CHECK_FALSE(session.has_output());
  CHECK_FALSE(session.is_finished());
  CHECK(session.deadline() == base::never);
}

TEST_CASE("http session: a stream behind an unanswered request begins after its answer") {
  HttpSession session;
  session.on_bytes(get_request("/1") + get_request("/events"), the_second);
  take(session);
  session.start_stream(2, {200, {}, ""}, the_second);
  session.chunk("id: 1\n\n");
  CHECK_FALSE(session.has_output());
  session.respond(1, text("first"), the_second);
  const std::string out = session.take_output();
  CHECK(out.find("first") < out.find("id: 1"));
  CHECK(has(out, "id: 1"));
}

TEST_CASE("http session: a reader that leaves too much of its stream is cut") {
  HttpLimits limits;
  limits.output_max = 1000;
  HttpSession session(limits);
  session.on_bytes(get_request("/events"), the_second);
  session.start_stream(1, {200, {}, ""}, the_second);
  session.take_output();
  session.chunk(std::string(600, 'x'));
  CHECK_FALSE(session.is_cut());
  CHECK(session.take_output(500).empty());
  CHECK(session.is_cut());
}

TEST_CASE("http date: the weekday is right, also before 1970") {
  CHECK(http_date(base::Time(0)) == "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(http_date(base::Time(-1)) == "Wed, 31 Dec 1969 23:59:59 GMT");
  CHECK(http_date(*base::parse_rfc3339("2024-02-29T12:34:56Z")) == "Thu, 29 Feb 2024 12:34:56 GMT");
}

TEST_CASE(
    "http session: a coding that is not chunked alone is refused, and its body is no request") {
  for (const char* fields :
       {"Transfer-Encoding: gzip", "Transfer-Encoding: identity", "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 40", "Transfer-Encoding: ",
        "Content-Length: 40\r\nTransfer-Encoding: identity", "Transfer-Encoding: chunked;q=1"}) {
    CAPTURE(fields);
    const std::string out = refusal(fmt::format("POST /o HTTP/1.1\r\nHost: a\r\n{}\r\n\r\n{}",
                                                fields, get_request("/smuggled")));
    CHECK(has(out, " 400 "));
    CHECK(has(out, "Connection: close"));
  }
  CHECK(has(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), " 400 "));
  HttpSession good;
  good.on_bytes(
      "POST /o HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      the_second);
  CHECK(take(good).at(0).request.body == "{}");
}

TEST_CASE("http session: empty lines are no request, and do not keep a connection open") {
  HttpSession session;
  session.opened(the_second);
  CHECK(session.deadline() == the_second + std::chrono::seconds(120));
  for (int i = 0; i < 7; ++i) session.on_bytes("\r\n", the_second + std::chrono::seconds(3 * i));
  CHECK(session.deadline() == the_second + std::chrono::seconds(20));
  session.on_time(session.deadline());
  CHECK(session.is_finished());
}

TEST_CASE("http session: one request is parsed at a time, whatever came with it") {
  HttpSession session;
  std::string all;
  for (int i = 0; i < 1000; ++i) all += get_request("/");
  session.on_bytes(all, the_second);
  CHECK(session.unparsed() >= all.size() * 9 / 10);
  CHECK(session.next(the_second).has_value());
  CHECK(session.unparsed() >= all.size() * 9 / 10);
}

TEST_CASE("http session: an error of the protocol carries correlation id, no-store and nosniff") {
  for (const std::string& bytes :
       {std::string("garbage\r\n\r\n"), get_request("/", "X: " + std::string(17'000, 'x') + "\r\n"),
        std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n")}) {
    const std::string out = refusal(bytes);
    CHECK(has(out, "X-Correlation-Id: session-1\r\n"));
    CHECK(has(out, R"("correlation_id":"session-1")"));
    CHECK(has(out, "Cache-Control: no-store\r\n"));
    CHECK(has(out, "X-Content-Type-Options: nosniff\r\n"));
  }
  HttpSession slow;
  slow.on_bytes("POST / HTTP/1.1\r\nX-Correlation-Id: mine\r\nContent-Length: 2\r\n\r\n{",
                the_second);
  slow.on_time(the_second + std::chrono::seconds(10));
  CHECK(has(slow.take_output(), "X-Correlation-Id: mine\r\n"));
}

TEST_CASE("http session: a peer that ends its direction is answered all that it asked, in order") {
  HttpSession session;
  session.on_bytes(get_request("/1") + get_request("/2") + "GET /3 HT", the_second);
  session.on_end(the_second);
  CHECK(take(session).size() == 2);
  CHECK_FALSE(session.is_finished());
  session.respond(2, text("second"), the_second);
  CHECK(session.take_output().empty());
  session.respond(1, text("first"), the_second);
  const std::string out = session.take_output();
  CHECK(has(out, "first"));
  CHECK(has(out, "second"));
  CHECK(session.is_finished());
  CHECK_FALSE(session.is_cut());
}

TEST_CASE("http session: a peer that ends its direction and asked nothing is let go") {
  for (const std::string& bytes : {std::string(), std::string("GET / HTTP/1.1\r\nHo"),
                                   std::string("GET / HT"), std::string("\r\n")}) {
    CAPTURE(bytes);
    HttpSession session;
    session.opened(the_second);
    session.on_bytes(bytes, the_second);
    session.on_end(the_second);
    CHECK_FALSE(session.next(the_second).has_value());
    CHECK(session.is_finished());
    CHECK(session.take_output().empty());
  }
  HttpSession answered;
  answered.on_bytes(get_request("/"), the_second);
  REQUIRE(take(answered).size() == 1);
  answered.respond(1, text("hi"), the_second);
  answered.on_end(the_second);
  CHECK(answered.is_finished());
}

TEST_CASE("http session: half a body is no request, and its peer is told") {
  HttpSession session;
  session.on_bytes("POST /o HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{}", the_second);
  session.on_end(the_second);
  CHECK_FALSE(session.next(the_second).has_value());
  CHECK(has(session.take_output(), "HTTP/1.1 400 "));
  CHECK(session.is_finished());
}

TEST_CASE("http session: who has ended its direction waits for its answer no longer than a limit") {
  for (const char* more : {"", "Connection: close\r\n"}) {
    HttpSession session;
    session.on_bytes(get_request("/", more), the_second);
    REQUIRE(take(session).size() == 1);
    session.on_end(the_second + std::chrono::seconds(1));
    session.on_end(the_second + std::chrono::seconds(50));
    REQUIRE(session.deadline() == the_second + std::chrono::seconds(76));
    session.on_time(session.deadline());
    CHECK(session.is_finished());
    CHECK(session.is_cut());
  }
}

TEST_CASE("http session: a stream ends with its reader's direction") {
  for (const bool ends_first : {false, true}) {
    HttpSession session;
    session.on_bytes(get_request("/1") + get_request("/events"), the_second);
    REQUIRE(take(session).size() == 2);
    if (ends_first) session.on_end(the_second);
    session.start_stream(2, text("opening"), the_second);
    if (!ends_first) session.on_end(the_second);
    CHECK_FALSE(session.is_finished());
    session.respond(1, text("first"), the_second);
    CHECK(has(session.take_output(), "opening"));
    CHECK(session.is_finished());
  }
}
