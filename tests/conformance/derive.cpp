// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/derive.hpp"

#include <algorithm>

#include "belay/simtws/time_text.hpp"

namespace belay::conformance {
namespace {

using From = Message::From;
using Messages = std::vector<Message>;

bool is_end(const std::string& status) {
  return status == "Filled" || status == "Cancelled" || status == "Inactive" ||
         status == "ApiCancelled";
}

bool is_pair(const Message& message) {
  return message.is("openOrder") || message.is("orderStatus");
}

int about(const Message& message) {
  if (message.is("errMsg")) return message.number("id");
  if (is_pair(message) || message.is("execDetails") || message.is("placeOrder") ||
      message.is("cancelOrder")) {
    return message.number("orderId");
  }
  return 0;
}

// ---- connections ----

// A burst is written before the accounts it belongs to.
std::size_t begin_of_burst(const Messages& messages, std::size_t accounts) {
  std::size_t at = accounts;
  if (at > 0 && messages[at - 1].is("openOrderEnd")) {
    --at;
    while (at > 0 && is_pair(messages[at - 1])) --at;
  }
  return at;
}

std::vector<Leg> find_legs(const Messages& messages) {
  std::vector<std::size_t> begins = {0};
  bool greeted = false;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Message& message = messages[i];
    const bool again = (message.is("handshake") && message.from == From::mark) ||
                       (message.is("managedAccounts") && greeted);
    if (again && greeted) {
      begins.push_back(message.is("handshake") ? i : begin_of_burst(messages, i));
      greeted = false;
    }
    if (message.is("managedAccounts")) greeted = true;
  }
  std::vector<Leg> out;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    Leg leg;
    leg.begin = begins[i];
    leg.end = i + 1 < begins.size() ? begins[i + 1] : messages.size();
    std::set<int> seen;
    for (std::size_t at = leg.begin; at < leg.end && !leg.next_id; ++at) {
      const Message& message = messages[at];
      if (message.from == From::client) break;
      if (message.is("nextValidId")) leg.next_id = message.number("orderId");
      if (message.is("openOrder") && seen.insert(message.number("orderId")).second) {
        leg.waiting.push_back(at);
      }
    }
    if (!leg.next_id) leg.waiting.clear();
    out.push_back(leg);
  }
  return out;
}

// The client of a connection: who placed its orders, or whose id its cancels carried.
std::optional<int> told_client(const Messages& messages, const Leg& leg) {
  std::set<int> placed;
  std::set<int> cancelled;
  for (std::size_t at = leg.begin; at < leg.end; ++at) {
    const Message& message = messages[at];
    if (message.is("placeOrder")) placed.insert(about(message));
    if (message.is("cancelOrder")) cancelled.insert(about(message));
    if (!is_pair(message) || !message.has("clientId")) continue;
    const bool answers_cancel = message.is("orderStatus") &&
                                message.text("status") == "Cancelled" &&
                                cancelled.count(about(message)) != 0;
    if (placed.count(about(message)) != 0 || answers_cancel) return message.number("clientId");
  }
  if (leg.waiting.empty() || !messages[leg.waiting.front()].has("clientId")) return std::nullopt;
  return messages[leg.waiting.front()].number("clientId");
}

void name_clients(const Messages& messages, std::vector<Leg>& legs) {
  std::map<int, int> next_ids;
  for (Leg& leg : legs) {
    int highest = 0;
    for (const auto& [client, id] : next_ids) highest = std::max(highest, client);
    leg.client = 1;
    if (const auto told = told_client(messages, leg)) {
      leg.client = *told;
    } else if (leg.next_id && !next_ids.empty() && next_ids.begin()->second != *leg.next_id) {
      leg.client = highest + 1;
    }
    int& next = next_ids[leg.client];
    next = std::max(next, leg.next_id.value_or(0));
    for (std::size_t at = leg.begin; at < leg.end; ++at) {
      if (messages[at].is("placeOrder")) next = std::max(next, about(messages[at]) + 1);
    }
  }
}

// ---- orders ----

struct Life {
  std::optional<std::size_t> placed;  // first placeOrder
  std::optional<std::size_t> shown;   // first openOrder
  std::optional<std::size_t> first;   // first message of the server
  bool cancelled_by_client = false;
  bool alive_at_first = true;
  bool at_connect = false;
  int client = 1;
};

