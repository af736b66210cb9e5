// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/order_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "belay/base/json_writer.hpp"
#include "belay/model/order_terms.hpp"

namespace belay::app {
namespace {

// A value in one word: what could be taken for another field is quoted.
std::string word(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-_.:/+").find(c) != std::string_view::npos;
  });
  if (plain) return std::string(text);
  return base::json_quote(text);
}

std::string terms_text(const core::OrderTerms& terms) {
  std::string out;
  model::for_each_term([&](const auto& term) {
    const auto& value = terms.*term.member;
    using T = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<T, std::optional<core::Price>>) {
      if (value) out += fmt::format(" {}={}", term.field, core::to_string(*value));
    } else if constexpr (std::is_same_v<T, std::optional<core::Decimal>>) {
      if (value) out += fmt::format(" {}={}", term.field, value->to_string());
    }
  });
  const std::string& word_of_broker = terms.raw_time_in_force;
  return out + ' ' +
         (word_of_broker.empty() ? std::string(model::name(terms.time_in_force))
                                 : word(word_of_broker));
}

std::string told(std::int32_t code, const std::string& text) {
  return fmt::format("{}{}", code == 0 ? "" : fmt::format(" code={}", code),
                     text.empty() ? "" : " text=" + word(text));
}

std::string filled(const core::Order& order) {
  return fmt::format(" filled={} of {}", core::to_string(order.cum_qty),
                     core::to_string(order.spec->terms.order_qty));
}

// What happened in words, and what belongs to it.
struct Step {
  std::string what;  ///< empty: the event is an end, or no more than a word
  std::string more;
  bool asked = false;       ///< by a request about the order
  std::string unsent = {};  ///< said of an end: how far the order got
};

struct Teller {
  const core::Order& order;

  Step operator()(const core::OrderAccepted&) const {
    const auto& spec = order.spec;
    return {"accepted", fmt::format(" {} {} {} {}{} account={}", model::name(spec->side),
                                    core::to_string(spec->terms.order_qty),
                                    word(spec->contract.symbol), model::name(spec->ord_type),
                                    terms_text(spec->terms), word(spec->account.value()))};
  }
  Step operator()(const core::OrderRefused& e) const {
    return {"refused", fmt::format(" code={} text={}", word(e.code), word(e.text))};
  }
  Step operator()(const core::SendIntended& e) const {
    return {"sent", fmt::format(" client_id={} broker_order_id={}", e.broker_id.session,
                                e.broker_id.number)};
  }
  Step operator()(const core::SendWithdrawn& e) const {
    return {"not sent", " text=" + word(e.proof), false, ", not sent"};
  }
  Step operator()(const core::SendRefused& e) const {
    return {"id refused",
            fmt::format(" broker_order_id={} text={}", e.broker_id.number, word(e.proof))};
  }
  Step operator()(const core::OrderDenied& e) const { return {"", " text=" + word(e.reason)}; }
  Step operator()(const core::BrokerAcknowledged& e) const {
    return {"acknowledged",
            fmt::format(" status={}{}", word(e.raw_status),
                        e.permanent_id ? fmt::format(" perm_id={}", e.permanent_id->value()) : "")};
  }
  Step operator()(const core::BrokerNoted& e) const { return {"notice", told(e.code, e.text)}; }
  Step operator()(const core::ReplaceRequested& e) const {
    return {"change asked", quantity(e.terms), true};
  }
  Step operator()(const core::ReplaceIntended&) const { return {"change sent", "", true}; }
  Step operator()(const core::ReplaceAccepted&) const {
    return {"changed", quantity(order.spec->terms), true};
  }
  Step operator()(const core::ReplaceRefused& e) const {
    return {"change refused", told(e.code, e.text), true};
  }
  Step operator()(const core::OrderRestated& e) const {
    const std::string_view type = model::name(e.ord_type);
    const bool known = e.ord_type != core::OrdType::other;
    const std::string shown = known ? std::string(type) : e.raw_ord_type.str();
    return {"restated by the broker",
            (shown.empty() ? "" : " type=" + word(shown)) + quantity(e.terms)};
  }
  // It leaves when the link is up and its turn comes; of an order that never left, or whose id the
  // broker refused, nothing does: that is its end.
  Step operator()(const core::CancelIntended&) const {
    return {"cancel asked", "", true, order.sent() ? ", not sent again" : ", never sent"};
  }
  Step operator()(const core::CancelRefused& e) const {
    return {"cancel refused", told(e.code, e.text), true};
  }
  Step operator()(const core::OrderCanceled& e) const { return {"", told(e.code, e.text), true}; }
  Step operator()(const core::OrderRejected& e) const { return {"", told(e.code, e.text)}; }
  Step operator()(const core::OrderExpired& e) const { return {"", told(0, e.text)}; }
  Step operator()(const core::OrderNotAccepted& e) const { return {"", " text=" + word(e.proof)}; }
  Step operator()(const core::OrderHeld& e) const { return {"held", " text=" + word(e.why)}; }
  Step operator()(const core::OrderUnknown& e) const {
    return {"unknown", fmt::format(" command={} text={}", e.command, word(e.reason))};
  }
  Step operator()(const core::ExecutionReported& e) const { return fill("fill", e.execution); }
  Step operator()(const core::ExecutionCorrected& e) const {
    return fill("fill corrected", e.execution);
  }
  Step operator()(const core::ExecutionInferred& e) const {
    return fill("fill inferred", e.execution);
  }
  Step operator()(const core::IncarnationAdded& e) const {
    return {"named by the broker", fmt::format(" perm_id={}", e.permanent_id.value())};
  }
  template <class Other>
  Step operator()(const Other&) const {
    return {};
  }

