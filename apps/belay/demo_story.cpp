// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/demo_story.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>
#include <thread>

#include "apps/belay/cli_tables.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::app {
namespace {

using api::Json;
using std::chrono::milliseconds;

constexpr auto demo_patience = std::chrono::seconds(8);

// Slow where the story needs time: fills in pieces, and an acknowledgement that comes late. Each
// happens once, so that the simulator is as usual for whoever plays with it afterwards.
constexpr const char* scenario = R"(
[[rule]]
symbol = "TSLA"
times = 1
do = "fill"
parts = [{quantity = 10}, {quantity = 20, after_ms = 150}]
[[rule]]
symbol = "SPY"
times = 1
do = "rest"
ack_delay_ms = 700
[[rule]]
symbol = "IBM"
times = 1
do = "fill"
parts = [{quantity = 10}, {quantity = 10, after_ms = 60}, {quantity = 10, after_ms = 60},
         {quantity = 10, after_ms = 60}]
)";

double ms_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
      .count();
}

bool is_free(std::uint16_t port) {
  const journal::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return fd.valid() && bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

// Below the range that the kernel hands out, so that it is still free after a kill -9.
std::uint16_t free_port(std::random_device& random) {
  for (;;) {
    const auto port = static_cast<std::uint16_t>(20'000 + random() % 10'000);
    if (is_free(port)) return port;
  }
}

bool is_filled(const Json& order) {
  return order.text_of("status") == "Filled";
}

std::string error_tail(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::string last;
  while (std::getline(file, line)) last = line;
  return last;
}

}  // namespace

DemoStory::DemoStory(std::string directory, std::function<bool()> interrupted)
    : directory_(std::move(directory)), interrupted_(std::move(interrupted)) {
  std::random_device random;
  account_ = fmt::format("DU{:07}", random() % 10'000'000);
  api_port_ = free_port(random);
}

void DemoStory::say(std::string_view text) const {
  fmt::print("{:>8.1f} ms  {}\n", ms_since(began_), text);
  std::fflush(stdout);
}

bool DemoStory::fail(std::string_view text) const {
  if (interrupted_()) {
    say("interrupted");
    return false;
  }
  fmt::print("{:>8.1f} ms  FAILED: {}\n", ms_since(began_), text);
  for (const char* name : {"sim", "serve"}) {
    const std::string last = error_tail(fmt::format("{}/{}.err", directory_, name));
    if (!last.empty()) fmt::print("             {} said last: {}\n", name, last);
  }
  std::fflush(stdout);
  return false;
}

bool DemoStory::start_simulator() {
  const std::string file = directory_ + "/scenario.toml";
  std::ofstream(file) << scenario;
  auto sim = DemoChild::start({"sim", "tws", "--port", "0", "--scenario", file, "--log",
                               directory_ + "/sim.log", "--account", account_},
                              directory_, "sim");
  if (!sim) return fail("the simulated TWS " + sim.error().detail);
  sim_ = std::move(*sim);
  say(fmt::format("a simulated TWS on port {}, account {}", sim_.port(), account_));
  return true;
}

bool DemoStory::start_daemon() {
  // Were another program on the simulator's port by now, orders must not go there.
  if (!sim_.alive()) return fail("the simulated TWS is gone");
  const auto begin = Clock::now();
  auto daemon = DemoChild::start(
      {"serve", "--tws-host", "127.0.0.1", "--tws-port", std::to_string(sim_.port()), "--api-host",
       "127.0.0.1", "--api-port", std::to_string(api_port_), "--belay-data-dir",
       directory_ + "/data", "--client-id", "1", "--reconnect-delay", "0.05",
       "--daily-reset-window", "off", "--trading-day-ends", "off"},
      directory_, "serve");
  if (!daemon) return fail("the daemon " + daemon.error().detail);
  daemon_ = std::move(*daemon);
  const bool ready = wait_for([this] { return get("/ready").has_value(); });
  if (!ready) return fail("the daemon does not get ready");
  say(fmt::format("the daemon takes orders, {:.0f} ms after its start", ms_since(begin)));
  return true;
}

bool DemoStory::wait_for(const std::function<bool()>& condition) const {
  const auto deadline = Clock::now() + demo_patience;
  while (!interrupted_() && Clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(milliseconds(1));
  }
  return false;
}

std::optional<Json> DemoStory::get(const std::string& target) const {
  const auto answer =
      CliHttp("127.0.0.1", api_port_).call({.method = "GET", .target = target}, demo_patience);
  if (!answer || answer->status != 200) return std::nullopt;
  auto json = Json::parse(answer->body);
  if (!json) return std::nullopt;
  return std::move(*json);
}

