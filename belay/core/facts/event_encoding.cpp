// SPDX-License-Identifier: Apache-2.0
#include "belay/core/facts/event_encoding.hpp"

#include <fmt/format.h>

#include <array>
#include <type_traits>
#include <utility>

#include "belay/core/facts/event_fields.hpp"
#include "belay/core/facts/field_codec.hpp"

namespace belay::core {
namespace {

using fields::Decoder;
using fields::Described;
using fields::Encoder;
using fields::Enumeration;

// Ids and numbers are strings, so that no reader turns them into doubles.
struct Printer {
  base::JsonWriter& json;

  void operator()(int, const char* name, bool v) { json.field(name, v); }
  void operator()(int, const char* name, std::uint32_t v) {
    json.field(name, static_cast<std::int64_t>(v));
  }
  void operator()(int, const char* name, std::int32_t v) {
    json.field(name, static_cast<std::int64_t>(v));
  }
  void operator()(int, const char* name, std::uint64_t v) { json.field(name, std::to_string(v)); }
  void operator()(int, const char* name, std::int64_t v) { json.field(name, std::to_string(v)); }
  void operator()(int, const char* name, const std::string& v) { json.field(name, v); }
  void operator()(int, const char* name, const base::Text& v) { json.field(name, v.view()); }
  void operator()(int, const char* name, const std::vector<std::string>& v) {
    json.key(name).begin_array();
    for (const auto& item : v) json.string(item);
    json.end_array();
  }
  void operator()(int, const char* name, Decimal v) { json.field(name, v.to_string()); }
  void operator()(int, const char* name, Quantity v) { json.field(name, to_string(v)); }
  void operator()(int, const char* name, base::Time v) { json.field(name, base::to_rfc3339(v)); }
  void operator()(int, const char* name, InstanceId v) { json.field(name, to_string(v)); }
  template <class Tag, class Rep>
  void operator()(int n, const char* name, const base::Strong<Tag, Rep>& v) {
    (*this)(n, name, v.value());
  }
  template <Enumeration T>
  void operator()(int, const char* name, T v) {
    json.field(name, model::name(v));
  }
  template <class T>
  void operator()(int n, const char* name, const std::optional<T>& v) {
    if (v) (*this)(n, name, *v);
  }
  template <class T>
  void operator()(int n, const char* name, const base::Shared<T>& v) {
    (*this)(n, name, *v);
  }
  template <Described T>
  void operator()(int, const char* name, const T& v) {
    json.key(name).begin_object();
    fields::describe(*this, const_cast<T&>(v));
    json.end_object();
  }
  // Of combinations alone: everybody else's events stay as they were.
  template <Described T>
  void operator()(int, const char* name, const std::vector<T>& v) {
    if (v.empty()) return;
    json.key(name).begin_array();
    for (const T& item : v) {
      json.begin_object();
      fields::describe(*this, const_cast<T&>(item));
      json.end_object();
    }
    json.end_array();
  }
};

template <std::size_t... I>
std::optional<Event> make_event(std::uint16_t type, std::index_sequence<I...>) {
  std::optional<Event> event;
  ((Event::Alternative<I>::type == type ? static_cast<void>(event.emplace(std::in_place_index<I>))
                                        : static_cast<void>(0)),
   ...);
  return event;
}

}  // namespace

std::string encode(const Event& event) {
  Encoder encoder;
  std::visit(
      [&](const auto& e) {
        fields::describe(encoder, const_cast<std::remove_cvref_t<decltype(e)>&>(e));
      },
      event);
  return encoder.out.take();
}

std::string encode(const OrderSpec& spec) {
  Encoder encoder;
  fields::describe(encoder, const_cast<OrderSpec&>(spec));
  return encoder.out.take();
}

base::Result<Event> decode(std::uint16_t type, std::uint16_t version, std::string_view payload) {
  if (version == 0 || version > event_version) {
    return base::fail("version", fmt::format("event version {} is newer than {}: this journal was "
                                             "written by a later belay",
                                             version, event_version));
  }
  auto event = make_event(type, std::make_index_sequence<Event::size>());
  if (!event) return base::fail("type", fmt::format("unknown event type {}", type));
  Decoder decoder(payload);
  std::visit([&](auto& e) { fields::describe(decoder, e); }, *event);
  if (!decoder.good()) {
    return base::fail("payload", fmt::format("damaged payload of a {}", name(*event)));
  }
  return std::move(*event);
}

void print_fields(const Event& event, base::JsonWriter& json) {
  Printer printer{json};
  std::visit(
      [&](const auto& e) {
        fields::describe(printer, const_cast<std::remove_cvref_t<decltype(e)>&>(e));
      },
      event);
}

namespace {
constexpr std::array event_names{"InstanceCreated",
                                 "DaemonStarted",
                                 "OrderAccepted",
                                 "OrderRefused",
                                 "SendIntended",
                                 "SendWithdrawn",
                                 "OrderDenied",
                                 "BrokerAcknowledged",
                                 "BrokerStatusChanged",
                                 "BrokerNoted",
                                 "ReplaceRequested",
                                 "ReplaceIntended",
                                 "ReplaceAccepted",
                                 "ReplaceRefused",
                                 "OrderRestated",
                                 "CancelIntended",
                                 "CancelRefused",
                                 "OrderCanceled",
                                 "OrderRejected",
                                 "OrderExpired",
                                 "OrderHeld",
                                 "ExecutionReported",
                                 "ExecutionCorrected",
                                 "CommissionReported",
                                 "OrderUnknown",
                                 "ExternalOrderSeen",
                                 "IncarnationAdded",
                                 "FloorRaised",
                                 "SessionChanged",
                                 "SyncCompleted",
                                 "IncidentOpened",
                                 "GapRecorded",
                                 "IdBlockReserved",
                                 "IncidentClosed",
                                 "OrderNotAccepted",
                                 "ExecutionInferred",
                                 "ExecutionSuperseded",
                                 "Halted",
                                 "Resumed",
                                 "TradingDayRolled",
                                 "IdsReset",
                                 "PositionAdjusted",
                                 "OrderArchived",
                                 "OrderRecalled",
                                 "BrokerIdBound",
                                 "ForeignRequest",
                                 "IncarnationChanged",
                                 "SendRefused",
                                 "IdsResetBegun",
                                 "ContractIdentified",
                                 "MarkHealed"};
static_assert(event_names.size() == Event::size);
}  // namespace

std::string_view name(const Event& event) {
  return event_names[event.index()];
}

std::string event_json(const StampedEvent& event) {
  base::JsonWriter json;
  json.begin_object()
      .field("seq", std::to_string(event.seq))
      .field("time", base::to_rfc3339(event.time))
      .field("type", name(event.event));
  print_fields(event.event, json);
  json.end_object();
  return json.take();
}

std::uint16_t type_of(const Event& event) {
  return std::visit([](const auto& e) { return std::remove_cvref_t<decltype(e)>::type; }, event);
}

std::optional<OrderId> order_of(const Event& event) {
  return std::visit(
      [](const auto& e) -> std::optional<OrderId> {
        if constexpr (requires { e.order; }) {
          if (e.order.value() != 0) return e.order;
        }
        return std::nullopt;
      },
      event);
}

}  // namespace belay::core
