// SPDX-License-Identifier: Apache-2.0
// IdBudget: how many broker order ids callers may set aside. An id that is kept, released or
// skipped is gone for good, so a loop in some script must not use them up. A caller has so many an
// hour, a named operator more, and all together have a limit for a day that nobody passes. The
// budget counts and refuses; giving ids is the core's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "belay/base/time.hpp"

namespace belay::api {

struct IdBudgetOptions {
  std::int64_t per_hour = 100'000;   ///< of one caller that names no operator
  std::int64_t per_day = 1'000'000;  ///< of all callers together
};

class IdBudget {
 public:
  struct Refusal {
    std::string detail;  ///< names the limit and its setting
    bool operator_helps = false;
    base::Duration retry_after{};
  };
  explicit IdBudget(IdBudgetOptions options = {}) : options_(options) {}

  /// Why `ids` cannot be set aside now; nothing when they can. `named`: a person answers for it.
  std::optional<Refusal> refuse(const std::string& who, bool named, std::int64_t ids,
                                base::Time now);
  /// The ids were set aside.
  void charge(const std::string& who, bool named, std::int64_t ids, base::Time now);

  std::uint64_t set_aside_total() const { return set_aside_total_; }
  std::uint64_t refused_total() const { return refused_total_; }
  const IdBudgetOptions& options() const { return options_; }

 private:
  /// What is left, refilled evenly over its period; in 1/1000 of an id.
  struct Bucket {
    std::int64_t left = 0;
    base::Time at;
  };
  static void refill(Bucket& bucket, std::int64_t most, base::Duration period, base::Time now);
  static base::Duration wait_for(const Bucket& bucket, std::int64_t ids, std::int64_t most,
                                 base::Duration period);
  Bucket& hour_of(const std::string& who, base::Time now);
  Bucket& day(base::Time now);

  IdBudgetOptions options_;
  std::map<std::string, Bucket> hours_;
  std::optional<Bucket> day_;
  std::uint64_t set_aside_total_ = 0;
  std::uint64_t refused_total_ = 0;
};

}  // namespace belay::api
