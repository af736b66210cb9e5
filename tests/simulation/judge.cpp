// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/judge.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>

#include <cstdlib>
#include <map>
#include <set>

namespace belay::simulation {
namespace {

using rapidjson::Document;
using rapidjson::Value;

std::string text(const Value& object, const char* name) {
  if (!object.HasMember(name)) return "";
  const Value& value = object[name];
  if (value.IsString()) return value.GetString();
  if (value.IsInt64()) return std::to_string(value.GetInt64());
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  return "";
}
// Shares are whole in these runs; "30", "30.0" and 30 are the same.
long whole(const Value& object, const char* name) {
  if (!object.HasMember(name)) return 0;
  const Value& value = object[name];
  if (value.IsInt64()) return static_cast<long>(value.GetInt64());
  return value.IsString() ? std::atol(value.GetString()) : 0;
}
std::string without_revision(const std::string& exec_id) {
  return exec_id.substr(0, exec_id.rfind('.'));
}

struct Placed {
  std::string client;
  long order_id = 0;
  std::string tag;
};
struct Done {
  std::string exec_id;
  std::string tag;
  long shares = 0;
};

class Judge {
 public:
  explicit Judge(const Evidence& evidence) : evidence_(evidence) {}

  std::vector<std::string> run() {
    read_log();
    read_orders();
    once_each();
    ids_increase();
    nothing_acknowledged_is_lost();
    nothing_left_undurable();
    executions_agree();
    states_agree();
    restart_changes_nothing();
    paced();
    if (evidence_.storm) cancels_went_first();
    for (const auto& complaint : evidence_.complaints) say("a bot complains: " + complaint);
    return std::move(findings_);
  }

 private:
  struct Known {
    std::string key;
    std::string status;
    std::string outcome;
    std::string broker_id;
    long filled = 0;
    std::map<std::string, long> fills;
  };

  void say(std::string finding) { findings_.push_back(std::move(finding)); }

  void read_log() {
    for (const std::string& line : evidence_.broker_log) {
      if (lines_read_++ == evidence_.log_at_end) {
        status_at_end_ = last_status_;
        completed_at_end_ = completed_;
      }
      Document d;
      d.Parse(line.c_str(), line.size());
      if (!d.IsObject() || !d.HasMember("name") || !d.HasMember("fields")) continue;
      const std::string name = text(d, "name");
      const std::string client = text(d, "client");
      const Value& fields = d["fields"];
      if (text(d, "dir") == "in") {
        sends_[client].push_back(d["t"].GetInt64());
        if (name == "placeOrder") read_place(client, fields);
        if (name == "cancelOrder")
          sequence_.push_back({client, whole(fields, "orderId"), "cancel"});
      } else if (name == "execDetails") {
        // Corrections come later with the same base and replace what was before.
        Done& done = executions_[without_revision(text(fields, "execId"))];
        if (text(fields, "execId") >= done.exec_id) {
          done = {text(fields, "execId"), text(fields, "orderRef"), whole(fields, "shares")};
        }
      } else if (name == "completedOrder") {
        completed_[text(fields, "orderRef")] = text(fields, "status");
      } else if (name == "orderStatus") {
        last_status_[{text(fields, "clientId"), whole(fields, "orderId")}] = text(fields, "status");
      }
    }
  }
  void read_place(const std::string& client, const Value& fields) {
    const Placed placed{client, whole(fields, "orderId"), text(fields, "orderRef")};
    sequence_.push_back(placed);
    const auto key = std::pair{client, placed.order_id};
    if (const auto known = first_.find(key); known != first_.end()) {
      // The same id again is a modification of the same order, or a stolen id.
      if (known->second != placed.tag) {
        say(fmt::format("id {} of client {} was used for {} and for {}", placed.order_id, client,
                        known->second, placed.tag));
      }
      ++repeats_[placed.tag];
      return;
    }
    first_.emplace(key, placed.tag);
    placements_.push_back(placed);
  }
  void read_orders() {
    Document d;
    d.Parse(evidence_.orders.c_str(), evidence_.orders.size());
    if (!d.IsArray()) return say("the list of orders at the end is not an array");
    for (const Value& order : d.GetArray()) read_order(order, known_);
    // The log goes on until after the last restart, so states are compared with those of then.
    Document after;
    after.Parse(evidence_.orders_after_restart.c_str());
    if (!after.IsArray()) return;
    for (const Value& order : after.GetArray()) read_order(order, in_the_end_);
  }
  void read_order(const Value& order, std::map<std::string, Known>& into) {
    Known known;
    known.status = text(order, "status");
    known.outcome = text(order, "outcome");
    known.filled = whole(order, "filled");
    known.broker_id = text(order, "broker_order_id");
    known.key = text(order, "client_order_id");
    if (order.HasMember("fills")) {
      for (const Value& fill : order["fills"].GetArray()) {
        known.fills[text(fill, "exec_id")] += whole(fill, "shares");
        if (&into == &known_) ++fill_count_;
      }
    }
    into[text(order, "order_id")] = known;
  }

