// SPDX-License-Identifier: Apache-2.0
// DemoStory: the story of the demo as it is told on the screen. It starts the simulated TWS and the
// daemon, places orders as any caller would, over HTTP, and kills the daemon twice. Every time it
// prints was measured. It sends orders to one account only, whose name it made up for its own
// simulator, so that no other broker could take them.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/belay/cli_http.hpp"
#include "apps/belay/demo_child.hpp"
#include "apps/belay/demo_evidence.hpp"

namespace belay::app {

class DemoStory {
 public:
  /// `directory` is the demo's own and exists; `interrupted` ends every wait early.
  DemoStory(std::string directory, std::function<bool()> interrupted);

  /// Tells it to the end. False: something failed on the way, or a check did not hold.
  bool tell();
  /// Stops what still runs, daemon first.
  void stop();
  std::uint16_t api_port() const { return api_port_; }
  bool running() { return sim_.alive() && daemon_.alive(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Terms {
    std::string key;
    std::string action;
    int quantity;
    std::string symbol;
    std::string limit;
  };
  using Condition = std::function<bool(const api::Json&)>;

  bool start_simulator();
  bool start_daemon();
  bool place_and_fill();
  bool fill_in_parts();
  bool rest();
  bool kill_before_the_acknowledgement();
  bool kill_amid_fills();
  bool repeat_every_request();
  bool check();

  DemoOrder& remember(const Terms& terms);
  std::optional<api::Json> place(const Terms& terms);
  std::optional<CliAnswer> send(const DemoOrder& order) const;
  std::optional<api::Json> get(const std::string& target) const;
  std::optional<api::Json> await(const std::string& key, const Condition& condition);
  bool wait_for(const std::function<bool()>& condition) const;
  void show_before_and_after(const api::Json& before, const api::Json& after) const;
  void say(std::string_view text) const;
  bool fail(std::string_view text) const;

  std::string directory_;
  std::function<bool()> interrupted_;
  Clock::time_point began_ = Clock::now();
  std::string account_;
  std::uint16_t api_port_ = 0;
  DemoChild sim_;
  DemoChild daemon_;
  std::vector<DemoOrder> orders_;
  std::string repeat_fault_;
};

}  // namespace belay::app
