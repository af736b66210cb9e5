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

base::Status<DecodeError> decode_server_tolerantly(std::string_view payload, int server_version,
                                                   Decoded<ServerMessage>& out) {
  return decode(payload, server_version, Reading::tolerant, out);
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
