// SPDX-License-Identifier: Apache-2.0
// The field walks of contracts and of the parts that messages in both directions share. A walk
// names its fields once, in wire order; the visitors of field_io.hpp do the rest. Included by the
// codec's .cpp files only. Layouts: IB's text protocol, server versions 176 to 200.
#pragma once

#include "belay/tws/wire/contract.hpp"
#include "belay/tws/wire/field_io.hpp"

namespace belay::tws::wire {

/// The first seven fields, the same everywhere but for the spellings of "none".
template <class Io, Like<Contract> C>
void contract_head(Io& io, C& contract, Unset strike, std::string_view no_right) {
  io.i32("conId", contract.con_id);
  io.text("symbol", contract.symbol);
  io.text("secType", contract.sec_type);
  io.text("lastTradeDateOrContractMonth", contract.last_trade_date_or_contract_month);
  io.real_nz("strike", contract.strike, strike);
  io.right("right", contract.right, no_right);
  io.text("multiplier", contract.multiplier);
}

template <class Io, Like<Contract> C>
void contract_tail(Io& io, C& contract) {
  io.text("currency", contract.currency);
  io.text("localSymbol", contract.local_symbol);
  io.text("tradingClass", contract.trading_class);
}

/// The eleven fields of openOrder, completedOrder, execDetails and positions.
template <class Io, Like<Contract> C>
void reported_contract(Io& io, C& contract, Unset strike, std::string_view no_right) {
  contract_head(io, contract, strike, no_right);
  io.text("exchange", contract.exchange);
  contract_tail(io, contract);
}

/// The twelve fields at the beginning of placeOrder, reqMktData and reqContractDetails.
template <class Io, Like<Contract> C>
void requested_contract(Io& io, C& contract) {
  contract_head(io, contract, Unset::empty, "");
  io.text("exchange", contract.exchange);
  io.text("primaryExchange", contract.primary_exchange);
  contract_tail(io, contract);
}

/// Four fields in reqMktData; orders have eight.
template <class Io, Like<ComboLeg> L>
void short_combo_leg(Io& io, L& leg) {
  io.i32("conId", leg.con_id);
  io.i32("ratio", leg.ratio);
  io.text("action", leg.action);
  io.text("exchange", leg.exchange);
}

template <class Io, Like<Contract> C>
void combo_legs(Io& io, C& contract) {
  io.list("comboLegsCount", contract.combo_legs, 8, [](auto& each, auto& leg) {
    short_combo_leg(each, leg);
    each.i32("openClose", leg.open_close);
    each.i32("shortSaleSlot", leg.short_sale_slot);
    each.text("designatedLocation", leg.designated_location);
    each.i32("exemptCode", leg.exempt_code);
  });
}

template <class Io, Like<Contract> C>
void delta_neutral_contract(Io& io, C& contract) {
  if (!io.present("deltaNeutralContract", contract.delta_neutral_contract)) return;
  auto& hedge = *contract.delta_neutral_contract;
  io.i32("deltaNeutralContractConId", hedge.con_id);
  io.real("deltaNeutralContractDelta", hedge.delta, Unset::zero);
  io.real("deltaNeutralContractPrice", hedge.price, Unset::zero);
}

template <class Io, class List>
void tag_values(Io& io, std::string_view name, List& list) {
  io.list(name, list, 2, [](auto& each, auto& pair) {
    each.text("tag", pair.tag);
    each.text("value", pair.value);
  });
}

}  // namespace belay::tws::wire
