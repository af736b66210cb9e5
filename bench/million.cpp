// SPDX-License-Identifier: Apache-2.0
#include "bench/million.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/base/check.hpp"
#include "belay/history/history_thread.hpp"
#include "belay/history/snapshot_files.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/tws/tws_broker.hpp"
#include "belay/tws/wire/codec.hpp"
#include "bench/gateway_session.hpp"
#include "bench/story.hpp"

namespace belay::bench {
namespace {

namespace wire = tws::wire;

constexpr std::size_t batch_size = 500;
constexpr std::size_t history_queue = 10'000;

/// Bytes that the program has asked for and not given back, whatever the allocator keeps.
double allocated_bytes() {
  const struct mallinfo2 info = ::mallinfo2();
  return static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd);
}

double file_bytes(const std::string& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return missing ? 0 : static_cast<double>(size);
}

/// One life of the daemon on the files of a directory.
class Life {
 public:
  enum class From : std::uint8_t { snapshot, journal };

  static base::Result<std::unique_ptr<Life>> begin(const std::string& dir, From from) {
    std::unique_ptr<Life> life(new Life);
    journal::SqliteSettings settings;
    settings.path = dir + "/journal.db";
    auto journal = journal::SqliteInlineJournal::open(settings);
    if (!journal) return base::Failure<base::Error>{journal.error()};
    life->journal_ = std::move(*journal);
    auto history = history::HistoryThread::open({dir + "/views.db", "", false},
                                                {.queue_max = history_queue}, life->worker_);
    if (!history) return base::Failure<base::Error>{history.error()};
    life->history_ = std::move(*history);
    life->snapshots_ = std::make_unique<history::SnapshotFiles>(dir, life->worker_);
    app::DaemonOptions options;
    tws::TwsBrokerOptions gateway;
    gateway.session.client_id = bench_client_id;
    gateway.session.message_rate_limit = 1'000'000'000;
    options.make_broker = tws::maker(gateway);
    options.engine.core.queue_max = 1'000'000;
    options.engine.snapshot_every = 0;  // one at the end, to be measured
    app::DaemonHooks hooks;
    hooks.reply = [](const core::Reply&) {};
    hooks.fatal = [](const std::string&) { BELAY_CHECK(false); };
    hooks.log = [](const std::string&) {};
    life->daemon_ = std::make_unique<app::Daemon>(options, *life->journal_, std::move(hooks));
    life->daemon_->attach(*life->history_);
    if (from == From::snapshot) life->daemon_->attach(*life->snapshots_);
    if (auto started = life->daemon_->start(bench_instance, life->now_); !started) {
      return base::Failure<base::Error>{started.error()};
    }
    return life;
  }

  void connect() { pump(); }

  void place(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      core::PlaceOrder place;
      place.correlation = app::host_correlation | ++placed_;
      place.principal = "bench";
      place.cl_ord_id = core::ClOrdId(fmt::format("order-of-the-day-{}", placed_));
      place.spec.contract.symbol = "AAPL";
      place.spec.ord_type = core::OrdType::limit;
      place.spec.terms.order_qty = core::Quantity::from_int(1);
      place.spec.terms.price = core::Price(core::Decimal::from_int(1));
      daemon_->submit(place, now_);
    }
    daemon_->turn(now_);
    pump();
  }

  /// The last `count` placed orders are filled, with their commissions.
  void fill(std::size_t count) {
    std::string out;
    for (std::size_t i = placed_ - count + 1; i <= placed_; ++i) report_fill(i, out);
    feed(out);
    now_ = now_ + std::chrono::milliseconds(50);
    daemon_->turn(now_);
    // As fast as the history's thread: at a broker's pace it never waits.
    if (history_->room() < history_queue / 2) worker_.drain();
  }

  void settle() {
    worker_.drain();
    daemon_->turn(now_);
  }
  void snapshot() {
    daemon_->attach(*snapshots_);
    daemon_->engine().save_snapshot();
    worker_.drain();
  }
  app::Daemon& daemon() { return *daemon_; }

 private:
  Life() = default;

  void feed(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::string_view chunk = bytes.substr(0, chunk_size);
      bytes.remove_prefix(chunk.size());
      daemon_->broker_bytes(chunk, now_);
      daemon_->turn(now_);
    }
  }
  void pump() {
    for (;;) {
      const auto actions = daemon_->take_broker_actions();
      if (actions.empty()) return;
      std::string answers;
      for (const auto& action : actions) {
        if (const auto* write = std::get_if<broker::Write>(&action)) {
          BELAY_CHECK(gateway_.receive(write->bytes, answers));
        } else if (std::holds_alternative<broker::Connect>(action)) {
          daemon_->broker_connected(now_);
        }
      }
      feed(answers);
    }
  }
  void report_fill(std::size_t i, std::string& out) const {
    wire::ExecDetails exec;
    exec.req_id = -1;
    exec.order_id = static_cast<std::int32_t>(i);
    exec.contract.con_id = 265'598;
    exec.contract.symbol = "AAPL";
    exec.contract.sec_type = "STK";
    exec.contract.exchange = "SMART";
    exec.contract.currency = "USD";
    exec.execution.exec_id = fmt::format("0000e0d5.{:08x}.01.01", i);
    exec.execution.time = "20261121 09:30:00 UTC";
    exec.execution.acct_number = paper_account;
    exec.execution.exchange = "NASDAQ";
    exec.execution.side = "BOT";
    exec.execution.shares = wire::Real::from_int(1);
    exec.execution.price = wire::Real::from_int(1);
    exec.execution.perm_id = 1'000'000'000 + static_cast<std::int64_t>(i) - 1;
    exec.execution.client_id = bench_client_id;
    exec.execution.cum_qty = wire::Real::from_int(1);
    exec.execution.avg_price = wire::Real::from_int(1);
    exec.execution.order_ref = core::order_tag(bench_instance, core::OrderId(i));
    wire::encode(exec, wire::max_server_version, out);
    wire::CommissionReport commission;
    commission.exec_id = exec.execution.exec_id;
    commission.commission = wire::Real::from_int(1);
    commission.currency = "USD";
    wire::encode(commission, wire::max_server_version, out);
  }

  base::Time now_{1'795'000'000'000'000'000};
  GatewaySession gateway_;
  history::Worker worker_;
  std::unique_ptr<journal::SqliteInlineJournal> journal_;
  std::unique_ptr<history::HistoryThread> history_;
  std::unique_ptr<history::SnapshotFiles> snapshots_;
  std::unique_ptr<app::Daemon> daemon_;
  std::size_t placed_ = 0;
};

}  // namespace