std::optional<Json> DemoStory::await(const std::string& key, const Condition& condition) {
  std::optional<Json> order;
  const bool came = wait_for([&] {
    order = get("/api/v1/orders/cid:" + key);
    return order && condition(*order);
  });
  return came ? std::move(order) : std::nullopt;
}

DemoOrder& DemoStory::remember(const Terms& terms) {
  base::JsonWriter json;
  json.begin_object().field("symbol", terms.symbol).field("action", terms.action);
  json.field("order_type", "LMT").field("quantity", std::int64_t{terms.quantity});
  json.field("limit_price", terms.limit).field("account", account_);
  json.field("client_order_id", terms.key).end_object();
  return orders_.emplace_back(DemoOrder{terms.key, json.take(), ""});
}

std::optional<CliAnswer> DemoStory::send(const DemoOrder& order) const {
  auto answer =
      CliHttp("127.0.0.1", api_port_)
          .call({.method = "POST", .target = "/api/v1/orders", .body = order.body}, demo_patience);
  if (!answer) return std::nullopt;
  return std::move(*answer);
}

// Places and waits for the broker's word, as a caller does.
std::optional<Json> DemoStory::place(const Terms& terms) {
  DemoOrder& order = remember(terms);
  const auto begin = Clock::now();
  const auto answer = send(order);
  const double took = ms_since(begin);
  auto json = answer ? Json::parse(answer->body) : base::Result<Json>(Json());
  if (!answer || answer->status != 201 || !json) {
    fail(fmt::format("{}: {}", terms.key, answer ? answer->body : "no answer"));
    return std::nullopt;
  }
  order.order_id = json->text_of("order_id");
  say(fmt::format("{}: {} {} {} at {}: durable, sent and acknowledged after {:.1f} ms (201)",
                  terms.key, terms.action, terms.quantity, terms.symbol, terms.limit, took));
  return std::move(*json);
}

bool DemoStory::place_and_fill() {
  const auto begin = Clock::now();
  if (!place({"demo-1", "BUY", 100, "AAPL", "195"})) return false;
  const auto order = await("demo-1", is_filled);
  if (!order) return fail("demo-1 is not filled");
  say(fmt::format("demo-1: filled {} at {}, {:.1f} ms after it was placed",
                  order->text_of("filled"), order->text_of("avg_fill_price"), ms_since(begin)));
  return true;
}

bool DemoStory::fill_in_parts() {
  const auto begin = Clock::now();
  if (!place({"demo-2", "BUY", 30, "TSLA", "500"})) return false;
  const auto part = await("demo-2", [](const Json& o) {
    const auto filled = o.text_of("filled");
    return !filled.empty() && filled != "0";
  });
  if (!part) return fail("demo-2 has no fill");
  say(fmt::format("demo-2: {} of 30 filled ({}) after {:.1f} ms", part->text_of("filled"),
                  part->text_of("status"), ms_since(begin)));
  if (!await("demo-2", is_filled)) return fail("demo-2 is not filled");
  say(fmt::format("demo-2: 30 of 30 filled (Filled) after {:.1f} ms", ms_since(begin)));
  return true;
}

bool DemoStory::rest() {
  const auto order = place({"demo-3", "BUY", 50, "MSFT", "100"});
  if (!order) return false;
  say(fmt::format("demo-3: rests far from the market ({})", order->text_of("status")));
  return true;
}

bool DemoStory::kill_before_the_acknowledgement() {
  const std::string log = directory_ + "/sim.log";
  remember({"demo-4", "BUY", 25, "SPY", "400"});
  const DemoOrder asked = orders_.back();
  const std::size_t frames = read_broker_log(log).frames.size();
  say("demo-4: BUY 25 SPY at 400; this broker takes its time to answer");
  std::optional<CliAnswer> answer;
  std::thread caller([&] { answer = send(asked); });
  const bool arrived = wait_for([&] { return read_broker_log(log).frames.size() > frames; });
  const auto before = arrived ? get("/api/v1/orders") : std::nullopt;
  const auto killed = Clock::now();
  daemon_.kill_9();
  caller.join();
  if (!before) return fail("demo-4 did not arrive at the broker");
  if (answer) return fail("demo-4 was answered before the kill");
  say("kill -9: the order is at the broker, its acknowledgement is not here, nor has the caller");
  say("         an answer");
  if (!start_daemon()) return false;
  const auto found = get("/api/v1/orders/cid:demo-4");
  if (!found) return fail("demo-4 is lost");
  say(fmt::format("demo-4: is {} (outcome {}) until the broker shows it", found->text_of("status"),
                  found->text_of("outcome")));
  const auto known =
      await("demo-4", [](const Json& o) { return o.text_of("outcome") == "acknowledged"; });
  if (!known) return fail("demo-4 stays unknown");
  say(fmt::format("demo-4: {} at the broker, {:.0f} ms after the kill; not sent again",
                  known->text_of("status"), ms_since(killed)));
  orders_.back().order_id = known->text_of("order_id");
  const auto after = get("/api/v1/orders");
  if (!after) return fail("the daemon does not answer");
  show_before_and_after(*before, *after);
  return true;
}

