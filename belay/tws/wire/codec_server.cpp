// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/codec_support.hpp"
#include "belay/tws/wire/describe_completed_order.hpp"
#include "belay/tws/wire/describe_data_reports.hpp"
#include "belay/tws/wire/describe_lookups.hpp"
#include "belay/tws/wire/describe_market.hpp"
#include "belay/tws/wire/describe_open_order.hpp"
#include "belay/tws/wire/describe_reports.hpp"

namespace belay::tws::wire {

base::Result<Decoded<ServerMessage>, DecodeError> decode_server(std::string_view payload,
                                                                int server_version) {
  return decoded<ServerMessage>(payload, server_version, Reading::exact);
}

base::Result<Decoded<ServerMessage>, DecodeError> decode_server_tolerantly(std::string_view payload,
                                                                           int server_version) {
  return decoded<ServerMessage>(payload, server_version, Reading::tolerant);
}

/// The message of its kind that was read last.
struct ServerReader::Last {
  Decoded<ServerMessage> read;
  Stretches stretches;
  int version = 0;
};

namespace {

constexpr std::string_view id_open_order{"5\0", 2};
constexpr std::string_view id_order_status{"3\0", 2};
constexpr std::string_view id_exec_details{"11\0", 3};
static_assert(OpenOrder::msg_id == 5 && OrderStatus::msg_id == 3 && ExecDetails::msg_id == 11);

// The places of ServerReader: those that an order brings again and again, and all others.
enum Place : std::uint8_t { others, open_orders, order_statuses, executions, places };

Place place_of(std::string_view payload) {
  if (payload.starts_with(id_order_status)) return order_statuses;
  if (payload.starts_with(id_open_order)) return open_orders;
  if (payload.starts_with(id_exec_details)) return executions;
  return others;
}

// True: `out` holds it. False: it is not like the one that `out` holds, or was damaged.
template <class Message>
bool read_like(Stretches& known, std::string_view payload, int version,
               Decoded<ServerMessage>& out) {
  FieldReader reader(payload, version, Reading::tolerant);
  reader.go_by(known);
  reader.set_message(Message::msg_name);
  reader.filler("id", "");
  describe(reader, std::get<Message>(out.message));
  out.trailing.clear();
  reader.rest(out.trailing);
  reader.take_damaged(out.damaged);
  return out.damaged.empty() && is_whole(out);
}

bool read_like(Place place, Stretches& known, std::string_view payload, int version,
               Decoded<ServerMessage>& out) {
  switch (place) {
    case open_orders:
      return read_like<OpenOrder>(known, payload, version, out);
    case order_statuses:
      return read_like<OrderStatus>(known, payload, version, out);
    case executions:
      return read_like<ExecDetails>(known, payload, version, out);
    case others:
    case places:
      break;
  }
  return false;
}

}  // namespace

ServerReader::ServerReader() : last_(std::make_unique<Last[]>(places)) {}
ServerReader::ServerReader(ServerReader&&) noexcept = default;
ServerReader::~ServerReader() = default;

base::Result<const Decoded<ServerMessage>*, DecodeError> ServerReader::read(
    std::string_view payload, int server_version) {
  const Place place = place_of(payload);
  Last& last = last_[place];
  if (place == others) {
    const auto done = decode(payload, server_version, Reading::tolerant, last.read);
    if (!done) return base::Failure<DecodeError>{done.error()};
    return &last.read;
  }
  const int version = nearest_version(server_version);
  Stretches& known = last.stretches;
  if (known.whole && last.version == version &&
      read_like(place, known, payload, version, last.read)) {
    return &last.read;
  }
  known.whole = false;
  last.version = version;
  const auto done = decode(payload, version, Reading::tolerant, last.read, &known);
  if (!done) return base::Failure<DecodeError>{done.error()};
  return &last.read;
}

void encode(const ServerMessage& message, int server_version, std::string& out,
            const EncodeOptions& options) {
  framed(out, [&] {
    FieldWriter writer(out, nearest_version(server_version));
    std::visit([&](const auto& known) { write_fields(writer, known); }, message);
    const bool has_extra = std::holds_alternative<ExecDetails>(message) ||
                           std::holds_alternative<CommissionReport>(message);
    if (options.extra_trailing_field && has_extra) writer.filler("extra", "");
  });
}

std::string_view name(const ServerMessage& message) {
  return name_of(message);
}

std::int32_t id(const ServerMessage& message) {
  return id_of(message);
}

void print_json(const ServerMessage& message, base::JsonWriter& out, int server_version) {
  print_fields(message, out, server_version);
}

}  // namespace belay::tws::wire
