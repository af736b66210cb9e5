// SPDX-License-Identifier: Apache-2.0
// Orders that this session cannot name: another client's, ones made by hand, our own of another
// client id. The broker takes a cancel of an order only in the name of its client, so a cancel is
// refused with the owner's name, or, when the caller asked for that, made in the owner's name by a
// second connection (the adapter's business). It is recorded with the owner and who asked; the
// order changes when the broker says so and not before.
//
// An order that is not ours is never changed, not even where this session can name it (bound ones,
// and those of an earlier program under our client id): a change sends the whole order again, and
// nobody but its maker has the whole of it.
#pragma once

#include <map>
#include <string>

#include "belay/core/step.hpp"

namespace belay::core {

/// For the caller: whose the order is, and what can be done.
std::string why_not_canceled(const Order& target, const Step& step);
std::string why_not_changed(const Order& target, const Step& step);

class OtherClients {
 public:
  /// A cancel of this order is under way in its owner's name.
  bool names(OrderId id) const { return asked_.contains(id); }
  /// Answers the command.
  void cancel_elsewhere(const CancelOrder& command, const Order& target, Step& step);
  void ask_foreign_cancel(const Order& target, const std::string& principal, Step& step);
  /// A settled list shows the order still open while a cancel is wanted. In our own name it is
  /// asked for again; in another's only when somebody asks again.
  void cancel_again(const Order& target, Step& step);
  void on(const ForeignDone& done, Step& step);

 private:
  std::map<OrderId, std::string> asked_;  // cancels without an outcome, and who wanted them
};

}  // namespace belay::core
