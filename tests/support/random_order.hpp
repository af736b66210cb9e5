// SPDX-License-Identifier: Apache-2.0
// Orders with random content in every field, through the same field walk as the encoder.
#pragma once

#include <string>
#include <vector>

#include "belay/core/facts/order_encoding.hpp"
#include "belay/core/facts/order_fields.hpp"
#include "tests/support/random_event.hpp"

namespace belay::test {

class OrderFiller {
 public:
  explicit OrderFiller(base::Prng& prng) : prng_(prng), plain_(prng) {}

  template <class T>
  void operator()(int n, const char* name, T& v) {
    plain_(n, name, v);
  }
  void operator()(int n, const char* name, std::vector<model::PermanentId>& v) {
    v.resize(static_cast<std::size_t>(prng_.below(4)));
    for (auto& id : v) plain_(n, name, id);
  }
  void operator()(int, const char*, std::vector<core::Incarnation>& v) {
    v.resize(static_cast<std::size_t>(prng_.below(4)));
    for (auto& copy : v) core::fields::describe(plain_, copy);
  }
  void operator()(int, const char*, core::fields::KeptNotional& v) { describe(plain_, v); }
  void operator()(int, const char*, std::vector<core::fields::KeptExecution>& v) {
    v.resize(static_cast<std::size_t>(prng_.below(4)));
    for (auto& execution : v) describe(plain_, execution);
  }

 private:
  base::Prng& prng_;
  RandomFiller plain_;
};

inline core::Order random_order(base::Prng& prng, core::OrderId id) {
  core::fields::KeptOrder kept;
  OrderFiller filler(prng);
  describe(filler, kept);
  kept.order.id = id;
  kept.order.notional.units = (core::Int128{kept.notional.high} << 64U) | kept.notional.low;
  kept.order.inferred = 0;
  kept.order.unpriced = 0;
  for (auto& execution : kept.executions) {
    const core::Execution& e = execution.execution;
    if (e.inferred) ++kept.order.inferred;
    if (!e.busted && !e.repeats && e.leg_con_id == 0 && !e.last_px) ++kept.order.unpriced;
    kept.order.executions.push_back(std::move(execution.execution));
  }
  return std::move(kept.order);
}

}  // namespace belay::test
