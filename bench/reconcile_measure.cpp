// SPDX-License-Identifier: Apache-2.0
#include "bench/reconcile_measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "apps/belay/daemon.hpp"
#include "belay/base/check.hpp"
#include "belay/journal/memory_journal.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/frame.hpp"
#include "bench/gateway_session.hpp"
#include "bench/story.hpp"

namespace belay::bench {
namespace {

namespace wire = tws::wire;

constexpr std::size_t fills_each = 5;
constexpr std::int32_t order_size = 100;
constexpr std::int64_t first_perm_id = 1'000'000'000;

/// The broker's side of the absence: what it lists when somebody asks.
class Absence {
 public:
  explicit Absence(std::size_t orders) : orders_(orders) {}

  void open_orders(std::string& out) const {
    if (!filled_) return;  // before the absence there is nothing to tell
    for (std::size_t i = 1; i <= orders_; ++i) {
      wire::OpenOrder open;
      open.order_id = static_cast<std::int32_t>(i);
      open.contract = apple();
      open.order.action = "BUY";
      open.order.total_quantity = wire::Real::from_int(order_size);
      open.order.order_type = "LMT";
      open.order.lmt_price = wire::Real::from_int(1);
      open.order.tif = "DAY";
      open.order.account = paper_account;
      open.order.order_ref = tag(i);
      open.order.client_id = bench_client_id;
      open.order.perm_id = perm_id(i);
      open.order_state.status = "Submitted";
      wire::encode(open, wire::max_server_version, out);
      wire::OrderStatus status;
      status.order_id = open.order_id;
      status.status = "Submitted";
      status.filled = wire::Real::from_int(fills_each);
      status.remaining = wire::Real::from_int(order_size - fills_each);
      status.perm_id = open.order.perm_id;
      status.client_id = bench_client_id;
      wire::encode(status, wire::max_server_version, out);
    }
  }
  void executions(std::int32_t req_id, std::string& out) const {
    if (!filled_) return;
    for (std::size_t fill = 0; fill < orders_ * fills_each; ++fill) {
      const std::size_t order = fill % orders_ + 1;
      wire::ExecDetails exec;
      exec.req_id = req_id;
      exec.order_id = static_cast<std::int32_t>(order);
      exec.contract = apple();
      exec.execution.exec_id = fmt::format("0000e0d5.{:08x}.01.01", fill);
      exec.execution.time = "20261121 09:30:00 UTC";
      exec.execution.acct_number = paper_account;
      exec.execution.exchange = "NASDAQ";
      exec.execution.side = "BOT";
      exec.execution.shares = wire::Real::from_int(1);
      exec.execution.price = wire::Real::from_int(1);
      exec.execution.perm_id = perm_id(order);
      exec.execution.client_id = bench_client_id;
      exec.execution.order_ref = tag(order);
      exec.execution.cum_qty = wire::Real::from_int(static_cast<std::int32_t>(fill / orders_) + 1);
      exec.execution.avg_price = wire::Real::from_int(1);
      wire::encode(exec, wire::max_server_version, out);
      wire::CommissionReport commission;
      commission.exec_id = exec.execution.exec_id;
      commission.commission = wire::Real::from_int(1);
      commission.currency = "USD";
      wire::encode(commission, wire::max_server_version, out);
    }
  }
  void positions(std::string& out) const {
    if (!filled_) return;
    wire::Position position;
    position.account = paper_account;
    position.contract = apple();
    position.position = wire::Real::from_int(static_cast<std::int32_t>(orders_ * fills_each));
    position.avg_cost = wire::Real::from_int(1);
    wire::encode(position, wire::max_server_version, out);
  }
  void everything_fills() { filled_ = true; }

 private:
  static std::string tag(std::size_t order) {
    return core::order_tag(bench_instance, core::OrderId(order));
  }
  static std::int64_t perm_id(std::size_t order) {
    return first_perm_id + static_cast<std::int64_t>(order) - 1;
  }
  std::size_t orders_;
  bool filled_ = false;
};

/// A daemon, the gateway and the clock in one hand. Only the daemon's own work is timed.
class Rig {
 public:
  Rig(engine::Journal& journal, const Absence& absence)
      : absence_(absence), daemon_(options(), journal, hooks()) {}

