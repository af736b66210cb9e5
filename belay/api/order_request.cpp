// SPDX-License-Identifier: Apache-2.0
#include "belay/api/order_request.hpp"

#include <algorithm>
#include <array>

#include "belay/api/http_message.hpp"
#include "belay/model/order_terms.hpp"

namespace belay::api {
namespace {

using model::Contract;
using model::OrderSpec;
using model::OrderTerms;
using model::TermsPatch;

constexpr std::size_t client_order_id_max = 128;

// ---- readers of one value ----
bool read_word(const Json& value, base::Text& out) {
  if (!value.is_string()) return false;
  out = trim(value.text());
  return true;
}
bool read_upper(const Json& value, base::Text& out) {
  if (!value.is_string()) return false;
  out = to_upper(trim(value.text()));
  return true;
}
template <class Enum>
bool read_enum(const Json& value, Enum& out) {
  if (!value.is_string()) return false;
  const auto parsed = model::parse<Enum>(to_upper(trim(value.text())));
  if (!parsed || model::name(*parsed) == "OTHER") return false;
  out = *parsed;
  return true;
}
template <class Enum>
bool read_value(const Json& value, std::optional<Enum>& out) requires std::is_enum_v<Enum> {
  Enum parsed{};
  if (!read_enum(value, parsed)) return false;
  out = parsed;
  return true;
}
bool read_value(const Json& value, std::optional<model::Price>& out) {
  const auto number = decimal_of(value);
  if (number) out = model::Price(*number);
  return number.has_value();
}
bool read_value(const Json& value, std::optional<base::Decimal>& out) {
  const auto number = decimal_of(value);
  if (number) out = *number;
  return number.has_value();
}
bool read_value(const Json& value, std::optional<model::Quantity>& out) {
  const auto number = decimal_of(value);
  const auto quantity = number ? model::Quantity::make(*number) : std::nullopt;
  if (!quantity || quantity->is_zero()) return false;
  out = quantity;
  return true;
}
bool read_value(const Json& value, std::optional<base::Time>& out) {
  const auto time = time_of(value);
  if (time) out = *time;
  return time.has_value();
}
bool read_value(const Json& value, std::optional<bool>& out) {
  if (!value.is_boolean()) return false;
  out = value.as_bool();
  return true;
}
// A member that is always there is read as one that may be.
template <class T>
bool read_value(const Json& value, T& out) {
  std::optional<T> read;
  if (!read_value(value, read)) return false;
  out = *read;
  return true;
}
bool read_price(const Json& value, std::optional<model::Price>& out) {
  return read_value(value, out);
}
bool read_time(const Json& value, std::optional<base::Time>& out) {
  return read_value(value, out);
}
bool read_con_id(const Json& value, std::int64_t& out) {
  const auto number = decimal_of(value);
  if (!number || number->units() % base::Decimal::one != 0 || number->is_negative()) return false;
  out = number->units() / base::Decimal::one;
  return true;
}

bool read_number(const Json& value, std::optional<std::int64_t>& out) {
  std::int64_t number = 0;
  if (!read_con_id(value, number)) return false;
  out = number;
  return true;
}

constexpr std::string_view decimal_text =
    "a decimal number with at most 8 decimals, such as 190.50 or \"190.50\"";
constexpr std::string_view positive_text =
    "a decimal number greater than 0 and at most 92233720368, with at most 8 decimals, such as 100";
constexpr std::string_view time_text = "a time such as \"2026-12-31T21:00:00Z\" (RFC 3339)";
constexpr std::string_view flag_text = "true or false";
constexpr std::string_view type_text = model::choice<model::OrdType>.view();
constexpr std::string_view word_text = "text";
constexpr std::string_view symbol_text = "a symbol such as \"AAPL\"";
constexpr std::string_view security_text = model::choice<model::SecurityType>.view();

// What the body holds before long and short form are joined.
struct PlaceBody {
  PlaceRequest request;
  bool contract_given = false;
  bool action_given = false;
  bool type_given = false;
  std::optional<base::Text> symbol;
};
using Errors = FieldErrors;
using Body = PlaceBody;

// A member reached by a path, read by Read: one line per field in the tables below.
template <class T, auto Read, auto... Path>
bool at(const Json& value, T& out, Errors&) {
  return Read(value, (out.*....*Path));
}
template <auto Read, auto Member>
constexpr auto contract_at = &at<Contract, Read, Member>;
template <auto Read, auto Member>
constexpr auto spec_at = &at<Body, Read, &Body::request, &PlaceRequest::spec, Member>;

constexpr std::string_view expected_of(const model::Quantity*) {
  return positive_text;
}
constexpr std::string_view expected_of(const model::TimeInForce*) {
  return model::choice<model::TimeInForce>.view();
}
constexpr std::string_view expected_of(const std::optional<base::Time>*) {
  return time_text;
}
constexpr std::string_view expected_of(const bool*) {
  return flag_text;
}
template <class Number>
constexpr std::string_view expected_of(const std::optional<Number>*) {
  return decimal_text;
}

// The terms as fields of a body: a field each, and "quantity" for the quantity.
template <class T, std::size_t Index>
bool read_term(const Json& value, T& out, Errors&) {
  constexpr const auto& term = std::get<Index>(model::order_terms);
  if constexpr (std::is_same_v<T, TermsPatch>) {
    return read_value(value, out.*term.change);
  } else {
    return read_value(value, out.request.spec.terms.*term.member);
  }
}
template <class T, std::size_t Index>
void add_term(std::vector<Field<T>>& out) {
  constexpr const auto& term = std::get<Index>(model::order_terms);
  constexpr bool taken =
      std::is_same_v<T, TermsPatch> ? model::is_changeable<decltype(term)> : term.rules.asked;
  if constexpr (taken) {
    using Member = std::remove_reference_t<decltype(std::declval<OrderTerms&>().*term.member)>;
    const std::string_view expected = expected_of(static_cast<const Member*>(nullptr));
    out.push_back({term.field, expected, &read_term<T, Index>});
    if (std::string_view(term.field) == "total_quantity") {
      out.push_back({"quantity", expected, &read_term<T, Index>});
    }
  }
}
template <class T>
std::vector<Field<T>> term_fields() {
  std::vector<Field<T>> out;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (add_term<T, I>(out), ...);
  }
  (std::make_index_sequence<model::order_terms_count>());
  return out;
}

constexpr std::array leg_table{
    Field<model::ComboLeg>{"con_id", "the broker's number of the leg's contract",
                           &at<model::ComboLeg, read_con_id, &model::ComboLeg::con_id>},
    Field<model::ComboLeg>{"ratio", "how many belong to one of the whole, such as 1",
                           &at<model::ComboLeg, read_con_id, &model::ComboLeg::ratio>},
    Field<model::ComboLeg>{"action", "BUY or SELL",
                           &at<model::ComboLeg, read_enum<model::Side>, &model::ComboLeg::side>},
    Field<model::ComboLeg>{"exchange", "an exchange such as \"SMART\"",
                           &at<model::ComboLeg, read_upper, &model::ComboLeg::exchange>},
};
bool read_legs(const Json& value, Contract& out, Errors& errors) {
  if (!value.is_array()) return false;
  for (const Json& item : value.items()) {
    if (!item.is_object()) return false;
    model::ComboLeg leg;
    leg.exchange = "SMART";
    read_fields<model::ComboLeg>(item, leg_table, "contract.legs.", leg, errors);
    const Json* action = item.find("action");
    if (action == nullptr || action->is_null()) {
      errors.push_back({"contract.legs.action", "is needed: BUY or SELL"});
    }
    out.legs.push_back(std::move(leg));
  }
  return true;
}

constexpr std::array contract_table{
    Field<Contract>{"symbol", symbol_text, contract_at<read_upper, &Contract::symbol>},
    Field<Contract>{"sec_type", security_text,
                    contract_at<read_enum<model::SecurityType>, &Contract::sec_type>},
    Field<Contract>{"exchange", "an exchange such as \"SMART\"",
                    contract_at<read_upper, &Contract::exchange>},
    Field<Contract>{"currency", "a currency such as \"USD\"",
                    contract_at<read_upper, &Contract::currency>},
    Field<Contract>{"con_id", "the broker's number of the contract, such as 265598",
                    contract_at<read_con_id, &Contract::con_id>},
    Field<Contract>{"primary_exchange", word_text,
                    contract_at<read_upper, &Contract::primary_exchange>},
    Field<Contract>{"last_trade_date", "YYYYMM or YYYYMMDD as text",
                    contract_at<read_word, &Contract::last_trade_date>},
    Field<Contract>{"strike", decimal_text, contract_at<read_price, &Contract::strike>},
    Field<Contract>{"right", "\"C\" or \"P\"", contract_at<read_upper, &Contract::right>},
    Field<Contract>{"multiplier", "text such as \"100\"",
                    contract_at<read_word, &Contract::multiplier>},
    Field<Contract>{"local_symbol", word_text, contract_at<read_word, &Contract::local_symbol>},
    Field<Contract>{"trading_class", word_text, contract_at<read_word, &Contract::trading_class>},
    Field<Contract>{"legs",
                    "of a BAG, a list of {\"con_id\": 265598, \"ratio\": 1, \"action\": "
                    "\"BUY\", \"exchange\": \"SMART\"}",
                    read_legs},
};

bool read_contract(const Json& value, Body& out, Errors& errors) {
  if (!value.is_object()) return false;
  out.contract_given = true;
  read_fields<Contract>(value, contract_table, "contract.", out.request.spec.contract, errors);
  return true;
}

constexpr std::array place_head{
    Field<Body>{"contract", "an object such as {\"symbol\": \"AAPL\", \"sec_type\": \"STK\"}",
                read_contract},
    Field<Body>{"symbol", symbol_text,
                [](const Json& value, Body& out, Errors&) {
                  return read_upper(value, out.symbol.emplace());
                }},
    Field<Body>{"action", "BUY or SELL",
                [](const Json& value, Body& out, Errors&) {
                  out.action_given = true;
                  return read_enum(value, out.request.spec.side);
                }},
    Field<Body>{"order_type", type_text,
                [](const Json& value, Body& out, Errors&) {
                  out.type_given = true;
                  return read_enum(value, out.request.spec.ord_type);
                }},
};
constexpr std::array place_tail{
    Field<Body>{"account", "an account id such as \"DU1234567\"",
                [](const Json& value, Body& out, Errors&) {
                  base::Text text;
                  if (!read_word(value, text)) return false;
                  out.request.spec.account = model::AccountId(text);
                  return true;
                }},
    Field<Body>{"client_order_id",
                "your own id of this order, 1 to 128 printable ASCII characters without spaces",
                [](const Json& value, Body& out, Errors&) {
                  if (!value.is_string()) return false;
                  out.request.client_order_id = value.text();
                  return !check_client_order_id(value.text(), "").has_value();
                }},
    Field<Body>{"purpose", "a label such as \"manual\"", spec_at<read_word, &OrderSpec::purpose>},
    Field<Body>{"valid_until", time_text, spec_at<read_time, &OrderSpec::valid_until>},
    Field<Body>{"broker_order_id", "an id of a block that you reserved, such as 42",
                spec_at<read_number, &OrderSpec::broker_number>},
};

const std::vector<Field<Body>>& place_table() {
  static const auto table = [] {
    std::vector<Field<Body>> out(place_head.begin(), place_head.end());
    const auto terms = term_fields<Body>();
    out.insert(out.end(), terms.begin(), terms.end());
    out.insert(out.end(), place_tail.begin(), place_tail.end());
    return out;
  }();
  return table;
}
const std::vector<Field<TermsPatch>>& patch_table() {
  static const auto table = term_fields<TermsPatch>();
  return table;
}
template <class Table>
bool has_field(const Table& table, std::string_view name) {
  return std::any_of(table.begin(), table.end(),
                     [&](const auto& field) { return field.name == name; });
}

// What says which order it is stays as it is; only what patch_table() lists can be changed.
void explain_fixed(Errors& errors) {
  for (auto& error : errors) {
    if (error.detail.rfind("unknown field", 0) != 0) continue;
    if (has_field(place_table(), error.field) || has_field(contract_table, error.field)) {
      error.detail = "cannot be changed once an order is placed: cancel it and place another one";
    }
  }
}

bool blames(const Errors& errors, std::string_view field) {
  return std::any_of(errors.begin(), errors.end(),
                     [&](const base::Error& error) { return error.field == field; });
}

// A number that orders of some types have.
bool is_of_type(std::string_view field) {
  bool out = field == "time_in_force";
  model::for_each_term(
      [&](const auto& term) { out = out || (term.rules.use != nullptr && field == term.field); });
  return out;
}

// One quantity under two names would be a riddle.
void refuse_two_quantities(const Json& json, Errors& errors) {
  const auto given = [&](const char* name) {
    const Json* found = json.find(name);
    return found != nullptr && !found->is_null();
  };
  if (given("total_quantity") && given("quantity")) {
    errors.push_back({"quantity", "expected total_quantity or quantity, not both"});
  }
}

// Natural guesses of a name, and where what is meant goes.
constexpr std::pair<std::string_view, std::string_view> other_names[] = {
    {"stop_price", "the stop price is aux_price"},
    {"stop", "the stop price is aux_price"},
    {"price", "the limit price is limit_price"},
    {"limit", "the limit price is limit_price"},
    {"side", "the side is action"},
    {"type", "the type is order_type"},
    {"tif", "it is time_in_force"},
    {"qty", "it is quantity"},
};

void explain_unknown(Errors& errors) {
  for (auto& error : errors) {
    if (error.detail.rfind("unknown field", 0) != 0) continue;
    for (const auto& [name, hint] : other_names) {
      if (error.field == name) error.detail = fmt::format("unknown field: {}", hint);
    }
    if (has_field(contract_table, error.field)) {
      error.detail = fmt::format(R"(unknown field: it belongs in contract: {{"symbol": "AAPL", )"
                                 R"("{}": ...}})",
                                 error.field);
    }
  }
}

// The short form names the symbol on top; both forms at once would be a riddle.
void join_forms(Body& body, Errors& errors) {
  auto& spec = body.request.spec;
  if (body.symbol && body.contract_given) {
    errors.push_back({"symbol", "expected symbol or contract, not both"});
  } else if (body.symbol) {
    spec.contract.symbol = *body.symbol;
  }
  if (!body.action_given) errors.push_back({"action", "is needed: BUY or SELL"});
  if (!body.type_given) {
    errors.push_back({"order_type", fmt::format("is needed: {}", type_text)});
  }
}

template <class Table>
std::vector<base::Error> describe(const Table& table) {
  std::vector<base::Error> out;
  for (const auto& field : table) {
    out.push_back({std::string(field.name), std::string(field.expected)});
  }
  return out;
}

}  // namespace

