// SPDX-License-Identifier: Apache-2.0
// LiveView: everything that a caller may see. Only durable events (Engine publishes them) and the
// broker's mirror change it. Reads never wait and never ask the broker. It keeps the latest events
// for streams; older ones are in the journal.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "belay/core/facts/book.hpp"
#include "belay/model/account.hpp"

namespace belay::views {

/// The event as callers see it: {"seq","time","type","order"?, ...fields}.
std::string to_json(const core::StampedEvent& event);

/// One durable event, kept for streams. Its JSON is made when somebody asks, once for all who do:
/// most events of a replay and of a quiet day are never asked for.
class EventLine {
 public:
  explicit EventLine(core::StampedEvent event)
      : event_(std::move(event)), order_(core::order_of(event_.event).value_or(core::OrderId())) {}
  std::uint64_t seq() const { return event_.seq; }
  base::Time time() const { return event_.time; }
  core::OrderId order() const { return order_; }  ///< 0 when it is about no order
  const core::Event& event() const { return event_.event; }
  const std::string& json() const {
    if (json_.empty()) json_ = to_json(event_);
    return json_;
  }

 private:
  core::StampedEvent event_;
  core::OrderId order_;
  mutable std::string json_;
};

/// How far a list of the broker's mirror can be trusted.
enum class Told : std::uint8_t {
  never,    ///< not since this start: what is here may be a part of it, or nothing
  earlier,  ///< whole, and the link was lost since then: it may be old
  now,      ///< whole, on the link of now
};

/// What a list of the mirror is worth.
struct ListState {
  Told told = Told::never;
  base::Time as_of;      ///< the broker's answer holds all that was so then
  bool complete = true;  ///< false: something in it could not be read
  std::string words;     ///< the broker's, when it refused the list
};

class Gauges;

class LiveView {
 public:
  explicit LiveView(std::size_t events_kept_max = 20'000) : events_kept_max_(events_kept_max) {}

  void publish(const core::StampedEvent& event);
  /// Called after each published event, in the sequence of registration.
  void on_event(std::function<void(const EventLine&)> listener) {
    listeners_.push_back(std::move(listener));
  }

  /// Called for each order that leaves memory, as it was, with the seq of its OrderArchived.
  void on_archive(std::function<void(const core::Order&, std::uint64_t seq)> listener) {
    archive_listener_ = std::move(listener);
  }
  /// An event that is in the book already, or will be: kept for streams.
  void remember(const core::StampedEvent& event) { keep(event); }

  const core::Book& book() const { return book_; }
  core::Book& book() { return book_; }
  /// Sets where what is so now is read off; before anybody looks. `gauges` outlive this.
  void read_off(const Gauges& gauges) { gauges_ = &gauges; }
  const Gauges& gauges() const { return *gauges_; }
  /// True from the published end of a reconciliation to the next loss or start: what the broker
  /// told about our orders can be read here. The core knows one commit earlier.
  bool synced() const { return synced_; }
  /// Kept events, dense and ascending; the first may be later than 1.
  const std::deque<EventLine>& events() const { return events_; }
  /// The kept event with this seq, or nullptr.
  const EventLine* event(std::uint64_t seq) const;

  // ---- the broker's mirror ----
  void set_link(core::LinkStatus link);
  void set_position(const core::Position& position);
  void clear_positions() { positions_.clear(); }
  void set_account_value(const core::AccountValue& value);
  /// A question for a list was answered; what the list holds is here already.
  void set_told(const model::ListTold& told);
  const core::LinkStatus& link() const { return link_; }
  /// By account, then contract.
  std::vector<core::Position> positions() const;
  std::vector<core::AccountValue> account_values() const;
  const ListState& list(model::BrokerList list) const {
    return lists_.at(static_cast<std::size_t>(list));
  }

 private:
  void keep(const core::StampedEvent& event);

  std::size_t events_kept_max_;
  core::Book book_ = core::Book::for_readers();
  bool synced_ = false;
  std::deque<EventLine> events_;
  std::vector<std::function<void(const EventLine&)>> listeners_;
  std::function<void(const core::Order&, std::uint64_t)> archive_listener_;
  const Gauges* gauges_ = nullptr;
  core::LinkStatus link_;
  std::map<std::pair<std::string, std::string>, core::Position> positions_;
  std::map<std::vector<std::string>, core::AccountValue> account_values_;
  std::array<ListState, model::broker_lists> lists_;
};

}  // namespace belay::views
