// SPDX-License-Identifier: Apache-2.0
// The scenarios of the repository do what they say, and events tell when they did nothing.
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "belay/simtws/scenario.hpp"
#include "belay/simtws/test_client.hpp"
#include "tests/support/source_root.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;

// The examples of the repository: name and text.
std::map<std::string, std::string> examples() {
  const std::filesystem::path folder = belay::test::source_root() / "scenarios";
  std::map<std::string, std::string> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".toml") continue;
    std::ifstream file(entry.path());
    std::stringstream text;
    text << file.rdbuf();
    out.emplace(entry.path().stem().string(), text.str());
  }
  return out;
}

TEST_CASE("scenario: every example of the repository is valid") {
  for (const auto& example : examples()) {
    const std::string& name = example.first;
    CAPTURE(name);
    const auto parsed = parse_scenario(example.second, {});
    CHECK_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().detail));
  }
  CHECK(examples().size() >= 9);
}

// What a daemon of client 0 sends, and comes back when it is cut off: orders for three symbols.
struct Visitor {
  explicit Visitor(Bed& of) : bed(of) { client = &bed.connect(0); }
  void order(const std::string& symbol) {
    if (client->closed) client = &bed.connect(0);
    auto message = place(bed.server.next_valid_id(0), "BUY", "100", "LMT", "100");
    message.contract = stock(symbol);
    message.order.order_ref = "b1.000000abcdef.1";
    bed.send(*client, message);
    for (const std::string& word : client->words()) heard.insert(word);
    cuts += client->closed ? 1 : 0;
  }
  Bed& bed;
  Client* client = nullptr;
  std::set<std::string> heard;
  int cuts = 0;
};

TEST_CASE("scenario: every example does something to a daemon that uses its defaults") {
  for (const auto& example : examples()) {
    const std::string& name = example.first;
    CAPTURE(name);
    auto options = parse_scenario(example.second, {});
    REQUIRE(options);
    for (const Rule& rule : options->rules) {
      // The daemon's references are its own: a rule by another prefix would fit no order of it.
      CHECK(std::string("b1.").rfind(rule.order_ref_prefix, 0) == 0);
    }
    Bed bed(*options);
    Visitor visitor(bed);
    for (int i = 0; i < 130; ++i) {
      visitor.order(i % 3 == 0 ? "AAPL" : i % 3 == 1 ? "IBM" : "MSFT");
      bed.pass(milliseconds(1000));
    }
    for (const std::string& line : bed.log) {
      CHECK_MESSAGE(line.find("event_did_nothing") == std::string::npos, line);
    }
    if (name == "rejects")
      CHECK(visitor.heard.count("E(201)") + visitor.heard.count("E(10999)") == 2);
    if (name == "partial_fills") CHECK(visitor.heard.count("X") == 1);
    if (name == "broken_links" || name == "lost_answers") CHECK(visitor.cuts > 0);
  }
}

TEST_CASE("events: an order of an event goes to the first account, or to the one it names") {
  const auto options = parse_scenario(R"(
[server]
accounts = ["DU1", "DU2"]
[[event]]
after_ms = 100
do = "manual"
symbol = "AAPL"
side = "BUY"
quantity = 1
limit = "100"
[[event]]
after_ms = 200
do = "place"
client_id = 7
account = "DU2"
symbol = "AAPL"
side = "BUY"
quantity = 1
limit = "100"
[[event]]
after_ms = 300
do = "manual"
account = "DU9"
symbol = "AAPL"
side = "BUY"
quantity = 1
limit = "100"
[[event]]
after_ms = 400
do = "person_cancel"
order_ref = "nobody's"
)",
                                      {});
  REQUIRE(options);
  Bed bed(*options);
  bed.connect(1);
  bed.pass(milliseconds(1000));
  std::vector<std::string> accounts;
  for (const PermId id : bed.server.book().live()) {
    accounts.push_back(bed.server.book().find(id)->asked.account);
  }
  CHECK(accounts == std::vector<std::string>{"DU1", "DU2"});
  std::vector<std::string> idle;
  for (const std::string& line : bed.log) {
    if (line.find("event_did_nothing") != std::string::npos) idle.push_back(line);
  }
  REQUIRE(idle.size() == 2);
  CHECK(idle[0].find("manual at 300 ms") != std::string::npos);
  CHECK(idle[1].find("person_cancel at 400 ms") != std::string::npos);
}

}  // namespace
}  // namespace belay::simtws::test
