// SPDX-License-Identifier: Apache-2.0
// Sender: what waits to be sent, as far as orders are concerned: which lane, until when, and what
// becomes of it. Ids are given when a send slot is, so they increase on the wire by construction,
// and what still waits at a crash is known to be unsent.
//
// What waits is a goal, read off the book: an order that is accepted and not sent, a modification
// that is wanted and not under way. So a start queues it again from the facts alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "belay/core/step.hpp"

namespace belay::core {

class Sender {
 public:
  const Outbox& outbox() const { return outbox_; }
  base::Time next_deadline() const { return outbox_.next_deadline(); }
  /// Something that waits names the order.
  bool names(OrderId id) const;

  void on(const SendUndone& undone, Step& step);
  void on(const ReplaceUndone& undone, Step& step);
  void follow(const Event& event, Step& step);
  /// The broker shows the order for the first time on this link.
  void shown(OrderId id, Step& step);
  void deny_late(Step& step);
  /// Sends what waits, as far as the pacing allows.
  void drain(Step& step);

 private:
  void queue_place(std::vector<OrderId> orders, Step& step);
  void queue_family(OrderId id, Step& step);
  void queue_all(Step& step);
  void queue_replace(OrderId id, Step& step);
  void follow_order(OrderId id, bool moves_position, Step& step);
  void follow_position(const OrderSpec& moved, Step& step);
  void deny(const Outbox::Item& item, const std::string& reason, Step& step);
  void deny_unsent(const char* reason, bool spare_protection, Step& step);
  void deny_new_risk(Step& step);
  void follow_window(Step& step);
  void send_place(const Outbox::Item& item, Step& step);
  void send_replace(const Outbox::Item& item, Step& step);
  void release_behind_block(Step& step);

  Outbox outbox_;
  std::vector<OrderId> behind_block_;  // parked while a block of ids is kept for somebody
  bool window_ = false;                // as of the last step: what does not protect is held back
};

}  // namespace belay::core
