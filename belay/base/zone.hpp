// SPDX-License-Identifier: Apache-2.0
// Zone: the civil time of the few places that a broker's calendar names. The rules are a table in
// the program, not the system's tzdata: the same binary gives the same times everywhere and under
// simulation (decision 0021). They hold from 2008 on; earlier years are read by the same rules.
#pragma once

#include <string>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/base/time.hpp"

namespace belay::base {

struct ZoneRow;

class Zone {
 public:
  /// UTC.
  Zone();
  /// Error: an unknown name; the detail lists the known ones.
  static Result<Zone> find(std::string_view name);

  std::string_view name() const;
  /// What the zone's clocks are ahead of UTC at this moment.
  Duration offset(Time utc) const;
  CivilTime to_civil(Time utc) const;
  /// The first and the last moment at which the zone's clocks show this. They differ in the hour
  /// that an autumn repeats; an hour that a spring skips is the moment of the change. The argument
  /// is the local reading as if it were UTC: from_civil(fields).
  Time earliest(Time local) const;
  Time latest(Time local) const;

  friend bool operator==(const Zone&, const Zone&) = default;

 private:
  explicit Zone(const ZoneRow* row) : row_(row) {}
  const ZoneRow* row_;
};

/// 0 is Sunday.
int weekday_of(Time local);

}  // namespace belay::base
