// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/handshake.hpp"

#include <doctest/doctest.h>

#include <string>

#include "belay/tws/wire/frame.hpp"

namespace belay::tws::wire {
namespace {

TEST_CASE("handshake: the greeting is API, NUL and a frame without a final NUL") {
  std::string out;
  append_client_greeting({100, 200, ""}, out);
  CHECK(out == std::string("API\0\0\0\0\x09v100..200", 17));
  out.clear();
  append_client_greeting({100, 200, "+PACEAPI"}, out);
  CHECK(out.substr(8) == "v100..200 +PACEAPI");
}

TEST_CASE("handshake: greetings of real clients are understood") {
  CHECK(*parse_client_greeting("v100..225") == ClientGreeting{100, 225, ""});
  CHECK(*parse_client_greeting("v157..178") == ClientGreeting{157, 178, ""});
  CHECK(*parse_client_greeting("v100..195 +PACEAPI") == ClientGreeting{100, 195, "+PACEAPI"});
  CHECK(*parse_client_greeting("v176") == ClientGreeting{176, 176, ""});
}

TEST_CASE("handshake: a greeting without sensible versions is refused") {
  for (const char* text : {"", "v", "100..200", "v..", "v200..100", "v-1..5", "vx..y", "v100..",
                           "v100..99999999999"}) {
    CHECK_FALSE_MESSAGE(parse_client_greeting(text), text);
  }
}

TEST_CASE("handshake: the hello carries version and time, whose zone may have blanks") {
  const ServerHello hello{200, "20261121 09:30:00 Central European Standard Time"};
  std::string out;
  append_server_hello(hello, out);
  FrameReader reader;
  std::string_view input = out;
  const FrameReader::Step step = reader.next(input);
  REQUIRE(step.status == FrameReader::Status::frame);
  CHECK(*parse_server_hello(step.payload) == hello);
  CHECK_FALSE(hello.is_redirect());
}

TEST_CASE("handshake: a version of -1 is a redirect to the host in the second field") {
  const auto hello = parse_server_hello(std::string_view("-1\0other:4001\0", 14));
  REQUIRE(hello);
  CHECK(hello->is_redirect());
  CHECK(hello->connection_time == "other:4001");
}

TEST_CASE("handshake: a hello without a version is refused, one without a time is not") {
  CHECK_FALSE(parse_server_hello(""));
  CHECK_FALSE(parse_server_hello("200"));
  CHECK_FALSE(parse_server_hello(std::string_view("x\0y\0", 4)));
  CHECK_FALSE(parse_server_hello(std::string_view("0\0y\0", 4)));
  CHECK(parse_server_hello(std::string_view("200\0", 4))->server_version == 200);
}

TEST_CASE("handshake: the agreed version is the smaller maximum, never below the client's least") {
  CHECK(agree_version({100, 225, ""}, 200) == 200);
  CHECK(agree_version({157, 178, ""}, 200) == 178);
  CHECK_FALSE(agree_version({201, 225, ""}, 200));
}

}  // namespace
}  // namespace belay::tws::wire
