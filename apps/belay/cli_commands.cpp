// SPDX-License-Identifier: Apache-2.0
#include "apps/belay/cli_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "apps/belay/cli_status.hpp"
#include "apps/belay/cli_tables.hpp"
#include "belay/api/http_message.hpp"
#include "belay/base/json_writer.hpp"

namespace belay::app {
namespace {

using api::Json;

using std::chrono::milliseconds;
using std::chrono::seconds;

// The daemon answers a cancel or a halt when it is durable (10 s at most), and a placement when the
// broker did or ORDER_ACKNOWLEDGMENT_TIMEOUT is over.
constexpr seconds panic_timeout(15);
constexpr seconds order_timeout(75);

std::string foreign_path(const OrderRef& order, bool foreign) {
  std::string path = order_path(order);
  if (foreign) path += order.account.empty() ? "?foreign=true" : "&foreign=true";
  return path;
}

std::string order_name(const Json& answer, const std::string& about) {
  const std::string id(answer.text_of("order_id"));
  const std::string& name = id.empty() ? about : id;
  return name.empty() ? "" : "order " + name;
}

}  // namespace

Exit exit_of_problem(const Json& problem) {
  if (problem.text_of("outcome") == "unknown") return Exit::unknown;
  for (const std::string_view code : {"INVALID_FIELDS", "MALFORMED_JSON", "MALFORMED_REQUEST",
                                      "NO_MODIFICATIONS", "SCOPE_REQUIRED"}) {
    if (problem.text_of("code") == code) return Exit::usage;
  }
  return Exit::failed;
}

std::string given_nothing(const std::string& text) {
  return text.empty() ? "is empty: leave it out, or say which" : "";
}

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

std::string order_path(const OrderRef& order) {
  return "/api/v1/orders/" + api::percent_encode(order.id) +
         (order.account.empty() ? "" : "?account=" + api::percent_encode(order.account));
}

CliCommands::CliCommands(CliHttp http, CliOptions options, Printer print, Printer complain)
    : http_(std::move(http)),
      options_(options),
      print_(std::move(print)),
      complain_(std::move(complain)) {
  // Who gives no time at all still wants the answer.
  if (options_.wait_s) end_by(seconds(std::max<std::int64_t>(*options_.wait_s, 1)));
  if (options_.timeout_s) end_by(seconds(*options_.timeout_s));
}

void CliCommands::when_slow(std::string words) {
  http_.on_slow([this, words = std::move(words)] { say_waiting(words); });
}

// Once a command: who waits knows it then.
void CliCommands::say_waiting(const std::string& words) {
  if (!std::exchange(slow_said_, true)) complain_(words + "\n");
}

milliseconds CliCommands::left(milliseconds most) const {
  if (!deadline_) return most;
  const auto left = *deadline_ - std::chrono::steady_clock::now();
  const milliseconds least = std::min(milliseconds(1), most);
  return std::clamp(std::chrono::duration_cast<milliseconds>(left), least, most);
}

milliseconds CliCommands::patience(const CliRequest& request) const {
  if (deadline_) return left(milliseconds::max());
  if (request.method == "GET") return read_timeout;
  const bool panic = request.method == "DELETE" || request.target == "/api/v1/halt" ||
                     request.target == "/api/v1/resume";
  return panic ? panic_timeout : order_timeout;
}

CliCommands::Asked CliCommands::ask(const CliRequest& request, const std::string& retry_hint,
                                    const std::string& about) {
  const bool changes = request.method != "GET";
  const auto most = std::chrono::round<seconds>(patience(request)).count();
  when_slow(fmt::format("no answer yet from {}: waiting for {}, at most {} s{}", options_.address,
                        changes ? "what becomes of the request" : "it",
                        options_.wait_s.value_or(most),
                        changes ? "; if you stop waiting, " + retry_hint : ""));
  auto answer = http_.call(request, patience(request));
  Asked asked;
  const std::string typed = about.empty() ? "" : fmt::format("order {}: ", about);
  if (!answer) {
    complain_(fmt::format("{}{}\n", typed, answer.error().detail));
    asked.exit = answer.error().maybe_sent ? Exit::unknown : Exit::failed;
    if (changes && asked.exit == Exit::unknown) {
      complain_(fmt::format("{}the outcome is unknown; {}\n", typed, retry_hint));
    }
    return asked;
  }
  if (auto json = Json::parse(answer->body)) asked.json = std::move(*json);
  const bool problem = answer->headers["content-type"].find("problem+json") != std::string::npos;
  if (!asked.json.is_object() || (answer->status >= 400 && !problem)) {
    complain_(fmt::format("{} (status {})\n", http_.no_belay(), answer->status));
    asked.exit = Exit::failed;
    return asked;
  }
  heard_at_ = std::chrono::system_clock::now();
  if (answer->status >= 400) {
    if (options_.json) print_(answer->body + "\n");
    const std::string why = problem_text(asked.json);
    const std::string name = order_name(asked.json, about);
    complain_(fmt::format("{}{}{}\n", name, name.empty() ? "" : ": ",
                          why.empty() ? fmt::format("status {}", answer->status) : why));
    asked.exit = exit_of_problem(asked.json);
  }
  asked.answer = std::move(*answer);
  return asked;
}

Json CliCommands::look(const std::string& target, std::string* body,
                       std::optional<milliseconds> timeout) {
  when_slow("no answer yet from " + options_.address);
  const auto answer =
      http_.call({.method = "GET", .target = target}, timeout.value_or(left(read_timeout)));
  silent_ = !answer.has_value();
  gone_ = answer.has_value() && answer.value().status == 404;
  if (!answer.has_value()) return {};
  heard_at_ = std::chrono::system_clock::now();
  auto json = Json::parse(answer.value().body);
  refused_.clear();
  if (answer.value().status != 200) {
    refused_ = json && json->is_object() ? problem_text(*json)
                                         : fmt::format("status {}", answer.value().status);
    return {};
  }
  if (!json) return {};
  if (body != nullptr) *body = answer.value().body;
  return std::move(*json);
}

Exit CliCommands::status() {
  if (!deadline_) end_by(read_timeout);
  const Asked health = ask({.method = "GET", .target = "/health"}, "");
  if (health.exit != Exit::done) return health.exit;
  StatusParts parts;
  parts.address = options_.address;
  parts.health = health.json;
  bool lost = false;
  const auto part = [this, &lost](const char* target) {
    Json told = lost ? Json() : look(target);
    lost = lost || silent_;
    return told;
  };
  parts.orders = part("/api/v1/orders/all?status=open&limit=1000");
  parts.positions = part("/api/v1/positions");
  parts.account = part("/api/v1/account");
  parts.incidents = part("/api/v1/incidents?limit=5");
  if (parts.health.truth_of("halted")) parts.halt = part("/api/v1/halt");
  print_(options_.json ? status_json(parts, health.answer->body) + "\n" : status_screen(parts));
  if (!lost) return Exit::done;
  complain_(fmt::format("no more answers from the daemon at {}: what it did not tell is ?\n",
                        options_.address));
  return Exit::unknown;
}

// Who waits has the first answer in that time too.
std::vector<std::pair<std::string, std::string>> CliCommands::prefer() const {
  if (!options_.wait_s) return {};
  return {{"Prefer", fmt::format("wait={}", std::clamp<std::int64_t>(*options_.wait_s - 1, 0, 5))}};
}

Exit CliCommands::place(const CliBody& body, const std::string& key) {
  return show_order(
      ask({.method = "POST", .target = "/api/v1/orders", .headers = prefer(), .body = body.json()},
          fmt::format("look with `belay order cid:{0}`, or repeat the command with "
                      "--client-order-id {0}: it is sent at most once",
                      key)),
      Wish::place);
}

Exit CliCommands::modify(const OrderRef& order, const CliBody& body) {
  return show_order(
      ask({.method = "PUT", .target = order_path(order), .headers = prefer(), .body = body.json()},
          fmt::format("look with `belay order {}`", order.id), order.id),
      Wish::change, Json::parse(body.json()).value_or(Json()));
}

Exit CliCommands::cancel(const OrderRef& order, bool foreign) {
  return show_order(ask({.method = "DELETE", .target = foreign_path(order, foreign)},
                        "repeat the command: asking for a cancel twice does no harm", order.id),
                    Wish::cancel);
}

Exit CliCommands::order(const OrderRef& order) {
  const Asked asked = ask({.method = "GET", .target = order_path(order)}, "", order.id);
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

Exit CliCommands::decide(const OrderRef& order, const CliBody& body) {
  std::string target = order_path(order);
  target.insert(std::min(target.find('?'), target.size()), "/decide");
  const Asked asked = ask({.method = "POST", .target = target, .body = body.json()},
                          fmt::format("look with `belay order {}`", order.id), order.id);
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : order_line(asked.json) + "\n");
  return Exit::done;
}

void CliCommands::complain_of_account(const std::string& account) {
  const Json told = look("/api/v1/account");
  const Json* accounts = told.find("accounts");
  std::string names;
  for (const Json& each : accounts == nullptr ? std::vector<Json>{} : accounts->items()) {
    if (each.text() == account) return;
    names += (names.empty() ? "" : ", ") + each.text();
  }
  if (names.empty()) return;  // not told: it may be one of them
  complain_(fmt::format("the broker session has no account {}: it has {}\n", account, names));
}

Exit CliCommands::list(const std::string& target, Table table, const std::string& account) {
  if (!deadline_) end_by(read_timeout);
  Asked asked = ask({.method = "GET", .target = target}, "");
  // An empty page with a next one: what fits is far back.
  for (std::string next; asked.exit == Exit::done && asked.json.text_of("count") == "0";) {
    next = asked.json.text_of("next");
    if (next.empty()) break;
    const char mark = target.find('?') == std::string::npos ? '?' : '&';
    asked =
        ask({.method = "GET", .target = fmt::format("{}{}page_token={}", target, mark, next)}, "");
  }
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : table(asked.json));
  if (!options_.json && !asked.json.text_of("next").empty()) {
    complain_("there is more: use a larger --limit\n");
  }
  const Json* as_of = asked.json.find("as_of");
  if (as_of != nullptr && as_of->is_null()) {
    complain_("not told yet: the broker has not told its list since this start\n");
  } else if (asked.json.truth_of("stale")) {
    complain_("this may be old: the link to the broker was lost since it was told\n");
  }
  if (target.rfind("/api/v1/orders/all", 0) == 0 && as_of != nullptr && !as_of->is_null()) {
    complain_(fmt::format("orders of others are as of {}\n", shown_time(as_of->text())));
  }
  const Json* complete = asked.json.find("complete");
  if (complete != nullptr && complete->is_boolean() && !complete->as_bool()) {
    complain_("this is not complete: something in it could not be read\n");
  }
  if (!account.empty()) complain_of_account(account);
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

Exit CliCommands::check(const std::string& target, Table table, bool (*good)(const Json&)) {
  const Asked asked = ask({.method = "GET", .target = target}, "");
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : table(asked.json));
  return good(asked.json) ? Exit::done : Exit::failed;
}

Exit CliCommands::poll(const std::string& target, std::int64_t seconds, bool (*done)(const Json&),
                       Table table, bool (*good)(const Json&)) {
  const auto until = std::chrono::steady_clock::now() + left(std::chrono::seconds(seconds));
  for (;;) {
    std::string body;
    const Json told = look(target, &body);
    const bool over = std::chrono::steady_clock::now() >= until;
    if (told.is_object() && (done(told) || over)) {
      print_(options_.json ? body + "\n" : table(told));
      if (!done(told)) return Exit::unknown;
      return good(told) ? Exit::done : Exit::failed;
    }
    const std::string why = silent_ ? "no answer from the daemon at " + options_.address : refused_;
    if (over) {
      complain_(why + ": what became of it is not known\n");
      return Exit::unknown;
    }
    if (!why.empty()) say_waiting(why + ": waiting for it");
    std::this_thread::sleep_for(poll_pause);
  }
}

}  // namespace belay::app
