// SPDX-License-Identifier: Apache-2.0
// Every number of every message from the broker takes values that are none, or are more or less
// than anybody meant. The other fields of the message must be taken as if nothing had happened:
// compared with the same message without the damage, first as the codec reads it, then as Belay
// reports it.
//
//   belay_value_fuzz [--messages N] [--seed N] [--defect NAME]
//
// Prints how often each field of each message was damaged. Exit status 1: something else was lost.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/defects.hpp"
#include "belay/base/prng.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/random_message.hpp"
#include "tests/values/report_text.hpp"

namespace {

using namespace belay;
using namespace belay::test;
using namespace belay::tws::wire;

constexpr std::string_view values[] = {"NaN",
                                       "nan",
                                       "Infinity",
                                       "-Infinity",
                                       "1.7976931348623157E308",
                                       "1.797E308",
                                       "2147483647",
                                       "9223372036854775807",
                                       "-1",
                                       "",
                                       "1e-300",
                                       "123456789012345678901234567890",
                                       "-98765.4321098765432109876543210987",
                                       "garbage",
                                       "1,5",
                                       "--",
                                       "\xb9\x1b[31m"};
constexpr std::string_view noise = "0000000000000003";

std::vector<std::string> split(std::string_view payload) {
  std::vector<std::string> out;
  while (!payload.empty()) {
    const std::size_t end = payload.find('\0');
    out.emplace_back(payload.substr(0, end));
    payload.remove_prefix(end + 1);
  }
  return out;
}
std::string join(const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) {
    out += field;
    out.push_back('\0');
  }
  return out;
}
std::vector<std::string> written(const ServerMessage& message, int version) {
  std::string frame;
  encode(message, version, frame);
  return split(std::string_view(frame).substr(4));
}

struct Count {
  unsigned damaged = 0;
  unsigned named =
      0;              // the codec said so; the others were values that mean "not given", or numbers
  unsigned cut = 0;   // what follows a count could not be read, and that was named
  unsigned lost = 0;  // something else was lost
};

class Fuzz {
 public:
  Fuzz(std::uint64_t seed, unsigned messages) : prng_(seed), messages_(messages) {}

  void run() {
    for (std::size_t kind = 1; kind < ServerMessage::size; ++kind) {
      for (unsigned i = 0; i < messages_; ++i) {
        const int version = i % 2 == 0 ? 200 : 176;
        one(random_server_message(kind, version, prng_), version);
      }
    }
  }
  bool print() const {
    unsigned damaged = 0;
    unsigned lost = 0;
    fmt::print("{:<24} {:<34} {:>8} {:>8} {:>6} {:>6}\n", "message", "field", "damaged", "named",
               "cut", "lost");
    for (const auto& [place, count] : counts_) {
      fmt::print("{:<24} {:<34} {:>8} {:>8} {:>6} {:>6}\n", place.first, place.second,
                 count.damaged, count.named, count.cut, count.lost);
      damaged += count.damaged;
      lost += count.lost;
    }
    for (const std::string& line : examples_) fmt::print("lost: {}\n", line);
    fmt::print("{} fields of messages damaged, {} times something else was lost\n", damaged, lost);
    return lost == 0;
  }

