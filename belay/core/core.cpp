// SPDX-License-Identifier: Apache-2.0
#include "belay/core/core.hpp"

#include <algorithm>

#include "belay/base/check.hpp"
#include "belay/core/evidence/names.hpp"
#include "belay/core/evidence/notices.hpp"
#include "belay/core/evidence/sightings.hpp"
#include "belay/core/facts/event_encoding.hpp"
#include "belay/core/ids/floor.hpp"
#include "belay/core/ids/ids.hpp"
#include "belay/core/incidents/incidents.hpp"
#include "belay/core/orders/controls.hpp"
#include "belay/core/orders/desk.hpp"

namespace belay::core {

Core::Core(CoreOptions options) : options_(std::move(options)), link_(options_.calendar) {}
Core::Core(const Core& other) = default;
Core::Core(Core&& other) noexcept = default;
Core& Core::operator=(const Core& other) = default;
Core& Core::operator=(Core&& other) noexcept = default;
Core::~Core() = default;

Output Core::step(const Input& input, const Context& context) {
  context_ = context;
  followed_ = 0;
  Step step({options_, link(), outbox(), shown_, collisions_}, book_, polls_.findings(), context_);
  const std::int64_t mark = book_.id_mark(link().session);
  link_.refresh_calendar(context.now);
  route(input, step);
  polls_.findings().listing = false;
  settle(step);
  archive_.finish([this](OrderId id) { return in_use(id); }, step);
  watch_mark(mark, step);
  settle(step);
  return step.take_output();
}

base::Time Core::next_deadline() const {
  const IdOptions& ids = options_.ids;
  const auto used = [this](OrderId id) { return in_use(id); };
  base::Time next =
      std::min({link().own_time(link().calendar.until), monitor_.next_deadline(ids),
                id_reset_.next_deadline(), sender_.next_deadline(), polls_.next_deadline(link()),
                fills_.next_deadline(), contracts_.next_deadline(),
                archive_.next_deadline(book_, options_, context_, used)});
  if (outbox().empty()) return next;
  return std::min(next, blocks_deadline(book_, link().session, ids.block_hold, context_.now));
}

ReconcileStats Core::reconcile_stats() const {
  ReconcileStats out = polls_.stats();
  out.clock_ahead = link_.clock_ahead();
  return out;
}

// ---- one owner takes the input ----

namespace {
// It answers a question of ours; the rest are news.
template <class In>
bool answers_poll(const In& in) {
  if constexpr (std::is_same_v<In, SnapshotDone>) {
    return true;
  } else if constexpr (requires { in.listed; }) {
    return in.listed;
  } else {
    return false;
  }
}
}  // namespace

// The owner of each input. An input without one does not compile.
struct Core::Owner {
  Core& core;
  Step& step;

  void operator()(const PlaceOrder& in) { on(in, core.contracts_, step); }
  void operator()(const PlaceFamily& in) { on(in, step); }
  void operator()(const ReplaceOrder& in) { on(in, step); }
  void operator()(const CancelOrder& in) { on(in, core.others_, step); }
  void operator()(const CancelMany& in) { on(in, core.others_, step); }
  void operator()(const DecideOrder& in) { on(in, step); }
  void operator()(const Halt& in) { on(in, step); }
  void operator()(const Resume& in) { on(in, step); }
  void operator()(const ReserveIds& in) { on(in, step); }
  void operator()(const ReleaseIds& in) { on(in, step); }
  void operator()(const ResetIds& in) { core.id_reset_.on(in, step); }
  void operator()(const CloseIncident& in) { on(in, step); }
  void operator()(const Reconcile& in) { core.polls_.on(in, step); }

  void operator()(const BrokerOrder& in) {
    core.reports_.on(in, step);
    core.note_shown(shown_in(in, step), step);
  }
  void operator()(const BrokerStatus& in) { core.reports_.on(in, step); }
  void operator()(const BrokerExecution& in) { core.fills_.on(in, core.reports_, step); }
  void operator()(const BrokerCommission& in) { core.fills_.on(in, step); }
  void operator()(const BrokerNotice& in) { on(in, core.collisions_, step); }
  void operator()(const BrokerBound& in) { on(in, step); }
  void operator()(const ForeignDone& in) { core.others_.on(in, step); }
  void operator()(const ContractTold& in) { core.contracts_.on(in, step); }
  void operator()(const SnapshotDone& in) {
    if (core.link().down()) return;
    if (in.dry_run) return core.rehearse(in, step);
    core.polls_.on(
        in, {core.reports_, core.fills_, core.collisions_, core.others_, core.archive_.lost()},
        step);
    core.note_shown(shown_in(in.open_orders, step), step);
  }