  base::Status<> start() { return daemon_.start(bench_instance, now_); }

  /// Carries bytes both ways, and time, until the daemon takes orders; false when it never does.
  bool until_ready() {
    for (int turns = 0; turns < 100'000; ++turns) {
      if (!pump() && ready()) return true;
      now_ = std::max(now_ + std::chrono::milliseconds(1),
                      std::min(daemon_.next_deadline(now_), now_ + std::chrono::seconds(1)));
      timed([&] { daemon_.turn(now_); });
    }
    return false;
  }
  void place(std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) {
      core::PlaceOrder place;
      place.correlation = app::host_correlation | i;
      place.principal = "bench";
      place.cl_ord_id = core::ClOrdId(fmt::format("bench-{}", i));
      place.spec.edit().contract.symbol = "AAPL";
      place.spec.edit().ord_type = core::OrdType::limit;
      place.spec.edit().terms.order_qty = core::Quantity::from_int(order_size);
      place.spec.edit().terms.price = core::Price(core::Decimal::from_int(1));
      daemon_.submit(place, now_);
      if (i % 1000 == 0 || i == count) daemon_.turn(now_), pump();
    }
  }
  void lose_link() {
    daemon_.broker_closed("the link is away", now_);
    daemon_.turn(now_);
    gateway_ = GatewaySession();
  }
  void reset_figures() { cpu_ns_ = wall_ns_ = 0, bytes_.clear(); }
  double cpu_ms() const { return static_cast<double>(cpu_ns_) / 1e6; }
  double wall_ms() const { return static_cast<double>(wall_ns_) / 1e6; }
  const std::string& bytes() const { return bytes_; }
  std::uint64_t seq() const { return daemon_.view().book().last_seq(); }
  std::size_t live() const { return daemon_.view().book().live().size(); }
  /// Shares filled, over all orders.
  std::int64_t filled(std::size_t orders) const {
    std::int64_t units = 0;
    for (std::size_t i = 1; i <= orders; ++i) {
      const auto* order = daemon_.view().book().find(core::OrderId(i));
      if (order != nullptr) units += order->cum_qty.value().units();
    }
    return units / core::Decimal::one;
  }
  bool refused() const { return refused_; }

 private:
  static app::DaemonOptions options() {
    app::DaemonOptions out;
    out.make_broker = unpaced_broker(bench_client_id);
    out.engine.core.queue_max = 1'000'000;
    return out;
  }
  app::DaemonHooks hooks() {
    app::DaemonHooks out;
    out.reply = [this](const core::Reply& reply) {
      refused_ = refused_ || reply.code != core::ReplyCode::accepted;
    };
    out.fatal = [this](const std::string&) { refused_ = true; };
    out.log = [](const std::string&) {};
    return out;
  }
  bool ready() const { return daemon_.engine().core().ready() && daemon_.view().synced(); }

  template <class Work>
  void timed(Work work) {
    const std::int64_t cpu = cpu_ns();
    const std::int64_t wall = clock_ns();
    work();
    cpu_ns_ += cpu_ns() - cpu;
    wall_ns_ += clock_ns() - wall;
  }
  // True when anything was carried.
  bool pump() {
    bool carried = false;
    for (;;) {
      const auto actions = daemon_.take_broker_actions();
      if (actions.empty()) return carried;
      carried = true;
      std::string answers;
      for (const auto& action : actions) {
        if (const auto* write = std::get_if<broker::Write>(&action)) {
          gateway_.set_lists(
              {.open_orders = [this](std::string& out) { absence_.open_orders(out); },
               .executions = [this](std::int32_t id,
                                    std::string& out) { absence_.executions(id, out); },
               .positions = [this](std::string& out) { absence_.positions(out); }});
          BELAY_CHECK(gateway_.receive(write->bytes, answers));
        } else if (std::holds_alternative<broker::Connect>(action)) {
          timed([&] { daemon_.broker_connected(now_); });
        }
      }
      bytes_ += answers;
      std::string_view rest = answers;
      timed([&] {
        while (!rest.empty()) {
          const std::string_view chunk = rest.substr(0, chunk_size);
          rest.remove_prefix(chunk.size());
          daemon_.broker_bytes(chunk, now_);
          daemon_.turn(now_);
        }
        daemon_.turn(now_);
      });
    }
  }

