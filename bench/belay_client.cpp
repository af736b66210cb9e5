// SPDX-License-Identifier: Apache-2.0
// Belay in this process: the daemon's own objects on the real loop and a real socket, driven
// through Daemon::submit as the HTTP routes drive it. An order counts when its acknowledgement is
// published, which in the durable modes means that the answer is on disk too. `seen` is the earlier
// moment at which the core knows the answer, `accepted` the caller's durable yes.
#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "apps/belay/daemon.hpp"
#include "belay/journal/memory_journal.hpp"
#include "belay/journal/sqlite_inline_journal.hpp"
#include "belay/journal/sqlite_thread_journal.hpp"
#include "belay/net/tcp.hpp"
#include "bench/affinity.hpp"
#include "bench/client_options.hpp"
#include "bench/gateway_session.hpp"

namespace belay::bench {
namespace {

app::DaemonOptions daemon_options(const ClientOptions& options) {
  app::DaemonOptions out;
  out.make_broker =
      unpaced_broker(options.client_id, fmt::format("{}:{}", options.host, options.port));
  return out;
}

core::OrderSpec far_limit() {
  core::OrderSpec spec;
  spec.contract.symbol = order_symbol;
  spec.side = core::Side::buy;
  spec.ord_type = core::OrdType::limit;
  spec.terms.order_qty = core::Quantity::from_int(1);
  spec.terms.price = core::Price(*core::Decimal::parse(order_limit));
  spec.purpose = "test";
  return spec;
}

class BelayClient {
 public:
  explicit BelayClient(const ClientOptions& options)
      : options_(options),
        spins_(options.mode == "belay-durable-spin"),
        meter_(options.orders, warm_up_of(options)),
        order_ids_(options.orders) {}

  base::Result<Figures> run() {
    if (auto opened = open_journal(); !opened) return base::Failure<base::Error>{opened.error()};
    // A commit thread is made by the first append and inherits where it may run.
    if (options_.cpu && spins_) pin_away_from(*options_.cpu);
    if (options_.cpu && !spins_) pin_to(*options_.cpu);
    start();
    if (options_.cpu) pin_to(*options_.cpu);
    while (!finished() && failure_.empty()) one_turn();
    if (!failure_.empty()) return base::fail(options_.mode, failure_);
    Figures figures = meter_.figures();
    if (options_.cancel_after) cancel_all();
    return figures;
  }

 private:
  base::Status<> open_journal() {
    const journal::SqliteSettings settings{.path = options_.dir + "/journal.db",
                                           .vfs = "",
                                           .exclusive = false,
                                           .room = {},
                                           .free_bytes = {}};
    if (options_.mode == "belay-memory") {
      const journal::MemoryJournal::Settings roomy{
          .answers = journal::MemoryJournal::Answers::at_poll,
          .records_max = options_.orders * 16 + 1000};
      journal_ = std::make_unique<journal::MemoryJournal>(roomy);
    } else if (options_.mode == "belay-inline") {
      auto opened = journal::SqliteInlineJournal::open(settings);
      if (!opened) return base::Failure<base::Error>{opened.error()};
      journal_ = std::move(*opened);
    } else {
      auto opened = journal::SqliteThreadJournal::open(settings, {.spin = spins_});
      if (!opened) return base::Failure<base::Error>{opened.error()};
      const int fd = (*opened)->notify_fd();
      journal_ = std::move(*opened);
      answer_ = loop_.watch_fd(fd, [fd] {
        std::uint64_t count = 0;
        static_cast<void>(::read(fd, &count, sizeof count) > 0);
      });
    }
    return base::ok();
  }

  void start() {
    app::DaemonHooks hooks;
    hooks.reply = [this](const core::Reply& reply) { replied(reply); };
    hooks.fatal = [this](const std::string& why) { failure_ = why; };
    hooks.log = [](const std::string&) {};
    daemon_ = std::make_unique<app::Daemon>(daemon_options(options_), *journal_, std::move(hooks));
    daemon_->view().on_event([this](const views::EventLine& line) { published(line); });
    loop_.on_turn([this] { end_of_turn(); });
    if (auto started = daemon_->start(core::InstanceId(0x0123456789ab), loop_.now()); !started) {
      failure_ = started.error().detail;
    }
    carry();
    keep_time();
  }

  void one_turn() {
    // The spinning owner looks for its commit instead of sleeping; sockets in between.
    if (spins_ && !daemon_->engine().quiet()) {
      for (int i = 0; i < 1000 && !daemon_->engine().quiet(); ++i) end_of_turn();
      loop_.poll();
    } else {
      loop_.run_turn();
    }
  }

  void keep_time() {
    timer_ = loop_.after(std::chrono::milliseconds(100), [this] { keep_time(); });
    const auto acked = meter_.acknowledged_total();
    quiet_ticks_ = acked == acked_at_tick_ ? quiet_ticks_ + 1 : 0;
    acked_at_tick_ = acked;
    if (quiet_ticks_ > 100) failure_ = "no progress within 10 s";
  }

