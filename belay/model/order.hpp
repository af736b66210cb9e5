// SPDX-License-Identifier: Apache-2.0
// What is asked for: the contract, the order's fixed part, and the terms that a modification may
// change. Plain values; validate() holds the rules that need no market and no broker.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "belay/base/result.hpp"
#include "belay/base/text.hpp"
#include "belay/base/time.hpp"
#include "belay/model/ids.hpp"
#include "belay/model/numbers.hpp"
#include "belay/model/ord_types.hpp"
#include "belay/model/sec_types.hpp"

namespace belay::model {

/// One contract of a combination: so many of it are bought or sold with one of the whole.
struct ComboLeg {
  std::int64_t con_id = 0;
  std::int64_t ratio = 0;
  Side side = Side::buy;
  base::Text exchange;
  friend bool operator==(const ComboLeg&, const ComboLeg&) = default;
};

/// What is traded. Empty strings and absent values are "not given".
struct Contract {
  std::int64_t con_id = 0;  ///< the broker's number of the contract; 0 is not known
  base::Text symbol;
  SecurityType sec_type = SecurityType::stock;
  base::Text exchange = "SMART";
  base::Text primary_exchange;
  base::Text currency = "USD";
  base::Text last_trade_date;   ///< YYYYMMDD or YYYYMM; FUT and OPT
  std::optional<Price> strike;  ///< OPT
  base::Text right;             ///< OPT: "C" or "P"
  base::Text multiplier;
  base::Text local_symbol;
  base::Text trading_class;
  base::Text raw_sec_type;     ///< the broker's word for a type that sec_type has no member for
  std::vector<ComboLeg> legs;  ///< BAG
  friend bool operator==(const Contract&, const Contract&) = default;
};

/// The part of an order that a modification may change. order_terms.hpp has a row for each member.
/// Which of the numbers an order has follows from its type (ord_types.hpp).
struct OrderTerms {
  Quantity order_qty;            ///< FIX 38
  std::optional<Price> price;    ///< FIX 44
  std::optional<Price> stop_px;  ///< FIX 99; of a trailing stop the first trigger
  std::optional<Price> trail_amount;
  std::optional<Decimal> trail_percent;
  TimeInForce time_in_force = TimeInForce::day;
  std::optional<base::Time> expire_time;      ///< GTD
  std::optional<base::Time> good_after_time;  ///< not active before
  bool outside_rth = false;
  bool hidden = false;
  std::optional<Decimal> cash_qty;        ///< ordered in money instead of pieces
  std::optional<Price> limit_offset;      ///< TRAIL LIMIT: the limit's distance from the trigger
  std::optional<Decimal> percent_offset;  ///< REL: distance from the best price
  // Times that could not be read as a time of a known zone, and words that no enumeration has, stay
  // as the broker wrote them.
  base::Text raw_time_in_force;
  base::Text raw_expire_time;
  base::Text raw_good_after_time;
  friend bool operator==(const OrderTerms&, const OrderTerms&) = default;
};

struct OrderSpec {
  AccountId account;
  Contract contract;
  Side side = Side::buy;
  OrdType ord_type = OrdType::market;
  OrderTerms terms;
  base::Text purpose;  ///< a label (purposes.hpp); unknown words count as "other"
  /// Do not send after this time; an order that is still unsent then is denied.
  std::optional<base::Time> valid_until;
  /// The id to send it under, from a block that its caller reserved; absent: the next one.
  std::optional<std::int64_t> broker_number;
  friend bool operator==(const OrderSpec&, const OrderSpec&) = default;
};

/// Every rule that the spec breaks, each with the field's REST name and what was expected.
std::vector<base::Error> validate(const OrderSpec& spec);

/// A change of some terms; absent members stay as they are.
struct TermsPatch {
  std::optional<Quantity> order_qty;
  std::optional<Price> price;
  std::optional<Price> stop_px;
  std::optional<Price> trail_amount;
  std::optional<Decimal> trail_percent;
  std::optional<TimeInForce> time_in_force;
  std::optional<base::Time> expire_time;
  std::optional<base::Time> good_after_time;
  std::optional<bool> outside_rth;
  std::optional<Price> limit_offset;
  std::optional<Decimal> percent_offset;
  bool is_empty() const;
};
OrderTerms apply(const TermsPatch& patch, OrderTerms terms);

/// One fill. Revisions replace, a bust leaves qty 0 in sums; commission joins later.
struct Execution {
  ExecId id;
  Quantity last_qty;             ///< FIX 32
  std::optional<Price> last_px;  ///< FIX 31; nothing while nobody has told it
  Side side = Side::buy;
  base::Text transact_time;  ///< the broker's own words
  base::Text exchange;
  bool busted = false;
  bool inferred = false;  ///< follows from totals; gives way to the execution itself
  std::optional<Decimal> commission;
  base::Text commission_currency;
  std::optional<PermanentId> permanent_id;  ///< of the copy that it filled, if told
  /// Of a combination's leg: the contract that it moved. It is no part of what the order filled.
  std::int64_t leg_con_id = 0;
  AccountId account;  ///< whose fill it is: of an allocation another's than the order's; empty: the
                      ///< order's
  Quantity cum_qty;   ///< the broker's running sum of the order after it; 0: not told
  bool repeats = false;  ///< the same fill under another id (decision 0025): it does not count
  std::uint32_t commission_revision = 0;  ///< of the execution that `commission` was told for
  friend bool operator==(const Execution&, const Execution&) = default;
};

}  // namespace belay::model
