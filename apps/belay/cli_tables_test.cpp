// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_tables.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "apps/belay/cli_client.hpp"
#include "apps/belay/cli_commands.hpp"
#include "apps/belay/cli_fields.hpp"
#include "apps/belay/cli_status.hpp"
#include "apps/belay/cli_time.hpp"

using namespace belay;
using namespace belay::app;

namespace {
api::Json json(const char* text) {
  return *api::Json::parse(text);
}
}  // namespace

TEST_CASE("tables: columns are as wide as their longest cell, numbers stand right") {
  CHECK(table({{"A"}, {"N", true}}, {{"x", "1"}, {"long", "100"}}) ==
        "A       N\nx       1\nlong  100\n");
}

TEST_CASE("tables: text from outside cannot command the terminal") {
  const std::string line =
      event_line(json(R"({"time":"t","seq":"1","type":"X","text":"\u001b[2J"})"));
  CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE("tables: an order in one line says side, quantity, symbol, price, state and fills") {
  CHECK(order_line(json(R"({"order_id":"12","contract":{"symbol":"AAPL"},"action":"BUY",
      "order_type":"LMT","total_quantity":"100","limit_price":"190.5","filled":"40",
      "avg_fill_price":"190.4","status":"PartiallyFilled","outcome":"acknowledged"})")) ==
        "order 12 BUY 100 AAPL LMT 190.5: PartiallyFilled, filled 40 at 190.4");
}

TEST_CASE("tables: an order in one line says what is not known yet") {
  CHECK(order_line(json(R"({"order_id":"1","status":"Submitted","flags":["pending_replace"]})")) ==
        "order 1: Submitted (a modification is under way)");
  CHECK(order_line(json(R"({"order_id":"1","status":"PendingSubmit","outcome":"unknown"})")) ==
        "order 1: PendingSubmit (outcome unknown)");
}

TEST_CASE("tables: a problem lists every field at fault") {
  const std::string text = problem_text(json(R"({"detail":"two wrong","errors":[
      {"field":"a","detail":"x"},{"field":"b","detail":"y"}],"suggestions":["try"]})"));
  CHECK(text == "two wrong\n  a: x\n  b: y\n  hint: try");
}

TEST_CASE("tables: a problem names the field also when only one is at fault, and once") {
  CHECK(problem_text(json(R"({"detail":"account is needed","errors":[
      {"field":"account","detail":"expected one of DU1, DU2"}]})")) ==
        "account is needed\n  --account: expected one of DU1, DU2");
  CHECK(problem_text(json(R"({"detail":"limit: x","errors":[{"field":"limit","detail":"x"}]})")) ==
        "limit: x");
}

TEST_CASE(
    "tables: a problem calls a field by what was typed, and the API's name stands beside it") {
  CHECK(problem_text(json(R"({"detail":"limit_price: x","errors":[
      {"field":"limit_price","detail":"x"},{"field":"contract.con_id","detail":"y"},
      {"field":"good_till_date","detail":"z"},{"field":"contract.limit_price","detail":"v"}]})")) ==
        "--limit (limit_price): x\n  --con-id (contract.con_id): y\n"
        "  --good-till (good_till_date): z\n  contract.limit_price: v");
  CHECK(typed_name("client_order_id") == "--client-order-id");
  CHECK(typed_name("total_quantity") == "QUANTITY (total_quantity)");
  CHECK(typed_name("count") == "count");
}

TEST_CASE("fields: the numbers that are typed say the type, where one has just these") {
  const auto type = [](std::initializer_list<const char*> fields) {
    std::map<std::string, std::string> given{{"time_in_force", "DAY"}};
    for (const char* field : fields) given[field] = "1";
    return type_of_numbers(given);
  };
  CHECK(type({}) == "MKT");
  CHECK(type({"limit_price"}) == "LMT");
  CHECK(type({"aux_price"}) == "STP");
  CHECK(type({"limit_price", "aux_price"}) == "STP LMT");
  CHECK(type({"trail_amount"}) == "TRAIL");
  CHECK(type({"trail_percent", "aux_price"}) == "TRAIL");
  CHECK(type({"trail_amount", "limit_offset"}) == "TRAIL LIMIT");
  CHECK(type({"percent_offset"}) == "REL");
  // None has both: the daemon will name the field.
  CHECK(type({"trail_amount", "limit_price"}) == "LMT");
}

