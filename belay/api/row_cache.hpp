// SPDX-License-Identifier: Apache-2.0
// RowCache: the bytes that show an order, kept until the next event about it. A list that is asked
// for again is put together from them, and answers share them. What is shown must follow from the
// order alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "belay/api/http_message.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::api {

class RowCache {
 public:
  using Row = SharedText;
  /// `bytes_max`: when all rows together pass it they are forgotten.
  explicit RowCache(std::size_t bytes_max = 16 * 1024 * 1024) : bytes_max_(bytes_max) {}

  /// The row of this order, or of a part of it, as it is now, or nullptr.
  Row find(const core::Order& order, std::size_t part = 0) const {
    const auto found = rows_.find({order.id, part});
    return found == rows_.end() || found->second.seq != order.seq ? nullptr : found->second.row;
  }
  Row keep(const core::Order& order, std::string text, std::size_t part = 0) {
    Row row = std::make_shared<const std::string>(std::move(text));
    if (bytes_ + row->size() > bytes_max_) {
      rows_.clear();
      bytes_ = 0;
    }
    Entry& entry = rows_[{order.id, part}];
    if (entry.row) bytes_ -= entry.row->size();
    entry = {order.seq, row};
    bytes_ += row->size();
    return row;
  }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::uint64_t seq = 0;
    Row row;
  };
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::map<std::pair<core::OrderId, std::size_t>, Entry> rows_;
};

}  // namespace belay::api
