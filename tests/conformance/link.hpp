// SPDX-License-Identifier: Apache-2.0
// The client's end of a connection to a simulated TWS in this process.
#pragma once

#include <string>
#include <vector>

#include "belay/simtws/server.hpp"
#include "belay/tws/wire/frame.hpp"

namespace belay::conformance {

class Link {
 public:
  Link(simtws::Server& server, simtws::ConnId conn) : server_(server), conn_(conn) {}

  void connect(int client, base::Time now);
  void send(const tws::wire::ClientMessage& message, base::Time now);
  void hang_up(base::Time now);
  /// What has come since the last call.
  std::vector<tws::wire::ServerMessage> receive();

 private:
  simtws::Server& server_;
  simtws::ConnId conn_;
  int version_ = 0;
  tws::wire::FrameReader frames_;
};

}  // namespace belay::conformance
