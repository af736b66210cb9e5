// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/codec_support.hpp"
#include "belay/tws/wire/describe_data_requests.hpp"
#include "belay/tws/wire/describe_place_order.hpp"
#include "belay/tws/wire/describe_requests.hpp"
#include "belay/tws/wire/field_checker.hpp"

namespace belay::tws::wire {

base::Result<Decoded<ClientMessage>, DecodeError> decode_client(std::string_view payload,
                                                                int server_version) {
  return decoded<ClientMessage>(payload, server_version, Reading::exact);
}

void encode(const ClientMessage& message, int server_version, std::string& out) {
  framed(out, [&] {
    FieldWriter writer(out, nearest_version(server_version));
    std::visit([&](const auto& known) { write_fields(writer, known); }, message);
  });
}

void encode(const PlaceOrder& message, int server_version, std::string& out) {
  framed(out, [&] {
    FieldWriter writer(out, nearest_version(server_version));
    write_fields(writer, message);
  });
}

std::optional<DecodeError> find_unsendable(const ClientMessage& message, int server_version) {
  FieldChecker checker(name(message), nearest_version(server_version));
  std::visit(
      [&](const auto& known) {
        if constexpr (Unknown<std::decay_t<decltype(known)>>) {
          for (const std::string& field : known.fields) checker.text("field", field);
        } else {
          describe(checker, known);
        }
      },
      message);
  return checker.found();
}

std::string_view name(const ClientMessage& message) {
  return name_of(message);
}

std::int32_t id(const ClientMessage& message) {
  return id_of(message);
}

void print_json(const ClientMessage& message, base::JsonWriter& out, int server_version) {
  print_fields(message, out, server_version);
}

}  // namespace belay::tws::wire
