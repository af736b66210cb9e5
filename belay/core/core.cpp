// SPDX-License-Identifier: Apache-2.0
#include "belay/core/core.hpp"

#include <algorithm>

#include "belay/base/check.hpp"

namespace belay::core {

Core::Core(CoreOptions options) : options_(std::move(options)), calendar_(options_.calendar) {}
Core::Core(const Core& other) = default;
Core::Core(Core&& other) noexcept = default;
Core& Core::operator=(const Core& other) = default;
Core& Core::operator=(Core&& other) noexcept = default;
Core::~Core() = default;

Output Core::step(const Input& input, const Context& context) {
  context_ = context;
  output_ = Output();
  const std::int64_t mark = book_.id_mark(session_);
  const bool was_ready = ready();
  begin_step(input);
  look_at_calendar();
  std::visit(
      [this](const auto& in) {
        if (about_archived(in)) return;
        on(in);
        note_shown(in);
      },
      input);
  end_contract_questions();
  if (ready() && !was_ready) note_ready();
  keep_calendar();
  settle_reset();
  follow_events();
  drain_outbox();
  archive_finished();
  watch_mark(mark);
  end_step();
  return std::move(output_);
}

base::Time Core::next_deadline() const {
  base::Time next =
      std::min({own_time(calendar_state_.until), ids_deadline(), outbox_.next_deadline(),
                rounds_deadline(), claims_.next_due(), contracts_.next_deadline()});
  if (const Order* finished = next_to_archive()) {
    next = std::min(next, is_due(*finished, context_.now)
                              ? context_.now
                              : finished->updated_at + options_.finished_kept);
  }
  return next;
}

void Core::emit(Event event) {
  if (rounds_.listing) note_finding(event);
  StampedEvent stamped{book_.last_seq() + 1, context_.now, std::move(event)};
  book_.apply(stamped);
  output_.events.push_back(std::move(stamped));
}

void Core::reply(Correlation to, ReplyCode code, OrderId order, std::string text,
                 std::vector<base::Error> errors) {
  if (to == 0) return;
  effect(Reply{to, code, order, std::move(text), std::move(errors)});
}

void Core::incident(std::string kind, OrderId order, std::string text, std::string subject,
                    std::vector<std::string> candidates) {
  if (!subject.empty() && book_.find_incident(subject) != nullptr) return;
  make_room_for_incident();
  emit(IncidentOpened{std::move(kind), order, std::move(text), std::move(subject),
                      std::move(candidates)});
}

const Order& Core::order(OrderId id) const {
  const Order* found = book_.find(id);
  BELAY_CHECK(found != nullptr);
  return *found;
}

}  // namespace belay::core
