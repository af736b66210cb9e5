// SPDX-License-Identifier: Apache-2.0
// The copying, moving and destroying of messages: once for all files.
#include "belay/tws/wire/messages.hpp"

template class belay::base::OneOf<belay::tws::wire::ServerMessages>;
template class belay::base::OneOf<belay::tws::wire::ClientMessages>;
