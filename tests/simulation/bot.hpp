// SPDX-License-Identifier: Apache-2.0
// Bot: a caller as a careful one behaves: every order has a key, a lost answer is asked again with
// the same key until there is an answer, and everything that was answered is written down. What it
// wrote down is one half of the judge's evidence; the other is the simulated broker's log.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "belay/base/prng.hpp"
#include "tests/judge/evidence.hpp"
#include "tests/simulation/http_caller.hpp"
#include "tests/simulation/plan.hpp"

namespace belay::simulation {

using judging::OrderRecord;

class Bot {
 public:
  Bot(int number, const Plan& plan, simkit::Scheduler& scheduler, simkit::Net& net,
      base::Prng random, base::Time begin);
  /// Every order has its answer, and so has every cancel and modification.
  bool done() const { return left_.empty() && !caller_.busy() && waiting_ == 0; }
  const std::vector<OrderRecord>& records() const { return records_; }
  simkit::Net::End connection() const { return caller_.end(); }
  const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  struct Task {
    enum class Kind : std::uint8_t { place, cancel, modify } kind;
    std::size_t record;
  };
  void queue(Task task, base::Duration delay);
  void next();
  void place(std::size_t index);
  void placed(std::size_t index, const Answer& answer);
  void cancel(std::size_t index);
  void modify(std::size_t index);
  std::string make_body(OrderRecord& record, std::size_t index);
  void again(Task task);

  Plan plan_;
  simkit::Scheduler& scheduler_;
  base::Prng random_;
  HttpCaller caller_;
  std::deque<Task> left_;
  int waiting_ = 0;  // tasks that a timer will queue
  std::vector<OrderRecord> records_;
  std::vector<std::string> complaints_;
};

/// The text of a JSON member of an object, or empty. For answers only.
std::string member(const std::string& json, const char* name);
/// The text of an array member, and the token of the next page (empty: there is none).
std::string array_member(const std::string& json, const char* name, std::string& next);

}  // namespace belay::simulation
