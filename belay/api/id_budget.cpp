// SPDX-License-Identifier: Apache-2.0
#include "belay/api/id_budget.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace belay::api {
namespace {

constexpr base::Duration hour = std::chrono::hours(1);
constexpr base::Duration a_day = std::chrono::hours(24);
constexpr std::size_t callers_max = 1000;
constexpr std::int64_t unit = 1000;

}  // namespace

void IdBudget::refill(Bucket& bucket, std::int64_t most, base::Duration period, base::Time now) {
  const std::int64_t passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::min(now - bucket.at, period))
          .count();
  if (passed <= 0) return;
  const std::int64_t of =
      std::chrono::duration_cast<std::chrono::milliseconds>(period).count() / unit;
  // At most a period passes, so the product stays far below 2^63.
  bucket.left = std::min(most * unit, bucket.left + most * passed / of);
  bucket.at = now;
}

base::Duration IdBudget::wait_for(const Bucket& bucket, std::int64_t ids, std::int64_t most,
                                  base::Duration period) {
  const std::int64_t missing = std::max<std::int64_t>(0, ids - bucket.left / unit);
  const std::int64_t seconds = std::chrono::duration_cast<std::chrono::seconds>(period).count();
  return std::chrono::seconds(std::min(seconds, missing * seconds / most + 1));
}

IdBudget::Bucket& IdBudget::hour_of(const std::string& who, base::Time now) {
  if (hours_.size() >= callers_max) hours_.clear();
  Bucket& bucket = hours_.try_emplace(who, Bucket{options_.per_hour * unit, now}).first->second;
  refill(bucket, options_.per_hour, hour, now);
  return bucket;
}

IdBudget::Bucket& IdBudget::day(base::Time now) {
  if (!day_) day_ = Bucket{options_.per_day * unit, now};
  refill(*day_, options_.per_day, a_day, now);
  return *day_;
}

std::optional<IdBudget::Refusal> IdBudget::refuse(const std::string& who, bool named,
                                                  std::int64_t ids, base::Time now) {
  const Bucket& all = day(now);
  if (all.left < ids * unit) {
    ++refused_total_;
    return Refusal{fmt::format("this would set aside {} ids, and all callers together have {} left "
                               "of {} a day (ID_RESERVE_PER_DAY); an id that was set aside never "
                               "comes back",
                               ids, all.left / unit, options_.per_day),
                   false, wait_for(all, ids, options_.per_day, a_day)};
  }
  if (named) return std::nullopt;
  const Bucket& mine = hour_of(who, now);
  if (mine.left >= ids * unit) return std::nullopt;
  ++refused_total_;
  return Refusal{fmt::format("this would set aside {} ids, and {} are left of {} an hour "
                             "(ID_RESERVE_PER_HOUR); an id that was set aside never comes back",
                             ids, mine.left / unit, options_.per_hour),
                 true, wait_for(mine, ids, options_.per_hour, hour)};
}

void IdBudget::charge(const std::string& who, bool named, std::int64_t ids, base::Time now) {
  set_aside_total_ += static_cast<std::uint64_t>(std::max<std::int64_t>(0, ids));
  Bucket& all = day(now);
  all.left = std::max<std::int64_t>(0, all.left - ids * unit);
  if (named) return;
  Bucket& mine = hour_of(who, now);
  mine.left = std::max<std::int64_t>(0, mine.left - ids * unit);
}

}  // namespace belay::api
