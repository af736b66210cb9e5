// SPDX-License-Identifier: Apache-2.0
// Our messages beside recorded ones of a live gateway, field by field. The recordings are not part
// of the project; without them these tests say so and pass.
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>

#include "belay/simtws/test_client.hpp"
#include "tests/support/source_root.hpp"
#include "tests/support/without.hpp"

namespace belay::simtws::test {
namespace {

// The fields of the recorded message with this name; nothing when the recordings may be absent and
// are.
std::optional<Words> recorded(const std::string& name) {
  std::ifstream file(belay::test::source_root().parent_path() /
                     "shared/vectors/sv200_inbound_ibkr-go.jsonl");
  if (!file) {
    REQUIRE_MESSAGE(belay::test::vectors_may_be_missing(),
                    "no recordings at ../shared/vectors; BELAY_WITHOUT=vectors goes on without");
    MESSAGE("skipped: no recordings at ../shared/vectors");
    return std::nullopt;
  }
  for (std::string line; std::getline(file, line);) {
    if (line.find("\"name\": \"" + name + "\"") == std::string::npos) continue;
    const std::size_t begin = line.find("\"fields\": [") + 11;
    const std::string_view list =
        std::string_view(line).substr(begin, line.find(']', begin) - begin);
    Words out;
    for (std::size_t at = list.find('"'); at != std::string::npos; at = list.find('"', at + 1)) {
      const std::size_t end = list.find('"', at + 1);
      out.emplace_back(list.substr(at + 1, end - at - 1));
      at = end;
    }
    return out;
  }
  FAIL("no recorded message " << name);
  return std::nullopt;
}

// The fields of every frame with this id that came since the last call.
std::vector<Words> frames(Client& client, const std::string& id) {
  std::vector<Words> out;
  wire::FrameReader reader;
  std::string_view rest = client.raw;
  for (;;) {
    const auto step = reader.next(rest);
    if (step.status != wire::FrameReader::Status::frame) break;
    Words fields;
    for (std::string_view left = step.payload; !left.empty();) {
      const std::size_t end = left.find('\0');
      fields.emplace_back(left.substr(0, end));
      left.remove_prefix(std::min(left.size(), end + 1));
    }
    if (fields.front() == id) out.push_back(fields);
  }
  client.raw.clear();
  return out;
}

// Positions where the two differ, with what stands there.
std::map<std::size_t, std::string> differences(const Words& ours, const Words& theirs) {
  std::map<std::size_t, std::string> out;
  for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
    const std::string a = i < ours.size() ? ours[i] : "(none)";
    const std::string b = i < theirs.size() ? theirs[i] : "(none)";
    const auto x = wire::Real::parse(a);
    const auto y = wire::Real::parse(b);
    // 0 and 0.0 are the same number, an unset number has many spellings.
    const bool same = a == b || (x && y && !a.empty() && !b.empty() &&
                                 x->to_decimal() == y->to_decimal() && x->state() == y->state());
    if (!same) out[i] = a + " | " + b;
  }
  return out;
}

TEST_CASE("recorded openOrder of a bracket child: same fields but for names and numbers") {
  const auto theirs = recorded("openOrder_bracket_take_profit_child");
  if (!theirs) return;
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, place(210, "BUY", "1", "LMT", "150"));
  client.raw.clear();
  auto child = place(211, "SELL", "1", "LMT", "2000.0");
  child.order.parent_id = 210;
  bed.send(client, child);
  const auto ours = frames(client, "5");
  REQUIRE(ours.size() == 1);
  CHECK(ours.front().size() == theirs->size());
  auto different = differences(ours.front(), *theirs);
  // OCA group, account, reference, perm id, allocation, submitter: other names, same places.
  for (const std::size_t i : {19U, 20U, 23U, 25U, 30U, 154U}) different.erase(i);
  for (const auto& [index, text] : different) FAIL_CHECK("field " << index << ": " << text);
}

TEST_CASE("recorded execDetails and position: the same fields for the same trade") {
  const auto execution = recorded("execDetails_live");
  const auto position = recorded("position");
  if (!execution || !position) return;
  Bed bed;
  bed.price("AAPL", "257.94", "257.95");
  Client& client = bed.connect(94);
  bed.send(client, place(1, "BUY", "1", "MKT"));
  const auto ours = frames(client, "11");
  REQUIRE(ours.size() == 1);
  auto different = differences(ours.front(), *execution);
  // Exchange twice, execution id, time, account, perm id, submitter and its trailing neighbour.
  for (const std::size_t i : {10U, 14U, 15U, 16U, 17U, 21U, 32U, 33U}) different.erase(i);
  for (const auto& [index, text] : different) FAIL_CHECK("field " << index << ": " << text);
  bed.send(client, wire::ReqPositions{});
  CHECK(frames(client, "61").front().size() == position->size());
}

TEST_CASE("recorded contractData of AAPL: the same fields but for shortened lists") {
  const auto theirs = recorded("contractData_aapl_stk");
  if (!theirs) return;
  Bed bed;
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqContractDetails{1001, stock("AAPL")});
  const auto ours = frames(client, "10");
  REQUIRE(ours.size() == 1);
  CHECK(ours.front().size() == theirs->size());
  auto different = differences(ours.front(), *theirs);
  // Order types, exchanges, hours and rule ids are lists that the recording cut short.
  for (const std::size_t i : {16U, 17U, 27U, 28U, 37U}) different.erase(i);
  for (const auto& [index, text] : different) FAIL_CHECK("field " << index << ": " << text);
}

TEST_CASE("recorded contractData of a future: the same fields but for its lists") {
  const auto theirs = recorded("contractData_es_future");
  if (!theirs) return;
  Bed bed;
  Client& client = bed.connect(1);
  wire::Contract asked;
  asked.symbol = "ES";
  asked.sec_type = "FUT";
  asked.exchange = "CME";
  bed.send(client, wire::ReqContractDetails{1001, asked});
  const auto ours = frames(client, "10");
  REQUIRE(ours.size() == 1);
  CHECK(ours.front().size() == theirs->size());
  auto different = differences(ours.front(), *theirs);
  // Contract id, order types and the two lists of hours.
  for (const std::size_t i : {13U, 16U, 27U, 28U}) different.erase(i);
  for (const auto& [index, text] : different) FAIL_CHECK("field " << index << ": " << text);
}

TEST_CASE("recorded completedOrder: the same fields for a cancelled order") {
  const auto theirs = recorded("completedOrder_trail_limit_cancelled");
  if (!theirs) return;
  Bed bed;
  Client& client = bed.connect(1);
  auto order = place(1, "BUY", "1", "LMT", "150");
  bed.send(client, order);
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  client.raw.clear();
  bed.send(client, wire::ReqCompletedOrders{});
  const auto ours = frames(client, "101");
  REQUIRE(ours.size() == 1);
  CHECK(ours.front().size() == theirs->size());
  auto different = differences(ours.front(), *theirs);
  // Type and prices of another kind of order, account, perm id, time, submitter.
  for (const std::size_t i : {14U, 15U, 16U, 19U, 23U, 60U, 80U, 81U, 93U, 102U}) {
    different.erase(i);
  }
  for (const auto& [index, text] : different) FAIL_CHECK("field " << index << ": " << text);
}

}  // namespace
}  // namespace belay::simtws::test
