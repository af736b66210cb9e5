// SPDX-License-Identifier: Apache-2.0
#include "belay/api/metrics.hpp"

#include <fmt/format.h>

#include <set>

#include "belay/base/decimal.hpp"

namespace belay::api {
namespace {

class Text {
 public:
  void head(std::string_view name, std::string_view type, std::string_view help) {
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    head(name, "gauge", help);
    out_ += fmt::format("{} {}\n", name, value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    head(name, "counter", help);
    out_ += fmt::format("{} {}\n", name, value);
  }
  void line(std::string text) { out_ += text + "\n"; }
  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

// Label values: backslash, quote and newline are escaped (text exposition format 0.0.4).
std::string label(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out.push_back('\\');
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

// Who is connected, and what all of them together hold.
void write_callers(Text& text, const MetricsInput& input) {
  const Callers& callers = input.callers;
  text.gauge("belay_http_connections", "Open HTTP connections.", callers.size());
  text.gauge("belay_http_connections_max",
             "At so many connections the one who is missed least gives way to a newcomer.",
             callers.limits().connections_max);
  text.counter("belay_http_evicted_total", "Connections that gave way to newcomers.",
               callers.evicted_total());
  text.counter("belay_http_stalled_total",
               "Connections that were closed because they did not take their answers.",
               callers.stalled_total());
  text.gauge("belay_http_buffered_bytes",
             "Unsent answers and unfinished requests of all connections together.",
             callers.bytes());
  text.gauge("belay_http_buffered_max_bytes", "The bound of these.", callers.limits().buffers_max);
  text.gauge("belay_http_long_reads", "Long answers that are being made or wait for it.",
             input.long_reads);
  text.gauge("belay_http_rows_bytes", "Rows of orders that are kept to be shown again.",
             input.rows_bytes);
}

// Ids that callers have set aside, which are gone for good.
void write_id_budget(Text& text, const IdBudget& budget) {
  text.counter("belay_ids_set_aside_total", "Ids in reserved blocks, or skipped before one.",
               budget.set_aside_total());
  text.counter("belay_ids_reserve_refused_total", "Reservations beyond the limits.",
               budget.refused_total());
  text.gauge("belay_ids_reserve_per_hour", "Ids that one caller may set aside in an hour.",
             static_cast<std::uint64_t>(budget.options().per_hour));
  text.gauge("belay_ids_reserve_per_day", "Ids that all callers may set aside in a day.",
             static_cast<std::uint64_t>(budget.options().per_day));
}

// What waits to be sent, and how much of the broker's message rate is taken.
void write_pacing(Text& text, const MetricsInput& input) {
  const core::Outbox& outbox = input.engine.core().outbox();
  const broker::Pacing pacing = input.engine.pacing(input.now);
  text.head("belay_queue_depth", "gauge", "Messages that wait for a send slot, by lane.");
  for (const core::Lane lane : core::all_lanes) {
    text.line(fmt::format("belay_queue_depth{{lane=\"{}\"}} {}", name(lane), outbox.size(lane)));
  }
  text.line(fmt::format("belay_queue_depth{{lane=\"cancel\"}} {}", pacing.cancels_waiting));
  text.line(fmt::format("belay_queue_depth{{lane=\"query\"}} {}", pacing.queries_waiting));
  text.head("belay_queue_wait_seconds", "gauge", "How long the oldest of a lane has waited.");
  for (const core::Lane lane : core::all_lanes) {
    const base::Time since = outbox.oldest(lane);
    const auto wait = since == base::never ? base::Duration(0) : input.now - since;
    text.line(fmt::format("belay_queue_wait_seconds{{lane=\"{}\"}} {}", name(lane),
                          base::Decimal::from_units(wait.count() / 10).to_string()));
  }
  text.gauge("belay_pacer_used", "Messages sent to the broker in the last second.", pacing.used);
  text.gauge("belay_pacer_reserved", "Slots promised to intents that wait for their commit.",
             pacing.reserved);
  text.gauge("belay_pacer_limit", "Messages that may be sent in any second.", pacing.limit);
  text.gauge("belay_halted", "1 while new risk is halted.", input.engine.gate_closed() ? 1 : 0);
  text.counter("belay_writer_refusals_total",
               "Frames that the last check before the socket stopped.",
               input.engine.stats().writer_refusals_total);
}

}  // namespace

std::string metrics_text(const MetricsInput& input) {
  const core::Book& book = input.view.book();
  const auto& stats = input.engine.stats();
  const auto& link = input.view.link();
  std::uint64_t unknown = 0;
  std::uint64_t active = 0;
  for (const core::OrderId id : book.live()) {
    const core::Order* order = book.find(id);
    if (order == nullptr) continue;
    ++active;
    unknown += order->unknown ? 1 : 0;
  }
  const auto mark = book.id_mark(link.session);
  Text text;
  text.head("belay_info", "gauge", "Constant 1, the version as a label.");
  text.line(fmt::format("belay_info{{version=\"{}\"}} 1", label(input.version)));
  text.gauge("belay_ready", "1 when new orders are taken.", input.ready ? 1 : 0);
  text.gauge("belay_broker_connected", "1 when the broker link is up.", link.connected ? 1 : 0);
  text.head("belay_session_state", "gauge", "1 at the state of the broker session.");
  for (const char* state : {"down", "connecting", "syncing", "ready", "degraded", "needs_person"}) {
    text.line(
        fmt::format("belay_session_state{{state=\"{}\"}} {}", state, link.phase == state ? 1 : 0));
  }
  text.gauge("belay_calendar_window", "1 while the broker is known to be away by its calendar.",
             input.engine.core().calendar().closed == core::Closed::open ? 0 : 1);
  text.gauge("belay_orders_active", "Orders that are not done, of all clients.", active);
  text.gauge("belay_orders_unknown", "Orders whose fate is unproven.", unknown);
  text.counter("belay_orders_total", "Orders ever seen or made.", book.orders_total());
  text.gauge("belay_orders_queued", "Orders and modifications that wait for a send slot.",
             input.engine.core().queued());
  write_pacing(text, input);
  text.gauge("belay_seq", "Sequence number of the latest durable event.", book.last_seq());
  text.counter("belay_inputs_total", "Inputs stepped since the start.", stats.inputs_total);
  text.counter("belay_commits_total", "Journal commits since the start.", stats.commits_total);
  text.counter("belay_events_total", "Events written since the start.", stats.events_total);
  text.counter("belay_sends_total", "Place and modify frames sent.", stats.sends_total);
  text.counter("belay_withdrawn_total", "Sends withdrawn before they left.", stats.withdrawn_total);
  const auto commit = base::Decimal::from_units(stats.last_commit.count() / 10);
  text.head("belay_last_commit_seconds", "gauge", "Duration of the latest journal commit.");
  text.line("belay_last_commit_seconds " + commit.to_string());
  text.counter("belay_incidents_total", "Incidents ever opened.", book.incidents_total());
  text.counter("belay_unlisted_codes_total", "Broker codes that are in no table.",
               book.unlisted_codes_total());
  const core::ReconcileStats& rounds = input.engine.core().reconcile_stats();
  text.counter("belay_reconcile_rounds_total", "Rounds of questions to the broker that ended.",
               rounds.rounds_total);
  text.counter("belay_reconcile_settled_total", "Of these, rounds whose absences mean something.",
               rounds.settled_total);
  text.counter("belay_probes_total", "Orders asked about because an answer was missing.",
               rounds.probes_total);
  text.head("belay_findings_total", "counter",
            "Differences between the journal and the broker's lists, by kind.");
  for (const auto& [kind, count] : rounds.findings_total) {
    text.line(fmt::format("belay_findings_total{{kind=\"{}\"}} {}", kind, count));
  }
  text.gauge("belay_last_settled_round_seconds",
             "When the last settled round ended, in seconds since 1970; 0 is never.",
             static_cast<std::uint64_t>(rounds.last_settled.unix_ns() / 1'000'000'000));
  if (rounds.clock_ahead) {
    text.head("belay_broker_clock_ahead_seconds", "gauge",
              "The broker's clock minus the one that dates are taken from, to about a second.");
    text.line(
        fmt::format("belay_broker_clock_ahead_seconds {}",
                    std::chrono::duration_cast<std::chrono::seconds>(*rounds.clock_ahead).count()));
  }
  write_callers(text, input);
  write_id_budget(text, input.id_budget);
  text.gauge("belay_http_streams", "Open event streams.", input.streams);
  text.gauge("belay_http_waiting", "Commands that wait for their answer.", input.waiting);
  text.head("belay_http_answers_total", "counter", "Answers by status.");
  for (const auto& [status, count] : input.answers_by_status) {
    text.line(fmt::format("belay_http_answers_total{{status=\"{}\"}} {}", status, count));
  }
  text.gauge("belay_orders_in_memory", "Orders that are not archived.", book.in_memory().size());
  text.counter("belay_orders_archived_total", "Orders that are archived now.", book.archived());
  text.gauge("belay_archive_kept_bytes", "Memory of keys and of what is remembered of the archive.",
             book.kept_bytes());
  text.counter("belay_recalls_total", "Archived orders that came back for a late fact.",
               book.recalls_total());
  text.gauge("belay_recalls_waiting", "Reports that wait for archived orders.",
             input.engine.core().parked());
  text.gauge("belay_history_reads_waiting", "Requests that wait for the history.",
             input.history_reads);
  if (input.history != nullptr) {
    const engine::HistoryStats history = input.history->stats();
    text.gauge("belay_history_queue", "Rows and questions that wait for the history's thread.",
               history.queued);
    text.counter("belay_history_rows_total", "Rows written to the history.", history.written);
    text.counter("belay_history_write_failures_total", "Writes of the history that failed.",
                 history.failed);
    text.gauge("belay_history_file_bytes", "Size of the history's file.", history.bytes);
  }
  text.gauge("belay_snapshot_seq", "Last event in the latest snapshot; 0 when there is none.",
             stats.snapshot_seq);
  text.gauge("belay_start_replayed_events", "Events that the start applied one by one.",
             stats.replayed_total);
  text.counter("belay_foreign_requests_total", "Requests made in another client's name.",
               input.foreign_requests);
  text.gauge("tws_order_id_current", "Highest broker order id reserved in this session.",
             static_cast<std::uint64_t>(mark < 0 ? 0 : mark));
  text.counter("tws_order_id_gaps_total", "Broker order ids skipped, each gap once.",
               book.id_gaps_total());
  text.counter("tws_order_id_reuse_attempts_total", "Attempts to use a broker order id twice.",
               input.id_reuse_attempts);
  text.gauge("tws_active_orders_count", "Orders that are not done, of all clients.", active);
  return text.take();
}

}  // namespace belay::api
