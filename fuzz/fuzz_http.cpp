// SPDX-License-Identifier: Apache-2.0
// Any bytes from a caller: through the HTTP session, the guard, the routes and the JSON reader into
// the real engine. The first byte says whether the rest is a raw connection or the body of a
// request, and how the bytes are cut. Every command must be answered once its time is up, and the
// journal must hold what the view shows.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "belay/base/check.hpp"
#include "tests/support/service_fixture.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const unsigned mode = data[0] % 4;
  const std::size_t cut = 1 + data[1];
  std::string bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  belay::api::Daemon daemon;
  daemon.connect();
  constexpr const char* requests[] = {"", "POST /api/v1/orders", "PUT /api/v1/orders/1",
                                      "PATCH /api/v1/orders/1"};
  if (mode != 0) {
    daemon.call("POST", "/api/v1/orders",
                R"({"symbol":"A","action":"BUY","order_type":"LMT","quantity":9,"limit_price":1})",
                "Prefer: respond-async\r\n");
    daemon.acknowledge();
    bytes = fmt::format(
        "{} HTTP/1.1\r\nHost: localhost\r\nIf-Match: *\r\nContent-Type: application/json\r\n"
        "Content-Length: {}\r\n\r\n{}",
        requests[mode], bytes.size(), bytes);
  }
  for (std::size_t at = 0; at < bytes.size(); at += cut) {
    daemon.service.receive(daemon.connection, std::string_view(bytes).substr(at, cut), daemon.now);
    daemon.turn();
  }
  daemon.pass(std::chrono::seconds(61));
  daemon.pass(std::chrono::seconds(61));
  BELAY_CHECK(daemon.service.waiting() == 0);
  BELAY_CHECK(daemon.journal.records.size() == daemon.view.book().last_seq());
  return 0;
}