std::map<int, Life> find_lives(const Messages& messages, const std::vector<Leg>& legs) {
  std::map<int, Life> out;
  for (const Leg& leg : legs) {
    for (std::size_t at = leg.begin; at < leg.end; ++at) {
      const Message& message = messages[at];
      const int id = about(message);
      if (id <= 0) continue;
      Life& life = out[id];
      if (message.is("placeOrder") && !life.placed) life.placed = at;
      if (message.is("placeOrder")) life.client = leg.client;
      if (message.is("cancelOrder")) life.cancelled_by_client = true;
      if (message.from != From::server) continue;
      if (message.is("openOrder") && !life.shown) life.shown = at;
      if (life.first) continue;
      life.first = at;
      life.at_connect = std::find(leg.waiting.begin(), leg.waiting.end(), at) != leg.waiting.end();
      life.alive_at_first =
          !message.is("errMsg") && !message.is("execDetails") && !is_end(message.text("status"));
    }
  }
  return out;
}

std::string status_after(const Messages& messages, std::size_t from, int id, std::size_t nth) {
  std::string last;
  for (std::size_t at = from + 1; at < messages.size(); ++at) {
    if (!messages[at].is("orderStatus") || about(messages[at]) != id) continue;
    if (messages[at].text("status") == last) continue;
    last = messages[at].text("status");
    if (nth-- == 0) return messages[at].text("whyHeld").empty() ? last : "held";
  }
  return {};
}

std::string error_after(const Messages& messages, std::size_t from, int id) {
  for (std::size_t at = from; at < messages.size(); ++at) {
    if (messages[at].is("errMsg") && about(messages[at]) == id) {
      return messages[at].text("errorString");
    }
  }
  return {};
}

simtws::Rule rule_of(const Messages& messages, std::size_t at, int id, bool in_hours) {
  using simtws::Rule;
  Rule out;
  const std::size_t before = messages[at].from == From::client ? at : (at == 0 ? 0 : at - 1);
  bool trades = false;
  std::optional<std::size_t> shown;
  bool client_spoke = false;
  for (std::size_t i = at; i < messages.size(); ++i) {
    const Message& message = messages[i];
    if (about(message) != id) continue;
    trades = trades || (message.is("execDetails") && message.number("reqId") < 0);
    if (message.is("openOrder") && !shown) shown = i;
    if (shown && message.from == From::client) client_spoke = true;
    if (message.is("errMsg") && message.text("errorCode") == "399" && client_spoke) {
      out.confirm_after = std::chrono::milliseconds(50);
    }
  }
  if (trades) out.action = Rule::Do::rest;
  const std::string& tif = messages[at].text("tif");
  if (status_after(messages, before, id, 0) == "Inactive" && tif != "FOK" && tif != "IOC") {
    // What an account may not do; the words come with the next attempt.
    out.action = Rule::Do::reject;
    out.code = 0;
    out.text = error_after(messages, at, id);
  }
  if (!in_hours) return out;
  const std::string first = status_after(messages, before, id, 0);
  const std::string second = status_after(messages, before, id, 1);
  if (first == "PreSubmitted") {
    out.first = second == "Submitted" ? Rule::First::both : Rule::First::pre_submitted;
  }
  out.tells_election = first == "held" && second == "Submitted";
  return out;
}

// The price at which the market stood when this order came: of its first fill, or the one that its
// refusal names.
std::string price_of(const Messages& messages, std::size_t at, int id) {
  constexpr std::string_view words = "current market price of ";
  for (std::size_t i = at; i < messages.size(); ++i) {
    const Message& message = messages[i];
    if (about(message) != id) continue;
    if (message.is("execDetails")) return message.text("price");
    const std::string& text = message.text("errorString");
    if (const std::size_t found = text.find(words); found != std::string::npos) {
      std::string price = text.substr(found + words.size());
      price.resize(std::min(price.size(), price.find_first_not_of("0123456789.")));
      while (!price.empty() && price.back() == '.') price.pop_back();
      return price;
    }
  }
  return {};
}

