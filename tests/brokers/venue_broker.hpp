// SPDX-License-Identifier: Apache-2.0
// VenueBroker: the adapter of the venue. All that an adapter must do, and no more: translate, count
// slots, name orders both ways, ask for the lists after every connect.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "belay/broker/broker.hpp"

namespace belay::test {

class VenueBroker final : public broker::Broker {
 public:
  static constexpr std::int32_t session = 1;

  explicit VenueBroker(broker::Hooks hooks) : hooks_(std::move(hooks)) {}

  broker::Capabilities capabilities() const override {
    return {.ids = broker::IdScheme::any, .modify_in_place = true, .oca = {}};
  }
  core::LaneSlots lane_slots(base::Time) const override;
  base::Time next_slot(base::Time) const override { return base::never; }
  void reserve() override { ++reserved_; }
  void unreserve() override { --reserved_; }

  bool place(const core::PlaceEffect& effect, base::Time now) override;
  bool replace(const core::ReplaceEffect& effect, base::Time now) override;
  void cancel(const core::CancelEffect& effect, base::Time now) override;
  void foreign_cancel(const core::ForeignCancelEffect& effect, base::Time now) override;
  void global_cancel(base::Time now) override;
  void query_executions(base::Time now) override { ask_lists(now); }
  void snapshot(const core::SnapshotEffect& effect, base::Time now) override;

  void start(base::Time) override { actions_.emplace_back(broker::Connect{}); }
  void connected(base::Time now, broker::Channel) override;
  void bytes(std::string_view data, base::Time now, broker::Channel) override;
  void closed(std::string_view why, base::Time now, broker::Channel) override;
  void tick(base::Time now) override;
  base::Time next_deadline(base::Time now) const override;
  std::vector<broker::LinkAction> take_actions(broker::Channel channel) override;

 private:
  void say(const std::string& line) { actions_.emplace_back(broker::Write{line + "\n"}); }
  void ask_lists(base::Time now);
  void hear(const std::vector<std::string>& words, base::Time now);
  core::BrokerNames names(std::int64_t id) const;
  void show(const char* phase);

  broker::Hooks hooks_;
  std::vector<broker::LinkAction> actions_;
  std::vector<core::ForeignDone> refused_;  // to be told in the next tick
  std::string unread_;                      // a line that has not ended
  bool up_ = false;
  bool listing_ = false;
  std::set<std::int64_t> listed_;
  core::SnapshotDone done_;                      // of the list that is coming
  std::uint64_t rounds_ = 0;                     // that have ended
  std::map<std::int64_t, std::int64_t> id_of_;   // by our number
  std::map<std::int64_t, std::int64_t> ref_of_;  // by the venue's name
  unsigned reserved_ = 0;
  base::Time retry_at_ = base::never;
};

}  // namespace belay::test