  void operator()(const Started& in) {
    core.link_.on(in, step);
    heal_marks(step);
  }
  void operator()(const SessionUp& in) {
    const bool same_link = core.link().degraded;
    core.link_.on(in, step);
    on(in, same_link, step);
  }
  void operator()(const SessionDown& in) { core.link_.on(in, step); }
  void operator()(const Alarm& in) { core.link_.on(in, step); }
  void operator()(const BrokerClock& in) { core.link_.on(in, step); }
  void operator()(const NextIdSeen& in) {
    on(in, step);
    core.collisions_.on(in, step);
    core.id_reset_.on(in, step);
  }
  void operator()(const SendUndone& in) { core.sender_.on(in, step); }
  void operator()(const ReplaceUndone& in) { core.sender_.on(in, step); }
  void operator()(const ArchivedOrder& in) {
    for (const Input& report : core.archive_.on(in, step)) core.route(report, step);
    for (const SnapshotDone& poll : core.archive_.take_deferred_polls()) core.route(poll, step);
    core.archive_.ask_for_lost(step);
  }
  void operator()(const Tick&) {
    core.monitor_.look(step);
    core.fills_.ask_again(step);
    core.polls_.tick(step);
    core.sender_.deny_late(step);
  }
};

void Core::route(const Input& input, Step& step) {
  std::visit(
      [&](const auto& in) {
        polls_.findings().listing = answers_poll(in);
        if (!archive_.takes(in, step)) Owner{*this, step}(in);
      },
      input);
}

void Core::note_shown(const std::set<OrderId>& shown, Step& step) {
  for (const OrderId id : shown) {
    if (shown_.add(id)) sender_.shown(id, step);
  }
}

// ---- the machines follow ----

void Core::follow(const StampedEvent& stamped, Step& step) {
  const Event& event = stamped.event;
  link_.follow(event, step);
  shown_.follow(event);
  reports_.follow(event);
  fills_.follow(event, step);
  collisions_.follow(event);
  id_reset_.follow(event);
  archive_.follow(event);
  sender_.follow(event, step);
  polls_.follow(stamped, step);
}

// The machines that follow events see each one, and goals are reviewed, until nothing is new. It
// ends: each event removes pending work, or starts something that starts only once.
void Core::settle(Step& step) {
  constexpr std::size_t events_max = 10'000'000;  // of one step; more means a loop
  do {
    for (; followed_ < step.events().size(); ++followed_) follow(step.events()[followed_], step);
    BELAY_CHECK(followed_ < events_max);
    contracts_.end_questions(step);
    link_.apply_calendar(step);
    id_reset_.review(step);
    if (followed_ == step.events().size()) sender_.drain(step);
  } while (followed_ < step.events().size());
  polls_.review(step);
}

// Queues and waits that name an order by its id need it in memory.
bool Core::in_use(OrderId finished) const {
  return fills_.names(finished) || collisions_.contains(finished) || reports_.names(finished) ||
         others_.names(finished) || id_reset_.names(finished) || sender_.names(finished);
}

// What the round would do is done to a copy, and told; this core learns nothing from it.
void Core::rehearse(const SnapshotDone& done, Step& step) {
  Core copy = *this;
  copy.polls_.begin_rehearsal(done.wish);
  std::vector<std::string> events;
  std::vector<Finding> findings;
  const auto run = [&](const Input& input) {
    const Output out = copy.step(input, {step.now(), 0, step.context().refuse_new});
    for (const StampedEvent& event : out.events) {
      if (events.size() < step.options().reconcile.report_max) events.push_back(event_json(event));
    }
    for (const Effect& one : out.effects) {
      if (const auto* told = std::get_if<Reply>(&one)) findings = told->findings;
    }
  };
  for (const RoundAnswer& answer : done.withheld) {
    std::visit([&](const auto& report) { run(report); }, answer);
  }
  SnapshotDone real = done;
  real.dry_run = false;
  real.withheld.clear();
  copy.archive_.begin_rehearsal();
  run(real);
  polls_.answer_waiting(done, findings, events, step);
}

}  // namespace belay::core
