// SPDX-License-Identifier: Apache-2.0
// Rounds: the polls of the broker. When the broker is asked for its lists, which of them have
// ended, and what the answers are worth. Pure bookkeeping; TwsBroker sends the questions and feeds
// the answers.
//
// Invariants: (1) one poll runs at a time, and requests that come meanwhile are served by one more
// poll after it; (2) a poll is settled only when every list ended by itself, every entry that came
// meanwhile names its order, and the questions went out no sooner than the settle time after the
// link came up (IB replays late); (3) a lost link ends the poll, and a new link begins with one;
// (4) the end of a list is taken for the list that was asked for first among those without an end,
// so that the answer to a question that was repeated too early is not taken for the next poll's;
// (5) after a poll that was given up the next one waits until its questions are forgotten: two lost
// ends would shift the ends of every later poll, and none would ever be settled.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/asks/effect.hpp"
#include "belay/core/asks/input.hpp"

namespace belay::tws {

struct RoundOptions {
  /// An answer that does not come is asked for again; open orders until they come.
  base::Duration answer_timeout = std::chrono::seconds(10);
  /// A link must have been whole for this long before what it does not list means anything.
  base::Duration settle_time = std::chrono::seconds(2);
  /// A list without an end after this long has none: IB forgets some, and drops others when it
  /// loses its server.
  base::Duration answer_forgotten = std::chrono::seconds(60);
};

/// Lists whose entries and ends do not name the question; answers come in their sequence.
enum class List : std::uint8_t { open_orders, completed, positions };

struct Round {
  std::uint64_t number = 0;
  std::uint64_t wish = 0;
  std::string reason;
  bool full = true;
  bool dry_run = false;
  bool first = false;  ///< of this link: the daemon is ready when it ends
  base::Time asked_at;
  base::Time deadline;
  int attempts = 0;
  std::int32_t executions_request = 0;
  // ---- ended lists ----
  bool open_orders = false;
  bool completed = false;
  bool executions = false;
  bool positions = false;
  bool gave_up = false;            ///< some list of orders or fills never ended
  bool positions_missing = false;  ///< that of the positions did not, which says nothing of orders
  std::array<bool, model::broker_lists> came = {};  ///< lists that ended by themselves
  bool unreadable = false;           ///< something could not be understood: it may be any entry
  bool unreadable_position = false;  ///< ... and this was one, which says nothing of orders
  std::array<bool, model::broker_lists> damaged = {};  ///< lists with an entry not read to its end
  // ---- what they held ----
  std::vector<core::BrokerNames> listed;
  std::vector<core::BrokerNames> done_names;
  std::vector<core::Position> held;
  std::vector<core::Position> uncompared;  ///< without quantities
  std::vector<core::RoundAnswer> withheld;
  std::vector<core::UnreadEntry> unread;

  /// How much is held could not be read, or a fill that changes it. It costs its contract and its
  /// account the comparison, as far as they are named, and no other.
  void leave_uncompared(core::AccountId account, core::Contract contract) {
    const bool names_nothing = account.value().empty() && contract.con_id == 0;
    unreadable_position = unreadable_position || names_nothing;
    uncompared.push_back({std::move(account), std::move(contract), std::nullopt, ""});
  }
  bool& is_damaged(core::BrokerList list) { return damaged.at(static_cast<std::size_t>(list)); }
  bool& ended(List list) {
    return list == List::open_orders ? open_orders
           : list == List::completed ? completed
                                     : positions;
  }
  bool done() const { return open_orders && executions && (!full || (completed && positions)); }
};

class Rounds {
 public:
  explicit Rounds(RoundOptions options) : options_(options) {}

  /// A new connection: nothing was asked on it.
  void connected();
  void link_up(base::Time now, std::string reason);
  void link_lost();
  /// The broker was away for a time that nobody told: what the round has heard proves nothing, and
  /// the link is as young as a new one.
  void restored(base::Time now);
  void wish(const core::SnapshotEffect& effect);
  /// Begins the next round when one is wanted and none runs.
  Round* begin(base::Time now);
  Round* running() { return round_ ? &*round_ : nullptr; }
  /// The lists that are missing are asked for (again).
  void asked(base::Time now);
  /// The question for a list has gone out: of the round, or of somebody else (`aside`).
  void asked_for(List list, base::Time now, bool aside = false);
  /// The round whose list an entry that comes now belongs to; none: it is news, or of an older
  /// question.
  Round* listing(List list);
  /// An end came. The round whose list it ends, if it is the running one's.
  Round* end_of(List list);
  /// Something could not be understood.
  void unreadable();
  enum class Late : std::uint8_t {
    no,
    again,    ///< what is missing is asked for again
    gave_up,  ///< nothing is needed that is missing: the round is done without it
    silent,   ///< the open orders never came: this link is of no use
  };
  /// Whether lists are late. All but the open orders are given up at the second time, and asked for
  /// again in a later round; the open orders make the link useless then, at the third time when the
  /// link is new.
  Late late(base::Time now);
  /// The open orders have been asked for again, on a link that was ready.
  bool list_is_late() const {
    return round_ && !round_->first && !round_->open_orders && round_->attempts > 1;
  }
  /// The broker said that this list will not come, on this link.
  void refused(List list);
  bool is_refused(List list) const { return refused_.at(static_cast<std::size_t>(list)); }
  /// The question for this list is out, and has no end.
  bool asks(List list) const { return !open_.at(static_cast<std::size_t>(list)).empty(); }
  /// Ends the round, which is done.
  core::SnapshotDone finish();
  base::Time next_deadline() const;

 private:
  struct Wish {
    bool full = false;
    std::uint64_t number = 0;
    std::string reason;
  };

  static constexpr base::Duration retry_min = std::chrono::seconds(80);
  static constexpr base::Duration retry_max = std::chrono::minutes(10);

  struct Question {
    std::uint64_t round = 0;  // 0: of no round
    base::Time at;
  };

  base::Time forgotten_at(List list) const;
  base::Time forgotten_at(bool full) const;
  void leave_out_refused();

  RoundOptions options_;
  std::array<std::deque<Question>, 3> open_;  // questions without an end, by list
  bool gave_up_ = false;                      // since then questions may be without an end for good
  bool positions_lost_ = false;               // the same of the positions'
  std::array<bool, 3> refused_ = {};          // of this link
  base::Duration retry_ = retry_min;          // after a round that missed something
  bool up_ = false;
  bool first_ = false;
  base::Time up_since_;
  base::Time settle_at_ = base::never;  // a full round is wanted then, for its own sake
  const char* settle_reason_ = "settled";
  std::optional<Wish> wish_;
  std::optional<Wish> dry_wish_;
  std::optional<Round> round_;
  std::uint64_t number_ = 0;
};

}  // namespace belay::tws
