// SPDX-License-Identifier: Apache-2.0
// belay_event_catalogue: prints docs/formats/events.md from the field walks of the encoder; with
// --check FILE it compares instead. What an event means is told here, once; numbers, names and
// types of fields come from the code.
#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>

#include "belay/core/facts/event_encoding.hpp"
#include "belay/core/facts/event_fields.hpp"

namespace {

using namespace belay::core;

/// A visitor that writes one row of a table for each field.
struct Describer {
  std::string rows;

  template <class T>
  void operator()(int number, const char* field, T&) {
    rows += fmt::format("| {} | {} | {} |\n", number, field, type_name<T>());
  }
  template <class T>
  static std::string type_name() {
    if constexpr (std::is_same_v<T, bool>) {
      return "bool";
    } else if constexpr (std::is_enum_v<T>) {
      return "varint: " + words<T>();
    } else if constexpr (std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::uint64_t>) {
      return "varint";
    } else if constexpr (std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>) {
      return "zigzag";
    } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, belay::base::Text>) {
      return "bytes";
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      return "bytes, repeated";
    } else if constexpr (std::is_same_v<T, std::vector<ComboLeg>>) {
      return "ComboLeg, repeated";
    } else if constexpr (std::is_same_v<T, Decimal> || std::is_same_v<T, Quantity>) {
      return "zigzag, units of 1e-8";
    } else if constexpr (std::is_same_v<T, belay::base::Time>) {
      return "zigzag, ns since 1970";
    } else if constexpr (std::is_same_v<T, Contract>) {
      return "Contract";
    } else if constexpr (std::is_same_v<T, OrderTerms>) {
      return "OrderTerms";
    } else if constexpr (std::is_same_v<T, OrderSpec>) {
      return "OrderSpec";
    } else if constexpr (std::is_same_v<T, BrokerOrderId>) {
      return "BrokerOrderId";
    } else if constexpr (std::is_same_v<T, ExecId>) {
      return "ExecId";
    } else if constexpr (std::is_same_v<T, Execution>) {
      return "Execution";
    } else if constexpr (requires(T v) { v.edit(); }) {
      return type_name<std::remove_cvref_t<decltype(*T())>>();
    } else if constexpr (requires { typename T::rep; }) {
      return type_name<typename T::rep>();
    } else {
      return "optional " + type_name<typename T::value_type>();
    }
  }
  template <class T>
  static std::string words() {
    std::string out;
    for (const auto& entry : belay::model::names_of(T{})) {
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", static_cast<int>(entry.value),
                         entry.name);
    }
    return out;
  }
};

constexpr const char* opening = R"(# The events of the journal

This page is printed by `belay_event_catalogue` from the encoder's own field walks
(`belay/core/facts/event_fields.hpp`); a test compares. The journal keeps for each event its seq,
the epoch of its writer, its time, the type and version below, and a payload.

A payload is one message in the wire format of Protocol Buffers (`protoc --decode_raw` reads it).
Fields stand in ascending order. An absent field is zero, empty or not given; a field that is
`optional` is written even when it is zero. Fields that a reader does not know are skipped. Numbers
of types and fields are never given another meaning, and payloads of older versions are read for
ever: `tests/golden/events.txt` holds one of each. The version written today is 1.

)";

