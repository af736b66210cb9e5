// SPDX-License-Identifier: Apache-2.0
// What the measurements inside one process have in common: who trades what, and when it begins.
#pragma once

#include <cstddef>
#include <cstdint>

#include "belay/base/time.hpp"
#include "belay/core/core.hpp"
#include "belay/tws/wire/messages.hpp"

namespace belay::bench {

inline constexpr base::Time noon{1'795'000'000'000'000'000};
inline constexpr core::InstanceId bench_instance{0x0123456789ab};
inline constexpr std::int32_t bench_client_id = 77;
inline constexpr std::size_t chunk_size = 64 * 1024;

inline tws::wire::Contract apple() {
  tws::wire::Contract contract;
  contract.con_id = 265'598;
  contract.symbol = "AAPL";
  contract.sec_type = "STK";
  contract.exchange = "SMART";
  contract.currency = "USD";
  return contract;
}

}  // namespace belay::bench
