// SPDX-License-Identifier: Apache-2.0
// Messages that are read one after the other, each into the struct of the one before of its kind.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "belay/base/prng.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/random_message.hpp"
#include "belay/tws/wire/test_payload.hpp"

namespace belay::tws::wire {
namespace {

template <class Message>
constexpr std::size_t place_of() {
  std::size_t out = 0;
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    ((std::is_same_v<ServerMessage::Alternative<Index>, Message> ? void(out = Index) : void()),
     ...);
  }
  (std::make_index_sequence<ServerMessage::size>());
  return out;
}
constexpr std::array kinds{place_of<OpenOrder>(), place_of<OrderStatus>(), place_of<ExecDetails>(),
                           place_of<ErrMsg>()};

std::string random_payload(std::size_t kind, int version, base::Prng& prng) {
  return payload(random_server_message(kinds[kind], version, prng), version);
}

// What the next message of a kind differs in: nothing, one field, its end, or everything.
std::string next_of(const std::string& before, std::size_t kind, int version, base::Prng& prng) {
  constexpr std::array values{"",     "0", "1", "2", "PEG BENCH", "LMT",
                              "None", "?", "C", "x", "NaN",       "2147483647"};
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < before.size();) {
    const std::size_t end = std::min(before.find('\0', at), before.size());
    fields.push_back(before.substr(at, end - at));
    at = end + 1;
  }
  const auto field = 1 + prng.below(fields.size());
  switch (prng.below(8)) {
    case 0:
      return random_payload(kind, version, prng);
    case 1:
      fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(field), "1");
      break;
    case 2:
      fields.resize(field);
      break;
    case 3:
      break;
    default:
      if (field < fields.size()) fields[field] = values.at(prng.below(values.size()));
  }
  std::string out;
  for (const std::string& each : fields) out += each + '\0';
  if (prng.below(30) == 0) out.pop_back();
  return out;
}

void check_same(ServerReader& reader, const std::string& bytes, int version) {
  const auto fresh = decode_server_tolerantly(bytes, version);
  const auto read = reader.read(bytes, version);
  REQUIRE(read.has_value() == fresh.has_value());
  if (!fresh) {
    CHECK(read.error() == fresh.error());
    return;
  }
  CHECK((*read)->message == fresh->message);
  CHECK((*read)->trailing == fresh->trailing);
  CHECK((*read)->damaged == fresh->damaged);
}

}  // namespace

TEST_CASE("server reader: whatever came before, a message reads as if it were the first") {
  base::Prng prng(7);
  for (const int version : {176, 183, 195, 200}) {
    for (int round = 0; round < 40; ++round) {
      ServerReader reader;
      std::array<std::string, kinds.size()> before;
      for (std::size_t i = 0; i < kinds.size(); ++i)
        before.at(i) = random_payload(i, version, prng);
      std::array<std::string, kinds.size()> latest = before;
      for (int step = 0; step < 100; ++step) {
        const std::size_t kind = prng.below(kinds.size());
        latest.at(kind) =
            next_of(prng.below(2) == 0 ? before.at(kind) : latest.at(kind), kind, version, prng);
        CAPTURE(version);
        CAPTURE(round);
        CAPTURE(step);
        check_same(reader, latest.at(kind), version);
      }
    }
  }
}

TEST_CASE("server reader: a message of another version is read by that version") {
  ServerReader reader;
  OpenOrder order;
  order.order.submitter = "somebody";
  check_same(reader, payload(order, 200), 200);
  check_same(reader, payload(order, 200), 176);
  check_same(reader, payload(order, 176), 176);
}

}  // namespace belay::tws::wire
