// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_commands.hpp"

#include <fmt/format.h>

#include <charconv>
#include <thread>

#include "apps/belay/cli_tables.hpp"
#include "belay/api/http_message.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::app {
namespace {

using api::Json;

constexpr auto answer_timeout = std::chrono::seconds(75);  // the daemon's own waits are shorter
constexpr auto poll_pause = std::chrono::milliseconds(100);

bool is_done(const Json& order) {
  const auto status = order.text_of("status");
  return status == "Filled" || status == "Cancelled" ||
         (status == "Inactive" && order.text_of("ord_status") != "Held");
}

Exit exit_of(const Json& order, bool placing) {
  const auto outcome = order.text_of("outcome");
  if (outcome == "unknown") return Exit::unknown;
  // Who cancels an order that has not left has what was asked for.
  if (!placing && outcome == "not_sent" && order.text_of("status") == "Cancelled") {
    return Exit::done;
  }
  if (outcome == "rejected" || outcome == "not_sent" || outcome == "not_accepted") {
    return Exit::failed;
  }
  return Exit::done;
}

}  // namespace

void CliBody::text(const std::string& name, const std::string& value) {
  members_.emplace_back(name, base::json_quote(value));
}
void CliBody::flag(const std::string& name, bool value) {
  members_.emplace_back(name, value ? "true" : "false");
}
void CliBody::raw(const std::string& name, std::string json) {
  members_.emplace_back(name, std::move(json));
}
std::string CliBody::json() const {
  base::JsonWriter json;
  json.begin_object();
  for (const auto& [name, value] : members_) json.key(name).raw(value);
  json.end_object();
  return json.take();
}

std::string order_path(const std::string& id) {
  return "/api/v1/orders/" + api::percent_encode(id);
}

CliCommands::CliCommands(CliHttp http, CliOptions options, Printer print, Printer complain)
    : http_(std::move(http)),
      options_(options),
      print_(std::move(print)),
      complain_(std::move(complain)) {}

CliCommands::Asked CliCommands::ask(const CliRequest& request, const std::string& retry_hint) {
  auto answer = http_.call(request, answer_timeout);
  Asked asked;
  if (!answer) {
    complain_(answer.error().detail + "\n");
    const bool changes = request.method != "GET";
    asked.exit = changes && answer.error().maybe_sent ? Exit::unknown : Exit::failed;
    if (asked.exit == Exit::unknown) {
      complain_(fmt::format("the outcome is unknown; {}\n", retry_hint));
    }
    return asked;
  }
  if (auto json = Json::parse(answer->body)) asked.json = std::move(*json);
  if (answer->status >= 400) {
    if (options_.json) print_(answer->body + "\n");
    const std::string why = problem_text(asked.json);
    complain_(fmt::format("{}\n", why.empty() ? fmt::format("status {}", answer->status) : why));
    asked.exit = asked.json.text_of("outcome") == "unknown" ? Exit::unknown : Exit::failed;
  }
  asked.answer = std::move(*answer);
  return asked;
}

// Looks at the order until it is done or the time is up; `body` follows with the latest JSON.
Json CliCommands::await_end(const std::string& id, Json last, std::string& body) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(*options_.wait_s);
  while (!is_done(last) && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(poll_pause);
    const auto answer = http_.call({.method = "GET", .target = order_path(id)}, answer_timeout);
    // A daemon that restarts is waited for; what was last seen stays the answer.
    if (!answer.has_value() || answer.value().status != 200) continue;
    auto json = Json::parse(answer.value().body);
    if (!json) continue;
    last = std::move(*json);
    body = answer.value().body;
  }
  return last;
}

Exit CliCommands::show_order(Asked asked, bool until_done) {
  if (asked.exit != Exit::done) return asked.exit;
  std::string body = asked.answer->body;
  Json order = std::move(asked.json);
  if (until_done && options_.wait_s) {
    const std::string id(order.text_of("order_id"));
    order = await_end(id, std::move(order), body);
  }
  print_(options_.json ? body + "\n" : order_line(order) + "\n");
  const Exit exit = exit_of(order, until_done);
  if (exit == Exit::failed) {
    complain_(fmt::format(
        "{}\n", order.text_of("text").empty() ? "the order was not taken" : order.text_of("text")));
  }
  if (exit == Exit::unknown) {
    complain_(
        "the outcome is unknown: it is being found out and never guessed; look with "
        "`belay order`\n");
  }
  // A person who waits for an order wants to know that it did not come through.
  const bool canceled = order.text_of("status") == "Cancelled";
  if (exit == Exit::done && until_done && options_.wait_s && canceled) return Exit::failed;
  return exit;
}

Exit CliCommands::place(const CliBody& body, const std::string& key) {
  return show_order(ask({.method = "POST", .target = "/api/v1/orders", .body = body.json()},
                        fmt::format("look with `belay order cid:{0}`, or repeat the command with "
                                    "--client-order-id {0}: it is sent at most once",
                                    key)),
                    true);
}

Exit CliCommands::modify(const std::string& id, const CliBody& body, bool foreign) {
  return show_order(ask({.method = "PUT",
                         .target = order_path(id) + (foreign ? "?foreign=true" : ""),
                         .body = body.json()},
                        fmt::format("look with `belay order {}`", id)),
                    false);
}

