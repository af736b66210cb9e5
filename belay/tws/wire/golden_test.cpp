// SPDX-License-Identifier: Apache-2.0
// Golden frames: golden/<message>.txt holds messages as the codec wrote them when they were made,
// one a line ("<version> <message>", NUL as \0, backslash and line feed as \\ and \n), followed by
// a line with their printed fields. Both are compared byte for byte, so no change of the wire or of
// a field's place goes unseen. To make them anew after an intended change: BELAY_WRITE_GOLDEN=1
// belay_tws_wire_test -tc="golden*"
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <variant>

#include "belay/base/json_writer.hpp"
#include "belay/base/prng.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/random_message.hpp"
#include "belay/tws/wire/test_payload.hpp"
#include "tests/support/source_root.hpp"

namespace belay::tws::wire {
namespace {

namespace fs = std::filesystem;

// Every version at which the layout of some message changes, and the first and the last.
constexpr int gates[] = {176, 177, 178, 179, 182, 183, 184, 185, 186, 187, 188,
                         189, 190, 192, 193, 194, 195, 196, 197, 198, 199, 200};

fs::path folder() {
  return test::source_root() / "belay/tws/wire/golden";
}

std::string shown(std::string_view payload) {
  std::string out;
  for (const char c : payload) {
    if (c == '\0') {
      out += "\\0";
    } else if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string payload_of(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    out.push_back(c == '0' ? '\0' : c == 'n' ? '\n' : c);
  }
  return out;
}

template <class Message>
std::string printed(const Message& message, int version) {
  base::JsonWriter json;
  print_json(message, json, version);
  return json.take();
}

// Writes the file of one alternative: at every gate whose layout differs from the one before.
template <class Make>
void write_file(const fs::path& path, Make make) {
  std::ofstream file(path, std::ios::binary);
  std::string before;
  for (const int version : gates) {
    const auto first = make(version, 1);
    // The same draws give other bytes only when the walk has other fields.
    if (version != 200 && payload(first, version) == before) continue;
    before = payload(first, version);
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const auto message = make(version, seed);
      file << version << ' ' << shown(payload(message, version)) << '\n'
           << printed(message, version) << '\n';
    }
  }
}

template <class Decode>
int check_file(const fs::path& path, Decode decode) {
  std::ifstream file(path, std::ios::binary);
  int checked = 0;
  for (std::string line, json; std::getline(file, line) && std::getline(file, json); ++checked) {
    const int version = std::stoi(line);
    const std::string expected = payload_of(std::string_view(line).substr(line.find(' ') + 1));
    INFO(path.filename().string() << ": " << line);
    const auto decoded = decode(expected, version);
    REQUIRE_MESSAGE(decoded, to_string(decoded.error()));
    CHECK(decoded->trailing.empty());
    CHECK(payload(decoded->message, version) == expected);
    CHECK(printed(decoded->message, version) == json);
    const bool named = path.stem().string().substr(7) == name(decoded->message);
    CHECK(named);
  }
  return checked;
}

template <class Variant, class Make, class Decode>
void run(const std::string& side, Make make, Decode decode) {
  const bool writing = std::getenv("BELAY_WRITE_GOLDEN") != nullptr;
  if (writing) fs::create_directories(folder());
  int checked = 0;
  for (std::size_t i = 0; i < Variant::size; ++i) {
    base::Prng prng(1);
    const std::string message_name(name(make(i, 200, prng)));
    const fs::path path = folder() / (side + "_" + message_name + ".txt");
    if (writing) {
      write_file(path, [&](int version, std::uint64_t seed) {
        base::Prng own(seed * 1000 + i);
        return make(i, version, own);
      });
    }
    INFO(path.string());
    const int in_file = check_file(path, decode);
    CHECK(in_file >= 2);
    checked += in_file;
  }
  CHECK(checked >= static_cast<int>(2 * Variant::size));
}

TEST_CASE("golden: server messages are written as they always were") {
  run<ServerMessage>("server", random_server_message, decode_server);
}

TEST_CASE("golden: client messages are written as they always were") {
  run<ClientMessage>("client", random_client_message, decode_client);
}

}  // namespace
}  // namespace belay::tws::wire
