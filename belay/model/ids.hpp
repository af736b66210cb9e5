// SPDX-License-Identifier: Apache-2.0
// Who is who. OrderId is ours, permanent, never reused. ClOrdId (FIX 11) is the caller's, unique
// per account for ever. BrokerOrderId is the name under which we sent the order; the permanent id
// is the broker's own. docs/GLOSSARY.md opens with the table of the OrderId trap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "belay/base/hash.hpp"
#include "belay/base/strong.hpp"
#include "belay/base/text.hpp"

namespace belay::model {

using OrderId = base::Strong<struct OrderIdTag, std::uint64_t>;
using ClOrdId = base::Strong<struct ClOrdIdTag, base::Text>;
using AccountId = base::Strong<struct AccountIdTag, base::Text>;
/// The broker's own permanent id of an order; 0 is "not known yet" on the wire and absent here.
using PermanentId = base::Strong<struct PermanentIdTag, std::int64_t>;

/// The id under which an order went to the broker: `number` is unique within `session` only.
struct BrokerOrderId {
  std::int32_t session = 0;
  std::int64_t number = 0;
  friend auto operator<=>(const BrokerOrderId&, const BrokerOrderId&) = default;
};

/// FIX 17. `base` names the execution, a higher `revision` of the same base corrects it
/// (the broker changes only the part behind the last dot).
struct ExecId {
  base::Text base;
  std::uint32_t revision = 0;
  friend auto operator<=>(const ExecId&, const ExecId&) = default;
};
/// Splits "0000e0d5.6573a1c5.01.02" at the last dot when what follows is a number.
ExecId split_exec_id(std::string_view text);
std::string to_string(const ExecId& id);

/// 48 random bits made when the data directory is created; part of every order tag.
using InstanceId = base::Strong<struct InstanceIdTag, std::uint64_t>;
std::string to_string(InstanceId id);

/// The tag that travels with an order: `b1.<instance>.<order id>`.
std::string order_tag(InstanceId instance, OrderId order);
/// Our order id if the tag is ours (this instance); others may append ":..." which is ignored.
std::optional<OrderId> parse_order_tag(InstanceId instance, std::string_view tag);

struct StringHash {
  std::size_t operator()(std::string_view text) const {
    return static_cast<std::size_t>(base::hash128(text).low);
  }
};
struct BrokerOrderIdHash {
  std::size_t operator()(const BrokerOrderId& id) const {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(id.number) * 0x9e3779b97f4a7c15ULL ^
                                    static_cast<std::uint32_t>(id.session));
  }
};
struct PermanentIdHash {
  std::size_t operator()(PermanentId id) const {
    return static_cast<std::size_t>(static_cast<std::uint64_t>(id.value()) * 0x9e3779b97f4a7c15ULL);
  }
};
struct Hash128Hash {
  std::size_t operator()(const base::Hash128& hash) const {
    return static_cast<std::size_t>(hash.low);
  }
};

}  // namespace belay::model
