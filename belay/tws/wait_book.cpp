// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wait_book.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace belay::tws {

namespace {

// Kinds that stand for the link as a whole end when the session is ready: there is one of each. The
// others are each of one wait. Sessions are ready without a word about the clock.
bool ends_when_ready(const WaitRow& row) {
  return row.then == Then::connects_again && row.what != Awaited::clock;
}
std::string subject_of(const WaitRow& row) {
  return ends_when_ready(row) ? std::string(row.incident) : fmt::format("unanswered:{}", row.word);
}

std::string quoted(const std::string& words) {
  return words.empty() ? "" : fmt::format("; the broker said: {}", words);
}

}  // namespace

void WaitBook::begin(Awaited what, base::Time now, std::string note) {
  Wait& wait = at(what);
  const bool again = wait.open && !wait.asked && what > Awaited::server;
  if (again) wait.until = now + wait.left;
  changed_ = changed_ || again;
  wait.asked = true;
  if (wait.open) return;
  wait.open = changed_ = true;
  wait.since = now;
  wait.until = now + row_of(what).incident_after;
  wait.note = std::move(note);
  wait.words.clear();
}

void WaitBook::said(Awaited what, std::string words) {
  if (!at(what).open) return;
  at(what).words = std::move(words);
  changed_ = true;
}

void WaitBook::refused(Awaited what, std::string words, base::Time now) {
  begin(what, now);
  at(what).until = std::min(at(what).until, now);
  at(what).words = std::move(words);
  changed_ = true;
}

void WaitBook::told_already() {
  for (Wait& wait : waits_) {
    const auto what = static_cast<Awaited>(&wait - waits_.data());
    if (wait.open && what <= Awaited::server) wait.told = changed_ = true;
  }
}

void WaitBook::end(Awaited what) {
  Wait& wait = at(what);
  if (!wait.open && !wait.before) return;
  changed_ = changed_ || wait.open;
  const WaitRow& row = row_of(what);
  if ((wait.told || wait.before) && !ends_when_ready(row)) {
    over_.push_back(
        {std::string(row.incident), fmt::format("{} came", row.text), subject_of(row), true});
  }
  wait = {};
  wait.before = false;
}

void WaitBook::link_lost(base::Time now) {
  for (const WaitRow& row : wait_table()) {
    Wait& wait = at(row.what);
    if (!wait.open) continue;
    if (wait.asked) wait.left = std::max(wait.until - now, base::Duration(0));
    changed_ = true;
    wait.asked = false;
    // The steps of a connection are ended by the next attempt that gets further.
    if (wait.told || row.then == Then::connects_again) continue;
    wait.open = false;
  }
}

bool WaitBook::any_pending() const {
  return std::any_of(waits_.begin(), waits_.end(),
                     [](const Wait& wait) { return wait.open && !wait.told; });
}

std::vector<core::Alarm> WaitBook::alarms(base::Time now) {
  std::vector<core::Alarm> out = std::exchange(over_, {});
  for (const WaitRow& row : wait_table()) {
    Wait& wait = at(row.what);
    if (!wait.open || !wait.asked || wait.told || now < wait.until) continue;
    wait.told = changed_ = true;
    out.push_back(
        {std::string(row.incident),
         fmt::format("waiting since {} for {}{}{}; {}", base::to_rfc3339(wait.since), row.text,
                     wait.note.empty() ? "" : ": " + wait.note, quoted(wait.words), row.look_at),
         subject_of(row)});
    if (row.then != Then::gives_up) continue;
    wait.open = wait.told = false;
    wait.before = true;
  }
  return out;
}

base::Time WaitBook::next_deadline() const {
  if (!over_.empty()) return base::Time();
  base::Time next = base::never;
  for (const Wait& wait : waits_) {
    if (wait.open && wait.asked && !wait.told) next = std::min(next, wait.until);
  }
  return next;
}

std::vector<model::Waiting> WaitBook::waiting() const {
  std::vector<model::Waiting> out;
  for (const WaitRow& row : wait_table()) {
    const Wait& wait = at(row.what);
    // What the next link will ask for again is not waited for without one.
    const bool resumes = !wait.asked && !wait.told && row.what > Awaited::server;
    if (!wait.open || resumes) continue;
    out.push_back({std::string(row.word),
                   fmt::format("{}{}{}", row.text, wait.note.empty() ? "" : ": " + wait.note,
                               quoted(wait.words)),
                   wait.since, wait.until, std::string(row.look_at)});
  }
  std::stable_sort(out.begin(), out.end(), [](const model::Waiting& a, const model::Waiting& b) {
    return a.since < b.since;
  });
  return out;
}

}  // namespace belay::tws
