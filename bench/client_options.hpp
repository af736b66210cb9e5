// SPDX-License-Identifier: Apache-2.0
// What one measured client is told. The safety rules of a client that runs against somebody's
// gateway live here as words: paper accounts only, and no live port or foreign host by accident.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "belay/base/result.hpp"
#include "bench/figures.hpp"

namespace belay::bench {

struct ClientOptions {
  std::string host;
  std::uint16_t port = 0;
  std::size_t orders = 0;
  std::size_t outstanding = 1;
  std::string mode = "bare";
  std::int32_t client_id = 77;
  std::string dir = ".";   ///< where journal files go; removed afterwards
  std::optional<int> cpu;  ///< one core for everything; a spinning commit thread takes the others
  bool cancel_after = false;  ///< cancel every order at the end, after the figures are taken
  bool allow_live_port = false;
  bool allow_remote = false;
};

/// Floor and ours, in the order of the report.
inline constexpr std::array<std::string_view, 7> all_modes{
    "bare",          "bare-fdatasync",     "bare-fdatasync-ack", "belay-memory",
    "belay-durable", "belay-durable-spin", "belay-inline"};

/// An order far from any market: BUY 1 AAPL LMT 1.00 DAY.
inline constexpr const char* order_symbol = "AAPL";
inline constexpr const char* order_limit = "1";

/// Orders before the figures begin.
inline std::size_t warm_up_of(const ClientOptions& options) {
  return options.orders / 10 < 1000 ? options.orders / 10 : 1000;
}

base::Result<Figures> run_floor_client(const ClientOptions& options);
base::Result<Figures> run_belay_client(const ClientOptions& options);

}  // namespace belay::bench
