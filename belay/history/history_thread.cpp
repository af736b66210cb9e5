// SPDX-License-Identifier: Apache-2.0
#include "belay/history/history_thread.hpp"

#include <fmt/format.h>
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
      new HistoryThread(settings, std::move(*store), options, worker, std::move(event)));
}

HistoryThread::HistoryThread(StoreSettings settings, std::unique_ptr<HistoryStore> store,
                             const Options& options, Worker& worker, journal::UniqueFd event)
    : settings_(std::move(settings)),
      options_(options),
      worker_(worker),
      event_(std::move(event)),
      store_(std::move(store)) {
  bytes_.store(store_->file_bytes());
}

HistoryThread::~HistoryThread() {
  finish();
}

std::size_t HistoryThread::finish() {
  stopping_.store(true);
  worker_.drain();  // from here on the worker has nothing of ours
  write_rows();
  return rows_.size();
}

base::Status<> HistoryThread::begin(std::uint64_t instance, std::uint64_t journal_seq) {
  instance_ = instance;
  auto begun = store_->begin(instance, journal_seq);
  last_seq_ = store_->last_seq();
  if (begun) worker_.post([this] { look_through(); });
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
    }
  }
  write_if_due();
  if (store_ != nullptr) bytes_.store(store_->file_bytes(), std::memory_order_relaxed);
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
    failed =
        store_ == nullptr || !store_->put(std::span(rows_).subspan(written, count)).has_value();
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
  mend_if_damaged();
  failed_.fetch_add(1, std::memory_order_relaxed);
  pause_ =
      pause_ == pause_.zero() ? options_.first_pause : std::min(2 * pause_, options_.longest_pause);
  retry_at_.store(std::chrono::steady_clock::now() + pause_, std::memory_order_relaxed);
}

HistoryAnswer HistoryThread::find(const Question& question) {
  HistoryAnswer found;
  found.ticket = question.ticket;
  const bool by_order = question.query.by == HistoryQuery::By::order;
  const auto unwritten = std::find_if(rows_.rbegin(), rows_.rend(), [&](const HistoryRow& row) {
    return by_order && row.order == question.query.order;
  });
  if (unwritten != rows_.rend()) {
    found.states.push_back(unwritten->state);
  } else if (!rows_.empty() && !by_order) {
    found.error = "the history's disk cannot be written";
  } else if (store_ == nullptr) {
    found.error = "views.db cannot be opened";
  } else {
    found = store_->read(question.ticket, question.query);
    // Only an order that was archived is asked for by its id.
    if (by_order && found.states.empty() && found.error.empty()) {
      store_->missing(question.query.order);
      found.error = store_->damaged();
    }
  }
  return found;
}

void HistoryThread::answer(const Question& question) {
  HistoryAnswer found = find(question);
  mend_if_damaged();
  look_on();
  if (!found.error.empty() && source_ != nullptr) {
    if ((question.ticket & engine::recall_ticket) != 0) {
      held_.push_back(question);
      return;
    }
    found.error += "; it is being made anew from the journal";
  }
  deliver(std::move(found));
}

void HistoryThread::deliver(HistoryAnswer found) {
  waiting_.fetch_sub(1, std::memory_order_relaxed);
  const std::uint64_t one = 1;
  const std::lock_guard lock(mutex_);
  answers_.push_back(std::move(found));
  const ssize_t put = ::write(event_.get(), &one, sizeof one);
  (void)put;
}

void HistoryThread::tell(std::string news) {
  const std::lock_guard lock(mutex_);
  news_.push_back(std::move(news));
}

std::vector<std::string> HistoryThread::take_news() {
  const std::lock_guard lock(mutex_);
  return std::exchange(news_, {});
}

// ---- damage ----

void HistoryThread::look_through() {
  looking_ = false;
  if (source_ != nullptr || store_ == nullptr) return;
  store_->scrub(options_.piece);
  mend_if_damaged();
  look_on();
}

// A piece at a time, until the whole file has been looked through.
void HistoryThread::look_on() {
  const bool more = store_ != nullptr && store_->damaged().empty() && !store_->looked_through();
  if (!more || looking_ || stopping_.load()) return;
  looking_ = true;
  worker_.post([this] { look_through(); });
}

void HistoryThread::mend_if_damaged() {
  const bool damaged = store_ == nullptr || !store_->damaged().empty();
  if (!damaged || source_ != nullptr || !options_.source || stopping_.load()) return;
  if (std::chrono::steady_clock::now() < mend_again_at_) return;
  const std::string why = store_ == nullptr ? "it cannot be opened" : store_->damaged();
  tell(fmt::format("the history {}: {}; it is made anew from the journal", settings_.path, why));
  StoreSettings beside = settings_;
  beside.path += ".new";
  HistoryStore::remove(beside.path);
  auto fresh = HistoryStore::open(beside);
  auto source = options_.source();
  if (!fresh || !source) return mended(fresh ? source.error().detail : fresh.error().detail);
  fresh_ = std::move(*fresh);
  source_ = std::move(*source);
  if (auto begun = fresh_->begin(instance_, 0); !begun) return mended(begun.error().detail);
  worker_.post([this] { mend_piece(); });
}

void HistoryThread::mend_piece() {
  if (source_ == nullptr || stopping_.load()) return;
  std::vector<HistoryRow> rows;
  const auto more = source_->next(options_.piece, rows);
  if (!more) return mended(more.error().detail);
  if (auto put = fresh_->put(rows); !put) return mended(put.error().detail);
  if (*more) return worker_.post([this] { mend_piece(); });
  // Everything durable is in it: rows are put behind their events, so none in the old one is newer.
  auto replaced = HistoryStore::replace(settings_, std::move(store_), std::move(fresh_));
  if (replaced) store_ = std::move(*replaced);
  mended(replaced ? "" : replaced.error().detail);
}

void HistoryThread::mended(const std::string& problem) {
  fresh_.reset();
  source_.reset();
  mend_again_at_ =
      problem.empty() ? no_retry : std::chrono::steady_clock::now() + options_.rebuild_pause;
  tell(problem.empty() ? "the history was made anew from the journal and is whole"
                       : "the history could not be made anew from the journal: " + problem);
  for (const Question& question : std::exchange(held_, {})) deliver(find(question));
}

}  // namespace belay::history
