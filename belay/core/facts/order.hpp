// SPDX-License-Identifier: Apache-2.0
// Order: what is known of one order. Only Book::apply writes it; decisions read it, and views read
// the published copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "belay/base/boxed.hpp"
#include "belay/base/shared.hpp"
#include "belay/base/time.hpp"
#include "belay/model/order.hpp"

namespace belay::core {

using namespace belay::model;

/// One of several copies of an order that the broker made: same tag, another permanent id.
struct Incarnation {
  PermanentId permanent_id;
  base::Text raw_status;
  bool done = false;
  Quantity filled_claim;                   ///< what the broker's status of this copy says is filled
  std::optional<BrokerOrderId> broker_id;  ///< when it is another than the order's
};

/// What the broker says of an order's prices, beside the executions.
struct ToldPrices {
  Quantity of;                   ///< how much of the order was filled then
  std::optional<Price> average;  ///< of all that
  std::optional<Price> last;     ///< of the latest fill
  friend bool operator==(const ToldPrices&, const ToldPrices&) = default;
};

struct Order {
  OrderId id;
  ClOrdId cl_ord_id;
  base::Shared<OrderSpec> spec;  ///< terms are those in force
  base::Text principal;
  OrdStatus status = OrdStatus::created;

  // Flags lie over the status and block nothing.
  bool pending_cancel = false;  ///< a cancel is wanted
  bool unknown = false;         ///< the outcome of a command is unproven
  bool external = false;        ///< not sent by us
  bool overfilled = false;
  bool counted_open = false;              ///< counts against the limit on open orders
  base::Boxed<OrderTerms> desired_terms;  ///< wanted and not yet in force
  base::Boxed<OrderTerms> replacing;      ///< of the modification that is on its way

  std::optional<BrokerOrderId> broker_id;
  std::int64_t con_id = 0;                 ///< of what is traded, once the broker has told it
  std::vector<PermanentId> permanent_ids;  ///< more than one: the broker made copies
  std::vector<Incarnation> incarnations;   ///< one for each copy; empty while there is one

  Quantity cum_qty;   ///< FIX 14: sum over executions that stand
  Notional notional;  ///< sum of price x quantity of the same, where the price is known
  std::vector<Execution> executions;

  base::Text raw_status;  ///< the broker's own status word
  base::Text raw_ord_type;
  base::Text why_held;
  base::Text tag;             ///< external orders: the tag they carry
  Quantity filled_claim;      ///< what the broker's status says is filled
  std::int32_t code = 0;      ///< the broker's last code about this order
  base::Text text;            ///< why it is as it is: refusal, cancel reason, last note
  base::Text refusal;         ///< our risk rule that refused it
  std::uint64_t version = 0;  ///< changes with every event of this order
  std::uint64_t seq = 0;      ///< of the last event
  base::Time created_at;
  base::Time updated_at;
  OrderId family;  ///< the first order of its family, which leaves whole; 0: it stands alone
  ToldPrices told;

  // How it came to its end.
  bool worked = false;        ///< the broker showed it working once, or some of it was filled
  bool cancel_asked = false;  ///< a cancel was wanted from here
  bool refused = false;       ///< the broker refused it with a code: words about a status are older
  base::Text broker_text;     ///< the broker's own words that came with `code`
  std::uint32_t inferred = 0;  ///< how many of the executions are
  std::uint32_t unpriced = 0;  ///< how many of those that count have no price

  /// Another program's order of which nothing but fills is known: it is as large as they are.
  bool known_from_fills() const {
    return external && spec->ord_type == OrdType::other && raw_ord_type.empty();
  }
  bool replace_in_flight() const { return replacing.has_value(); }
  bool sent() const { return broker_id.has_value() && status != OrdStatus::denied; }
  /// The broker made copies and not all of them are done: then the order is not done either.
  bool copy_works() const {
    for (const Incarnation& copy : incarnations) {
      if (!copy.done) return true;
    }
    return false;
  }
  Quantity leaves_qty() const {
    return is_terminal(status) ? Quantity() : spec->terms.order_qty - cum_qty;
  }
};

/// True while every fill that counts has a price.
bool is_priced(const Order& order);
/// FIX 6: of the fills where each has a price, else the broker's own average of the same quantity;
/// nothing when neither is known. `by_broker` when it rests on the broker's average.
struct AveragePrice {
  std::string text;
  bool by_broker = false;
};
std::optional<AveragePrice> average_price(const Order& order);
/// FIX 31 of the latest fill that counts; nothing when it is unknown.
std::optional<Price> last_price(const Order& order);

/// FIX 39 with the flags taken into account (FIX appendix D: pending cancel before pending replace
/// before the state).
std::string reported_ord_status(const Order& order);

}  // namespace belay::core