// Recordings that never say transmit sent everything, but for a family sent in one go: only its
// last member releases it.
bool transmits(const Messages& messages, std::size_t at, bool file_says) {
  if (file_says) return false;
  const int id = about(messages[at]);
  const int parent = messages[at].number("parentId");
  for (std::size_t i = at + 1; i < messages.size(); ++i) {
    const Message& message = messages[i];
    if (message.from == From::server) {
      const int told = about(message);
      if (told == id || (parent != 0 && told == parent)) return true;
      continue;
    }
    const int other = message.number("parentId");
    if (message.is("placeOrder") && about(message) != id && other != 0 &&
        (other == id || other == parent)) {
      return false;
    }
  }
  return true;
}

// ---- habits in which recordings differ ----

void find_habits(const Messages& messages, const std::map<int, Life>& lives,
                 const std::vector<Leg>& legs, simtws::Options& out) {
  for (const Leg& leg : legs) {
    std::set<int> cancelled;
    std::set<int> working;
    for (std::size_t at = leg.begin; at < leg.end; ++at) {
      const Message& message = messages[at];
      const int id = about(message);
      if (message.is("cancelOrder")) cancelled.insert(id);
      if (!message.is("orderStatus")) continue;
      const std::string& status = message.text("status");
      if (status == "Submitted") working.insert(id);
      if (cancelled.count(id) == 0) continue;
      const bool shown = at > 0 && messages[at - 1].is("openOrder");
      if (status == "PendingCancel" && !shown && working.count(id) != 0) {
        out.pending_cancel = true;
      }
      const auto life = lives.find(id);
      if (status == "Cancelled" && life != lives.end() && life->second.client != leg.client) {
        out.cross_client_cancel = true;
      }
    }
  }
}

std::string first_account(const Messages& messages) {
  for (const Message& message : messages) {
    if (!message.text("account").empty()) return message.text("account");
  }
  return "DU9000001";
}

}  // namespace

int order_of_message(const Message& message, const std::map<std::string, int>& executions) {
  if (message.is("commissionReport")) {
    const auto it = executions.find(message.text("execId"));
    return it == executions.end() ? 0 : it->second;
  }
  return std::max(about(message), 0);
}

Derived derive(const Recording& recording) {
  const Messages& messages = recording.messages;
  Derived out;
  // Nothing told: a Wednesday at 11:00 in New York.
  out.began = recording.began == base::Time{} ? *base::parse_rfc3339("2026-06-10T15:00:00Z")
                                              : recording.began;
  out.in_hours = simtws::in_regular_hours(out.began);
  out.legs = find_legs(messages);
  name_clients(messages, out.legs);
  const auto lives = find_lives(messages, out.legs);
  const bool says_transmit = std::any_of(messages.begin(), messages.end(), [](const Message& m) {
    return m.is("placeOrder") && m.has("transmit");
  });
  for (const auto& [id, life] : lives) {
    if (!life.placed && !life.at_connect && life.first) {
      const bool placeable = life.alive_at_first && life.shown;
      if (placeable) out.unread[*life.first] = *life.shown;
      if (!placeable && (!life.cancelled_by_client || life.alive_at_first)) out.foreign.insert(id);
    }
    const std::size_t at = life.placed ? *life.placed : life.first.value_or(0);
    out.rules[at] = rule_of(messages, at, id, out.in_hours);
  }
  for (std::size_t at = 0; at < messages.size(); ++at) {
    const int id = about(messages[at]);
    if (!messages[at].is("placeOrder") && out.unread.count(at) == 0) continue;
    if (messages[at].is("placeOrder")) {
      out.transmits[at] = transmits(messages, at, says_transmit);
    }
    if (const std::string price = price_of(messages, at, id); !price.empty()) {
      out.prices[at] = price;
    }
  }
  out.options.accounts = {first_account(messages)};
  out.options.respect_hours = true;
  out.options.pending_cancel = false;
  out.options.older_words = out.began < *base::parse_rfc3339("2026-05-01T00:00:00Z");
  out.options.commission_delay = {std::chrono::seconds(2), std::chrono::seconds(2)};
  out.options.retell_after = std::chrono::milliseconds(100);
  out.options.history_max = 1000;
  find_habits(messages, lives, out.legs, out.options);
  return out;
}

}  // namespace belay::conformance
