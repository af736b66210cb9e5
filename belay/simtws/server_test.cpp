// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "belay/base/prng.hpp"
#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Words burst{"managedAccounts", "nextValidId", "E(2104)", "E(2104)", "E(2106)", "E(2158)"};

TEST_CASE("handshake: every version from 176 to 200 trades") {
  for (int version = 176; version <= 200; ++version) {
    CAPTURE(version);
    Options options;
    options.max_server_version = 200;
    Bed bed(options);
    Client& client = bed.start(1, version);
    CHECK(client.version == version);
    CHECK(client.words() == burst);
    bed.send(client, place(1, "BUY", "100", "MKT"));
    CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Filled)", "S(Filled)",
                                  "O(Filled)", "S(Filled)", "C"});
    bed.send(client, place(2, "BUY", "100", "LMT", "150"));
    bed.send(client, wire::CancelOrder{2, "", "", std::nullopt});
    CHECK(client.words().back() == "E(202)");
    bed.send(client, wire::ReqCompletedOrders{});
    CHECK(client.words() == Words{"completedOrder", "completedOrder", "completedOrdersEnd"});
    bed.send(client, wire::ReqExecutions{});
    CHECK(client.words() == Words{"X", "C", "execDetailsEnd"});
  }
}

TEST_CASE("handshake: the server steps down to the client, the client to the server") {
  Options options;
  options.max_server_version = 187;
  Bed bed(options);
  CHECK(bed.greet(193).version == 187);
  CHECK(bed.greet(178).version == 178);
  CHECK(bed.greet(225).version == 187);
  CHECK(bed.greet(193).simulated);
}

TEST_CASE("handshake: a client without a common version is closed without a word") {
  Bed bed;
  Client& client = bed.accept();
  std::string out;
  wire::append_client_greeting({201, 225, ""}, out);
  bed.bytes(client, out);
  CHECK(client.closed);
  CHECK(client.raw.empty());
  CHECK(bed.greet(175).closed);
}

TEST_CASE("handshake: requests before startApi are dropped in silence") {
  Bed bed;
  Client& client = bed.greet();
  bed.send(client, wire::ReqIds{1});
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.take().empty());
  CHECK(bed.server.book().orders().empty());
  bed.send(client, wire::StartApi{1, ""});
  CHECK(client.words() == burst);
}

TEST_CASE("client ids: one in use is refused with 326 and closed, then free again") {
  Bed bed;
  Client& first = bed.connect(5);
  Client& second = bed.start(5);
  CHECK(second.words() == Words{"E(326)"});
  CHECK(second.closed);
  bed.hang_up(first);
  CHECK(bed.start(5).words() == burst);
}

TEST_CASE("client ids: some servers close without 326") {
  Options options;
  options.close_without_326 = true;
  Bed bed(options);
  bed.connect(5);
  Client& second = bed.start(5);
  CHECK(second.take().empty());
  CHECK(second.closed);
}

TEST_CASE("clients: no more than 32 at a time") {
  Bed bed;
  for (ClientId id = 0; id < 32; ++id) CHECK_FALSE(bed.connect(id).closed);
  CHECK(bed.accept().closed);
}

TEST_CASE("nextValidId: each client counts for itself, through reconnects and gaps") {
  Bed bed;
  Client& one = bed.connect(1);
  Client& two = bed.connect(2);
  bed.send(one, place(295, "BUY", "1", "LMT", "150"));
  bed.send(one, wire::ReqIds{1});
  CHECK(one.all<wire::NextValidId>().back().order_id == 296);
  bed.send(two, wire::ReqIds{1});
  CHECK(two.first<wire::NextValidId>().order_id == 1);
  bed.hang_up(one);
  CHECK(bed.start(1).first<wire::NextValidId>().order_id == 296);
  bed.server.set_next_valid_id(1, 10);
  CHECK(bed.server.next_valid_id(1) == 10);
  CHECK(bed.server.next_valid_id(2) == 1);
}

