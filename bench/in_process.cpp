// SPDX-License-Identifier: Apache-2.0
#include "bench/in_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/base/check.hpp"
#include "belay/journal/memory_journal.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/frame.hpp"
#include "bench/allocations.hpp"
#include "bench/frame_template.hpp"
#include "bench/gateway_session.hpp"
#include "bench/story.hpp"

namespace belay::bench {
namespace {

namespace wire = tws::wire;

/// Says yes and forgets: what is left is the daemon's own memory and time.
class ForgetfulJournal final : public engine::Journal {
 public:
  base::Status<> replay(const std::function<bool(const engine::JournalRecord&)>&) override {
    return base::ok();
  }
  std::uint64_t last_seq() const override { return 0; }
  std::uint64_t last_epoch() const override { return 0; }
  std::uint64_t append(std::uint64_t, std::uint64_t, std::vector<engine::JournalRecord>) override {
    return ++ticket_;
  }
  std::optional<engine::AppendCompletion> poll() override {
    return engine::AppendCompletion{ticket_, engine::AppendOutcome::durable, ""};
  }

 private:
  std::uint64_t ticket_ = 0;
};

/// A daemon and a gateway session in one hand, without sockets or a clock.
class DirectDaemon {
 public:
  DirectDaemon(engine::Journal& journal, std::size_t events_kept)
      : daemon_(options(events_kept), journal, hooks()) {}

  base::Status<> start() { return daemon_.start(bench_instance, noon); }

  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view chunk = bytes.substr(0, chunk_size);
      bytes.remove_prefix(chunk.size());
      daemon_.broker_bytes(chunk, noon);
      daemon_.turn(noon);
    }
  }

  /// Carries bytes in both directions until neither side has anything to say.
  void pump() {
    for (;;) {
      const auto actions = daemon_.take_broker_actions();
      if (actions.empty()) return;
      std::string answers;
      for (const auto& action : actions) {
        if (const auto* write = std::get_if<broker::Write>(&action)) {
          BELAY_CHECK(gateway_.receive(write->bytes, answers));
        } else if (std::holds_alternative<broker::Connect>(action)) {
          daemon_.broker_connected(noon);
        }
      }
      feed(answers);
    }
  }

  /// Places `count` working orders in batches and waits for their acknowledgements.
  void place(std::size_t count, std::int64_t quantity) {
    constexpr std::size_t batch = 1000;
    for (std::size_t i = 0; i < count; ++i) {
      core::PlaceOrder place;
      place.correlation = app::host_correlation | ++placed_;
      place.principal = "bench";
      place.cl_ord_id = core::ClOrdId(fmt::format("bench-{}", placed_));
      place.spec.edit().contract.symbol = "AAPL";
      place.spec.edit().ord_type = core::OrdType::limit;
      place.spec.edit().terms.order_qty = core::Quantity::from_int(quantity);
      place.spec.edit().terms.price = core::Price(core::Decimal::from_int(1));
      daemon_.submit(place, noon);
      if (placed_ % batch == 0 || i + 1 == count) daemon_.turn(noon), pump();
    }
  }

  /// All orders placed so far are working, as far as readers can see.
  bool all_working() const {
    const core::Book& book = daemon_.view().book();
    const auto& orders = book.in_memory();
    return refused_ == 0 && book.orders_total() == placed_ &&
           std::all_of(orders.begin(), orders.end(), [](const auto& entry) {
             const core::Order& order = entry.second;
             return order.status == core::OrdStatus::new_ ||
                    order.status == core::OrdStatus::partially_filled;
           });
  }
  app::Daemon& daemon() { return daemon_; }

 private:
  static app::DaemonOptions options(std::size_t events_kept) {
    app::DaemonOptions out;
    out.make_broker = unpaced_broker(bench_client_id);
    out.events_kept_max = events_kept;
    return out;
  }

  app::DaemonHooks hooks() {
    app::DaemonHooks out;
    out.reply = [this](const core::Reply& reply) {
      if (reply.code != core::ReplyCode::accepted) ++refused_;
    };
    out.fatal = [this](const std::string&) { ++refused_; };
    out.log = [](const std::string&) {};
    return out;
  }

