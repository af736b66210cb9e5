// SPDX-License-Identifier: Apache-2.0
#include "bench/million.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/base/check.hpp"
#include "belay/history/history_thread.hpp"
#include "belay/history/snapshot_files.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
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

template <class Fn>
double ms_of(Fn fn) {
  const std::int64_t before = clock_ns();
  fn();
  return static_cast<double>(clock_ns() - before) / 1e6;
}

/// The floor of a start without a snapshot: the journal's rows, read and checked.
base::Result<double> journal_read_ms(const std::string& dir) {
  journal::SqliteSettings settings;
  settings.path = dir + "/journal.db";
  const std::int64_t before = clock_ns();
  auto journal = journal::SqliteInlineJournal::open(settings);
  if (!journal) return base::Failure<base::Error>{journal.error()};
  std::uint64_t rows = 0;
  auto read = (*journal)->replay([&](const engine::JournalRecord&) { return ++rows != 0; });
  if (!read) return base::Failure<base::Error>{read.error()};
  return static_cast<double>(clock_ns() - before) / 1e6;
}

/// The floor of a start with one: its bytes.
double snapshot_read_ms(const std::string& path) {
  return ms_of([&] {
    std::ifstream file(path, std::ios::binary);
    std::string bytes(static_cast<std::size_t>(file_bytes(path)), '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    BELAY_CHECK(file.good());
  });
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
    options.make_broker = unpaced_broker(bench_client_id);
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
      place.spec.edit().contract.symbol = "AAPL";
      place.spec.edit().ord_type = core::OrdType::limit;
      place.spec.edit().terms.order_qty = core::Quantity::from_int(1);
      place.spec.edit().terms.price = core::Price(core::Decimal::from_int(1));
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
  /// Makes a snapshot and waits until it is on disk. How long the longest call kept the loop, in
  /// milliseconds; negative when there is none after a minute.
  double snapshot(const std::string& dir) {
    daemon_->attach(*snapshots_);
    const std::uint64_t before = history::newest_snapshot(dir).seq;
    double longest = ms_of([&] { daemon_->engine().save_snapshot(); });
    const std::int64_t until = clock_ns() + 60'000'000'000;
    while (history::newest_snapshot(dir).seq == before) {
      if (clock_ns() > until) return -1;
      longest = std::max({longest, ms_of([&] { daemon_->turn(now_); }),
                          ms_of([&] { static_cast<void>(daemon_->work(now_)); })});
    }
    return longest;
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

constexpr std::size_t live_orders = 5'000;

class Million {
 public:
  Million(std::size_t orders, const std::string& dir) : orders_(orders), dir_(dir) {}

  base::Result<Figures> run(double archived_bytes_max, bool rebuild_history) {
    if (auto lived = live(); !lived) return base::Failure<base::Error>{lived.error()};
    if (auto started = starts(rebuild_history); !started) {
      return base::Failure<base::Error>{started.error()};
    }
    if (const double grown = out_.at("bytes_per_archived_order"); grown > archived_bytes_max) {
      return base::fail("million",
                        fmt::format("memory grows by {:.0f} bytes per archived order; at most "
                                    "{:.0f} are expected",
                                    grown, archived_bytes_max));
    }
    return out_;
  }

 private:
  base::Status<> live() {
    auto begun = Life::begin(dir_, Life::From::journal);
    if (!begun) return base::Failure<base::Error>{begun.error()};
    Life& life = **begun;
    life.connect();
    archive_all(life);
    const double without_live = allocated_bytes();
    for (std::size_t i = 0; i < live_orders; i += batch_size) life.place(batch_size);
    life.settle();
    out_["bytes_per_live_order"] =
        (allocated_bytes() - without_live) / static_cast<double>(live_orders);
    if (auto all = complete(life.daemon().view().book(), "of a life"); !all) return all;
    out_["snapshot_stop_ms"] = life.snapshot(dir_);
    if (out_["snapshot_stop_ms"] < 0) return base::fail("million", "no snapshot within 60 s");
    return base::ok();
  }

  // Places, fills and archives, and looks at the memory after each tenth.
  void archive_all(Life& life) {
    const std::int64_t before = clock_ns();
    double early = 0;
    std::size_t early_archived = 0;
    std::size_t done = 0;
    for (int tenth = 1; tenth <= 10; ++tenth) {
      const std::size_t until = orders_ * static_cast<std::size_t>(tenth) / 10;
      while (done < until) {
        const std::size_t count = std::min(batch_size, until - done);
        life.place(count);
        life.fill(count);
        done += count;
      }
      life.settle();
      out_[fmt::format("rss_mib_at_{:03}", tenth * 10)] =
          static_cast<double>(resident_bytes()) / 1048576;
      if (tenth == 2) {
        early = allocated_bytes();
        early_archived = life.daemon().view().book().archived();
      }
    }
    const auto count = static_cast<double>(orders_);
    out_["us_per_order"] = static_cast<double>(clock_ns() - before) / 1000.0 / count;
    const std::size_t archived = life.daemon().view().book().archived() - early_archived;
    out_["bytes_per_archived_order"] = (allocated_bytes() - early) / static_cast<double>(archived);
    out_["kept_bytes_per_order"] =
        static_cast<double>(life.daemon().engine().core().book().kept_bytes()) / count;
  }

  base::Status<> complete(const core::Book& book, const char* when) const {
    if (book.orders_total() == orders_ + live_orders && book.live().size() == live_orders) {
      return base::ok();
    }
    return base::fail("million", fmt::format("{}: {} orders, {} live", when, book.orders_total(),
                                             book.live().size()));
  }

  // Each start adds its own event, so the journal grows by one between them.
  base::Status<> start(Life::From from, const char* figure) {
    const std::int64_t before = clock_ns();
    auto life = Life::begin(dir_, from);
    if (!life) return base::Failure<base::Error>{life.error()};
    out_[figure] = static_cast<double>(clock_ns() - before) / 1e6;
    return complete((*life)->daemon().engine().core().book(), figure);
  }

  base::Status<> starts(bool rebuild_history) {
    const auto total = static_cast<double>(orders_ + live_orders);
    out_["orders"] = static_cast<double>(orders_);
    out_["journal_bytes_per_order"] = file_bytes(dir_ + "/journal.db") / total;
    out_["history_bytes_per_order"] =
        (file_bytes(dir_ + "/views.db") + file_bytes(dir_ + "/views.db-wal")) / total;
    const std::string snapshot = dir_ + "/" + history::newest_snapshot(dir_).name;
    out_["snapshot_mib"] = file_bytes(snapshot) / 1048576;
    out_["snapshot_read_ms"] = snapshot_read_ms(snapshot);
    if (auto done = start(Life::From::snapshot, "start_with_snapshot_ms"); !done) return done;
    const auto read = journal_read_ms(dir_);
    if (!read) return base::Failure<base::Error>{read.error()};
    out_["journal_read_ms"] = *read;
    if (auto done = start(Life::From::journal, "start_without_snapshot_ms"); !done) return done;
    if (!rebuild_history) return base::ok();
    for (const char* file : {"/views.db", "/views.db-wal", "/views.db-shm"}) {
      std::filesystem::remove(dir_ + file);
    }
    return start(Life::From::journal, "start_with_history_rebuilt_ms");
  }

  std::size_t orders_;
  const std::string& dir_;
  Figures out_;
};

}  // namespace

base::Result<Figures> measure_million(std::size_t orders, const std::string& dir,
                                      double archived_bytes_max, bool rebuild_history) {
  return Million(orders, dir).run(archived_bytes_max, rebuild_history);
}

}  // namespace belay::bench
