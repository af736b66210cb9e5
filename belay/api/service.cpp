// SPDX-License-Identifier: Apache-2.0
#include "belay/api/service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "belay/api/routes.hpp"

namespace belay::api {
namespace {
constexpr unsigned kinds_of_work = 3;
}  // namespace

Api::Api(ServiceOptions its_options, engine::Commands& commands, const views::LiveView& its_view,
         ServiceHooks its_hooks, Front::Dispatch dispatch)
    : options(std::move(its_options)),
      hooks(std::move(its_hooks)),
      view(its_view),
      front(options.callers, hooks, std::move(dispatch),
            [this](ConnectionId connection) { streams.closed(connection); }),
      waits(options, commands, view, front,
            [this](core::Correlation wait, core::OrderId order, base::Time now) {
              return reads.ask_history(wait, order, now);
            }),
      reads(options, front, waits,
            [this](Exchange& exchange) { exchange.handler(*this, exchange); }),
      fresh(view, waits, reads),
      streams(options, view, front, hooks.unsent),
      rows(view),
      id_budget(options.id_budget) {}

Service::Service(ServiceOptions options, engine::Commands& commands, const views::LiveView& view,
                 ServiceHooks hooks)
    : api_(std::move(options), commands, view, std::move(hooks),
           [this](Exchange& exchange) { dispatch(exchange); }) {}

ConnectionId Service::open(base::Time now) {
  return api_.front.callers().open(now, std::to_string(api_.view.book().epoch()));
}

void Service::dispatch(Exchange& exchange) {
  const HttpRequest& request = exchange.request;
  if (const auto problem = guard(request, api_.options.guard)) return respond(exchange, *problem);
  RouteMatch match = match_route(request.method, request.path);
  if (match.route == nullptr && match.allow.empty()) {
    return respond(exchange, {.code = ProblemCode::not_found,
                              .detail = fmt::format("there is nothing at {}", request.path),
                              .suggestions = {"GET /api/v1 lists the endpoints"},
                              .outcome = ""});
  }
  if (match.route == nullptr) {
    return respond(exchange,
                   {.code = ProblemCode::method_not_allowed,
                    .detail = fmt::format("{} takes {}", request.path, match.allow),
                    .outcome = ""},
                   {{"Allow", match.allow}});
  }
  if (const auto problem = refuse_parameters(request, *match.route)) {
    return respond(exchange, *problem);
  }
  exchange.id = std::move(match.id);
  exchange.handler = match.route->handler;
  if (match.route->cost == Cost::short_answer) return exchange.handler(api_, exchange);
  api_.reads.begin_long(PendingRead(exchange));
  api_.front.callers().begin_read(exchange.connection);
}

bool Service::has_work() const {
  return api_.front.has_later() || api_.streams.has_more() || api_.reads.has_pieces();
}

// Each kind in its turn, so that none waits for the end of another.
bool Service::work(base::Time now) {
  for (unsigned tried = 0; tried < kinds_of_work; ++tried) {
    switch (next_work_++ % kinds_of_work) {
      case 0:
        if (api_.front.serve_later(now)) return true;
        break;
      case 1:
        if (api_.streams.work(now)) return true;
        break;
      default:
        if (api_.reads.make_piece(now)) return true;
    }
  }
  return false;
}

void Service::turn(base::Time now) {
  api_.waits.turn(now);
  api_.reads.end_late(now);
  api_.fresh.turn(now);
  api_.front.callers().turn(now);
  api_.streams.turn(now);
  if (api_.options.in_pieces) return;
  while (work(now)) {
  }
}

base::Time Service::next_deadline() const {
  if (!api_.options.in_pieces && has_work()) return base::Time();
  return std::min({api_.front.callers().next_deadline(), api_.fresh.next_deadline(),
                   api_.waits.next_deadline(), api_.reads.next_deadline(),
                   api_.streams.next_deadline()});
}

}  // namespace belay::api
