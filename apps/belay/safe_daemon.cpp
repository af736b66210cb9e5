// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/safe_daemon.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "belay/api/cancel_wish.hpp"
#include "belay/api/order_filter.hpp"
#include "belay/api/order_json.hpp"
#include "belay/api/paging.hpp"
#include "belay/api/routes.hpp"
#include "belay/tws/translate.hpp"

namespace belay::app {

namespace wire = tws::wire;

namespace {
constexpr std::string_view orders_path = "/api/v1/orders/";

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_over(core::BrokerState state) {
  return state == core::BrokerState::canceled || state == core::BrokerState::rejected ||
         state == core::BrokerState::filled;
}

// What the order is called in paths: here no order has an id of ours.
std::string name_of(const core::Order& order) {
  const auto& broker = order.broker_id;
  if (broker && broker->number != 0) {
    return fmt::format("tws:{}:{}", broker->session, broker->number);
  }
  return order.permanent_ids.empty() ? ""
                                     : fmt::format("perm:{}", order.permanent_ids.front().value());
}

std::string json_of(const core::Order& order) {
  return api::order_json(order, {}, name_of(order));
}

// Of the session: none of it has left.
api::Problem cancels_wait() {
  return {.code = api::ProblemCode::queue_full,
          .detail = "too many cancels wait for a slot; this one is not among them: try again"};
}

// There is no journal here, so no event either.
constexpr std::string_view no_seq = "0";
}  // namespace

SafeDaemon::SafeDaemon(SafeOptions options, api::ServiceHooks hooks,
                       std::function<void(const std::string&)> log)
    : options_(std::move(options)),
      hooks_(std::move(hooks)),
      log_(std::move(log)),
      session_(options_.session),
      link_detail_("connecting"),
      callers_(options_.callers, hooks_) {}

// ---- the broker ----

void SafeDaemon::pump(base::Time now) {
  while (session_.has_actions()) {
    for (tws::session::Action& action : session_.take_actions()) {
      if (const auto* deliver = std::get_if<tws::session::Deliver>(&action)) {
        std::visit([this](const auto& message) { on(message); }, deliver->read->message);
      } else if (auto* up = std::get_if<tws::session::Up>(&action)) {
        accounts_ = std::move(up->accounts);
        link_detail_.clear();
        log_("the broker is connected");
        ask_list(now);
      } else if (const auto* down = std::get_if<tws::session::Down>(&action)) {
        link_detail_ = down->reason;
        list_at_ = base::never;
        listing_now_ = listed_once_ = false;
        orders_.clear();
        log_("the broker is gone: " + down->reason);
      } else if (const auto* unreadable = std::get_if<tws::session::Unreadable>(&action)) {
        log_("a message could not be read: " + unreadable->what);
      } else if (auto link = tws::session::link_action(action)) {
        actions_.push_back(std::move(*link));
      }
    }
  }
}

void SafeDaemon::ask_list(base::Time now) {
  list_at_ = now + options_.list_every;
  listing_.clear();
  listing_now_ = true;
  session_.send_query(wire::ReqAllOpenOrders{}, now);
  pump(now);
}

void SafeDaemon::on(const wire::OpenOrder& message) {
  const core::BrokerNames names = tws::names_of(message);
  const auto report = tws::from_wire(message);
  core::Order order;
  order.external = true;
  order.status = core::OrdStatus::new_;
  order.broker_id = names.broker_id;
  if (names.permanent_id) order.permanent_ids.push_back(*names.permanent_id);
  order.tag = names.tag;
  order.raw_status = message.order_state.status;
  if (report) {
    order.spec = report->spec;
    order.raw_ord_type = report->raw_ord_type;
  }
  for (const auto& left : report.left_out) {
    log_(fmt::format("of an open order {} could not be read: {}", left.field, left.value));
  }
  const std::int64_t by = names.broker_id ? names.broker_id->number : 0;
  const Name name = by != 0 ? Name{names.broker_id->session, by}
                            : Name{0, names.permanent_id ? names.permanent_id->value() : 0};
  const bool over = report && is_over(report->state);
  for (auto* map : {&orders_, &listing_}) {
    if (over) {
      map->erase(name);
    } else if (map == &orders_ || listing_now_) {
      if (map->size() < options_.orders_max) map->insert_or_assign(name, order);
    }
  }
}

void SafeDaemon::on(const wire::OrderStatus& message) {
  const auto status = tws::from_wire(message);
  if (!status || !status->names.broker_id) return;
  const Name name{status->names.broker_id->session, status->names.broker_id->number};
  for (auto* map : {&orders_, &listing_}) {
    const auto found = map->find(name);
    if (found == map->end()) continue;
    found->second.raw_status = status->raw_status;
    if (status->filled) found->second.cum_qty = *status->filled;
    if (is_over(status->state)) map->erase(found);
  }
}

void SafeDaemon::on(const wire::OpenOrderEnd&) {
  if (!listing_now_) return;
  listing_now_ = false;
  listed_once_ = true;
  orders_ = std::move(listing_);
  listing_.clear();
}

void SafeDaemon::on(const wire::ErrMsg& message) {
  log_(fmt::format("notice {} about {}: {}", message.error_code, message.id, message.error_string));
}

void SafeDaemon::turn(base::Time now) {
  if (session_.next_deadline(now) <= now) session_.tick(now), pump(now);
  if (connected() && list_at_ <= now) ask_list(now);
  callers_.turn(now);
  for (const api::ConnectionId id : std::exchange(later_, {})) serve_next(id, now);
}

base::Time SafeDaemon::next_deadline(base::Time now) const {
  if (!later_.empty()) return now;
  return std::min({session_.next_deadline(now), list_at_, callers_.next_deadline()});
}

// ---- callers ----

void SafeDaemon::receive(api::ConnectionId connection, std::string_view bytes, base::Time now) {
  callers_.receive(connection, bytes, now);
  serve_next(connection, now);
}

void SafeDaemon::drained(api::ConnectionId connection, base::Time now) {
  callers_.drained(connection, now);
  serve_next(connection, now);
}

void SafeDaemon::input_ended(api::ConnectionId connection, base::Time now) {
  callers_.input_ended(connection, now);
  serve_next(connection, now);
}

// One request; what came behind it waits for the next turn.
void SafeDaemon::serve_next(api::ConnectionId connection, base::Time now) {
  if (const auto incoming = callers_.next(connection, now)) {
    const api::HttpRequest& request = incoming->request;
    correlation_id_ = incoming->correlation_id;
    auto broken = api::guard(request, options_.guard);
    callers_.respond(connection, incoming->number,
                     broken ? problem(request, std::move(*broken), now) : handle(request, now),
                     now);
    later_.insert(connection);
  }
  callers_.flush(connection, now);
}

api::HttpResponse SafeDaemon::problem(const api::HttpRequest& request, api::Problem what,
                                      base::Time now) const {
  return api::problem_response(what, {request.path, correlation_id_, now});
}

// An empty list that nobody has told would read as "nothing is open", to a person in an emergency.
std::optional<api::Problem> SafeDaemon::not_listed() const {
  if (listed_once_) return std::nullopt;
  return api::Problem{
      .code = api::ProblemCode::not_ready,
      .detail = connected() ? "the broker has not listed its open orders yet: what is open is not "
                              "known"
                            : fmt::format("the broker has not listed its open orders, since it is "
                                          "not connected ({}): what is open is not known",
                                          link_detail_),
      .outcome = ""};
}

api::Problem SafeDaemon::not_connected() const {
  return {.code = api::ProblemCode::not_ready,
          .detail = fmt::format("the broker is not connected ({})", link_detail_)};
}

api::HttpResponse SafeDaemon::handle(const api::HttpRequest& request, base::Time now) {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  // The parameters of a route are the same as in an ordinary start.
  const api::RouteMatch match = api::match_route(request.method, request.path);
  if (match.route != nullptr) {
    if (auto wrong = api::refuse_parameters(request, *match.route)) {
      return problem(request, std::move(*wrong), now);
    }
  }
  const std::string& path = request.path;
  if (reads && (path == "/health" || path == "/")) return health(now);
  if (reads && (path == "/api/v1/orders" || path == "/api/v1/orders/all"))
    return list(request, now);
  if (request.method == "DELETE" && path == "/api/v1/orders/cancel-all") {
    return cancel_all(request, now);
  }
  if (path.substr(0, orders_path.size()) == orders_path) {
    const std::string id = path.substr(orders_path.size());
    if (request.method == "DELETE") return cancel_one(request, id, now);
    if (reads) {
      if (auto unknown = not_listed()) return problem(request, std::move(*unknown), now);
    }
    const core::Order* order = reads ? find(id) : nullptr;
    if (order != nullptr) {
      return api::json_response(200, json_of(*order));
    }
    if (reads) {
      return problem(request,
                     {.code = api::ProblemCode::order_not_found,
                      .detail = fmt::format("the broker lists no open order {}", id),
                      .suggestions = {"in safe mode: tws:<client>:<orderId> or perm:<permId>"},
                      .outcome = ""},
                     now);
    }
  }
  return problem(request,
                 {.code = api::ProblemCode::not_ready,
                  .detail = fmt::format("safe mode ({}): open orders can be seen and canceled, "
                                        "nothing else. {}",
                                        options_.reason, how_to_leave),
                  .suggestions = {"GET /api/v1/orders, DELETE /api/v1/orders/tws:<client>:<orderId>"
                                  ", DELETE /api/v1/orders/cancel-all?scope=all"}},
                 now);
}

api::HttpResponse SafeDaemon::health(base::Time now) const {
  base::JsonWriter json;
  json.begin_object();
  json.field("status", "safe");
  json.field("safe_mode", true);
  json.field("reason", options_.reason);
  json.field("action", how_to_leave);
  json.field("tws_connected", connected());
  json.field("ready", false);
  json.field("detail", link_detail_);
  json.field("endpoint", options_.endpoint);
  json.field("client_id", static_cast<std::int64_t>(options_.session.client_id));
  json.field("listed", listed_once_);
  json.field("version", options_.version);
  json.field("time", base::to_rfc3339(now));
  json.end_object();
  return api::json_response(200, json.take());
}

// What the parameters of a list say that means nothing here; empty: they are as they should be.
api::FieldErrors SafeDaemon::wrong_in_list(const api::HttpRequest& request) const {
  if (const auto page = api::read_page(request); !page) return page.error();
  if (request.query_value("fresh").value_or("false") != "false") {
    return {{"fresh", "expected false: in safe mode the list is asked for again by itself"}};
  }
  const auto account = request.query_value("account");
  const auto has_account = [&](const auto& each) {
    return each.second.spec->account.value() == *account;
  };
  if (!account || std::find(accounts_.begin(), accounts_.end(), *account) != accounts_.end() ||
      std::any_of(orders_.begin(), orders_.end(), has_account)) {
    return {};
  }
  return {{"account", fmt::format("there is no account \"{}\"; expected one of {}",
                                  account->substr(0, 64), fmt::join(accounts_, ", "))}};
}

api::HttpResponse SafeDaemon::list(const api::HttpRequest& request, base::Time now) const {
  const auto filter = api::read_order_filter(request, true);
  if (!filter) return problem(request, api::blame(filter.error(), ""), now);
  if (auto unknown = not_listed()) return problem(request, std::move(*unknown), now);
  if (auto wrong = wrong_in_list(request); !wrong.empty()) {
    return problem(request, api::blame(std::move(wrong), ""), now);
  }
  std::int64_t count = 0;
  base::JsonWriter json;
  json.begin_object();
  json.field("safe_mode", true);
  json.field("listed", listed_once_);
  json.key("orders").begin_array();
  for (const auto& [name, order] : orders_) {
    if (!filter->keeps(order)) continue;
    json.raw(json_of(order));
    ++count;
  }
  json.end_array();
  json.field("count", count);
  json.key("next").null();
  json.field("seq", no_seq);
  json.end_object();
  return api::json_response(200, json.take());
}

const core::Order* SafeDaemon::find(const std::string& id) const {
  if (id.substr(0, 4) == "tws:") {
    const auto colon = id.find(':', 4);
    if (colon == std::string::npos) return nullptr;
    const auto client = whole_number(std::string_view(id).substr(4, colon - 4));
    const auto order = whole_number(std::string_view(id).substr(colon + 1));
    if (!client || !order) return nullptr;
    const auto found = orders_.find({static_cast<std::int32_t>(*client), *order});
    return found == orders_.end() ? nullptr : &found->second;
  }
  if (id.substr(0, 5) != "perm:") return nullptr;
  const auto permanent = whole_number(std::string_view(id).substr(5));
  for (const auto& [name, order] : orders_) {
    for (const auto known : order.permanent_ids) {
      if (permanent && known.value() == *permanent) return &order;
    }
  }
  return nullptr;
}

api::HttpResponse SafeDaemon::cancel_one(const api::HttpRequest& request, const std::string& id,
                                         base::Time now) {
  for (const auto& [name, value] : request.query) {
    if (name == "foreign" && value == "false") continue;
    return problem(request,
                   api::blame({{name,
                                "is not taken in safe mode: an order is canceled by the "
                                "client that it belongs to"}}),
                   now);
  }
  if (!connected()) return problem(request, not_connected(), now);
  if (auto unknown = not_listed()) {
    unknown->outcome = "not_sent";
    return problem(request, std::move(*unknown), now);
  }
  const core::Order* order = find(id);
  if (order == nullptr) {
    return problem(request,
                   {.code = api::ProblemCode::order_not_found,
                    .detail = fmt::format("the broker lists no open order {}", id),
                    .suggestions = {"in safe mode: tws:<client>:<orderId> or perm:<permId>"}},
                   now);
  }
  const std::int32_t owner = order->broker_id ? order->broker_id->session : 0;
  if (!order->broker_id || order->broker_id->number == 0 || owner != options_.session.client_id) {
    return problem(
        request,
        {.code = api::ProblemCode::order_wrong_state,
         .detail = fmt::format("the order belongs to client id {}, this session is {}", owner,
                               options_.session.client_id),
         .suggestions = {fmt::format("start with --safe --client-id {}", owner),
                         "DELETE /api/v1/orders/cancel-all?scope=all cancels everything"}},
        now);
  }
  wire::CancelOrder cancel;
  cancel.order_id = static_cast<std::int32_t>(order->broker_id->number);
  if (!session_.send_cancel(cancel, now)) return problem(request, cancels_wait(), now);
  log_(fmt::format("cancel of {} by hand", id));
  api::HttpResponse response = api::json_response(202, json_of(*order));
  pump(now);
  return response;
}

api::HttpResponse SafeDaemon::cancel_all(const api::HttpRequest& request, base::Time now) {
  if (!request.query_value("scope")) return problem(request, api::cancel_scope_needed(), now);
  api::CancelWish wish = api::read_cancel_wish(request);
  if (wish.errors.empty() && wish.scope != "all") {
    wish.errors.push_back({"scope",
                           "expected all: safe mode knows no other; it ends every order that this "
                           "session reaches, of all clients and made by hand"});
  }
  if (!wish.errors.empty()) {
    api::Problem wrong = api::blame(std::move(wish.errors));
    wrong.suggestions = {"DELETE /api/v1/orders/cancel-all?scope=all&dry_run=true"};
    return problem(request, std::move(wrong), now);
  }
  if (!connected()) return problem(request, not_connected(), now);
  const bool dry = wish.command.dry_run;
  // A cancel of everything needs no list, a look at it does.
  if (auto unknown = not_listed(); unknown && dry) {
    return problem(request, std::move(*unknown), now);
  }
  if (!dry) {
    if (!session_.send_cancel(wire::ReqGlobalCancel{}, now)) {
      return problem(request, cancels_wait(), now);
    }
    log_("global cancel by hand");
  }
  base::JsonWriter json;
  json.begin_object();
  json.field("safe_mode", true);
  json.field("scope", wish.scope);
  json.field("dry_run", dry);
  json.field("count", static_cast<std::int64_t>(orders_.size()));
  json.field("complete", dry);
  json.key("not_complete_because");
  dry ? json.null()
      : json.string(
            "orders that others placed since the broker's list was read are not here, and "
            "are meant by the global cancel too");
  json.key("orders").begin_array();
  for (const auto& [name, order] : orders_) {
    api::write_cancel_item(json, name_of(order), &order, dry ? "would_cancel" : "requested", "");
  }
  json.end_array();
  json.field("seq", no_seq);
  json.end_object();
  pump(now);
  return api::json_response(200, json.take());
}

}  // namespace belay::app
