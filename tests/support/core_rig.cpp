// SPDX-License-Identifier: Apache-2.0
#include "tests/support/core_rig.hpp"

#include "belay/core/facts/event_encoding.hpp"

namespace belay::test {

OrderSpec limit_order(std::int64_t count, const char* at) {
  OrderSpec spec;
  spec.account = AccountId("DU1");
  spec.contract.symbol = "AAPL";
  spec.ord_type = OrdType::limit;
  spec.terms.order_qty = shares(count);
  spec.terms.price = price(at);
  return spec;
}
OrderSpec limit_order_for(TimeInForce time_in_force) {
  OrderSpec spec = limit_order();
  spec.terms.time_in_force = time_in_force;
  return spec;
}
OrderSpec stop_sell(std::int64_t count) {
  OrderSpec spec = limit_order(count);
  spec.side = Side::sell;
  spec.ord_type = OrdType::stop;
  spec.terms.price.reset();
  spec.terms.stop_px = price("180");
  return spec;
}
base::Time utc(const char* rfc3339) {
  const auto parsed = base::parse_rfc3339(rfc3339);
  REQUIRE(parsed.has_value());
  return *parsed;
}
CoreOptions with_ranges(const char* text) {
  CoreOptions options;
  options.ids.ranges = *parse_id_ranges(text);
  return options;
}

CoreOptions CoreRig::usual() {
  CoreOptions options;
  options.calendar.day_end = *DayEnd::parse("00:00 UTC");
  return options;
}
CoreRig::CoreRig(CoreOptions options) : options_(options), core(options) {
  begin();
}
CoreRig CoreRig::ready(CoreOptions options) {
  CoreRig rig(options);
  rig.up();
  rig.synced();
  return rig;
}
CoreRig CoreRig::holder(CoreOptions options) {
  CoreRig rig = ready(std::move(options));
  BrokerExecution fill = rig.execution(rig.working("position"), "e.0.01", 100);
  fill.contract.con_id = 265598;
  rig.step(fill);
  return rig;
}
const Output& CoreRig::step(const Input& input) {
  now = now + std::chrono::milliseconds(1);
  last = core.step(input, {now, slots, refuse_new, archive_room});
  for (const StampedEvent& e : last.events) history.push_back(bytes_of(e));
  check_book(core.book(), ++steps_);
  return last;
}
void CoreRig::up(std::int64_t next_number) {
  step(SessionUp{client, next_number, {{AccountId("DU1"), true}, {AccountId("U9"), false}}});
}
void CoreRig::down() {
  step(SessionDown{"test"});
}
void CoreRig::synced(std::vector<BrokerNames> listed) {
  step(SnapshotDone{std::move(listed)});
}
SnapshotDone CoreRig::round(std::vector<BrokerNames> listed) {
  SnapshotDone done;
  done.open_orders = std::move(listed);
  done.round = ++rounds;
  done.asked_at = now + std::chrono::milliseconds(1);
  return done;
}
void CoreRig::later_round(std::vector<BrokerNames> listed) {
  wait(std::chrono::seconds(12));
  step(round(std::move(listed)));
}
void CoreRig::append(const Event& event) {
  history.push_back(bytes_of({history.back().seq + 1, now, event}));
}
Reply CoreRig::place(const char* key, OrderSpec spec) {
  PlaceOrder command{++correlation, "tester", std::nullopt, std::move(spec)};
  if (key != nullptr) command.cl_ord_id = ClOrdId(key);
  const Contract contract = command.spec->contract;
  step(command);
  if (confirms_contracts && count<ContractEffect>() == 1) {
    step(ContractTold{contract.con_id, {{contract, ""}}});
  }
  return answer();
}
Reply CoreRig::replace(OrderId id, TermsPatch patch) {
  step(ReplaceOrder{++correlation, "tester", id, std::nullopt, std::move(patch)});
  return answer();
}
Reply CoreRig::reprice(OrderId id, const char* to) {
  TermsPatch patch;
  patch.price = price(to);
  return replace(id, patch);
}
Reply CoreRig::cancel(OrderId id) {
  step(CancelOrder{++correlation, "tester", id, std::nullopt});
  return answer();
}
OrderId CoreRig::sent(const char* key, OrderSpec spec) {
  const Reply reply = place(key, std::move(spec));
  REQUIRE(reply.code == ReplyCode::accepted);
  REQUIRE(count<PlaceEffect>() == 1);
  return reply.order;
}
OrderId CoreRig::working(const char* key, OrderSpec spec) {
  const OrderId id = sent(key, std::move(spec));
  shown(id);
  return id;
}
BrokerNames CoreRig::names(OrderId id) const {
  BrokerNames names{order(id).broker_id, std::nullopt, order_tag(instance, id)};
  const auto& known = order(id).permanent_ids;
  names.permanent_id =
      known.empty() ? PermanentId(1000 + static_cast<std::int64_t>(id.value())) : known.front();
  return names;
}
void CoreRig::shown(OrderId id, BrokerState state, const char* word) {
  OrderSpec spec = order(id).spec;
  if (order(id).replacing) spec.terms = *order(id).replacing;
  shown_as(id, spec, state, word);
}
void CoreRig::shown_as(OrderId id, OrderSpec spec, BrokerState state, const char* word) {
  step(BrokerOrder{names(id), std::move(spec), "LMT", state, word, "", std::nullopt});
}
void CoreRig::status(OrderId id, BrokerState state, const char* word, std::int64_t filled,
                     const char* why_held) {
  BrokerNames by_id{order(id).broker_id, std::nullopt, ""};
  step(BrokerStatus{by_id, state, word, why_held, shares(filled)});
}
void CoreRig::notice(OrderId id, std::int32_t code, Verdict verdict, const char* text) {
  step(BrokerNotice{{order(id).broker_id, std::nullopt, ""}, code, text, verdict});
}
BrokerExecution CoreRig::execution(OrderId id, const char* exec_id, std::int64_t count,
                                   const char* at) const {
  BrokerExecution report;
  report.names = names(id);
  report.account = AccountId("DU1");
  report.contract.symbol = "AAPL";
  report.execution.id = split_exec_id(exec_id);
  report.execution.last_qty = shares(count);
  report.execution.last_px = price(at);
  report.execution.side = order(id).spec->side;
  report.execution.busted = count == 0;
  report.execution.transact_time = "20261121 09:30:00 US/Eastern";
  return report;
}
void CoreRig::fill(OrderId id, const char* exec_id, std::int64_t count, const char* at) {
  step(execution(id, exec_id, count, at));
}
void CoreRig::wait(base::Duration duration) {
  now = now + duration;
  step(Tick{});
}
void CoreRig::restart() {
  core = Core(options_);
  for (const Row& row : history) core.restore(decoded(row));
  begin();
}
const Order& CoreRig::order(OrderId id) const {
  const Order* found = core.book().find(id);
  REQUIRE(found != nullptr);
  return *found;
}
bool CoreRig::incident(const char* kind) const {
  for (const auto& e : last.events) {
    const auto* opened = std::get_if<IncidentOpened>(&e.event);
    if (opened != nullptr && opened->kind == kind) return true;
  }
  return false;
}
CoreRig::Row CoreRig::bytes_of(const StampedEvent& e) {
  return {e.seq, e.time, type_of(e.event), encode(e.event)};
}
StampedEvent CoreRig::decoded(const Row& row) {
  auto event = decode(row.type, event_version, row.payload);
  REQUIRE(event.has_value());
  return {row.seq, row.time, std::move(*event)};
}
Book CoreRig::replayed() const {
  Book book;
  for (const Row& row : history) book.apply(decoded(row));
  return book;
}
void CoreRig::begin() {
  step(Started{++epoch_, instance, "test"});
}
Reply CoreRig::answer() const {
  const Reply& reply = the<Reply>();
  REQUIRE(reply.correlation == correlation);
  return reply;
}

}  // namespace belay::test