TEST_CASE("fields: a term without a short flag has its own name, and legs are typed one by one") {
  CHECK(typed_name("limit_offset") == "--limit-offset");
  CHECK(typed_name("contract.legs") == "--leg (contract.legs)");
  CHECK(not_a_leg("BUY:1:265598").empty());
  CHECK_FALSE(not_a_leg("BUY:1").empty());
  CHECK_FALSE(not_a_leg("BUY::265598").empty());
  CHECK(legs_json({"BUY:2:265598", "SELL:1:272093:NYSE"}) ==
        R"([{"action":"BUY","ratio":"2","con_id":"265598"},)"
        R"({"action":"SELL","ratio":"1","con_id":"272093","exchange":"NYSE"}])");
}

TEST_CASE("tables: a key of another order and a halt say that nothing was sent and what to do") {
  const std::string used =
      problem_text(json(R"({"detail":"used","code":"KEY_REUSED","order_id":"7"})"));
  for (const char* part : {"used\n", "nothing was sent", "--client-order-id", "belay order 7"}) {
    CHECK(used.find(part) != std::string::npos);
  }
  CHECK(problem_text(json(R"({"detail":"why","code":"HALTED","instance":"/api/v1/orders"})")) ==
        "why\n  nothing was sent: `belay resume` takes new risk again (`belay status` says what "
        "else is in its way)");
  CHECK(problem_text(json(R"({"detail":"why","code":"HALTED","instance":"/api/v1/resume"})")) ==
        "why");
}

TEST_CASE("body: members keep their order, text is quoted") {
  CliBody body;
  body.text("a", "x\"y");
  body.flag("b", true);
  body.raw("c", "{}");
  CHECK(body.json() == R"({"a":"x\"y","b":true,"c":{}})");
}

TEST_CASE("order path: what a person types is one path segment") {
  CHECK(order_path({"12"}) == "/api/v1/orders/12");
  CHECK(order_path({"cid:a b/c"}) == "/api/v1/orders/cid:a%20b%2Fc");
  CHECK(order_path({"cid:a", "DU 1"}) == "/api/v1/orders/cid:a?account=DU%201");
}

TEST_CASE("usage: a word that is near a command, or alone begins so, is named") {
  const std::vector<std::string> known{"dump", "verify", "replay", "reserve", "release"};
  const auto meant = [&](const char* word) {
    const std::string text = did_you_mean(word, known);
    return text.empty() ? text : text.substr(15, text.size() - 16);
  };
  CHECK(meant("dmup") == "dump");
  CHECK(meant("resrve") == "reserve");
  CHECK(meant("ver") == "verify");
  CHECK(meant("relaese") == "release");
  CHECK(meant("re").empty());  // of three
  CHECK(meant("nonsense").empty());
  CHECK(meant("").empty());
  CHECK(no_command("ordres").find("did you mean orders?") != std::string::npos);
  const std::string unknown = no_command("foo");
  CHECK(unknown.find("belay help") != std::string::npos);
  CHECK(std::count(unknown.begin(), unknown.end(), '\n') == 1);
}

TEST_CASE("orders: what waits to be sent does not read as sent") {
  const auto order = json(R"({"order_id":"9","owner":"ours","broker_order_id":null,
      "status":"PendingSubmit","outcome":"pending"})");
  CHECK(order_line(order).find("(not sent yet)") != std::string::npos);
  CHECK(order_line(order).find("acknowledged") == std::string::npos);
  CHECK(order_card(order).find("pending (not sent yet)") != std::string::npos);
  CHECK(orders_table(json(R"({"orders":[{"order_id":"9","owner":"ours","broker_order_id":null,
      "outcome":"pending"}]})"))
            .find("not sent yet") != std::string::npos);
  CHECK(order_line(json(R"({"order_id":"9","owner":"ours","broker_order_id":"4",
      "status":"PendingSubmit","outcome":"pending"})"))
            .find("not yet acknowledged") != std::string::npos);
}

