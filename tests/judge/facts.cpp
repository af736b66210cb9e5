// SPDX-License-Identifier: Apache-2.0
#include "tests/judge/facts.hpp"

#include <rapidjson/document.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace belay::judging {
namespace {

using rapidjson::Document;
using rapidjson::Value;

std::string text(const Value& object, const char* name) {
  if (!object.IsObject() || !object.HasMember(name)) return "";
  const Value& value = object[name];
  if (value.IsString()) return value.GetString();
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  if (value.IsBool()) return value.GetBool() ? "true" : "false";
  return "";
}
// Shares are whole in these runs; "30", "30.0" and 30 are the same.
long whole(const Value& object, const char* name) {
  const std::string found = text(object, name);
  return found.empty() ? 0 : std::atol(found.c_str());
}

// Of 2026-11-23T15:00:58.414931Z, in ns since 1970; 0 when it is no time.
std::int64_t nanoseconds(const std::string& time) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, read = 0;
  if (std::sscanf(time.c_str(), "%d-%d-%dT%d:%d:%d%n", &year, &month, &day, &hour, &minute, &second,
                  &read) != 6) {
    return 0;
  }
  using namespace std::chrono;
  const sys_days date = std::chrono::year(year) / month / day;
  const std::int64_t whole_seconds =
      sys_seconds(date + hours(hour) + minutes(minute) + seconds(second))
          .time_since_epoch()
          .count();
  std::string fraction = time.substr(static_cast<std::size_t>(read));
  fraction = fraction.empty() || fraction[0] != '.' ? "" : fraction.substr(1, fraction.size() - 2);
  fraction.resize(9, '0');
  return whole_seconds * 1'000'000'000 + std::atol(fraction.c_str());
}

class Reader {
 public:
  Reader(const Evidence& evidence, Facts& facts) : evidence_(evidence), facts_(facts) {}

  void run() {
    if (!evidence_.saw_all_days) find_silent_ends();
    std::size_t line_number = 0;
    for (const std::string& line : evidence_.broker_log) {
      if (line_number++ == evidence_.log_at_end) keep_end();
      log_line(line);
    }
    if (line_number <= evidence_.log_at_end) keep_end();
    orders(evidence_.orders, facts_.ours);
    // The log goes on until after the last restart, so states are compared with those of then.
    if (!evidence_.orders_after_restart.empty()) {
      orders(evidence_.orders_after_restart, facts_.ours_last);
    }
    positions();
    for (const std::string& line : evidence_.events) event_line(line);
    for (const std::string& line : evidence_.book_at_end) book_line(line, facts_.book_at_end);
    for (const std::string& line : evidence_.book) book_line(line, facts_.book);
    facts_.has_book = !evidence_.book_at_end.empty();
  }

