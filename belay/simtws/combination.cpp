// SPDX-License-Identifier: Apache-2.0
// Combinations of listed contracts (BAG): a client makes them by naming their legs.
#include "belay/simtws/instrument.hpp"

namespace belay::simtws {

std::vector<ComboPart> legs_of(const tws::wire::Contract& asked) {
  constexpr std::int32_t ratio_max = 1'000;
  std::vector<ComboPart> out;
  for (const tws::wire::ComboLeg& leg : asked.combo_legs) {
    const bool is_sold = leg.action == "SELL" || leg.action == "SSHORT";
    const bool is_known = is_sold || leg.action == "BUY";
    if (!is_known || leg.ratio < 1 || leg.ratio > ratio_max) return {};
    out.push_back({leg.con_id, is_sold ? -leg.ratio : leg.ratio});
  }
  if (out.size() < 2) out.clear();
  return out;
}

Instrument combination(const tws::wire::Contract& asked, std::vector<ComboPart> legs,
                       std::int32_t con_id) {
  Instrument out;
  out.con_id = con_id;
  out.symbol = asked.symbol;
  out.sec_type = "BAG";
  out.exchange = "SMART";
  out.primary_exchange = "SMART";
  out.currency = asked.currency;
  out.local_symbol = asked.symbol;
  out.trading_class = "COMB";
  out.tick = base::Decimal::from_units(base::Decimal::one / 100);
  out.market_rule = 26;
  out.long_name = asked.symbol;
  out.valid_exchanges = "SMART";
  out.walk = Walk::none;
  out.legs = std::move(legs);
  return out;
}

}  // namespace belay::simtws
