// SPDX-License-Identifier: Apache-2.0
#include "belay/history/row_sum.hpp"

#include "belay/base/hash.hpp"

namespace belay::history {
namespace {

void put(std::string& out, std::uint64_t value) {
  for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<char>((value >> (8 * i)) & 0xffU));
}
void put(std::string& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out += text;
}
void put(std::string& out, std::int64_t value) {
  put(out, static_cast<std::uint64_t>(value));
}

}  // namespace

std::uint32_t row_sum(const engine::HistoryRow& row) {
  std::string bytes;
  bytes.reserve(row.state.size() + 256);
  put(bytes, row.order);
  put(bytes, row.seq);
  for (const std::string* text : {&row.account, &row.symbol, &row.status, &row.ord_status}) {
    put(bytes, std::string_view(*text));
  }
  bytes.push_back(row.external ? 1 : 0);
  bytes.push_back(row.has_executions ? 1 : 0);
  put(bytes, row.finished.unix_ns());
  put(bytes, std::int64_t{row.session});
  put(bytes, row.number);
  put(bytes, std::string_view(id_bytes(row.permanent_ids)));
  put(bytes, std::string_view(row.state));
  return base::crc32c(bytes);
}

std::uint32_t entry_sum(std::string_view name, std::int64_t a, std::int64_t b) {
  std::string bytes;
  put(bytes, name);
  put(bytes, a);
  put(bytes, b);
  return base::crc32c(bytes);
}

std::string id_bytes(const std::vector<std::int64_t>& ids) {
  std::string out;
  for (const std::int64_t id : ids) put(out, id);
  return out;
}

std::vector<std::int64_t> ids_of(std::string_view bytes) {
  std::vector<std::int64_t> out;
  if (bytes.size() % 8 != 0) return out;
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    out.push_back(static_cast<std::int64_t>(value));
  }
  return out;
}

}  // namespace belay::history
