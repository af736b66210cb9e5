// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/row_check.hpp"

#include <string>

#include "belay/base/hash.hpp"

namespace belay::journal {
namespace {
void put(std::string& out, std::uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value >> (8 * i))));
  }
}
}  // namespace

std::uint32_t row_check(std::uint32_t before, const engine::JournalRecord& record) {
  std::string head;
  head.reserve(40);
  put(head, before, 4);
  put(head, record.seq, 8);
  put(head, record.epoch, 8);
  put(head, static_cast<std::uint64_t>(record.time.unix_ns()), 8);
  put(head, record.type, 2);
  put(head, record.version, 2);
  put(head, record.payload.size(), 8);
  return base::crc32c(record.payload, base::crc32c(head));
}

}  // namespace belay::journal
