// SPDX-License-Identifier: Apache-2.0
#include "belay/core/event_encoding.hpp"

#include <fmt/format.h>

#include <array>
#include <type_traits>
#include <utility>

#include "belay/base/proto.hpp"
#include "belay/core/event_fields.hpp"

namespace belay::core {
namespace {

template <class T>
concept Enumeration = std::is_enum_v<T>;
template <class T>
concept Described = requires(T& value, base::ProtoWriter& w) {
  requires std::is_class_v<T>;
  fields::describe(w, value);
}
|| std::is_same_v<T, Contract> || std::is_same_v<T, OrderTerms> || std::is_same_v<T, OrderSpec> ||
    std::is_same_v<T, BrokerOrderId> || std::is_same_v<T, ExecId> || std::is_same_v<T, Execution>;

// Signed values travel as zigzag, so that negative prices stay short.
struct Encoder {
  base::ProtoWriter out;

  void operator()(int n, const char*, bool v) {
    if (v) out.boolean(n, true);
  }
  void operator()(int n, const char*, std::uint32_t v) { u64(n, v); }
  void operator()(int n, const char*, std::uint64_t v) { u64(n, v); }
  void operator()(int n, const char*, std::int32_t v) { i64(n, v); }
  void operator()(int n, const char*, std::int64_t v) { i64(n, v); }
  void operator()(int n, const char*, const std::string& v) {
    if (!v.empty()) out.bytes(n, v);
  }
  void operator()(int n, const char*, const std::vector<std::string>& v) {
    for (const auto& item : v) out.bytes(n, item);
  }
  void operator()(int n, const char*, Decimal v) { i64(n, v.units()); }
  void operator()(int n, const char*, Quantity v) { i64(n, v.value().units()); }
  void operator()(int n, const char*, base::Time v) { i64(n, v.unix_ns()); }
  template <class Tag, class Rep>
  void operator()(int n, const char* name, const base::Strong<Tag, Rep>& v) {
    (*this)(n, name, v.value());
  }
  template <Enumeration T>
  void operator()(int n, const char*, T v) {
    u64(n, static_cast<std::uint64_t>(v));
  }
  // A present optional is written even when it is zero.
  template <class T>
  void operator()(int n, const char*, const std::optional<T>& v) {
    if (v) out.sint(n, scalar(*v));
  }
  template <Described T>
  void operator()(int n, const char*, const T& v) {
    Encoder nested;
    fields::describe(nested, const_cast<T&>(v));  // describe() is shared with the decoder
    if (!nested.out.str().empty()) out.bytes(n, nested.out.str());
  }

 private:
  void u64(int n, std::uint64_t v) {
    if (v != 0) out.varint(n, v);
  }
  void i64(int n, std::int64_t v) {
    if (v != 0) out.sint(n, v);
  }
  static std::int64_t scalar(Decimal v) { return v.units(); }
  static std::int64_t scalar(base::Time v) { return v.unix_ns(); }
  static std::int64_t scalar(std::int64_t v) { return v; }
  template <class Tag, class Rep>
  static std::int64_t scalar(const base::Strong<Tag, Rep>& v) {
    return scalar(v.value());
  }
};

// Fields arrive in ascending order and describe() asks in ascending order, so one pass suffices.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : reader_(bytes), field_(reader_.next()) {}

  void operator()(int n, const char*, bool& v) {
    if (at(n)) v = field_->value != 0;
  }
  void operator()(int n, const char*, std::uint32_t& v) {
    if (at(n)) v = narrow<std::uint32_t>(field_->value);
  }
  void operator()(int n, const char*, std::uint64_t& v) {
    if (at(n)) v = field_->value;
  }
  void operator()(int n, const char*, std::int32_t& v) {
    if (at(n)) v = narrow<std::int32_t>(field_->sint());
  }
  void operator()(int n, const char*, std::int64_t& v) {
    if (at(n)) v = field_->sint();
  }
  void operator()(int n, const char*, std::string& v) {
    // Absent is empty, also where the struct's default is not (Contract's exchange and currency).
    v = at(n) ? std::string(field_->bytes) : std::string();
  }
  void operator()(int n, const char*, std::vector<std::string>& v) {
    for (; at(n); field_ = reader_.next()) v.emplace_back(field_->bytes);
  }
  void operator()(int n, const char*, Decimal& v) {
    if (at(n)) v = Decimal::from_units(field_->sint());
  }
  void operator()(int n, const char*, Quantity& v) {
    if (!at(n)) return;
    const auto quantity = Quantity::make(Decimal::from_units(field_->sint()));
    good_ = good_ && quantity.has_value();
    v = quantity.value_or(Quantity());
  }
  void operator()(int n, const char*, base::Time& v) {
    if (at(n)) v = base::Time(field_->sint());
  }
  template <class Tag, class Rep>
  void operator()(int n, const char* name, base::Strong<Tag, Rep>& v) {
    Rep value{};
    (*this)(n, name, value);
    v = base::Strong<Tag, Rep>(std::move(value));
  }
  template <Enumeration T>
  void operator()(int n, const char*, T& v) {
    if (!at(n)) return;
    const auto value = from_number<T>(field_->value);
    good_ = good_ && value.has_value();
    if (value) v = *value;
  }
  template <class T>
  void operator()(int n, const char*, std::optional<T>& v) {
    if (at(n)) v = scalar<T>(field_->sint());
  }
  template <Described T>
  void operator()(int n, const char*, T& v) {
    // An absent nested message is one with only defaults, and is read as such.
    Decoder nested(at(n) ? field_->bytes : std::string_view());
    fields::describe(nested, v);
    good_ = good_ && nested.good();
  }

  bool good() const { return good_ && !reader_.broken(); }

 private:
  bool at(int n) {
    while (field_ && field_->number < n) field_ = reader_.next();
    return field_ && field_->number == n;
  }
  template <class To, class From>
  To narrow(From value) {
    good_ = good_ && std::in_range<To>(value);
    return static_cast<To>(value);
  }
  template <class T>
  static T scalar(std::int64_t value) {
    if constexpr (std::is_same_v<T, Decimal>) {
      return Decimal::from_units(value);
    } else if constexpr (std::is_same_v<T, base::Time>) {
      return base::Time(value);
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      return value;
    } else {
      return T(scalar<typename T::rep>(value));
    }
  }

  base::ProtoReader reader_;
  std::optional<base::ProtoReader::Field> field_;
  bool good_ = true;
};

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
  template <Described T>
  void operator()(int, const char* name, const T& v) {
    json.key(name).begin_object();
    fields::describe(*this, const_cast<T&>(v));
    json.end_object();
  }
};

template <std::size_t... I>
std::optional<Event> make_event(std::uint16_t type, std::index_sequence<I...>) {
  std::optional<Event> event;
  ((std::variant_alternative_t<I, Event>::type == type
        ? static_cast<void>(event.emplace(std::in_place_index<I>))
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
  auto event = make_event(type, std::make_index_sequence<std::variant_size_v<Event>>());
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
                                 "IdsResetBegun"};
static_assert(event_names.size() == std::variant_size_v<Event>);
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
