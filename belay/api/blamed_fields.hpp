// SPDX-License-Identifier: Apache-2.0
// Which fields of a request the broker's refusal is about: the broker's codes in the names that
// callers use. The broker's own words stay beside them.
#pragma once

#include "belay/api/fields.hpp"
#include "belay/core/facts/order.hpp"

namespace belay::api {

/// Empty when the code of the refused order is about no field, or nobody knows about which. `asked`
/// are the terms that were refused; a term that `before` had already is not at fault.
FieldErrors blamed_fields(const core::Order& order, const core::OrderTerms& asked,
                          const core::OrderTerms* before = nullptr);

}  // namespace belay::api
