// SPDX-License-Identifier: Apache-2.0
#include "bench/behind.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "apps/belay/daemon.hpp"
#include "belay/journal/sqlite_thread_journal.hpp"
#include "belay/net/tcp.hpp"
#include "belay/tws/tws_broker.hpp"
#include "bench/client_options.hpp"
#include "bench/gateway_session.hpp"

namespace belay::bench {
namespace {

core::OrderSpec spec_of(core::Side side, core::OrdType type) {
  core::OrderSpec spec;
  spec.account = core::AccountId(paper_account);
  spec.contract.symbol = order_symbol;
  spec.side = side;
  spec.ord_type = type;
  spec.terms.order_qty = core::Quantity::from_int(1);
  const core::Price far(*core::Decimal::parse(order_limit));
  (type == core::OrdType::stop ? spec.terms.stop_px : spec.terms.price) = far;
  return spec;
}

class Behind {
 public:
  Behind(std::uint16_t port, std::size_t entries,
         std::unique_ptr<journal::SqliteThreadJournal> disk)
      : port_(port), entries_(entries), journal_(std::move(disk)) {}

  base::Result<Figures> run() {
    app::DaemonOptions options;
    options.engine.core.queue_max = entries_ + 100;
    options.engine.core.queue_timeout = std::chrono::hours(1);
    tws::TwsBrokerOptions gateway;
    gateway.endpoint = fmt::format("127.0.0.1:{}", port_);
    gateway.session.client_id = 77;
    options.make_broker = tws::maker(gateway);
    app::DaemonHooks hooks;
    hooks.reply = [](const core::Reply&) {};
    hooks.fatal = [this](const std::string& why) { failure_ = why; };
    hooks.log = [](const std::string&) {};
    daemon_ = std::make_unique<app::Daemon>(options, *journal_, std::move(hooks));
    daemon_->view().on_event([this](const views::EventLine& line) { published(line); });
    answer_ = loop_.watch_fd(journal_->notify_fd(), [this] {
      std::uint64_t count = 0;
      static_cast<void>(::read(journal_->notify_fd(), &count, sizeof count) > 0);
    });
    loop_.on_turn([this] { turn(); });
    limit_ = loop_.after(std::chrono::seconds(60), [this] { failure_ = "no answer within 60 s"; });
    if (auto started = daemon_->start(core::InstanceId(0x0123456789ab), loop_.now()); !started) {
      return base::Failure<base::Error>{started.error()};
    }
    turn();
    while (failure_.empty() && !(canceled_ns_ && protected_ns_)) loop_.run_turn();
    if (!failure_.empty()) return base::fail("behind", failure_);
    return Figures{{"entries", static_cast<double>(entries_)},
                   {"cancel_ms", static_cast<double>(*canceled_ns_) / 1e6},
                   {"protective_ms", static_cast<double>(*protected_ns_) / 1e6}};
  }

 private:
  core::OrderId place(core::Side side, core::OrdType type) {
    const core::OrderId id = daemon_->engine().core().book().next_order_id();
    daemon_->submit(core::PlaceOrder{0, "bench", std::nullopt, spec_of(side, type)}, loop_.now());
    return id;
  }

  void turn() {
    daemon_->turn(loop_.now());
    if (!resting_ && daemon_->engine().core().ready()) {
      resting_ = place(core::Side::buy, core::OrdType::limit);
      held_ = place(core::Side::buy, core::OrdType::limit);
      daemon_->turn(loop_.now());
    }
    if (acknowledged_ == 2 && asked_ns_ == 0) ask();
    carry();
    timer_ = loop_.at(daemon_->next_deadline(loop_.now()), [] {});
  }

  // One share is held, so a stop protects it; the gateway itself fills nothing.
  void ask() {
    core::BrokerExecution fill;
    fill.names.broker_id = daemon_->engine().core().book().find(*held_)->broker_id;
    fill.account = core::AccountId(paper_account);
    fill.contract.symbol = order_symbol;
    fill.contract.con_id = 265'598;
    fill.execution.id = core::split_exec_id("bench.1.01");
    fill.execution.last_qty = core::Quantity::from_int(1);
    fill.execution.last_px = core::Price(*core::Decimal::parse(order_limit));
    daemon_->submit(fill, loop_.now());
    for (std::size_t i = 0; i < entries_; ++i) place(core::Side::buy, core::OrdType::limit);
    asked_ns_ = clock_ns();
    daemon_->submit(core::CancelOrder{0, "bench", *resting_, std::nullopt}, loop_.now());
    stop_ = place(core::Side::sell, core::OrdType::stop);
    daemon_->turn(loop_.now());
  }

  void published(const views::EventLine& line) {
    const bool acknowledged = std::holds_alternative<core::BrokerAcknowledged>(line.event());
    if (acknowledged && (line.order() == resting_ || line.order() == held_)) ++acknowledged_;
    if (acknowledged && line.order() == stop_) protected_ns_ = clock_ns() - asked_ns_;
    if (std::holds_alternative<core::OrderCanceled>(line.event())) {
      canceled_ns_ = clock_ns() - asked_ns_;
    }
  }

  void carry() {
    std::string frames;
    for (broker::LinkAction& action : daemon_->take_broker_actions()) {
      if (const auto* write = std::get_if<broker::Write>(&action)) {
        frames += write->bytes;
      } else if (std::holds_alternative<broker::Connect>(action)) {
        connect();
      } else if (const auto* close = std::get_if<broker::Close>(&action)) {
        failure_ = close->reason;
      }
    }
    if (!frames.empty()) stream_.write(frames);
  }

  void connect() {
    stream_ = net::TcpStream::connect(
        loop_, {.to = {"127.0.0.1", port_}, .timeout = std::chrono::seconds(10)},
        {.on_connected = [this] { daemon_->broker_connected(loop_.now()); },
         .on_bytes = [this](std::string_view b) { daemon_->broker_bytes(b, loop_.now()); },
         .on_closed = [this](const std::string& reason) { failure_ = reason; },
         .on_drained = {}});
  }

  const std::uint16_t port_;
  const std::size_t entries_;
  net::Loop loop_;
  std::unique_ptr<journal::SqliteThreadJournal> journal_;
  std::unique_ptr<app::Daemon> daemon_;
  net::Handle answer_;
  net::Handle timer_;
  net::Handle limit_;
  net::TcpStream stream_;
  std::optional<core::OrderId> resting_;
  std::optional<core::OrderId> held_;
  std::optional<core::OrderId> stop_;
  int acknowledged_ = 0;
  std::int64_t asked_ns_ = 0;
  std::optional<std::int64_t> canceled_ns_;
  std::optional<std::int64_t> protected_ns_;
  std::string failure_;
};

}  // namespace

base::Result<Figures> measure_behind(std::uint16_t port, std::size_t entries,
                                     const std::string& dir) {
  journal::SqliteSettings settings;
  settings.path = dir + "/journal.db";
  auto disk = journal::SqliteThreadJournal::open(settings, {});
  if (!disk) return base::Failure<base::Error>{disk.error()};
  const auto behind = std::make_unique<Behind>(port, entries, std::move(*disk));
  return behind->run();
}

}  // namespace belay::bench