  void end_of_turn() {
    daemon_->turn(loop_.now());
    if (daemon_->engine().core().ready() && submit_more()) daemon_->turn(loop_.now());
    carry();
  }

  bool submit_more() {
    const std::size_t before = submitted_;
    while (submitted_ < options_.orders &&
           submitted_ - meter_.acknowledged_total() < options_.outstanding) {
      const std::size_t order = submitted_++;
      meter_.sent(order);
      core::PlaceOrder place;
      place.correlation = app::host_correlation | (order + 1);
      place.principal = "bench";
      place.cl_ord_id = core::ClOrdId(fmt::format("bench-{}", order));
      place.spec = spec_;
      daemon_->submit(place, loop_.now());
    }
    return submitted_ > before;
  }

  void replied(const core::Reply& reply) {
    if (reply.correlation == 0) return;
    if (reply.code != core::ReplyCode::accepted) {
      failure_ = "an order was not accepted: " + reply.text;
      return;
    }
    const std::size_t order = (reply.correlation & ~app::host_correlation) - 1;
    meter_.stage("accepted", order);
    order_ids_[order] = reply.order;
    if (index_.size() <= reply.order.value()) index_.resize(reply.order.value() + 1, none);
    index_[reply.order.value()] = order;
    ++replied_;
  }

  void published(const views::EventLine& line) {
    if (std::holds_alternative<core::BrokerAcknowledged>(line.event()) &&
        line.order().value() < index_.size()) {
      const std::size_t order = std::exchange(index_[line.order().value()], none);
      if (order != none) meter_.acknowledged(order);
    } else if (std::holds_alternative<core::OrderRejected>(line.event())) {
      failure_ = "the broker refused an order: " + line.json();
    }
  }

  // Answers come in the sequence of the sends, so only the oldest unseen ones are looked at.
  void note_seen() {
    const core::Book& book = daemon_->engine().core().book();
    while (seen_ < replied_) {
      const core::Order* order = book.find(order_ids_[seen_]);
      if (order == nullptr || order->status == core::OrdStatus::created ||
          order->status == core::OrdStatus::pending_new) {
        return;
      }
      meter_.stage("seen", seen_++);
    }
  }

  // What the broker adapter wants done; frames of one turn leave in one write.
  void carry() {
    frames_.clear();
    for (broker::LinkAction& action : daemon_->take_broker_actions()) {
      if (const auto* write = std::get_if<broker::Write>(&action)) {
        frames_ += write->bytes;
      } else if (std::holds_alternative<broker::Connect>(action)) {
        connect();
      } else if (const auto* close = std::get_if<broker::Close>(&action)) {
        failure_ = close->reason;
      }
    }
    if (!frames_.empty()) stream_.write(frames_);
  }

  void connect() {
    stream_ = net::TcpStream::connect(
        loop_,
        {.to = {options_.host, options_.port},
         .timeout = std::chrono::seconds(10),
         .queue_cap = 64U << 20U},
        {.on_connected = [this] { daemon_->broker_connected(loop_.now()); },
         .on_bytes =
             [this](std::string_view bytes) {
               daemon_->broker_bytes(bytes, loop_.now());
               note_seen();
             },
         .on_closed = [this](const std::string& reason) { failure_ = reason; },
         .on_drained = {}});
  }

  bool finished() const { return meter_.done(); }

  void cancel_all() {
    for (const core::OrderId id : order_ids_) {
      daemon_->submit(core::CancelOrder{0, "bench", id, {}}, loop_.now());
    }
    const std::int64_t until = clock_ns() + 2'000'000'000;
    while (clock_ns() < until && failure_.empty()) loop_.run_turn();
  }

  static constexpr std::size_t none = SIZE_MAX;
  const ClientOptions& options_;
  const bool spins_;
  Meter meter_;
  net::Loop loop_;
  std::unique_ptr<engine::Journal> journal_;
  std::unique_ptr<app::Daemon> daemon_;
  net::Handle answer_;
  net::Handle timer_;
  net::TcpStream stream_;
  const core::OrderSpec spec_ = far_limit();
  std::vector<core::OrderId> order_ids_;  // by order of ours
  std::vector<std::size_t> index_;        // by OrderId; none when acknowledged
  std::size_t submitted_ = 0;
  std::size_t replied_ = 0;
  std::size_t seen_ = 0;
  std::size_t acked_at_tick_ = 0;
  int quiet_ticks_ = 0;
  std::string frames_;
  std::string failure_;
};

}  // namespace

base::Result<Figures> run_belay_client(const ClientOptions& options) {
  const auto client = std::make_unique<BelayClient>(options);
  return client->run();
}

}  // namespace belay::bench