  GatewaySession gateway_;
  app::Daemon daemon_;
  std::size_t placed_ = 0;
  std::size_t refused_ = 0;
};

/// What a gateway says during an execution storm: per fill openOrder, orderStatus, execDetails.
class Storm {
 public:
  Storm(std::size_t orders, std::int32_t quantity) : orders_(orders), quantity_(quantity) {}

  std::string frames(std::size_t messages) {
    std::string out;
    for (std::size_t i = 0; i < messages; ++i) add(i, out);
    return out;
  }

 private:
  void add(std::size_t i, std::string& out) {
    const std::size_t fill = i / 3;
    const auto order_id = static_cast<std::int32_t>(fill % orders_) + 1;
    const auto filled = static_cast<std::int32_t>(fill / orders_) + 1;
    const std::int64_t perm_id = 1'000'000'000 + order_id - 1;
    if (i % 3 == 0) {
      wire::ExecDetails exec;
      exec.req_id = -1;
      exec.order_id = order_id;
      exec.contract = apple();
      exec.execution.exec_id = fmt::format("0000e0d5.{:08x}.01.01", fill);
      exec.execution.time = "20261121 09:30:00 UTC";
      exec.execution.acct_number = paper_account;
      exec.execution.exchange = "NASDAQ";
      exec.execution.side = "BOT";
      exec.execution.shares = wire::Real::from_int(1);
      exec.execution.price = wire::Real::from_int(1);
      exec.execution.perm_id = perm_id;
      exec.execution.client_id = bench_client_id;
      exec.execution.cum_qty = wire::Real::from_int(filled);
      exec.execution.avg_price = wire::Real::from_int(1);
      wire::encode(exec, wire::max_server_version, out);
    } else if (i % 3 == 1) {
      wire::OpenOrder open;
      open.order_id = order_id;
      open.contract = apple();
      open.order.action = "BUY";
      open.order.total_quantity = wire::Real::from_int(quantity_);
      open.order.order_type = "LMT";
      open.order.lmt_price = wire::Real::from_int(1);
      open.order.tif = "DAY";
      open.order.account = paper_account;
      open.order.client_id = bench_client_id;
      open.order.perm_id = perm_id;
      open.order_state.status = "Submitted";
      wire::encode(open, wire::max_server_version, out);
    } else {
      wire::OrderStatus status;
      status.order_id = order_id;
      status.status = "Submitted";
      status.filled = wire::Real::from_int(filled);
      status.remaining = wire::Real::from_int(quantity_ - filled);
      status.avg_fill_price = wire::Real::from_int(1);
      status.perm_id = perm_id;
      status.last_fill_price = wire::Real::from_int(1);
      status.client_id = bench_client_id;
      wire::encode(status, wire::max_server_version, out);
    }
  }

  std::size_t orders_;
  std::int32_t quantity_;
};

/// The floor of reading: frames and fields found, nothing kept. Returns the number of fields.
std::size_t split_all(std::string_view bytes) {
  wire::FrameReader reader;
  std::array<std::string_view, 256> fields;
  std::size_t total = 0;
  while (!bytes.empty()) {
    std::string_view chunk = bytes.substr(0, chunk_size);
    bytes.remove_prefix(chunk.size());
    for (;;) {
      const auto step = reader.next(chunk);
      if (step.status != wire::FrameReader::Status::frame) break;
      total += split_fields(step.payload, fields);
    }
  }
  return total;
}

/// Decoding alone, as the session does it.
std::size_t decode_all(std::string_view bytes) {
  wire::FrameReader reader;
  wire::ServerReader messages;
  std::size_t good = 0;
  for (;;) {
    const auto step = reader.next(bytes);
    if (step.status != wire::FrameReader::Status::frame) return good;
    if (messages.read(step.payload, wire::max_server_version)) ++good;
  }
}

template <class Fn>
double cpu_us_of(Fn fn) {
  const std::int64_t before = cpu_ns();
  fn();
  return static_cast<double>(cpu_ns() - before) / 1000.0;
}

