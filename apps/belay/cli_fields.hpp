// SPDX-License-Identifier: Apache-2.0
// The one table of what a person types and what the API calls it. It has the flags that become
// fields of a request, and the names of the command line for the fields in the daemon's answers.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "belay/model/sec_types.hpp"

namespace belay::app {

/// An option whose text goes into the request body as it is; the daemon judges it, and names the
/// field.
struct TextOption {
  const char* flag;
  const char* field;
  const char* help;
  bool number = false;
};
/// The terms that a request may have: some under shorter words, the others under their own.
const std::vector<TextOption>& term_options();
inline constexpr std::array order_options{
    TextOption{"--account", "account", "account"},
    TextOption{"--client-order-id", "client_order_id", "your id: the same id is sent at most once"},
    TextOption{"--purpose", "purpose", "a label"},
    TextOption{"--valid-until", "valid_until", "do not send after (RFC 3339)"},
    TextOption{"--broker-order-id", "broker_order_id",
               "an id that you reserved (belay ids reserve)", true}};
inline constexpr std::array contract_options{
    TextOption{"--sec-type", "sec_type", model::choice<model::SecurityType>.text.data()},
    TextOption{"--exchange", "exchange", "exchange, SMART"},
    TextOption{"--currency", "currency", "currency, USD"},
    TextOption{"--con-id", "con_id", "the broker's contract number"},
    TextOption{"--expiry", "last_trade_date", "YYYYMM or YYYYMMDD"},
    TextOption{"--strike", "strike", "strike of an option", true},
    TextOption{"--right", "right", "C or P"},
    TextOption{"--local-symbol", "local_symbol", "the exchange's own symbol"}};
/// What is typed in other places, and is judged there.
inline constexpr std::array typed_elsewhere{TextOption{"SYMBOL", "symbol", ""},
                                            TextOption{"QUANTITY", "total_quantity", ""},
                                            TextOption{"--type", "order_type", ""},
                                            TextOption{"--leg", "legs", ""},
                                            TextOption{"--outside-rth", "outside_rth", ""},
                                            TextOption{"--hidden", "hidden", ""},
                                            TextOption{"--order", "order_id", ""},
                                            TextOption{"--status", "status", ""},
                                            TextOption{"--operator", "operator", ""},
                                            TextOption{"--reason", "reason", ""}};

/// The type of order that the given terms mean, when none is named: the first that has all of them
/// and needs no other, else the one that has most of them, and the daemon says what is wrong.
std::string type_of_numbers(const std::map<std::string, std::string>& given_texts);

/// What is wrong with a leg such as BUY:2:265598 or SELL:1:272093:NYSE; empty when it is one.
std::string not_a_leg(const std::string& text);
/// The legs of a combination as the API takes them.
std::string legs_json(const std::vector<std::string>& legs);

/// "--limit (limit_price)" of limit_price, "--con-id (contract.con_id)": what was typed, and what
/// the API calls it where that is another word. A field that nobody types is called as it is.
std::string typed_name(std::string_view field);

}  // namespace belay::app
