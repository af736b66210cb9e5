// SPDX-License-Identifier: Apache-2.0
// How the commands read the daemon's JSON: a member that is not there is empty.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "belay/api/json.hpp"

namespace belay::app {

inline std::string field(const api::Json& json, std::string_view name) {
  return std::string(json.text_of(name));
}
/// The member `name` of the object that is the member `object`.
inline std::string inside(const api::Json& json, std::string_view object, std::string_view name) {
  const api::Json* inner = json.find(object);
  return inner == nullptr ? "" : field(*inner, name);
}
inline const std::vector<api::Json>& list(const api::Json& json, std::string_view name) {
  static const std::vector<api::Json> none;
  const api::Json* found = json.find(name);
  return found == nullptr ? none : found->items();
}

}  // namespace belay::app