base::Result<Figures> measure_million(std::size_t orders, const std::string& dir,
                                      double archived_bytes_max) {
  constexpr std::size_t live_orders = 5'000;
  Figures out{{"orders", static_cast<double>(orders)}};
  std::string state;
  double grown = 0;
  {
    auto begun = Life::begin(dir, Life::From::journal);
    if (!begun) return base::Failure<base::Error>{begun.error()};
    Life& life = **begun;
    life.connect();
    const std::int64_t before = clock_ns();
    double early = 0;
    std::size_t early_archived = 0;
    std::size_t done = 0;
    for (int tenth = 1; tenth <= 10; ++tenth) {
      const std::size_t until = orders * static_cast<std::size_t>(tenth) / 10;
      while (done < until) {
        const std::size_t count = std::min(batch_size, until - done);
        life.place(count);
        life.fill(count);
        done += count;
      }
      life.settle();
      const core::Book& book = life.daemon().view().book();
      out[fmt::format("rss_mib_at_{:03}", tenth * 10)] =
          static_cast<double>(resident_bytes()) / 1048576;
      if (tenth == 2) early = allocated_bytes(), early_archived = book.archived();
      if (tenth == 10) {
        grown = (allocated_bytes() - early) / static_cast<double>(book.archived() - early_archived);
      }
    }
    out["us_per_order"] =
        static_cast<double>(clock_ns() - before) / 1000.0 / static_cast<double>(orders);
    out["bytes_per_archived_order"] = grown;
    out["kept_bytes_per_order"] =
        static_cast<double>(life.daemon().engine().core().book().kept_bytes()) /
        static_cast<double>(orders);
    const double without_live = allocated_bytes();
    for (std::size_t i = 0; i < live_orders; i += batch_size) life.place(batch_size);
    life.settle();
    out["bytes_per_live_order"] =
        (allocated_bytes() - without_live) / static_cast<double>(live_orders);
    const core::Book& book = life.daemon().view().book();
    if (book.orders_total() != orders + live_orders || book.live().size() != live_orders) {
      return base::fail("million",
                        fmt::format("{} orders, {} live", book.orders_total(), book.live().size()));
    }
    const std::int64_t encoding = clock_ns();
    state = life.daemon().engine().core().book().encode();
    out["snapshot_encode_ms"] = static_cast<double>(clock_ns() - encoding) / 1e6;
    life.snapshot();
  }
  const auto total = static_cast<double>(orders + live_orders);
  out["journal_bytes_per_order"] = file_bytes(dir + "/journal.db") / total;
  out["history_bytes_per_order"] =
      (file_bytes(dir + "/views.db") + file_bytes(dir + "/views.db-wal")) / total;
  out["snapshot_mib"] = static_cast<double>(state.size()) / 1048576;

  // Each start adds its own event, so the journal grows by one between them.
  const auto start = [&](Life::From from, const char* figure) -> base::Status<> {
    const std::int64_t before = clock_ns();
    auto life = Life::begin(dir, from);
    if (!life) return base::Failure<base::Error>{life.error()};
    out[figure] = static_cast<double>(clock_ns() - before) / 1e6;
    const core::Book& book = (*life)->daemon().engine().core().book();
    if (book.orders_total() != orders + live_orders || book.live().size() != live_orders) {
      return base::fail("million", "orders are missing after a restart");
    }
    return base::ok();
  };
  if (auto done = start(Life::From::snapshot, "start_with_snapshot_ms"); !done) {
    return base::Failure<base::Error>{done.error()};
  }
  if (auto done = start(Life::From::journal, "start_without_snapshot_ms"); !done) {
    return base::Failure<base::Error>{done.error()};
  }
  std::filesystem::remove(dir + "/views.db");
  std::filesystem::remove(dir + "/views.db-wal");
  std::filesystem::remove(dir + "/views.db-shm");
  if (auto done = start(Life::From::journal, "start_with_history_rebuilt_ms"); !done) {
    return base::Failure<base::Error>{done.error()};
  }
  if (grown > archived_bytes_max) {
    return base::fail("million", fmt::format("memory grows by {:.0f} bytes per archived order; at "
                                             "most {:.0f} are expected",
                                             grown, archived_bytes_max));
  }
  return out;
}

}  // namespace belay::bench
