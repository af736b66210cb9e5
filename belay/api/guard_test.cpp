// SPDX-License-Identifier: Apache-2.0
#include "belay/api/guard.hpp"

#include <doctest/doctest.h>

using namespace belay::api;

namespace {
HttpRequest request(std::string host, Headers more = {}, std::string method = "GET",
                    std::string body = "") {
  HttpRequest out;
  out.method = std::move(method);
  out.path = "/";
  out.headers = std::move(more);
  out.headers.emplace_back("host", std::move(host));
  out.body = std::move(body);
  return out;
}
unsigned status(const HttpRequest& request, const GuardOptions& options = {}) {
  const auto problem = guard(request, options);
  return problem ? row_of(problem->code).status : 200;
}
}  // namespace

TEST_CASE("guard: loopback names pass with any port") {
  for (const char* host : {"localhost", "localhost:8001", "LOCALHOST:1", "127.0.0.1",
                           "127.0.0.1:8001", "127.1.2.3", "[::1]", "[::1]:8001", "localhost."}) {
    CAPTURE(host);
    CHECK(status(request(host)) == 200);
  }
}

TEST_CASE("guard: every other host is misdirected, also those that look like ours") {
  for (const char* host :
       {"", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "127.evil.example",
        "127.0.0.1x", "1.2.3.4", "0.0.0.0", "[::2]", "localhost:80:80", "localhost:x", "[::1",
        "127.0.0.1:8001@evil.example", "127.0.0", "[::1]x", "user@localhost"}) {
    CAPTURE(host);
    CHECK(status(request(host)) == 421);
  }
  HttpRequest none;
  none.method = "GET";
  CHECK(status(none) == 421);
}

TEST_CASE("guard: a configured host name passes") {
  CHECK(status(request("trader.lan:8001"), {.hosts = {"trader.lan"}}) == 200);
}

TEST_CASE("guard: only the very same origin passes") {
  const std::string host = "127.0.0.1:8001";
  CHECK(status(request(host, {{"origin", "http://127.0.0.1:8001"}})) == 200);
  for (const char* origin : {"http://evil.example", "null", "http://127.0.0.1:9999",
                             "http://localhost:8001", "", "http://127.0.0.1:8001.evil.example"}) {
    CAPTURE(origin);
    CHECK(status(request(host, {{"origin", origin}})) == 403);
  }
}

TEST_CASE("guard: a body that changes something must say it is JSON") {
  const auto post = [](const char* type) {
    Headers headers;
    if (type != nullptr) headers.emplace_back("content-type", type);
    return status(request("localhost", headers, "POST", "{}"));
  };
  CHECK(post("application/json") == 200);
  CHECK(post("Application/JSON; charset=utf-8") == 200);
  CHECK(post(nullptr) == 415);
  CHECK(post("text/plain") == 415);
  CHECK(post("application/x-www-form-urlencoded") == 415);
  CHECK(post("application/jsonx") == 415);
  CHECK(status(request("localhost", {}, "DELETE")) == 200);
}
