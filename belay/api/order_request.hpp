// SPDX-License-Identifier: Apache-2.0
// The bodies that ask for something: a new order (long and short form) and a change of terms.
// Reading checks shapes and words; model::validate holds the rules between fields.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "belay/api/fields.hpp"
#include "belay/model/order.hpp"

namespace belay::api {

struct PlaceRequest {
  model::OrderSpec spec;
  std::optional<std::string> client_order_id;
};

/// Every field at fault, or the request. `json` must be an object, else the error is about "body".
base::Result<PlaceRequest, FieldErrors> read_place(const Json& json);
base::Result<model::TermsPatch, FieldErrors> read_patch(const Json& json);

/// What is wrong with a client order id; nothing when it is good.
std::optional<base::Error> check_client_order_id(std::string_view text, std::string field);

/// Names and expectations of the tables, in order, for the documentation and its tests.
std::vector<base::Error> place_fields();
std::vector<base::Error> patch_fields();

}  // namespace belay::api