 private:
  void one(const ServerMessage& message, int version) {
    const std::vector<std::string> fields = written(message, version);
    const auto whole = decode_server_tolerantly(join(fields), version);
    const auto places = field_places(message, version);
    if (!whole || places.size() + 1 != fields.size()) {
      return lose(std::string(name(message)), "(whole)", "the undamaged message is not read");
    }
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i].kind == FieldKind::text) continue;
      std::vector<std::string> damaged = fields;
      for (const std::string_view value : values) {
        damaged[i + 1] = value;
        compare(*whole, damaged, i + 1, places[i], version);
      }
      if (places[i].kind == FieldKind::deciding) continue;
      if (fields[i + 1].find('.') == std::string::npos) continue;
      damaged[i + 1] = fields[i + 1] + std::string(noise);
      compare(*whole, damaged, i + 1, places[i], version);
      check_noise(*whole, damaged, places[i], version);
    }
  }

  void compare(const Decoded<ServerMessage>& whole, const std::vector<std::string>& damaged,
               std::size_t at, const FieldPlace& place, int version) {
    const std::string kind(name(whole.message));
    Count& count = counts_[{kind, std::string(place.name)}];
    ++count.damaged;
    const auto read = decode_server_tolerantly(join(damaged), version);
    if (!read || read->message.index() != whole.message.index()) {
      return lose(kind, place.name, fmt::format("\"{}\" costs the message", damaged[at]));
    }
    if (!read->damaged.empty()) ++count.named;
    const bool deciding = place.kind == FieldKind::deciding;
    if (deciding && !names(*read, place, at, damaged[at])) {
      return lose(kind, place.name, fmt::format("\"{}\" is not named", damaged[at]));
    }
    const auto expected = written(whole.message, version);
    const auto got = written(read->message, version);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (i == at || (i < got.size() && expected[i] == got[i])) continue;
      if (deciding && got == ending_before(damaged, at, version)) {
        ++count.cut;
        return;
      }
      return lose(kind, place.name,
                  fmt::format("\"{}\" changes field {} from \"{}\" to \"{}\"", damaged[at], i,
                              expected[i], i < got.size() ? got[i] : "(none)"));
    }
    compare_reports(report_of(whole.message), report_of(read->message), kind, place, damaged[at]);
  }

  // A field that decides what follows is named whenever it cannot be read. A price decides by being
  // given: what means "not given" of a price can be read.
  static bool names(const Decoded<ServerMessage>& read, const FieldPlace& place, std::size_t at,
                    const std::string& value) {
    for (const DamagedField& each : read.damaged) {
      if (each.field == place.name && each.field_index == static_cast<int>(at) &&
          each.reason == DecodeReason::bad_count) {
        return true;
      }
    }
    constexpr std::string_view no_price[] = {"",
                                             "-1",
                                             "2147483647",
                                             "9223372036854775807",
                                             "1.797E308",
                                             "1.7976931348623157E308",
                                             "-98765.4321098765432109876543210987"};
    return place.name == "scalePriceIncrement" && read.damaged.empty() &&
           std::find(std::begin(no_price), std::end(no_price), value) != std::end(no_price);
  }

  // The message as if it ended before a field.
  static std::vector<std::string> ending_before(const std::vector<std::string>& fields,
                                                std::size_t at, int version) {
    const auto end = fields.begin() + static_cast<std::ptrdiff_t>(at);
    const auto read = decode_server_tolerantly(join({fields.begin(), end}), version);
    return read ? written(read->message, version) : std::vector<std::string>();
  }

  // One number of the broker's is at most two of ours.
  void compare_reports(const Report& whole, const Report& part, const std::string& kind,
                       const FieldPlace& place, const std::string& value) {
    if (!whole.told) return;
    if (!part.told) {
      const bool essential = place.name == "shares" || place.name == "commission" ||
                             place.name == "permId" || place.name == "orderId" ||
                             place.name == "clientId";
      if (!essential) lose(kind, place.name, fmt::format("\"{}\" costs the report", value));
      return;
    }
    std::string changed;
    unsigned changes = 0;
    for (const auto& [name, told] : whole.values) {
      const auto found = part.values.find(name);
      if (found != part.values.end() && found->second == told) continue;
      changed += fmt::format(" {} from {} to {}", name, told,
                             found == part.values.end() ? "(none)" : found->second);
      ++changes;
    }
    if (changes > 2) lose(kind, place.name, fmt::format("\"{}\" changes{}", value, changed));
  }

  // Noise behind the digits that were meant changes nothing at all, and nothing is left out.
  void check_noise(const Decoded<ServerMessage>& whole, const std::vector<std::string>& damaged,
                   const FieldPlace& place, int version) {
    const auto read = decode_server_tolerantly(join(damaged), version);
    if (!read) return;
    const Report before = report_of(whole.message);
    const Report after = report_of(read->message);
    const bool as_much = before.left_out.size() == after.left_out.size();
    if (before.values == after.values && as_much) return;
    lose(std::string(name(whole.message)), place.name, "binary noise changes the report");
  }

  void lose(const std::string& kind, std::string_view field, std::string what) {
    ++counts_[{kind, std::string(field)}].lost;
    constexpr std::size_t examples_max = 30;
    if (examples_.size() < examples_max) {
      examples_.push_back(fmt::format("{} {}: {}", kind, field, what));
    }
  }

  base::Prng prng_;
  unsigned messages_;
  std::map<std::pair<std::string, std::string>, Count> counts_;
  std::vector<std::string> examples_;
};

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t seed = 1;
  unsigned messages = 12;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view option = argv[i];
    const std::string_view value = i + 1 < argc ? argv[i + 1] : "";
    const auto read = [&](auto& into) {
      return std::from_chars(value.data(), value.data() + value.size(), into).ec == std::errc();
    };
    bool good = (option == "--seed" && read(seed)) || (option == "--messages" && read(messages));
#ifdef BELAY_DEFECTS
    const auto defect = base::parse_defect(value);
    if (option == "--defect" && defect) {
      base::plant(*defect);
      good = true;
    }
#endif
    if (good) continue;
    fmt::print(stderr, "usage: belay_value_fuzz [--messages N] [--seed N]\n");
    return 2;
  }
  Fuzz fuzz(seed, messages);
  fuzz.run();
  return fuzz.print() ? 0 : 1;
}
