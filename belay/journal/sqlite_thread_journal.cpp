// SPDX-License-Identifier: Apache-2.0
#include "belay/journal/sqlite_thread_journal.hpp"

#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace belay::journal {

base::Result<std::unique_ptr<SqliteThreadJournal>> SqliteThreadJournal::open(
    SqliteSettings settings, Options options) {
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) return base::fail("eventfd", std::strerror(errno));
  auto store = SqliteJournal::open(std::move(settings));
  if (!store) return base::Failure<base::Error>{store.error()};
  return std::unique_ptr<SqliteThreadJournal>(
      new SqliteThreadJournal(std::move(*store), options, std::move(event)));
}

SqliteThreadJournal::SqliteThreadJournal(std::unique_ptr<SqliteJournal> store, Options options,
                                         UniqueFd event)
    : options_(options),
      settings_(store->settings()),
      last_seq_(store->last_seq()),
      last_epoch_(store->last_epoch()),
      last_check_(store->last_check()),
      event_(std::move(event)),
      store_(std::move(store)) {}

SqliteThreadJournal::~SqliteThreadJournal() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    work_.store(true, std::memory_order_release);
  }
  wake_.notify_one();
  thread_.join();
}

base::Status<> SqliteThreadJournal::replay(
    const std::function<bool(const engine::JournalRecord&)>& visit) {
  BELAY_CHECK(!thread_.joinable());
  return store_->replay(visit);
}

base::Status<> SqliteThreadJournal::replay_from(
    std::uint64_t from, const std::function<bool(const engine::JournalRecord&)>& visit) {
  BELAY_CHECK(!thread_.joinable());
  return store_->replay_from(from, visit);
}

std::optional<std::uint32_t> SqliteThreadJournal::check_at(std::uint64_t seq) {
  BELAY_CHECK(!thread_.joinable());
  return store_->check_at(seq);
}

std::uint64_t SqliteThreadJournal::append(std::uint64_t epoch, std::uint64_t expected_seq,
                                          std::vector<engine::JournalRecord> batch) {
  BELAY_CHECK(!in_flight_);
  BELAY_CHECK(!batch.empty());
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  in_flight_ = true;
  flying_seq_ = expected_seq + batch.size() - 1;
  flying_epoch_ = epoch;
  {
    const std::lock_guard lock(mutex_);
    job_ = Job{epoch, expected_seq, std::move(batch)};
    work_.store(true, std::memory_order_release);
  }
  wake_.notify_one();
  return ++last_ticket_;
}

std::optional<engine::AppendCompletion> SqliteThreadJournal::poll() {
  const bool ready = in_flight_ && answered_.load(std::memory_order_acquire);
  if (in_flight_ && !ready) return std::nullopt;
  // An owner that polls by itself may take the answer before its wake-up is written; read here
  // even without an answer, or that wake-up would keep the descriptor readable for ever.
  std::uint64_t count = 0;
  const ssize_t got = ::read(event_.get(), &count, sizeof count);
  (void)got;
  if (!ready) return std::nullopt;
  answered_.store(false, std::memory_order_relaxed);
  in_flight_ = false;
  if (answer_.outcome == engine::AppendOutcome::durable) {
    last_seq_ = flying_seq_;
    last_epoch_ = flying_epoch_;
    last_check_ = answered_check_;
  }
  return engine::AppendCompletion{last_ticket_, answer_.outcome, std::move(answer_.detail)};
}

void SqliteThreadJournal::idle() {
  // Asked by every quiet turn of the loop: a look at a counter, and a wake-up only when it pays.
  if (in_flight_ || !thread_.joinable() ||
      to_move_.load(std::memory_order_relaxed) < settings_.idle_checkpoint_frames) {
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    tidy_up_ = true;
    work_.store(true, std::memory_order_release);
  }
  wake_.notify_one();
}

std::optional<DiskRoom> SqliteThreadJournal::disk_room() {
  const auto free = settings_.free_bytes ? settings_.free_bytes() : free_bytes_at(settings_.path);
  if (!free) return std::nullopt;
  const DiskRoom room = judge_room(*free, settings_.room, refusing_);
  refusing_ = room.refuse_new;
  return room;
}

void SqliteThreadJournal::wait_for_work(std::unique_lock<std::mutex>& lock) {
  if (options_.spin) {
    lock.unlock();
    while (!work_.load(std::memory_order_acquire)) {
    }
    lock.lock();
  }
  wake_.wait(lock, [this] { return job_.has_value() || tidy_up_ || stop_; });
  work_.store(false, std::memory_order_relaxed);
}

void SqliteThreadJournal::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!job_ && !tidy_up_ && !stop_) wait_for_work(lock);
    if (job_) {
      const Job job = std::move(*job_);
      job_.reset();
      lock.unlock();
      commit(job);
      lock.lock();
    } else if (tidy_up_) {
      tidy_up_ = false;
      lock.unlock();
      store_->idle();
      publish_frames();
      lock.lock();
    } else if (stop_) {
      return;
    }
  }
}

void SqliteThreadJournal::publish_frames() {
  wal_frames_.store(store_->wal_frames(), std::memory_order_relaxed);
  to_move_.store(store_->frames_to_move(), std::memory_order_relaxed);
}

void SqliteThreadJournal::commit(const Job& job) {
  answer_ = store_->append(job.epoch, job.expected_seq, job.batch);
  answered_check_ = store_->last_check();
  publish_frames();
  answered_.store(true, std::memory_order_release);
  const std::uint64_t one = 1;
  const ssize_t put = ::write(event_.get(), &one, sizeof one);
  BELAY_CHECK(put == static_cast<ssize_t>(sizeof one));
  store_->after_append();
  publish_frames();
}

}  // namespace belay::journal
