// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/decode_log.hpp"

#include <doctest/doctest.h>

#include <string>

#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::tws::wire {
namespace {

TEST_CASE("decode log: a text line shows NUL as backslash zero") {
  std::string out;
  const auto result = decode_log("# a note\n9\\01\\017\\0\r\n\n53\\01\\0\n", {}, out);
  CHECK(result.decoded == 2);
  CHECK(result.failed == 0);
  CHECK(out == R"({"from":"server","name":"nextValidId","id":9,"fields":{"orderId":17}})"
               "\n"
               R"({"from":"server","name":"openOrderEnd","id":53,"fields":{}})"
               "\n");
}

TEST_CASE("decode log: a raw client stream brings its greeting") {
  std::string bytes;
  append_client_greeting({100, 200, ""}, bytes);
  encode(StartApi{5, ""}, 200, bytes);
  std::string out;
  const auto result = decode_log(bytes, {}, out);
  CHECK(result.decoded == 2);
  CHECK(out == R"({"from":"client","name":"greeting","fields":{"minVersion":100,"maxVersion":200,)"
               R"("connectOptions":""}})"
               "\n"
               R"({"from":"client","name":"startApi","id":71,"fields":{"clientId":5,)"
               R"("optionalCapabilities":""}})"
               "\n");
}

TEST_CASE("decode log: the hello of a server decides the version of what follows") {
  std::string bytes;
  append_server_hello({193, "20261121 09:30:00 US/Eastern"}, bytes);
  encode(ErrMsg{-1, 2104, "ok", "", 0}, 193, bytes);
  std::string out;
  const auto result = decode_log(bytes, {}, out);
  CHECK(result.decoded == 2);
  CHECK(result.failed == 0);
  CHECK(out.find(R"("errorCode":2104)") != std::string::npos);
  CHECK(out.find("trailing") == std::string::npos);
}

TEST_CASE("decode log: one bad message is one line, the rest is decoded") {
  std::string out;
  const auto result = decode_log("9\\01\\0\n62\\01\\0x\\0\n", {}, out);
  CHECK(result.decoded == 1);
  CHECK(result.failed == 1);
  CHECK(out.find(R"("field":"orderId","field_index":2,"reason":"under_run")") != std::string::npos);
  CHECK(out.find(R"("trailing":["x"])") != std::string::npos);
}

TEST_CASE("decode log: bytes that are no frames are an error, a cut last frame too") {
  std::string out;
  CHECK(decode_log(std::string_view("\xff\xff\xff\xff\0", 5), {}, out).failed == 1);
  std::string bytes;
  encode(NextValidId{1}, 200, bytes);
  const auto result = decode_log(std::string_view(bytes).substr(0, bytes.size() - 2), {}, out);
  CHECK(result.failed == 1);
  CHECK(result.decoded == 0);
}

}  // namespace
}  // namespace belay::tws::wire