  static std::string quantity(const core::OrderTerms& terms) {
    return fmt::format(" quantity={}{}", core::to_string(terms.order_qty), terms_text(terms));
  }
  Step fill(const char* what, const core::Execution& execution) const {
    return {what, fmt::format(" {} @ {} exec_id={}{}{}", core::to_string(execution.last_qty),
                              execution.last_px ? core::to_string(*execution.last_px) : "?",
                              word(to_string(execution.id)), execution.busted ? " busted" : "",
                              filled(order))};
  }
};

// How an order ended, whatever the event was that ended it.
std::string end_text(const core::Order& order, const Step& step) {
  std::string out = fmt::format(" {}{}", model::name(order.status), step.unsent);
  if (order.status == core::OrdStatus::filled) {
    const auto average = core::average_price(order);
    out += " average=" + (average ? average->text : std::string("?"));
  } else if (order.status == core::OrdStatus::canceled ||
             order.status == core::OrdStatus::expired) {
    out += filled(order);
  }
  return step.what.empty() ? out + step.more : out;
}

}  // namespace

void OrderLog::before(const core::Event& event, const core::Book& book) {
  const auto id = core::order_of(event);
  const core::Order* order = id ? book.find(*id) : nullptr;
  before_.reset();
  if (order != nullptr) before_ = order->status;
}

// An order ends where its status becomes one that ends it.
bool OrderLog::ends(const core::Event& event, const core::Order& order) {
  if (!before_ || *before_ == order.status) return false;
  if (core::is_terminal(order.status)) {
    const bool again = refilled_.erase(order.id) != 0 && order.status == core::OrdStatus::filled;
    return !again;
  }
  const bool gave_way = std::holds_alternative<core::ExecutionSuperseded>(event);
  if (gave_way && *before_ == core::OrdStatus::filled) refilled_.insert(order.id);
  return false;
}

std::vector<std::string> OrderLog::after(const core::Event& event, const core::Book& book,
                                         const api::Correlations& correlations) {
  const auto id = core::order_of(event);
  const core::Order* order = id ? book.find(*id) : nullptr;
  if (order == nullptr && id) refilled_.erase(*id);  // it was archived
  if (order == nullptr || order->external) return {};
  const bool ended = ends(event, *order);
  const Step step = std::visit(Teller{*order}, event);
  const std::string_view correlation =
      step.asked ? correlations.latest(order->id) : correlations.of(order->id);
  const auto line = [&](std::string_view what, std::string_view more) {
    return fmt::format("order {}: order={} cid={} correlation={}{}", what, order->id.value(),
                       word(order->cl_ord_id.value()),
                       correlation.empty() ? "-" : word(correlation), more);
  };
  std::vector<std::string> out;
  if (!step.what.empty()) {
    out.push_back(line(step.what, step.more));
  } else if (!ended && !step.more.empty()) {
    out.push_back(line("notice", step.more));
  }
  if (ended) out.push_back(line("end", end_text(*order, step)));
  return out;
}

}  // namespace belay::app
