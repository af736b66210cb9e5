// SPDX-License-Identifier: Apache-2.0
#include "belay/core/ids/id_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace belay::core {
namespace {

const IdRange* range_of(const IdOptions& options, std::string_view purpose) {
  const auto it = std::find_if(options.ranges.begin(), options.ranges.end(),
                               [&](const IdRange& range) { return range.purpose == purpose; });
  return it == options.ranges.end() ? nullptr : &*it;
}
const IdRange* range_at(const IdOptions& options, std::int64_t number) {
  const std::int64_t lap = lap_of(options);
  if (lap == 0 || number < 0) return nullptr;
  const std::int64_t place = number % lap;
  const auto it =
      std::find_if(options.ranges.begin(), options.ranges.end(),
                   [&](const IdRange& range) { return place >= range.from && place < range.to; });
  return it == options.ranges.end() ? nullptr : &*it;
}

// In the range's lap of `first`, or in the next one.
std::optional<std::int64_t> number_in(const IdRange& range, std::int64_t lap, std::int64_t first,
                                      std::int64_t count) {
  std::int64_t shift = first < range.from ? 0 : (first - range.from) / lap * lap;
  for (int tries = 0; tries < 2; ++tries, shift += lap) {
    const std::int64_t begin = std::max(first, range.from + shift);
    if (begin + count <= range.to + shift) return begin;
  }
  return std::nullopt;
}

// Between and above the ranges of the others; the lowest place that is long enough.
std::optional<std::int64_t> number_outside(const IdOptions& options, std::int64_t first,
                                           std::int64_t count) {
  const std::int64_t lap = lap_of(options);
  if (lap == 0) return first;
  const std::int64_t give_up = first + 2 * lap;
  for (bool moved = true; moved && first < give_up;) {
    moved = false;
    for (const IdRange& range : options.ranges) {
      for (const std::int64_t shift : {first / lap * lap, (first / lap + 1) * lap}) {
        if (first < range.to + shift && range.from + shift < first + count) {
          first = range.to + shift;
          moved = true;
        }
      }
    }
  }
  return first < give_up ? std::optional(first) : std::nullopt;
}

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string_view strip(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

base::Result<std::vector<IdRange>> parse_id_ranges(std::string_view text) {
  std::vector<IdRange> out;
  while (!strip(text).empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = strip(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::size_t dash = std::min(item.find('-', equals), item.size());
    const std::string_view purpose = strip(item.substr(0, equals));
    const auto first =
        equals < dash ? whole(strip(item.substr(equals + 1, dash - equals - 1))) : std::nullopt;
    const auto last = dash < item.size() ? whole(strip(item.substr(dash + 1))) : std::nullopt;
    if (!first || !last || *first < 0 || *last < *first || *last > broker_number_max) {
      return base::fail("ID_RANGES",
                        fmt::format("\"{}\": expected purpose=first-last within 0 to {}, such as "
                                    "manual=0-999",
                                    item, broker_number_max));
    }
    if (purpose_label(purpose) != purpose) {
      return base::fail("ID_RANGES", fmt::format("\"{}\": expected one of {}", purpose,
                                                 fmt::join(purposes, ", ")));
    }
    // Id 0 is never given: it names orders that nobody bound.
    IdRange range{std::string(purpose), std::max<std::int64_t>(*first, 1), *last + 1};
    for (const IdRange& other : out) {
      if (other.purpose == range.purpose) {
        return base::fail("ID_RANGES", fmt::format("{} has two ranges; expected one", purpose));
      }
      if (range.from < other.to && other.from < range.to) {
        return base::fail("ID_RANGES",
                          fmt::format("the ranges of {} and {} overlap", other.purpose, purpose));
      }
    }
    out.push_back(std::move(range));
  }
  return out;
}

std::int64_t lap_of(const IdOptions& options) {
  std::int64_t top = 0;
  for (const IdRange& range : options.ranges) top = std::max(top, range.to);
  return 2 * top;
}

std::optional<std::int64_t> next_number(const IdOptions& options, std::int64_t mark,
                                        std::string_view purpose, std::int64_t count) {
  const IdRange* own = range_of(options, purpose_label(purpose));
  const auto first = own != nullptr ? number_in(*own, lap_of(options), mark + 1, count)
                                    : number_outside(options, mark + 1, count);
  if (!first || count > broker_number_max + 1 || *first > broker_number_max + 1 - count) {
    return std::nullopt;
  }
  return first;
}

const IdBook::Block* room_of(const IdBook& ids, std::int32_t session) {
  const auto& blocks = ids.blocks();
  for (auto it = blocks.lower_bound({session, INT64_MIN});
       it != blocks.end() && it->first.session == session; ++it) {
    if (it->second.reserved.principal == room_owner) return &it->second;
  }
  return nullptr;
}

std::int64_t next_of(const IdBook& ids, std::int32_t session) {
  const IdBook::Block* room = room_of(ids, session);
  return room != nullptr ? room->next : ids.mark(session) + 1;
}

std::vector<base::Error> broken_id_rules(const Book& book, const IdOptions& options,
                                         const IdQuestion& question) {
  std::vector<base::Error> out;
  const std::int64_t number = question.number;
  const auto broken = [&](const char* rule, std::string text) {
    out.push_back({rule, std::move(text)});
  };
  if (number == 0) broken("zero", "id 0 is never used: it names orders that nobody bound");
  if (number < 0 || number > INT32_MAX) {
    broken("int32", fmt::format("expected 1 to {}", INT32_MAX));
  } else if (number > broker_number_max) {
    broken("range", fmt::format("ids above {} belong to requests", broker_number_max));
  }
  const BrokerOrderId id{question.session, number};
  if (const Order* user = book.find(id)) {
    broken("reused", fmt::format("order {} was sent under it", user->id.value()));
  }
  const auto& session = book.ids().at(question.session);
  const IdBook::Block* block = book.ids().block_of(id);
  if (number > 0 && number <= session.sent) {
    broken("passed",
           fmt::format("id {} was sent already: the broker refuses what is not above it (103)",
                       session.sent));
  } else if (number > 0 && number <= session.mark && block == nullptr) {
    broken("passed",
           fmt::format("it is below the next id, {}, and will never be used", session.mark + 1));
  }
  const bool told = !question.purpose.empty();
  const std::string_view label = purpose_label(question.purpose);
  bool own = false;
  if (block != nullptr) {
    const bool same_purpose = !told || purpose_label(block->reserved.purpose) == label;
    own = block->reserved.principal == question.principal && same_purpose;
    if (!own) {
      broken("reserved", fmt::format("ids {} to {} are reserved by {} for {}", block->next,
                                     block->reserved.to - 1, block->reserved.principal,
                                     purpose_label(block->reserved.purpose)));
    }
  }
  if (told && !options.ranges.empty()) {
    const IdRange* at = range_at(options, number);
    const IdRange* wanted = range_of(options, label);
    if (at != wanted) {
      broken("purpose_range", at != nullptr ? fmt::format("it is in the range of {}, {} to {}",
                                                          at->purpose, at->from, at->to - 1)
                                            : fmt::format("the range of {} is {} to {}", label,
                                                          wanted->from, wanted->to - 1));
    }
  }
  // What the allocator itself gave is never too far away.
  if (options.window > 0 && !own) {
    const std::int64_t next = session.mark + 1;
    if (number < next - options.window || number > next + options.window) {
      broken("window",
             fmt::format("expected {} to {}", next - options.window, next + options.window));
    }
  }
  return out;
}

bool left_trace(const Order& order) {
  if (order.status == OrdStatus::not_accepted) return false;
  // While nobody knows where it is, a notice may be the refusal of a cancel that found nothing.
  const bool noted = order.code != 0 && !order.unknown;
  return noted || !order.permanent_ids.empty() || !order.raw_status.empty() ||
         !order.executions.empty();
}

// Who is archived left a trace, or somebody with a later id did (archive/archive.cpp).
bool broker_had(const Book& book, std::int32_t session, std::int64_t first, std::int64_t last) {
  for (std::int64_t number = last; number >= first; --number) {
    const Order* sent = book.find(BrokerOrderId{session, number});
    if (sent == nullptr || left_trace(*sent)) return true;
  }
  return false;
}

}  // namespace belay::core
