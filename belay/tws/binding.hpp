// SPDX-License-Identifier: Apache-2.0
// Binding: orders that the main session can name and that this program did not place: manual ones
// that client 0 has taken over (only when it was asked for: binding cancels and sends again what
// works at an exchange), and those that another program left under our client id. They are changed
// from the server's own picture, which is kept here while they are open.
#pragma once

#include <map>
#include <string_view>

#include "belay/base/result.hpp"
#include "belay/core/effect.hpp"
#include "belay/tws/session/session.hpp"

namespace belay::tws {

class Binding {
 public:
  Binding(bool bind_manual, std::int32_t client_id)
      : bind_manual_(bind_manual), client_id_(client_id) {}

  /// A new connection: nothing is bound, nothing was shown.
  void connected();
  /// After the first settled lists of a connection: takes manual orders over, those that are there
  /// and those to come, if that was asked for. True: a list of open orders was asked for, whose end
  /// is not the end of everybody's.
  bool ask(session::Session& session, base::Time now);
  void see(const wire::OpenOrder& message);
  void see(const wire::OrderStatus& message);
  base::Result<wire::PlaceOrder> change(const core::ForeignReplaceEffect& effect) const;
  /// Errors about bound orders have ids below zero; so has news of the system (-1), which decides
  /// nothing.
  bool concerns(const wire::ErrMsg& message) const;

 private:
  bool bind_manual_;
  std::int32_t client_id_;
  bool asked_ = false;
  std::map<std::int32_t, wire::OpenOrder> shown_;
};

}  // namespace belay::tws