// A floor is the least of three: the first also pays for pages that were never touched.
template <class Fn>
double least_cpu_us_of(Fn fn) {
  return std::min({cpu_us_of(fn), cpu_us_of(fn), cpu_us_of(fn)});
}

/// The adapter alone, from bytes to reports that nobody takes.
struct AdapterCost {
  double us = 0;
  double allocations = 0;
  std::size_t reports = 0;
};
AdapterCost report_all(std::string_view bytes) {
  AdapterCost cost;
  broker::Hooks hooks;
  hooks.report = [&](const core::Input&) { ++cost.reports; };
  hooks.link = [](const core::LinkStatus&) {};
  hooks.positions_begin = [] {};
  hooks.position = [](const core::Position&) {};
  hooks.account_value = [](const core::AccountValue&) {};
  hooks.log = [](const std::string&) {};
  const auto adapter = unpaced_broker(bench_client_id)(std::move(hooks));
  GatewaySession gateway;
  adapter->start(noon);
  for (auto actions = adapter->take_actions(); !actions.empty();
       actions = adapter->take_actions()) {
    std::string answers;
    for (const auto& action : actions) {
      if (const auto* write = std::get_if<broker::Write>(&action)) {
        BELAY_CHECK(gateway.receive(write->bytes, answers));
      } else if (std::holds_alternative<broker::Connect>(action)) {
        adapter->connected(noon);
      }
    }
    adapter->bytes(answers, noon);
  }
  cost.reports = 0;
  const std::uint64_t before = allocations();
  cost.us = cpu_us_of([&] {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(chunk_size, bytes.size()))) {
      adapter->bytes(bytes.substr(0, chunk_size), noon);
    }
  });
  cost.allocations = static_cast<double>(allocations() - before);
  return cost;
}

}  // namespace

