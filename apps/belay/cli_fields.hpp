// SPDX-License-Identifier: Apache-2.0
// The one table of what a person types and what the API calls it. It has the flags that become
// fields of a request, and the names of the command line for the fields in the daemon's answers.
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace belay::app {

/// An option whose text goes into the request body as it is; the daemon judges it, and names the
/// field.
struct TextOption {
  const char* flag;
  const char* field;
  const char* help;
  bool number = false;
};
inline constexpr std::array term_options{
    TextOption{"--limit", "limit_price", "limit price", true},
    TextOption{"--stop", "aux_price", "stop price", true},
    TextOption{"--trail", "trail_amount", "trailing amount", true},
    TextOption{"--trail-percent", "trail_percent", "trailing percent", true},
    TextOption{"--tif", "time_in_force", "DAY, GTC, IOC, FOK or GTD"},
    TextOption{"--good-after", "good_after_time", "not active before (RFC 3339)"},
    TextOption{"--good-till", "good_till_date", "end of a GTD order (RFC 3339)"}};
inline constexpr std::array order_options{
    TextOption{"--account", "account", "account"},
    TextOption{"--client-order-id", "client_order_id", "your id: the same id is sent at most once"},
    TextOption{"--purpose", "purpose", "a label"},
    TextOption{"--valid-until", "valid_until", "do not send after (RFC 3339)"},
    TextOption{"--broker-order-id", "broker_order_id",
               "an id that you reserved (belay ids reserve)", true}};
inline constexpr std::array contract_options{
    TextOption{"--sec-type", "sec_type", "STK, CASH, FUT or OPT"},
    TextOption{"--exchange", "exchange", "exchange, SMART"},
    TextOption{"--currency", "currency", "currency, USD"},
    TextOption{"--con-id", "con_id", "the broker's contract number"},
    TextOption{"--expiry", "last_trade_date", "YYYYMM or YYYYMMDD"},
    TextOption{"--strike", "strike", "strike of an option", true},
    TextOption{"--right", "right", "C or P"},
    TextOption{"--local-symbol", "local_symbol", "the exchange's own symbol"}};
/// What is typed in other places, and is judged there.
inline constexpr std::array typed_elsewhere{
    TextOption{"SYMBOL", "symbol", ""},     TextOption{"QUANTITY", "total_quantity", ""},
    TextOption{"--type", "order_type", ""}, TextOption{"--outside-rth", "outside_rth", ""},
    TextOption{"--hidden", "hidden", ""},   TextOption{"--order", "order_id", ""},
    TextOption{"--status", "status", ""},   TextOption{"--operator", "operator", ""},
    TextOption{"--reason", "reason", ""}};

/// "--limit (limit_price)" of limit_price, "--con-id (contract.con_id)": what was typed, and what
/// the API calls it where that is another word. A field that nobody types is called as it is.
std::string typed_name(std::string_view field);

}  // namespace belay::app
