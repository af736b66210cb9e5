// SPDX-License-Identifier: Apache-2.0
// The whole Book as text, every field of every order and every index: two books are equal when
// their texts are. A field added to Order belongs here too.
#pragma once

#include <fmt/format.h>

#include <string>

#include "belay/core/facts/book.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "tests/support/ids_text.hpp"

namespace belay::test {

inline std::string terms_text(const base::Boxed<core::OrderTerms>& terms) {
  if (!terms) return "-";
  core::OrderSpec carrier;
  carrier.terms = *terms;
  return base::json_quote(core::encode(carrier));
}

inline std::string order_text(const core::Order& o) {
  std::string out = fmt::format(
      "{} key={} who={} status={} cancel={} unknown={} external={} over={} open={} desired={} "
      "replacing={} broker={} con={} cum={} raw={}/{} held={} tag={} claim={} code={} text={} "
      "said={} worked={} asked={} refused={} inferred={} refusal={} v={} seq={} "
      "at={}/{} spec=",
      o.id.value(), o.cl_ord_id.value(), o.principal, name(o.status), o.pending_cancel, o.unknown,
      o.external, o.overfilled, o.counted_open, terms_text(o.desired_terms),
      terms_text(o.replacing),
      o.broker_id ? fmt::format("{}:{}", o.broker_id->session, o.broker_id->number) : "-", o.con_id,
      to_string(o.cum_qty), o.raw_status, o.raw_ord_type, o.why_held, o.tag,
      to_string(o.filled_claim), o.code, o.text, o.broker_text, o.worked, o.cancel_asked, o.refused,
      o.inferred, o.refusal, o.version, o.seq, o.created_at.unix_ns(), o.updated_at.unix_ns());
  out += base::json_quote(core::encode(o.spec));
  out += " notional=" + base::to_string(o.notional.units, 16);
  out += fmt::format(" told={} at {} last {}", to_string(o.told.of), to_string(o.told.average),
                     to_string(o.told.last));
  for (const auto& id : o.permanent_ids) out += fmt::format(" perm={}", id.value());
  for (const auto& copy : o.incarnations) {
    out += fmt::format(" copy[{} {} done={} claim={}]", copy.permanent_id.value(), copy.raw_status,
                       copy.done, to_string(copy.filled_claim));
  }
  for (const auto& e : o.executions) {
    out += fmt::format(
        " exec[{} {}@{} {} {} {} busted={} inferred={} copy={} fee={} {} of {} leg={} "
        "whose={} sum={} repeats={}]",
        to_string(e.id), to_string(e.last_qty), to_string(e.last_px), name(e.side), e.transact_time,
        e.exchange, e.busted, e.inferred, e.permanent_id ? e.permanent_id->value() : 0,
        e.commission ? e.commission->to_string() : "-", e.commission_currency,
        e.commission_revision, e.leg_con_id, e.account.value(), to_string(e.cum_qty), e.repeats);
  }
  return out;
}

/// What is kept of orders that are not in memory, and who is next.
inline std::string archive_text(const core::Book& book) {
  std::string out = fmt::format(
      "archived {} of {} highest={} recalls={} last={} reused={} foreign={}\n", book.archived(),
      book.orders_total(), book.highest_archived().value(), book.recalls_total(),
      book.last_archived_seq(), book.id_reuse_total(), book.foreign_requests_total());
  out += base::json_quote(book.archived_facts().encode()) + "\nfinished";
  for (const auto& [seq, id] : book.finished()) out += fmt::format(" {}:{}", seq, id.value());
  return out + "\n";
}

/// `sessions` are the client ids whose marks are compared.
inline std::string book_text(const core::Book& book, std::int32_t sessions = 10) {
  std::string out = fmt::format(
      "seq={} epoch={} instance={} phase={} incidents={} unlisted={} gaps={} next={}\n",
      book.last_seq(), book.epoch(), book.instance() ? to_string(*book.instance()) : "-",
      book.phase(), book.incidents_total(), book.unlisted_codes_total(), book.id_gaps_total(),
      book.next_order_id().value());
  for (const auto& account : book.accounts()) {
    out += fmt::format("account {} agreed={}\n", account,
                       book.positions_agreed(core::AccountId(account)));
  }
  for (const auto& [key, held] : book.expected_positions()) {
    out += fmt::format("position {} {} {} {} unexplained={} at={}\n", key.first.value(), key.second,
                       held.contract.symbol, held.quantity.to_string(),
                       held.unexplained.to_string(), held.changed_at.unix_ns());
  }
  for (const auto& [seq, one] : book.incidents()) {
    const auto* named = book.find_incident(one.opened.subject);
    out += fmt::format("incident {} {} {} at={} order={} text={} candidates={} by subject {}\n",
                       seq, one.opened.kind, one.opened.subject, one.opened_at.unix_ns(),
                       one.opened.order.value(), one.opened.text,
                       fmt::join(one.opened.candidates, "|"), named == nullptr ? 0 : named->seq);
  }
  if (const auto& halt = book.halted()) {
    out += fmt::format("halted {} by {}\n", halt->reason, halt->principal);
  }
  out += archive_text(book);
  out += fmt::format("day {} since={}\n", book.trading_day(), book.trading_day_since().unix_ns());
  for (std::int32_t s = 0; s < sessions; ++s) out += fmt::format("mark {} ", book.id_mark(s));
  out += "\n" + ids_text(book.ids()) + "live";
  for (const auto& id : book.live()) out += fmt::format(" {}", id.value());
  out += "\n";
  for (const auto& [key, o] : book.in_memory()) {
    out += order_text(o) + "\n";
    const auto where = [&](const core::Order* found) { return found ? found->id.value() : 0; };
    if (o.broker_id) out += fmt::format("  by broker id {}\n", where(book.find(*o.broker_id)));
    for (const auto& id : o.permanent_ids) {
      out += fmt::format("  by permanent id {}\n", where(book.find(id)));
    }
    for (const auto& e : o.executions) {
      out += fmt::format("  by execution {}\n", where(book.find_execution(e.id.base)));
    }
    out += "  open beside it";
    if (const auto* open = book.open_in(o.spec)) {
      for (const auto& id : *open) out += fmt::format(" {}", id.value());
    }
    out += fmt::format("\n  id refused {} times\n", book.ids().refusals(o.id));
    if (const auto* use = book.find_key(core::key_hash(o.spec->account, o.cl_ord_id))) {
      out += fmt::format("  by key {} {:x}\n", use->order.value(), use->fingerprint);
    }
  }
  return out;
}

}  // namespace belay::test
