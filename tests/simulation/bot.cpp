// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/bot.hpp"

#include <fmt/format.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace belay::simulation {

std::string member(const std::string& json, const char* name) {
  rapidjson::Document document;
  document.Parse(json.c_str(), json.size());
  if (!document.IsObject() || !document.HasMember(name)) return "";
  const auto& value = document[name];
  if (value.IsString()) return value.GetString();
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  if (value.IsBool()) return value.GetBool() ? "true" : "false";
  return "";
}

std::string array_member(const std::string& json, const char* name, std::string& next) {
  rapidjson::Document document;
  document.Parse(json.c_str(), json.size());
  next.clear();
  if (!document.IsObject() || !document.HasMember(name) || !document[name].IsArray()) return "";
  if (document.HasMember("next") && document["next"].IsString()) {
    next = document["next"].GetString();
  }
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  document[name].Accept(writer);
  return buffer.GetString();
}

Bot::Bot(int number, const Plan& plan, simkit::Scheduler& scheduler, simkit::Net& net,
         base::Prng random, base::Time begin)
    : plan_(plan),
      scheduler_(scheduler),
      random_(random),
      caller_(scheduler, net, std::chrono::seconds(5)) {
  for (int i = 0; i < plan.orders_per_bot; ++i) {
    OrderRecord record;
    record.key = fmt::format("bot{}-{}", number, i);
    records_.push_back(record);
    const base::Duration when =
        plan.storm ? base::Duration(0) : base::Duration(random_.between(0, plan.busy.count()));
    queue({Task::Kind::place, records_.size() - 1}, (begin - scheduler.now()) + when);
  }
}

void Bot::queue(Task task, base::Duration delay) {
  ++waiting_;
  scheduler_.after(delay, [this, task] {
    --waiting_;
    // A cancel does not stand in line behind the caller's own entries.
    if (task.kind == Task::Kind::place) {
      left_.push_back(task);
    } else {
      left_.push_front(task);
    }
    next();
  });
}

void Bot::again(Task task) {
  queue(task, std::chrono::milliseconds(random_.between(20, 800)));
}

void Bot::next() {
  if (caller_.busy() || left_.empty()) return;
  const Task task = left_.front();
  left_.pop_front();
  switch (task.kind) {
    case Task::Kind::place:
      return place(task.record);
    case Task::Kind::cancel:
      return cancel(task.record);
    case Task::Kind::modify:
      return modify(task.record);
  }
}

std::string Bot::make_body(OrderRecord& record, std::size_t index) {
  constexpr const char* symbols[] = {"AAPL", "MSFT", "TSLA", "SPY", "IBM"};
  record.symbol = symbols[random_.below(5)];
  record.side = random_.chance(50) ? "BUY" : "SELL";
  record.quantity = static_cast<int>(random_.between(1, 20)) * 10;
  const std::string head =
      fmt::format(R"({{"symbol":"{}","action":"{}","quantity":{},"client_order_id":"{}")",
                  record.symbol, record.side, record.quantity, record.key);
  static_cast<void>(index);
  switch (random_.below(4)) {
    case 0:
      return head + R"(,"order_type":"MKT"})";
    case 1: {  // marketable
      const char* price = record.side == "BUY" ? "900.00" : "1.00";
      return head + fmt::format(R"(,"order_type":"LMT","limit_price":{}}})", price);
    }
    default: {  // rests far from the market
      const int cents = static_cast<int>(random_.between(100, 999));
      const std::string price = record.side == "BUY" ? fmt::format("{}.{:02}", 5, cents % 100)
                                                     : fmt::format("{}.{:02}", 2000, cents % 100);
      return head + fmt::format(R"(,"order_type":"LMT","limit_price":"{}"}})", price);
    }
  }
}