  const Absence& absence_;
  base::Time now_ = noon;
  GatewaySession gateway_;
  app::Daemon daemon_;
  bool refused_ = false;
  std::int64_t cpu_ns_ = 0;
  std::int64_t wall_ns_ = 0;
  std::string bytes_;  // what the gateway said since reset_figures()
};

/// The floor: frames and fields found, nothing kept.
double bare_cpu_ms(const std::string& bytes) {
  const std::int64_t before = cpu_ns();
  wire::FrameReader reader;
  std::array<std::string_view, 256> fields;
  std::size_t total = 0;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    std::string_view chunk = rest.substr(0, chunk_size);
    rest.remove_prefix(chunk.size());
    for (;;) {
      const auto step = reader.next(chunk);
      if (step.status != wire::FrameReader::Status::frame) break;
      total += split_fields(step.payload, fields);
    }
  }
  BELAY_CHECK(total > 0);
  return static_cast<double>(cpu_ns() - before) / 1e6;
}

base::Status<> measure(const char* name, engine::Journal& journal, std::size_t orders,
                       Figures& figures) {
  Absence absence(orders);
  Rig rig(journal, absence);
  if (auto started = rig.start(); !started) return started;
  if (!rig.until_ready()) return base::fail(name, "never ready");
  rig.place(orders);
  if (rig.refused() || rig.live() != orders) return base::fail(name, "not every order works");
  absence.everything_fills();
  const auto expected = static_cast<std::int64_t>(orders * fills_each);
  for (const char* news : {"news", "no_news"}) {
    rig.lose_link();
    rig.reset_figures();
    const std::uint64_t before = rig.seq();
    if (!rig.until_ready()) return base::fail(name, "never ready again");
    if (rig.filled(orders) != expected) {
      return base::fail(name, fmt::format("{} shares are filled, the broker says {}",
                                          rig.filled(orders), expected));
    }
    // The least of three: the first also pays for pages that were never touched.
    const double bare =
        std::min({bare_cpu_ms(rig.bytes()), bare_cpu_ms(rig.bytes()), bare_cpu_ms(rig.bytes())});
    const std::string prefix = fmt::format("{}_{}_", name, news);
    figures[prefix + "cpu_ms"] = rig.cpu_ms();
    figures[prefix + "wall_ms"] = rig.wall_ms();
    figures[prefix + "events"] = static_cast<double>(rig.seq() - before);
    figures[prefix + "bare_ms"] = bare;
    figures[prefix + "ratio"] = rig.cpu_ms() / bare;
  }
  return base::ok();
}

}  // namespace

base::Result<Figures> measure_reconcile(std::size_t orders, const std::string& dir) {
  Figures figures{{"orders", static_cast<double>(orders)},
                  {"executions", static_cast<double>(orders * fills_each)}};
  {
    journal::MemoryJournal memory(
        journal::MemoryJournal::Settings{.answers = journal::MemoryJournal::Answers::at_poll,
                                         .records_max = orders * (fills_each + 4) * 4 + 100'000});
    if (auto done = measure("memory", memory, orders, figures); !done) {
      return base::Failure<base::Error>{done.error()};
    }
  }
  journal::SqliteSettings settings;
  settings.path = dir + "/journal.db";
  auto durable = journal::SqliteInlineJournal::open(settings);
  if (!durable) return base::Failure<base::Error>{durable.error()};
  if (auto done = measure("durable", **durable, orders, figures); !done) {
    return base::Failure<base::Error>{done.error()};
  }
  return figures;
}

}  // namespace belay::bench
