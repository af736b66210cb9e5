// SPDX-License-Identifier: Apache-2.0
// FreshReads: ?fresh=true. The broker is asked for its lists before the answer. Bounded: one poll
// serves all who wait for one, no more than one begins in a second, few wait, and none for long. A
// caller that gets no fresh list gets the one that is there, with the reason.
#pragma once

#include <optional>
#include <vector>

#include "belay/api/reads.hpp"
#include "belay/api/waits.hpp"
#include "belay/base/json_writer.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

class FreshReads {
 public:
  /// All outlive this.
  FreshReads(const views::LiveView& view, Waits& waits, Reads& reads)
      : view_(view), waits_(waits), reads_(reads) {}

  /// True: the answer can be made. False: it was, or will be when the broker has told its list.
  /// `always`: as if fresh=true were asked for, and however new the list is.
  bool await(Exchange& exchange, model::BrokerList list, bool always = false);
  /// What has its list goes on as the long answer that it is.
  void turn(base::Time now);
  base::Time next_deadline() const;

 private:
  struct FreshRead {
    PendingRead read;
    model::BrokerList list = model::BrokerList::open_orders;
    base::Time since;
    base::Time deadline;
  };
  void ask(base::Time now);

  const views::LiveView& view_;
  Waits& waits_;
  Reads& reads_;
  std::vector<FreshRead> fresh_;
  std::optional<base::Time> asked_at_;
};

/// As of when a list is, and how far it can be trusted.
void write_told(base::JsonWriter& json, const views::LiveView& view, const Exchange& exchange,
                model::BrokerList list);
/// `whole`: as far as what else the list was made from tells.
void write_told(base::JsonWriter& json, const views::LiveView& view, model::BrokerList list,
                bool whole, const std::optional<std::string>& fresh);

}  // namespace belay::api
