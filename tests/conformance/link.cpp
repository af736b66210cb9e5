// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/link.hpp"

#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/handshake.hpp"

namespace belay::conformance {

namespace wire = tws::wire;

void Link::connect(int client, base::Time now) {
  server_.on_accept(conn_, now);
  std::string out;
  wire::append_client_greeting({100, wire::max_server_version, ""}, out);
  server_.on_bytes(conn_, out, now);
  receive();
  send(wire::StartApi{client, ""}, now);
}

void Link::send(const wire::ClientMessage& message, base::Time now) {
  std::string out;
  encode(message, version_, out);
  server_.on_bytes(conn_, out, now);
}

void Link::hang_up(base::Time now) {
  server_.on_closed(conn_, now);
  server_.take_output();
}

std::vector<wire::ServerMessage> Link::receive() {
  std::vector<wire::ServerMessage> out;
  for (const simtws::Action& action : server_.take_output()) {
    const auto* write = std::get_if<simtws::Write>(&action);
    if (write == nullptr || write->conn != conn_) continue;
    std::string_view rest = write->bytes;
    for (;;) {
      const auto step = frames_.next(rest);
      if (step.status != wire::FrameReader::Status::frame) break;
      if (version_ == 0) {
        const auto hello = wire::parse_server_hello(step.payload);
        version_ = hello ? hello->server_version : wire::max_server_version;
        continue;
      }
      if (auto decoded = wire::decode_server(step.payload, version_)) {
        out.push_back(std::move(decoded->message));
      }
    }
  }
  return out;
}

}  // namespace belay::conformance
