// SPDX-License-Identifier: Apache-2.0
// The checks of what views.db holds: a row is believed only when its names and its bytes are as
// they were written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "belay/engine/history_port.hpp"

namespace belay::history {

/// CRC-32C of every field of the row.
std::uint32_t row_sum(const engine::HistoryRow& row);
/// Of an entry of a small table: its name and numbers.
std::uint32_t entry_sum(std::string_view name, std::int64_t a, std::int64_t b = 0);
/// The permanent ids as bytes, eight each, little-endian. What is no multiple of eight gives none.
std::string id_bytes(const std::vector<std::int64_t>& ids);
std::vector<std::int64_t> ids_of(std::string_view bytes);

}  // namespace belay::history