constexpr std::array<const char*, Event::size> meanings{
    "The data directory was created; `instance` marks every order tag made from it.",
    "A daemon opened the journal as writer number `epoch`.",
    "The caller's order is ours to carry out. Durable before the caller is told.",
    "A risk rule said no. The key is used up: the same request gets the same answer.",
    "The broker order id is reserved and the frame may leave from now on: the id's durable mark.",
    "The frame of SendIntended never left the program; `proof` says how that is known.",
    "Accepted and never sent: a restart, a lost link, or its valid_until passed.",
    "The broker shows the order; `raw_status` is the broker's word.",
    "The broker's status word changed without changing our state.",
    "The broker said something about the order that ends nothing.",
    "The caller wants other terms. Sent when the order is acknowledged and no other is under way.",
    "The modification with the latest wanted terms may leave from now on.",
    "The terms of the modification under way are in force.",
    "The modification is not in force; the order lives on with its old terms.",
    "The broker changed the terms by itself, or a person changed them there (FIX ExecType D).",
    "A cancel is wanted from now on, until the order is done.",
    "The cancel did nothing. It does not say what became of the order.",
    "The order is canceled. Late fills still count.",
    "The broker refused the order.",
    "The order's time in force ended at the broker.",
    "The broker holds the order back (IB: Inactive while shares are located).",
    "One fill.",
    "A later revision replaces the execution of the same base id; `busted` takes it back.",
    "The commission of an execution, whenever it comes.",
    "What became of a command cannot be known; only evidence ends it. `command` is place, replace "
    "or absent.",
    "An order that we did not send: another client's, a person's, or one without our tag. A second "
    "one of the same order gives the terms of what was known from its fills alone.",
    "The broker shows an order of ours under a further permanent id; beyond the first it is a copy "
    "that the broker made.",
    "The ids [from, to) of a session are skipped, and why.",
    "The session to the broker changed: down, syncing or ready.",
    "Everything was asked and compared; new orders are taken from now on.",
    "Something that a person should know. `order` is 0 when it is about no order; `subject` names "
    "the matter, which is open once at a time; `candidates` are what may explain it.",
    "The ids [from, to) of a session will never be sent; `reason` begins with RESERVED_UNUSED, "
    "REJECTED_BEFORE_SEND or FLOOR_RAISED.",
    "The ids [from, to) of a session are kept for a caller.",
    "The matter of an incident is settled: by evidence, or by `principal`. `incident` is the seq "
    "of "
    "its IncidentOpened.",
    "Sent, and proven never to have arrived at the broker; `proof` is what was looked at.",
    "A fill that the broker's totals prove and whose execution was never told.",
    "The real execution `by` came: the `inferred` one no longer counts.",
    "No new risk leaves from now on, through restarts. Cancels pass.",
    "New risk may leave again.",
    "The broker's trading day changed to `day` (YYYYMMDD).",
    "An operator had own orders canceled and the id sequence confirmed; the mark never falls.",
    "The expected position became the broker's; no order and no execution did that.",
    "A finished order leaves memory for the history; its key stays used.",
    "A late fact came about an archived order: it is in memory again, as `state` says.",
    "The broker knows the order under another id from now on.",
    "A caller asked to act on an order of another session under that session's name.",
    "What the broker says of one copy of an order of which it has made more than one.",
    "The broker refused the id as used, and the order is proven to be nowhere there: it waits to "
    "be "
    "sent again under another id.",
    "An operator wants the ids reset: own orders are canceled until IdsReset.",
    "The broker described what an order trades that its caller named in part, or differently.",
    "The mark of a session stood above every id that an order can have; it is `to` again."};

std::string table(const std::string& rows) {
  if (rows.empty()) return "No fields.\n";
  return "| number | field | encoding |\n|---|---|---|\n" + rows;
}

template <class T>
std::string part(const char* name) {
  T value{};
  Describer describer;
  fields::describe(describer, value);
  return fmt::format("### {}\n\n{}\n", name, table(describer.rows));
}

template <std::size_t... I>
std::string events(std::index_sequence<I...>) {
  std::string out;
  const auto add = [&](auto event, const char* meaning) {
    Describer describer;
    fields::describe(describer, event);
    out += fmt::format("### {} {}\n\n{}\n\n{}\n", decltype(event)::type, name(Event(event)),
                       meaning, table(describer.rows));
  };
  (add(Event::Alternative<I>{}, meanings[I]), ...);
  return out;
}

std::string page() {
  return opening + std::string("## Events\n\n") + events(std::make_index_sequence<Event::size>()) +
         "## Parts\n\n" + part<OrderSpec>("OrderSpec") + part<OrderTerms>("OrderTerms") +
         part<Contract>("Contract") + part<ComboLeg>("ComboLeg") +
         part<BrokerOrderId>("BrokerOrderId") + part<Execution>("Execution") +
         part<ExecId>("ExecId");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    fmt::print("{}", page());
    return 0;
  }
  if (argc != 3 || std::string(argv[1]) != "--check") {
    fmt::print(stderr, "usage: belay_event_catalogue [--check FILE]\n");
    return 2;
  }
  std::ifstream file(argv[2]);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text == page()) return 0;
  fmt::print(stderr, "{} differs from the code: belay_event_catalogue > {}\n", argv[2], argv[2]);
  return 1;
}
