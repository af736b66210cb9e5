// SPDX-License-Identifier: Apache-2.0
// What the server codec and the client codec have in common: choosing the walk by wire id, and
// running one visitor over a variant. `describe` must be visible for every alternative where these
// templates are used; each codec .cpp includes its own walks first. Internal to tws/wire.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "belay/tws/wire/codec.hpp"
#include "belay/tws/wire/field_printer.hpp"
#include "belay/tws/wire/field_reader.hpp"
#include "belay/tws/wire/field_writer.hpp"

namespace belay::tws::wire {

inline int nearest_version(int version) {
  return std::clamp(version, min_server_version, max_server_version);
}

template <class T>
concept Unknown = Like<T, UnknownMessage> || Like<T, UnknownRequest>;

/// Fills `out` with the alternative whose msg_id is `id`; false when there is none.
template <class Variant, std::size_t... Index>
bool read_known(FieldReader& reader, std::int32_t id, Variant& out, std::index_sequence<Index...>) {
  const auto try_one = [&](auto index) {
    using Message = typename Variant::template Alternative<decltype(index)::value>;
    if (Message::msg_id != id) return false;
    reader.set_message(Message::msg_name);
    describe(reader, out.template emplace<Message>());
    return true;
  };
  // Alternative 0 is the unknown one and has no id of its own.
  return (try_one(std::integral_constant<std::size_t, Index + 1>{}) || ...);
}

/// Fills `out`, where it is: the largest messages take longer to move than to read.
template <class Variant>
base::Status<DecodeError> read(FieldReader& reader, Decoded<Variant>& out) {
  out.message.template emplace<0>();
  out.trailing.clear();
  out.damaged.clear();
  std::string text;
  std::int32_t id = 0;
  reader.text("id", text);
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
      text.size() < 10) {
    for (const char c : text) id = id * 10 + (c - '0');
  } else {
    reader.fail("id", DecodeReason::bad_number);
  }
  constexpr std::size_t known = Variant::size - 1;
  if (!reader.failed() && !read_known(reader, id, out.message, std::make_index_sequence<known>{})) {
    reader.set_message(Variant::template Alternative<0>::msg_name);
    auto& unknown = std::get<0>(out.message);
    unknown.id = id;
    reader.rest(unknown.fields);
  }
  const bool named = !reader.failed() || out.message.index() != 0;
  reader.rest(out.trailing);
  if (reader.failed() && !(reader.tolerant() && named)) {
    return base::Failure<DecodeError>{*reader.error()};
  }
  reader.take_damaged(out.damaged);
  return base::ok();
}

template <class Variant>
using Read = base::Result<Decoded<Variant>, DecodeError>;

/// `fill` says how a message is filled.
template <class Variant, class Fill>
Read<Variant> filled(Fill fill) {
  Read<Variant> out{Decoded<Variant>()};
  if (const auto done = fill(*out); !done) out = base::Failure<DecodeError>{done.error()};
  return out;
}

/// Read to its end; behind a known message one more field is not unusual.
template <class Variant>
bool is_whole(const Decoded<Variant>& out) {
  return out.trailing.size() <= 1 &&
         std::none_of(out.damaged.begin(), out.damaged.end(), [](const DamagedField& each) {
           return each.reason == DecodeReason::under_run;
         });
}
template <class Variant>
std::size_t unread(const Decoded<Variant>& out) {
  return out.damaged.size() + out.trailing.size();
}

/// What is put in place of a first reading that ended with `reader` and did not explain the whole
/// message: nothing when it is the best there is.
template <class Variant>
std::optional<Read<Variant>> read_again(std::string_view payload, const FieldReader& reader) {
  const auto fresh = [&] { return FieldReader(payload, reader.version(), Reading::tolerant); };
  const auto read_with = [](FieldReader& again) {
    return filled<Variant>([&](auto& out) { return read(again, out); });
  };
  // What reads as "not given" may be what was damaged, when that alone explains everything else.
  if (reader.deciding().not_given >= 0) {
    FieldReader again = fresh();
    again.assume(reader.deciding().not_given, 1);
    auto given = read_with(again);
    if (given && is_whole(*given) && unread(*given) == 1) return given;
  }
  const int place = reader.deciding().first_undecided;
  if (place < 0) return std::nullopt;
  // Behind the first that could not be read nothing is where it was looked for.
  constexpr int values_tried = 9;
  std::optional<Read<Variant>> best;
  for (int value = 0; value < values_tried; ++value) {
    FieldReader again = fresh();
    again.assume(place, value);
    auto other = read_with(again);
    if (again.deciding().undecided != 1 || !other || !is_whole(*other)) continue;
    if (!best || unread(*other) < unread(**best)) best.emplace(std::move(other));
  }
  if (best) return best;
  FieldReader again = fresh();
  again.assume(place, std::nullopt);
  return read_with(again);
}

template <class Variant>
base::Status<DecodeError> decode(std::string_view payload, int version, Reading reading,
                                 Decoded<Variant>& out, Stretches* noted = nullptr) {
  FieldReader reader(payload, nearest_version(version), reading);
  if (noted != nullptr) reader.go_by(*noted);
  auto done = read(reader, out);
  if (reading == Reading::exact || !done) return done;
  if (reader.deciding().undecided == 0 && is_whole(out)) {
    if (noted != nullptr) noted->whole = out.damaged.empty();
    return done;
  }
  auto other = read_again<Variant>(payload, reader);
  if (!other) return done;
  if (!*other) return base::Failure<DecodeError>{other->error()};
  out = std::move(**other);
  return done;
}

template <class Variant>
Read<Variant> decoded(std::string_view payload, int version, Reading reading) {
  return filled<Variant>([&](auto& out) { return decode(payload, version, reading, out); });
}

template <class Message>
void write_fields(FieldWriter& writer, const Message& message) {
  if constexpr (Unknown<Message>) {
    writer.id("id", message.id);
    for (const std::string& field : message.fields) writer.text("field", field);
  } else {
    writer.id("id", Message::msg_id);
    describe(writer, message);
  }
}

/// Reserves the length prefix, lets `write` append the payload, then fills the prefix in.
template <class Write>
void framed(std::string& out, Write write) {
  const std::size_t begin = out.size();
  out.append(4, '\0');
  write();
  const auto length = static_cast<std::uint32_t>(out.size() - begin - 4);
  for (unsigned i = 0; i < 4; ++i) {
    out[begin + i] = static_cast<char>((length >> (24U - 8U * i)) & 0xFFU);
  }
}

template <class Variant>
void print_fields(const Variant& message, base::JsonWriter& out, int version) {
  out.begin_object();
  std::visit(
      [&](const auto& known) {
        if constexpr (Unknown<std::decay_t<decltype(known)>>) {
          out.key("fields").begin_array();
          for (const std::string& field : known.fields) out.string(field);
          out.end_array();
        } else {
          FieldPrinter printer(out, nearest_version(version));
          describe(printer, known);
        }
      },
      message);
  out.end_object();
}

template <class Variant>
std::string_view name_of(const Variant& message) {
  return std::visit([](const auto& known) { return std::decay_t<decltype(known)>::msg_name; },
                    message);
}

template <class Variant>
std::int32_t id_of(const Variant& message) {
  return std::visit(
      [](const auto& known) {
        using Message = std::decay_t<decltype(known)>;
        if constexpr (Unknown<Message>) {
          return known.id;
        } else {
          return Message::msg_id;
        }
      },
      message);
}

}  // namespace belay::tws::wire
