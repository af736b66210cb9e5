// SPDX-License-Identifier: Apache-2.0
// What became of an order that a command was about: looked at until it is done, until what was
// asked for is refused, or until the time is up.
#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "apps/belay/cli_commands.hpp"
#include "apps/belay/cli_tables.hpp"
#include "apps/belay/cli_time.hpp"
#include "belay/api/http_message.hpp"
#include "belay/base/decimal.hpp"
#include "belay/base/time.hpp"

namespace belay::app {
namespace {

using api::Json;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds slow(2'000);

bool has_ended(const Json& order) {
  const auto status = order.text_of("status");
  return status == "Filled" || status == "Cancelled" ||
         (status == "Inactive" && order.text_of("ord_status") != "Held");
}
// How much is filled is null while fills are still to be told: that is no end to speak of.
bool is_done(const Json& order) {
  return has_ended(order) && !order.text_of("filled").empty();
}

bool has_flag(const Json& order, std::string_view flag) {
  const Json* flags = order.find("flags");
  if (flags == nullptr) return false;
  return std::any_of(flags->items().begin(), flags->items().end(),
                     [&](const Json& each) { return each.text() == flag; });
}

bool is_changed(const Json& order) {
  return is_done(order) ||
         (!has_flag(order, "pending_replace") && order.text_of("outcome") == "acknowledged");
}

// A cancel that was wanted and is wanted no more was refused: the order goes on, unless fills that
// are still to be told end it.
std::function<bool(const Json&)> cancel_is_over() {
  return [wanted = false](const Json& order) mutable {
    const bool pending = has_flag(order, "pending_cancel");
    wanted = wanted || pending;
    return is_done(order) || (wanted && !pending && order.is_object() && !has_ended(order) &&
                              !order.text_of("filled").empty());
  };
}

bool same(std::string_view asked, std::string_view is) {
  const auto a = base::Decimal::parse(asked), b = base::Decimal::parse(is);
  return a && b ? *a == *b : api::to_upper(asked) == api::to_upper(is);
}

// Times are left out: the daemon writes them in its own way.
bool in_force(const Json& change, const Json& order) {
  for (const auto& [name, value] : change.members()) {
    if (name == "good_after_time" || name == "good_till_date") continue;
    const bool is = value.is_boolean() ? order.truth_of(name) == value.as_bool()
                                       : same(value.text(), order.text_of(name));
    if (!is) return false;
  }
  return true;
}

Exit exit_of(const Json& order, bool canceling) {
  const auto outcome = order.text_of("outcome");
  if (outcome == "unknown") return Exit::unknown;
  // Who cancels an order that has not left has what was asked for.
  if (canceling && outcome == "not_sent" && order.text_of("status") == "Cancelled") {
    return Exit::done;
  }
  if (outcome == "rejected" || outcome == "not_sent" || outcome == "not_accepted") {
    return Exit::failed;
  }
  return Exit::done;
}

}  // namespace

// `body` follows with the latest JSON. A daemon that restarts is waited for; what was last seen
// stays the answer.
Json CliCommands::await(const std::string& id, const Done& done, Json last, std::string& body) {
  const auto until = began_ + std::chrono::seconds(*options_.wait_s);
  while (!done(last) && Clock::now() < until) {
    std::this_thread::sleep_for(poll_pause);
    const auto rest = std::chrono::duration_cast<milliseconds>(until - Clock::now());
    Json json = look(order_path({id}), &body, std::max(rest, poll_pause));
    if (json.is_object()) last = std::move(json);
    if (gone_) break;
    if (Clock::now() - began_ < slow) continue;
    say_waiting(
        fmt::format("order {} is not done: waiting for it, at most {} s; it goes on whether you "
                    "wait or not",
                    id, *options_.wait_s));
  }
  return last;
}

std::string CliCommands::with_link(std::string words) {
  // A wait that is over says why: a daemon that lives answers at once.
  const Json health = look("/health", nullptr, std::max(left(slow), milliseconds(500)));
  std::string why(health.text_of("not_ready_because"));
  const Json* waiting = health.find("waiting");
  const bool waits = waiting != nullptr && !waiting->items().empty();
  if (why.empty() || health.truth_of("halted")) return words;
  const std::string look_at(waits ? waiting->items().front().text_of("look_at") : "");
  if (!look_at.empty()) why += "; " + look_at;
  return fmt::format("{}\n  {}; see `belay status`", words, terminal_safe(std::move(why)));
}

// A cancel or a change that is durable and cannot leave now.
void CliCommands::complain_of_unsent(const std::string& id, const Json& order) {
  const bool cancel = has_flag(order, "pending_cancel");
  if (!cancel && !has_flag(order, "pending_replace")) return;
  const Json health = look("/health", nullptr, std::max(left(slow), milliseconds(500)));
  const Json* link = health.find("tws");
  const Json* up = health.find("tws_connected");
  if (link == nullptr || up == nullptr || !up->is_boolean() || up->as_bool()) return;
  const std::string what = cancel ? "the cancel" : "the change";
  // What was wanted when there was no link had no way to the broker; before that nobody knows.
  // While only the gateway's own link to the broker is lost, cancels still go to the gateway.
  const auto phase = link->text_of("phase");
  const auto lost = base::parse_rfc3339(link->text_of("since"));
  const auto wanted = base::parse_rfc3339(order.text_of("updated_at"));
  const bool unsent = (phase == "down" || phase == "connecting") && lost && wanted &&
                      *lost < *wanted && health.text_of("clock_ahead_ms") == "0";
  const std::string words =
      unsent
          ? fmt::format("nothing was sent yet: {} waits for the broker, who cannot be reached",
                        what)
          : fmt::format(
                "whether {} has reached the broker, who cannot be reached now, is not known", what);
  complain_(
      fmt::format("order {}: {}; it goes as soon as there is a link, and until then the order may "
                  "be filled\n  {}; see `belay status`\n",
                  id, words, terminal_safe(std::string(health.text_of("not_ready_because")))));
}

// Our words, and the broker's beside them.
void CliCommands::complain_about(const std::string& id, const Json& order,
                                 const std::string& words) {
  const std::string said = broker_words(order, words);
  complain_(fmt::format("order {}: {}{}{}\n", id, words, said.empty() ? "" : "\n  ", said));
}

Exit CliCommands::show_order(Asked asked, Wish wish, const Json& change) {
  if (asked.exit != Exit::done) return asked.exit;
  std::string body = asked.answer->body;
  Json order = std::move(asked.json);
  const Done done = wish == Wish::change   ? Done(is_changed)
                    : wish == Wish::cancel ? Done(cancel_is_over())
                                           : Done(is_done);
  const std::string id(order.text_of("order_id"));
  const auto replayed = asked.answer->headers.find("idempotency-replayed");
  if (replayed != asked.answer->headers.end() && replayed->second == "true") {
    complain_(
        fmt::format("order {}: this request was known before: no second order was sent, and "
                    "this is the first one as it is now\n",
                    id));
  }
  gone_ = false;
  if (options_.wait_s) order = await(id, done, std::move(order), body);
  print_(options_.json ? body + "\n" : order_line(order) + "\n");
  return judge(id, order, done(order), wish, change);
}

Exit CliCommands::judge(const std::string& id, const Json& order, bool over, Wish wish,
                        const Json& change) {
  const std::string text(order.text_of("text"));
  const Exit exit = exit_of(order, wish == Wish::cancel);
  if (exit == Exit::failed) {
    complain_about(id, order, text.empty() ? "it was not taken" : terminal_safe(text));
    return exit;
  }
  if (options_.wait_s && !over && silent_) {
    const auto since =
        std::chrono::duration_cast<std::chrono::nanoseconds>(heard_at_.time_since_epoch());
    complain_(
        fmt::format("order {0}: the daemon has not answered since {1}: what became of the order is "
                    "not known; look with `belay order {0}`\n",
                    id, shown_clock(base::to_rfc3339(base::Time(since.count())))));
    return Exit::unknown;
  }
  if (exit == Exit::unknown) {
    complain_about(id, order,
                   with_link(fmt::format("the outcome is unknown: it is being found out and never "
                                         "guessed; look with `belay order {}`",
                                         id)));
    return exit;
  }
  if (!options_.wait_s) {
    // It is taken, and the broker may be why nothing more comes.
    const bool pending = order.text_of("outcome") == "pending";
    const std::string trouble = pending ? with_link("") : "";
    if (!trouble.empty()) complain_(fmt::format("order {}: is waiting{}\n", id, trouble));
    if (!pending) complain_of_unsent(id, order);
    return exit;
  }
  if (gone_) {  // safe mode knows what is open, and nothing else
    complain_(fmt::format("order {}: the broker lists it no more: canceled or filled\n", id));
    return Exit::done;
  }
  if (!over) {
    complain_about(
        id, order,
        with_link(fmt::format("{} after {} s, and it goes on; look with `belay order {}`",
                              is_unsent(order) ? "not sent" : "not done", *options_.wait_s, id)));
    return Exit::unknown;
  }
  // A person who waits for an order wants to know that it did not come through; who waits for a
  // cancel, that it came too late or was refused; who waits for a change, that it is not in force.
  const std::string because = text.empty() ? "" : ": " + terminal_safe(text);
  const auto status = order.text_of("status");
  std::string missed;
  if (wish == Wish::cancel) {
    if (status == "Filled") missed = "it was filled before the cancel";
    if (!has_ended(order)) missed = "the cancel was refused, the order goes on" + because;
  } else if (status == "Cancelled") {
    missed = "it was canceled" + because;
  } else if (wish == Wish::change && !in_force(change, order)) {
    missed = "the change is not in force" + because;
  }
  if (missed.empty()) return Exit::done;
  complain_about(id, order, missed);
  return Exit::failed;
}

Exit CliCommands::cancel_all(const std::string& query) {
  const Asked asked = ask({.method = "DELETE", .target = "/api/v1/orders/cancel-all" + query},
                          "repeat the command: asking for a cancel twice does no harm");
  if (asked.exit != Exit::done) return asked.exit;
  print_(options_.json ? asked.answer->body + "\n" : cancels_table(asked.json));
  if (!asked.json.truth_of("complete")) {
    std::string why = terminal_safe(std::string(asked.json.text_of("not_complete_because")));
    const std::string_view as_of = asked.json.text_of("as_of");
    if (const auto at = why.find(as_of); !as_of.empty() && at != std::string::npos) {
      why.replace(at, as_of.size(), shown_time(as_of));
    }
    complain_((why.empty() ? "orders may be missing here" : why) + "\n");
  }
  const Json* orders = asked.json.find("orders");
  int refused = 0;
  for (const Json& each : orders == nullptr ? std::vector<Json>{} : orders->items()) {
    if (each.text_of("outcome") == "refused") ++refused;
  }
  const Exit waited = options_.wait_s ? await_cancels(asked.json) : Exit::done;
  if (refused == 0) return waited;
  complain_(fmt::format("{} of the orders cannot be canceled from here\n", refused));
  return waited == Exit::unknown ? waited : Exit::failed;
}

// The time is that of the whole command. What is not known weighs more than what failed.
Exit CliCommands::await_cancels(const Json& answer) {
  const Json* orders = answer.find("orders");
  Exit worst = Exit::done;
  for (const Json& each : orders == nullptr ? std::vector<Json>{} : orders->items()) {
    if (each.text_of("outcome") != "requested") continue;
    const std::string id(each.text_of("order_id"));
    std::string body;
    const Done done = cancel_is_over();
    const Json seen = look(order_path({id}));
    const Json order = gone_ ? seen : await(id, done, seen, body);
    if (!options_.json && order.is_object()) print_(order_line(order) + "\n");
    const Exit exit = judge(id, order, done(order), Wish::cancel, {});
    if (exit == Exit::unknown || worst == Exit::done) worst = exit;
  }
  return worst;
}

}  // namespace belay::app
