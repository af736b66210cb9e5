// SPDX-License-Identifier: Apache-2.0
// LogLimiter: which lines are written when there are many. Lines that are alike but for their
// numbers are written a few times within a second and counted beyond; while they go on, one a
// second is written. All lines together have a rate in lines and bytes. So nobody can fill a disk
// by making Belay log, and the log says what was left out. The lines of orders have a rate of their
// own and are never taken for alike. It has no clock: times come in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "belay/base/time.hpp"

namespace belay::app {

enum class LineKind : std::uint8_t { ordinary, order };

class LogLimiter {
 public:
  /// So much at once, and so much a second after that.
  struct Rate {
    double burst = 0;
    double per_second = 0;
  };
  struct Options {
    unsigned alike_max = 20;         ///< lines alike within a second that are written
    std::size_t alike_kinds = 1024;  ///< kinds of lines that are told apart within a second
    Rate lines{2'000, 100};
    Rate bytes{1 << 20, 32 << 10};
    Rate order_lines{20'000, 1'000};
  };
  LogLimiter() : LogLimiter(Options{}) {}
  explicit LogLimiter(const Options& options);

  /// False: the line is counted and not written.
  bool admit(LineKind kind, std::string_view text, base::Time now);
  /// Once a second has passed: what was counted in it, a line each.
  std::vector<std::string> counted(base::Time now);
  std::uint64_t left_out() const { return left_out_; }  ///< lines, since the start

 private:
  class Bucket {
   public:
    explicit Bucket(Rate rate) : rate_(rate), level_(rate.burst) {}
    bool take(double amount, base::Time now);

   private:
    Rate rate_;
    double level_;
    base::Time filled_at_;
  };
  struct Alike {
    std::uint64_t lines = 0;  ///< in this second
    std::uint64_t left_out = 0;
    bool floods = false;  ///< there were too many in the second before
    std::string first;    ///< as it was written
  };

  Options options_;
  Bucket lines_;
  Bucket bytes_;
  Bucket order_lines_;
  std::map<std::string, Alike, std::less<>> alike_;
  std::uint64_t too_many_ = 0;  // in this second, of any kind
  std::uint64_t left_out_ = 0;
  base::Time second_began_;
};

}  // namespace belay::app