TEST_CASE("two clients: each sees its own orders, both see all when they ask") {
  Bed bed;
  Client& one = bed.connect(1);
  Client& two = bed.connect(2);
  bed.send(one, place(1, "BUY", "1", "LMT", "150"));
  one.take();
  CHECK(two.take().empty());
  bed.send(two, wire::ReqOpenOrders{});
  CHECK(two.words() == Words{"openOrderEnd"});
  bed.send(two, wire::ReqAllOpenOrders{});
  CHECK(two.first<wire::OpenOrder>().order.client_id == 1);
  CHECK(two.words() == Words{"O(Submitted)", "S(Submitted)", "openOrderEnd"});
  bed.send(two, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(two.words() == Words{"E(10147)"});
}

TEST_CASE("two clients: with the switch on, one cancels the order of the other") {
  // Recorded in 2026: the status then carries the canceller's client id.
  Options options;
  options.cross_client_cancel = true;
  options.pending_cancel = false;
  Bed bed(options);
  Client& one = bed.connect(1);
  Client& two = bed.connect(2);
  bed.send(one, place(1, "BUY", "1", "LMT", "150"));
  one.take();
  bed.send(two, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(one.first<wire::OrderStatus>().client_id == 2);
  CHECK(one.words() == Words{"S(Cancelled)", "E(202)"});
  CHECK(two.words() == Words{"S(Cancelled)", "E(202)"});
}

TEST_CASE("master client: also receives what happens to the orders of others") {
  Options options;
  options.master_client_id = 9;
  Bed bed(options);
  Client& master = bed.connect(9);
  Client& one = bed.connect(1);
  bed.send(one, place(1, "BUY", "1", "MKT"));
  CHECK(master.words() == one.words());
}

TEST_CASE("global cancel: ends the orders of every client") {
  Options options;
  options.pending_cancel = false;
  Bed bed(options);
  Client& one = bed.connect(1);
  Client& two = bed.connect(2);
  bed.send(one, place(1, "BUY", "1", "LMT", "150"));
  bed.send(two, place(1, "BUY", "1", "LMT", "150"));
  one.take();
  two.take();
  bed.send(one, wire::ReqGlobalCancel{});
  CHECK(one.words() == Words{"S(Cancelled)", "E(202)"});
  CHECK(two.words() == Words{"S(Cancelled)", "E(202)"});
}

TEST_CASE("manual orders: order id 0 until client 0 binds them with negative ids") {
  Bed bed;
  Client& zero = bed.connect(0);
  Client& one = bed.connect(1);
  const auto hand = place(0, "BUY", "1", "LMT", "150");
  REQUIRE(bed.server.place_manual(hand.contract, hand.order, bed.now));
  bed.pump();
  CHECK(zero.first<wire::OpenOrder>().order_id == 0);
  zero.take();
  CHECK(one.take().empty());
  bed.send(one, wire::ReqAllOpenOrders{});
  CHECK(one.first<wire::OpenOrder>().order_id == 0);
  bed.send(zero, wire::ReqOpenOrders{});
  CHECK(zero.first<wire::OrderBound>().order_id == -1);
  CHECK(zero.first<wire::OpenOrder>().order_id == -1);
  zero.take();
  bed.send(zero, wire::CancelOrder{-1, "", "", std::nullopt});
  CHECK(zero.words().back() == "E(202)");
}

TEST_CASE("manual orders: with automatic binding they are bound as they are made") {
  Bed bed;
  Client& zero = bed.connect(0);
  Client& one = bed.connect(1);
  bed.send(one, wire::ReqAutoOpenOrders{true});
  CHECK(one.words() == Words{"E(321)"});
  bed.send(zero, wire::ReqAutoOpenOrders{true});
  const auto hand = place(0, "BUY", "1", "LMT", "150");
  REQUIRE(bed.server.place_manual(hand.contract, hand.order, bed.now));
  bed.pump();
  CHECK(zero.first<wire::OrderBound>().order_id == -1);
}

TEST_CASE("pacing: error 100 above the limit, the third breach ends the connection") {
  Options options;
  options.pacing = Options::Pacing::error;
  options.pacing_per_second = 5;
  Bed bed(options);
  Client& client = bed.connect(1);
  for (int i = 0; i < 5; ++i) bed.send(client, wire::ReqCurrentTime{});
  CHECK(client.words() == Words(5, "currentTime"));
  bed.send(client, wire::ReqCurrentTime{});
  bed.send(client, wire::ReqCurrentTime{});
  CHECK(client.words() == Words{"E(100)", "E(100)"});
  CHECK_FALSE(client.closed);
  bed.pass(seconds(1));
  bed.send(client, wire::ReqCurrentTime{});
  CHECK(client.words() == Words{"currentTime"});
  for (int i = 0; i < 5; ++i) bed.send(client, wire::ReqCurrentTime{});
  CHECK(client.closed);
}

TEST_CASE("pacing: a client that asks for it waits in silence and loses nothing") {
  Options options;
  options.pacing_per_second = 5;
  Bed bed(options);
  Client& client = bed.start(1, 200, "+PACEAPI");
  client.take();
  for (int i = 0; i < 12; ++i) bed.send(client, wire::ReqCurrentTime{});
  CHECK(client.words() == Words(5, "currentTime"));
  bed.pass(milliseconds(999));
  CHECK(client.take().empty());
  bed.pass(milliseconds(1));
  CHECK(client.words() == Words(5, "currentTime"));
  bed.pass(seconds(1));
  CHECK(client.words() == Words(2, "currentTime"));
}

TEST_CASE("hostile bytes: a broken stream is closed, others do not notice") {
  Bed bed;
  Client& good = bed.connect(1);
  Client& bad = bed.accept();
  bed.bytes(bad, "GET / HTTP/1.1\r\n\r\n");
  CHECK(bad.closed);
  Client& huge = bed.connect(2);
  bed.bytes(huge, std::string("\x7f\xff\xff\xff", 4));
  CHECK(huge.closed);
  Client& words = bed.accept();
  std::string out("API\0", 4);
  wire::append_frame("hello", out);
  bed.bytes(words, out);
  CHECK(words.closed);
  bed.send(good, wire::ReqIds{1});
  CHECK(good.words() == Words{"nextValidId"});
}

TEST_CASE("hostile bytes: a message that cannot be read is error 320, the connection lives") {
  Bed bed;
  Client& client = bed.connect(1);
  std::string out;
  wire::append_frame(std::string("3\0not a number\0", 15), out);
  wire::append_frame(std::string("3\0"
                                 "1\0",
                                 4),
                     out);
  wire::append_frame("", out);
  wire::append_frame(std::string("999\0x\0", 6), out);
  bed.bytes(client, out);
  CHECK(client.words() == Words{"E(320)", "E(320)", "E(320)", "E(321)"});
  CHECK_FALSE(client.closed);
}

TEST_CASE("hostile bytes: random frames and cuts never break the server") {
  base::Prng prng(7);
  for (int round = 0; round < 200; ++round) {
    Bed bed;
    Client& client = bed.connect(1);
    std::string stream;
    encode(wire::ClientMessage(place(1, "BUY", "100", "LMT", "150")), 200, stream);
    encode(wire::ClientMessage(wire::ReqContractDetails{1, stock("IBM")}), 200, stream);
    encode(wire::ClientMessage(wire::ReqExecutions{}), 200, stream);
    for (int i = 0; i < 4; ++i) {
      stream[prng.below(stream.size())] = static_cast<char>(prng.below(256));
    }
    const std::size_t cut = prng.below(stream.size());
    bed.bytes(client, std::string_view(stream).substr(0, cut));
    bed.bytes(client, std::string_view(stream).substr(cut));
    client.take();
    Client& other = bed.connect(2);
    bed.send(other, wire::ReqIds{1});
    CHECK(other.words() == Words{"nextValidId"});
  }
}

TEST_CASE("server: bytes may come one at a time") {
  Bed bed;
  Client& client = bed.accept();
  std::string out;
  wire::append_client_greeting({100, 200, ""}, out);
  encode(wire::ClientMessage(wire::StartApi{3, ""}), 200, out);
  for (const char c : out) bed.bytes(client, std::string_view(&c, 1));
  CHECK(client.words() == burst);
}

// One busy conversation; returns everything that came out of it.
std::string conversation(std::uint64_t seed) {
  Options options;
  options.seed = seed;
  options.market_step = milliseconds(100);
  options.ack_delay = {milliseconds(1), milliseconds(50)};
  options.fill_delay = {milliseconds(1), milliseconds(50)};
  Bed bed(options);
  Client& client = bed.connect(1);
  bed.send(client, wire::ReqMktData{1, stock("AAPL"), "", false, false, ""});
  for (OrderId id = 1; id <= 20; ++id) {
    bed.send(client, place(id, id % 2 == 0 ? "BUY" : "SELL", "100", "LMT", "190.01"));
    bed.pass(milliseconds(70));
    if (id % 3 == 0) bed.send(client, wire::CancelOrder{id, "", "", std::nullopt});
  }
  bed.pass(seconds(2));
  std::string out = client.raw;
  for (const std::string& line : bed.log) out += line + "\n";
  return out;
}

TEST_CASE("determinism: the same seed gives the same bytes and the same log, another does not") {
  const std::string first = conversation(11);
  CHECK(first == conversation(11));
  CHECK(first != conversation(12));
}

TEST_CASE("log: a line for every message in and out, the inbound one before its effects") {
  Bed bed;
  Client& client = bed.connect(4);
  bed.log.clear();
  auto order = place(1, "BUY", "100", "MKT");
  order.order.order_ref = "b1.abc.1";
  bed.send(client, order);
  REQUIRE(bed.log.size() == 9);
  const std::string& line = bed.log.front();
  CHECK(line.find("\"t\":1795186800000000000,\"client\":4,\"conn\":1,\"dir\":\"in\",\"name\":"
                  "\"placeOrder\",\"fields\":{") == 1);
  CHECK(line.find("\"orderId\":1") != std::string::npos);
  CHECK(line.find("\"orderRef\":\"b1.abc.1\"") != std::string::npos);
  CHECK(line.find("\"totalQuantity\":100") != std::string::npos);
  const std::string& exec = bed.log[3];
  CHECK(exec.find("\"dir\":\"out\",\"name\":\"execDetails\"") != std::string::npos);
  CHECK(exec.find("\"execId\":\"0000e0d5.") != std::string::npos);
  CHECK(exec.find("\"shares\":100") != std::string::npos);
  CHECK(exec.find("\"price\":190.02") != std::string::npos);
  bed.hang_up(client);
  CHECK(bed.log.back().find("\"dir\":\"event\",\"name\":\"closed\"") != std::string::npos);
}

}  // namespace
}  // namespace belay::simtws::test