TEST_CASE("client: wrong usage is 2, an unreachable daemon is 1") {
  const auto run = [](std::vector<const char*> words) {
    return run_client_command(static_cast<int>(words.size()), words.data());
  };
  CHECK(run({"belay", "bracket"}) == 2);
  CHECK(run({"belay", "buy", "AAPL"}) == 2);
  CHECK(run({"belay", "orders", "--limit", "0"}) == 2);
  CHECK(run({"belay", "orders", "--colour"}) == 2);
  CHECK(run({"belay", "cancel", "--all", "--scope", "account"}) == 2);
  CHECK(run({"belay", "cancel-all", "--scope", "account"}) == 2);
  CHECK(run({"belay", "cancel"}) == 2);
  CHECK(run({"belay", "cancel-all", "5"}) == 2);
  CHECK(run({"belay", "ids", "resrve"}) == 2);
  CHECK(run({"belay", "ids", "--help"}) == 0);
  CHECK(run({"belay", "order", "cid:a", "--account", "DU1", "--api-port", "1"}) == 1);
  CHECK(run({"belay", "cancel", "cid:a", "--account", "DU1", "--api-port", "1"}) == 1);
  CHECK(run({"belay", "buy", "AAPL", "ten"}) == 2);
  for (const char* flag : {"--type", "--account", "--purpose", "--tif", "--limit", "--currency"}) {
    CHECK(run({"belay", "buy", "AAPL", "1", flag, "", "--api-port", "1"}) == 2);
  }
  CHECK(run({"belay", "buy", "AAPL", "10", "--limit", "cheap"}) == 2);
  CHECK(run({"belay", "sell", "AAPL", "10", "--trail", "x"}) == 2);
  CHECK(run({"belay", "buy", "AAPL", "10", "--leg", "BUY"}) == 2);
  // A leg is one word: what follows is the symbol and the quantity.
  CHECK(run({"belay", "buy", "--leg", "BUY:1:5", "--leg", "SELL:1:6", "AAPL", "10", "--api-port",
             "1"}) == 1);
  CHECK(run({"belay", "modify", "1", "--quantity", "x"}) == 2);
  CHECK(run({"belay", "cancel", "1", "--timeout", "soon"}) == 2);
  CHECK(run({"belay", "modify", "1", "--outside-rth", "--no-outside-rth"}) == 2);
  CHECK(run({"belay", "orders", "--api-port", "x"}) == 2);
  for (const char* word : {"order", "modify", "cancel"}) CHECK(run({"belay", word, ""}) == 2);
  CHECK(run({"belay", "watch", "--from", "-1"}) == 2);
  CHECK(run({"belay", "orders", "--open", "--status", "Filled"}) == 2);
  for (const char* word : {"buy", "sell"}) {
    CHECK(run({"belay", word, "AAPL", "1", "--config", "/nonexistent.toml", "--api-port", "1"}) ==
          2);
  }
  CHECK(run({"belay", "cancel", "1", "--config", "/nonexistent.toml", "--api-port", "1"}) == 1);
  // Port 1 on the loopback: nothing listens there without special rights.
  CHECK(run({"belay", "orders", "--api-port", "1"}) == 1);
  CHECK(run({"belay", "buy", "AAPL", "1", "--api-port", "1"}) == 1);
  // The number behind --wait is the order, wherever it stands.
  CHECK(run({"belay", "cancel", "--wait", "470", "--api-port", "1"}) == 1);
  CHECK(run({"belay", "cancel", "470", "--wait", "--timeout", "5", "--api-port", "1"}) == 1);
  CHECK(run({"belay", "cancel-all", "--api-port", "1"}) == 1);
  CHECK(run({"belay", "status", "--utc", "--config", "/nonexistent.toml", "--api-port", "1"}) == 1);
  CHECK(is_client_command("watch"));
  CHECK_FALSE(is_client_command("serve"));
}

