// SPDX-License-Identifier: Apache-2.0
// EngineGauges: reads off the engine and its core what the view shows of this moment.
#pragma once

#include "belay/engine/engine.hpp"
#include "belay/views/gauges.hpp"

namespace belay::engine {

class EngineGauges : public views::Gauges {
 public:
  /// `engine` outlives this.
  explicit EngineGauges(const Engine& engine) : engine_(engine) {}

  views::Conditions conditions(base::Time now) const override;
  views::Counters counters(base::Time now) const override;
  base::Duration ahead() const override;
  std::string_view lane_of(core::OrderId order) const override;
  bool protects(const core::OrderSpec& spec) const override;
  std::optional<core::OrderId> order_of(const core::AccountId& account,
                                        const core::ClOrdId& key) const override;
  const core::IdOptions& ids() const override;

 private:
  const Engine& engine_;
};

}  // namespace belay::engine