bool DemoStory::kill_amid_fills() {
  const auto placed = Clock::now();
  if (!place({"demo-5", "SELL", 40, "IBM", "225"})) return false;
  const auto second = await("demo-5", [](const Json& o) {
    const Json* fills = o.find("fills");
    return fills != nullptr && fills->items().size() >= 2;
  });
  const auto before = second ? get("/api/v1/orders") : std::nullopt;
  daemon_.kill_9();
  if (!before) return fail("demo-5 has no second fill");
  say(fmt::format("kill -9: demo-5 is filled {} of 40; the broker fills on and nobody listens",
                  find_order(*before, "demo-5")->text_of("filled")));
  if (!wait_for([&] { return ms_since(placed) > 260; })) return false;
  if (!start_daemon()) return false;
  const auto done = await("demo-5", is_filled);
  if (!done) return fail("demo-5 is not filled");
  say(fmt::format("demo-5: {} of 40 filled: what came meanwhile is counted, each fill once",
                  done->text_of("filled")));
  const auto after = get("/api/v1/orders");
  if (!after) return fail("the daemon does not answer");
  show_before_and_after(*before, *after);
  return true;
}

// What a caller does who does not know whether its requests arrived.
bool DemoStory::repeat_every_request() {
  for (const DemoOrder& order : orders_) {
    const auto answer = send(order);
    const auto json = answer ? Json::parse(answer->body) : base::Result<Json>(Json());
    if (!answer || !json) return fail("no answer to a repeated request");
    const auto mark = answer->headers.find("idempotency-replayed");
    const bool same = json->text_of("order_id") == order.order_id && answer->status == 200 &&
                      mark != answer->headers.end() && mark->second == "true";
    if (!same) repeat_fault_ = fmt::format("{}: {} {}", order.key, answer->status, answer->body);
  }
  say(fmt::format("all {} requests sent again with the same keys", orders_.size()));
  return true;
}

void DemoStory::show_before_and_after(const Json& before, const Json& after) const {
  std::vector<std::vector<std::string>> rows;
  const auto text = [](const Json* order, std::string_view name) {
    return order == nullptr ? std::string() : std::string(order->text_of(name));
  };
  for (const DemoOrder& each : orders_) {
    const Json* old = find_order(before, each.key);
    const Json* now = find_order(after, each.key);
    rows.push_back({each.key, text(old, "broker_order_id"), text(old, "status"),
                    text(old, "filled"), "|", text(now, "broker_order_id"), text(now, "status"),
                    text(now, "filled")});
  }
  const std::string shown = table({{"before"},
                                   {"broker id", true},
                                   {"status"},
                                   {"filled", true},
                                   {"| after"},
                                   {"broker id", true},
                                   {"status"},
                                   {"filled", true}},
                                  rows);
  fmt::print("\n{}\n", shown);
}

bool DemoStory::check() {
  auto orders = get("/api/v1/orders?limit=1000");
  auto executions = get("/api/v1/executions?limit=1000");
  if (!orders || !executions) return fail("the daemon does not answer");
  const DemoEvidence evidence{read_broker_log(directory_ + "/sim.log"), std::move(*orders),
                              std::move(*executions)};
  auto checks = judge(evidence, orders_);
  checks.push_back({"a repeated request gets the order it made", repeat_fault_});
  bool all = true;
  fmt::print("\n");
  for (const auto& [name, fault] : checks) {
    fmt::print("{}  {}{}{}\n", fault.empty() ? "ok    " : "FAILED", name, fault.empty() ? "" : ": ",
               fault);
    all = all && fault.empty();
  }
  const auto held = std::count_if(checks.begin(), checks.end(),
                                  [](const DemoCheck& each) { return each.fault.empty(); });
  fmt::print("\ndemo: {} passed, {} failed, in {:.1f} s\n", held,
             static_cast<std::ptrdiff_t>(checks.size()) - held, ms_since(began_) / 1000);
  std::fflush(stdout);
  return all;
}

bool DemoStory::tell() {
  return start_simulator() && start_daemon() && place_and_fill() && fill_in_parts() && rest() &&
         kill_before_the_acknowledgement() && kill_amid_fills() && repeat_every_request() &&
         check();
}

void DemoStory::stop() {
  daemon_.stop();
  sim_.stop();
}

}  // namespace belay::app