 private:
  // What a process hears after its last durable event is lost with it; it hears it again from the
  // broker's lists, unless they were cut meanwhile.
  void find_silent_ends() {
    std::int64_t last = 0;
    for (const std::string& line : evidence_.events) {
      Document d;
      d.Parse(line.c_str(), line.size());
      const std::int64_t at = nanoseconds(text(d, "time"));
      if (at == 0) continue;
      if (last != 0 && text(d, "type") == "DaemonStarted") silent_.emplace_back(last, at);
      last = at;
    }
  }
  bool was_lost(std::int64_t at) const {
    for (const auto& [from, to] : silent_) {
      if (from < at && at < to) return true;
    }
    return false;
  }
  void keep_end() {
    facts_.status_at_end = facts_.status;
    facts_.completed_at_end = facts_.completed;
  }
  void log_line(const std::string& line) {
    Document d;
    d.Parse(line.c_str(), line.size());
    if (!d.IsObject() || !d.HasMember("name") || !d.HasMember("fields")) return;
    const std::string name = text(d, "name");
    const std::string client = text(d, "client");
    const Value& fields = d["fields"];
    if (text(d, "dir") == "in") {
      const std::int64_t link = d.HasMember("conn") ? d["conn"].GetInt64() : 0;
      facts_.arrivals[{client, link}].push_back(d["t"].GetInt64());
      if (client != evidence_.client) return;
      if (name == "placeOrder") place(client, fields);
      if (name == "cancelOrder") {
        facts_.frames.push_back({client, whole(fields, "orderId"), "cancel"});
      }
    } else if (name == "execDetails" && !was_lost(d["t"].GetInt64())) {
      // Corrections come later with the same base and replace what was before.
      Told& told = facts_.told[without_revision(text(fields, "execId"))];
      if (text(fields, "execId") >= told.exec_id) {
        told = {text(fields, "execId"), text(fields, "orderRef"), whole(fields, "shares")};
      }
    } else if (name == "completedOrder") {
      facts_.completed[text(fields, "orderRef")] = text(fields, "status");
    } else if (name == "orderStatus") {
      facts_.status[{text(fields, "clientId"), whole(fields, "orderId")}] = text(fields, "status");
    } else if (name == "errMsg" && whole(fields, "errorCode") == 103) {
      facts_.refused_ids.insert({client, whole(fields, "id")});
    }
  }
  void place(const std::string& client, const Value& fields) {
    const Frame frame{client, whole(fields, "orderId"), text(fields, "orderRef")};
    facts_.frames.push_back(frame);
    const auto [known, is_new] = first_.emplace(frame.order_id, frame.tag);
    if (is_new) {
      facts_.placements.push_back(frame);
    } else if (known->second == frame.tag) {
      ++facts_.repeats[frame.tag];
    } else {
      // The same id again is a modification of the same order, or a stolen id.
      facts_.unreadable.push_back("id " + std::to_string(frame.order_id) + " was used for " +
                                  known->second + " and for " + frame.tag);
    }
  }
  void orders(const std::string& json, std::map<std::string, OurOrder>& into) {
    Document d;
    d.Parse(json.c_str(), json.size());
    if (!d.IsArray()) {
      facts_.unreadable.emplace_back("the list of orders is not an array");
      return;
    }
    for (const Value& order : d.GetArray()) {
      OurOrder our;
      our.id = text(order, "order_id");
      our.key = text(order, "client_order_id");
      our.status = text(order, "status");
      our.ord_status = text(order, "ord_status");
      our.outcome = text(order, "outcome");
      our.client = text(order, "client_id");
      our.broker_id = text(order, "broker_order_id");
      our.text = text(order, "text");
      our.filled = whole(order, "filled");
      if (order.HasMember("perm_ids")) {
        for (const Value& id : order["perm_ids"].GetArray()) our.perm_ids.push_back(id.GetString());
      }
      if (order.HasMember("flags")) {
        for (const Value& flag : order["flags"].GetArray()) our.flags.insert(flag.GetString());
      }
      if (order.HasMember("fills")) {
        for (const Value& fill : order["fills"].GetArray()) {
          if (text(fill, "busted") != "true" && whole(fill, "shares") != 0) {
            our.fills[text(fill, "exec_id")] += whole(fill, "shares");
          }
        }
      }
      into[our.id] = our;
    }
  }
  void positions() {
    Document d;
    d.Parse(evidence_.positions.c_str(), evidence_.positions.size());
    if (!d.IsArray()) return;
    for (const Value& position : d.GetArray()) {
      const long shares = whole(position, "position");
      if (shares == 0 || !position.HasMember("contract")) continue;
      facts_.positions[text(position, "account") + " " + text(position["contract"], "symbol")] =
          shares;
    }
  }
  void event_line(const std::string& line) {
    Document d;
    d.Parse(line.c_str(), line.size());
    if (!d.IsObject()) return;
    const std::string type = text(d, "type");
    const std::string order = text(d, "order");
    if (type == "OrderUnknown") facts_.unknown_reason[order] = text(d, "reason");
    if (type == "OrderNotAccepted") facts_.not_accepted.insert(order);
    if (type == "IncidentOpened") facts_.incidents.emplace_back(text(d, "kind"), text(d, "text"));
    if (type == "SendIntended" && text(d["broker_id"], "session") == evidence_.client) {
      facts_.intended[whole(d["broker_id"], "number")] = order;
    }
    const bool block = type == "FloorRaised" || type == "GapRecorded" || type == "IdBlockReserved";
    if (block && text(d, "session") == evidence_.client && !text(d, "to").empty()) {
      // What a gap's last id is, in or out, is the event's matter: one more is no loss here.
      facts_.explained.push_back({whole(d, "from"), whole(d, "to") + 1});
    }
  }
  void book_line(const std::string& line, TheirBook& into) {
    Document d;
    d.Parse(line.c_str(), line.size());
    if (!d.IsObject()) return;
    const std::string what = text(d, "what");
    if (what == "order") {
      into.orders.push_back({text(d, "client"), whole(d, "order_id"), text(d, "perm_id"),
                             text(d, "tag"), text(d, "status"), whole(d, "quantity"),
                             whole(d, "filled"), text(d, "live") == "true"});
    } else if (what == "execution") {
      into.executions[text(d, "exec_id")] = {text(d, "tag"), text(d, "perm_id"),
                                             whole(d, "shares")};
    } else if (what == "position") {
      into.positions[text(d, "account") + " " + text(d, "symbol")] = whole(d, "shares");
    }
  }

  const Evidence& evidence_;
  Facts& facts_;
  std::vector<std::pair<std::int64_t, std::int64_t>> silent_;  // from an event to the next start
  std::map<long, std::string> first_;                          // id -> tag
};

}  // namespace

Facts::Facts(const Evidence& evidence) {
  Reader(evidence, *this).run();
}

std::string without_revision(const std::string& exec_id) {
  return exec_id.substr(0, exec_id.rfind('.'));
}
std::string order_of(const std::string& tag) {
  return tag.substr(0, 3) == "b1." ? tag.substr(tag.rfind('.') + 1) : "";
}

}  // namespace belay::judging
