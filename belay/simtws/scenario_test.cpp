// SPDX-License-Identifier: Apache-2.0
#include "belay/simtws/scenario.hpp"

#include "belay/simtws/test_client.hpp"

namespace belay::simtws::test {
namespace {

using std::chrono::milliseconds;

std::string complaint(std::string_view text) {
  const auto parsed = parse_scenario(text, {});
  return parsed ? "none" : parsed.error().field + ": " + parsed.error().detail;
}

TEST_CASE("scenario: an empty text changes nothing") {
  const auto parsed = parse_scenario("", {});
  REQUIRE(parsed);
  CHECK(parsed->rules.empty());
  CHECK(parsed->max_server_version == 200);
}

TEST_CASE("scenario: options, rules and events are read") {
  const auto parsed = parse_scenario(R"(
[server]
max_version = 187
accounts = ["DU1", "DU2"]
seed = 9
duplicate_status = true
pacing = "pace"
ack_delay_min_ms = 5
ack_delay_max_ms = 7
master_client_id = 0

[[rule]]
symbol = "AAPL"
order_ref_prefix = "b1."
order_type = "LMT"
side = "BUY"
nth = 2
times = 1
do = "fill"
price = "190.05"
parts = [{ quantity = 10, after_ms = 100 }, { quantity = "90" }]
ack_delay_ms = 3
disconnect = "after_ack"
duplicates = 4

[[event]]
after_ms = 1000
do = "price"
symbol = "AAPL"
bid = "180.00"
ask = "180.05"
)",
                                     {});
  REQUIRE(parsed);
  CHECK(parsed->max_server_version == 187);
  CHECK(parsed->accounts == std::vector<std::string>{"DU1", "DU2"});
  CHECK(parsed->pacing == Options::Pacing::pace);
  CHECK(parsed->ack_delay.high == milliseconds(7));
  CHECK(parsed->master_client_id == 0);
  REQUIRE(parsed->rules.size() == 1);
  Rule rule;
  rule.symbol = "AAPL";
  rule.order_ref_prefix = "b1.";
  rule.order_type = "LMT";
  rule.side = "BUY";
  rule.nth = 2;
  rule.times = 1;
  rule.action = Rule::Do::fill;
  rule.price = dec("190.05");
  rule.parts = {{dec("10"), milliseconds(100)}, {dec("90"), milliseconds(0)}};
  rule.ack_delay = milliseconds(3);
  rule.disconnect = Rule::Disconnect::after_ack;
  rule.duplicates = 4;
  CHECK(parsed->rules.front() == rule);
  REQUIRE(parsed->events.size() == 1);
  CHECK(parsed->events.front().bid == dec("180"));
}

TEST_CASE("scenario: an unknown key is refused by its name and place") {
  CHECK(complaint("[sever]\nseed = 1") == "sever: is not a known key");
  CHECK(complaint("[server]\nsede = 1") == "server: sede: is not a known key");
  CHECK(complaint("[[rule]]\n[[rule]]\nsymbl = \"A\"") == "rule 2: symbl: is not a known key");
  CHECK(complaint("[[rule]]\ndo = \"fill\"\nparts = [{ quantity = 1, after = 2 }]") ==
        "rule 1: parts 1: after: is not a known key");
}

TEST_CASE("scenario: values of the wrong kind are refused with what is right") {
  CHECK(complaint("[server]\nmax_version = 201") ==
        "server: max_version: must be an integer, 176 to 200");
  CHECK(complaint("[server]\nmax_version = \"200\"").find("must be an integer") !=
        std::string::npos);
  CHECK(complaint("[server]\nduplicate_status = 1").find("true or false") != std::string::npos);
  CHECK(complaint("[[rule]]\nsymbol = 5").find("text in quotes") != std::string::npos);
  CHECK(complaint("[[rule]]\ndo = \"fil\"") ==
        "rule 1: do: must be one of: market, rest, fill, reject, drop");
  CHECK(complaint("[[rule]]\ndo = \"fill\"\nprice = 190.5").find("in quotes") != std::string::npos);
  CHECK(complaint("[[rule]]\nparts = [{ quantity = 1 }]").find("do = \"fill\"") !=
        std::string::npos);
  CHECK(complaint("[[event]]\ndo = \"price\"\nsymbol = \"AAPL\"\nbid = 2\nask = 1")
            .find("needs symbol") != std::string::npos);
  CHECK(complaint("[[event]]\ndo = \"notice\"").find("a notice needs one") != std::string::npos);
  CHECK(complaint("rule = 3").find("array of tables") != std::string::npos);
  CHECK(complaint("[server]\nack_delay_min_ms = 5\nack_delay_max_ms = 4").find("below") !=
        std::string::npos);
}

TEST_CASE("scenario: events say what they lack") {
  CHECK(complaint("[[event]]\ndo = \"outage\"\ncode = 1101") ==
        "event 1: code: must be 1100 or 2110");
  CHECK(complaint("[[event]]\ndo = \"outage_end\"\ncode = 2110") ==
        "event 1: code: must be 1101 or 1102");
  CHECK(complaint("[[event]]\ndo = \"manual\"") == "event 1: symbol: an order needs one");
  CHECK(complaint("[[event]]\ndo = \"place\"\nsymbol = \"IBM\"\nside = \"BOTH\"") ==
        "event 1: side: must be one of: BUY, SELL");
  CHECK(complaint("[[event]]\ndo = \"manual\"\nsymbol = \"IBM\"\nside = \"BUY\"") ==
        "event 1: quantity: must be a positive quantity");
  CHECK(complaint("[[event]]\ndo = \"cancel\"").find("order_id") != std::string::npos);
  CHECK(complaint("[[event]]\ndo = \"fill\"\norder_ref = \"a\"").find("quantity") !=
        std::string::npos);
  CHECK(complaint("[[event]]\ndo = \"stall\"") == "event 1: for_ms: a stall needs its length");
  CHECK(complaint("[[event]]\ndo = \"person_cancel\"").find("order_ref") != std::string::npos);
  CHECK(complaint("[server]\nlose_end_of = [\"openOrder\"]") ==
        "server: lose_end_of: openOrder is no end marker, as execDetailsEnd is");
}

TEST_CASE("scenario: a text that is no TOML is refused with its line") {
  CHECK(complaint("[server]\nseed = = 1").rfind("line 2: ", 0) == 0);
}

// A bed with the rules of a text.
Options with(std::string_view text) {
  auto parsed = parse_scenario(text, {});
  REQUIRE(parsed);
  return *parsed;
}

TEST_CASE("rule rest: a marketable order does not fill") {
  Bed bed(with("[[rule]]\ndo = \"rest\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "200"));
  bed.price("AAPL", "150", "150.02");
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
}

TEST_CASE("rule reject: with 201 the order is Inactive, with other codes only the error comes") {
  Bed bed(
      with("[[rule]]\ntimes = 1\ndo = \"reject\"\n[[rule]]\ndo = \"reject\"\ncode = 10999\n"
           "text = \"why\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.words() == Words{"E(201)", "O(Inactive)", "S(Inactive)"});
  bed.send(client, place(2, "BUY", "100", "MKT"));
  CHECK(client.first<wire::ErrMsg>().error_string == "why");
  CHECK(client.words() == Words{"E(10999)"});
}

TEST_CASE("rule drop: no answer, no order, and the id is still free") {
  Bed bed(with("[[rule]]\nnth = 1\ndo = \"drop\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.take().empty());
  CHECK(bed.server.next_valid_id(1) == 1);
  CHECK(bed.log.back().find("dropped_by_rule") != std::string::npos);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.words().size() == 8);
}

TEST_CASE("rule no ack: the order works unseen until somebody asks") {
  Bed bed(with("[[rule]]\nack = \"none\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.take().empty());
  bed.send(client, wire::ReqAllOpenOrders{});
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "openOrderEnd"});
  bed.send(client, wire::CancelOrder{1, "", "", std::nullopt});
  CHECK(client.words().back() == "E(202)");
}

TEST_CASE("rule ack delay: the answer comes late, and a cancel before it is shown") {
  Bed bed(with("[[rule]]\nack_delay_ms = 500"));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  bed.pass(milliseconds(499));
  CHECK(client.take().empty());
  bed.pass(milliseconds(1));
  CHECK(client.words().size() == 2);
  bed.send(client, place(2, "BUY", "100", "LMT", "150"));
  bed.send(client, wire::CancelOrder{2, "", "", std::nullopt});
  CHECK(client.words() == Words{"O(PendingCancel)", "S(PendingCancel)", "S(Cancelled)", "E(202)"});
  bed.pass(milliseconds(1000));
  CHECK(client.take().empty());
}

TEST_CASE(
    "rule disconnect before the ack: the order is taken, nothing is said, it is found again") {
  Bed bed(with("[[rule]]\ndisconnect = \"before_ack\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.take().empty());
  CHECK(client.closed);
  CHECK(bed.start(1).first<wire::OpenOrder>().order_id == 1);
}

TEST_CASE("rule disconnect after the ack: acknowledged, then cut, and the fill is not told") {
  Bed bed(with("[[rule]]\ndisconnect = \"after_ack\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "MKT"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)"});
  CHECK(client.closed);
  CHECK(bed.server.book().executions().size() == 1);
}

TEST_CASE("rule duplicates: pairs are repeated") {
  Bed bed(with("[[rule]]\nduplicates = 2"));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.words().size() == 6);
}

TEST_CASE("rules: they count by their own words, and the first that fits wins") {
  Bed bed(
      with("[[rule]]\nsymbol = \"IBM\"\nnth = 2\ndo = \"drop\"\n"
           "[[rule]]\norder_ref_prefix = \"x.\"\nside = \"SELL\"\norder_type = \"LMT\"\n"
           "do = \"drop\""));
  Client& client = bed.connect(1);
  auto ibm = place(1, "BUY", "1", "LMT", "100");
  ibm.contract = stock("IBM");
  bed.send(client, place(1, "BUY", "1", "LMT", "100"));
  ibm.order_id = 2;
  bed.send(client, ibm);
  CHECK(client.words().size() == 4);
  ibm.order_id = 3;
  bed.send(client, ibm);
  CHECK(client.take().empty());
  auto sell = place(4, "SELL", "1", "LMT", "250");
  bed.send(client, sell);
  CHECK(client.words().size() == 2);
  sell.order_id = 5;
  sell.order.order_ref = "x.1";
  bed.send(client, sell);
  CHECK(client.take().empty());
}

TEST_CASE("rules: nth counts orders that another rule takes too") {
  Bed bed(with("[[rule]]\ntimes = 1\ndo = \"rest\"\n[[rule]]\nnth = 2\ndo = \"drop\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "1", "LMT", "195"));
  CHECK(client.words().back() == "S(Submitted)");
  bed.send(client, place(2, "BUY", "1", "LMT", "195"));
  CHECK(client.take().empty());
  bed.send(client, place(2, "BUY", "1", "LMT", "195"));
  CHECK(client.words().back() == "C");
}

TEST_CASE("rule fill in parts: what remains after the last part rests, an IOC is ended") {
  const char* rules = "[[rule]]\ndo = \"fill\"\nparts = [{ quantity = 30 }]";
  Bed bed(with(rules));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  CHECK(client.words() == Words{"O(Submitted)", "S(Submitted)", "X", "O(Submitted)", "S(Submitted)",
                                "O(Submitted)", "S(Submitted)", "C"});
  auto order = place(2, "BUY", "100", "LMT", "150");
  order.order.tif = "IOC";
  bed.send(client, order);
  CHECK(client.all<wire::OrderStatus>().back().filled.to_string() == "30");
  const Words words = client.words();
  CHECK(words[words.size() - 1] == "S(Cancelled)");
}

TEST_CASE("events: notices, prices and a restart come at their times") {
  Bed bed(
      with("[[event]]\nafter_ms = 100\ndo = \"notice\"\ncode = 1100\ntext = \"lost\"\n"
           "[[event]]\nafter_ms = 50\ndo = \"price\"\nsymbol = \"AAPL\"\nbid = 140\nask = 141\n"
           "[[event]]\nafter_ms = 200\ndo = \"restart\""));
  Client& client = bed.connect(1);
  bed.send(client, place(1, "BUY", "100", "LMT", "150"));
  client.take();
  bed.pass(milliseconds(50));
  CHECK(client.words() == Words{"X", "O(Filled)", "S(Filled)", "O(Filled)", "S(Filled)", "C"});
  bed.pass(milliseconds(50));
  CHECK(client.words() == Words{"E(1100)"});
  bed.pass(milliseconds(100));
  CHECK(client.closed);
}

TEST_CASE("events: a person, another client, an outage and ids set back, at their times") {
  const auto parsed = parse_scenario(R"(
[[event]]
after_ms = 1000
do = "manual"
symbol = "AAPL"
side = "BUY"
quantity = 100
limit = "150"
order_ref = "hand"
[[event]]
after_ms = 2000
do = "person_change"
order_ref = "hand"
limit = "151"
[[event]]
after_ms = 3000
do = "fill"
order_ref = "hand"
quantity = 40
[[event]]
after_ms = 4000
do = "person_cancel"
order_ref = "hand"
[[event]]
after_ms = 5000
do = "place"
client_id = 7
symbol = "ES"
side = "SELL"
quantity = 1
order_type = "MKT"
[[event]]
after_ms = 6000
do = "correct"
client_id = 7
order_id = 1
fill_price = "5900.25"
[[event]]
after_ms = 7000
do = "bust"
client_id = 7
order_id = 1
[[event]]
after_ms = 8000
do = "outage"
for_ms = 500
[[event]]
after_ms = 9000
do = "ids"
client_id = 7
next_id = 1
[[event]]
after_ms = 9000
do = "error"
client_id = 0
order_id = 1
code = 9876
)",
                                     {});
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().field));
  Bed bed(*parsed);
  Client& zero = bed.connect(0);
  bed.pass(milliseconds(1000));
  CHECK(zero.words().front() == "O(Submitted)");
  bed.pass(milliseconds(1000));
  CHECK(zero.first<wire::OpenOrder>().order.lmt_price.to_string() == "151");
  CHECK(zero.words() == Words{"O(Submitted)", "S(Submitted)"});
  bed.pass(milliseconds(1000));
  CHECK(zero.words() ==
        Words{"X", "O(Submitted)", "S(Submitted)", "O(Submitted)", "S(Submitted)", "C"});
  bed.pass(milliseconds(1000));
  CHECK(zero.words().back() == "E(202)");
  bed.pass(milliseconds(1000));
  CHECK(bed.server.next_valid_id(7) == 2);
  bed.pass(milliseconds(1000));
  CHECK(bed.server.book().executions().back().price == dec("5900.25"));
  bed.pass(milliseconds(1000));
  CHECK(bed.server.book().executions().back().revision == 3);
  CHECK(bed.server.book().executions().back().shares == dec("0"));
  bed.pass(milliseconds(2000));
  CHECK(zero.words() == Words{"E(1100)", "E(1102)", "E(9876)"});
  CHECK(bed.server.next_valid_id(7) == 1);
}

TEST_CASE("events: broken links, a reset that is an outage, a logout") {
  const auto parsed = parse_scenario(R"(
[[event]]
after_ms = 0
do = "cut"
client_id = 1
direction = "in"
nth = 2
byte = 5
[[event]]
after_ms = 1000
do = "stall"
client_id = 1
for_ms = 1000
[[event]]
after_ms = 3000
do = "silent"
client_id = 1
[[event]]
after_ms = 4000
do = "daily_reset"
for_ms = 1000
[[event]]
after_ms = 6000
do = "logout"
[[event]]
after_ms = 7000
do = "login"
[[event]]
after_ms = 8000
do = "restart"
lose = "unacknowledged"
)",
                                     {});
  REQUIRE_MESSAGE(parsed.has_value(), (parsed ? "" : parsed.error().field));
  Bed bed(*parsed);
  Client& first = bed.connect(1);
  bed.send(first, wire::ReqIds{});
  bed.send(first, wire::ReqIds{});
  CHECK(first.words() == Words{"nextValidId"});
  CHECK(first.closed);
  Client& client = bed.connect(1);
  Client& other = bed.connect(2);
  bed.pass(milliseconds(1000));
  bed.send(client, wire::ReqIds{});
  CHECK(client.take().empty());
  bed.pass(milliseconds(1000));
  CHECK(client.words() == Words{"nextValidId"});
  bed.pass(milliseconds(1000));
  bed.send(client, wire::ReqIds{});
  CHECK(client.take().empty());
  bed.pass(milliseconds(2000));
  CHECK(other.words() == Words{"E(1100)", "E(1102)"});
  bed.pass(milliseconds(1000));
  CHECK(other.closed);
  CHECK_FALSE(client.closed);
  CHECK(bed.accept().closed);
  bed.pass(milliseconds(1000));
  Client& last = bed.connect(2);
  CHECK_FALSE(last.closed);
  bed.pass(milliseconds(1000));
  CHECK(last.closed);
}

}  // namespace
}  // namespace belay::simtws::test
