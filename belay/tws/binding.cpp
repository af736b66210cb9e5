// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/binding.hpp"

#include "belay/base/defects.hpp"
#include "belay/tws/error_codes.hpp"
#include "belay/tws/resend.hpp"
#include "belay/tws/translate.hpp"

namespace belay::tws {

namespace {
constexpr std::size_t shown_max = 1000;
constexpr std::string_view our_tags = "b1.";
}  // namespace

void Binding::connected() {
  asked_ = false;
  shown_.clear();
}

bool Binding::ask(session::Session& session, base::Time now) {
  const bool wanted = bind_manual_ && client_id_ == 0;
  if (asked_ || (!wanted && !base::defect(base::Defect::binding_without_asking))) return false;
  asked_ = true;
  session.send_query(wire::ReqAutoOpenOrders{.auto_bind = true}, now);
  return session.send_query(wire::ReqOpenOrders{}, now);
}

void Binding::see(const wire::OpenOrder& message) {
  const bool placed_here =
      message.order_id > 0 && message.order.order_ref.compare(0, our_tags.size(), our_tags) == 0;
  const bool nameable = message.order.client_id == client_id_ && message.order_id != 0;
  if (!nameable || placed_here) return;
  if (shown_.size() >= shown_max && !shown_.contains(message.order_id)) return;
  shown_.insert_or_assign(message.order_id, message);
}

void Binding::see(const wire::OrderStatus& message) {
  if (shown_.empty() || message.client_id != client_id_) return;
  const core::BrokerState state = state_of(message.status, message.why_held);
  if (state == core::BrokerState::canceled || state == core::BrokerState::filled) {
    shown_.erase(message.order_id);
  }
}

base::Result<wire::PlaceOrder> Binding::change(const core::ForeignReplaceEffect& effect) const {
  const auto found = shown_.find(static_cast<std::int32_t>(effect.broker_id.number));
  if (found == shown_.end()) {
    return base::fail("order",
                      "TWS has not shown the whole order on this connection: it cannot be "
                      "sent again with changes");
  }
  const auto known = effect.permanent_id ? effect.permanent_id->value() : 0;
  const auto told = found->second.order.perm_id;
  if (known != 0 && told != 0 && known != told) {
    return base::fail("order", "the id is another order's by now");
  }
  return changed(found->second, effect.patch, true);
}

bool Binding::concerns(const wire::ErrMsg& message) const {
  if (!bind_manual_ || message.id >= 0) return false;
  const core::Verdict verdict = verdict_of(message.error_code);
  return verdict != core::Verdict::information && verdict != core::Verdict::temporary &&
         verdict != core::Verdict::unlisted;
}

}  // namespace belay::tws
