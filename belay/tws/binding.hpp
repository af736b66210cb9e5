// SPDX-License-Identifier: Apache-2.0
// Binding: manual orders that client 0 takes over, so that the main session can name and cancel
// them. Only when it was asked for: binding cancels and sends again what works at an exchange.
#pragma once

#include <cstdint>

#include "belay/base/time.hpp"
#include "belay/tws/session/session.hpp"

namespace belay::tws {

class Binding {
 public:
  Binding(bool bind_manual, std::int32_t client_id)
      : bind_manual_(bind_manual), client_id_(client_id) {}

  /// A new connection: nothing is bound.
  void connected() { asked_ = false; }
  /// After the first settled lists of a connection: takes manual orders over, those that are there
  /// and those to come, if that was asked for. True: a list of open orders was asked for, whose end
  /// is not the end of everybody's.
  bool ask(session::Session& session, base::Time now);
  /// Errors about bound orders have ids below zero; so has news of the system (-1), which decides
  /// nothing.
  bool concerns(const wire::ErrMsg& message) const;

 private:
  bool bind_manual_;
  std::int32_t client_id_;
  bool asked_ = false;
};

}  // namespace belay::tws
