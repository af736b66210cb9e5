// SPDX-License-Identifier: Apache-2.0
// A judge that finds nothing proves something only when it finds what is there: each case doctors
// good evidence in one way.
#include "tests/judge/judge.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace belay::judging;

namespace {

std::string in(long t, const char* name, const std::string& fields) {
  return "{\"t\":" + std::to_string(t) + ",\"dir\":\"in\",\"client\":7,\"name\":\"" + name +
         "\",\"fields\":{" + fields + "}}";
}
std::string out(const char* name, const std::string& fields) {
  return std::string(R"({"t":1,"dir":"out","client":7,"name":")") + name + "\",\"fields\":{" +
         fields + "}}";
}
std::string place(long t, int id, int order) {
  return in(t, "placeOrder",
            "\"orderId\":" + std::to_string(id) + ",\"orderRef\":\"b1.aa." + std::to_string(order) +
                "\"");
}

// Two orders: one filled in two pieces, one that works.
Evidence good() {
  Evidence e;
  e.broker_log = {place(1'000, 5, 1),
                  place(2'000, 6, 2),
                  out("execDetails", R"("execId":"x.1.01","orderRef":"b1.aa.1","shares":"10")"),
                  out("execDetails", R"("execId":"x.2.01","orderRef":"b1.aa.1","shares":"20")"),
                  out("orderStatus", R"("clientId":7,"orderId":5,"status":"Filled")"),
                  out("orderStatus", R"("clientId":7,"orderId":6,"status":"Submitted")")};
  e.log_at_end = e.broker_log.size();
  OrderRecord first;
  first.key = "k1";
  first.yes = true;
  first.order_id = "1";
  OrderRecord second = first;
  second.key = "k2";
  second.order_id = "2";
  e.records = {first, second};
  e.orders =
      R"([{"order_id":"1","client_order_id":"k1","broker_order_id":"5","client_id":7,)"
      R"("status":"Filled","outcome":"accepted","filled":"30","flags":[],"perm_ids":["91"],)"
      R"("fills":[{"exec_id":"x.1.01","shares":"10"},{"exec_id":"x.2.01","shares":"20"}]},)"
      R"({"order_id":"2","client_order_id":"k2","broker_order_id":"6","client_id":7,)"
      R"("status":"Submitted","outcome":"accepted","filled":"0","flags":[],"perm_ids":["92"],)"
      R"("fills":[]}])";
  e.orders_after_restart = e.orders;
  e.positions = R"([{"account":"DU1","contract":{"symbol":"AAPL"},"position":"30"}])";
  e.events = {
      R"({"seq":"1","type":"SendIntended","order":"1","broker_id":{"session":7,"number":"5"}})",
      R"({"seq":"2","type":"SendIntended","order":"2","broker_id":{"session":7,"number":"6"}})"};
  e.book_at_end = {
      R"({"what":"order","client":7,"order_id":5,"perm_id":91,"tag":"b1.aa.1","status":"Filled",)"
      R"("quantity":30,"filled":30,"live":false})",
      R"({"what":"order","client":7,"order_id":6,"perm_id":92,"tag":"b1.aa.2",)"
      R"("status":"Submitted","quantity":10,"filled":0,"live":true})",
      R"({"what":"execution","exec_id":"x.1.01","tag":"b1.aa.1","perm_id":91,"shares":10})",
      R"({"what":"execution","exec_id":"x.2.01","tag":"b1.aa.1","perm_id":91,"shares":20})",
      R"({"what":"position","account":"DU1","symbol":"AAPL","shares":30})"};
  e.book = e.book_at_end;
  return e;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
}
bool finds(const Evidence& evidence, const std::string& words) {
  const auto findings = judge(evidence);
  std::string all;
  for (const auto& finding : findings) all += finding + "\n";
  CAPTURE(all);
  CAPTURE(words);
  const bool found = all.find(words) != std::string::npos;
  CHECK(found);
  return found;
}

}  // namespace

TEST_CASE("judge: good evidence is clean, with the broker's book and without") {
  Evidence e = good();
  CHECK(judge(e).empty());
  e.book.clear();
  e.book_at_end.clear();
  CHECK(judge(e).empty());
}

TEST_CASE("judge: one key, one order, one id") {
  Evidence e = good();
  e.broker_log.push_back(place(3'000, 7, 1));
  finds(e, "b1.aa.1 was sent under 2 ids");
  e.broker_log.push_back(out("errMsg", R"("id":5,"errorCode":103)"));
  replace(e.orders, R"("broker_order_id":"5")", R"("broker_order_id":"7")");
  e.orders_after_restart = e.orders;
  CHECK(judge(e).empty());  // the first was refused as used: proven dead

  e = good();
  e.broker_log.push_back(place(3'000, 5, 1));
  finds(e, "was sent 1 more times and nobody asked for a change");
  e.records[0].asked_modify = true;
  CHECK(judge(e).empty());

  e = good();
  e.broker_log.push_back(place(3'000, 6, 1));
  finds(e, "id 6 was used for b1.aa.2 and for b1.aa.1");

  e = good();
  replace(e.orders, "\"k2\"", "\"k1\"");
  finds(e, "key k1 has 2 orders");

  e = good();
  std::swap(e.broker_log[0], e.broker_log[1]);
  finds(e, "id 5 of client 7 came after 6");
}

TEST_CASE("judge: what was acknowledged exists, and what left is in the journal") {
  Evidence e = good();
  e.records[0].order_id = "9";
  finds(e, "k1 was told yes (order 9) and is gone");
  e = good();
  e.records[0].yes = false;
  finds(e, "k1 never got an answer");
  e = good();
  e.broker_log.push_back(place(3'000, 8, 3));
  finds(e, "b1.aa.3 reached the broker and is not in the journal");
}

TEST_CASE("judge: every hole in the ids has a reason") {
  Evidence e = good();
  e.broker_log.push_back(place(3'000, 9, 2));
  e.records[1].asked_modify = true;
  e.events.push_back(
      R"({"type":"SendIntended","order":"3","broker_id":{"session":7,"number":"9"}})");
  finds(e, "2 ids were skipped without a reason, the first is 7");
  e.events.push_back(R"({"type":"GapRecorded","session":7,"from":"7","to":"8","reason":"x"})");
  const auto findings = judge(e);
  const bool skipped = std::any_of(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.find("skipped") != std::string::npos;
  });
  CHECK_FALSE(skipped);
}

TEST_CASE("judge: executions are the broker's, each once, at their last revision") {
  Evidence e = good();
  replace(e.orders, R"({"exec_id":"x.1.01","shares":"10"},)", "");
  finds(e, "execution x.1.01 of \"b1.aa.1\" is missing");
  e = good();
  replace(e.orders, R"("shares":"10")", R"("shares":"11")");
  finds(e, "counts 11 shares, the broker says 10");
  e = good();
  replace(e.orders, R"("filled":"30")", R"("filled":"40")");
  finds(e, "order 1 is filled 40, the broker says 30");
  e = good();
  e.book_at_end.erase(e.book_at_end.begin() + 2);
  finds(e, "execution x.1.01 is recorded and the broker does not know it");
  e = good();
  e.book_at_end.emplace_back(
      R"({"what":"execution","exec_id":"m.1.01","tag":"","perm_id":99,"shares":5})");
  finds(e, "execution m.1.01 of \"\" is missing");
  e = good();
  replace(e.positions, "\"30\"", "\"20\"");
  finds(e, "positions differ: DU1 AAPL: 20 here, 30 there;");
}

TEST_CASE("judge: where a day ended, only what was never told may be missing") {
  Evidence e = good();
  replace(e.orders, R"({"exec_id":"x.1.01","shares":"10"},)", "");
  replace(e.orders, R"("filled":"30")", R"("filled":"20")");
  e.orders_after_restart = e.orders;
  e.saw_all_days = false;
  finds(e, "execution x.1.01 of \"b1.aa.1\" is missing");
  e.broker_log.erase(e.broker_log.begin() + 2);  // nobody told x.1.01
  e.log_at_end = e.broker_log.size();
  CHECK(judge(e).empty());
  e.saw_all_days = true;
  finds(e, "order 1 is filled 20, the broker says 30");
}

TEST_CASE("judge: nor what a process was told after its last durable event, where a day ended") {
  Evidence e = good();
  replace(e.orders, R"({"exec_id":"x.1.01","shares":"10"},)", "");
  replace(e.orders, R"("filled":"30")", R"("filled":"20")");
  e.orders_after_restart = e.orders;
  e.saw_all_days = false;
  // Told two seconds after noon.
  replace(e.broker_log[2], R"("t":1,)", R"("t":1795435202000000000,)");
  const auto event = [&](const char* time, const char* type) {
    e.events.push_back(std::string(R"({"time":"2026-11-23T)") + time + R"(Z","type":")" + type +
                       "\"}");
  };
  event("12:00:01.5", "SyncCompleted");
  Evidence kept = e;
  event("12:00:09", "DaemonStarted");
  CHECK(judge(e).empty());
  // Something was durable after it, or nobody died.
  e.events.insert(e.events.end() - 1,
                  R"({"time":"2026-11-23T12:00:02.000000001Z","type":"SyncCompleted"})");
  finds(e, "execution x.1.01 of \"b1.aa.1\" is missing");
  finds(kept, "execution x.1.01 of \"b1.aa.1\" is missing");
}

TEST_CASE("judge: an order ends as the broker has it, or unknown with a reason") {
  Evidence e = good();
  replace(e.orders, R"("status":"Submitted")", R"("status":"Cancelled")");
  finds(e, "order 2 is Cancelled here and Submitted at the broker");
  replace(e.orders, R"("outcome":"accepted","filled":"0")", R"("outcome":"unknown","filled":"0")");
  finds(e, "order 2 is unknown and no event says why");
  e.events.push_back(R"({"type":"OrderUnknown","order":"2","command":"place","reason":"lost"})");
  e.orders_after_restart = e.orders;
  CHECK(judge(e).empty());

  // A fill that was taken back leaves an order that is done with less than it filled.
  e = good();
  replace(e.orders, R"("status":"Filled")", R"("status":"Cancelled")");
  finds(e, "order 1 is Cancelled here and Filled at the broker");
  e.book_at_end.emplace_back(
      R"({"what":"execution","exec_id":"x.9.02","tag":"b1.aa.1","perm_id":1,"shares":0})");
  CHECK(judge(e).empty());

  e = good();
  replace(e.orders, R"("status":"Submitted")", R"("status":"PendingCancel")");
  finds(e, "its cancel is forgotten");

  e = good();
  replace(e.orders, R"("status":"Submitted")",
          R"("status":"Inactive","ord_status":"not_accepted")");
  e.events.push_back(R"({"type":"OrderNotAccepted","order":"2","proof":"absent"})");
  finds(e, "order 2 was declared not accepted and the broker has it");

  e = good();
  replace(e.orders_after_restart, R"("filled":"30")", R"("filled":"20")");
  finds(e, "order 1: filled was 30 and is 20 after a restart");
}

TEST_CASE("judge: the limit holds, a second round is silent, incidents are explained") {
  Evidence e = good();
  for (int i = 0; i < 60; ++i) e.broker_log.push_back(in(5'000 + i, "reqIds", ""));
  finds(e, "client 7 sent more than 50 messages in a second");
  e = good();
  e.storm = true;
  finds(e, "the storm's cancel never came");
  e = good();
  e.second_round = {R"({"seq":"9","type":"SyncCompleted"})"};
  CHECK(judge(e).empty());
  e.second_round.emplace_back(R"({"seq":"9","type":"OrderUnknown","order":"1"})");
  finds(e, "a second round found something new");
  e = good();
  e.events.emplace_back(R"({"type":"IncidentOpened","kind":"next_id_lower","text":"t"})");
  finds(e, "faults do not explain: next_id_lower");
  e.faults = {"id_rollback"};
  CHECK(judge(e).empty());
  e.events.emplace_back(R"({"type":"IncidentOpened","kind":"unheard_of","text":"t"})");
  finds(e, "no fault of this harness causes: unheard_of");
}

TEST_CASE("judge: evidence that is written is read back") {
  Evidence e = good();
  e.faults = {"crashes"};
  e.complaints = {"x"};
  const std::string directory = ".";
  REQUIRE(save(e, directory));
  Evidence read;
  REQUIRE(load(directory, read).empty());
  CHECK(judge(read) == judge(e));
  CHECK(read.events == e.events);
  CHECK(read.faults == e.faults);
  CHECK_FALSE(load("no-such-directory", read).empty());
}