base::Result<Figures> measure_inbound(std::size_t messages) {
  const std::size_t orders = std::min<std::size_t>(1000, messages / 6 + 1);
  const auto fills_each = static_cast<std::int32_t>(messages / 3 / orders) + 1;
  const std::int32_t quantity = fills_each + 10;
  journal::MemoryJournal journal(journal::MemoryJournal::Settings{
      .answers = journal::MemoryJournal::Answers::at_poll, .records_max = messages * 8 + 100'000});
  DirectDaemon direct(journal, 20'000);
  if (auto started = direct.start(); !started) return base::Failure<base::Error>{started.error()};
  direct.pump();
  direct.place(orders, quantity);
  if (!direct.all_working()) return base::fail("inbound", "the orders are not all working");

  const std::string bytes = Storm(orders, quantity).frames(messages);
  std::size_t fields = 0;
  std::size_t decoded = 0;
  const double split_us = least_cpu_us_of([&] { fields = split_all(bytes); });
  const double decode_us = least_cpu_us_of([&] { decoded = decode_all(bytes); });
  const AdapterCost adapter = report_all(bytes);
  const std::uint64_t before = allocations();
  const double belay_us = cpu_us_of([&] { direct.feed(bytes); });
  const auto allocated = static_cast<double>(allocations() - before);

  std::size_t executions = 0;
  for (const auto& [id, order] : direct.daemon().view().book().in_memory()) {
    executions += order.executions.size();
  }
  if (fields == 0 || decoded != messages || adapter.reports != messages ||
      executions != (messages + 2) / 3) {
    return base::fail("inbound", fmt::format("{} of {} messages decoded, {} executions booked",
                                             decoded, messages, executions));
  }
  const auto count = static_cast<double>(messages);
  return Figures{{"messages", count},
                 {"split_us_per_message", split_us / count},
                 {"decode_us_per_message", decode_us / count},
                 {"adapter_us_per_message", adapter.us / count},
                 {"adapter_allocations_per_message", adapter.allocations / count},
                 {"belay_us_per_message", belay_us / count},
                 {"allocations_per_message", allocated / count},
                 {"ratio", belay_us / split_us}};
}

base::Result<Figures> measure_memory(std::size_t orders) {
  ForgetfulJournal journal;
  DirectDaemon direct(journal, 1000);
  if (auto started = direct.start(); !started) return base::Failure<base::Error>{started.error()};
  direct.pump();
  direct.place(orders / 100, 1);  // buffers and the kept events have their size now
  const std::int64_t before = resident_bytes();
  const std::uint64_t made_before = allocations();
  const double cpu_us = cpu_us_of([&] { direct.place(orders, 1); });
  const auto allocated = static_cast<double>(allocations() - made_before);
  const std::int64_t grown = resident_bytes() - before;
  if (!direct.all_working()) return base::fail("memory", "the orders are not all working");
  const auto count = static_cast<double>(orders);
  return Figures{{"orders", count},
                 {"rss_bytes_per_live_order", static_cast<double>(grown) / count},
                 {"cpu_us_per_order", cpu_us / count},
                 {"allocations_per_order", allocated / count},
                 {"sizeof_order", static_cast<double>(sizeof(core::Order))},
                 {"sizeof_event", static_cast<double>(sizeof(core::StampedEvent))}};
}

// A tenth above what they were when this was written: docs/PERFORMANCE.md.
base::Result<Figures> measure_allocations(std::size_t count) {
  constexpr double most_per_message = 16;
  constexpr double most_per_order = 104;
  auto inbound = measure_inbound(count);
  if (!inbound) return inbound;
  auto memory = measure_memory(count);
  if (!memory) return memory;
  const double message = inbound->at("allocations_per_message");
  const double order = memory->at("allocations_per_order");
  if (message > most_per_message || order > most_per_order) {
    return base::fail("allocations", fmt::format("{:.2f} for a message, at most {}; {:.2f} for an "
                                                 "order, at most {}",
                                                 message, most_per_message, order, most_per_order));
  }
  return Figures{{"allocations_per_message", message}, {"allocations_per_order", order}};
}

base::Result<Figures> measure_replay(std::size_t orders, const std::string& dir) {
  const journal::SqliteSettings settings{
      .path = dir + "/journal.db",
      .vfs = "",
      .exclusive = false,
      .checkpoint_frames = 1,  // what is replayed is the database, not its WAL
      .room = {},
      .free_bytes = {}};
  {
    auto journal = journal::SqliteInlineJournal::open(settings);
    if (!journal) return base::Failure<base::Error>{journal.error()};
    DirectDaemon direct(**journal, 1000);
    if (auto started = direct.start(); !started) return base::Failure<base::Error>{started.error()};
    direct.pump();
    direct.place(orders - 1, 1);
    direct.place(1, 1);
    if (!direct.all_working()) return base::fail("replay", "the orders are not all working");
  }
  const std::int64_t t0 = clock_ns();
  auto journal = journal::SqliteInlineJournal::open(settings);
  if (!journal) return base::Failure<base::Error>{journal.error()};
  const std::int64_t t1 = clock_ns();
  std::uint64_t rows = 0;
  auto read = (*journal)->replay([&](const engine::JournalRecord&) { return ++rows != 0; });
  if (!read) return base::Failure<base::Error>{read.error()};
  const std::int64_t t2 = clock_ns();
  DirectDaemon direct(**journal, 20'000);
  if (auto started = direct.start(); !started) return base::Failure<base::Error>{started.error()};
  const std::int64_t t3 = clock_ns();
  if (direct.daemon().view().book().orders_total() != orders) {
    return base::fail("replay", "orders are missing");
  }
  const auto ms = [](std::int64_t ns) { return static_cast<double>(ns) / 1e6; };
  return Figures{{"orders", static_cast<double>(orders)},
                 {"events", static_cast<double>(rows)},
                 {"open_ms", ms(t1 - t0)},
                 {"read_only_ms", ms(t2 - t1)},
                 {"start_ms", ms(t3 - t2)},
                 {"start_us_per_event", ms(t3 - t2) * 1000 / static_cast<double>(rows)},
                 {"ratio", ms(t3 - t2) / ms(t2 - t1)}};
}

}  // namespace belay::bench