TEST_CASE("tables: a zone that this machine does not know is UTC, and is called so") {
  for (const char* zone : {"Mars/X", "PST", "nonsense", "<"}) {
    CAPTURE(zone);
    ::setenv("TZ", zone, 1);
    ::tzset();
    show_times_in_a_known_zone();
    CHECK(shown_time("2026-11-30T03:04:05Z") == "2026-11-30 03:04:05 UTC");
  }
  ::setenv("TZ", "CET-1", 1);
  ::tzset();
  show_times_in_a_known_zone();
  CHECK(shown_time("2026-11-30T03:04:05Z") == "2026-11-30 04:04:05 CET");
}

TEST_CASE("tables: times stand in the zone that was asked for, the broker's own among them") {
  show_times_in_utc();
  CHECK(shown_time("2026-11-30T03:04:05.000000001Z") == "2026-11-30 03:04:05 UTC");
  CHECK(shown_time("GTC") == "GTC");
  CHECK(shown_broker_time("20261130 09:30:00 US/Eastern") == "2026-11-30 14:30:00 UTC");
  CHECK(shown_broker_time("20261130-14:30:00") == "2026-11-30 14:30:00 UTC");
  // Without a zone it is that of the gateway, which nobody told.
  CHECK(shown_broker_time("20261130  09:30:00") == "20261130  09:30:00");
}

TEST_CASE("tables: an order shows when it was made, its trail, and ? for what nobody told") {
  show_times_in_utc();
  const std::string text = orders_table(json(R"({"orders":[
      {"order_id":"7","created_at":"2026-11-30T03:04:05Z","order_type":"TRAIL",
       "trail_percent":"2.5","aux_price":"95","filled":"40","avg_fill_price":null},
      {"order_id":"8","order_type":"MKT","filled":"0","avg_fill_price":null}]})"));
  CHECK(text.find("2026-11-30 03:04:05 UTC") != std::string::npos);
  CHECK(text.find("95 trail 2.5%") != std::string::npos);
  CHECK(text.find("40        ?") != std::string::npos);
}

TEST_CASE("sale: more than is held would go short, what is not told is not held") {
  const auto positions = json(R"({"positions":[
      {"account":"DU1","contract":{"symbol":"AAPL","sec_type":"STK","currency":"USD","con_id":"1"},
       "position":"2"},
      {"account":"DU1","contract":{"symbol":"TSLA","sec_type":"STK","currency":"USD"},
       "position":"-5"},
      {"account":"DU1","contract":{"symbol":"SAP","sec_type":"STK","currency":"EUR"},
       "position":"10"},
      {"account":"DU1","contract":{"symbol":"IBM","sec_type":"STK"},"position":null}]})");
  const auto orders = json(R"({"orders":[]})");
  const auto why = [&](const char* symbol, const char* quantity, const char* type = "") {
    Sale sale;
    sale.symbol = symbol;
    sale.quantity = quantity;
    sale.sec_type = type;
    return goes_short(sale, positions, orders);
  };
  CHECK(why("aapl", "2").empty());
  CHECK(why("AAPL", "500").find("2 AAPL are held") != std::string::npos);
  CHECK(why("TSLA", "1").find("-5 TSLA are held") != std::string::npos);
  CHECK_FALSE(why("MSFT", "1").empty());
  CHECK_FALSE(why("SAP", "1").empty());  // held in euros; the order would be for dollars
  CHECK_FALSE(why("AAPL", "1", "FUT").empty());
  CHECK(why("EUR", "100", "CASH").empty());
  CHECK(why("IBM", "1").find("not known") != std::string::npos);
}

