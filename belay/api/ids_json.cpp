// SPDX-License-Identifier: Apache-2.0
#include "belay/api/ids_json.hpp"

#include <algorithm>

#include "belay/base/json_writer.hpp"

namespace belay::api {
namespace {

using base::JsonWriter;
using core::IdBook;

std::string text(std::int64_t number) {
  return std::to_string(number);
}
void number(JsonWriter& json, std::string_view name, std::uint64_t value) {
  json.field(name, static_cast<std::int64_t>(value));
}
void time(JsonWriter& json, std::string_view name, base::Time value) {
  json.key(name);
  if (value == base::Time()) {
    json.null();
  } else {
    json.string(base::to_rfc3339(value));
  }
}

void write_session(JsonWriter& json, const IdBook& ids, std::int32_t id,
                   const IdBook::Session& session, bool current) {
  json.begin_object();
  json.field("client_id", static_cast<std::int64_t>(id));
  json.field("current", current);
  json.field("next_valid_id", text(core::next_of(ids, id)));
  json.field("mark", text(session.mark));
  json.field("highest_sent", text(session.sent));
  json.field("mark_source", session.source);
  json.field("remaining", text(std::max<std::int64_t>(core::broker_number_max - session.mark, 0)));
  json.field("nearly_exhausted", session.mark >= core::nearly_exhausted_from);
  time(json, "last_updated", session.updated_at);
  json.end_object();
}

void write_block(JsonWriter& json, const IdBook::Block& block) {
  json.begin_object();
  json.field("client_id", static_cast<std::int64_t>(block.reserved.session));
  json.field("from", text(block.reserved.from));
  json.field("to", text(block.reserved.to - 1));
  json.field("next", text(block.next));
  json.field("purpose", block.reserved.purpose);
  json.field("principal", block.reserved.principal);
  time(json, "reserved_at", block.at);
  json.end_object();
}

void write_gap(JsonWriter& json, const IdBook::Gap& gap) {
  json.begin_object();
  json.field("client_id", static_cast<std::int64_t>(gap.session));
  json.field("from", text(gap.from));
  json.field("to", text(gap.to - 1));
  json.field("count", text(gap.to - gap.from));
  json.field("reason", gap.reason);
  json.field("seq", std::to_string(gap.seq));
  time(json, "time", gap.at);
  json.end_object();
}

void write_purposes(JsonWriter& json, const core::Book& book, const core::IdOptions& options,
                    std::int32_t session) {
  const IdBook& ids = book.ids();
  json.begin_array();
  for (std::size_t i = 0; i < model::purposes.size(); ++i) {
    std::uint64_t reserved = 0;
    for (const auto& [first, block] : ids.blocks()) {
      if (model::purpose_index(block.reserved.purpose) != i) continue;
      reserved += static_cast<std::uint64_t>(block.reserved.to - block.next);
    }
    json.begin_object();
    json.field("purpose", model::purposes[i]);
    number(json, "reserved", reserved);
    number(json, "sent", ids.counts()[i].sent);
    number(json, "acknowledged", ids.counts()[i].acknowledged);
    const auto range =
        std::find_if(options.ranges.begin(), options.ranges.end(),
                     [&](const core::IdRange& each) { return each.purpose == model::purposes[i]; });
    json.key("range");
    if (range == options.ranges.end()) {
      json.null();
    } else {
      json.begin_object();
      json.field("from", text(range->from));
      json.field("to", text(range->to - 1));
      json.field("exhausted",
                 !core::next_number(options, ids.mark(session), range->purpose).has_value());
      json.end_object();
    }
    json.end_object();
  }
  json.end_array();
}

void write_resets(JsonWriter& json, const IdBook& ids) {
  json.key("reset");
  if (const auto& running = ids.reset()) {
    json.begin_object();
    json.field("operator", running->principal);
    json.field("reason", running->reason);
    json.end_object();
  } else {
    json.null();
  }
  json.key("last_reset");
  const auto& last = ids.last_reset();
  if (!last) {
    json.null();
    return;
  }
  json.begin_object();
  json.field("operator", last->reset.principal);
  json.field("reason", last->reset.reason);
  json.field("next_valid_id", text(last->reset.next));
  json.key("failures").begin_array();
  for (const std::string& failure : last->reset.failures) json.string(failure);
  json.end_array();
  time(json, "time", last->at);
  json.end_object();
}

}  // namespace

std::string ids_json(const core::Book& book, const core::IdOptions& options,
                     const IdsShown& shown) {
  const IdBook& ids = book.ids();
  std::uint64_t used = 0;
  for (const IdBook::Count& count : ids.counts()) used += count.sent + count.acknowledged;
  JsonWriter json;
  json.begin_object();
  json.field("client_id", static_cast<std::int64_t>(shown.session));
  json.field("next_valid_id", text(core::next_of(ids, shown.session)));
  json.key("sessions").begin_array();
  for (const auto& [id, session] : ids.sessions()) {
    write_session(json, ids, id, session, id == shown.session);
  }
  json.end_array();
  json.key("reserved_ranges").begin_array();
  for (const auto& [first, block] : ids.blocks()) write_block(json, block);
  json.end_array();
  json.key("purposes");
  write_purposes(json, book, options, shown.session);
  number(json, "used_ids", used);
  number(json, "reuse_attempts", shown.reuse_attempts);
  number(json, "gaps_total", ids.gaps_total());
  json.key("gaps").begin_array();
  const auto& gaps = ids.gaps();
  for (std::size_t i = gaps.size() - std::min(gaps.size(), shown.gaps_shown); i < gaps.size();
       ++i) {
    write_gap(json, gaps[i]);
  }
  json.end_array();
  write_resets(json, ids);
  time(json, "last_updated", ids.at(shown.session).updated_at);
  json.field("seq", std::to_string(book.last_seq()));
  json.end_object();
  return json.take();
}

}  // namespace belay::api
