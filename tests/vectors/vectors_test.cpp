// SPDX-License-Identifier: Apache-2.0
// Messages recorded from real gateways: decoded to their last field, written again, compared.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <string_view>

#include "belay/tws/wire/codec.hpp"
#include "vector_files.hpp"

namespace belay::tests {
namespace {

using namespace belay::tws::wire;

std::vector<std::string> split(std::string_view payload) {
  std::vector<std::string> out;
  while (!payload.empty()) {
    const std::size_t end = payload.find('\0');
    out.emplace_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
  return out;
}

// What every receiver takes for "not given" is one and the same; numbers of equal value are too.
std::string normal(const std::string& field) {
  const auto real = Real::parse_quantity(field);
  if (!real) return field == "?" ? "" : field;
  if (!real->is_set() || real->is_zero()) return "";
  return real->to_string();
}

TEST_CASE(
    "recorded gateway messages: every one of version 200 decodes to its last field and "
    "comes back") {
  const auto messages = read_json_lines("sv200_inbound_ibkr-go.jsonl");
  int decoded = 0;
  int identical = 0;
  for (const RecordedMessage& recorded : messages) {
    INFO(recorded.name);
    const auto message = decode_server(payload_of(recorded.fields), recorded.server_version);
    REQUIRE_MESSAGE(message, to_string(message.error()));
    ++decoded;
    CHECK_FALSE(std::holds_alternative<UnknownMessage>(message->message));
    const bool has_extra = recorded.fields[0] == "11" || recorded.fields[0] == "59";
    CHECK(message->trailing.size() == (has_extra ? 1 : 0));
    const auto tolerant =
        decode_server_tolerantly(payload_of(recorded.fields), recorded.server_version);
    REQUIRE(tolerant);
    CHECK(tolerant->damaged.empty());
    CHECK(tolerant->message == message->message);
    std::string frame;
    encode(message->message, recorded.server_version, frame, EncodeOptions{has_extra});
    const auto fields = split(std::string_view(frame).substr(4));
    REQUIRE(fields.size() == recorded.fields.size());
    for (std::size_t i = 0; i < fields.size(); ++i) {
      INFO("field " << i);
      CHECK(normal(fields[i]) == normal(recorded.fields[i]));
    }
    if (fields == recorded.fields) ++identical;
  }
  if (messages.empty()) return;
  std::printf("version 200 inbound: %d decoded, %d of them byte-identical when written again\n",
              decoded, identical);
  CHECK(decoded == 35);
  CHECK(identical == 35);
}

TEST_CASE("recorded gateway messages: a plain open order of version 200 has 156 fields") {
  for (const RecordedMessage& recorded : read_json_lines("sv200_inbound_ibkr-go.jsonl")) {
    if (recorded.name == "openOrder_obdc_put_no_conditions") CHECK(recorded.fields.size() == 156);
  }
}

TEST_CASE("messages from issue threads: decode at every version they are exact at") {
  const auto messages = read_json_array("issue_threads.json");
  int decoded = 0;
  int skipped = 0;
  for (const RecordedMessage& recorded : messages) {
    int described = 0;
    for (const int version : recorded.exact_at) {
      if (version < min_server_version || version > max_server_version) continue;
      ++described;
      INFO(recorded.name << " at " << version);
      const auto message = decode_server(payload_of(recorded.fields), version);
      REQUIRE_MESSAGE(message, to_string(message.error()));
      CHECK(message->trailing.empty());
      const auto tolerant = decode_server_tolerantly(payload_of(recorded.fields), version);
      REQUIRE(tolerant);
      CHECK(tolerant->damaged.empty());
      ++decoded;
    }
    if (described > 0) continue;
    ++skipped;
    std::printf("skipped %s: exact at no version from 176 on\n", recorded.name.c_str());
  }
  if (messages.empty()) return;
  std::printf("issue threads: %d decodes, %d messages skipped\n", decoded, skipped);
  CHECK(decoded > 20);
}

TEST_CASE("recorded requests: those of version 200 are ours byte for byte") {
  for (const RecordedMessage& recorded : read_json_lines("sv200_outbound_ibkr-go.jsonl")) {
    INFO(recorded.name);
    const std::string payload = payload_of(recorded.fields);
    const auto message = decode_client(payload, recorded.server_version);
    REQUIRE(message);
    std::string frame;
    encode(message->message, recorded.server_version, frame);
    CHECK(frame.substr(4) == payload);
    CHECK(name(message->message) == recorded.name);
  }
}

}  // namespace
}  // namespace belay::tests
