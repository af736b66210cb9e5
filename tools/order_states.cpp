// SPDX-License-Identifier: Apache-2.0
// belay_order_states: prints docs/order-states.md by running the order machine over every state and
// trigger; with --check FILE it compares instead, so that the page cannot drift from the code.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "belay/core/facts/order_machine.hpp"

namespace {

using namespace belay::core;
using belay::model::name;
using belay::model::ord_status_names;

constexpr const char* opening = R"(# The states of an order

This page is printed by `belay_order_states`, which runs `belay/core/facts/order_machine.cpp` over
every state and trigger; a test compares. Change the table there, then print the page again.

A cell is the state that follows. `-` means that nothing changes: the trigger is stale, repeated or
irrelevant here. `!` means that the broker contradicts what was known: its word is applied, and an
incident is opened. States in italics are terminal. A fill is counted in every state, whatever this
table says about the state that follows. The flags *pending cancel*, *pending replace* and *unknown*
lie over the states and block nothing.

| trigger | comes from |
|---|---|
| send | SendIntended: the broker order id is reserved, the frame may leave |
| withdraw | SendWithdrawn: the frame never left the program |
| deny | OrderDenied: it will never be sent |
| acknowledge | BrokerAcknowledged: the broker shows it working |
| fill_partial | executions sum up to less than the order quantity |
| fill_complete | executions sum up to the order quantity or more |
| cancel | OrderCanceled, a withdrawal that a cancel caused, a cancel before the sending |
| reject | OrderRejected; after fills it ends the remainder, which FIX calls canceled |
| expire | OrderExpired |
| hold | OrderHeld: IB's Inactive while shares are located, or while a list shows it as open |
| refill | correction, bust or larger order: its fills no longer add up to its quantity |
| not_accept | OrderNotAccepted: settled lists prove that it never arrived, or a person says so |
| refuse_id | SendRefused: the id was refused as used; the order goes again under another |
| reopen | IncarnationAdded, IncarnationChanged: the order or a copy of it works after its end |
| refuse | OrderRejected, when the word for the end came before the refusal that explains it |

)";

std::string page() {
  std::string out = opening;
  out += "| from \\ trigger |";
  for (int t = 0; t < trigger_count; ++t) {
    out += fmt::format(" {} |", name(static_cast<Trigger>(t)));
  }
  out += "\n|---|";
  for (int t = 0; t < trigger_count; ++t) out += "---|";
  out += "\n";
  for (const auto& from : ord_status_names) {
    const bool terminal = belay::model::is_terminal(from.value);
    out += fmt::format("| {0}{1}{0} |", terminal ? "*" : "", from.name);
    for (int t = 0; t < trigger_count; ++t) {
      const Transition next = transition(from.value, static_cast<Trigger>(t));
      const char* mark = next.judgement == Judgement::anomalous ? " !" : "";
      out += next.judgement == Judgement::stays ? std::string(" - |")
                                                : fmt::format(" {}{} |", name(next.to), mark);
    }
    out += "\n";
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    fmt::print("{}", page());
    return 0;
  }
  if (argc != 3 || std::string(argv[1]) != "--check") {
    fmt::print(stderr, "usage: belay_order_states [--check FILE]\n");
    return 2;
  }
  std::ifstream file(argv[2]);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (text == page()) return 0;
  fmt::print(stderr, "{} differs from the code: belay_order_states > {}\n", argv[2], argv[2]);
  return 1;
}
