// SPDX-License-Identifier: Apache-2.0
// The whole IdBook as text: what book_text.hpp compares of the broker order ids.
#pragma once

#include <fmt/format.h>

#include <string>

#include "belay/core/facts/id_book.hpp"

namespace belay::test {

inline std::string ids_text(const core::IdBook& ids) {
  std::string out;
  for (const auto& [id, s] : ids.sessions()) {
    out += fmt::format("ids {} mark={} sent={} known={} by={} at={}\n", id, s.mark, s.sent, s.known,
                       s.source, s.updated_at.unix_ns());
  }
  for (const auto& [first, block] : ids.blocks()) {
    out += fmt::format("block {}:{} to={} next={} for={} who={} at={}\n", first.session,
                       first.number, block.reserved.to, block.next, block.reserved.purpose,
                       block.reserved.principal, block.at.unix_ns());
  }
  out += fmt::format("gaps {}", ids.gaps_total());
  for (const auto& gap : ids.gaps()) {
    out += fmt::format(" [{}:{}-{} {} {} {}]", gap.session, gap.from, gap.to, gap.seq,
                       gap.at.unix_ns(), gap.reason);
  }
  out += "\ncounts";
  for (const auto& count : ids.counts()) {
    out += fmt::format(" {}/{}", count.sent, count.acknowledged);
  }
  for (const auto& id : ids.stale()) out += fmt::format(" stale={}", id.value());
  if (const auto& reset = ids.reset()) {
    out += fmt::format(" reset={} {} {}", reset->session, reset->principal, reset->reason);
  }
  if (const auto& last = ids.last_reset()) {
    out += fmt::format(" last={} {} {} {} {} {}", last->at.unix_ns(), last->reset.session,
                       last->reset.next, last->reset.principal, last->reset.reason,
                       fmt::join(last->reset.failures, "|"));
  }
  return out + "\n";
}

}  // namespace belay::test
