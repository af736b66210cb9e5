// SPDX-License-Identifier: Apache-2.0
// Api: the parts of the service that handlers work with. A handler reads the view, answers through
// its exchange, and gives commands to the waits.
#pragma once

#include "belay/api/event_stream.hpp"
#include "belay/api/fresh_reads.hpp"
#include "belay/api/front.hpp"
#include "belay/api/id_budget.hpp"
#include "belay/api/options.hpp"
#include "belay/api/reads.hpp"
#include "belay/api/rows.hpp"
#include "belay/api/waits.hpp"
#include "belay/views/gauges.hpp"
#include "belay/views/live_view.hpp"

namespace belay::api {

struct Api {
  Api(ServiceOptions its_options, engine::Commands& commands, const views::LiveView& its_view,
      ServiceHooks its_hooks, Front::Dispatch dispatch);
  const ServiceOptions options;
  const ServiceHooks hooks;
  const views::LiveView& view;
  Front front;
  Waits waits;
  Reads reads;
  FreshReads fresh;
  Streams streams;
  Rows rows;
  IdBudget id_budget;
};

}  // namespace belay::api
