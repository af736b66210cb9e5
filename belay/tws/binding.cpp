// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/binding.hpp"

#include "belay/base/defects.hpp"
#include "belay/tws/error_codes.hpp"

namespace belay::tws {

bool Binding::ask(session::Session& session, base::Time now) {
  const bool wanted = bind_manual_ && client_id_ == 0;
  if (asked_ || (!wanted && !base::defect(base::Defect::binding_without_asking))) return false;
  asked_ = true;
  session.send_query(wire::ReqAutoOpenOrders{.auto_bind = true}, now);
  return session.send_query(wire::ReqOpenOrders{}, now);
}

bool Binding::concerns(const wire::ErrMsg& message) const {
  if (!bind_manual_ || message.id >= 0) return false;
  const core::Verdict verdict = verdict_of(message.error_code);
  return verdict != core::Verdict::information && verdict != core::Verdict::temporary &&
         verdict != core::Verdict::unlisted;
}

}  // namespace belay::tws
