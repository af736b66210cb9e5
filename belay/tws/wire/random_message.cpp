// SPDX-License-Identifier: Apache-2.0
#include "belay/tws/wire/random_message.hpp"

#include <utility>

#include "belay/base/check.hpp"
#include "belay/tws/wire/codec_support.hpp"
#include "belay/tws/wire/describe_completed_order.hpp"
#include "belay/tws/wire/describe_data_reports.hpp"
#include "belay/tws/wire/describe_data_requests.hpp"
#include "belay/tws/wire/describe_lookups.hpp"
#include "belay/tws/wire/describe_market.hpp"
#include "belay/tws/wire/describe_open_order.hpp"
#include "belay/tws/wire/describe_place_order.hpp"
#include "belay/tws/wire/describe_reports.hpp"
#include "belay/tws/wire/describe_requests.hpp"
#include "belay/tws/wire/field_filler.hpp"
#include "belay/tws/wire/field_kinds.hpp"

namespace belay::tws::wire {
namespace {

template <class Variant, std::size_t... Index>
Variant make(std::size_t alternative, int version, base::Prng& prng,
             std::index_sequence<Index...>) {
  Variant out;
  const auto try_one = [&](auto index) {
    constexpr std::size_t at = decltype(index)::value;
    if (at != alternative) return false;
    using Message = typename Variant::template Alternative<at>;
    auto& message = out.template emplace<at>();
    if constexpr (Unknown<Message>) {
      message.id = 999;  // no message has this id
      for (auto count = prng.below(5); count > 0; --count) {
        message.fields.push_back(std::to_string(prng.below(1000)));
      }
    } else {
      FieldFiller filler(prng, version);
      describe(filler, message);
    }
    return true;
  };
  BELAY_CHECK((try_one(std::integral_constant<std::size_t, Index>{}) || ...));
  return out;
}

template <class Variant>
Variant make(std::size_t alternative, int version, base::Prng& prng) {
  return make<Variant>(alternative, nearest_version(version), prng,
                       std::make_index_sequence<Variant::size>{});
}

}  // namespace

ServerMessage random_server_message(std::size_t alternative, int server_version, base::Prng& prng) {
  return make<ServerMessage>(alternative, server_version, prng);
}

std::vector<FieldPlace> field_places(const ServerMessage& message, int server_version) {
  FieldKinds kinds(nearest_version(server_version));
  std::visit(
      [&](const auto& known) {
        if constexpr (!Unknown<std::decay_t<decltype(known)>>) describe(kinds, known);
      },
      message);
  return kinds.take();
}

ClientMessage random_client_message(std::size_t alternative, int server_version, base::Prng& prng) {
  return make<ClientMessage>(alternative, server_version, prng);
}

}  // namespace belay::tws::wire
