// SPDX-License-Identifier: Apache-2.0
// The words that are commands for a running daemon, and their help.
#include "apps/belay/cli_client.hpp"

namespace belay::app {

bool is_client_command(std::string_view word) {
  for (const std::string_view known :
       {"status", "buy", "sell", "orders", "order", "modify", "cancel", "cancel-all", "executions",
        "positions", "account", "watch", "halt", "resume", "ids", "incidents", "reconcile",
        "decide"}) {
    if (word == known) return true;
  }
  return false;
}

std::string_view client_usage() {
  return "  status                       how it stands and what to do\n"
         "  buy|sell SYMBOL QUANTITY [--limit P] [--stop P] [--tif T] [--wait]   place an order\n"
         "  orders [--all] [--open]      orders, newest first\n"
         "  order ID                     one order in full\n"
         "  modify ID [--limit P] ...    change an order\n"
         "  cancel ID [--wait] [--foreign]                      cancel an order\n"
         "  cancel-all [--scope own|account|all] [--dry-run]    cancel what is open\n"
         "  executions                   fills, newest first\n"
         "  reconcile [--dry-run]        ask the broker for everything, compare\n"
         "  decide ID FATE ...           end an order whose fate no evidence shows\n"
         "  positions, account           what the broker says\n"
         "  watch [--from SEQ]           follow the events\n"
         "  halt, resume [--reason]      stop new risk, take it again\n"
         "  ids [reserve|release|validate|reset]   the broker order ids\n"
         "  incidents [--all] [close ID]           what a person should know of\n";
}

}  // namespace belay::app