  // Guarantee 1: one tag, one id; a repeat of an id only when the caller asked for a change.
  void once_each() {
    std::map<std::string, std::set<long>> ids;
    for (const auto& placed : placements_) ids[placed.tag].insert(placed.order_id);
    for (const auto& [tag, used] : ids) {
      if (used.size() > 1) {
        say(fmt::format("{} was sent under {} ids", tag, used.size()));
      }
    }
    std::map<std::string, bool> may_change;
    for (const auto& record : evidence_.records) may_change[record.order_id] = record.asked_modify;
    for (const auto& [tag, times] : repeats_) {
      if (!may_change[order_of(tag)]) {
        say(fmt::format("{} was sent {} more times and nobody asked for a change", tag, times));
      }
    }
    std::map<std::string, std::set<std::string>> orders_of_key;
    for (const auto& [id, known] : known_) {
      if (!known.key.empty()) orders_of_key[known.key].insert(id);
    }
    for (const auto& [key, orders] : orders_of_key) {
      if (orders.size() > 1) say(fmt::format("key {} has {} orders", key, orders.size()));
    }
  }
  // Guarantee 2.
  void ids_increase() {
    std::map<std::string, long> last;
    for (const auto& placed : placements_) {
      if (placed.order_id <= last[placed.client]) {
        say(fmt::format("id {} of client {} came after {}", placed.order_id, placed.client,
                        last[placed.client]));
      }
      last[placed.client] = placed.order_id;
    }
  }
  // Guarantee 3.
  void nothing_acknowledged_is_lost() {
    for (const auto& record : evidence_.records) {
      if (!record.yes) {
        if (!record.refused) say(fmt::format("{} never got an answer", record.key));
        continue;
      }
      const auto known = known_.find(record.order_id);
      if (known == known_.end() || known->second.key != record.key) {
        say(fmt::format("{} was told yes (order {}) and is gone", record.key, record.order_id));
      }
    }
  }
  void nothing_left_undurable() {
    for (const auto& placed : placements_) {
      const auto known = known_.find(order_of(placed.tag));
      if (known == known_.end()) {
        say(fmt::format("{} reached the broker and is not in the journal", placed.tag));
      } else if (known->second.broker_id != std::to_string(placed.order_id)) {
        say(fmt::format("{} was sent under id {}, the daemon says {}", placed.tag, placed.order_id,
                        known->second.broker_id));
      }
    }
  }
  // Guarantee 4: the broker's executions, each once, at its last revision.
  void executions_agree() {
    std::map<std::string, long> filled;
    for (const auto& [base, done] : executions_) {
      const std::string id = order_of(done.tag);
      filled[id] += done.shares;
      const auto known = known_.find(id);
      if (known == known_.end()) continue;
      const auto fill = known->second.fills.find(done.exec_id);
      if (fill == known->second.fills.end()) {
        say(fmt::format("execution {} of {} is missing", done.exec_id, done.tag));
      } else if (fill->second != done.shares) {
        say(fmt::format("execution {} counts {} shares, the broker says {}", done.exec_id,
                        fill->second, done.shares));
      }
    }
    if (fill_count_ != executions_.size()) {
      say(fmt::format("{} executions are recorded, the broker made {}", fill_count_,
                      executions_.size()));
    }
    for (const auto& [id, known] : known_) {
      if (known.filled != filled[id]) {
        say(fmt::format("order {} is filled {}, the broker says {}", id, known.filled, filled[id]));
      }
    }
  }
  // Guarantee 6: an order ends known, or is shown as unknown; with the words of the last moment
  // before the final restart and of the last one after it.
  void states_agree() {
    states_agree(known_, status_at_end_, completed_at_end_);
    states_agree(in_the_end_, last_status_, completed_);
  }
  using Names = std::map<std::string, Known>;
  using Statuses = std::map<std::pair<std::string, long>, std::string>;
  using Words = std::map<std::string, std::string>;
  void states_agree(const Names& orders, const Statuses& statuses, const Words& completed) {
    for (const auto& placed : placements_) {
      const auto known = orders.find(order_of(placed.tag));
      if (known == orders.end() || known->second.outcome == "unknown") continue;
      const auto last = statuses.find({placed.client, placed.order_id});
      if (last == statuses.end()) continue;
      // What ended while nobody was connected is told by the list of completed orders alone.
      const auto listed = completed.find(placed.tag);
      const std::string& theirs = listed == completed.end() ? last->second : listed->second;
      const std::string& ours = known->second.status;
      const bool working = theirs == "Submitted" || theirs == "PreSubmitted";
      const bool canceled = theirs == "Cancelled" || theirs == "ApiCancelled";
      const bool good =
          (theirs == "Filled" && ours == "Filled") ||
          (canceled && (ours == "Cancelled" || ours == "Filled")) ||
          (theirs == "Inactive" && (ours == "Inactive" || ours == "Cancelled")) ||
          (working && (ours == "Submitted" || ours == "PreSubmitted" || ours == "PartiallyFilled" ||
                       ours == "PendingCancel" || ours == "Filled")) ||
          theirs == "PendingCancel" || theirs == "PendingSubmit";
      if (!good) say(fmt::format("{} is {} here and {} at the broker", placed.tag, ours, theirs));
      if (working && ours == "PendingCancel") {
        say(fmt::format("{} still works at the broker and its cancel is forgotten", placed.tag));
      }
    }
  }
  // Guarantee 9.
  void restart_changes_nothing() {
    if (evidence_.orders_after_restart.empty()) return;
    Document before;
    Document after;
    before.Parse(evidence_.orders.c_str());
    after.Parse(evidence_.orders_after_restart.c_str());
    if (!before.IsArray() || !after.IsArray() || before.Size() != after.Size()) {
      return say("the list of orders differs after a restart");
    }
    for (rapidjson::SizeType i = 0; i < before.Size(); ++i) {
      for (const char* name : {"order_id", "client_order_id", "broker_order_id", "filled",
                               "avg_fill_price", "total_quantity", "limit_price"}) {
        if (text(before[i], name) != text(after[i], name)) {
          say(fmt::format("order {}: {} was {} and is {} after a restart",
                          text(before[i], "order_id"), name, text(before[i], name),
                          text(after[i], name)));
        }
      }
    }
  }
  // Guarantee 7, first half: the broker's limit in every sliding second.
  void paced() {
    for (const auto& [client, times] : sends_) {
      for (std::size_t i = 0; i + evidence_.rate_limit < times.size(); ++i) {
        if (times[i + evidence_.rate_limit] - times[i] < 1'000'000'000) {
          say(fmt::format("client {} sent more than {} messages in a second", client,
                          evidence_.rate_limit));
          break;
        }
      }
    }
  }
  // Guarantee 7, second half: in a storm a cancel overtakes what is queued.
  void cancels_went_first() {
    long after = 0;
    bool seen = false;
    for (const auto& step : sequence_) {
      if (step.tag == "cancel") seen = true;
      if (seen && step.tag != "cancel") ++after;
    }
    if (!seen) return say("the storm's cancel never came");
    if (after < 60) say(fmt::format("only {} entries were left behind the cancel", after));
  }

  static std::string order_of(const std::string& tag) { return tag.substr(tag.rfind('.') + 1); }

  const Evidence& evidence_;
  std::vector<std::string> findings_;
  std::vector<Placed> sequence_;
  std::vector<Placed> placements_;
  std::map<std::pair<std::string, long>, std::string> first_;
  std::map<std::string, int> repeats_;
  std::map<std::string, Done> executions_;
  std::map<std::pair<std::string, long>, std::string> last_status_;
  std::map<std::string, std::string> completed_;
  std::map<std::pair<std::string, long>, std::string> status_at_end_;
  std::map<std::string, std::string> completed_at_end_;
  std::size_t lines_read_ = 0;
  std::map<std::string, std::vector<std::int64_t>> sends_;
  std::map<std::string, Known> known_;
  std::map<std::string, Known> in_the_end_;
  std::size_t fill_count_ = 0;
};

}  // namespace

std::vector<std::string> judge(const Evidence& evidence) {
  return Judge(evidence).run();
}

}  // namespace belay::simulation
