// SPDX-License-Identifier: Apache-2.0
// The copying, moving and destroying of inputs, events and effects: once for all files.
#include "belay/core/asks/effect.hpp"
#include "belay/core/asks/input.hpp"
#include "belay/core/facts/event.hpp"

template class belay::base::OneOf<belay::core::EventList>;
template class belay::base::OneOf<belay::core::InputList>;
template class belay::base::OneOf<belay::core::EffectList>;