TEST_CASE("sale: open orders sell what is held already, and a list in doubt decides nothing") {
  Sale sale;
  sale.symbol = "AAPL";
  sale.quantity = "102";
  const char* held = R"({"positions":[{"account":"DU1","position":"102",
      "contract":{"symbol":"AAPL","sec_type":"STK"}}]})";
  const auto why = [&](const char* positions, const char* orders) {
    return goes_short(sale, json(positions), json(orders));
  };
  CHECK(why(held, R"({"orders":[]})").empty());
  const std::string twice = why(held, R"({"orders":[
      {"action":"BUY","leaves":"9","total_quantity":"9",
       "contract":{"symbol":"AAPL","sec_type":"STK"}},
      {"action":"SELL","leaves":"2","total_quantity":"5",
       "contract":{"symbol":"AAPL","sec_type":"STK"}},
      {"action":"SELL","leaves":"7","total_quantity":"7",
       "contract":{"symbol":"IBM","sec_type":"STK"}}]})");
  CHECK(twice.find("102 AAPL are held, open orders sell 2 of them") != std::string::npos);
  for (const char* positions :
       {"null", R"({"positions":[],"complete":false})", R"({"positions":[],"stale":true})"}) {
    CAPTURE(positions);
    CHECK(why(positions, R"({"orders":[]})").find("not known") != std::string::npos);
  }
  for (const char* orders : {"null", R"({"orders":[],"next":"more"})",
                             R"({"orders":[{"action":"SELL","leaves":"0","total_quantity":null,
            "contract":{"symbol":"AAPL","sec_type":"STK"}}]})"}) {
    CAPTURE(orders);
    CHECK(why(held, orders).find("not known") != std::string::npos);
  }
}

TEST_CASE("status: what nobody told is ?, what waits and what to do are said") {
  StatusParts parts;
  parts.health = json(R"({"status":"degraded","version":"0.1","ready":false,
      "not_ready_because":"the broker link is connecting","halted":true,
      "tws":{"phase":"connecting","detail":"no answer","action":"start TWS"},
      "waiting":[{"what":"positionEnd","since":"2026-11-30T03:04:05Z","overdue":true,
                  "look_at":"look at TWS"}]})");
  const std::string text = status_screen(parts);
  for (const char* part : {"degraded", "connecting: no answer", "start TWS", "positionEnd",
                           "OVERDUE", "look at TWS", "? open", "belay resume"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }
  parts.orders = json(R"({"orders":[{"owner":"ours","outcome":"unknown"},{"owner":"manual"}]})");
  CHECK(status_screen(parts).find("2 open, 1 of them sent from here, 1 of unknown outcome") !=
        std::string::npos);
  const auto whole = api::Json::parse(status_json(parts, "{}"));
  REQUIRE(whole.has_value());
  CHECK(whole->text_of("open_orders") == "2");
  CHECK(whole->find("positions")->is_null());
}

TEST_CASE("status: a halt by a file is ended by removing it, and safe mode says its reason") {
  StatusParts parts;
  parts.health = json(R"({"status":"ok","ready":false,"halted":true})");
  parts.halt = json(R"({"halted":true,"by":"operator","reason":"the file data/HALT"})");
  CHECK(status_screen(parts).find("the file data/HALT: remove it first") != std::string::npos);
  parts.health = json(R"({"status":"safe","safe_mode":true,"ready":false,"reason":"--safe",
      "action":"start without --safe","tws_connected":true,"endpoint":"h:1","client_id":0})");
  const std::string safe = status_screen(parts);
  CHECK(safe.find("are refused: safe mode: --safe") != std::string::npos);
  CHECK(safe.find("start without --safe") != std::string::npos);
  parts.orders = json(R"({"orders":[],"as_of":null,"stale":true})");
  CHECK(status_screen(parts).find("? open") != std::string::npos);
}

TEST_CASE("tables: a time and a price that nobody told are ?") {
  CHECK(shown_time("1970-01-01T00:00:00Z") == "?");
  CHECK(order_line(json(R"({"order_id":"1","order_type":"LMT","limit_price":null,
      "status":"Submitted"})")) == "order 1 LMT ?: Submitted");
}

TEST_CASE("watch: an event is a line in words, without what says nothing") {
  show_times_in_utc();
  CHECK(event_line(json(R"({"seq":"5","time":"2026-11-30T03:04:05Z","type":"OrderAccepted",
      "order":"12","cl_ord_id":"k","spec":{"account":"DU1","contract":{"con_id":"0","symbol":"AAPL",
      "exchange":"SMART"},"side":"BUY","ord_type":"LMT","terms":{"order_qty":"100","price":"190.5",
      "stop_px":null,"time_in_force":"DAY","outside_rth":false}},"family":"0"})")) ==
        "03:04:05      5 order accepted: order 12, client order id k, BUY 100 AAPL LMT 190.5 DAY "
        "in DU1");
}
