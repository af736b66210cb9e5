// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/affinity.hpp"
#include "bench/child.hpp"
#include "bench/fake_gateway.hpp"
#include "bench/rest.hpp"

namespace belay::bench {
namespace {

// The settings of an ordinary daemon, but for what would stop a measurement: the broker's limits,
// and the hours at which a broker is away.
std::vector<std::string> belay_command(const RestOptions& options, std::uint16_t gateway) {
  return {options.belay,
          "serve",
          "--tws-port",
          std::to_string(gateway),
          "--api-port",
          "0",
          "--belay-data-dir",
          options.dir + "/data",
          "--client-id",
          "77",
          "--tws-message-rate-limit",
          "0",
          "--max-orders-per-contract",
          "0",
          "--rate-limit-queue-size",
          "1000",
          "--rate-limit-queue-size-per-caller",
          "0",
          "--daily-reset-window",
          "off",
          "--trading-day-ends",
          "off"};
}

// The number behind the last '=' or ':' of a word in "port=N" or "... on http://127.0.0.1:N; ...".
std::uint16_t port_in(const std::string& line) {
  const std::size_t equals = line.find("port=");
  const std::size_t url = line.find("http://127.0.0.1:");
  std::size_t at = 0;
  if (equals != std::string::npos) at = equals + 5;
  if (url != std::string::npos) at = url + 17;
  std::uint16_t port = 0;
  std::from_chars(line.data() + at, line.data() + line.size(), port);
  return port;
}

bool takes_orders(std::uint16_t port) {
  for (int i = 0; i < 300; ++i) {
    if (status_of(port, "/ready") == 200) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

// The directory does not outlive the measurement.
std::string end_of(const std::string& log) {
  std::ifstream file(log);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  return text.substr(text.size() > 2000 ? text.size() - 2000 : 0);
}

}  // namespace

base::Result<Figures> measure_rest(const RestOptions& options) {
  if (options.cpu) pin_to(*options.cpu);  // and every child
  auto gateway = FakeGateway::start(options.cpu);
  if (!gateway) return base::Failure<base::Error>{gateway.error()};
  const std::string log = options.dir + "/server.log";
  Child::Options program{
      .command = belay_command(options, gateway->port()), .directory = options.dir, .log = log};
  if (options.floor) {
    program.command = {own_path(), "rest-floor", std::to_string(gateway->port()), "--dir",
                       options.dir};
  }
  auto server = Child::start(program);
  if (!server) return base::Failure<base::Error>{server.error()};
  const std::uint16_t port = port_in(server->line(30'000).value_or(""));
  if (port == 0 || !takes_orders(port))
    return base::fail("rest", "takes no orders: " + end_of(log));
  const std::size_t warm_up = std::clamp<std::size_t>(options.orders / 10, 1, 1000);
  if (auto warm = call_rest(port, 0, warm_up, options.connections); !warm) return warm;
  const std::int64_t before = server->cpu_ns();
  auto figures = call_rest(port, warm_up, options.orders, options.connections);
  if (!figures) return figures;
  (*figures)["cpu_us_per_order"] =
      static_cast<double>(server->cpu_ns() - before) / 1000.0 / static_cast<double>(options.orders);
  return figures;
}

}  // namespace belay::bench