void Bot::place(std::size_t index) {
  OrderRecord& record = records_[index];
  if (record.body.empty()) record.body = make_body(record, index);
  ++record.attempts;
  std::map<std::string, std::string> headers;
  if (plan_.storm || random_.chance(50)) headers["Prefer"] = "respond-async";
  caller_.call("POST", "/api/v1/orders", headers, record.body,
               [this, index](const Answer& answer) { placed(index, answer); });
}

void Bot::placed(std::size_t index, const Answer& answer) {
  OrderRecord& record = records_[index];
  const Task task{Task::Kind::place, index};
  const auto wait = answer.headers.find("retry-after");
  if (answer.status == 503 && wait != answer.headers.end()) {
    // Not to the second: callers come one after the other.
    queue(task, std::chrono::milliseconds(1000 * std::atoll(wait->second.c_str()) +
                                          random_.between(20, 800)));
  } else if (answer.lost || answer.status == 503 || answer.status == 429 || answer.status == 409 ||
             answer.status == 408) {
    again(task);
  } else if (answer.status == 200 || answer.status == 201 || answer.status == 202) {
    const std::string id = member(answer.body, "order_id");
    if (record.yes && id != record.order_id) {
      complaints_.push_back(
          fmt::format("key {} is order {} and order {}", record.key, record.order_id, id));
    }
    record.yes = true;
    record.order_id = id;
    if (id.empty()) complaints_.push_back("an accepted order has no order_id: " + answer.body);
    if (random_.chance(plan_.modify_percent)) {
      queue({Task::Kind::modify, index}, std::chrono::milliseconds(random_.between(0, 2000)));
    }
    if (random_.chance(plan_.cancel_percent)) {
      queue({Task::Kind::cancel, index}, std::chrono::milliseconds(random_.between(0, 3000)));
    }
  } else if (answer.status == 422) {
    record.refused = true;
    record.order_id = member(answer.body, "order_id");
    // The simulated broker's own words, or an order that was proven unsent when the link was lost;
    // nobody else may refuse what the bots ask.
    if (answer.body.find("not today") == std::string::npos &&
        member(answer.body, "outcome") != "not_sent") {
      complaints_.push_back(
          fmt::format("a good order was refused: {} -> {}", record.body, answer.body));
    }
  } else {
    complaints_.push_back(fmt::format("POST /orders answered {}: {}", answer.status, answer.body));
  }
  next();
}

void Bot::cancel(std::size_t index) {
  OrderRecord& record = records_[index];
  record.asked_cancel = true;
  caller_.call(
      "DELETE", "/api/v1/orders/" + record.order_id, {}, "", [this, index](const Answer& answer) {
        if (answer.lost || answer.status == 503) {
          again({Task::Kind::cancel, index});
        } else if (answer.status == 202) {
          records_[index].cancel_yes = true;
        } else if (answer.status != 409 && answer.status != 422) {
          complaints_.push_back(fmt::format("DELETE answered {}: {}", answer.status, answer.body));
        }
        next();
      });
}

void Bot::modify(std::size_t index) {
  OrderRecord& record = records_[index];
  record.asked_modify = true;
  const int quantity = record.quantity + static_cast<int>(random_.between(1, 5)) * 10;
  std::string body = fmt::format(R"({{"total_quantity":{}}})", quantity);
  // A price between two ticks: the broker refuses the change, and the order must live on.
  if (random_.chance(40) && record.body.find("LMT") != std::string::npos) {
    body = R"({"limit_price":"7.0035"})";
  }
  caller_.call("PUT", "/api/v1/orders/" + record.order_id, {}, body, [this](const Answer& answer) {
    // A lost answer of a modification is not asked again: it may have been taken.
    const bool fine = answer.lost || answer.status == 200 || answer.status == 202 ||
                      answer.status == 409 || answer.status == 422 || answer.status == 503;
    if (!fine) {
      complaints_.push_back(fmt::format("PUT answered {}: {}", answer.status, answer.body));
    }
    next();
  });
}

}  // namespace belay::simulation