Exit CliCommands::cancel_all(const std::string& query) {
  const Asked asked = ask({.method = "DELETE", .target = "/api/v1/orders/cancel-all" + query},
                          "repeat the command: asking for a cancel twice does no harm");
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : cancels_table(asked.json));
  if (!asked.json.truth_of("complete")) {
    complain_("the broker's list has not been read yet: orders may be missing here\n");
  }
  const Json* orders = asked.json.find("orders");
  int refused = 0;
  for (const Json& each : orders == nullptr ? std::vector<Json>{} : orders->items()) {
    if (each.text_of("outcome") == "refused") ++refused;
  }
  if (refused == 0) return Exit::done;
  complain_(fmt::format("{} of the orders cannot be canceled from here\n", refused));
  return Exit::failed;
}

Exit CliCommands::cancel(const std::string& id, bool foreign) {
  CliRequest request{.method = "DELETE",
                     .target = order_path(id) + (foreign ? "?foreign=true" : "")};
  if (options_.wait_s) {
    request.headers.emplace_back("Prefer", fmt::format("wait={}", *options_.wait_s));
  }
  const Exit exit =
      show_order(ask(request, "repeat the command: asking for a cancel twice does no harm"), false);
  return exit;
}

Exit CliCommands::order(const std::string& id) {
  const Asked asked = ask({.method = "GET", .target = order_path(id)}, "");
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : order_card(asked.json));
  return Exit::done;
}

Exit CliCommands::reconcile(bool dry_run) {
  const Asked asked =
      ask({.method = "POST", .target = fmt::format("/api/v1/reconcile?dry_run={}", dry_run)},
          "repeat the command: asking twice does no harm");
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : findings_table(asked.json));
  return Exit::done;
}

Exit CliCommands::decide(const std::string& id, const CliBody& body) {
  const Asked asked =
      ask({.method = "POST", .target = order_path(id) + "/decide", .body = body.json()},
          fmt::format("look with `belay order {}`", id));
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : order_line(asked.json) + "\n");
  return Exit::done;
}

Exit CliCommands::list(const std::string& target, Table table) {
  const Asked asked = ask({.method = "GET", .target = target}, "");
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : table(asked.json));
  if (!options_.json && !asked.json.text_of("next").empty()) {
    complain_("there is more: use a larger --limit\n");
  }
  if (asked.json.truth_of("stale")) {
    complain_("this may be old: the link to the broker was lost since it was told\n");
  }
  return Exit::done;
}

Exit CliCommands::post(const std::string& target, const CliBody& body, Table table,
                       const std::string& retry_hint) {
  return send("POST", target, body, table, retry_hint);
}

Exit CliCommands::send(const std::string& method, const std::string& target, const CliBody& body,
                       Table table, const std::string& retry_hint) {
  CliRequest request{.method = method, .target = target};
  if (method != "GET") request.body = body.json();
  const Asked asked = ask(request, retry_hint);
  if (asked.exit != Exit::done) return asked.exit;
  if (table != nullptr) print_(options_.json ? asked.answer->body + "\n" : table(asked.json));
  return Exit::done;
}

Exit CliCommands::poll(const std::string& target, std::int64_t seconds, bool (*done)(const Json&),
                       Table table, bool (*good)(const Json&)) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  for (;;) {
    const Asked asked = ask({.method = "GET", .target = target}, "");
    const bool over = std::chrono::steady_clock::now() >= until;
    if (asked.exit != Exit::done && over) return asked.exit;
    if (asked.exit == Exit::done && (done(asked.json) || over)) {
      print_(options_.json ? asked.answer->body + "\n" : table(asked.json));
      if (!done(asked.json)) return Exit::unknown;
      return good(asked.json) ? Exit::done : Exit::failed;
    }
    std::this_thread::sleep_for(poll_pause);
  }
}

Exit CliCommands::watch(std::optional<std::uint64_t> from, std::optional<std::uint64_t> count) {
  std::optional<std::uint64_t> last;
  std::uint64_t seen = 0;
  bool connected = false;
  std::string event_name;
  std::uint64_t id = 0;
  const auto on_line = [&](std::string_view line) {
    connected = true;
    const auto value_of = [&](std::string_view name) -> std::optional<std::string_view> {
      if (line.substr(0, name.size()) != name) return std::nullopt;
      line.remove_prefix(name.size());
      if (!line.empty() && line.front() == ' ') line.remove_prefix(1);
      return line;
    };
    if (const auto name = value_of("event:")) {
      event_name = *name;
    } else if (const auto number = value_of("id:")) {
      std::from_chars(number->data(), number->data() + number->size(), id);
      last = id;
    } else if (const auto data = value_of("data:")) {
      if (event_name == "gap") {
        complain_(fmt::format("events are missing: {}\n", *data));
      } else if (event_name.empty()) {
        const auto json = Json::parse(*data);
        const bool plain = options_.json || !json.has_value();
        print_((plain ? std::string(*data) : event_line(json.value())) + "\n");
        ++seen;
      }
    } else if (line.empty()) {
      event_name.clear();
    }
    return !count || seen < *count;
  };
  if (count && *count == 0) return Exit::done;
  for (;;) {
    CliRequest request{.method = "GET", .target = "/api/v1/events"};
    if (from) request.target += fmt::format("?from={}", *from);
    if (last) request.headers.emplace_back("Last-Event-ID", std::to_string(*last));
    event_name.clear();
    const auto ended = http_.stream(request, on_line);
    if (ended && *ended) return Exit::done;
    if (!ended && !connected) {
      complain_(ended.error().detail + "\n");
      return Exit::failed;
    }
    // The daemon restarts or cut us: come back where we were.
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace belay::app
