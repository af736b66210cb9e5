// SPDX-License-Identifier: Apache-2.0
#include "belay/history/history_thread.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "belay/base/check.hpp"

namespace belay::history {

using engine::HistoryAnswer;
using engine::HistoryQuery;
using engine::HistoryRow;

namespace {
constexpr std::size_t batch_max = 512;
}  // namespace

base::Result<std::unique_ptr<HistoryThread>> HistoryThread::open(const StoreSettings& settings,
                                                                 const Options& options,
                                                                 Worker& worker) {
  journal::UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event.valid()) return base::fail("eventfd", std::strerror(errno));
  auto store = HistoryStore::open(settings);
  if (!store) return base::Failure<base::Error>{store.error()};
  return std::unique_ptr<HistoryThread>(
      new HistoryThread(std::move(*store), options, worker, std::move(event)));
}

HistoryThread::HistoryThread(std::unique_ptr<HistoryStore> store, const Options& options,
                             Worker& worker, journal::UniqueFd event)
    : options_(options), worker_(worker), event_(std::move(event)), store_(std::move(store)) {
  bytes_.store(store_->file_bytes());
}

HistoryThread::~HistoryThread() {
  finish();
}

std::size_t HistoryThread::finish() {
  worker_.drain();  // from here on the worker has nothing of ours
  write_rows();
  return rows_.size();
}

base::Status<> HistoryThread::begin(std::uint64_t instance, std::uint64_t journal_seq) {
  auto begun = store_->begin(instance, journal_seq);
  last_seq_ = store_->last_seq();
  return begun;
}

std::size_t HistoryThread::room() const {
  const std::size_t waiting = waiting_.load(std::memory_order_relaxed);
  return waiting < options_.queue_max ? options_.queue_max - waiting : 0;
}

void HistoryThread::wait_for_room() {
  if (room() == 0) worker_.drain();
}

void HistoryThread::put(HistoryRow row) {
  BELAY_CHECK(row.seq > last_seq_);
  last_seq_ = row.seq;
  add(std::move(row));
}

void HistoryThread::ask(std::uint64_t ticket, HistoryQuery query) {
  add(Question{ticket, std::move(query)});
}

void HistoryThread::add(Item item) {
  waiting_.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
  }
  schedule();
}

void HistoryThread::schedule() {
  bool post = false;
  {
    const std::lock_guard lock(mutex_);
    post = !std::exchange(scheduled_, true);
  }
  if (post) worker_.post([this] { work(); });
}

std::optional<HistoryAnswer> HistoryThread::poll() {
  const auto retry_at = retry_at_.load(std::memory_order_relaxed);
  if (retry_at != no_retry && std::chrono::steady_clock::now() >= retry_at) schedule();
  std::uint64_t count = 0;
  const std::lock_guard lock(mutex_);
  // Read with the lock held: an answer that is added later writes its own wake-up.
  const ssize_t got = ::read(event_.get(), &count, sizeof count);
  (void)got;
  if (answers_.empty()) return std::nullopt;
  HistoryAnswer answer = std::move(answers_.front());
  answers_.pop_front();
  return answer;
}

engine::HistoryStats HistoryThread::stats() const {
  return {waiting_.load(std::memory_order_relaxed), written_.load(std::memory_order_relaxed),
          failed_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed)};
}

void HistoryThread::work() {
  std::deque<Item> taken;
  {
    const std::lock_guard lock(mutex_);
    scheduled_ = false;
    taken.swap(items_);
  }
  for (Item& item : taken) {
    if (auto* row = std::get_if<HistoryRow>(&item)) {
      rows_.push_back(std::move(*row));
      if (rows_.size() >= batch_max) write_if_due();
    } else {
      // What was put before is read, so it is written first.
      write_if_due();
      answer(std::get<Question>(item));
      waiting_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  write_if_due();
  bytes_.store(store_->file_bytes(), std::memory_order_relaxed);
}

void HistoryThread::write_if_due() {
  const auto retry_at = retry_at_.load(std::memory_order_relaxed);
  if (retry_at == no_retry || std::chrono::steady_clock::now() >= retry_at) write_rows();
}

void HistoryThread::write_rows() {
  std::size_t written = 0;
  bool failed = false;
  while (written < rows_.size() && !failed) {
    const std::size_t count = std::min(batch_max, rows_.size() - written);
    failed = !store_->put(std::span(rows_).subspan(written, count)).has_value();
    if (!failed) written += count;
  }
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(written));
  written_.fetch_add(written, std::memory_order_relaxed);
  waiting_.fetch_sub(written, std::memory_order_relaxed);
  if (!failed) {
    pause_ = pause_.zero();
    retry_at_.store(no_retry, std::memory_order_relaxed);
    return;
  }
  failed_.fetch_add(1, std::memory_order_relaxed);
  pause_ =
      pause_ == pause_.zero() ? options_.first_pause : std::min(2 * pause_, options_.longest_pause);
  retry_at_.store(std::chrono::steady_clock::now() + pause_, std::memory_order_relaxed);
}

void HistoryThread::answer(const Question& question) {
  HistoryAnswer found;
  const auto unwritten = std::find_if(rows_.rbegin(), rows_.rend(), [&](const HistoryRow& row) {
    return question.query.by == HistoryQuery::By::order && row.order == question.query.order;
  });
  if (unwritten != rows_.rend()) {
    found.ticket = question.ticket;
    found.states.push_back(unwritten->state);
  } else if (!rows_.empty() && question.query.by != HistoryQuery::By::order) {
    found.ticket = question.ticket;
    found.error = "the history's disk cannot be written";
  } else {
    found = store_->read(question.ticket, question.query);
  }
  const std::uint64_t one = 1;
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(found));
  const ssize_t put = ::write(event_.get(), &one, sizeof one);
  (void)put;
}

}  // namespace belay::history
