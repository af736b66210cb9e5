// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/foreign_session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/tws/error_codes.hpp"
#include "belay/tws/translate.hpp"

namespace belay::tws {

using core::BrokerState;
using core::ForeignOutcome;
using core::Verdict;

namespace {
constexpr std::size_t foreign_shown_max = 50'000;
}  // namespace

ForeignSession::ForeignSession(ForeignOptions options, ForeignHooks hooks)
    : options_(std::move(options)), hooks_(std::move(hooks)) {
  options_.session.connect_timeout = options_.hold;
}

void ForeignSession::cancel(const core::ForeignCancelEffect& effect) {
  queue({effect.order, effect.broker_id, effect.permanent_id, false});
}
void ForeignSession::queue(Job job) {
  if (queue_.size() >= options_.queue_max) {
    refused_.emplace_back(std::move(job),
                          fmt::format("{} requests wait for other clients' ids already "
                                      "(FOREIGN_QUEUE_SIZE)",
                                      queue_.size()));
    return;
  }
  queue_.push_back(std::move(job));
}

void ForeignSession::connected(base::Time now) {
  if (!session_) {
    host_actions_.emplace_back(session::Close{"the time for it is over"});
    return;
  }
  session_->connected(now);
  pump(now);
}
void ForeignSession::bytes(std::string_view data, base::Time now) {
  while (session_ && session_->read(data, now)) hear();
  pump(now);
}
void ForeignSession::closed(std::string_view reason, base::Time now) {
  if (!session_) return;
  silent_ = session_->phase() == session::Phase::starting && in_use_.empty();
  session_->closed(reason, now);
  pump(now);
}

void ForeignSession::tick(base::Time now) {
  for (const auto& [job, why] : std::exchange(refused_, {})) {
    finish(job, ForeignOutcome::refused, why);
  }
  if (session_ && now >= ends_at_) {
    host_actions_.emplace_back(session::Close{"held long enough"});
    end("no answer in the time for which the id may be held");
  }
  if (session_) {
    join(now);
    session_->tick(now);
    pump(now);
  } else {
    begin(now);
  }
}

base::Time ForeignSession::next_deadline(base::Time now) const {
  if (!refused_.empty()) return now;
  if (!session_) return queue_.empty() ? base::never : now;
  const bool can_join = std::any_of(queue_.begin(), queue_.end(), [this](const Job& job) {
    return job.target.session == owner_;
  });
  if (can_join && now - started_ < options_.hold / 2) return now;
  return std::min(ends_at_, session_->next_deadline(now));
}

// Connects in the name of the first waiting request's owner; what waits for the same owner shares
// it.
void ForeignSession::begin(base::Time now) {
  if (queue_.empty()) return;
  owner_ = queue_.front().target.session;
  started_ = now;
  ends_at_ = now + options_.hold;
  shown_.clear();
  listing_ = listed_ = silent_ = false;
  in_use_.clear();
  session::SessionOptions options = options_.session;
  options.client_id = owner_;
  session_.emplace(options);
  hooks_.log(fmt::format("connecting in the name of client {}, on request", owner_));
  join(now);
  session_->start(now);
  pump(now);
}

// In the second half of its time an id is not given more to do: it could not be finished.
void ForeignSession::join(base::Time now) {
  if (now - started_ >= options_.hold / 2) return;
  const auto other = std::stable_partition(queue_.begin(), queue_.end(), [this](const Job& job) {
    return job.target.session == owner_;
  });
  const bool any = other != queue_.begin();
  std::move(queue_.begin(), other, std::back_inserter(active_));
  queue_.erase(queue_.begin(), other);
  if (any && session_->phase() == session::Phase::up) send_ready(now);
}

void ForeignSession::hear() {
  while (session_ && session_->has_actions()) {
    for (session::Action& action : session_->take_actions()) {
      if (const auto* deliver = std::get_if<session::Deliver>(&action)) {
        const auto& read = *deliver->read;
        for (const wire::DamagedField& field : read.damaged) {
          hooks_.log("could not be read: " + wire::to_string(wire::name(read.message), field));
        }
        damaged_ = !read.damaged.empty();
        std::visit([this](const auto& message) { on(message); }, read.message);
        damaged_ = false;
        if (in_use_.empty() || session_->phase() == session::Phase::up) continue;
        host_actions_.emplace_back(session::Close{"the id is in use"});
        return end(in_use_);
      } else if (std::holds_alternative<session::Up>(action)) {
        hooks_.log(fmt::format("connected in the name of client {}", owner_));
      } else if (const auto* gone = std::get_if<session::Down>(&action)) {
        return end(gone->reason);
      } else if (const auto* unreadable = std::get_if<session::Unreadable>(&action)) {
        hooks_.log("a message could not be read: " + unreadable->what);
      } else if (auto link = session::link_action(action)) {
        host_actions_.push_back(std::move(*link));
      }
    }
  }
}

void ForeignSession::pump(base::Time now) {
  do {
    hear();
    if (session_ && session_->phase() == session::Phase::up) send_ready(now);
  } while (session_ && session_->has_actions());
  if (session_ && session_->phase() == session::Phase::up && active_.empty()) {
    host_actions_.emplace_back(session::Close{"done"});
    end("done");
  }
}

// The id is given back. The next owner's turn begins in tick(), after the host has closed this
// connection: what the host still has to say about it must not be taken for the next.
void ForeignSession::end(const std::string& why) {
  session_.reset();
  ends_at_ = base::never;
  hooks_.log(fmt::format("the id of client {} is given back: {}", owner_, why));
  for (const Job& job : std::exchange(active_, {})) {
    if (job.sent) {
      finish(job, ForeignOutcome::unanswered, why);
    } else {
      refuse(job, owner_words(job, why));
    }
  }
}

std::string ForeignSession::owner_words(const Job& job, const std::string& why) const {
  const auto order = job.order.value();
  if (!in_use_.empty()) {
    return fmt::format(
        "order {} belongs to client {}, which is connected: only it can cancel it ({})", order,
        owner_, why);
  }
  if (silent_) {
    return fmt::format(
        "order {} belongs to client {}, and TWS closed the connection in its name without a word, "
        "as it does when that client is connected: only it can cancel it",
        order, owner_);
  }
  return fmt::format("order {} belongs to client {}, in whose name nothing could be sent: {}",
                     order, owner_, why);
}

void ForeignSession::refuse(const Job& job, std::string why) {
  finish(job, ForeignOutcome::refused, std::move(why));
}

void ForeignSession::finish(const Job& job, ForeignOutcome outcome, std::string text) {
  hooks_.report(core::ForeignDone{job.order, outcome, std::move(text)});
}

// Sends what is proven to be the order that is meant; asks for the list of orders where the server
// did not give it by itself. Client 0 does not ask: for client 0 that list binds manual orders.
void ForeignSession::send_ready(base::Time now) {
  std::vector<Job> rest;
  for (Job& job : std::exchange(active_, {})) {
    if (job.sent || send(job, now)) rest.push_back(std::move(job));
  }
  active_ = std::move(rest);
}

// False: the job is over, and its outcome was told.
bool ForeignSession::send(Job& job, base::Time now) {
  const auto number = static_cast<std::int32_t>(job.target.number);
  const auto found = shown_.find(number);
  const bool unseen = found == shown_.end();
  if (unseen && owner_ != 0 && !listed_) {
    if (!listing_) listing_ = session_->send_query(wire::ReqOpenOrders{}, now);
    return true;
  }
  if (unseen && owner_ != 0) {
    refuse(job,
           fmt::format("order {} is not among the open orders that TWS shows to client {}: it is "
                       "done, or not known there",
                       job.order.value(), owner_));
    return false;
  }
  const auto known = job.permanent_id ? job.permanent_id->value() : 0;
  const auto told = unseen ? 0 : found->second;
  if (known != 0 && told != 0 && known != told) {
    refuse(job, fmt::format("number {} of client {} is another order by now (permanent id {}, not "
                            "{})",
                            number, owner_, told, known));
    return false;
  }
  session_->send_cancel(to_wire(core::CancelEffect{job.order, job.target}), now);
  job.sent = true;
  finish(job, ForeignOutcome::sent, fmt::format("in the name of client {}", owner_));
  return true;
}

void ForeignSession::answered(std::int32_t number, const std::string& text) {
  std::vector<Job> rest;
  for (Job& job : std::exchange(active_, {})) {
    if (job.sent && job.target.number == number) {
      finish(job, ForeignOutcome::answered, text);
    } else {
      rest.push_back(std::move(job));
    }
  }
  active_ = std::move(rest);
}

template <class Message>
void ForeignSession::report(const Message& message) {
  auto translated = from_wire(message);
  for (const LeftOut& field : translated.left_out) {
    hooks_.log(
        fmt::format("{}: {} \"{}\" cannot be taken", Message::msg_name, field.field, field.value));
  }
  if (!translated) return;
  if constexpr (std::is_same_v<std::decay_t<decltype(*translated)>, core::BrokerOrder>) {
    translated->partial = damaged_ || !translated.left_out.empty();
  }
  hooks_.report(std::move(*translated));
}

void ForeignSession::on(const wire::OpenOrder& message) {
  report(message);
  // As the master client the owner hears of the orders of others too.
  if (message.order.client_id != owner_ || message.order_id == 0) return;
  // A number that may be misread proves nothing.
  if (damaged_ || shown_.size() >= foreign_shown_max) return;
  shown_.insert_or_assign(message.order_id, message.order.perm_id);
}

void ForeignSession::on(const wire::OpenOrderEnd&) {
  if (listing_) listed_ = true;
}

void ForeignSession::on(const wire::OrderStatus& message) {
  report(message);
  const BrokerState state = state_of(message.status, message.why_held);
  const bool over = state == BrokerState::canceled || state == BrokerState::filled ||
                    state == BrokerState::rejected;
  if (over && message.client_id == owner_) answered(message.order_id, message.status);
}

void ForeignSession::on(const wire::ExecDetails& message) {
  report(message);
}
void ForeignSession::on(const wire::CommissionReport& message) {
  report(message);
}

void ForeignSession::on(const wire::ErrMsg& message) {
  if (message.error_code == 326) {
    in_use_ = fmt::format("{} {}", message.error_code, message.error_string);
  }
  const bool ours = std::any_of(active_.begin(), active_.end(), [&](const Job& job) {
    return job.sent && job.target.number == message.id;
  });
  if (!ours) return;
  hooks_.log(fmt::format("notice {} about {} of client {}: {}", message.error_code, message.id,
                         owner_, message.error_string));
  hooks_.report(from_wire(message, owner_));
  const Verdict verdict = verdict_of(message.error_code);
  const bool cancel = verdict == Verdict::canceled || verdict == Verdict::cancel_too_late ||
                      verdict == Verdict::cancel_unknown;
  if (!cancel && verdict != Verdict::request_refused) return;
  answered(message.id, fmt::format("{} {}", message.error_code, message.error_string));
}

}  // namespace belay::tws
