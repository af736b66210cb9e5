// SPDX-License-Identifier: Apache-2.0
// Payloads as they were written once, and what they must always be read as. Lines are only ever
// added: one that is in the file is what lies on somebody's disk. BELAY_WRITE_GOLDEN=1 appends a
// line for each event that has none yet.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "belay/base/prng.hpp"
#include "tests/support/random_event.hpp"

using namespace belay::core;
using namespace belay::test;

namespace {

struct Line {
  std::uint16_t type = 0;
  std::uint16_t version = 0;
  std::string payload;
  std::string text;
};

std::string to_hex(const std::string& bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
    out.push_back(digits[static_cast<unsigned char>(c) & 0xfU]);
  }
  return out.empty() ? "-" : out;
}
std::string from_hex(const std::string& hex) {
  std::string out;
  if (hex == "-") return out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    out.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return out;
}

std::vector<Line> lines() {
  std::ifstream file(BELAY_GOLDEN_FILE);
  std::vector<Line> out;
  std::string row;
  while (std::getline(file, row)) {
    if (row.empty() || row.front() == '#') continue;
    std::istringstream in(row);
    Line line;
    std::string hex;
    in >> line.type >> line.version >> hex;
    in.get();
    std::getline(in, line.text);
    line.payload = from_hex(hex);
    out.push_back(line);
  }
  return out;
}

// Printable texts and plausible numbers, so that a person can read the file.
struct Plausible {
  int counter = 0;
  void operator()(int, const char*, bool& v) { v = true; }
  void operator()(int, const char*, std::uint32_t& v) { v = next(); }
  void operator()(int, const char*, std::uint64_t& v) { v = next(); }
  void operator()(int, const char*, std::int32_t& v) { v = static_cast<std::int32_t>(next()); }
  void operator()(int, const char*, std::int64_t& v) { v = next(); }
  void operator()(int, const char* name, std::string& v) { v = name; }
  void operator()(int, const char* name, belay::base::Text& v) { v = name; }
  void operator()(int, const char* name, std::vector<std::string>& v) { v = {name, "second"}; }
  void operator()(int, const char*, std::vector<ComboLeg>& v) {
    v.resize(2);
    for (auto& item : v) fields::describe(*this, item);
  }
  void operator()(int, const char*, Decimal& v) {
    v = Decimal::from_units(-12'345'678 - static_cast<std::int64_t>(next()));
  }
  void operator()(int, const char*, Quantity& v) { v = Quantity::from_int(next()); }
  void operator()(int, const char*, belay::base::Time& v) {
    v = belay::base::Time(1'795'253'400'000'000'000 + static_cast<std::int64_t>(next()));
  }
  template <class Tag, class Rep>
  void operator()(int n, const char* name, belay::base::Strong<Tag, Rep>& v) {
    Rep value{};
    (*this)(n, name, value);
    v = belay::base::Strong<Tag, Rep>(std::move(value));
  }
  template <class T>
  void operator()(int n, const char* name, belay::base::Shared<T>& v) {
    (*this)(n, name, v.edit());
  }
  template <class T>
  void operator()(int n, const char* name, std::optional<T>& v) {
    (*this)(n, name, v.emplace());
  }
  template <class T>
  requires std::is_enum_v<T>
  void operator()(int, const char*, T& v) { v = belay::model::names_of(T{}).back().value; }
  template <class T>
  requires(std::is_class_v<T>) void operator()(int, const char*, T& v) {
    fields::describe(*this, v);
  }
  std::uint32_t next() { return static_cast<std::uint32_t>(100 + ++counter); }
};

void append_missing(std::map<std::uint16_t, int> present) {
  std::ofstream file(BELAY_GOLDEN_FILE, std::ios::app);
  for (std::size_t index = 0; index < event_count; ++index) {
    Event event = default_event(index);
    if (present[type_of(event)] != 0) continue;
    Plausible filler;
    std::visit([&](auto& e) { fields::describe(filler, e); }, event);
    file << type_of(event) << ' ' << event_version << ' ' << to_hex(encode(event)) << ' '
         << event_text(event) << '\n';
  }
}

}  // namespace

TEST_CASE("golden events: what was written once is read as it was, for ever") {
  std::map<std::uint16_t, int> present;
  for (const Line& line : lines()) ++present[line.type];
  if (std::getenv("BELAY_WRITE_GOLDEN") != nullptr) {
    append_missing(present);
    present.clear();
    for (const Line& line : lines()) ++present[line.type];
  }
  for (const Line& line : lines()) {
    CAPTURE(line.text);
    const auto event = decode(line.type, line.version, line.payload);
    REQUIRE(event.has_value());
    CHECK(event_text(*event) == line.text);
    // Today's encoder writes the same bytes for what it can say in today's version.
    if (line.version == event_version) CHECK(encode(*event) == line.payload);
  }
  for (std::size_t index = 0; index < event_count; ++index) {
    CAPTURE(name(default_event(index)));
    CHECK(present[type_of(default_event(index))] >= 1);
  }
}
