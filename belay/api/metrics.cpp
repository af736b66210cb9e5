// SPDX-License-Identifier: Apache-2.0
#include "belay/api/metrics.hpp"

#include <fmt/format.h>

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

void write_session(Text& text, const Api& api, bool ready, base::Time now) {
  const auto& link = api.view.link();
  const views::Conditions conditions = api.view.gauges().conditions(now);
  text.head("belay_info", "gauge", "Constant 1, the version as a label.");
  text.line(fmt::format("belay_info{{version=\"{}\"}} 1", label(api.options.version)));
  text.gauge("belay_ready", "1 when new orders are taken.", ready ? 1 : 0);
  text.gauge("belay_broker_connected", "1 when the broker link is up.", link.connected ? 1 : 0);
  text.head("belay_session_state", "gauge", "1 at the state of the broker session.");
  for (const char* state : {"down", "connecting", "syncing", "ready", "degraded", "needs_person"}) {
    text.line(
        fmt::format("belay_session_state{{state=\"{}\"}} {}", state, link.phase == state ? 1 : 0));
  }
  text.gauge("belay_calendar_window", "1 while the broker is known to be away by its calendar.",
             conditions.calendar.closed == core::Closed::open ? 0 : 1);
}

void write_orders(Text& text, const core::Book& book, const views::Counters& counters) {
  std::uint64_t unknown = 0;
  std::uint64_t active = 0;
  for (const core::OrderId id : book.live()) {
    const core::Order* order = book.find(id);
    if (order == nullptr) continue;
    ++active;
    unknown += order->unknown ? 1 : 0;
  }
  text.gauge("belay_orders_active", "Orders that are not done, of all clients.", active);
  text.gauge("belay_orders_unknown", "Orders whose fate is unproven.", unknown);
  text.counter("belay_orders_total", "Orders ever seen or made.", book.orders_total());
  text.gauge("belay_orders_queued", "Orders and modifications that wait for a send slot.",
             counters.queued);
  text.gauge("tws_active_orders_count", "Orders that are not done, of all clients.", active);
  text.counter("belay_incidents_total", "Incidents ever opened.", book.incidents_total());
  text.counter("belay_unlisted_codes_total", "Broker codes that are in no table.",
               book.unlisted_codes_total());
}

void write_engine(Text& text, const core::Book& book, const views::Counters& counters) {
  text.gauge("belay_seq", "Sequence number of the latest durable event.", book.last_seq());
  text.counter("belay_inputs_total", "Inputs stepped since the start.", counters.inputs_total);
  text.counter("belay_commits_total", "Journal commits since the start.", counters.commits_total);
  text.counter("belay_events_total", "Events written since the start.", counters.events_total);
  text.counter("belay_sends_total", "Place and modify frames sent.", counters.sends_total);
  text.counter("belay_withdrawn_total", "Sends withdrawn before they left.",
               counters.withdrawn_total);
  const auto commit = base::Decimal::from_units(counters.last_commit.count() / 10);
  text.head("belay_last_commit_seconds", "gauge", "Duration of the latest journal commit.");
  text.line("belay_last_commit_seconds " + commit.to_string());
}

void write_polls(Text& text, const core::ReconcileStats& rounds) {
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
}

