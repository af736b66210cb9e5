// SPDX-License-Identifier: Apache-2.0
// Waits: commands between request and answer. First the core's reply is awaited (durable by then),
// next what the caller wants to know: the broker's acknowledgement of a placement, the end of a
// modification, the end of a cancelled order. The deadline answers with what is known. Every
// command is answered once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "belay/api/correlations.hpp"
#include "belay/api/front.hpp"
#include "belay/api/options.hpp"
#include "belay/core/asks/effect.hpp"
#include "belay/engine/commands_port.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

/// A caller who waits for a command: first for the core's reply, then for the broker's word.
struct Wait {
  enum class Command : std::uint8_t { place, modify, cancel, other };
  Command command = Command::other;
  bool foreign = false;  ///< in another client's name: its refusal is the answer
  core::TermsPatch patch = {};
  /// Of command `other`: the body of the answer once the core's reply is durable.
  std::function<std::string(const core::Reply&)> render = {};
  unsigned render_status = 200;
  std::optional<base::Duration> reply_within = {};  ///< where the core's reply takes a while
  // ---- set by Waits ----
  ExchangeKey caller = {};
  std::string path = {};
  bool replied = false;
  bool answer_at_once = false;
  bool wait_until_done = false;  ///< cancel with Prefer: wait
  core::OrderId order = {};
  bool replayed = false;       ///< the request came before
  bool superseded = false;     ///< a modification that another one came after
  bool asked_history = false;  ///< the order is archived by now
  base::Duration patience{};
  base::Time deadline = {};
};

/// The waits by each of what ends them.
class WaitList {
 public:
  Wait& add(core::Correlation correlation, Wait wait);
  Wait* find(core::Correlation correlation);
  void end(core::Correlation correlation);
  void set_deadline(core::Correlation correlation, base::Time deadline);
  /// From here on events of its order touch it. What modified the order before is superseded.
  void follow_order(core::Correlation correlation);
  void touch(core::OrderId order);
  /// Those whose order has new events or whose time is up. What was touched is forgotten.
  std::set<core::Correlation> take_due(base::Time now);
  base::Time next_deadline() const;
  std::size_t size() const { return waits_.size(); }

 private:
  std::map<core::Correlation, Wait> waits_;
  std::map<core::OrderId, std::set<core::Correlation>> by_order_;
  std::set<std::pair<base::Time, core::Correlation>> by_deadline_;
  std::vector<core::OrderId> touched_;  // since the last turn
};

class Waits {
 public:
  /// False: there is no history. It answers through finish().
  using AskHistory = std::function<bool(core::Correlation, core::OrderId, base::Time now)>;
  /// All outlive this.
  Waits(const ServiceOptions& options, engine::Commands& commands, const views::LiveView& view,
        Front& front, AskHistory ask_history)
      : options_(options),
        commands_(commands),
        view_(view),
        front_(front),
        ask_history_(std::move(ask_history)) {}

  /// Gives the command to the engine, in the caller's name unless it carries a person's.
  template <class Command>
  void begin(const Exchange& exchange, Wait wait, Command command) {
    command.correlation = ++last_correlation_;
    if (command.principal.empty()) command.principal = exchange.principal;
    start(exchange, std::move(wait), std::move(command));
  }
  /// Asks the broker for its lists; nobody waits for the reply.
  void ask_lists(base::Time now);

  void on_reply(const core::Reply& reply, base::Time now);
  void on_event(const views::EventLine& line);
  /// The history has told of the order of a wait; nullptr: it has not.
  void finish(core::Correlation correlation, const core::Order* archived, base::Time now);
  /// Answers those who have waited long enough or for what has happened.
  void turn(base::Time now);
  base::Time next_deadline() const { return list_.next_deadline(); }

  std::size_t size() const { return list_.size(); }
  /// The requests that made an order what it is.
  const Correlations& correlations() const { return correlations_; }
  /// Requests for an id that was used, refused since the start; the book counts the broker's.
  std::uint64_t id_reuse_attempts() const { return id_reuse_attempts_; }

 private:
  void start(const Exchange& exchange, Wait wait, const core::Input& input);
  void settle(core::Correlation correlation, Wait& wait, base::Time now, bool late);
  void settle_order(core::Correlation correlation, const Wait& wait, const core::Order* order,
                    base::Time now, bool late);
  void answer(core::Correlation correlation, const Wait& wait, HttpResponse response,
              base::Time now);
  void refuse(core::Correlation correlation, const Wait& wait, const Problem& problem,
              base::Time now);

  const ServiceOptions& options_;
  engine::Commands& commands_;
  const views::LiveView& view_;
  Front& front_;
  AskHistory ask_history_;
  WaitList list_;
  Correlations correlations_;
  core::Correlation last_correlation_ = 0;
  std::uint64_t id_reuse_attempts_ = 0;
};

}  // namespace belay::api
