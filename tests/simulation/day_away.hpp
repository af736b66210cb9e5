// SPDX-License-Identifier: Apache-2.0
// A day away: the daemon dies in the afternoon and comes back at noon of the next day. Meanwhile
// its orders were filled, canceled by a person and ended with the day, before and after the
// broker's lists were cut at midnight. What it finds must be in the journal with its evidence; what
// no list tells any more must be listed as unknown, with the reason.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/simulation/world.hpp"

namespace belay::simulation {

class DayAway : public World {
 public:
  DayAway();
  /// What was not as it must be; empty when all was.
  std::vector<std::string> tell();

 private:
  std::string place(const std::string& name, const std::string& fields);
  simtws::PermId perm_id(const std::string& name) const;
  void meanwhile(base::Duration after, const std::function<void()>& what);
  std::string order(const std::string& name);
  bool has_event(const std::string& type, const std::string& name, const std::string& words) const;
  void expect(bool is_so, const std::string& words);
  void expect_status(const std::string& name, const std::string& status);
  void expect_unknown(const std::string& name);
  void spend_the_day();
  void look_at_the_orders();

  std::map<std::string, std::string> ids_;  // name -> our order id
  std::vector<std::string> events_;         // of the life after
  std::vector<std::string> findings_;
};

}  // namespace belay::simulation