// Who is connected, and what all of them together hold.
void write_callers(Text& text, const Api& api) {
  const Callers& callers = api.front.callers();
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
             api.reads.long_reads());
  text.gauge("belay_http_rows_bytes", "Rows of orders that are kept to be shown again.",
             api.rows.bytes());
  text.gauge("belay_http_streams", "Open event streams.", api.streams.size());
  text.gauge("belay_http_waiting", "Commands that wait for their answer.", api.waits.size());
  text.head("belay_http_answers_total", "counter", "Answers by status.");
  for (const auto& [status, count] : api.front.answers_by_status()) {
    text.line(fmt::format("belay_http_answers_total{{status=\"{}\"}} {}", status, count));
  }
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
void write_pacing(Text& text, const views::Counters& counters, bool gate_closed, base::Time now) {
  text.head("belay_queue_depth", "gauge", "Messages that wait for a send slot, by lane.");
  for (const auto& queue : counters.queues) {
    text.line(fmt::format("belay_queue_depth{{lane=\"{}\"}} {}", queue.lane, queue.depth));
  }
  text.head("belay_queue_wait_seconds", "gauge", "How long the oldest of a lane has waited.");
  for (const auto& queue : counters.queues) {
    if (!queue.oldest) continue;
    const auto wait = *queue.oldest == base::never ? base::Duration(0) : now - *queue.oldest;
    text.line(fmt::format("belay_queue_wait_seconds{{lane=\"{}\"}} {}", queue.lane,
                          base::Decimal::from_units(wait.count() / 10).to_string()));
  }
  text.gauge("belay_pacer_used", "Messages sent to the broker in the last second.",
             counters.pacing_used);
  text.gauge("belay_pacer_reserved", "Slots promised to intents that wait for their commit.",
             counters.pacing_reserved);
  text.gauge("belay_pacer_limit", "Messages that may be sent in any second.",
             counters.pacing_limit);
  text.gauge("belay_halted", "1 while new risk is halted.", gate_closed ? 1 : 0);
  text.counter("belay_writer_refusals_total",
               "Frames that the last check before the socket stopped.",
               counters.writer_refusals_total);
}

void write_archive(Text& text, const Api& api, const views::Counters& counters) {
  const core::Book& book = api.view.book();
  text.gauge("belay_orders_in_memory", "Orders that are not archived.", book.in_memory().size());
  text.counter("belay_orders_archived_total", "Orders that are archived now.", book.archived());
  text.gauge("belay_archive_kept_bytes", "Memory of keys and of what is remembered of the archive.",
             counters.archive_kept_bytes);
  text.counter("belay_recalls_total", "Archived orders that came back for a late fact.",
               book.recalls_total());
  text.gauge("belay_recalls_waiting", "Reports that wait for archived orders.",
             counters.recalls_waiting);
  text.gauge("belay_history_reads_waiting", "Requests that wait for the history.",
             api.reads.waiting());
  if (api.reads.history() != nullptr) {
    const engine::HistoryStats history = api.reads.history()->stats();
    text.gauge("belay_history_queue", "Rows and questions that wait for the history's thread.",
               history.queued);
    text.counter("belay_history_rows_total", "Rows written to the history.", history.written);
    text.counter("belay_history_write_failures_total", "Writes of the history that failed.",
                 history.failed);
    text.gauge("belay_history_file_bytes", "Size of the history's file.", history.bytes);
  }
  text.gauge("belay_snapshot_seq", "Last event in the latest snapshot; 0 when there is none.",
             counters.snapshot_seq);
  text.gauge("belay_start_replayed_events", "Events that the start applied one by one.",
             counters.replayed_total);
}

void write_ids(Text& text, const Api& api) {
  const core::Book& book = api.view.book();
  const auto mark = book.id_mark(api.view.link().session);
  text.counter("belay_foreign_requests_total", "Requests made in another client's name.",
               book.foreign_requests_total());
  text.gauge("tws_order_id_current", "Highest broker order id reserved in this session.",
             static_cast<std::uint64_t>(mark < 0 ? 0 : mark));
  text.counter("tws_order_id_gaps_total", "Broker order ids skipped, each gap once.",
               book.id_gaps_total());
  text.counter("tws_order_id_reuse_attempts_total", "Attempts to use a broker order id twice.",
               book.id_reuse_total() + api.waits.id_reuse_attempts());
}

}  // namespace

std::string metrics_text(const Api& api, bool ready, base::Time now) {
  const core::Book& book = api.view.book();
  const views::Counters counters = api.view.gauges().counters(now);
  Text text;
  write_session(text, api, ready, now);
  write_orders(text, book, counters);
  write_pacing(text, counters, api.view.gauges().conditions(now).gate_closed, now);
  write_engine(text, book, counters);
  write_polls(text, counters.polls);
  write_callers(text, api);
  write_id_budget(text, api.id_budget);
  write_archive(text, api, counters);
  write_ids(text, api);
  return text.take();
}

}  // namespace belay::api