std::optional<base::Error> check_client_order_id(std::string_view text, std::string field) {
  const bool printable =
      std::all_of(text.begin(), text.end(), [](char c) { return c > 32 && c < 127; });
  if (!text.empty() && text.size() <= client_order_id_max && printable) return std::nullopt;
  return base::Error{std::move(field),
                     "expected 1 to 128 printable ASCII characters without spaces"};
}

base::Result<PlaceRequest, FieldErrors> read_place(const Json& json) {
  if (!json.is_object()) {
    return base::Failure<FieldErrors>{{{"body", "expected a JSON object"}}};
  }
  Body body;
  FieldErrors errors;
  read_fields<Body>(json, place_table(), "", body, errors);
  explain_unknown(errors);
  join_forms(body, errors);
  refuse_two_quantities(json, errors);
  // Rules between fields, without repeating what is blamed already.
  for (auto& error : model::validate(body.request.spec)) {
    const bool quantity_blamed = error.field == "total_quantity" && blames(errors, "quantity");
    // Which prices belong to an order depends on its type.
    const bool type_blamed = blames(errors, "order_type") && is_of_type(error.field);
    if (!quantity_blamed && !type_blamed && !blames(errors, error.field)) {
      errors.push_back(std::move(error));
    }
  }
  if (!errors.empty()) return base::Failure<FieldErrors>{std::move(errors)};
  return std::move(body.request);
}

base::Result<TermsPatch, FieldErrors> read_patch(const Json& json) {
  if (!json.is_object()) {
    return base::Failure<FieldErrors>{{{"body", "expected a JSON object"}}};
  }
  TermsPatch patch;
  FieldErrors errors;
  read_fields<TermsPatch>(json, patch_table(), "", patch, errors);
  explain_fixed(errors);
  explain_unknown(errors);
  refuse_two_quantities(json, errors);
  if (!errors.empty()) return base::Failure<FieldErrors>{std::move(errors)};
  return patch;
}

std::vector<base::Error> place_fields() {
  return describe(place_table());
}
std::vector<base::Error> patch_fields() {
  return describe(patch_table());
}

}  // namespace belay::api
