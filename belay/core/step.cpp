// SPDX-License-Identifier: Apache-2.0
#include "belay/core/step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "belay/base/check.hpp"

namespace belay::core {

namespace {
constexpr const char* dropped_subject = "incidents_dropped";
}

const Order& Step::order(OrderId id) const {
  const Order* found = book_.find(id);
  BELAY_CHECK(found != nullptr);
  return *found;
}

void Step::emit(Event event) {
  findings_.note(book_, event, options().reconcile.report_max);
  StampedEvent stamped{book_.last_seq() + 1, now(), std::move(event)};
  book_.apply(stamped);
  output_.events.push_back(std::move(stamped));
}

void Step::reply(Correlation to, ReplyCode code, OrderId order, std::string text,
                 std::vector<base::Error> errors) {
  if (to == 0) return;
  effect(Reply{to, code, order, std::move(text), std::move(errors)});
}

void Step::incident(std::string kind, OrderId order, std::string text, std::string subject,
                    std::vector<std::string> candidates) {
  if (!subject.empty() && book_.find_incident(subject) != nullptr) return;
  make_room_for_incident();
  emit(IncidentOpened{std::move(kind), order, std::move(text), std::move(subject),
                      std::move(candidates)});
}

// The oldest gives way, of those without a subject first: each of the others stands for something
// that is still so. That this happened is itself an incident, once.
void Step::make_room_for_incident() {
  const auto& open = book().incidents();
  if (options().incidents_max == 0 || open.size() < options().incidents_max) return;
  auto victim = std::find_if(open.begin(), open.end(),
                             [](const auto& entry) { return entry.second.opened.subject.empty(); });
  if (victim == open.end()) {
    victim = std::find_if(open.begin(), open.end(), [](const auto& entry) {
      return entry.second.opened.subject != dropped_subject;
    });
  }
  if (victim == open.end()) return;
  const std::string reason =
      fmt::format("gave way: {} incidents were open", options().incidents_max);
  emit(IncidentClosed{victim->first, reason, ""});
  if (book().find_incident(dropped_subject) != nullptr) return;
  emit(IncidentOpened{"incidents_dropped",
                      {},
                      fmt::format("more than {} incidents are open: the oldest give way unread; "
                                  "they are in the journal",
                                  options().incidents_max),
                      dropped_subject,
                      {}});
}

}  // namespace belay::core
