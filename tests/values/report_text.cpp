// SPDX-License-Identifier: Apache-2.0
#include "tests/values/report_text.hpp"

#include "belay/model/order_terms.hpp"
#include "belay/tws/translate.hpp"

namespace belay::test {
namespace {

using namespace belay::core;
namespace wire = tws::wire;

std::string text(const std::optional<Decimal>& value) {
  return value ? value->to_string() : "?";
}
std::string text(const std::optional<Price>& value) {
  return to_string(value);
}
std::string text(const std::optional<Quantity>& value) {
  return value ? to_string(*value) : "?";
}
std::string text(const Quantity& value) {
  return value.is_zero() ? "?" : to_string(value);
}
std::string text(TimeInForce value) {
  return std::string(name(value));
}
std::string text(bool value) {
  return value ? "yes" : "no";
}
std::string text(const std::string&) {
  return "";  // the words of a member
}
std::string text(const std::optional<base::Time>& value) {
  return value ? base::to_rfc3339(*value) : "?";
}

struct Writer {
  Report out;

  void names(const BrokerNames& names) {
    out.values["broker_id"] = names.broker_id ? std::to_string(names.broker_id->session) + ":" +
                                                    std::to_string(names.broker_id->number)
                                              : "?";
    out.values["permanent_id"] =
        names.permanent_id ? std::to_string(names.permanent_id->value()) : "?";
    out.values["tag"] = names.tag;
  }
  void contract(const Contract& c) {
    out.values["con_id"] = c.con_id == 0 ? "?" : std::to_string(c.con_id);
    out.values["symbol"] = c.symbol;
    out.values["sec_type"] = std::string(name(c.sec_type)) + c.raw_sec_type;
    out.values["strike"] = text(c.strike);
    out.values["right"] = c.right;
    out.values["exchange"] = c.exchange;
    out.values["currency"] = c.currency;
    out.values["local_symbol"] = c.local_symbol;
  }
  void operator()(const BrokerOrder& r) {
    names(r.names);
    contract(r.spec->contract);
    const OrderTerms& t = r.spec->terms;
    out.values["account"] = r.spec->account.value();
    out.values["side"] = name(r.spec->side);
    out.values["type"] = r.raw_ord_type;
    for_each_term([&](const auto& term) {
      if (*term.field == '\0') return;  // words beside a member
      const std::string words = term.rules.raw == nullptr ? "" : t.*term.rules.raw;
      out.values[term.name] = text(t.*term.member) + words;
    });
    out.values["status"] = r.raw_status;
    out.values["text"] = r.text;
    out.values["filled"] = text(r.filled);
  }
  void operator()(const BrokerStatus& r) {
    names(r.names);
    out.values["status"] = r.raw_status;
    out.values["why_held"] = r.why_held;
    out.values["filled"] = text(r.filled);
    out.values["avg_px"] = text(r.avg_px);
    out.values["last_px"] = text(r.last_px);
  }
  void operator()(const BrokerExecution& r) {
    names(r.names);
    contract(r.contract);
    out.values["account"] = r.account.value();
    out.values["exec_id"] = to_string(r.execution.id);
    out.values["last_qty"] = to_string(r.execution.last_qty);
    out.values["last_px"] = text(r.execution.last_px);
    out.values["side"] = name(r.execution.side);
    out.values["time"] = r.execution.transact_time;
    out.values["busted"] = r.execution.busted ? "yes" : "no";
    out.values["cum_qty"] = r.cum_qty.is_zero() ? "?" : to_string(r.cum_qty);
    out.values["avg_px"] = text(r.avg_px);
  }
  void operator()(const BrokerCommission& r) {
    out.values["exec_id"] = to_string(r.execution);
    out.values["commission"] = r.commission.to_string();
    out.values["currency"] = r.currency;
    out.values["realized_pnl"] = text(r.realized_pnl);
  }
  void operator()(const BrokerBound& r) {
    out.values["permanent_id"] = std::to_string(r.permanent_id.value());
    out.values["broker_id"] =
        std::to_string(r.broker_id.session) + ":" + std::to_string(r.broker_id.number);
  }
  void operator()(const Position& r) {
    contract(r.contract);
    out.values["account"] = r.account.value();
    out.values["quantity"] = text(r.quantity);
    out.values["avg_cost"] = r.avg_cost.empty() ? "?" : r.avg_cost;
  }
};

template <class T>
Report report(const tws::Taken<T>& taken) {
  Writer writer;
  if (taken) writer(*taken);
  writer.out.told = taken.has_value();
  writer.out.left_out = taken.left_out;
  return std::move(writer.out);
}

Report taken(const wire::OpenOrder& m) {
  return report(tws::from_wire(m));
}
Report taken(const wire::CompletedOrder& m) {
  return report(tws::from_wire(m));
}
Report taken(const wire::OrderStatus& m) {
  return report(tws::from_wire(m));
}
Report taken(const wire::ExecDetails& m) {
  return report(tws::from_wire(m));
}
Report taken(const wire::CommissionReport& m) {
  return report(tws::from_wire(m));
}
Report taken(const wire::OrderBound& m) {
  return report(tws::from_wire(m));
}
Report taken(const wire::Position& m) {
  return report(tws::from_wire(m));
}
Report taken(const wire::ErrMsg& m) {
  const BrokerNotice notice = tws::from_wire(m, 1);
  Writer writer;
  writer.names(notice.names);
  writer.out.values["code"] = std::to_string(notice.code);
  writer.out.values["text"] = notice.text;
  writer.out.told = true;
  return std::move(writer.out);
}
template <class Other>
Report taken(const Other&) {
  return {};
}

}  // namespace

Report report_of(const wire::ServerMessage& message) {
  return std::visit([](const auto& known) { return taken(known); }, message);
}

}  // namespace belay::test
